"""Pools, message flows, choreographies and conversations (BPMN 2.0.2 clauses 9 and 11); drawn, not executed, but held to the rules."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.source.names import bpmn, local

if TYPE_CHECKING:
    from lxml.etree import _Element

    from engine.source.standard.index import Standard


def check(standard: Standard) -> None:
    """All rules of this module."""
    for flow in standard.each("messageFlow"):
        _message_flow(standard, flow)
    for element in standard.each("participantMultiplicity"):
        _multiplicity(standard, element)
    for element in standard.each("choreography", "globalConversation", "globalChoreographyTask"):
        if element.find(bpmn("choreographyRef")) is not None:
            standard.fault("choreographyReferences", element)
    for element in standard.each("globalConversation"):
        for child in element:
            if local(child.tag) in {"textAnnotation", "group", "association"}:
                standard.fault("conversationContent", element, kind=local(child.tag))
    for element in standard.each("choreographyTask"):
        _choreography_task(standard, element)


def _pool(standard: Standard, end: _Element) -> _Element | None:
    """The process of an end of a message flow."""
    if local(end.tag) == "participant":
        return standard.find(end.get("processRef"), end) if end.get("processRef") else None
    return standard.process_of(end)


def _message_flow(standard: Standard, flow: _Element) -> None:
    ends = [standard.find(flow.get(name), flow) for name in ("sourceRef", "targetRef")]
    source, target = ends
    if source is None or target is None:
        return
    here, there = _pool(standard, source), _pool(standard, target)
    if source is target or (here is not None and here is there):
        standard.fault("messageFlowSamePool", flow)
    for end, senders, wrong in (
        (source, ("endEvent", "intermediateThrowEvent"), {"startEvent", "intermediateCatchEvent", "boundaryEvent"}),
        (target, ("startEvent", "intermediateCatchEvent", "boundaryEvent"), {"endEvent", "intermediateThrowEvent"}),
    ):
        kind = local(end.tag)
        if kind in wrong:
            standard.fault("messageFlowDirection", flow, kind=kind)
        elif kind in senders and "message" not in standard.triggers(end):
            standard.lax("messageFlowTrigger", flow, id=end.get("id") or "")


def _multiplicity(standard: Standard, element: _Element) -> None:
    """The minimum is zero or more, maximum one or more and not below the minimum (table 9.6)."""
    least, most = _number(element.get("minimum"), 0), _number(element.get("maximum"), 1)
    if least is None or most is None:
        return
    if least < 0 or most < 1 or most < least:
        standard.fault("multiplicity", element, minimum=least, maximum=most)


def _number(text: str | None, otherwise: int) -> int | None:
    value = (text or "").strip()
    if not value:
        return otherwise
    return int(value[:20]) if value.lstrip("+-").isdecimal() else None


def _choreography_task(standard: Standard, task: _Element) -> None:
    """The initiating participant is one of the participants (11.5.1)."""
    names = [standard.find(child.text, child) for child in task.findall(bpmn("participantRef"))]
    first = standard.find(task.get("initiatingParticipantRef"), task)
    if first is not None and first not in names:
        standard.fault("choreographyInitiator", task)
