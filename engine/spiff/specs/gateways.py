"""Gateways: exclusive, parallel, inclusive and event-based (the complex one: :mod:`engine.spiff.specs.complex_gateway`)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from SpiffWorkflow.util.task import TaskState

from engine.spiff.specs.base import NodeSpec
from engine.spiff.specs.waiting import Wait

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    from engine.source.nodes import Flow, Trigger
    from engine.spiff.workflow import Instance, Token


class ExclusiveSpec(NodeSpec):
    """Takes the first flow whose condition holds, in the order of the model, else the default."""

    def choose(self, token: Token) -> tuple[Flow, ...]:
        """Exactly one flow, or none at an end."""
        if not self.outgoing:
            return ()
        if len(self.outgoing) == 1 and self.outgoing[0].condition is None:
            return self.outgoing
        held = self.conditions(token)
        for flow in self.outgoing:
            if flow.id in held:
                return (flow,)
        return (self.default_flow(),)


class JoinSpec(NodeSpec):
    """A gateway that may wait for tokens on its other incoming flows."""

    @property
    def is_join(self) -> bool:  # type: ignore[override]
        """More than one way in."""
        return len(self.incoming) > 1

    def arrived(self, token: Token) -> dict[str, Token]:
        """The first waiting token of each incoming flow, in the scope of ``token``."""
        found: dict[str, Token] = {}
        for other in token.workflow.joins.values():
            if other.task_spec is self and other.scope_key == token.scope_key and "f" in other.internal_data:
                found.setdefault(other.internal_data["f"], other)
        return found

    def release(self, token: Token) -> bool:  # noqa: ARG002
        """At the end of a step: whether the waiting ``token`` could go on after all."""
        return False

    def merge(self, tokens: dict[str, Token], keep: Token) -> None:
        """Of the tokens that came, one goes on."""
        instance = keep.workflow
        for token in tokens.values():
            instance.joins.pop(token.id, None)
            if token is not keep:
                instance.remove(token)
        keep.internal_data.pop("f", None)


class ParallelSpec(JoinSpec):
    """Waits for one token on each incoming flow; takes every outgoing flow."""

    def _update_hook(self, my_task: Token) -> bool:
        if not self.is_join:
            return True
        my_task.mark(TaskState.WAITING)
        my_task.workflow.joins[my_task.id] = my_task
        came = self.arrived(my_task)
        if len(came) < len(self.incoming):
            return False
        self.merge(came, my_task)
        return True

    def choose(self, token: Token) -> tuple[Flow, ...]:  # noqa: ARG002
        """All of them; conditions mean nothing here."""
        return self.outgoing


class InclusiveSpec(JoinSpec):
    """Waits until no token can still come on an empty incoming flow; takes every flow whose condition holds."""

    def _update_hook(self, my_task: Token) -> bool:
        if not self.is_join:
            return True
        my_task.mark(TaskState.WAITING)
        my_task.workflow.joins[my_task.id] = my_task
        return False

    def release(self, token: Token) -> bool:
        """Go on when nothing more can come."""
        came = self.arrived(token)
        if len(came) < len(self.incoming) and more_can_come(token, came):
            return False
        keep = next(iter(came.values()))
        self.merge(came, keep)
        keep.wake()
        return True


def release_joins(instance: Instance) -> bool:
    """Let one join go on for which nothing more can come; False when all must wait."""
    seen: set[tuple[str | None, str, bool]] = set()
    for token in list(instance.joins.values()):
        spec = token.task_spec
        place = (token.scope_key, spec.name, "rs" in token.internal_data)
        if not isinstance(spec, JoinSpec) or place in seen:
            continue
        seen.add(place)
        if spec.release(token):
            return True
    return False


def more_can_come(token: Token, came: Collection[str]) -> bool:
    """Whether a token can still come to the gateway of ``token`` on another flow than those in ``came``.

    BPMN 2.0.2, 13.3.3: a token elsewhere counts when a path leads from it to an empty incoming flow without passing the gateway,
    unless a path leads from it to a filled one.
    """
    spec = token.task_spec
    empty = [f.id for f in spec.incoming if f.id not in came]
    for other in token.parent.children:
        if other.waits_for_scope or other.task_spec is spec or "rv" in other.internal_data:
            continue
        reach = spec.definition.reach(spec, other.task_spec)
        if not reach.isdisjoint(empty) and reach.isdisjoint(came):
            return True
    return False


def listen(token: Token, flows: Iterable[Flow]) -> None:
    """Wait at an event-based gateway for the events behind these flows."""
    waits = [(flow, Wait(token, token.task_spec.targets[flow.id])) for flow in flows]
    token.workflow.room_for(sum(1 + wait.size for _, wait in waits))
    for flow, wait in waits:
        child = token.put(wait.spec)
        child.internal_data.update(k="g", f=flow.id)
        wait.open(child)


class EventBasedSpec(NodeSpec):
    """Waits for the first of the events behind it; each timer has its own due date.

    One that instantiates got its first event (``first`` is the flow's place, ``got`` the payload) before it has a token; a parallel one
    then waits for all the others.
    """

    def started_by(self, place: int | None) -> Trigger | None:
        """The trigger of the event behind the flow at ``place``."""
        return self.targets[self.outgoing[place or 0].id].node.trigger

    def begun(self, payload: Mapping[str, Any], place: int | None) -> dict[str, Any]:
        """The event behind the flow at ``place`` has come."""
        return {"first": place, "got": dict(payload)}

    def execute(self, token: Token) -> Mapping[str, Any] | None:
        """Open a wait for each event; what the first one brought is written before, as correlation keys may read it."""
        data = token.internal_data
        flows = self.outgoing
        if "got" in data:
            self._first_came(token, data.pop("got"))
            return None
        if "first" in data:
            flows = (*flows[: data["first"]], *flows[data["first"] + 1 :])
        listen(token, flows)
        return None

    def _first_came(self, token: Token, payload: Mapping[str, Any]) -> None:
        instance = token.workflow
        flow = self.outgoing[token.internal_data["first"]]
        goes_on = self.node.all_events and len(self.outgoing) > 1
        if not goes_on:
            instance.changes.left(self.node)
        instance.changes.taken(flow.id)
        instance.spawn(token.parent, self.targets[flow.id], res=dict(payload))
        if goes_on:
            token.wake()
        else:
            instance.remove(token)
