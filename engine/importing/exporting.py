"""Plain BPMN: a model without the extensions of ours and of other engines."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING

from lxml import etree

from engine.errors import DefinitionRefused
from engine.importing.vendors import DIALECTS
from engine.source.names import LIANBAN, ZEEBE, bpmn
from engine.source.read import read

if TYPE_CHECKING:
    from lxml.etree import _Element

    from engine.limits import Limits

SPACES = {LIANBAN: "lianban", ZEEBE: "zeebe", **DIALECTS}
"""What plain BPMN has not: namespace to the name by which it may be kept."""


def plain(xml: bytes, limits: Limits, *, keep: Collection[str] = ()) -> bytes:
    """Remove extension elements and attributes of execution; all else stays, foreign extensions of other tools too.

    Nothing to remove: the very bytes. Raises DefinitionRefused when they are no BPMN.
    """
    root, findings = read(xml, limits)
    if root is None:
        raise DefinitionRefused(findings.rows)
    gone = {space for space, name in SPACES.items() if name not in keep}
    if not _strip(root, gone):
        return xml
    for holder in list(root.iter(bpmn("extensionElements"))):
        parent = holder.getparent()
        if not len(holder) and parent is not None:
            _remove(parent, holder)
    used = [str(p) for p, space in root.nsmap.items() if p and space not in gone]
    etree.cleanup_namespaces(root, keep_ns_prefixes=used)
    return etree.tostring(root.getroottree(), encoding="UTF-8", xml_declaration=True)


def _strip(root: _Element, gone: Collection[str]) -> bool:
    touched = False
    for element in list(root.iter("*")):
        for name in list(element.attrib):
            if _space(name) in gone:
                del element.attrib[name]
                touched = True
        parent = element.getparent()
        if parent is not None and _space(element.tag) in gone:
            _remove(parent, element)
            touched = True
    return touched


def _space(name: object) -> str:
    return str(name)[1:].partition("}")[0] if str(name).startswith("{") else ""


def _remove(parent: _Element, child: _Element) -> None:
    """Without the text that followed it, when that is only white space."""
    tail = child.tail or ""
    if tail.strip():
        before = child.getprevious()
        if before is None:
            parent.text = (parent.text or "") + tail
        else:
            before.tail = (before.tail or "") + tail
    parent.remove(child)
