"""What goes into the engine and what comes out: plain frozen data, no SpiffWorkflow, no IO.

The engine gets *state + command* and returns an :class:`Advance`. ``state`` is opaque bytes (versioned inside).
All times are UTC-aware. All ids of runtime things (tasks, timers, …) are strings, stable over save and load.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, tzinfo
from typing import Any, Protocol, TypeAlias

from engine.described import (
    Call,
    CalledDecision,
    ContractField,
    Effect,
    Element,
    Finding,
    MessageFlow,
    Model,
    Parsed,
    Participant,
    ProcessInfo,
    SequenceFlow,
    Severity,
    Start,
    TaskAction,
)

Variables: TypeAlias = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class OpenTask:
    """A user task that waits for a person. ``context`` are its evaluated input mappings."""

    id: str
    element_id: str
    name: str
    context: Variables = field(default_factory=dict)
    assignee: str | None = None
    candidate_groups: tuple[str, ...] = ()
    due: str | None = None
    loop_index: int | None = None


@dataclass(frozen=True, slots=True)
class ClosedTask:
    """A user task that is no longer open: completed or cancelled (interrupted)."""

    id: str
    element_id: str
    cancelled: bool


@dataclass(frozen=True, slots=True)
class Timer:
    """A timer that waits. ``id`` is stable until it is closed.

    A term is kept as ``literal`` (``5wd``, ``PT4H``) with the moment ``since`` it counts: a changed calendar moves it. ``source``,
    only of a timer that was just opened, is the FEEL text that gave a duration (with ``=``): a changed value moves it.
    """

    id: str
    element_id: str
    due_at: datetime
    attached_to: str | None = None
    literal: str = ""
    since: datetime | None = None
    source: str = ""


@dataclass(frozen=True, slots=True)
class StartTimer:
    """A timer start event that waits. For a cycle ``interval`` comes after it, ``times`` more times (None: for ever)."""

    element_id: str
    due_at: datetime
    interval: str | None = None
    times: int | None = 0


@dataclass(frozen=True, slots=True)
class Subscription:
    """Somebody waits for a message. ``correlation_key`` None means: by case."""

    id: str
    element_id: str
    message: str
    correlation_key: str | None = None


@dataclass(frozen=True, slots=True)
class MessageOut:
    """A message that left a pool; the platform carries it."""

    element_id: str
    message: str
    payload: Variables
    correlation_key: str | None = None


@dataclass(frozen=True, slots=True)
class SignalOut:
    """A signal that was thrown. Waits of the same instance have heard it already; the platform may carry it to others."""

    element_id: str
    signal: str
    payload: Variables


@dataclass(frozen=True, slots=True)
class Job:
    """A service task to do: run inline by ``Environment.services`` or, unknown there, opened for an external worker."""

    id: str
    element_id: str
    type: str
    arguments: Variables
    headers: Mapping[str, str] = field(default_factory=dict)
    retries: int | None = None
    """How often a worker may try (``zeebe:taskDefinition retries``); None: the model does not say."""


@dataclass(frozen=True, slots=True)
class AdHoc:
    """An ad-hoc sub-process that is open: ``enabled`` are the ids of the elements that people may activate, again and again."""

    id: str
    element_id: str
    enabled: tuple[str, ...] = ()
    loop_index: int | None = None


@dataclass(frozen=True, slots=True)
class Incident:
    """The instance waits at ``element_id`` because something failed there; a retry runs the element again."""

    id: str
    element_id: str
    code: str
    message: str
    job_id: str | None = None


@dataclass(frozen=True, slots=True)
class ElementEvent:
    """History: ``kind`` is entered, left or cancelled; sequence flows taken have kind ``taken`` (for the path on the diagram)."""

    seq: int
    element_id: str
    kind: str
    effects: tuple[Effect, ...] = ()


@dataclass(frozen=True, slots=True)
class Advance:
    """All that one command changed. Nothing here refers to Spiff objects."""

    state: bytes
    ended: bool
    variables: Variables
    opened_tasks: tuple[OpenTask, ...] = ()
    closed_tasks: tuple[ClosedTask, ...] = ()
    opened_timers: tuple[Timer, ...] = ()
    closed_timers: tuple[str, ...] = ()
    moved_timers: tuple[Timer, ...] = ()
    """Timers that wait on with another date (:meth:`engine.facade.Engine.reschedule`)."""
    opened_subscriptions: tuple[Subscription, ...] = ()
    closed_subscriptions: tuple[str, ...] = ()
    opened_jobs: tuple[Job, ...] = ()
    closed_jobs: tuple[str, ...] = ()
    messages: tuple[MessageOut, ...] = ()
    signals: tuple[SignalOut, ...] = ()
    stored: Variables = field(default_factory=dict)
    """What was written to data stores, by store name: the platform keeps it."""
    incidents: tuple[Incident, ...] = ()
    resolved_incidents: tuple[str, ...] = ()
    history: tuple[ElementEvent, ...] = ()
    active_elements: tuple[str, ...] = ()
    ad_hocs: tuple[AdHoc, ...] = ()
    """All that are open now, as in a :class:`Snapshot`."""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What an instance is waiting for now."""

    ended: bool
    variables: Variables
    tasks: tuple[OpenTask, ...] = ()
    timers: tuple[Timer, ...] = ()
    subscriptions: tuple[Subscription, ...] = ()
    jobs: tuple[Job, ...] = ()
    incidents: tuple[Incident, ...] = ()
    active_elements: tuple[str, ...] = ()
    ad_hocs: tuple[AdHoc, ...] = ()


