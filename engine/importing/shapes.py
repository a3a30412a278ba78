"""Shapes that other engines run and the standard does not allow, put into the standard's words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lxml import etree

from engine.importing.layout import DC, DD, DI
from engine.source.names import BPMN, SCOPES, bpmn, local

if TYPE_CHECKING:
    from lxml.etree import _Element

    from engine.importing.report import Report

_BELOW = 60.0
"""How far under its boundary event an added end event is drawn."""
_SIZE = 36.0


def put_right(root: _Element, report: Report, *, dialect: str) -> None:
    """Boundary events that lead nowhere, event-based gateways with one event, and what Flowable takes for true."""
    flows = _flows_by_source(root)
    for scope in list(root.iter(bpmn("process"), *map(bpmn, SCOPES))):
        for node in list(scope):
            name, after = local(node.tag), flows.get(node.get("id", ""), [])
            if name == "boundaryEvent" and not after and node.find(bpmn("compensateEventDefinition")) is None:
                _end(root, scope, node, report)
            elif name == "eventBasedGateway" and len(after) == 1:
                _one_event(root, node, after[0], report)
            elif name == "exclusiveGateway" and dialect in {"flowable", "activiti"}:
                _taken(node, after, report)


def _flows_by_source(root: _Element) -> dict[str, list[_Element]]:
    found: dict[str, list[_Element]] = {}
    for flow in root.iter(bpmn("sequenceFlow")):
        found.setdefault(flow.get("sourceRef", ""), []).append(flow)
    return found


def _end(root: _Element, scope: _Element, boundary: _Element, report: Report) -> None:
    """The token of a boundary event without flow ends there: an end event says so."""
    base = boundary.get("id", "")
    taken = {e.get("id") for e in root.iter("*")}
    end, flow = f"{base}_end", f"{base}_flow"
    if not base or end in taken or flow in taken:
        return
    scope.append(scope.makeelement(bpmn("endEvent"), {"id": end}))
    scope.append(scope.makeelement(bpmn("sequenceFlow"), {"id": flow, "sourceRef": base, "targetRef": end}))
    report.repaired("boundaryEnds", boundary, "", end)
    _draw(root, base, end, flow)


def _draw(root: _Element, boundary: str, end: str, flow: str) -> None:
    shape = next((s for s in root.iter(f"{{{DI}}}BPMNShape") if s.get("bpmnElement") == boundary), None)
    bounds = None if shape is None else shape.find(f"{{{DC}}}Bounds")
    plane = None if shape is None else shape.getparent()
    if bounds is None or plane is None:
        return
    try:
        x, y, width, height = (float(bounds.get(name, "")) for name in ("x", "y", "width", "height"))
    except ValueError:
        return
    middle, under = x + width / 2, y + height
    made = etree.SubElement(plane, f"{{{DI}}}BPMNShape", {"id": f"{end}_di", "bpmnElement": end})
    box = {"x": middle - _SIZE / 2, "y": under + _BELOW, "width": _SIZE, "height": _SIZE}
    etree.SubElement(made, f"{{{DC}}}Bounds", {name: f"{value:g}" for name, value in box.items()})
    edge = etree.SubElement(plane, f"{{{DI}}}BPMNEdge", {"id": f"{flow}_di", "bpmnElement": flow})
    for at in (under, under + _BELOW):
        etree.SubElement(edge, f"{{{DD}}}waypoint", {"x": f"{middle:g}", "y": f"{at:g}"})


def _one_event(root: _Element, gateway: _Element, flow: _Element, report: Report) -> None:
    """An event-based gateway with one event chooses nothing: it is passed through."""
    target = next((e for e in root.iter(f"{{{BPMN}}}*") if e.get("id") == flow.get("targetRef")), None)
    if target is None or local(target.tag) not in {"intermediateCatchEvent", "receiveTask"}:
        return
    gateway.tag = bpmn("exclusiveGateway")
    for name in ("instantiate", "eventGatewayType"):
        gateway.attrib.pop(name, "")
    report.repaired("oneEvent", gateway, "eventBasedGateway", "exclusiveGateway")


def _taken(gateway: _Element, flows: list[_Element], report: Report) -> None:
    """Flowable takes a flow without condition as one whose condition is true."""
    plain = [f for f in flows if f.find(bpmn("conditionExpression")) is None and f.get("id") != gateway.get("default")]
    if len(flows) < 2 or (len(plain) == 1 and not gateway.get("default")):  # noqa: PLR2004  # a choice of one
        return
    for flow in plain:
        condition = flow.makeelement(bpmn("conditionExpression"), {})
        condition.text = "=true"
        flow.append(condition)
        report.repaired("alwaysTaken", flow, "", "true")
