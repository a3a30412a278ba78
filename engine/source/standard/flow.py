"""Sequence flows, gateways, starts and ends (BPMN 2.0.2 clauses 7.6.1, 8.4.13, 10.5.2, 10.5.3, 10.6)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.source.names import ACTIVITIES, FLOW_NODES, GATEWAYS, SCOPES, bpmn, local

if TYPE_CHECKING:
    from lxml.etree import _Element

    from engine.source.standard.index import Standard

SEVERAL = 2
CONDITIONAL_SOURCES = ACTIVITIES | (GATEWAYS - {"eventBasedGateway"})
"""A parallel gateway takes all its flows: conditions there are ignored, with a warning of the rules of flow."""


def check(standard: Standard) -> None:
    """All rules of this module."""
    listing = {p: next(p.iter(bpmn("incoming"), bpmn("outgoing")), None) is not None for p in standard.kinds["process"]}
    lists: dict[tuple[_Element, str], set[_Element | None]] = {}
    for flow in standard.each("sequenceFlow"):
        _flow(standard, flow)
        process = standard.process_of(flow)
        if process is not None and listing[process]:
            _listed(standard, flow, lists)
    for kind in GATEWAYS:
        for gateway in standard.each(kind):
            _gateway(standard, gateway, kind)
    for kind in ("process", *sorted(SCOPES)):
        for scope in standard.each(kind):
            _ends(standard, scope)


def _flow(standard: Standard, flow: _Element) -> None:
    if flow.get("isImmediate") == "false" and standard.executable(flow):
        standard.fault("notImmediate", flow)
    if flow.find(bpmn("conditionExpression")) is None:
        return
    source = standard.find(flow.get("sourceRef"), flow)
    if source is None or standard.process_of(flow) is None:
        return
    kind = local(source.tag)
    if kind not in CONDITIONAL_SOURCES:
        standard.plain("conditionSource", flow, kind=kind)
    elif kind in ACTIVITIES and len(standard.out[source]) < SEVERAL:
        standard.plain("conditionAlone", flow)


def _listed(standard: Standard, flow: _Element, lists: dict[tuple[_Element, str], set[_Element | None]]) -> None:
    """Where a process lists the flows of its nodes, the lists and the flows say the same."""
    for end, tag in (("sourceRef", "outgoing"), ("targetRef", "incoming")):
        node = standard.find(flow.get(end), flow)
        if node is None or local(node.tag) not in FLOW_NODES:
            continue
        if (node, tag) not in lists:
            lists[(node, tag)] = {standard.find(child.text, child) for child in node.findall(bpmn(tag))}
        if flow.get("id") and flow not in lists[(node, tag)]:
            standard.plain("flowNotListed", flow, id=flow.get("id"), node=node.get("id"), list=tag)


def _gateway(standard: Standard, gateway: _Element, kind: str) -> None:
    into, out = len(standard.into[gateway]), len(standard.out[gateway])
    direction = gateway.get("gatewayDirection", "Unspecified")
    wrong = (
        (direction == "Converging" and out >= SEVERAL)
        or (direction == "Diverging" and into >= SEVERAL)
        or (direction == "Mixed" and (into < SEVERAL or out < SEVERAL))
    )
    if wrong:
        standard.lax("gatewayDirection", gateway, direction=direction, into=into, out=out)
    if into < SEVERAL and out < SEVERAL:
        standard.lax("gatewayPointless", gateway)
    if kind == "eventBasedGateway":
        _event_gateway(standard, gateway)


def _event_gateway(standard: Standard, gateway: _Element) -> None:
    if gateway.get("instantiate") == "true" and standard.into[gateway]:
        standard.fault("instantiateWithIncoming", gateway)
    targets = [standard.find(flow.get("targetRef"), flow) for flow in standard.out[gateway]]
    kinds = {local(t.tag) for t in targets if t is not None}
    messages = any(
        t is not None and local(t.tag) == "intermediateCatchEvent" and "message" in standard.triggers(t)
        for t in targets
    )
    if "receiveTask" in kinds and messages:
        standard.lax("eventGatewayMixed", gateway)
    for target in targets:
        begins = target is not None and local(target.tag) == "receiveTask" and target.get("instantiate") == "true"
        if target is not None and begins and gateway.get("instantiate") != "true":
            standard.fault("instantiateWithIncoming", target)


def _ends(standard: Standard, scope: _Element) -> None:
    """Starts and ends come together (10.5.2, 10.5.3); where they are drawn every node is on a path between them."""
    nodes = [child for child in scope if local(child.tag) in FLOW_NODES]
    starts = [n for n in nodes if local(n.tag) == "startEvent"]
    ends = [n for n in nodes if local(n.tag) == "endEvent"]
    if local(scope.tag) == "adHocSubProcess":
        return
    if starts and not ends:
        standard.plain("endMissing", starts[0])
    if ends and not starts and not any(n.get("instantiate") == "true" for n in nodes):
        standard.plain("startMissing", ends[0])
    for node in nodes:
        _connected(standard, node, bool(starts), bool(ends))


def _connected(standard: Standard, node: _Element, starts: bool, ends: bool) -> None:
    kind = local(node.tag)
    links = "link" in standard.triggers(node)
    apart = (
        node.get("isForCompensation") == "true"
        or node.get("triggeredByEvent") == "true"
        or (kind == "boundaryEvent" and "compensate" in standard.triggers(node))
    )
    if apart:
        return
    event = kind in {"intermediateCatchEvent", "intermediateThrowEvent"}
    begins = kind in {"startEvent", "boundaryEvent"} or node.get("instantiate") == "true"
    begins = begins or (kind == "intermediateCatchEvent" and links)
    if not standard.into[node] and not begins and (event or kind == "endEvent" or starts):
        standard.plain("nodeWithoutIncoming", node, kind=kind)
    stops = kind == "endEvent" or (kind == "intermediateThrowEvent" and links)
    if not standard.out[node] and not stops and (event or kind in {"startEvent", "boundaryEvent"} or ends):
        standard.plain("nodeWithoutOutgoing", node, kind=kind)
