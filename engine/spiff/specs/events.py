"""Events: waiting (timer, message, signal), throwing, ending; and how a fired trigger goes on."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from SpiffWorkflow.util.task import TaskState

from engine import scopes, timers
from engine.contract import MessageOut, SignalOut, Subscription, Timer
from engine.errors import StepFailed
from engine.messages import bound_properties, remember
from engine.spiff.specs import catching
from engine.spiff.specs.base import NodeSpec
from engine.spiff.specs.data import bring

if TYPE_CHECKING:
    from collections.abc import Mapping

    from engine.spiff.workflow import Instance, Token

WAITING_KINDS = frozenset({"message", "timer", "signal"})
"""Triggers that a token waits for; errors and escalations are looked up when they are thrown."""


class Wait:
    """A trigger made ready to be waited for: everything that can fail is evaluated before anything changes."""

    def __init__(self, token: Token, spec: NodeSpec) -> None:
        instance = token.workflow
        trigger = spec.node.trigger
        self.spec = spec
        self.kind = trigger.kind
        self.name = trigger.name
        self.key: str | None = None
        self.due: timers.Due | None = None
        if trigger.timer is not None:
            value = instance.evaluator.one(trigger.timer[1], scopes.visible(token))
            self.due = timers.first_due(trigger.timer[0], value, instance.env.now, instance.env.schedule)
        elif self.kind == "message" and trigger.correlation_key:
            value = instance.evaluator.one(trigger.correlation_key, scopes.visible(token))
            if value is None:
                raise StepFailed("correlationKeyMissing", f"the correlation key of {spec.node.id} has no value")
            self.key = str(value)
        self.bound = bound_properties(token, spec) if self.kind == "message" else {}

    def open(self, token: Token) -> None:
        """Let ``token`` wait."""
        instance = token.workflow
        node = self.spec.node
        token.mark(TaskState.WAITING)
        data = token.internal_data
        if self.due is not None:
            arm(token, self.due)
        elif self.kind == "message":
            data["msg"] = [instance.outer_id(), self.name, self.key, *([self.bound] if self.bound else [])]
            row = Subscription(data["msg"][0], node.id, self.name, self.key)
            instance.changes.subscriptions[row.id] = row
        elif self.kind == "signal":
            data["sig"] = self.name


def arm(token: Token, due: timers.Due) -> None:
    """Start a timer at a waiting token."""
    instance = token.workflow
    node = token.task_spec.node
    timer = Timer(instance.outer_id(), node.id, due.at, node.attached_to)
    token.internal_data["due"] = [timer.id, due.at.isoformat(), due.interval, due.times]
    instance.changes.timers[timer.id] = timer


def disarm(token: Token) -> None:
    """The token waits no more: close its timer or subscription."""
    data = token.internal_data
    changes = token.workflow.changes
    if row := data.pop("due", None):
        changes.close_timer(row[0])
    if row := data.pop("msg", None):
        changes.close_subscription(row[0])
    data.pop("sig", None)


def watch(token: Token, specs: tuple[NodeSpec, ...], kind: str) -> None:
    """Open waits for boundary events (``b``), event sub-processes (``e``) or an event-based gateway (``g``) below ``token``."""
    instance = token.workflow
    waits = [Wait(token, spec) for spec in specs if spec.node.trigger.kind in WAITING_KINDS]
    instance.room_for(len(waits))
    for wait in waits:
        child = token.put(wait.spec)
        child.internal_data["k"] = kind
        wait.open(child)


def fire(token: Token, payload: Mapping[str, Any]) -> None:
    """The trigger of a waiting token happened."""
    instance = token.workflow
    spec = token.task_spec
    match token.internal_data.get("k"):
        case "b":
            catching.at_boundary(token.parent, spec, payload, lambda: _again(token))
        case "e":
            catching.at_scope(token.parent, spec, payload, lambda: _again(token))
        case "g":
            gateway = token.parent
            scope = gateway.parent
            instance.changes.left(gateway.task_spec.node)
            instance.changes.taken(token.internal_data["f"])
            for child in gateway.children:
                child.cancel()
            instance.remove(gateway)
            instance.spawn(scope, spec, res=dict(payload))
        case _:
            disarm(token)
            token.internal_data["res"] = dict(payload)
            token.wake()


def _again(token: Token) -> None:
    """A non-interrupting trigger may come again: messages and signals always, timers as their cycle says."""
    row = token.internal_data.get("due")
    if row is None:
        return
    disarm(token)
    following = timers.next_due(timers.Due(datetime.fromisoformat(row[1]), row[2], row[3]), token.workflow.env.schedule)
    if following is None:
        token.workflow.remove(token)
    else:
        arm(token, following)


def send(instance: Instance, token: Token, payload: Mapping[str, Any]) -> None:
    """Hand a message out; its payload are the input mappings."""
    node = token.task_spec.node
    key = None
    if node.trigger.correlation_key:
        value = instance.evaluator.one(node.trigger.correlation_key, scopes.visible(token, payload))
        key = None if value is None else str(value)
    remember(token, node.trigger.name, payload)
    instance.changes.messages.append(MessageOut(node.id, node.trigger.name, payload, key))


class WaitingSpec(NodeSpec):
    """A node whose token waits for a trigger."""

    def _on_cancel(self, my_task: Token) -> None:
        disarm(my_task)
        super()._on_cancel(my_task)

    def _on_complete(self, my_task: Token) -> None:
        disarm(my_task)
        super()._on_complete(my_task)


class StartEventSpec(WaitingSpec):
    """A start event; of an event sub-process it is waited for in the enclosing scope."""


class CatchEventSpec(WaitingSpec):
    """An intermediate catch event."""

    def execute(self, token: Token) -> Mapping[str, Any] | None:
        """Wait; a link or none event just passes."""
        if self.node.trigger.kind not in WAITING_KINDS:
            return {}
        Wait(token, self).open(token)
        return None


class BoundaryEventSpec(WaitingSpec):
    """A boundary event. A token comes here when it has fired; until then a wait below the host stands for it."""


class ThrowEventSpec(NodeSpec):
    """An intermediate throw event or an end event."""

    def execute(self, token: Token) -> Mapping[str, Any] | None:
        """Throw; an interrupted token does not go on."""
        instance = token.workflow
        trigger = self.node.trigger
        values: dict[str, Any] = {}
        if self.node.data_inputs or self.node.inputs:
            values = bring(token)
            values |= instance.evaluator.mappings(self.node.inputs, scopes.visible(token, values))
        match trigger.kind:
            case "message":
                send(instance, token, values)
            case "signal":
                instance.changes.signals.append(SignalOut(self.node.id, trigger.name, values))
                broadcast(instance, trigger.name, values)
            case "error":
                if not catching.throw_error(token, trigger.code, values):
                    raise StepFailed(
                        "errorUncaught", f"nobody catches the BPMN error {trigger.code or '(without code)'}"
                    )
                return None
            case "escalation":
                catching.throw_escalation(token, trigger.code, values)
            case "terminate":
                catching.terminate(token)
        return None if token.gone else {}

    def mapped_outputs(self, token: Token, result: Mapping[str, Any]) -> Mapping[str, Any]:
        """A throw event gives nothing back unless it says so."""
        return super().mapped_outputs(token, result) if self.node.outputs else {}


def broadcast(instance: Instance, name: str, payload: Mapping[str, Any]) -> int:
    """Fire every wait for the signal; returns how many heard it."""
    heard = 0
    for key in instance.tasks.holding("sig"):
        waiting = instance.tasks.get(key)
        if waiting is not None and waiting.internal_data.get("sig") == name:
            fire(waiting, payload)
            heard += 1
    return heard
