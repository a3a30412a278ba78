"""Events: start, catch, boundary, throw and end."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from engine import scopes
from engine.contract import MessageOut, SignalOut
from engine.errors import StepFailed
from engine.messages import remember
from engine.spiff.specs import catching, compensation, transactions
from engine.spiff.specs.base import NodeSpec
from engine.spiff.specs.data import bring
from engine.spiff.specs.waiting import WAITING_KINDS, Wait, disarm, fire, named

if TYPE_CHECKING:
    from collections.abc import Mapping

    from engine.source.nodes import Trigger
    from engine.spiff.workflow import Instance, Token


def send(instance: Instance, token: Token, trigger: Trigger, payload: Mapping[str, Any]) -> None:
    """Hand a message out; its payload are the input mappings."""
    key = None
    if trigger.correlation_key:
        value = instance.evaluator.one(trigger.correlation_key, scopes.visible(token, payload))
        key = None if value is None else str(value)
    name = named(token, token.task_spec.node.id, trigger)
    remember(token, name, payload)
    instance.changes.messages.append(MessageOut(token.task_spec.node.id, name, payload, key))


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

    def begun(self, payload: Mapping[str, Any], place: int | None) -> dict[str, Any]:
        """A parallel multiple event has got one of its triggers and waits for the others."""
        if not self.node.parallel or len(self.node.triggers) == 1:
            return super().begun(payload, place)
        return {"first": place or 0, "got": dict(payload)}

    def execute(self, token: Token) -> Mapping[str, Any] | None:
        """Go on, or wait for the triggers that did not come yet."""
        first = token.internal_data.get("first")
        if first is None:
            return {}
        Wait(token, self).open(token, without=first)
        return None


class CatchEventSpec(WaitingSpec):
    """An intermediate catch event."""

    def execute(self, token: Token) -> Mapping[str, Any] | None:
        """Wait; a link or none event just passes, and so does a condition that holds already."""
        if self.node.trigger.kind not in WAITING_KINDS:
            return {}
        wait = Wait(token, self)
        if not wait.size and wait.parts[0].holds:
            return {}
        wait.open(token)
        return None


class BoundaryEventSpec(WaitingSpec):
    """A boundary event. A token comes here when it has fired; until then a wait below the host stands for it."""


class ThrowEventSpec(NodeSpec):
    """An intermediate throw event or an end event. With several triggers it throws all, what ends its own scope last."""

    @property
    def throws_signal(self) -> bool:  # type: ignore[override]
        """Whether a signal is among what it throws."""
        return any(t.kind == "signal" for t in self.node.triggers)

    def execute(self, token: Token) -> Mapping[str, Any] | None:
        """Throw; an interrupted token does not go on. A retry throws nothing twice."""
        if self.node.trigger.kind == "compensate":
            return compensation.throw(token)
        instance = token.workflow
        data = token.internal_data
        values: dict[str, Any] = {}
        if self.node.data_inputs or self.node.inputs:
            values = bring(token)
            values |= instance.evaluator.mappings(self.node.inputs, scopes.visible(token, values))
        ordered = sorted(self.node.triggers, key=lambda t: t.kind in ENDING)
        for place, trigger in enumerate(ordered):
            if place < data.get("thrown", 0):
                continue
            throw(token, trigger, values)
            if token.gone:
                return None
            if len(ordered) > 1:
                data["thrown"] = place + 1
        return {}

    def compensated(self, token: Token, started: str) -> None:
        """One of the compensations it waits for is over."""
        compensation.ended(token, started)

    def _on_cancel(self, my_task: Token) -> None:
        compensation.abandon(my_task)
        super()._on_cancel(my_task)

    def mapped_outputs(self, token: Token, result: Mapping[str, Any]) -> Mapping[str, Any]:
        """A throw event gives nothing back unless it says so."""
        return super().mapped_outputs(token, result) if self.node.outputs else {}


ENDING = frozenset({"error", "terminate"})
"""Triggers that end the scope they are thrown in."""


def throw(token: Token, trigger: Trigger, values: Mapping[str, Any]) -> None:
    """Throw one trigger at ``token``; an error that nobody catches is an incident."""
    instance = token.workflow
    match trigger.kind:
        case "message":
            send(instance, token, trigger, values)
        case "signal":
            name = named(token, token.task_spec.node.id, trigger)
            instance.changes.signals.append(SignalOut(token.task_spec.node.id, name, values))
            broadcast(instance, name, values)
        case "error":
            if not catching.throw_error(token, trigger.code, values):
                raise StepFailed("errorUncaught", f"nobody catches the BPMN error {trigger.code or '(without code)'}")
        case "escalation":
            catching.throw_escalation(token, trigger.code, values)
        case "terminate":
            catching.terminate(token, trigger.name)
        case "cancel":
            transactions.cancel(token)


def broadcast(instance: Instance, name: str, payload: Mapping[str, Any]) -> int:
    """Fire every wait for the signal; returns how many heard it."""
    heard = 0
    for key in instance.tasks.holding("sig"):
        waiting = instance.tasks.get(key)
        if waiting is not None and waiting.internal_data.get("sig") == name:
            fire(waiting, payload)
            heard += 1
    return heard
