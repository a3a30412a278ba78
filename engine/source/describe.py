"""The model as people and the platform need to know it: pools, processes, message flows, elements."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from engine.contract import Call, ContractField, Element, MessageFlow, Model, Participant, ProcessInfo, Start
from engine.source.names import bpmn, lianban, local
from engine.source.nodes import Node
from engine.source.reader import Declarations, extension, extensions, flow_nodes, read_node, version_tag

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from lxml.etree import _Element

CATCHING = frozenset({"startEvent", "intermediateCatchEvent", "boundaryEvent", "receiveTask"})


def describe(root: _Element, source: bytes) -> Model:
    """Describe the normalised tree; ``source`` is what the designer sent (its digest names the model).

    Pools that are only drawn are participants without process; message flows may end there.
    """
    declared = Declarations(root)
    processes = list(root.iterchildren(bpmn("process")))
    drawn = [read_node(e, p.get("id", ""), declared) for p in processes for e in flow_nodes(p)]
    processes = [p for p in processes if p.get("isExecutable") != "false"]
    running = {p.get("id", "") for p in processes}
    nodes = [n for n in drawn if n.process in running]
    lanes = _lanes(root)
    parents = {n.id: n.scope for n in nodes}
    elements = {n.id: _element(n, _lane_of(n, lanes, parents)) for n in nodes}
    by_process: dict[str, list[Node]] = {}
    for node in nodes:
        by_process.setdefault(node.process, []).append(node)
    infos = tuple(_process(p, by_process.get(p.get("id", ""), [])) for p in processes)
    return Model(
        digest=hashlib.sha256(source).hexdigest(),
        name=_name(root, processes),
        participants=tuple(_participants(root, infos, {n.called for n in nodes if n.type == "callActivity"})),
        processes=infos,
        message_flows=tuple(_message_flows(root, {n.id: n for n in drawn})),
        elements=elements,
        form_ids=_unique(n.form_id for n in nodes),
        policies=_unique(n.deadline for n in nodes if not (n.deadline or "").startswith("=")),
        data_stores=_unique(declared.data.name(each) for each in sorted(declared.data.stores)),
        service_types=_unique(n.job_type for n in nodes if not (n.job_type or "").startswith("=")),
        calls=tuple(Call(n.id, n.called or "", n.binding, n.version_tag) for n in nodes if n.type == "callActivity"),
    )


def _unique(values: Iterable[str | None]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(v for v in values if v))


def _name(root: _Element, processes: list[_Element]) -> str:
    for element in (root.find(bpmn("collaboration")), root, *processes):
        if element is not None and element.get("name"):
            return element.get("name", "")
    return processes[0].get("id", "") if processes else ""


def _lanes(root: _Element) -> Mapping[str, tuple[str, str | None, str | None]]:
    """Element id -> (lane id, role, unit); the innermost lane wins."""
    found: dict[str, tuple[str, str | None, str | None]] = {}
    for lane in root.iter(bpmn("lane")):
        performer = extension(lane, lianban("performer"))
        role = None if performer is None else performer.get("role")
        unit = None if performer is None else performer.get("unit")
        for ref in lane.findall(bpmn("flowNodeRef")):
            known = found.get((ref.text or "").strip())
            if performer is None and known is not None:
                role, unit = known[1], known[2]
            found[(ref.text or "").strip()] = (lane.get("id", ""), role, unit)
    return found


def _lane_of(
    node: Node, lanes: Mapping[str, tuple[str, str | None, str | None]], parents: Mapping[str, str]
) -> tuple[str | None, str | None, str | None]:
    where: str | None = node.id
    while where:
        if where in lanes:
            return lanes[where]
        where = parents.get(where)
    return None, None, None


def _element(node: Node, performer: tuple[str | None, str | None, str | None]) -> Element:
    lane, role, unit = performer
    groups = node.candidate_groups
    if groups and not groups.startswith("="):
        role = groups
    return Element(
        id=node.id,
        type=node.type,
        name=node.name,
        process_id=node.process,
        lane=lane,
        role=role,
        unit=unit,
        form_id=node.form_id,
        actions=node.actions,
        separation=node.separation,
        deadline=node.deadline,
        stops_clock=node.stops_clock,
        effects=node.effects,
        plain_text=node.plain_text,
        plain_text_en=node.plain_text_en,
        standing=node.standing,
        message=next((t.name for t in node.triggers if t.kind == "message"), None),
        service_type=node.job_type,
        maps_outputs=bool(node.outputs),
        inputs=tuple((row.target, row.source) for row in node.inputs) if node.job_type else (),
        headers=tuple(node.headers.items()) if node.job_type else (),
        retries=node.job_retries,
        decision=node.decision,
        point_of_no_return=any(e.kind == "pointOfNoReturn" for e in node.effects),
        documentation=node.documentation,
    )


def _process(process: _Element, mine: list[Node]) -> ProcessInfo:
    process_id = process.get("id", "")
    events = [n for n in mine if n.scope == process_id and (n.type == "startEvent" or n.instantiate)]
    starts = tuple(_starts(process, events, {n.id: n for n in mine}))
    by_kind = {k: _unique(s.value for s in starts if s.kind == k) for k in ("message", "signal", "conditional")}
    only_start = {s.element_id for s in starts}
    caught = (
        t for n in mine if n.type in CATCHING and n.id not in only_start for t in n.triggers if t.kind == "message"
    )
    return ProcessInfo(
        id=process_id,
        name=process.get("name") or "",
        none_start=not events or any(s.kind == "none" for s in starts),
        message_starts=by_kind["message"],
        messages_caught=_unique(t.name for t in caught),
        timer_starts=tuple(s.value for s in starts if s.kind == "timer"),
        signal_starts=by_kind["signal"],
        condition_starts=by_kind["conditional"],
        starts=starts,
        version_tag=version_tag(process),
    )


def _starts(process: _Element, events: list[Node], nodes: Mapping[str, Node]) -> Iterable[Start]:
    """Each trigger that starts the process; of an instantiating gateway those of the events behind it."""
    for node in events:
        if node.type == "eventBasedGateway":
            flows = (f for f in process.iter(bpmn("sequenceFlow")) if f.get("sourceRef") == node.id)
            behind = [nodes[f.get("targetRef", "")] for f in flows]
        else:
            behind = [node]
        for element in behind:
            if not element.triggers:
                yield Start(element.id, "none")
            for trigger in element.triggers:
                text = trigger.timer[1] if trigger.timer is not None else trigger.condition.removeprefix("=").strip()
                yield Start(element.id, trigger.kind, trigger.name or text)


def _participants(root: _Element, processes: tuple[ProcessInfo, ...], called: set[str | None]) -> Iterable[Participant]:
    """The pools; without a collaboration every process that no other one of the file calls is one."""
    for element in root.iter(bpmn("participant")):
        site = extension(element, lianban("site"))
        process = element.get("processRef")
        if process not in {p.id for p in processes}:
            process = None  # only drawn
        begins = {s.kind for p in processes if p.id == process for s in p.starts}
        role = "partner" if begins == {"message"} else "main"
        source = ""
        if site is not None:
            role = site.get("role") or role
            source = (site.get("source") or "").removeprefix("=").strip()
        yield Participant(element.get("id", ""), element.get("name") or "", process, role, source)
    if root.find(bpmn("collaboration")) is None:
        for process_ in [p for p in processes if p.id not in called] or processes:
            yield Participant(process_.id, process_.name, process_.id, "main", "")


def _message_flows(root: _Element, nodes: Mapping[str, Node]) -> Iterable[MessageFlow]:
    pools = {p.get("id", ""): p.get("processRef") for p in root.iter(bpmn("participant"))}
    by_process = {process: pool for pool, process in pools.items() if process}
    for flow in root.iter(bpmn("messageFlow")):
        source, target = flow.get("sourceRef", ""), flow.get("targetRef", "")
        ends = [nodes.get(source), nodes.get(target)]
        names = [[t.name for t in n.triggers if t.kind == "message"] for n in ends if n is not None]
        both = [name for name in names[0] if all(name in others for others in names)] if names else []
        message = next(iter(both or [name for row in names for name in row]), "")
        contract = next((e for e in extensions(flow) if e.tag == lianban("dataContract")), None)
        rows = [] if contract is None else list(contract.iterchildren("*"))
        yield MessageFlow(
            id=flow.get("id", ""),
            name=flow.get("name") or "",
            message=message,
            source_participant=source if source in pools else by_process.get(ends[0].process if ends[0] else "", ""),
            target_participant=target if target in pools else by_process.get(ends[1].process if ends[1] else "", ""),
            source_element=None if source in pools else source,
            target_element=None if target in pools else target,
            fields=tuple(
                ContractField(r.get("path") or "", r.get("name") or "", r.get("required") == "true")
                for r in rows
                if local(r.tag) == "field"
            ),
            materials=tuple(r.get("code") or "" for r in rows if local(r.tag) == "material"),
        )
