"""Saves an instance and loads it again: the live tokens, their variables and counters; the specs stay with the definition.

A token is one row ``[id, element, parent, state, memory, variables]``. ``version`` says how rows are to be read.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import orjson

from engine.errors import StateTooLarge, StateUnreadable
from engine.spiff.workflow import Instance
from engine.values import dump

if TYPE_CHECKING:
    from engine.contract import Environment
    from engine.expressions import Evaluator
    from engine.limits import Limits
    from engine.spiff.definition import Definition

VERSION = 2
READABLE = frozenset({1, VERSION})
"""Version 2 added what compensation, transactions and calls of other definitions remember; a state of version 1 holds none of it."""


def save(instance: Instance) -> bytes:
    """The state as bytes. Anything that is not JSON is refused."""
    state = {
        "version": VERSION,
        "process": instance.process_id,
        "key": instance.key,
        "counter": instance.counter,
        "history": instance.changes.seq,
        "ended": instance.completed,
        "tokens": instance.tasks.rows(),
    }
    data = dump(state)
    if len(data) > instance.limits.state_bytes:
        raise StateTooLarge(f"{len(data)} bytes")
    return data


def load(data: bytes, definition: Definition, env: Environment, evaluator: Evaluator, limits: Limits) -> Instance:
    """The instance as it was saved."""
    state = header(data)
    try:
        instance = Instance(definition, state["process"], env, evaluator, limits)
        instance.key = state["key"]
        instance.counter = state["counter"]
        instance.changes.seq = state["history"]
        instance.completed = state["ended"]
        instance.restore(state["tokens"])
    except (KeyError, TypeError, ValueError, IndexError) as error:
        raise StateUnreadable(f"{type(error).__name__}: {error}") from error
    return instance


def header(data: bytes) -> dict[str, Any]:
    """The state's raw content after its version was checked."""
    try:
        state = orjson.loads(data)
    except ValueError as error:
        raise StateUnreadable("not JSON") from error
    if not isinstance(state, dict) or state.get("version") not in READABLE:
        raise StateUnreadable(
            f"version {state.get('version') if isinstance(state, dict) else None!r}; this engine reads {sorted(READABLE)}"
        )
    return state
