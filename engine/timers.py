"""When a timer is due: durations, dates and cycles in ISO 8601, working days (``5wd``), cron cycles and FEEL results of these."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any

from engine import cron
from engine.errors import StepFailed

if TYPE_CHECKING:
    from engine.contract import Environment, Schedule

DURATION = re.compile(
    r"^[+-]?P(?=\d|T\d)(\d+(\.\d+)?Y)?(\d+(\.\d+)?M)?(\d+(\.\d+)?W)?(\d+(\.\d+)?D)?"
    r"(T(?=\d)(\d+(\.\d+)?H)?(\d+(\.\d+)?M)?(\d+(\.\d+)?S)?)?$"
)
WORKING_DAYS = re.compile(r"^\d+wd$")
DATE = re.compile(r"^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:?\d{2})?(\[[\w/]+\])?)?$")
REPEAT = re.compile(r"^R(?P<times>-1|\d*)$")


@dataclass(frozen=True, slots=True)
class Due:
    """The next moment and, for cycles, what is left: ``times`` more after it (None: for ever) every ``interval``.

    ``interval`` is a duration, with ``/`` and an end date when the cycle has one, or a cron expression. ``literal`` is the term that
    ``at`` was reckoned from at ``since`` (``5wd``, ``PT4H``); empty for dates and cron expressions, which nothing moves.
    """

    at: datetime
    interval: str | None = None
    times: int | None = 0
    literal: str = ""
    since: datetime | None = None


@dataclass(frozen=True, slots=True)
class Cycle:
    """A repeating interval of ISO 8601: ``times`` is None for ever. Without ``interval`` it lies between ``start`` and ``end``."""

    times: int | None
    start: str | None
    interval: str | None
    end: str | None


def is_literal(kind: str, text: str) -> bool:
    """Whether the text is a timer literal of its kind (duration, date or cycle)."""
    if kind == "duration":
        return bool(DURATION.match(text) or WORKING_DAYS.match(text))
    if kind == "date":
        return bool(DATE.match(text))
    return cron.is_valid(text) if cron.is_cron(text) else read_cycle(text) is not None


def read_cycle(text: str) -> Cycle | None:
    """``R3/PT1H``, ``R/start/PT1H``, ``R/PT1H/end``, ``R/start/PT1H/end`` or ``R/start/end``; None for anything else."""
    first, *parts = text.split("/")
    repeat = REPEAT.match(first)
    shape = "".join("i" if is_literal("duration", p) else "d" if is_literal("date", p) else "?" for p in parts)
    if repeat is None or shape not in {"i", "di", "id", "did", "dd"}:
        return None
    times = None if repeat["times"] in {"", "-1"} else int(repeat["times"])
    interval = next((p for p, kind in zip(parts, shape, strict=True) if kind == "i"), None)
    start = parts[0] if shape[0] == "d" else None
    end = parts[-1] if shape in {"id", "did", "dd"} else None
    return Cycle(times, start, interval, end)


def _text(value: Any) -> str:
    if isinstance(value, (datetime, date)):
        return value.isoformat()
    if isinstance(value, timedelta):
        return f"PT{value.total_seconds():f}S"
    if isinstance(value, str):
        return value.strip()
    raise StepFailed("timerInvalid", f"a timer needs text such as PT4H, 5wd or a date, not {type(value).__name__}")


def moment(literal: str, now: datetime, schedule: Schedule) -> datetime:
    """Ask the platform's schedule; what it refuses is an incident."""
    try:
        at = schedule(literal, now)
    except (ValueError, KeyError, OverflowError) as error:
        raise StepFailed("timerInvalid", f"the timer value {literal!r} cannot be scheduled: {error}") from error
    if at.tzinfo is None:
        raise StepFailed("timerInvalid", f"the timer value {literal!r} gave a time without zone")
    return at


def first_due(kind: str, value: Any, env: Environment) -> Due:
    """When a timer that starts to wait now fires first."""
    text = _text(value)
    if kind != "cycle":
        return _counted(Due(moment(text, env.now, env.schedule)), text, env.now)
    if cron.is_cron(text):
        return Due(_next_cron(text, env.now, env), text, None)
    cycle = read_cycle(text)
    if cycle is None:
        raise StepFailed("timerInvalid", f"the cycle {text!r} is neither of the form R3/P1D nor a cron expression")
    if cycle.times == 0:
        raise StepFailed("timerInvalid", f"the cycle {text!r} repeats zero times")
    interval = cycle.interval or _between(cycle, env)
    at = moment(cycle.start or interval, env.now, env.schedule)
    if moment(interval, at, env.schedule) <= at:
        raise StepFailed("timerInvalid", f"the interval of {text!r} does not move time forward")
    if cycle.interval is not None and cycle.end is not None:
        if at > moment(cycle.end, env.now, env.schedule):
            raise StepFailed("timerInvalid", f"the cycle {text!r} is over already")
        interval = f"{interval}/{cycle.end}"
    due = Due(at, interval, None if cycle.times is None else cycle.times - 1)
    return due if cycle.start else _counted(due, cycle.interval or "", env.now)


def _counted(due: Due, literal: str, since: datetime) -> Due:
    """Remember a term: a changed calendar or a changed value moves its end."""
    return replace(due, literal=literal, since=since) if is_literal("duration", literal) else due


def again(literal: str, since: datetime, env: Environment) -> datetime:
    """When a term ends by the calendar as it is now."""
    return moment(literal, since, env.schedule)


def _between(cycle: Cycle, env: Environment) -> str:
    """The time between start and end as a duration."""
    start = moment(cycle.start or "", env.now, env.schedule)
    end = moment(cycle.end or "", env.now, env.schedule)
    return f"PT{int((end - start).total_seconds())}S"


def _next_cron(text: str, after: datetime, env: Environment) -> datetime:
    if not cron.is_valid(text):
        raise StepFailed("timerInvalid", f"{text!r} is not a cron expression that ever falls due")
    try:
        return cron.next_after(text, after, env.zone)
    except ValueError as error:
        raise StepFailed("timerInvalid", f"the cron expression {text!r} has no next time: {error}") from error


def next_due(fired: Due, env: Environment) -> Due | None:
    """The one after ``fired``, reckoned from when that one was due; None when it was the last."""
    if fired.interval is None or fired.times == 0:
        return None
    if cron.is_cron(fired.interval):
        return Due(_next_cron(fired.interval, fired.at, env), fired.interval, fired.times)
    interval, _, end = fired.interval.partition("/")
    at = moment(interval, fired.at, env.schedule)
    if end and at > moment(end, fired.at, env.schedule):
        return None
    due = Due(at, fired.interval, None if fired.times is None else fired.times - 1)
    return _counted(due, interval, fired.at)
