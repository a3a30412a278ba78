"""Ad-hoc sub-processes (BPMN 2.0.2 §10.3.5, §13.3.5): activities without order, chosen while it runs.

What no flow leads to may be activated. With ``zeebe:adHoc activeElementsCollection`` the listed elements start by themselves, without it
all that need no person; user and manual tasks are chosen (:meth:`Engine.activate`). One after the other when the ordering is
sequential. The completion condition is looked at whenever something inside has ended. Without one the sub-process is done when nothing
runs and nothing waits to be chosen for the first time. The token remembers (``ah``): its outer id, what is to start, what has started.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from SpiffWorkflow.util.task import TaskState

from engine import scopes
from engine.contract import AdHoc
from engine.errors import ElementNotEnabled, StepFailed
from engine.source.names import CHOSEN
from engine.spiff.specs.catching import starts_of
from engine.spiff.specs.containers import SubProcessSpec
from engine.spiff.specs.data import declare
from engine.spiff.specs.waiting import watch

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from engine.spiff.specs.base import NodeSpec
    from engine.spiff.workflow import Token


class AdHocSpec(SubProcessSpec):
    """A scope whose inside has no start: elements are activated."""

    def execute(self, token: Token) -> Mapping[str, Any] | None:
        """Begin; or look what follows after something inside has ended."""
        return self._look(token) if "chk" in token.internal_data else super().execute(token)

    def perform(self, token: Token, inputs: Mapping[str, Any]) -> Mapping[str, Any] | None:  # noqa: ARG002
        """Open the waits of event sub-processes and start what starts by itself."""
        declare(token)
        instance = token.workflow
        first = self._first(token)
        instance.room_for(len(first))
        watch(token, tuple(start for handler in instance.handlers(token) for start in starts_of(handler)), "e")
        token.mark(TaskState.STARTED)
        token.internal_data["ah"] = [instance.outer_id(), first, []]
        self._start_next(token)
        if not first and self._is_over(token):
            self._check(token)
        return None

    def child_ended(self, token: Token) -> None:
        """Before anything else runs, the completion condition is looked at."""
        data = token.internal_data
        if "ah" in data and "cx" not in data:
            self._check(token)
        else:
            super().child_ended(token)

    def interrupted(self, token: Token) -> None:
        """An event sub-process took the place of all that runs; nothing more is activated."""
        data = token.internal_data
        if "ah" in data:
            data["ah"][1] = []
            data["stop"] = 1

    def activate(self, token: Token, elements: Sequence[str]) -> None:
        """Start elements by choice. Raises ElementNotEnabled; then nothing happened."""
        offered = open_ad_hoc(token).enabled
        unknown = [element for element in elements if element not in offered]
        if unknown or not elements:
            raise ElementNotEnabled(", ".join(unknown))
        token.workflow.room_for(len(elements))
        token.internal_data["ah"][1].extend(elements)
        self._start_next(token)

    # -- inside --------------------------------------------------------------------------------------

    def _check(self, token: Token) -> None:
        """Let the token look before any other one runs."""
        data = token.internal_data
        if "chk" not in data:
            data["chk"] = 1
            token.mark(TaskState.READY)
            token.workflow.queue.appendleft(token)

    def _choices(self, token: Token) -> tuple[NodeSpec, ...]:
        return token.home.starts.get(self.node.id, ())

    def _first(self, token: Token) -> list[str]:
        """What starts by itself."""
        choices = self._choices(token)
        if not self.node.active_elements:
            return [spec.node.id for spec in choices if spec.node.type not in CHOSEN]
        listed = token.workflow.evaluator.one(self.node.active_elements, scopes.visible(token))
        known = {spec.node.id.removeprefix(token.home.prefix): spec.node.id for spec in choices}
        if not isinstance(listed, (list, tuple)) or not all(isinstance(each, str) for each in listed):
            raise StepFailed("collectionInvalid", f"the active elements of {self.node.id} are not a list of ids")
        if not set(listed).issubset(known):
            raise StepFailed("adHocElementUnknown", f"{self.node.id} cannot activate all of its active elements")
        return [known[each] for each in listed]

    def _start_next(self, token: Token) -> None:
        """Start what is to start: all of it, or the next one when nothing runs."""
        row = token.internal_data["ah"]
        count = len(row[1])
        if self.node.sequential:
            count = 0 if token.has_work else min(1, count)
        now, row[1] = row[1][:count], row[1][count:]
        for element in now:
            if element not in row[2]:
                row[2].append(element)
            token.workflow.spawn(token, token.home.nodes[element])

    def _look(self, token: Token) -> Mapping[str, Any] | None:
        data = token.internal_data
        if "stop" not in data and data["ah"][2] and self._condition_holds(token):
            data["stop"] = 1
            data["ah"][1] = []
            for child in token.children if self.node.cancel_remaining else ():
                if not child.waits_for_scope:
                    child.cancel()
        del data["chk"]
        self._start_next(token)
        if not self._is_over(token):
            return None
        for child in token.children:
            child.cancel()
        return self.closing(token)

    def _condition_holds(self, token: Token) -> bool:
        if not self.node.completion_condition:
            return False
        answer = token.workflow.evaluator.one(self.node.completion_condition, scopes.visible(token))
        if answer is not None and not isinstance(answer, bool):
            raise StepFailed(
                "conditionNotBoolean", f"the completion condition of {self.node.id} gave {type(answer).__name__}"
            )
        return answer is True

    def _is_over(self, token: Token) -> bool:
        if token.has_work:
            return False
        data = token.internal_data
        if "stop" in data:
            return True
        if self.node.completion_condition:
            return False
        chosen = {spec.node.id for spec in self._choices(token)}
        return bool(self.node.active_elements) or chosen.issubset(data["ah"][2])


def open_ad_hoc(token: Token) -> AdHoc:
    """The open ad-hoc sub-process at a token: what may be activated there."""
    spec = token.task_spec
    outer_id = token.internal_data["ah"][0]
    over = "stop" in token.internal_data or "inc" in token.internal_data
    enabled = () if over else tuple(each.node.id for each in token.home.starts.get(spec.node.id, ()))
    return AdHoc(outer_id, spec.node.id, enabled, token.internal_data.get("i"))


def open_ad_hocs(tokens: Iterable[Token]) -> tuple[AdHoc, ...]:
    """Those of them that are open ad-hoc sub-processes."""
    return tuple(
        open_ad_hoc(token) for token in tokens if "ah" in token.internal_data and "cx" not in token.internal_data
    )
