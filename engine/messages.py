"""Which waiting token a message goes to: exactly one; by key, and by what the message says (correlation properties)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from engine import scopes

if TYPE_CHECKING:
    from collections.abc import Mapping

    from engine.spiff.workflow import Instance, Token


def receiver(instance: Instance, message: str, key: str | None, payload: Mapping[str, Any]) -> Token | None:
    """The innermost, then oldest, token that waits for the message with this key and these properties.

    A subscription without key waits by case: it takes the message whatever its key. One with a key takes only an equal one.
    A property that is known here, bound to data or from an earlier message of the conversation, must be equal.
    """
    said = properties(instance, message, payload)
    best: tuple[int, int, Token] | None = None
    for place in instance.tasks.holding("msg"):
        token = instance.tasks[place]
        _, name, wanted, *bound = token.internal_data["msg"]
        if name != message or (wanted is not None and wanted != key) or not _fits(token, said, bound):
            continue
        rank = (-_depth(token), int(token.id), token)
        if best is None or rank[:2] < best[:2]:
            best = rank
    return None if best is None else best[2]


def properties(instance: Instance, message: str, payload: Mapping[str, Any]) -> dict[str, Any]:
    """The correlation properties of a message: property id -> value; those without value are left out."""
    paths: dict[str, str] = {}
    for definition in instance.definitions():
        paths |= definition.correlations.paths.get(message, {})
    if not paths:
        return {}
    values = instance.evaluator.all(list(paths.values()), {**instance.constants, **payload})
    return {name: value for name, value in zip(paths, values, strict=True) if value is not None}


def bound_properties(token: Token, process: str, message: str) -> dict[str, Any]:
    """What the process of a waiting node binds the properties of its message to, as it is when the wait opens."""
    correlations = token.task_spec.definition.correlations
    bindings = correlations.bindings.get(process)
    paths = correlations.paths.get(message)
    if not bindings or not paths:
        return {}
    asked = [name for name in paths if name in bindings]
    values = token.workflow.evaluator.all([bindings[name] for name in asked], scopes.visible(token))
    return {name: value for name, value in zip(asked, values, strict=True) if value is not None}


def remember(token: Token, message: str, payload: Mapping[str, Any]) -> None:
    """The first message of a conversation, sent or received, says what its later ones must say (BPMN 2.0.2 §8.4.2.1).

    Each instance of a multi-instance activity and each called process has conversations of its own.
    """
    said = properties(token.workflow, message, payload)
    if not said:
        return
    holder = token
    while not holder.isolated and "i" not in holder.internal_data and holder.parent is not None:
        holder = holder.parent
    held = holder.internal_data
    held["cs"] = {**said, **held.get("cs", {})}


def _fits(token: Token, said: Mapping[str, Any], bound: list[Mapping[str, Any]]) -> bool:
    if not said:
        return True
    known = dict(bound[0]) if bound else {}
    level: Token | None = token
    while level is not None:
        known = {**level.internal_data.get("cs", {}), **known}
        level = level.parent
    return all(known[name] == value for name, value in said.items() if name in known)


def _depth(token: Token) -> int:
    depth = 0
    level = token.parent
    while level is not None:
        depth += 1
        level = level.parent
    return depth
