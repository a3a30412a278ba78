"""Waiting for triggers: opening and closing waits, and how a fired trigger goes on.

A token waits for one trigger itself. For an event with several triggers a small token below it waits for each (``k`` is ``m``, ``t``
the trigger's place); any one of them fires the event, or all together when it is parallel (``got`` are the payloads that came).
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

from SpiffWorkflow.util.task import TaskState

from engine import conditions, scopes, timers
from engine.contract import Subscription, Timer
from engine.errors import ExpressionFailed, StepFailed
from engine.messages import bound_properties
from engine.spiff.specs import catching

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from engine.source.nodes import Node, Trigger
    from engine.spiff.specs.base import NodeSpec
    from engine.spiff.workflow import Instance, Token

SHORT_ROW = 4
"""A timer's memory without its term."""
WAITING_KINDS = frozenset({"message", "timer", "signal", "conditional"})
"""Triggers that a token waits for; errors and escalations are looked up when they are thrown."""


class Part:
    """One trigger made ready to be waited for: everything that can fail is evaluated before anything changes."""

    def __init__(self, token: Token, spec: NodeSpec, trigger: Trigger) -> None:
        instance = token.workflow
        self.spec = spec
        self.trigger = trigger
        self.name = named(token, spec.node.id, trigger)
        self.key: str | None = None
        self.due: timers.Due | None = None
        self.holds = False
        self.bound: dict[str, Any] = {}
        if trigger.timer is not None:
            value = instance.evaluator.one(trigger.timer[1], scopes.visible(token))
            self.due = timers.first_due(trigger.timer[0], value, instance.env)
        elif trigger.kind == "message":
            self.bound = bound_properties(token, spec.node.process, trigger.name)
            if trigger.correlation_key:
                value = instance.evaluator.one(trigger.correlation_key, scopes.visible(token))
                if value is None:
                    raise StepFailed("correlationKeyMissing", f"the correlation key of {spec.node.id} has no value")
                self.key = str(value)
        elif trigger.kind == "conditional":
            self.holds = conditions.holds(token, spec.node.id, trigger)

    def open(self, token: Token) -> None:
        """Let ``token`` wait."""
        instance = token.workflow
        token.mark(TaskState.WAITING)
        data = token.internal_data
        if self.due is not None:
            arm(token, self.due)
        elif self.trigger.kind == "message":
            data["msg"] = [instance.outer_id(), self.name, self.key, *([self.bound] if self.bound else [])]
            row = Subscription(data["msg"][0], self.spec.node.id, self.name, self.key)
            instance.changes.subscriptions[row.id] = row
        elif self.trigger.kind == "signal":
            data["sig"] = self.name
        else:
            conditions.watch(token, holds=self.holds)


def named(token: Token, element_id: str, trigger: Trigger) -> str:
    """The name of a message or signal: as it is written, or the text that its FEEL gives at ``token``."""
    if not trigger.name.startswith("="):
        return trigger.name
    name = token.workflow.evaluator.one(trigger.name, scopes.visible(token))
    if not isinstance(name, str) or not name:
        raise StepFailed("nameMissing", f"the name of the {trigger.kind} of {element_id} gives no text")
    return name


class Wait:
    """All that one event waits for."""

    def __init__(self, token: Token, spec: NodeSpec) -> None:
        self.spec = spec
        self.parts = {
            place: Part(token, spec, trigger)
            for place, trigger in enumerate(spec.node.triggers)
            if trigger.kind in WAITING_KINDS
        }

    @property
    def size(self) -> int:
        """How many tokens it makes below the waiting one."""
        return len(self.parts) if len(self.spec.node.triggers) > 1 else 0

    def open(self, token: Token, *, without: int | None = None) -> None:
        """Let ``token`` wait, itself or through a token for each trigger (but the one that came already)."""
        if not self.size:
            self.parts[0].open(token)
            return
        token.workflow.room_for(self.size)
        token.mark(TaskState.WAITING)
        for place, part in self.parts.items():
            if place == without:
                continue
            child = token.put(self.spec)
            child.internal_data.update(k="m", t=place)
            part.open(child)


def arm(token: Token, due: timers.Due) -> None:
    """Start a timer at a waiting token."""
    instance = token.workflow
    node = token.task_spec.node
    timer = Timer(
        instance.outer_id(),
        node.id,
        due.at,
        node.attached_to,
        due.literal,
        due.since,
        _source(token) if due.literal else "",
    )
    counted = [] if due.since is None else [due.literal, due.since.isoformat()]
    token.internal_data["due"] = [timer.id, due.at.isoformat(), due.interval, due.times, *counted]
    instance.changes.timers[timer.id] = timer


def _source(token: Token) -> str:
    """The FEEL text that gave a timer's term; empty for a term that is written out, and for cycles, which keep their interval."""
    data, triggers = token.internal_data, token.task_spec.node.triggers
    trigger = triggers[data["t"]] if data.get("k") == "m" else next(each for each in triggers if each.timer is not None)
    kind, text = trigger.timer or ("", "")
    return text if kind == "duration" and text.startswith("=") else ""


