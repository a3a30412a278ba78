"""What a model file says: findings about it and its pools, elements, processes, message flows and calls as plain frozen data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


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
    unless_flag: str = ""
    """The case's flag that takes the button away, e.g. ACCEPTED_ON_RECEIPT."""


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
    maps_outputs: bool = False
    """Whether it has output mappings: without any, all of its result goes into the enclosing scope."""
    inputs: tuple[tuple[str, str], ...] = ()
    """Of a service task, (target, source) of its input mappings: a FEEL text begins with ``=``."""
    headers: tuple[tuple[str, str], ...] = ()
    """Of a service task, its constants."""
    retries: str | None = None
    """Of a service task, the tries as they are written."""
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
