"""The arithmetic of a clock (DOMAIN §3.3), on its row alone: start, stop, resume, lengthen, recompute, finish.

Working days by one calendar; day 1 is the first workday after the effective start. At every moment used + remaining = total,
and from the effective start to the due date there are used + paused + remaining working days. Nothing is read or written here.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
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
        clock.paused_days += days_between(clock.stopped_at, since, calendar)
    if clock.started_at is None:
        clock.started_at = since
    clock.state, clock.running_since = RUNNING, max(since, clock.started_at)
    clock.stop_reason, clock.stopped_at, clock.resume_expected_at = "", None, None
    set_due(clock, calendar, hours)


def stop(clock: ClockRow, now: datetime, calendar: Calendar, reason: str) -> None:
    """From now on nothing counts and there is no due date; a clock that waits is held, one that stands still has one reason more."""
    if clock.state in {STOPPED, HELD}:
        clock.stop_reason = ",".join(dict.fromkeys([*reasons(clock), reason]))
        return
    if clock.state == WAITING:
        clock.state = HELD
    else:
        clock.used_days += run_days(clock, now, calendar)
        clock.stopped_at = max(now, clock.running_since or now)
        clock.state, clock.running_since, clock.due_at = STOPPED, None, None
    clock.stop_reason = reason


def reasons(clock: ClockRow) -> list[str]:
    """Why it stands still: it goes on when the last of them is gone."""
    return [reason for reason in clock.stop_reason.split(",") if reason]


def drop(clock: ClockRow, reason: str) -> bool:
    """One reason is gone (or with '' all of them). Whether the clock may go on."""
    clock.stop_reason = ",".join(each for each in reasons(clock) if reason and each != reason)
    return not clock.stop_reason


def finish(clock: ClockRow, now: datetime, calendar: Calendar) -> None:
    """It is over; what was used and paused stands, and so does the date it had."""
    if clock.state == RUNNING:
        clock.used_days += run_days(clock, now, calendar)
    if clock.stopped_at is not None:
        clock.paused_days += days_between(clock.stopped_at, now, calendar)
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
    since, left = clock.running_since.astimezone(CHINA).date(), clock.total_days - clock.used_days
    day = due_day(since, left, calendar)
    clock.due_at, clock.is_provisional = end_of(day, hours), calendar.is_provisional(day)


def due_day(since: date, left: int, calendar: Calendar) -> date:
    """The day on which a clock is due that runs since a day and has so many working days left (negative: it was late already)."""
    if left < 0:  # overdue before it was stopped: it stays late by as many working days
        since = calendar.add(since + timedelta(days=1), -1)
    return calendar.add(since, left)


def run_days(clock: ClockRow, now: datetime, calendar: Calendar) -> int:
    """Working days of the present run."""
    return 0 if clock.running_since is None else days_between(clock.running_since, now, calendar)


def read(clock: ClockRow, now: datetime, calendar: Calendar) -> Reading:
    """The clock at a moment."""
    used = clock.used_days + (run_days(clock, now, calendar) if clock.state == RUNNING else 0)
    paused = clock.paused_days + (0 if clock.stopped_at is None else days_between(clock.stopped_at, now, calendar))
    state = "STOPPED" if clock.state == HELD else clock.state
    if clock.state == RUNNING and clock.due_at is not None and clock.due_at < now:
        state = "OVERDUE"
    return Reading(clock.total_days, used, paused, clock.total_days - used, state)


def effective(moment: datetime, calendar: Calendar, hours: Hours) -> datetime:
    """That moment, or the beginning of the next working day when the office was closed."""
    day = calendar.effective_start(moment, hours.office_end)
    return moment if day == moment.astimezone(CHINA).date() else datetime.combine(day, time(0), CHINA)


def days_between(since: datetime, until: datetime, calendar: Calendar) -> int:
    """Working days d with since < d <= until."""
    return calendar.used(since.astimezone(CHINA).date(), until.astimezone(CHINA).date())