def timer_of(node: Node, row: Sequence[Any]) -> Timer:
    """A waiting timer, from its token's memory."""
    literal, since = (row[4], datetime.fromisoformat(row[5])) if len(row) > SHORT_ROW else ("", None)
    return Timer(row[0], node.id, datetime.fromisoformat(row[1]), node.attached_to, literal, since)


def reschedule(token: Token, terms: Mapping[str, str] | None) -> None:
    """Reckon a timer anew; its date may move, its place does not. ``terms`` are new terms by timer: all others stay as they are."""
    row = token.internal_data["due"]
    timer = timer_of(token.task_spec.node, row)
    if timer.since is None or (terms is not None and timer.id not in terms):
        return
    literal = timer.literal if terms is None else terms[timer.id]
    at = timers.again(literal, timer.since, token.workflow.env)
    if (at, literal) != (timer.due_at, timer.literal):
        token.internal_data["due"] = [row[0], at.isoformat(), row[2], row[3], literal, row[5]]
        token.workflow.changes.moved_timers.append(replace(timer, due_at=at, literal=literal))


def disarm(token: Token) -> None:
    """The token waits no more: close its timer or subscription."""
    data = token.internal_data
    changes = token.workflow.changes
    if row := data.pop("due", None):
        changes.close_timer(row[0])
    if row := data.pop("msg", None):
        changes.close_subscription(row[0])
    data.pop("sig", None)
    if data.pop("cond", None) is not None:
        conditions.forget(token)


def watch(token: Token, specs: tuple[NodeSpec, ...], kind: str) -> None:
    """Open waits for boundary events (``b``), event sub-processes (``e``) or an event-based gateway (``g``) below ``token``."""
    instance = token.workflow
    waits = [Wait(token, spec) for spec in specs if any(t.kind in WAITING_KINDS for t in spec.node.triggers)]
    instance.room_for(sum(1 + wait.size for wait in waits))
    for wait in waits:
        child = token.put(wait.spec)
        child.internal_data["k"] = kind
        wait.open(child)


def fire(token: Token, payload: Mapping[str, Any]) -> None:
    """The trigger of a waiting token happened."""
    if token.internal_data.get("k") != "m":
        _fired(token, payload, lambda: _again(token))
    elif not token.task_spec.node.parallel:
        _fired(token.parent, payload, lambda: _again(token))
    else:
        event = token.parent
        got = event.internal_data.setdefault("got", {})
        got |= payload
        token.cancel()
        if not event.children:
            payload = event.internal_data.pop("got")
            _fired(event, payload, lambda: reopen(event))


def reopen(event: Token) -> None:
    """Let a boundary event or event sub-process wait anew for all its triggers; when that fails, an incident stands there."""
    try:
        Wait(event.parent, event.task_spec).open(event)
    except (ExpressionFailed, StepFailed) as error:
        event.workflow.fail(event, error)


def fire_conditions(instance: Instance) -> None:
    """Fire what waits for a condition that holds now."""
    while instance.changed or instance.fulfilled:
        for token in conditions.fulfilled(instance):
            if not token.gone and "cond" in token.internal_data:
                fire(token, {})


def _fired(token: Token, payload: Mapping[str, Any], again: Callable[[], None]) -> None:
    """The event that ``token`` waits for happened; ``again`` lets a non-interrupting one wait on."""
    spec = token.task_spec
    match token.internal_data.get("k"):
        case "b":
            catching.at_boundary(token.parent, spec, payload, again)
        case "e":
            catching.at_scope(token.parent, spec, payload, again)
        case "g":
            happened(token.parent, token, payload)
        case _ if _comes_again(token):
            token.workflow.spawn(token.parent, spec, res=dict(payload))
            again()
        case _:
            disarm(token)
            for child in token.children:
                child.cancel()
            token.internal_data["res"] = dict(payload)
            token.wake()


def _comes_again(token: Token) -> bool:
    """Whether an intermediate timer event has a cycle with some rounds left: then each round lets a token go on."""
    row = token.internal_data.get("due")
    if row is None or not row[3]:
        return False
    due = timers.Due(datetime.fromisoformat(row[1]), row[2], row[3])
    return timers.next_due(due, token.workflow.env) is not None


def happened(gateway: Token, event: Token, payload: Mapping[str, Any]) -> None:
    """One of the events behind an event-based gateway came: the flow goes on from it. The others are over, or still awaited."""
    instance = gateway.workflow
    spec = event.task_spec
    scope = gateway.parent
    flow_id = event.internal_data["f"]
    waits_on = gateway.task_spec.node.all_events and len(gateway.children) > 1
    if not waits_on:
        instance.changes.left(gateway.task_spec.node)
    instance.changes.taken(flow_id)
    for child in [event] if waits_on else gateway.children:
        child.cancel()
    if not waits_on:
        instance.remove(gateway)
    instance.spawn(scope, spec, res=dict(payload))


def _again(token: Token) -> None:
    """A non-interrupting trigger may come again: messages, signals and conditions always, timers as their cycle says."""
    row = token.internal_data.get("due")
    if row is None:
        return
    disarm(token)
    following = timers.next_due(timers.Due(datetime.fromisoformat(row[1]), row[2], row[3]), token.workflow.env)
    if following is None:
        token.workflow.remove(token)
    else:
        arm(token, following)
