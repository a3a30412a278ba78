"""Which waiting token a message goes to: exactly one."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from engine.spiff.workflow import Instance, Token


def receiver(instance: Instance, message: str, key: str | None) -> Token | None:
    """The innermost, then oldest, token that waits for the message with this key.

    A subscription without key waits by case: it takes the message whatever its key. One with a key takes only an equal one.
    """
    best: tuple[int, int, Token] | None = None
    for place in instance.tasks.holding("msg"):
        token = instance.tasks[place]
        row = token.internal_data["msg"]
        if row[1] != message or (row[2] is not None and row[2] != key):
            continue
        rank = (-_depth(token), int(token.id), token)
        if best is None or rank[:2] < best[:2]:
            best = rank
    return None if best is None else best[2]


def _depth(token: Token) -> int:
    depth = 0
    level = token.parent
    while level is not None:
        depth += 1
        level = level.parent
    return depth
