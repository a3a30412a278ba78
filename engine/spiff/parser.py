"""Spiff's BPMN parser with our node readers: flat (no recursion along flows), with the zeebe and lianban extensions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from SpiffWorkflow.bpmn.parser import BpmnParser
from SpiffWorkflow.bpmn.parser.ProcessParser import ProcessParser
from SpiffWorkflow.bpmn.parser.TaskParser import TaskParser
from SpiffWorkflow.bpmn.parser.util import full_tag

from engine.places import prefix_of
from engine.source.correlations import read_correlations
from engine.source.names import SCOPES, bpmn
from engine.source.nodes import Flow, Node
from engine.source.qualify import qualify
from engine.source.reader import Declarations, flow_nodes, read_flow, read_node, version_tag
from engine.spiff.definition import Definition, ProcessSpec
from engine.spiff.specs import activities, adhoc, complex_gateway, containers, events, gateways

if TYPE_CHECKING:
    from lxml.etree import _Element

    from engine.spiff.specs.base import NodeSpec


class NodeReader(TaskParser):  # type: ignore[misc]  # Spiff has no types
    """Reads one flow node into its spec; the process reader connects them afterwards."""

    def parse_node(self) -> NodeSpec:
        """The spec of this node."""
        self.task = self.create_task()
        return self.task

    def create_task(self) -> NodeSpec:
        """The spec class may depend on what the node says."""
        node = read_node(self.node, self.process_parser.bpmn_id, self.process_parser.parser.declared)
        spec: NodeSpec = self.spec_for(node)(self.spec, node)
        return spec

    def spec_for(self, node: Node) -> type[NodeSpec]:  # noqa: ARG002
        """The class of the node's spec."""
        found: type[NodeSpec] = self.spec_class
        return found


class SendReader(NodeReader):
    """A send task throws its message; with a task definition only, a worker does it."""

    def spec_for(self, node: Node) -> type[NodeSpec]:
        """By message or by job."""
        return activities.SendSpec if node.trigger.kind == "message" else activities.JobSpec


class ScriptReader(NodeReader):
    """A script task evaluates FEEL; with a task definition, a worker does it."""

    def spec_for(self, node: Node) -> type[NodeSpec]:
        """By script or by job."""
        return activities.ScriptSpec if node.script is not None else activities.JobSpec


class ProcessReader(ProcessParser):  # type: ignore[misc]  # Spiff has no types
    """Reads a process with everything nested in it."""

    def create_spec(self) -> ProcessSpec:
        """Our process spec."""
        return ProcessSpec(name=self.bpmn_id, description=self.get_name(), filename=self.filename)

    def add_tasks(self) -> None:
        """All nodes, then all flows between them."""
        root = Node(self.bpmn_id, "process", self.get_name() or "", "", self.bpmn_id)
        containers.RootSpec(self.spec, root)
        for element in flow_nodes(self.node):
            self.parse_node(element)
        specs: dict[str, NodeSpec] = self.spec.task_specs
        for element in self.node.iter(bpmn("sequenceFlow")):
            _connect(specs, read_flow(element))
        for spec in specs.values():
            _attach(specs, spec)


def _connect(specs: dict[str, NodeSpec], flow: Flow) -> None:
    source, target = specs[flow.source], specs[flow.target]
    source.connect(target)
    source.outgoing = (*source.outgoing, flow)
    source.targets[flow.id] = target
    target.incoming = (*target.incoming, flow)
    target.sources = (*target.sources, source)


def _attach(specs: dict[str, NodeSpec], spec: NodeSpec) -> None:
    node = spec.node
    if node.attached_to is not None:
        host = specs[node.attached_to]
        host.boundaries = (*host.boundaries, spec)
        spec.host = host
        if node.compensated_by is not None:
            host.undo, host.undo_event = specs[node.compensated_by], spec
    holder = specs.get(node.scope)
    if holder is not None:
        holder.inner = (*holder.inner, spec)
    if node.type == "intermediateThrowEvent" and node.trigger.kind == "link":
        for other in specs.values():
            same = other.node.scope == node.scope and other.node.trigger.name == node.trigger.name
            if other.node.type == "intermediateCatchEvent" and other.node.trigger.kind == "link" and same:
                _connect(specs, Flow("", node.id, other.node.id))


