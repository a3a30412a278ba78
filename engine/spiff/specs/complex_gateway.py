"""The complex gateway (BPMN 2.0.2 §10.6.6, §13.4.5): joins as its activation condition says, splits like an inclusive one.

Its state lies in a token that stays at the gateway (``rs``: the incoming flows that have brought a token) from when the gateway has
started until it is reset: when every other flow has brought a token, which is swallowed, or none can come any more. Flows whose
condition reads ``waitingForStart`` are looked at again when it is reset; all others are taken when it starts only.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from SpiffWorkflow.util.task import TaskState

from engine import scopes
from engine.errors import EngineError, StepFailed
from engine.expressions import words
from engine.spiff.specs.gateways import JoinSpec, more_can_come

if TYPE_CHECKING:
    from engine.source.nodes import Flow
    from engine.spiff.workflow import Token

STARTING = "waitingForStart"


class ComplexSpec(JoinSpec):
    """Without activation condition it joins like an inclusive gateway."""

    def _run_hook(self, my_task: Token) -> bool | None:
        if not self.is_join or "f" not in my_task.internal_data:
            return super()._run_hook(my_task)
        my_task.mark(TaskState.WAITING)
        my_task.workflow.joins[my_task.id] = my_task
        holder = self._holder(my_task)
        if holder is not None:
            self._swallow(holder)
        elif self.node.activation:
            self._try(my_task)
        return None

    def choose(self, token: Token) -> tuple[Flow, ...]:
        """The flows whose condition holds, else the default; on reset only those that ask for it."""
        data = token.internal_data
        resetting = "rt" in data
        overlay = {STARTING: not resetting, "activationCount": data.get("n", 1)}
        if resetting:
            held = self.conditions(token, overlay)
            return tuple(f for f in self._on_reset if f.id in held)
        held = self.conditions(token, overlay)
        chosen = tuple(f for f in self.outgoing if (f.id != self.node.default and f.condition is None) or f.id in held)
        return chosen or ((self.default_flow(),) if self.outgoing else ())

    def release(self, token: Token) -> bool:
        """Go on at the end of a step: start when the condition holds by now, reset when nothing more can come."""
        if "rs" in token.internal_data:
            if more_can_come(token, token.internal_data["rs"]):
                return False
            self._reset(token)
            return True
        if self._holder(token) is not None:
            return False
        try:
            return self._try(token)
        except EngineError as error:
            token.workflow.fail(token, error)
            return False

    # -- start and reset -----------------------------------------------------------------------------

    @property
    def _on_reset(self) -> tuple[Flow, ...]:
        return tuple(f for f in self.outgoing if f.condition is not None and STARTING in words(f.condition))

    def _here(self, token: Token) -> list[Token]:
        """All tokens at this gateway in the scope of ``token``, the oldest first."""
        return [t for t in token.workflow.joins.values() if t.task_spec is self and t.scope_key == token.scope_key]

    def _holder(self, token: Token) -> Token | None:
        return next((t for t in self._here(token) if "rs" in t.internal_data), None)

    def _try(self, token: Token) -> bool:
        """Start when the activation condition holds (without one: when nothing more can come)."""
        here = self._here(token)
        came = self.arrived(token)
        if self.node.activation:
            names: dict[str, Any] = {"activationCount": len(here), STARTING: True}
            try:
                start = token.workflow.evaluator.one(self.node.activation, scopes.visible(token.parent, names))
                if start is not None and not isinstance(start, bool):
                    raise StepFailed(
                        "conditionNotBoolean", f"the activation condition of {self.node.id} gave {type(start).__name__}"
                    )
            except EngineError:
                token.workflow.joins.pop(token.id)
                raise
        else:
            start = len(came) == len(self.incoming) or not more_can_come(token, came)
        if start is True:
            self._start(came, len(here))
        return start is True

    def _start(self, came: dict[str, Token], count: int) -> None:
        keep = next(iter(came.values()))
        instance = keep.workflow
        if len(came) < len(self.incoming) or self._on_reset:
            instance.room_for(1)
            holder = keep.parent.put(self)
            holder.internal_data["rs"] = list(came)
            holder.mark(TaskState.WAITING)
            instance.joins[holder.id] = holder
        self.merge(came, keep)
        keep.internal_data["n"] = count
        keep.wake()

    def _swallow(self, holder: Token) -> None:
        """What comes after the start only counts for the reset; a second token of one flow waits for the next start."""
        brought = holder.internal_data["rs"]
        for token in self._here(holder):
            flow = token.internal_data.get("f")
            if flow is not None and flow not in brought:
                brought.append(flow)
                holder.workflow.remove(token)
        if len(brought) == len(self.incoming):
            self._reset(holder)

    def _reset(self, holder: Token) -> None:
        instance = holder.workflow
        instance.joins.pop(holder.id)
        waiting = [token for token in self._here(holder) if "f" in token.internal_data]
        del holder.internal_data["rs"]
        if self._on_reset:
            holder.internal_data["rt"] = 1
            holder.wake()
        for token in waiting:
            instance.joins.pop(token.id)
            token.wake()
        if not self._on_reset:
            scope = holder.parent
            instance.remove(holder)
            scope.task_spec.child_ended(scope)
