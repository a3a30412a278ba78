"""When timer start events are due: reckoned at deployment and, for cycles, from each due date to the next."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine import timers
from engine.contract import StartTimer

if TYPE_CHECKING:
    from engine.contract import Environment
    from engine.spiff.workflow import Instance


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