class Reader(BpmnParser):  # type: ignore[misc]  # Spiff has no types
    """Spiff's parser with our classes registered."""

    PROCESS_PARSER_CLASS = ProcessReader
    OVERRIDE_PARSER_CLASSES = {  # noqa: RUF012  # Spiff's own way to register
        full_tag(name): classes
        for name, classes in {
            "startEvent": (NodeReader, events.StartEventSpec),
            "endEvent": (NodeReader, events.ThrowEventSpec),
            "intermediateCatchEvent": (NodeReader, events.CatchEventSpec),
            "intermediateThrowEvent": (NodeReader, events.ThrowEventSpec),
            "boundaryEvent": (NodeReader, events.BoundaryEventSpec),
            "task": (NodeReader, activities.PassSpec),
            "manualTask": (NodeReader, activities.PassSpec),
            "userTask": (NodeReader, activities.UserTaskSpec),
            "serviceTask": (NodeReader, activities.JobSpec),
            "businessRuleTask": (NodeReader, activities.RuleSpec),
            "scriptTask": (ScriptReader, activities.ScriptSpec),
            "sendTask": (SendReader, activities.SendSpec),
            "receiveTask": (NodeReader, activities.ReceiveSpec),
            "subProcess": (NodeReader, containers.SubProcessSpec),
            "adHocSubProcess": (NodeReader, adhoc.AdHocSpec),
            "transaction": (NodeReader, containers.SubProcessSpec),
            "callActivity": (NodeReader, containers.CallSpec),
            "exclusiveGateway": (NodeReader, gateways.ExclusiveSpec),
            "parallelGateway": (NodeReader, gateways.ParallelSpec),
            "inclusiveGateway": (NodeReader, gateways.InclusiveSpec),
            "complexGateway": (NodeReader, complex_gateway.ComplexSpec),
            "eventBasedGateway": (NodeReader, gateways.EventBasedSpec),
        }.items()
    }

    declared: Declarations

    def add_bpmn_xml(self, bpmn: Any, filename: str | None = None) -> None:
        """Only the processes, and the declarations for the node readers.

        Spiff's readers of messages, signals, data and of the drawing are stricter or looser than the validator.
        """
        self.declared = Declarations(bpmn)
        self._add_processes(bpmn, filename)


def read_definition(root: _Element, definition_id: str = "", *, called: bool = False) -> Definition:
    """Parse the normalised source into specs. Only a validated source comes here.

    ``called``: for instances of other definitions, every id marked with that of this one (the tree is changed).
    """
    if called:
        qualify(root, definition_id)
    reader = Reader()
    reader.add_bpmn_xml(root)
    processes: dict[str, ProcessSpec] = reader.find_all_specs()
    nodes: dict[str, NodeSpec] = {}
    for process in processes.values():
        nodes.update(process.task_specs)
    starts: dict[str, tuple[NodeSpec, ...]] = {}
    handlers: dict[str, tuple[NodeSpec, ...]] = {}
    for spec in nodes.values():
        if spec.node.type in {"process", *SCOPES}:
            starts[spec.name] = _starts(spec)
            handlers[spec.name] = tuple(s for s in spec.inner if s.node.event_subprocess)
    compensators = {spec.node.scope: spec for spec in nodes.values() if spec.handles_compensation}
    messages = {ref: reader.declared.message_name(ref) for ref in reader.declared.messages}
    correlations = read_correlations(root, messages)
    tags = {str(p.get("id")): version_tag(p) for p in root.iter(bpmn("process"))}
    prefix = prefix_of(definition_id) if called else ""
    made = Definition(processes, nodes, starts, handlers, compensators, correlations, definition_id, prefix, tags)
    for spec in nodes.values():
        spec.definition = made
    return made


def _starts(scope: NodeSpec) -> tuple[NodeSpec, ...]:
    """The none start events of a scope; when it has no start event at all, every node nothing leads to."""
    events_ = [s for s in scope.inner if s.node.type == "startEvent"]
    if events_:
        return tuple(s for s in events_ if not s.node.triggers)
    if any(s.node.instantiate for s in scope.inner):
        return ()
    return tuple(
        s
        for s in scope.inner
        if not s.incoming
        and s.node.attached_to is None
        and not s.node.event_subprocess
        and not s.node.for_compensation
        and not (s.node.type == "intermediateCatchEvent" and s.node.trigger.kind == "link")
    )
