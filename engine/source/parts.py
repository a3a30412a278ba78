"""Small readings that every reader needs: extension elements and expression texts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.source.names import bpmn

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lxml.etree import _Element


def extensions(element: _Element) -> Iterator[_Element]:
    """The extension elements of one element."""
    for holder in element.findall(bpmn("extensionElements")):
        yield from holder.iterchildren("*")


def extension(element: _Element, tag: str) -> _Element | None:
    """The first extension element with this tag."""
    return next((e for e in extensions(element) if e.tag == tag), None)


def feel(text: str | None) -> str | None:
    """An expression element's text as FEEL with its '=' (conditions are always FEEL)."""
    text = (text or "").strip()
    if not text:
        return None
    return text if text.startswith("=") else "=" + text
