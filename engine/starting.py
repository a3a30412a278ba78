"""Where a process starts, and when its timer start events are due: at deployment and, for cycles, from each due date to the next."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine import timers
from engine.contract import StartTimer
from engine.errors import ProcessUnknown

if TYPE_CHECKING:
    from engine.contract import Environment
    from engine.spiff.definition import Definition
    from engine.spiff.specs.base import NodeSpec
    from engine.spiff.workflow import Instance


def find_start(
    definition: Definition, process_id: str, *, message: str | None, signal: str | None, start_event: str | None
) -> tuple[NodeSpec, int | None] | None:
    """Where an instance begins: (node, place of the trigger); None for its none start event. Raises ProcessUnknown."""
    found: tuple[NodeSpec, int | None] | None = None
    if start_event is not None:
        found = definition.start_at(process_id, start_event)
    elif message is not None:
        found = definition.find_start(process_id, "message", message)
    elif signal is not None:
        found = definition.find_start(process_id, "signal", signal)
    elif not definition.starts[process_id]:
        found = definition.find_start(process_id, "timer")
    named = start_event or message or signal
    if found is None and (named is not None or not definition.starts[process_id]):
        raise ProcessUnknown(f"{process_id}: {named}" if named else process_id)
    return found


def first_timers(instance: Instance) -> tuple[StartTimer, ...]:
    """The timer start events of the instance's process with their first due dates from ``now``."""
    env = instance.env
    found = []
    for element_id, (kind, text) in instance.definition.timer_starts(instance.process_id):
        value = instance.evaluator.one(text, instance.constants)
        due = timers.first_due(kind, value, env)
        found.append(StartTimer(element_id, due.at, due.interval, due.times))
    return tuple(found)


def next_timer(fired: StartTimer, env: Environment) -> StartTimer | None:
    """The one after ``fired``; None when it was the last."""
    due = timers.next_due(timers.Due(fired.due_at, fired.interval, fired.times), env)
    return None if due is None else StartTimer(fired.element_id, due.at, due.interval, due.times)
