"""A parsed file as the runtime needs it: Spiff process specs and, by scope, what starts there and what catches. Never changed."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from SpiffWorkflow.bpmn.specs.bpmn_process_spec import BpmnProcessSpec
from SpiffWorkflow.specs import WorkflowSpec

from engine.source.correlations import Correlations

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from engine.source.nodes import Node
    from engine.spiff.specs.base import NodeSpec


class ProcessSpec(BpmnProcessSpec):  # type: ignore[misc]  # Spiff has no types
    """A process with all its nodes, nested ones included. Without Spiff's own nodes ``Start`` and ``End``: models use these names."""

    def __init__(self, name: str, description: str | None = None, filename: str | None = None) -> None:
        WorkflowSpec.__init__(self, name=name, filename=filename)
        self.description = description
        self.svg = None
        self.io_specification = None
        self.data_objects: dict[str, object] = {}
        self.data_stores: dict[str, object] = {}
        self.correlation_keys: dict[str, object] = {}
        self.bpmn_start_events: list[object] = []


@dataclass(slots=True)
class Definition:
    """``nodes`` by element id; by process or sub-process id: ``starts``, ``handlers`` (event sub-processes) and ``compensators``.

    ``prefix`` begins all of these ids when the definition is called from another one. ``others`` gives such definitions by id.
    """

    processes: dict[str, ProcessSpec]
    nodes: dict[str, NodeSpec]
    starts: dict[str, tuple[NodeSpec, ...]]
    handlers: dict[str, tuple[NodeSpec, ...]]
    compensators: dict[str, NodeSpec]
    correlations: Correlations = field(default_factory=Correlations)
    id: str = ""
    prefix: str = ""
    version_tags: dict[str, str | None] = field(default_factory=dict)
    others: Callable[[str], Definition] | None = None
    ad_hoc: bool = field(init=False)
    _reach: dict[str, dict[str, frozenset[str]]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.ad_hoc = any(spec.node.type == "adHocSubProcess" for spec in self.nodes.values())

    def is_callable(self, process_id: str) -> bool:
        """Whether a call activity can start this process: it has a none start event."""
        return process_id in self.processes and bool(self.starts.get(process_id))

    def find_start(self, process_id: str, kind: str, name: str | None = None) -> tuple[NodeSpec, int] | None:
        """Where a trigger of this kind (and this message or signal) starts the process: a node and the place of the trigger in it."""
        for spec, element, place in self._ways_in(process_id):
            trigger = element.triggers[place if element is spec.node else 0]
            if trigger.kind == kind and name in {None, trigger.name}:
                return spec, place
        return None

    def start_at(self, process_id: str, element_id: str) -> tuple[NodeSpec, int | None] | None:
        """Where the process starts with this start event, instantiating receive task or event behind an instantiating gateway."""
        spec = self.nodes.get(element_id)
        if spec is not None and spec.node.type == "startEvent" and spec.node.scope == process_id:
            return spec, None
        for spec, element, place in self._ways_in(process_id):
            if element.id == element_id:
                return spec, place
        return None

    def timer_starts(self, process_id: str) -> Iterable[tuple[str, tuple[str, str]]]:
        """(element id, timer) of every timer that starts the process."""
        for spec, element, place in self._ways_in(process_id):
            timer = element.triggers[place if element is spec.node else 0].timer
            if timer is not None:
                yield element.id, timer

    def _ways_in(self, process_id: str) -> Iterable[tuple[NodeSpec, Node, int]]:
        """(what gets the first token, the element that has the trigger, its place) for every trigger that starts the process."""
        for spec in self.nodes[process_id].inner:
            node = spec.node
            if node.type == "eventBasedGateway" and node.instantiate:
                for place, flow in enumerate(spec.outgoing):
                    yield spec, spec.targets[flow.id].node, place
            elif node.type == "startEvent" or node.instantiate:
                for place in range(len(node.triggers)):
                    yield spec, node, place

    def reach(self, gateway: NodeSpec, node: NodeSpec) -> frozenset[str]:
        """The incoming flows of ``gateway`` that a token at ``node`` can still come through without passing the gateway."""
        known = self._reach.get(gateway.name)
        if known is None:
            known = {}
            for flow in gateway.incoming:
                for name in _upstream(self.nodes[flow.source], gateway):
                    known[name] = known.get(name, frozenset()) | {flow.id}
            self._reach[gateway.name] = known
        return known.get(node.name, frozenset())


def _upstream(first: NodeSpec, gateway: NodeSpec) -> Iterable[str]:
    """Names of the nodes from which ``first`` can be reached without passing ``gateway``."""
    seen: set[str] = set()
    todo = [first]
    while todo:
        spec = todo.pop()
        if spec.name in seen or spec is gateway:
            continue
        seen.add(spec.name)
        todo.extend(spec.sources)
        if spec.host is not None:
            todo.append(spec.host)
    return seen
