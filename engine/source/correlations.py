"""Correlation by content (BPMN 2.0.2 §8.4.2): which part of a message tells the conversation it belongs to.

A ``correlationProperty`` says per message where its value is (``messagePath``, FEEL over the payload); a process may bind it to
its own data (``correlationSubscription``, ``dataPath``). Not bound, the first message sent or received gives the value.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from engine.source.names import bpmn

if TYPE_CHECKING:
    from collections.abc import Mapping

    from lxml.etree import _Element


@dataclass(frozen=True, slots=True)
class Correlations:
    """``paths``: message name -> property id -> FEEL over the payload; ``bindings``: process id -> property id -> FEEL over its data."""

    paths: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    bindings: Mapping[str, Mapping[str, str]] = field(default_factory=dict)


def read_correlations(root: _Element, message_names: Mapping[str, str]) -> Correlations:
    """The correlation of a file; ``message_names`` by message id. Only properties that some key uses count."""
    used = {(ref.text or "").strip() for key in root.iter(bpmn("correlationKey")) for ref in key}
    bound = {e.get("correlationPropertyRef", "") for e in root.iter(bpmn("correlationPropertyBinding"))}
    paths: dict[str, dict[str, str]] = {}
    for declared in root.iter(bpmn("correlationProperty")):
        if declared.get("id") not in used | bound:
            continue
        for each in declared.iterchildren(bpmn("correlationPropertyRetrievalExpression")):
            name = message_names.get(each.get("messageRef") or "")
            text = (each.findtext(bpmn("messagePath")) or "").strip()
            if name and text:
                paths.setdefault(name, {})[declared.get("id", "")] = _feel(text)
    bindings: dict[str, dict[str, str]] = {}
    for process in root.iter(bpmn("process")):
        for each in process.iter(bpmn("correlationPropertyBinding")):
            text = (each.findtext(bpmn("dataPath")) or "").strip()
            if text:
                bindings.setdefault(process.get("id", ""), {})[each.get("correlationPropertyRef", "")] = _feel(text)
    return Correlations(paths, bindings)


def _feel(text: str) -> str:
    return text if text.startswith("=") else f"={text}"
