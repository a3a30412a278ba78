"""The common life of a token at a node: enter, execute, apply outputs, leave along sequence flows.

Spiff calls ``_update`` when the token arrives, ``_run`` when its turn comes and ``_on_complete`` when it is done. A token that fails
keeps where it was (``ph``) and what it got (``res``), so that a retry repeats nothing that has happened.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from SpiffWorkflow.bpmn.specs.bpmn_task_spec import BpmnTaskSpec

from engine import scopes
from engine.errors import StepFailed
from engine.spiff.specs.data import take

if TYPE_CHECKING:
    from collections.abc import Mapping

    from engine.source.nodes import Flow, Node, Trigger
    from engine.spiff.definition import Definition, ProcessSpec
    from engine.spiff.workflow import Token

ENTERED = 1
LEAVING = 2


class NodeSpec(BpmnTaskSpec):  # type: ignore[misc]  # Spiff has no types
    """A node of the model. ``outgoing`` and ``incoming`` are its flows; the parser fills them in, nothing changes them later."""

    is_join = False
    silent = False
    throws_signal = False

    def __init__(self, wf_spec: ProcessSpec, node: Node) -> None:
        super().__init__(wf_spec, node.id, description=node.type)
        self.bpmn_id = node.id
        self.bpmn_name = node.name
        self.node = node
        self.incoming: tuple[Flow, ...] = ()
        self.outgoing: tuple[Flow, ...] = ()
        self.targets: dict[str, NodeSpec] = {}
        self.sources: tuple[NodeSpec, ...] = ()
        self.host: NodeSpec | None = None
        self.boundaries: tuple[NodeSpec, ...] = ()
        self.undo: NodeSpec | None = None
        self.undo_event: NodeSpec | None = None
        self.inner: tuple[NodeSpec, ...] = ()
        self.definition: Definition

    @property
    def handles_compensation(self) -> bool:
        """Whether this is an event sub-process that undoes the scope it belongs to."""
        return self.node.event_subprocess and any(
            s.node.type == "startEvent" and s.node.trigger.kind == "compensate" for s in self.inner
        )

    # -- Spiff's hooks -------------------------------------------------------------------------------

    def _predict(self, my_task: Token, *_: Any, **__: Any) -> None:
        """Nothing is predicted: the tree holds what is, not what may come."""

    def _update(self, my_task: Token) -> None:
        if self._update_hook(my_task):
            my_task.wake()

    def _update_hook(self, my_task: Token) -> bool:  # noqa: ARG002
        return True

    def _on_ready(self, my_task: Token) -> None:
        my_task.workflow.queue.append(my_task)

    def _run(self, my_task: Token) -> bool | None:
        return self._run_hook(my_task)

    def _run_hook(self, my_task: Token) -> bool | None:
        data = my_task.internal_data
        if data.get("ph") == LEAVING:
            return True
        if "ph" not in data:
            data["ph"] = ENTERED
            if "i" not in data and not self.silent:
                my_task.workflow.changes.entered(self.node)
        result = data["res"] if "res" in data else self.execute(my_task)
        if result is None:
            return None
        return self.settle(my_task, result)

    def _on_complete(self, my_task: Token) -> None:
        self.leave(my_task)

    def _on_cancel(self, my_task: Token) -> None:
        """Close what the token had opened."""
        instance = my_task.workflow
        instance.close_incident(my_task)
        data = my_task.internal_data
        if "ph" in data and "i" not in data and not self.silent:
            instance.changes.cancelled(self.node)

    # The same under names that other modules may use

    def arrive(self, token: Token) -> None:
        """A token came."""
        self._update(token)

    def carry_out(self, token: Token) -> bool | None:
        """It is the token's turn."""
        return self._run(token)

    def cancelled(self, token: Token) -> None:
        """The token is taken away."""
        self._on_cancel(token)

    # -- what a node does ----------------------------------------------------------------------------

    def started_by(self, place: int | None) -> Trigger | None:
        """The trigger at ``place`` (None: the first) that starts the process here."""
        return self.node.triggers[place or 0] if self.node.triggers else None

    def begun(self, payload: Mapping[str, Any], place: int | None) -> dict[str, Any]:  # noqa: ARG002
        """What a token remembers that a trigger puts here; ``place`` says which of several triggers."""
        return {"res": dict(payload)}

    def execute(self, token: Token) -> Mapping[str, Any] | None:  # noqa: ARG002
        """Do the node's work. A mapping is its result; None means that it waits."""
        return {}

    def settle(self, token: Token, result: Mapping[str, Any]) -> bool:
        """Take the result over into the variables; from here on only leaving remains."""
        data = token.internal_data
        data["res"] = result
        self.apply(token, result)
        del data["res"]
        data["ph"] = LEAVING
        return True

    def apply(self, token: Token, result: Mapping[str, Any]) -> None:
        """Output mappings, or everything when there are none."""
        scope = token.parent
        if scope is None:
            return
        values = {**self.mapped_outputs(token, result), **take(token, result)}
        if values:
            scopes.write(scope, values)

    def mapped_outputs(self, token: Token, result: Mapping[str, Any]) -> Mapping[str, Any]:
        """What the node gives to the enclosing scope."""
        if not self.node.outputs:
            return result
        evaluator = token.workflow.evaluator
        return evaluator.mappings(self.node.outputs, scopes.visible(token, result), into=scopes.visible(token.parent))

    def leave(self, token: Token) -> None:
        """Go on along the chosen flows; without any, the token ends here."""
        instance = token.workflow
        scope = token.parent
        for child in token.children:
            child.cancel()
        flows = self.choose(token)
        flows = flows * self.node.completion_quantity
        instance.room_for(len(flows))
        self.completed(token)
        instance.changes.left(self.node)
        for flow in flows:
            instance.spawn(scope, self.targets[flow.id], flow)
        instance.remove(token)
        if not flows:
            scope.task_spec.child_ended(scope)

    def completed(self, token: Token) -> None:
        """The node is done and nothing can fail any more."""

    def choose(self, token: Token) -> tuple[Flow, ...]:
        """The outgoing flows to take: all unconditional ones, and beside them those whose condition holds, else the default.

        BPMN 2.0.2, 13.2.1: flows with and without conditions are an inclusive and a parallel split together.
        """
        if all(f.condition is None for f in self.outgoing):
            return self.outgoing
        held = self.conditions(token)
        if not held and self.node.default:
            held = {self.node.default}
        chosen = tuple(f for f in self.outgoing if (f.id != self.node.default and f.condition is None) or f.id in held)
        if chosen:
            return chosen
        return (self.default_flow(),)

    def default_flow(self) -> Flow:
        """The default flow; without one the token waits with an incident."""
        for flow in self.outgoing:
            if flow.id == self.node.default:
                return flow
        raise StepFailed(
            "noFlowTaken", f"no condition on the flows leaving {self.node.id} holds and there is no default flow"
        )

    def conditions(self, token: Token, overlay: Mapping[str, Any] | None = None) -> set[str]:
        """Ids of the conditional flows that hold; all conditions go to the kernel in one call, which sees ``overlay`` over all."""
        asked = [f for f in self.outgoing if f.condition is not None and f.id != self.node.default]
        if not asked:
            return set()
        values = token.workflow.evaluator.all([f.condition or "" for f in asked], scopes.visible(token.parent, overlay))
        for flow, value in zip(asked, values, strict=True):
            if value is not None and not isinstance(value, bool):
                raise StepFailed(
                    "conditionNotBoolean",
                    f"the condition of {flow.id} gave {type(value).__name__} instead of true or false",
                )
        return {f.id for f, value in zip(asked, values, strict=True) if value is True}

    def compensated(self, token: Token, started: str) -> None:
        """A compensation that ``token`` has started is over; only throw events are told."""

    def interrupted(self, token: Token) -> None:
        """An event sub-process of this scope has taken the place of all that ran in it."""

    def child_ended(self, token: Token) -> None:  # noqa: ARG002
        """A token inside this scope ended; only scopes are told."""
        raise StepFailed("notAScope", f"{self.node.id} holds no tokens")  # pragma: no cover
