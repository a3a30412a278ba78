"""Rules about what can happen: getting stuck, running more often than meant, never ending."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.source.check_flow import LARGEST_SCOPE
from engine.source.soundness import Scope
from engine.source.tree import Tree

if TYPE_CHECKING:
    from engine.source.findings import Findings
    from engine.source.nodes import Node

AUTOMATIC = frozenset({
    "task", "manualTask", "scriptTask", "parallelGateway", "exclusiveGateway", "inclusiveGateway",
    "intermediateThrowEvent", "startEvent",
})  # fmt: skip
"""Nodes that never wait for anything outside."""


def check(tree: Tree, findings: Findings) -> None:
    """All rules of this module."""
    for _, element, inside in tree.scopes():
        if not inside or len(inside) > LARGEST_SCOPE or element.tag.endswith("}adHocSubProcess"):
            continue
        _endless(tree, inside, findings)
        if not any(n.type == "complexGateway" for n in inside):
            _play(tree, inside, findings)


def _play(tree: Tree, inside: list[Node], findings: Findings) -> None:
    """A join that tokens come to and never pass is an error; one where some of them stay is a warning."""
    scope = Scope(tree, inside)
    begin = [n.id for n in tree.starts(inside)]
    events = any(n.type == "startEvent" or n.instantiate for n in inside)
    play = scope.play([[b] for b in begin] if events else [begin])
    for node_id in sorted(play.stuck):
        element = tree.elements[node_id]
        if play.complete and node_id in scope.joins - play.joined:
            findings.error("parallelDeadlock", element)
        else:
            findings.warning("mayDeadlock", element)
    for node_id in sorted(play.doubled):
        findings.warning("runsTwice", tree.elements[node_id])


def _endless(tree: Tree, inside: list[Node], findings: Findings) -> None:
    """A circle of nodes that never wait, over flows that are always taken, goes on until the limit of steps."""
    always: dict[str, list[str]] = {}
    kinds = {n.id: n for n in inside}
    for node in inside:
        if node.type not in AUTOMATIC or node.multi is not None or node.id in tree.boundaries or node.job_type:
            continue
        flows = [flow for flow, _ in tree.out.get(node.id, ())]
        if node.type == "exclusiveGateway" and len(flows) > 1:
            continue
        always[node.id] = [f.target for f in flows if f.condition is None and (f.id != node.default or len(flows) == 1)]
    while circle := _in_circle(always):
        held = [n for n in circle if _holds(tree, kinds, circle, n)]
        if not held:
            findings.error(
                "endlessLoop", tree.elements[next((n for n in circle if not _joins(tree, kinds[n])), circle[0])]
            )
            return
        for node_id in held:
            del always[node_id]


def _joins(tree: Tree, node: Node) -> bool:
    return node.type in {"parallelGateway", "inclusiveGateway"} and len(tree.into.get(node.id, ())) > 1


def _holds(tree: Tree, inside: dict[str, Node], circle: list[str], node_id: str) -> bool:
    """Whether this node of a circle is a join that waits in every round for something that takes time.

    A parallel join also holds when what comes from outside comes once only: the circle stands still in the second round.
    """
    if not _joins(tree, inside[node_id]):
        return False
    begin = [flow.target for n in circle for flow, _ in tree.out.get(n, ()) if flow.target not in circle]
    again = _reached(tree, begin, circle)
    slow = {
        n for n in again if n in inside and (inside[n].type not in AUTOMATIC or inside[n].job_type or inside[n].multi)
    }
    if any(node_id in _reached(tree, [n], [m for m in circle if m != node_id]) for n in slow):
        return True
    others = {flow.source for flow, _ in tree.into[node_id]} - set(circle)
    return inside[node_id].type == "parallelGateway" and not others <= again


def _reached(tree: Tree, begin: list[str], without: list[str]) -> set[str]:
    """The nodes after these and these, not going through some others."""
    seen: set[str] = set()
    todo = list(begin)
    while todo:
        here = todo.pop()
        if here not in seen and here not in without:
            seen.add(here)
            todo.extend(flow.target for flow, _ in tree.out.get(here, ()))
    return seen


def _in_circle(edges: dict[str, list[str]]) -> list[str]:
    """The nodes of the first circle found, in order."""
    done: set[str] = set()
    for first in edges:
        path: list[str] = []
        stack: list[tuple[str, int]] = [(first, 0)]
        while stack:
            here, nth = stack.pop()
            if nth == 0:
                if here in done:
                    continue
                path.append(here)
            following = edges.get(here, [])
            if nth < len(following):
                stack.append((here, nth + 1))
                after = following[nth]
                if after in path:
                    return path[path.index(after) :]
                stack.append((after, 0))
            else:
                path.pop()
                done.add(here)
    return []