@dataclass(frozen=True, slots=True)
class ExpressionCheck:
    """Static check of one FEEL text: a syntax error or the names it reads."""

    error: str | None
    names: frozenset[str] = frozenset()


class Expressions(Protocol):
    """The FEEL kernel as the engine sees it (implemented in ``forms``)."""

    def evaluate(self, sources: Sequence[str], context: Variables) -> Sequence[Any]:
        """Evaluate all in one call.

        Raises errors compatible with :class:`engine.errors.ExpressionFailed` (``.index``, ``.source``, ``.reason``).
        """

    def check(self, sources: Sequence[str]) -> Sequence[ExpressionCheck]:
        """Parse all."""


class ServiceError(Exception):
    """Raised by an inline service.

    ``bpmn_error`` (a code) is thrown in the model; without it an incident opens with ``code`` and ``message``.
    """

    def __init__(self, code: str, message: str, *, bpmn_error: str | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.bpmn_error = bpmn_error


Schedule: TypeAlias = Callable[[str, datetime], datetime]
"""(literal such as 'PT4H', 'P40D', '5wd' or an ISO date, now) -> due time; working days are the platform's business."""

Service: TypeAlias = Callable[[Job], Variables]
Decide: TypeAlias = Callable[[CalledDecision, Variables], Any]
"""(decision with its id evaluated, variables) -> result. Raises ServiceError: ``decisionUnknown``, ``decisionFailed``."""


@dataclass(frozen=True, slots=True)
class CalledProcess:
    """A process that a call activity of definition ``caller_id`` calls and that is not in that file in the version asked for.

    ``binding`` is ``latest``, ``versionTag`` (then ``version_tag`` says which) or ``deployment`` (deployed together with the caller).
    """

    caller_id: str
    process_id: str
    binding: str = "latest"
    version_tag: str | None = None


def nothing_called(called: CalledProcess) -> str | None:  # noqa: ARG001
    """No other definitions are known."""
    return None


@dataclass(frozen=True, slots=True)
class Environment:
    """What one command may see of the world. ``constants`` are readable in every expression (case, site, deadlines, …)."""

    now: datetime
    schedule: Schedule
    constants: Variables = field(default_factory=dict)
    zone: tzinfo = UTC
    """Whose clock cron cycles mean."""
    services: Mapping[str, Service] = field(default_factory=dict)
    decide: Decide | None = None
    stores: Variables = field(default_factory=dict)
    """The data stores of the definition by name, as the platform holds them."""
    find_called: Callable[[CalledProcess], str | None] = nothing_called
    """The id of the definition that holds a called process now; None: there is none."""


__all__ = [
    "AdHoc",
    "Advance",
    "Call",
    "CalledDecision",
    "CalledProcess",
    "ClosedTask",
    "ContractField",
    "Decide",
    "Effect",
    "Element",
    "ElementEvent",
    "Environment",
    "ExpressionCheck",
    "Expressions",
    "Finding",
    "Incident",
    "Job",
    "MessageFlow",
    "MessageOut",
    "Model",
    "OpenTask",
    "Parsed",
    "Participant",
    "ProcessInfo",
    "Schedule",
    "SequenceFlow",
    "Service",
    "ServiceError",
    "Severity",
    "SignalOut",
    "Snapshot",
    "Start",
    "StartTimer",
    "Subscription",
    "TaskAction",
    "Timer",
    "Variables",
    "nothing_called",
]
