"""What one flow node says: the same record feeds the runtime, the model and the validator."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from engine.contract import CalledDecision, Effect, TaskAction


@dataclass(frozen=True, slots=True)
class IoMapping:
    """One io mapping: ``source`` (FEEL with '=' or a literal) to the variable path ``target``."""

    source: str
    target: str


@dataclass(frozen=True, slots=True)
class DataMapping(IoMapping):
    """A data association as a mapping: ``copies`` its source as it is; ``from_store``, ``to_store`` when an end is a data store."""

    copies: bool = False
    from_store: bool = False
    to_store: bool = False


@dataclass(frozen=True, slots=True)
class Flow:
    """A sequence flow; ``condition`` is the source text with '=' or None."""

    id: str
    source: str
    target: str
    condition: str | None = None


@dataclass(frozen=True, slots=True)
class Trigger:
    """An event definition. ``kind`` is none, message, timer, error, escalation, signal, link, terminate, … .

    ``name`` is the message, signal or link name, of terminate how far it reaches (``all``, ``multiInstance``, else its scope);
    ``code`` the error or escalation code (None catches all);
    ``timer`` is (duration|date|cycle, text); ``correlation_key`` FEEL or literal; ``condition`` FEEL, looked at again when one of
    ``variables`` (empty: a name the condition reads) was created or updated, as ``variable_events`` say.
    Of a thrown compensation: ``activity`` is the one to compensate (None: all of the scope), ``waits`` whether the event waits.
    """

    kind: str = "none"
    name: str = ""
    code: str | None = None
    timer: tuple[str, str] | None = None
    correlation_key: str | None = None
    condition: str = ""
    variables: tuple[str, ...] = ()
    variable_events: tuple[str, ...] = ()
    activity: str | None = None
    waits: bool = True


@dataclass(frozen=True, slots=True)
class MultiInstance:
    """Multi-instance characteristics: collections and elements as in zeebe, or a plain BPMN cardinality.

    ``throws`` are the events that completing instances throw, as the behaviour says: (``each``, ``first`` or a FEEL condition, event).
    """

    sequential: bool
    collection: str = ""
    element: str = ""
    output_collection: str = ""
    output_element: str = ""
    condition: str = ""
    cardinality: str = ""
    behavior: str = "All"
    throws: tuple[tuple[str, Trigger], ...] = ()


@dataclass(frozen=True, slots=True)
class Loop:
    """Standard loop characteristics: again while ``condition`` (FEEL, may be empty) holds, ``maximum`` times at most."""

    condition: str = ""
    maximum: int | None = None
    test_before: bool = False


@dataclass(frozen=True, slots=True)
class Node:
    """A flow node. ``scope`` is the id of the process or sub-process that holds it.

    ``trigger`` is the first of its ``triggers``; of several any one fires the event, or all together when ``parallel``.
    ``instantiate`` is a receive task or event-based gateway that starts the process; ``all_events`` a gateway that waits for all.
    ``active_elements`` to ``cancel_remaining`` are those of an ad-hoc sub-process.
    A compensation boundary event names the activity that undoes its host (``compensated_by``); ``for_compensation`` is such an
    activity; ``one_by_one`` tells a throw event to start each compensation when the one before is over.
    """

    id: str
    type: str
    name: str
    scope: str
    process: str
    trigger: Trigger = field(default_factory=Trigger)
    triggers: tuple[Trigger, ...] = ()
    parallel: bool = False
    attached_to: str | None = None
    interrupting: bool = True
    event_subprocess: bool = False
    instantiate: bool = False
    all_events: bool = False
    for_compensation: bool = False
    compensated_by: str | None = None
    one_by_one: bool = False
    default: str | None = None
    activation: str = ""
    inputs: tuple[IoMapping, ...] = ()
    outputs: tuple[IoMapping, ...] = ()
    data_inputs: tuple[DataMapping, ...] = ()
    data_outputs: tuple[DataMapping, ...] = ()
    held: tuple[str, ...] = ()
    multi: MultiInstance | None = None
    loop: Loop | None = None
    active_elements: str = ""
    completion_condition: str = ""
    sequential: bool = False
    cancel_remaining: bool = True
    start_quantity: int = 1
    completion_quantity: int = 1
    form_id: str | None = None
    assignee: str | None = None
    candidate_groups: str | None = None
    due_date: str | None = None
    job_type: str | None = None
    job_retries: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    decision: CalledDecision | None = None
    script: str | None = None
    result_variable: str | None = None
    called: str | None = None
    binding: str | None = None
    version_tag: str | None = None
    propagate_in: bool = True
    propagate_out: bool = True
    deadline: str | None = None
    stops_clock: str | None = None
    separation: tuple[str, ...] = ()
    actions: tuple[TaskAction, ...] = ()
    effects: tuple[Effect, ...] = ()
    plain_text: str = ""
    plain_text_en: str = ""
    standing: bool = False
    documentation: str = ""
    line: int | None = None

    @property
    def repeats(self) -> bool:
        """Whether the activity is a loop or has several instances."""
        return self.multi is not None or self.loop is not None

    def has(self, kind: str, name: str | None = None) -> bool:
        """Whether one of the triggers is of this kind (and has this name)."""
        return any(t.kind == kind and name in {None, t.name} for t in self.triggers)

    def at(self, moment: str) -> tuple[Effect, ...]:
        """The effects of ``enter`` or ``leave``."""
        return tuple(e for e in self.effects if e.on == moment)
