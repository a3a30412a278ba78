"""The only door of the engine room: *state + command* in, :class:`Advance` out. No Spiff object or exception leaves it."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any

from engine import execution, scopes, starting
from engine.contract import Advance, SequenceFlow, Snapshot
from engine.decisions import pipeline as deciding
from engine.decisions.calling import decider
from engine.errors import (
    AdHocNotOpen,
    EngineError,
    IncidentNotOpen,
    InstanceEnded,
    JobNotOpen,
    ProcessUnknown,
    TaskNotOpen,
)
from engine.expressions import Evaluator
from engine.importing import exporting
from engine.importing import pipeline as importing
from engine.library import Library
from engine.limits import Limits
from engine.lookup import find_open, find_place
from engine.moving import Route
from engine.snapshot import snapshot
from engine.source import pipeline
from engine.spiff import serializer
from engine.spiff.relocation import check, relocate
from engine.spiff.workflow import Instance
from engine.values import plain

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, Sequence

    from engine.contract import CalledDecision, Decide, Environment, Expressions, Finding, Parsed, StartTimer, Variables
    from engine.decisions.contract import Decided, DecisionPlan, Decisions, ParsedDecisions
    from engine.importing.pipeline import Conversion


class Engine:
    """Runs process instances. Holds no instance: only parsed definitions, by id, the least recently used dropped first.

    ``source`` gives the normalised XML (``Parsed.xml``) of a definition id. Safe for several threads.
    ``evaluator`` evaluates what a model writes without any instance.
    """

    def __init__(
        self,
        expressions: Expressions,
        *,
        source: Callable[[str], bytes],
        limits: Limits | None = None,
        decisions: Decisions | None = None,
    ) -> None:
        self.evaluator = Evaluator(expressions)
        self._expressions = expressions
        self._decisions = decisions
        self._limits = limits or Limits()
        self._library = Library(source, self._limits)

    # -- definitions ---------------------------------------------------------------------------------

    def parse(self, xml: bytes, *, written: bytes | None = None) -> Parsed:
        """Normalise, validate and describe a model. Raises DefinitionRefused with all findings when one is an error.

        Of a converted model ``written`` is the file it was made from: a conversion does not make good what BPMN forbids there.
        """
        return pipeline.parse(xml, self._expressions, self._limits, written=written)

    def convert(self, xml: bytes) -> Conversion:
        """Bring a model of Camunda, Flowable, Activiti or plain BPMN into our dialect, with a report of every change.

        What could not be converted is in the report and, where it would run wrong, refused by :meth:`parse`.
        Raises DefinitionRefused when the bytes are no BPMN.
        """
        return importing.convert(xml, self._limits)

    def plain(self, xml: bytes, *, keep: Collection[str] = ()) -> bytes:
        """The model without extensions of engines and tools of ours: what any BPMN tool reads. ``keep`` names dialects that stay."""
        return exporting.plain(xml, self._limits, keep=keep)

    def sequence_flows(self, definition_id: str) -> tuple[SequenceFlow, ...]:
        """Every sequence flow of a definition, those inside sub-processes included."""
        nodes = self._library.get(definition_id).nodes.values()
        return tuple(
            SequenceFlow(flow.id, flow.source, flow.target, spec.node.process, flow.condition or "")
            for spec in nodes
            for flow in spec.outgoing
        )

    def learn(self, definition_id: str, xml: bytes) -> None:
        """Know a definition (``Parsed.xml``) before ``source`` can give it: in the transaction that stores it."""
        self._library.learn(definition_id, xml)

    # -- decisions -----------------------------------------------------------------------------------

    def parse_decisions(self, xml: bytes, imports: Mapping[str, bytes] | None = None) -> ParsedDecisions:
        """Read, validate and describe a DMN file; ``imports`` are files by namespace. Raises DefinitionRefused with all findings."""
        return deciding.parse(xml, self._kernel(), self._limits, imports)

    def decide(
        self, plan: DecisionPlan, key: str, inputs: Variables, *, now: str | None = None, calendar: Variables | None
    ) -> Decided:
        """The answer of a decision of a plan; what fails is in ``errors``. ``calendar``: for functions of working days."""
        return self._kernel().decide(plan, key, inputs, now=now, calendar=calendar)

    def decider(
        self, find: Callable[[CalledDecision], tuple[DecisionPlan, str] | None], *, now: str | None = None
    ) -> Decide | None:
        """What an Environment decides with; ``find`` gives plan and key of a deployed decision. None: there is no kernel for it."""
        return None if self._decisions is None else decider(find, self._decisions, now)

    def _kernel(self) -> Decisions:
        if self._decisions is None:
            raise EngineError("made without decisions")
        return self._decisions

    # -- commands ------------------------------------------------------------------------------------

    def start(
        self,
        definition_id: str,
        process_id: str,
        env: Environment,
        variables: Variables,
        *,
        message: str | None = None,
        signal: str | None = None,
        start_event: str | None = None,
    ) -> Advance:
        """Start a process: at its none start event, at that of a message or signal, or at the given start event.

        ``variables`` are the payload of the message or signal, else the process variables. A process that has only timer start
        events is started at the first of them: the platform decides when. Raises ProcessUnknown when it cannot start so.
        """
        definition = self._library.get(definition_id)
        if process_id not in definition.processes:
            raise ProcessUnknown(process_id)
        found = starting.find_start(definition, process_id, message=message, signal=signal, start_event=start_event)
        instance = Instance(definition, process_id, env, self.evaluator, self._limits)
        instance.key = uuid.uuid4().hex[:16]
        execution.begin(instance, found, self._taken(variables))
        return self._done(instance)

    def find_condition_starts(
        self, definition_id: str, process_id: str, env: Environment, variables: Variables
    ) -> tuple[str, ...]:
        """Ids of the conditional start events whose condition holds for these variables; to start at one is the caller's."""
        definition = self._library.get(definition_id)
        if process_id not in definition.processes:
            raise ProcessUnknown(process_id)
        return execution.holding_starts(
            Instance(definition, process_id, env, self.evaluator, self._limits), self._taken(variables)
        )

    def start_timers(self, definition_id: str, process_id: str, env: Environment) -> tuple[StartTimer, ...]:
        """The timer start events of a process and when they are due first, reckoned from ``env.now``.

        To start at one (``start_event``) when its time has come is the caller's; :meth:`next_start_timer` gives a cycle's next.
        """
        definition = self._library.get(definition_id)
        if process_id not in definition.processes:
            raise ProcessUnknown(process_id)
        return starting.first_timers(Instance(definition, process_id, env, self.evaluator, self._limits))

    @staticmethod
    def next_start_timer(fired: StartTimer, env: Environment) -> StartTimer | None:
        """The one after ``fired``, reckoned from when that was due; None when it was the last."""
        return starting.next_timer(fired, env)

    def set_variables(
        self,
        definition_id: str,
        state: bytes,
        values: Variables,
        env: Environment,
        *,
        scope: str | None = None,
        incident: str | None = None,
    ) -> Advance:
        """Write variables from outside; conditional events that read them are looked at.

        Each value goes where its name is held, from ``scope`` (the id of an element where a token is; None: the process) or from
        where an open incident is outwards, else into the process. Raises ElementNotActive, IncidentNotOpen.
        """
        instance = self._load(definition_id, state, env)
        place = (
            find_place(instance, scope) if incident is None else find_open(instance, "inc", incident, IncidentNotOpen)
        )
        execution.set_variables(instance, place, self._taken(values))
        return self._done(instance)

    def read_variables(self, definition_id: str, state: bytes, *, incident: str | None = None) -> Variables:
        """The variables of the process, or all that are seen where an open incident is (no constants). Raises IncidentNotOpen."""
        definition = self._library.get(definition_id)
        instance = serializer.load(state, definition, execution.NO_ENVIRONMENT, self.evaluator, self._limits)
        if incident is None:
            return dict(instance.task_tree.vars or {})
        seen = scopes.visible(find_open(instance, "inc", incident, IncidentNotOpen))
        return {name: value for name, value in seen.items() if name not in instance.constants}

    def complete_task(
        self, definition_id: str, state: bytes, task_id: str, data: Variables, env: Environment
    ) -> Advance:
        """Complete a user task. When its output mappings fail, the act is refused (ExpressionFailed) and nothing happened."""
        instance = self._load(definition_id, state, env)
        execution.complete(instance, find_open(instance, "task", task_id, TaskNotOpen), self._taken(data))
        return self._done(instance)

    def complete_job(
        self, definition_id: str, state: bytes, job_id: str, result: Variables, env: Environment
    ) -> Advance:
        """A worker did the job."""
        instance = self._load(definition_id, state, env)
        execution.complete(instance, find_open(instance, "job", job_id, JobNotOpen), self._taken(result))
        return self._done(instance)

    def fail_job(
        self, definition_id: str, state: bytes, job_id: str, code: str, message: str, env: Environment
    ) -> Advance:
        """A worker could not do the job: an incident opens; a retry opens a new job."""
        instance = self._load(definition_id, state, env)
        execution.fail_job(instance, find_open(instance, "job", job_id, JobNotOpen), code, message)
        return self._done(instance)

    def throw_error(
        self,
        definition_id: str,
        state: bytes,
        job_id: str,
        code: str,
        env: Environment,
        variables: Variables | None = None,
    ) -> Advance:
        """A worker throws a BPMN error with this code; ``variables`` go to whoever catches it."""
        instance = self._load(definition_id, state, env)
        values = self._taken(variables or {})
        execution.throw_error(instance, find_open(instance, "job", job_id, JobNotOpen), code, values)
        return self._done(instance)

    def throw_task_error(
        self, definition_id: str, state: bytes, task_id: str, code: str, variables: Variables, env: Environment
    ) -> Advance:
        """Whoever does a user task ends it with a BPMN error; nobody catches it: an incident, a retry opens the task again."""
        instance = self._load(definition_id, state, env)
        execution.throw_error(instance, find_open(instance, "task", task_id, TaskNotOpen), code, self._taken(variables))
        return self._done(instance)

    def throw_task_escalation(
        self, definition_id: str, state: bytes, task_id: str, code: str, variables: Variables, env: Environment
    ) -> Advance:
        """Whoever does a user task escalates; it stays open unless an interrupting event catches that."""
        instance = self._load(definition_id, state, env)
        execution.throw_escalation(
            instance, find_open(instance, "task", task_id, TaskNotOpen), code, self._taken(variables)
        )
        return self._done(instance)

    def retry(self, definition_id: str, state: bytes, incident_id: str, env: Environment) -> Advance:
        """Run the element of an incident again."""
        instance = self._load(definition_id, state, env)
        execution.retry(instance, find_open(instance, "inc", incident_id, IncidentNotOpen))
        return self._done(instance)

    def fire_timers(self, definition_id: str, state: bytes, env: Environment) -> Advance:
        """Fire everything due at ``env.now``, in due order. Nothing due: an Advance without changes."""
        instance = self._load(definition_id, state, env)
        execution.fire_due(instance)
        return self._done(instance)

    def reschedule(
        self, definition_id: str, state: bytes, env: Environment, terms: Mapping[str, str] | None = None
    ) -> Advance:
        """Reckon waiting timers anew by ``env.schedule``; nothing fires here.

        Without ``terms`` all of them (the calendar changed), else those named: timer id -> new term (a value changed).
        """
        instance = self._load(definition_id, state, env)
        execution.reschedule(instance, terms)
        return self._done(instance)

    def deliver_message(
        self,
        definition_id: str,
        state: bytes,
        message: str,
        payload: Variables,
        env: Environment,
        *,
        correlation_key: str | None = None,
    ) -> Advance | None:
        """Give a message to exactly one receiver. None: nobody waits for it (park it)."""
        if serializer.header(state)["ended"]:
            return None
        instance = self._load(definition_id, state, env)
        heard = execution.deliver(instance, message, self._taken(payload), correlation_key)
        return self._done(instance) if heard else None

    def deliver_signal(
        self, definition_id: str, state: bytes, signal: str, payload: Variables, env: Environment
    ) -> Advance | None:
        """Give a signal to everyone in the instance who waits for it. None: nobody does."""
        if serializer.header(state)["ended"]:
            return None
        instance = self._load(definition_id, state, env)
        heard = execution.signal(instance, signal, self._taken(payload))
        return self._done(instance) if heard else None

    def activate(
        self, definition_id: str, state: bytes, ad_hoc_id: str, elements: Sequence[str], env: Environment
    ) -> Advance:
        """Start elements of an open ad-hoc sub-process (``AdHoc.id``) by choice. Raises AdHocNotOpen, ElementNotEnabled."""
        instance = self._load(definition_id, state, env)
        execution.activate(instance, find_open(instance, "ah", ad_hoc_id, AdHocNotOpen), elements)
        return self._done(instance)

    def cancel(self, definition_id: str, state: bytes, env: Environment) -> Advance:
        """End the instance; all that was open closes."""
        instance = self._load(definition_id, state, env)
        execution.cancel(instance)
        return self._done(instance)

    # -- another version -------------------------------------------------------------------------------

    def check_move(
        self, definition_id: str, state: bytes, target_id: str, mapping: Mapping[str, str]
    ) -> tuple[tuple[str, ...], tuple[Finding, ...]]:
        """(elements with tokens, what stands in the way of moving them to another version). Changes nothing.

        ``mapping``: old id -> new id of the elements and flows that changed their id.
        """
        route = Route(self._library.get(definition_id), self._library.get(target_id), mapping)
        return check(state, route)

    def move(
        self, definition_id: str, state: bytes, target_id: str, mapping: Mapping[str, str], env: Environment
    ) -> Advance:
        """Move a running instance to another version: tasks, timers, variables and incidents stay, under the new elements.

        Raises MoveRefused with findings; then nothing happened.
        """
        if serializer.header(state)["ended"]:
            raise InstanceEnded
        route = Route(self._library.get(definition_id), self._library.get(target_id), mapping)
        instance = relocate(state, route, env, self.evaluator, self._limits)
        execution.run(instance)
        return self._done(instance)

    def inspect(self, definition_id: str, state: bytes, env: Environment | None = None) -> Snapshot:
        """What the instance waits for now. Changes nothing."""
        return snapshot(
            serializer.load(
                state, self._library.get(definition_id), env or execution.NO_ENVIRONMENT, self.evaluator, self._limits
            )
        )

    # -- inside --------------------------------------------------------------------------------------

    def _load(self, definition_id: str, state: bytes, env: Environment) -> Instance:
        instance = serializer.load(state, self._library.get(definition_id), env, self.evaluator, self._limits)
        if instance.completed:
            raise InstanceEnded(instance.key)
        return instance

    def _taken(self, values: Variables) -> dict[str, Any]:
        """What a command brings, copied; more than the limit is refused before anything happens."""
        return plain(values, most=self._limits.value_bytes)

    @staticmethod
    def _done(instance: Instance) -> Advance:
        return execution.advance(instance, serializer.save(instance))
