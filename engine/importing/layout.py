"""A simple drawing for a model that comes without one: columns by distance from the start, rows by branch."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from lxml import etree

from engine.source.names import BPMN, EVENTS, FLOW_NODES, GATEWAYS, SCOPES, bpmn, is_bpmn, local

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lxml.etree import _Element

DI = "http://www.omg.org/spec/BPMN/20100524/DI"
DC = "http://www.omg.org/spec/DD/20100524/DC"
DD = "http://www.omg.org/spec/DD/20100524/DI"
SPACES = {"bpmndi": DI, "dc": DC, "di": DD}
COLUMN, ROW, MARGIN, TITLE = 60.0, 40.0, 30.0, 30.0
"""Gaps between columns and rows, the inner margin of a scope, the width of a pool's title."""


@dataclass(slots=True)
class Box:
    """A rectangle with what lies in it, positions relative to its own corner."""

    element: _Element
    width: float
    height: float
    x: float = 0
    y: float = 0
    inner: list[Box] = field(default_factory=list)


def draw(root: _Element) -> bool:
    """Add a diagram when the file has none and its ids can be trusted. Whether it did."""
    if root.find(f"{{{DI}}}BPMNDiagram") is not None:
        return False
    ids = [e.get("id") for e in root.iter(*map(bpmn, FLOW_NODES | {"sequenceFlow"}))]
    if len(set(ids)) != len(ids):
        return False
    processes = {p.get("id", ""): p for p in root.iterchildren(bpmn("process"))}
    pools = [p for p in root.iter(bpmn("participant")) if p.get("processRef") in processes]
    boxes = [_pool(p, processes[p.get("processRef") or ""]) for p in pools] if pools else []
    if not boxes:
        boxes = [_scope(p) for p in processes.values()]
    collaboration = root.find(bpmn("collaboration"))
    plane_of = collaboration if pools and collaboration is not None else next(iter(processes.values()), None)
    if plane_of is None or not any(box.inner for box in boxes):
        return False
    diagram = etree.SubElement(root, f"{{{DI}}}BPMNDiagram", {"id": _free(root, "Diagram")}, nsmap=SPACES)
    plane = etree.SubElement(
        diagram, f"{{{DI}}}BPMNPlane", {"id": _free(root, "Plane"), "bpmnElement": plane_of.get("id", "")}
    )
    placed: dict[str, Box] = {}
    top = MARGIN
    for box in boxes:
        _place(box, MARGIN, top, plane, placed, shape=bool(pools))
        top += box.height + ROW
    _edges(root, plane, placed)
    return True


def _free(root: _Element, base: str) -> str:
    taken = {e.get("id") for e in root.iter("*")}
    number = 1
    while f"{base}_{number}" in taken:
        number += 1
    return f"{base}_{number}"


# -- sizes ---------------------------------------------------------------------------------------------


def _pool(participant: _Element, process: _Element) -> Box:
    content = _scope(process)
    for box in content.inner:
        box.x += TITLE
    return Box(participant, content.width + TITLE, content.height, inner=content.inner)


def _box(node: _Element) -> Box:
    name = local(node.tag)
    if name in SCOPES:
        return _scope(node)
    if name in EVENTS:
        return Box(node, 36, 36)
    return Box(node, 50, 50) if name in GATEWAYS else Box(node, 100, 80)


def _scope(scope: _Element) -> Box:
    """A scope is as wide as its columns and as high as its highest column; event sub-processes lie below."""
    nodes = [n for n in scope if is_bpmn(n.tag) and local(n.tag) in FLOW_NODES]
    hosts: dict[str, list[_Element]] = {n.get("id", ""): [] for n in nodes}
    inside: list[_Element] = []
    beside: list[Box] = []
    for node in nodes:
        if node.get("attachedToRef") in hosts and node.tag == bpmn("boundaryEvent"):
            hosts[node.get("attachedToRef") or ""].append(node)
        elif node.get("triggeredByEvent") == "true":
            beside.append(_box(node))
        else:
            inside.append(node)
    columns = _columns(scope, inside, hosts)
    boxes: list[Box] = []
    x, bottom = MARGIN, MARGIN
    for column in columns:
        held = [_box(node) for node in column]
        width, y = max(b.width for b in held), MARGIN
        for box in held:
            box.x, box.y = x + (width - box.width) / 2, y
            boxes += [box, *_attached(box, hosts)]
            y += box.height + ROW + (18 if hosts.get(box.element.get("id", "")) else 0)
        x, bottom = x + width + COLUMN, max(bottom, y)
    for box in beside:
        box.x, box.y = MARGIN, bottom
        bottom += box.height + ROW
        x = max(x, MARGIN + box.width + COLUMN)
        boxes.append(box)
    return Box(scope, max(x - COLUMN + MARGIN, 100), max(bottom - ROW + MARGIN, 80), inner=boxes)


