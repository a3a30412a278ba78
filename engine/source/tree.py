"""The normalised tree, indexed for the validator: nodes, flows, scopes, what follows what."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.source.names import FLOW_NODES, SCOPES, bpmn
from engine.source.nodes import Flow, Node
from engine.source.reader import Declarations, flow_nodes, read_flow, read_node

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lxml.etree import _Element


class Tree:
    """What is executable of the file; ``drawn`` are the ids of processes and nodes that are only drawn.

    ``nodes`` and ``elements`` by id; ``out`` and ``into`` are the flows of a node; ``inside`` the nodes directly in a scope;
    ``catches`` and ``throws`` the link events by scope and name.
    """

    def __init__(self, root: _Element) -> None:
        self.root = root
        self.declared = Declarations(root)
        drawn = [p for p in root.iterchildren(bpmn("process")) if p.get("isExecutable") == "false"]
        self.drawn = {e.get("id", "") for p in drawn for e in p.iter(bpmn("process"), *map(bpmn, FLOW_NODES))}
        self.processes = {p.get("id", ""): p for p in root.iterchildren(bpmn("process")) if p not in drawn}
        self.nodes: dict[str, Node] = {}
        self.elements: dict[str, _Element] = {}
        self.flows: list[tuple[Flow, _Element]] = []
        self.out: dict[str, list[tuple[Flow, _Element]]] = {}
        self.into: dict[str, list[tuple[Flow, _Element]]] = {}
        for process_id, process in self.processes.items():
            for element in flow_nodes(process):
                node = read_node(element, process_id, self.declared)
                self.nodes[node.id] = node
                self.elements[node.id] = element
            for element in process.iter(bpmn("sequenceFlow")):
                flow = read_flow(element)
                self.flows.append((flow, element))
                self.out.setdefault(flow.source, []).append((flow, element))
                self.into.setdefault(flow.target, []).append((flow, element))
        self.boundaries: dict[str, list[Node]] = {}
        for node in self.nodes.values():
            if node.attached_to is not None:
                self.boundaries.setdefault(node.attached_to, []).append(node)
        self.inside: dict[str, list[Node]] = {}
        self.catches: dict[tuple[str, str], list[Node]] = {}
        self.throws: dict[tuple[str, str], list[Node]] = {}
        for node in self.nodes.values():
            self.inside.setdefault(node.scope, []).append(node)
            for side, table in (("catch", self.catches), ("throw", self.throws)):
                if is_link(node, side):
                    table.setdefault((node.scope, node.trigger.name), []).append(node)

    def scopes(self) -> Iterator[tuple[str, _Element, list[Node]]]:
        """Each process and sub-process with the nodes directly in it."""
        for process_id, process in self.processes.items():
            yield process_id, process, self.inside.get(process_id, [])
        for node in self.nodes.values():
            if node.type in SCOPES:
                yield node.id, self.elements[node.id], self.inside.get(node.id, [])

    def handler_starts(self, inside: list[Node]) -> list[Node]:
        """The start events of the event sub-processes among these nodes."""
        handlers = [n.id for n in inside if n.event_subprocess]
        return [n for h in handlers for n in self.inside.get(h, ()) if n.type == "startEvent"]

    def starts(self, inside: list[Node]) -> list[Node]:
        """Where tokens begin in a scope: its start events and what instantiates, or else every node nothing leads to."""
        events = [n for n in inside if n.type == "startEvent" or n.instantiate]
        if events:
            return events
        return [
            n
            for n in inside
            if n.id not in self.into
            and n.attached_to is None
            and not n.event_subprocess
            and not n.for_compensation
            and not is_link(n, "catch")
        ]

    def after(self, node: Node) -> Iterator[str]:
        """Ids of the nodes a token at ``node`` can go to next."""
        for flow, _ in self.out.get(node.id, ()):
            yield flow.target
        for boundary in self.boundaries.get(node.id, ()):
            yield boundary.id
        if node.compensated_by is not None:
            yield node.compensated_by
        if is_link(node, "throw"):
            for other in self.catches.get((node.scope, node.trigger.name), ()):
                yield other.id


def is_link(node: Node, side: str) -> bool:
    """Whether the node is a link event, ``throw`` or ``catch``."""
    return node.trigger.kind == "link" and node.type == f"intermediate{side.capitalize()}Event"


def reached(tree: Tree, begin: list[Node], *, without: str | None = None) -> set[str]:
    """Ids of everything that can be reached from ``begin`` (without passing the node ``without``)."""
    seen: set[str] = set()
    todo = [n.id for n in begin]
    while todo:
        here = todo.pop()
        if here in seen or here not in tree.nodes or here == without:
            continue
        seen.add(here)
        todo.extend(tree.after(tree.nodes[here]))
    return seen
