"""Conditional events: a condition is looked at when its wait opens and whenever a variable it reads was written.

Between two steps only, never in the middle of one; and only for waits that see a changed name. A non-interrupting event fires each
time such a change leaves its condition true, as in Camunda.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine import scopes
from engine.errors import EngineError, StepFailed
from engine.expressions import words

if TYPE_CHECKING:
    from collections.abc import Iterable

    from engine.source.nodes import Trigger
    from engine.spiff.workflow import Instance, Token


def holds(token: Token, element_id: str, trigger: Trigger) -> bool:
    """Whether the condition holds for what is visible at ``token``. ``null`` counts as false."""
    value = token.workflow.evaluator.one(trigger.condition, scopes.visible(token))
    if value is not None and not isinstance(value, bool):
        raise StepFailed(
            "conditionNotBoolean", f"the condition of {element_id} gave {type(value).__name__} instead of true or false"
        )
    return value is True


def watch(token: Token, *, holds: bool) -> None:
    """Let ``token`` wait for its condition; one that holds already fires at the next moment between two steps."""
    token.internal_data["cond"] = 1
    token.workflow.watched[token.id] = None
    if holds:
        token.workflow.fulfilled.append(token.id)


def forget(token: Token) -> None:
    """The token waits no more."""
    token.workflow.watched.pop(token.id, None)


def fulfilled(instance: Instance) -> list[Token]:
    """The waits whose conditions hold now and did not fire yet, oldest first; nothing is asked when nothing was written."""
    changed, instance.changed = instance.changed, []
    ready, instance.fulfilled = instance.fulfilled, []
    for key in instance.watched if changed else ():
        token = instance.tasks[key]
        trigger = token.task_spec.node.triggers[token.internal_data.get("t", 0)]
        if key in ready or "inc" in token.internal_data or not _concerns(token, trigger, changed):
            continue
        try:
            if holds(_viewpoint(token), token.task_spec.node.id, trigger):
                ready.append(key)
        except EngineError as error:
            instance.fail(token, error)
    return [instance.tasks[key] for key in ready if key in instance.watched]


def look_again(token: Token) -> None:
    """After an incident: the condition is evaluated anew."""
    token.workflow.watched[token.id] = None
    trigger = token.task_spec.node.triggers[token.internal_data.get("t", 0)]
    if holds(_viewpoint(token), token.task_spec.node.id, trigger):
        token.workflow.fulfilled.append(token.id)


def _viewpoint(token: Token) -> Token:
    """Where the condition's names are looked up: at the host or scope of a boundary event or event sub-process."""
    return token.parent if token.waits_for_scope else token


def _concerns(token: Token, trigger: Trigger, changed: Iterable[tuple[str, str, str]]) -> bool:
    """Whether one of the changes (scope, name, created or updated) may matter to this condition."""
    names = frozenset(trigger.variables) or words(trigger.condition)
    kinds = trigger.variable_events or ("create", "update")
    places = {scope for scope, name, kind in changed if name in names and kind in kinds}
    level: Token | None = token
    while places and level is not None:
        if level.id in places:
            return True
        level = None if level.isolated else level.parent
    return False
