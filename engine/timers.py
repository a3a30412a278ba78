"""When a timer is due: durations, dates and cycles in ISO 8601, working days (``5wd``) and FEEL results of these."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any

from engine.errors import StepFailed

if TYPE_CHECKING:
    from engine.contract import Schedule

DURATION = re.compile(
    r"^[+-]?P(?=\d|T\d)(\d+(\.\d+)?Y)?(\d+(\.\d+)?M)?(\d+(\.\d+)?W)?(\d+(\.\d+)?D)?"
    r"(T(?=\d)(\d+(\.\d+)?H)?(\d+(\.\d+)?M)?(\d+(\.\d+)?S)?)?$"
)
WORKING_DAYS = re.compile(r"^\d+wd$")
DATE = re.compile(r"^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:?\d{2})?(\[[\w/]+\])?)?$")
CYCLE = re.compile(r"^R(?P<times>-1|\d*)(/(?P<start>\d[^/]*))?/(?P<interval>[^/]+)$")


@dataclass(frozen=True, slots=True)
class Due:
    """The next moment and, for cycles, what is left: ``times`` more after it (None: for ever) every ``interval``."""

    at: datetime
    interval: str | None = None
    times: int | None = 0


def is_literal(kind: str, text: str) -> bool:
    """Whether the text is a timer literal of its kind (duration, date or cycle)."""
    if kind == "duration":
        return bool(DURATION.match(text) or WORKING_DAYS.match(text))
    if kind == "date":
        return bool(DATE.match(text))
    cycle = CYCLE.match(text)
    if cycle is None:
        return False
    start = cycle["start"]
    return is_literal("duration", cycle["interval"]) and (start is None or bool(DATE.match(start)))


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


def first_due(kind: str, value: Any, now: datetime, schedule: Schedule) -> Due:
    """When a timer that starts to wait at ``now`` fires first."""
    text = _text(value)
    if kind != "cycle":
        return Due(moment(text, now, schedule))
    cycle = CYCLE.match(text)
    if cycle is None:
        raise StepFailed("timerInvalid", f"the cycle {text!r} is not of the form R3/P1D")
    times = None if cycle["times"] in {"", "-1"} else int(cycle["times"])
    if times == 0:
        raise StepFailed("timerInvalid", f"the cycle {text!r} repeats zero times")
    start = cycle["start"]
    at = moment(start or cycle["interval"], now, schedule)
    if moment(cycle["interval"], at, schedule) <= at:
        raise StepFailed("timerInvalid", f"the interval of {text!r} does not move time forward")
    return Due(at, cycle["interval"], None if times is None else times - 1)


def next_due(fired: Due, schedule: Schedule) -> Due | None:
    """The one after ``fired``, reckoned from when that one was due; None when it was the last."""
    if fired.interval is None or fired.times == 0:
        return None
    at = moment(fired.interval, fired.at, schedule)
    return Due(at, fired.interval, None if fired.times is None else fired.times - 1)
