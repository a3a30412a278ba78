"""The arithmetic of a clock (DOMAIN §3.3), on its row alone: start, stop, resume, lengthen, recompute, finish.

Working days by one calendar; day 1 is the first workday after the effective start. At every moment used + remaining = total,
and from the effective start to the due date there are used + paused + remaining working days. Nothing is read or written here.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from domain.clock import CHINA
from domain.deadlines.calendar import Calendar
from domain.deadlines.due import Hours, end_of
from domain.deadlines.models import ClockRow

WAITING: Final = "WAITING"
"""Received, not accepted: nothing counts yet."""
HELD: Final = "HELD"
"""Stopped before it ever ran."""
RUNNING: Final = "RUNNING"
STOPPED: Final = "STOPPED"
DONE: Final = "DONE"


@dataclass(frozen=True, slots=True)
class Reading:
    """A clock as it stands at a moment, in working days; ``remaining`` is negative when it is overdue."""

    total: int
    used: int
    paused: int
    remaining: int
    state: str
    """WAITING, RUNNING, STOPPED, DONE, OVERDUE."""


def run(clock: ClockRow, since: datetime, calendar: Calendar, hours: Hours) -> None:
    """Start or resume: what is left counts from ``since``."""
    if clock.stopped_at is not None:
        clock.paused_days += _days(clock.stopped_at, since, calendar)
    if clock.started_at is None:
        clock.started_at = since
    clock.state, clock.running_since = RUNNING, max(since, clock.started_at)
    clock.stop_reason, clock.stopped_at, clock.resume_expected_at = "", None, None
    set_due(clock, calendar, hours)


def stop(clock: ClockRow, now: datetime, calendar: Calendar, reason: str) -> None:
    """From now on nothing counts and there is no due date. A clock that waits is held."""
    if clock.state == WAITING:
        clock.state = HELD
    else:
        clock.used_days += run_days(clock, now, calendar)
        clock.stopped_at = max(now, clock.running_since or now)
        clock.state, clock.running_since, clock.due_at = STOPPED, None, None
    clock.stop_reason = reason


def finish(clock: ClockRow, now: datetime, calendar: Calendar) -> None:
    """It is over; what was used and paused stands, and so does the date it had."""
    if clock.state == RUNNING:
        clock.used_days += run_days(clock, now, calendar)
    if clock.stopped_at is not None:
        clock.paused_days += _days(clock.stopped_at, now, calendar)
    clock.state, clock.running_since, clock.stop_reason = DONE, None, ""
    clock.stopped_at = clock.resume_expected_at = None


def lengthen(clock: ClockRow, days: int, calendar: Calendar, hours: Hours) -> None:
    """More working days (art. 42); a stopped clock has them when it goes on."""
    clock.total_days += days
    clock.extended_days += days
    if clock.state == RUNNING:
        set_due(clock, calendar, hours)


def set_due(clock: ClockRow, calendar: Calendar, hours: Hours) -> None:
    """The due date of a running clock by this calendar: also after the calendar or the total changed."""
    if clock.running_since is None:
        return
    day = calendar.add(clock.running_since.astimezone(CHINA).date(), clock.total_days - clock.used_days)
    clock.due_at, clock.is_provisional = end_of(day, hours), calendar.is_provisional(day)


def run_days(clock: ClockRow, now: datetime, calendar: Calendar) -> int:
    """Working days of the present run."""
    return 0 if clock.running_since is None else _days(clock.running_since, now, calendar)


def read(clock: ClockRow, now: datetime, calendar: Calendar) -> Reading:
    """The clock at a moment."""
    used = clock.used_days + (run_days(clock, now, calendar) if clock.state == RUNNING else 0)
    paused = clock.paused_days + (0 if clock.stopped_at is None else _days(clock.stopped_at, now, calendar))
    state = "STOPPED" if clock.state == HELD else clock.state
    if clock.state == RUNNING and clock.due_at is not None and clock.due_at < now:
        state = "OVERDUE"
    return Reading(clock.total_days, used, paused, clock.total_days - used, state)


def _days(since: datetime, until: datetime, calendar: Calendar) -> int:
    return calendar.used(since.astimezone(CHINA).date(), until.astimezone(CHINA).date())
