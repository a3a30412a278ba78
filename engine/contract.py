"""What goes into the engine and what comes out: plain frozen data, no SpiffWorkflow, no IO.

The engine gets *state + command* and returns an :class:`Advance`. ``state`` is opaque bytes (versioned inside).
All times are UTC-aware. All ids of runtime things (tasks, timers, …) are strings, stable over save and load.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, tzinfo
from enum import StrEnum
from typing import Any, Protocol, TypeAlias

Variables: TypeAlias = Mapping[str, Any]


class Severity(StrEnum):
    """How bad a finding is: an error always blocks a deployment, a warning never does."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing the validator has to say about a model. ``line`` is 1-based in the source file."""

    rule: str
    severity: Severity
    message_zh: str
    message_en: str
    hint_zh: str = ""
    hint_en: str = ""
    element_id: str | None = None
    line: int | None = None


@dataclass(frozen=True, slots=True)
class Participant:
    """A pool. ``role`` is main or partner; ``site_source`` is the FEEL text (without '=') or a literal site code."""

    id: str
    name: str
    process_id: str | None
    role: str = "main"
    site_source: str = ""


@dataclass(frozen=True, slots=True)
class ContractField:
    """A field that may cross to the partner, e.g. ``movers[].idNo``."""

    path: str
    name: str = ""
    required: bool = False


@dataclass(frozen=True, slots=True)
class MessageFlow:
    """A message flow between two pools with its data contract."""

    id: str
    name: str
    message: str
    source_participant: str
    target_participant: str
    source_element: str | None = None
    target_element: str | None = None
    fields: tuple[ContractField, ...] = ()
    materials: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Effect:
    """Something the platform does when a node is entered or left: status, flag, clock, document, result, supplement, pointOfNoReturn.

    ``attributes`` holds the extension's attributes, e.g. ``{"code": "ACCEPTED"}``.
    """

    kind: str
    on: str
    attributes: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class TaskAction:
    """A button of a task page."""

    value: str
    name: str
    name_en: str = ""
    primary: bool = False
    danger: bool = False


@dataclass(frozen=True, slots=True)
class CalledDecision:
    """The decision of a business rule task. ``binding``: latest, deployment or versionTag; a ``decision_id`` may be FEEL."""

    decision_id: str
    result_variable: str
    binding: str = "latest"
    version_tag: str = ""


@dataclass(frozen=True, slots=True)
class Element:
    """A flow node as people and the platform need to know it."""

    id: str
    type: str
    name: str
    process_id: str
    lane: str | None = None
    role: str | None = None
    unit: str | None = None
    form_id: str | None = None
    actions: tuple[TaskAction, ...] = ()
    separation: tuple[str, ...] = ()
    deadline: str | None = None
    stops_clock: str | None = None
    effects: tuple[Effect, ...] = ()
    plain_text: str = ""
    plain_text_en: str = ""
    message: str | None = None
    service_type: str | None = None
    decision: CalledDecision | None = None
    point_of_no_return: bool = False
    documentation: str = ""
    standing: bool = False
    """A catch that waits beside the work all the time (a withdrawal): not where the case is."""


@dataclass(frozen=True, slots=True)
class Start:
    """One way to start a process. ``value`` is the message or signal name, the timer's text or the condition's FEEL text."""

    element_id: str
    kind: str
    value: str = ""


@dataclass(frozen=True, slots=True)
class SequenceFlow:
    """A sequence flow of a model, for coverage and diagrams. ``condition`` is the source text with '=' or empty."""

    id: str
    source: str
    target: str
    process_id: str
    condition: str = ""


@dataclass(frozen=True, slots=True)
class ProcessInfo:
    """An executable process and how it may start: by hand (``none_start``), by message or signal name, timer text or condition.

    ``starts`` says the same with the element of each, in the order of the model; an element with several triggers comes once for each.
    """

    id: str
    name: str
    none_start: bool
    message_starts: tuple[str, ...] = ()
    messages_caught: tuple[str, ...] = ()
    timer_starts: tuple[str, ...] = ()
    signal_starts: tuple[str, ...] = ()
    condition_starts: tuple[str, ...] = ()
    starts: tuple[Start, ...] = ()
    version_tag: str | None = None


@dataclass(frozen=True, slots=True)
class Call:
    """What a call activity calls: ``process_id`` (FEEL when it begins with '=') and in which version.

    ``binding`` is ``latest``, ``deployment`` (the same deployment), ``versionTag`` (the one with ``version_tag``) or None: the process
    of the same file when there is one, else the latest.
    """

    element_id: str
    process_id: str
    binding: str | None = None
    version_tag: str | None = None


@dataclass(frozen=True, slots=True)
class Model:
    """What a parsed file says. JSON-able through :func:`engine.model.to_json` / ``from_json``."""

    digest: str
    name: str
    participants: tuple[Participant, ...]
    processes: tuple[ProcessInfo, ...]
    message_flows: tuple[MessageFlow, ...]
    elements: Mapping[str, Element]
    form_ids: tuple[str, ...] = ()
    policies: tuple[str, ...] = ()
    service_types: tuple[str, ...] = ()
    data_stores: tuple[str, ...] = ()
    calls: tuple[Call, ...] = ()


@dataclass(frozen=True, slots=True)
class Parsed:
    """Result of a parse that found no error. ``xml`` is the normalised source to store and run; ``source`` what the designer sees."""

    model: Model
    xml: bytes
    findings: tuple[Finding, ...]


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
    """A timer that waits. ``id`` is stable until it is closed."""

    id: str
    element_id: str
    due_at: datetime
    attached_to: str | None = None


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
