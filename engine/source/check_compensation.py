"""Rules of compensation and of transactions: what undoes what, who may throw, where a cancel event may stand."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.source.names import ACTIVITIES, lianban
from engine.source.reader import extension

if TYPE_CHECKING:
    from collections.abc import Iterator

    from engine.source.findings import Findings
    from engine.source.nodes import Node
    from engine.source.tree import Tree

THROWS = frozenset({"intermediateThrowEvent", "endEvent"})
ORDERS = frozenset({"together", "sequential"})


def check(tree: Tree, findings: Findings) -> None:
    """All rules of this module."""
    for node in tree.nodes.values():
        told = extension(tree.elements[node.id], lianban("compensation"))
        if told is not None and told.get("order") not in ORDERS:
            findings.error("compensationOrder", tree.elements[node.id], order=told.get("order"))
        if node.for_compensation:
            _activity(tree, node, findings)
        if node.type in ACTIVITIES:
            _once(tree, node, findings)
        if node.trigger.kind == "compensate":
            _compensate(tree, node, findings)
        if node.trigger.kind == "cancel":
            _cancel(tree, node, findings)
    for _, element, inside in tree.scopes():
        if sum(1 for n in inside if _compensates_scope(tree, n)) > 1:
            findings.error("compensationTwice", element)


def _compensates_scope(tree: Tree, node: Node) -> bool:
    """Whether this is an event sub-process with a compensation start event."""
    return node.event_subprocess and any(
        n.type == "startEvent" and n.trigger.kind == "compensate" for n in tree.inside.get(node.id, ())
    )


def _activity(tree: Tree, node: Node, findings: Findings) -> None:
    """A compensation activity stands outside the flow: only an association leads to it."""
    if node.id in tree.out or node.id in tree.into or node.id in tree.boundaries:
        findings.error("compensationFlow", tree.elements[node.id])


def _once(tree: Tree, node: Node, findings: Findings) -> None:
    """An activity has one handler: one boundary event, or the event sub-process inside."""
    handlers = sum(1 for b in tree.boundaries.get(node.id, ()) if b.trigger.kind == "compensate")
    handlers += any(_compensates_scope(tree, n) for n in tree.inside.get(node.id, ())) if handlers else 0
    if handlers > 1:
        findings.error("compensationTwice", tree.elements[node.id])


def _compensate(tree: Tree, node: Node, findings: Findings) -> None:
    element = tree.elements[node.id]
    if node.type == "boundaryEvent":
        undone_by = tree.declared.compensations(node.id)
        fits = [i for i in undone_by if i in tree.nodes and tree.nodes[i].for_compensation]
        if not tree.declared.associated.get(node.id):
            findings.error("compensationUnconnected", element)
        elif len(undone_by) != 1 or not fits or tree.nodes[fits[0]].scope != node.scope:
            findings.error("compensationHandlerMissing", element)
        if node.id in tree.out:
            findings.error("compensationFlow", element)
    elif node.type == "startEvent":
        holder = tree.nodes.get(node.scope)
        if holder is not None and holder.scope in tree.processes and holder.scope not in _called(tree):
            findings.error("compensationAtProcess", element)
    elif node.type in THROWS and node.trigger.activity is not None:
        named = tree.nodes.get(node.trigger.activity)
        if named is None or named.type not in ACTIVITIES or named.scope not in set(_visible(tree, node)):
            findings.error("compensationActivity", element, id=node.trigger.activity)


def _called(tree: Tree) -> set[str | None]:
    return {n.called for n in tree.nodes.values() if n.type == "callActivity"}


def _visible(tree: Tree, node: Node) -> Iterator[str]:
    """The scopes whose activities an event may compensate: its own, and through event sub-processes those around."""
    scope = node.scope
    while True:
        yield scope
        holder = tree.nodes.get(scope)
        if holder is None or not holder.event_subprocess:
            return
        scope = holder.scope


def _cancel(tree: Tree, node: Node, findings: Findings) -> None:
    """Inside a transaction a cancel end event, at its border a cancel boundary event: both or none."""
    element = tree.elements[node.id]
    if node.type == "boundaryEvent":
        host = tree.nodes.get(node.attached_to or "")
        if host is None or host.type != "transaction":
            findings.error("cancelBoundaryHost", element)
        elif next(b.id for b in _cancel_boundaries(tree, host)) != node.id:
            findings.error("duplicateCatcher", element, what="cancel")
    elif node.type == "endEvent":
        holder = tree.nodes.get(node.scope)
        while holder is not None and holder.type != "transaction":
            if holder.for_compensation or _compensates_scope(tree, holder):
                holder = None
                break
            holder = tree.nodes.get(holder.scope)
        if holder is None:
            findings.error("cancelOutside", element)
        elif not _cancel_boundaries(tree, holder):
            findings.error("cancelUncaught", element, id=holder.id)


def _cancel_boundaries(tree: Tree, host: Node) -> list[Node]:
    return [b for b in tree.boundaries.get(host.id, ()) if b.trigger.kind == "cancel"]
