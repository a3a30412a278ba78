"""Which triggers an event may have, and what each trigger needs (BPMN 2.0.2 clause 10.5, tables 10.84 to 10.101)."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING

from engine.source.names import bpmn, local
from engine.source.standard.index import EVENTS

if TYPE_CHECKING:
    from lxml.etree import _Element

    from engine.source.standard.index import Standard

TOP_START = frozenset({"message", "timer", "conditional", "signal"})
HANDLER_START = TOP_START | {"escalation", "error", "compensate"}
CATCH = frozenset({"message", "timer", "conditional", "link", "signal"})
THROW = frozenset({"message", "escalation", "compensate", "link", "signal"})
END = frozenset({"message", "escalation", "error", "cancel", "compensate", "signal", "terminate"})
BOUNDARY = TOP_START | {"escalation", "error", "cancel", "compensate"}
MOST_ENDS = 200
"""How many sources one link may have."""
INTERRUPTS = frozenset({"error", "cancel", "compensate"})
"""Triggers that only exist in interrupting form."""


def check(standard: Standard) -> None:
    """All rules of this module."""
    for kind in sorted(EVENTS):
        for event in standard.each(kind):
            if standard.process_of(event) is None:
                continue  # choreographies do not run and have rules of their own
            _triggers(standard, event, kind)
            _cancel(standard, event, kind)
            _compensation(standard, event, kind)
    _messages(standard)
    _links(standard)
    _shared(standard)


def _triggers(standard: Standard, event: _Element, kind: str) -> None:
    found = standard.triggers(event)
    allowed, needs, interrupting = _allowed(event, kind)
    for trigger in found:
        if trigger not in allowed:
            standard.fault("triggerNotAllowed", event, trigger=trigger, kind=kind)
        elif not interrupting and trigger in INTERRUPTS:
            say = standard.lax if trigger == "compensate" else standard.fault
            say("triggerInterrupts", event, trigger=trigger)
    if needs and not found and event.find(bpmn("eventDefinitionRef")) is None:
        standard.fault("triggerMissing", event, kind=kind)


def _allowed(event: _Element, kind: str) -> tuple[frozenset[str], bool, bool]:
    """Triggers an event may have where it is, whether it needs one, and whether it interrupts."""
    if kind == "startEvent":
        parent = event.getparent()
        if parent is None or local(parent.tag) == "process":
            return TOP_START, False, True
        if parent.get("triggeredByEvent") == "true":
            return HANDLER_START, True, event.get("isInterrupting") != "false"
        return frozenset(), False, True
    if kind == "boundaryEvent":
        return BOUNDARY, True, event.get("cancelActivity") != "false"
    return {
        "intermediateCatchEvent": (CATCH, True, True),
        "intermediateThrowEvent": (THROW, False, True),
        "endEvent": (END, False, True),
    }[kind]


def _cancel(standard: Standard, event: _Element, kind: str) -> None:
    """Cancel exists in and on transactions only."""
    if "cancel" not in standard.triggers(event):
        return
    if kind == "boundaryEvent":
        host = standard.find(event.get("attachedToRef"), event)
        if host is not None and local(host.tag) != "transaction":
            standard.fault("cancelBoundaryHost", event)
    elif next(event.iterancestors(bpmn("transaction")), None) is None:
        standard.fault("cancelOutside", event)


def _compensation(standard: Standard, event: _Element, kind: str) -> None:
    """A compensation boundary event leads by an association to its handler, and by no flow anywhere (10.7.1)."""
    if kind != "boundaryEvent" or "compensate" not in standard.triggers(event):
        return
    if standard.out[event]:
        standard.fault("compensationFlow", event)
    handlers = [standard.find(a.get("targetRef"), a) for a in standard.associated.get(event, ())]
    marked = [h for h in handlers if h is not None and h.get("isForCompensation") == "true"]
    if not marked:
        standard.fault("compensationHandlerMissing" if handlers else "compensationUnconnected", event)


def _messages(standard: Standard) -> None:
    """In an executable process a message event names its message and the operation (table 10.89)."""
    for definition in standard.each("messageEventDefinition"):
        holder = definition.getparent()
        if holder is None or not standard.executable(definition):
            continue
        if not definition.get("messageRef"):
            standard.plain("messageRefMissing", definition)
        if definition.find(bpmn("operationRef")) is None:
            standard.plain("operationMissing", definition)


def _links(standard: Standard) -> None:
    """Where links name their other end, both ends do and they agree (table 10.98)."""
    links = [d for d in standard.each("linkEventDefinition") if d.getparent() is not None]
    if not any(d.find(bpmn("source")) is not None or d.find(bpmn("target")) is not None for d in links):
        return
    for link in links:
        event = link.getparent()
        if event is None or local(event.tag) not in {"intermediateCatchEvent", "intermediateThrowEvent"}:
            continue
        catches = local(event.tag) == "intermediateCatchEvent"
        ends = [standard.find(e.text, e) for e in link.findall(bpmn("source" if catches else "target"))]
        if not ends or (not catches and len(ends) > 1):
            standard.plain("linkPair", link, name=link.get("name") or "")
            continue
        for end in ends[:MOST_ENDS]:
            back = () if end is None else islice(end.iterchildren(bpmn("target" if catches else "source")), MOST_ENDS)
            if link not in [standard.find(e.text, e) for e in back]:
                standard.plain("linkPair", link, name=link.get("name") or "")
            elif end is not None and _scope(end) is not _scope(link):
                standard.fault("linkScope", link, name=link.get("name") or "")


def _scope(definition: _Element) -> _Element | None:
    event = definition.getparent()
    return None if event is None else event.getparent()


def _shared(standard: Standard) -> None:
    """The definition inside a throwing event is not used by another event (10.5.1)."""
    for ref in standard.each("eventDefinitionRef"):
        named = standard.find(ref.text, ref)
        holder = None if named is None else named.getparent()
        if holder is not None and local(holder.tag) in {"endEvent", "intermediateThrowEvent"}:
            standard.fault("definitionShared", ref, id=(ref.text or "").strip())
