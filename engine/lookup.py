"""Which token a command means: the one at an element, or the one that holds an open task, job, incident or ad-hoc sub-process."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from engine.errors import ElementNotActive
from engine.spiff.store import ELEMENT, MEMORY

if TYPE_CHECKING:
    from engine.spiff.workflow import Instance, Token


def find_place(instance: Instance, element: str | None) -> Token:
    """The oldest token at the element; the root for None."""
    if element is None:
        return instance.task_tree
    for row in instance.tasks.rows():
        if row[ELEMENT] == element and "k" not in (row[MEMORY] or ()):
            return instance.tasks[row[0]]
    raise ElementNotActive(element)


def find_open(instance: Instance, kind: str, wanted: str, missing: type[Any]) -> Token:
    """The token that holds the open task, job or incident."""
    for key, memory in instance.tasks.memories():
        row = memory.get(kind)
        if row is not None and row[0] == wanted:
            return instance.tasks[key]
    raise missing(wanted)
