"""Standard loops (BPMN 2.0.2 §10.3.7): the same activity again while a condition holds.

``loopCounter`` is the number of the round, from 1; the condition sees it, what the round wrote, and 0 when it is tested before the first.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from SpiffWorkflow.util.task import TaskState

from engine import scopes
from engine.errors import StepFailed

if TYPE_CHECKING:
    from collections.abc import Mapping

    from engine.spiff.workflow import Token


def begin(token: Token) -> None:
    """Make the token the body of a loop; it stops at once when the condition is tested before and does not hold."""
    stop = token.task_spec.node.loop is not None and token.task_spec.node.loop.test_before and not _again(token, 0, {})
    token.internal_data["mi"] = {"loop": 1, "n": None, "done": 0, "next": 0, "out": None} | (
        {"stop": 1} if stop else {}
    )
    token.mark(TaskState.STARTED)


def after_round(token: Token, values: Mapping[str, Any]) -> None:
    """Say whether this round was the last one."""
    body = token.parent
    if not _again(body, token.internal_data["i"] + 1, values):
        body.internal_data["mi"]["stop"] = 1


def _again(body: Token, rounds: int, values: Mapping[str, Any]) -> bool:
    loop = body.task_spec.node.loop
    if loop is None:
        return False
    if loop.maximum is not None and rounds >= loop.maximum:
        return False
    if not loop.condition:
        return True
    answer = body.workflow.evaluator.one(loop.condition, scopes.visible(body, {**values, "loopCounter": rounds}))
    if answer is not None and not isinstance(answer, bool):
        raise StepFailed(
            "conditionNotBoolean", f"the loop condition of {body.task_spec.node.id} gave {type(answer).__name__}"
        )
    return answer is True
