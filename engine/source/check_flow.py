"""Rules of flow: ends of sequence flows, scopes, reachability, ways out, gateways."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from engine.source.tree import Tree, reached

if TYPE_CHECKING:
    from lxml.etree import _Element

    from engine.source.findings import Findings
    from engine.source.nodes import Flow, Node

LARGEST_SCOPE = 600
"""Nodes of a scope whose joins are looked at one by one."""
EVENT_TARGETS = frozenset({"message", "timer", "signal", "conditional"})


def check(tree: Tree, findings: Findings) -> None:
    """All rules of this module; the paths only when the flows are sound."""
    sound = True
    for flow, element in tree.flows:
        sound = _flow(tree, flow, element, findings) and sound
    for node in tree.nodes.values():
        _defaults(tree, node, findings)
        if node.type == "eventBasedGateway":
            _event_gateway(tree, node, findings)
        if node.type == "parallelGateway" and len(tree.inside[node.scope]) <= LARGEST_SCOPE:
            _parallel_join(tree, node, findings)
    if sound:
        ended: dict[str, bool] = {}
        for scope_id, element, inside in tree.scopes():
            ended[scope_id] = _ended_from_elsewhere(tree, scope_id, inside, ended)
            _paths(tree, scope_id, element, inside, findings, ended=ended[scope_id])


def _flow(tree: Tree, flow: Flow, element: _Element, findings: Findings) -> bool:
    source, target = tree.nodes.get(flow.source), tree.nodes.get(flow.target)
    if source is None or target is None:
        findings.error("flowEndMissing", element, id=flow.id)
        return False
    if source.scope != target.scope:
        findings.error("flowCrossesBoundary", element)
        return False
    if target.type in {"startEvent", "boundaryEvent"}:
        findings.error("flowIntoStart", element)
        return False
    if source.type == "endEvent":
        findings.error("flowOutOfEnd", element)
        return False
    if source.event_subprocess or target.event_subprocess:
        findings.error("eventSubprocessFlow", element)
        return False
    if flow.condition is not None and source.type in {"parallelGateway", "eventBasedGateway"}:
        findings.warning("conditionIgnored", element)
    return True


def _defaults(tree: Tree, node: Node, findings: Findings) -> None:
    out = tree.out.get(node.id, [])
    element = tree.elements[node.id]
    if node.default is not None and node.default not in {f.id for f, _ in out}:
        findings.error("defaultInvalid", element, id=node.default)
        return
    for flow, at in out:
        if flow.id == node.default and flow.condition is not None:
            findings.warning("defaultWithCondition", at)
    if node.type == "exclusiveGateway" and len(out) > 1:
        for flow, at in out:
            if flow.condition is None and flow.id != node.default:
                findings.error("conditionMissing", at)
    deciding = node.type not in {"parallelGateway", "eventBasedGateway"}
    if deciding and out and node.default is None and all(f.condition is not None for f, _ in out):
        findings.warning("noDefaultFlow", element)


def _event_gateway(tree: Tree, node: Node, findings: Findings) -> None:
    out = tree.out.get(node.id, [])
    element = tree.elements[node.id]
    if len(out) < 2:  # noqa: PLR2004  # one event needs no gateway
        findings.error("eventGatewayFlows", element)
    for flow, at in out:
        target = tree.nodes.get(flow.target)
        if target is None:
            continue
        fits = target.type == "intermediateCatchEvent" and target.trigger.kind in EVENT_TARGETS
        fits = fits or (target.type == "receiveTask" and target.id not in tree.boundaries and target.multi is None)
        if not fits:
            findings.error("eventGatewayTarget", at)
        elif len(tree.into.get(target.id, ())) > 1:
            findings.error("eventGatewayFlows", tree.elements[target.id])


def _parallel_join(tree: Tree, node: Node, findings: Findings) -> None:
    """It would wait for ever for both branches of one choice, or for a token that can only come from behind itself."""
    flows = tree.into.get(node.id, [])
    if len(flows) > 1:
        before = reached(tree, tree.starts(tree.inside[node.scope]), without=node.id)
        if any(flow.source in tree.nodes and flow.source not in before for flow, _ in flows):
            findings.error("parallelDeadlock", tree.elements[node.id])
            return
        origins = [_origin(tree, flow.source) for flow, _ in flows]
        for origin in set(origins):
            if origin is not None and origins.count(origin) > 1:
                findings.error("parallelDeadlock", tree.elements[node.id])


def _origin(tree: Tree, node_id: str) -> str | None:
    """The exclusive choice a branch comes from, through nodes with one way in and one way out."""
    seen: set[str] = set()
    while node_id not in seen and node_id in tree.nodes:
        seen.add(node_id)
        node = tree.nodes[node_id]
        if node.type in {"exclusiveGateway", "eventBasedGateway"} and len(tree.out.get(node_id, ())) > 1:
            return node_id
        into = tree.into.get(node_id, ())
        if len(into) != 1 or len(tree.out.get(node_id, ())) != 1 or node_id in tree.boundaries:
            return None
        node_id = into[0][0].source
    return None


def _paths(
    tree: Tree, scope_id: str, element: _Element, inside: list[Node], findings: Findings, *, ended: bool
) -> None:
    if not inside:
        findings.error("emptyProcess", element, id=scope_id)
        return
    begin = tree.starts(inside)
    there = reached(tree, begin)
    for node in inside:
        if node.id not in there and not node.event_subprocess:
            findings.error("unreachable", tree.elements[node.id])
    if not ended:
        _ways_out(tree, inside, there, findings)


def _ended_from_elsewhere(tree: Tree, scope_id: str, inside: list[Node], around: Mapping[str, bool]) -> bool:
    """Whether a terminate end, an interrupting handler or the border of an enclosing sub-process can end what runs here."""
    if any(n.trigger.kind == "terminate" for n in inside):
        return True
    if any(n.interrupting for n in tree.handler_starts(inside)):
        return True
    holder = tree.nodes.get(scope_id)
    if holder is None:
        return False
    if any(b.interrupting for b in tree.boundaries.get(holder.id, ())):
        return True
    return around.get(holder.scope, False)


def _ways_out(tree: Tree, inside: list[Node], there: set[str], findings: Findings) -> None:
    """Every reachable node must lead to a node where a token ends."""
    before: dict[str, list[str]] = {}
    ends: list[str] = []
    for node in inside:
        following = list(tree.after(node))
        for target in following:
            before.setdefault(target, []).append(node.id)
        if not tree.out.get(node.id) and len(following) == len(tree.boundaries.get(node.id, ())):
            ends.append(node.id)
    leads: set[str] = set()
    while ends:
        here = ends.pop()
        if here not in leads:
            leads.add(here)
            ends.extend(before.get(here, ()))
    for node in inside:
        if node.id in there and node.id not in leads:
            findings.error("noPathToEnd", tree.elements[node.id])