def _attached(box: Box, hosts: dict[str, list[_Element]]) -> Iterator[Box]:
    for number, node in enumerate(hosts.get(box.element.get("id", ""), ())):
        yield Box(node, 36, 36, box.x + 10 + number * 46, box.y + box.height - 18)


def _columns(scope: _Element, inside: list[_Element], hosts: dict[str, list[_Element]]) -> list[list[_Element]]:
    """Nodes by the number of flows from where the scope begins; what is not reached comes first."""
    host_of = {e.get("id"): host for host, held in hosts.items() for e in held}
    after: dict[str, list[str]] = {}
    into: set[str] = set()
    for flow in scope.iterchildren(bpmn("sequenceFlow")):
        source = flow.get("sourceRef") or ""
        after.setdefault(host_of.get(source, source), []).append(flow.get("targetRef") or "")
        into.add(flow.get("targetRef") or "")
    depth = {n.get("id", ""): 0 for n in inside if n.get("id") not in into}
    known = {n.get("id", "") for n in inside}
    todo = list(depth)
    while todo:
        here = todo.pop(0)
        for target in after.get(here, ()):
            if target in known and target not in depth:
                depth[target] = depth[here] + 1
                todo.append(target)
    columns: dict[int, list[_Element]] = {}
    for node in inside:
        columns.setdefault(depth.get(node.get("id", ""), 0), []).append(node)
    return [columns[key] for key in sorted(columns)]


# -- drawing -------------------------------------------------------------------------------------------


def _place(box: Box, x: float, y: float, plane: _Element, placed: dict[str, Box], *, shape: bool) -> None:
    name = local(box.element.tag)
    element_id = box.element.get("id", "")
    if shape:
        told = {"id": f"{element_id}_di", "bpmnElement": element_id}
        if name in SCOPES:
            told["isExpanded"] = "true"
        if name == "participant":
            told["isHorizontal"] = "true"
        made = etree.SubElement(plane, f"{{{DI}}}BPMNShape", told)
        numbers = {"x": x, "y": y, "width": box.width, "height": box.height}
        etree.SubElement(made, f"{{{DC}}}Bounds", {k: f"{v:g}" for k, v in numbers.items()})
        placed[element_id] = Box(box.element, box.width, box.height, x, y)
    for inner in box.inner:
        _place(inner, x + inner.x, y + inner.y, plane, placed, shape=True)


def _edges(root: _Element, plane: _Element, placed: dict[str, Box]) -> None:
    kinds = ("sequenceFlow", "messageFlow", "association")
    for flow in root.iter(*(f"{{{BPMN}}}{kind}" for kind in kinds)):
        source, target = placed.get(flow.get("sourceRef") or ""), placed.get(flow.get("targetRef") or "")
        if source is None or target is None or not flow.get("id"):
            continue
        made = etree.SubElement(
            plane, f"{{{DI}}}BPMNEdge", {"id": f"{flow.get('id')}_di", "bpmnElement": flow.get("id", "")}
        )
        for x, y in _way(source, target):
            etree.SubElement(made, f"{{{DD}}}waypoint", {"x": f"{x:g}", "y": f"{y:g}"})


def _way(source: Box, target: Box) -> list[tuple[float, float]]:
    """From the right (of a boundary event: from below) to the left, with an elbow; back below both."""
    end = (target.x, target.y + target.height / 2)
    if local(source.element.tag) == "boundaryEvent":
        start = (source.x + source.width / 2, source.y + source.height)
        return [start, (start[0], end[1]), end] if end[1] > start[1] else [start, end]
    start = (source.x + source.width, source.y + source.height / 2)
    if end[0] > start[0]:
        middle = (start[0] + end[0]) / 2
        return [start, end] if start[1] == end[1] else [start, (middle, start[1]), (middle, end[1]), end]
    below = max(source.y + source.height, target.y + target.height) + 20
    out, back = (
        (source.x + source.width / 2, source.y + source.height),
        (target.x + target.width / 2, target.y + target.height),
    )
    return [out, (out[0], below), (back[0], below), back]
