"""Rules of pools, lanes and message flows."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from engine.source.names import bpmn, lianban
from engine.source.reader import extension

if TYPE_CHECKING:
    from lxml.etree import _Element

    from engine.source.findings import Findings
    from engine.source.nodes import Node
    from engine.source.tree import Tree

ROLE = re.compile(r"^[A-Z][A-Z0-9_]*$")
SENDS = frozenset({"intermediateThrowEvent", "endEvent", "sendTask"})
RECEIVES = frozenset({"startEvent", "intermediateCatchEvent", "boundaryEvent", "receiveTask"})


def check(tree: Tree, findings: Findings) -> None:
    """All rules of this module."""
    pools = {p.get("id", ""): p for p in tree.root.iter(bpmn("participant"))}
    running = [p for p in pools.values() if p.get("processRef")]
    for pool in running:
        if pool.get("processRef") not in {*tree.processes, *tree.drawn}:
            findings.error("participantProcessMissing", pool, id=pool.get("processRef"))
        site = extension(pool, lianban("site"))
        if len(running) > 1 and (site is None or not site.get("source")):
            findings.warning("siteMissing", pool)
        if site is not None and site.get("role") not in {None, "main", "partner"}:
            findings.error("siteRole", pool, role=site.get("role"))
    for flow in tree.root.iter(bpmn("messageFlow")):
        _message_flow(tree, pools, flow, findings)
    _lanes(tree, findings)


def _message_flow(tree: Tree, pools: dict[str, _Element], flow: _Element, findings: Findings) -> None:
    ends = (flow.get("sourceRef", ""), flow.get("targetRef", ""))
    if any(end not in pools and end not in tree.nodes and end not in tree.drawn for end in ends):
        findings.error("messageFlowEnd", flow, id=flow.get("id"))
        return
    source, target = tree.nodes.get(ends[0]), tree.nodes.get(ends[1])
    where = [
        pools[e].get("processRef") if e in pools else tree.nodes[e].process if e in tree.nodes else None for e in ends
    ]
    if where[0] is not None and where[0] == where[1]:
        findings.error("messageFlowSamePool", flow)
    if source is not None and target is not None:
        agreed = {t.name for t in source.triggers if t.kind == "message" and target.has("message", t.name)}
        if source.type not in SENDS or target.type not in RECEIVES or not agreed:
            findings.error("messageFlowKind", flow)


def _lanes(tree: Tree, findings: Findings) -> None:
    roles: dict[str, str | None] = {}
    for lane in tree.root.iter(bpmn("lane")):
        performer = extension(lane, lianban("performer"))
        role = None if performer is None else performer.get("role")
        if role is not None and not role.startswith("=") and not ROLE.match(role):
            findings.error("roleInvalid", lane, role=role)
        refs = [(r.text or "").strip() for r in lane.findall(bpmn("flowNodeRef"))]
        for ref in refs:
            if ref not in tree.nodes and ref not in tree.drawn:
                findings.error("laneNodeMissing", lane, id=ref)
            roles[ref] = role or roles.get(ref)
        bare = [
            r for r in refs if r in tree.nodes and tree.nodes[r].type == "userTask" and not _assigned(tree.nodes[r])
        ]
        if bare and role is None and not any(roles.get(r) for r in bare) and lane.find(bpmn("childLaneSet")) is None:
            findings.warning("laneRoleMissing", lane)
    for node in tree.nodes.values():
        if node.type == "userTask" and not _assigned(node) and not _role(tree, node, roles):
            findings.warning("roleMissing", tree.elements[node.id])


def _assigned(node: Node) -> bool:
    return bool(node.candidate_groups or node.assignee)


def _role(tree: Tree, node: Node, roles: dict[str, str | None]) -> str | None:
    where: Node | None = node
    while where is not None:
        role = roles.get(where.id)
        if role:
            return role
        where = tree.nodes.get(where.scope)
    return None
