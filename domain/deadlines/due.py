"""From a literal to a moment: ``5wd``, ``PT4H``, ``P40D``, ``R3/P1D``, an ISO date.

A due date in working days is the end of that day. The configured close ``24:00`` is stored as the last second of the day
(23:59:59 Asia/Shanghai), so that the date people read is the due date and not the day after.
"""

from __future__ import annotations

import calendar as months
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from sqlalchemy.orm import Session

from domain.clock import CHINA
from domain.deadlines.calendar import Calendar, load
from domain.deadlines.errors import BadLiteral

_WORKDAYS = re.compile(r"^(\d{1,4})\s*wd$", re.IGNORECASE)
_NUMBER = r"\d{1,8}(?:\.\d{1,9})?"
_DURATION = re.compile(
    r"^(?P<sign>[+-]?)P(?=\d|T\d)(?:(?P<years>\d{1,4})Y)?(?:(?P<months>\d{1,4})M)?"
    rf"(?:(?P<weeks>{_NUMBER})W)?(?:(?P<days>{_NUMBER})D)?"
    rf"(?:T(?=\d)(?:(?P<hours>{_NUMBER})H)?(?:(?P<minutes>{_NUMBER})M)?(?:(?P<seconds>{_NUMBER})S)?)?$"
)
_ZONE_NAME = re.compile(r"\[[\w/+-]+\]$")
_DAY_ONLY = re.compile(r"^\d{4}-\d{2}-\d{2}$")
LAST_YEAR = 9000
"""Later years are refused: they overflow when a time zone is applied."""


@dataclass(frozen=True, slots=True)
class Hours:
    """When an office ends its day for receiving, and when a due day ends (``24:00`` = the day's last second)."""

    office_end: time = time(18, 0)
    day_end: time = time(23, 59, 59)

    @classmethod
    def of(cls, values: Mapping[str, str]) -> Hours:
        """From policy values ``calendar.officeEnd`` and ``calendar.dayEnd``."""
        standard = cls()
        return cls(
            clock_time(values.get("calendar.officeEnd"), standard.office_end),
            clock_time(values.get("calendar.dayEnd"), standard.day_end),
        )


def end_of(day: date, hours: Hours = Hours()) -> datetime:
    """The moment a due day ends, in UTC."""
    return datetime.combine(day, hours.day_end, CHINA).astimezone(UTC)


def after_workdays(workdays: int, start: datetime, calendar: Calendar, hours: Hours = Hours()) -> datetime:
    """End of the n-th workday after the effective start; 0 is the end of the effective start itself."""
    return end_of(calendar.add(calendar.effective_start(start, hours.office_end), workdays), hours)


def schedule(literal: str, now: datetime, calendar: Calendar, hours: Hours = Hours()) -> datetime:
    """When a timer or deadline of this literal is due, counted from ``now`` by the given calendar; UTC.

    A cycle (``R3/P1D``) gives its first moment. Raises :class:`BadLiteral`.
    """
    text = literal.strip()
    if text[:1] in {"R", "r"} and "/" in text:
        text = text.split("/")[1].strip()
    if found := _WORKDAYS.match(text):
        return after_workdays(int(found[1]), now, calendar, hours)
    if text.lstrip("+-").startswith("P"):
        return _bounded(literal, lambda: _add_duration(text, now))
    return _bounded(literal, lambda: _moment(text, hours))


def scheduler(session: Session, region_code: str, hours: Hours = Hours()) -> Callable[[str, datetime], datetime]:
    """What the engine's :class:`engine.contract.Environment` wants as ``schedule``: bound to a region's calendar, read on first use."""

    def bound(literal: str, now: datetime) -> datetime:
        return schedule(literal, now, load(session, region_code), hours)

    return bound


def is_duration(text: str) -> bool:
    """Whether the text is an ISO 8601 duration."""
    return bool(_DURATION.match(text))


def workdays_of(literal: str) -> int | None:
    """The number of working days a literal states, or None when it is no ``wd`` literal."""
    found = _WORKDAYS.match(literal.strip())
    return int(found[1]) if found else None


_LEVELS = {
    "none": ("不要求", "none"),
    "real-name": ("实名", "real name"),
    "real-person": ("实人", "real person"),
}


def told(literal: str) -> tuple[str, str]:
    """A duration as people read it, in Chinese and English: ``5wd``, ``4wh``, ``P40D``, ``PT4H``; anything else as it is."""
    if literal in _LEVELS:
        return _LEVELS[literal]
    number = literal.lstrip("PT").rstrip("wdDHh")
    if not number.isdigit():
        return literal, literal
    for end, zh, en in (
        ("wd", "个工作日", "working day"),
        ("wh", "个工作小时", "working hour"),
        ("D", "日（自然日）", "calendar day"),
        ("H", "小时", "hour"),
    ):
        if literal.endswith(end):
            return f"{number} {zh}", f"{number} {en}" if int(number) == 1 else f"{number} {en}s"
    return literal, literal


def _bounded(literal: str, compute: Callable[[], datetime]) -> datetime:
    try:
        due = compute()
    except (ValueError, OverflowError):
        due = None
    if due is None or due.year > LAST_YEAR:
        raise BadLiteral(f"“{literal[:60]}”不是可用的时限。", f"'{literal[:60]}' is not a usable duration or date.")
    return due.astimezone(UTC)


def _add_duration(text: str, now: datetime) -> datetime:
    """Years and months by the civil calendar of China, the rest as elapsed time."""
    found = _DURATION.match(text)
    if not found:
        raise ValueError(text)
    part = {name: float(value or 0) for name, value in found.groupdict().items() if name != "sign"}
    sign = -1 if found["sign"] == "-" else 1
    local = now.astimezone(CHINA)
    month = local.year * 12 + local.month - 1 + sign * int(part["years"] * 12 + part["months"])
    year, month = divmod(month, 12)
    if not 1 <= year <= LAST_YEAR:
        raise ValueError(text)
    moved = local.replace(year=year, month=month + 1, day=min(local.day, months.monthrange(year, month + 1)[1]))
    return moved + sign * timedelta(
        weeks=part["weeks"],
        days=part["days"],
        hours=part["hours"],
        minutes=part["minutes"],
        seconds=part["seconds"],
    )


def _moment(text: str, hours: Hours) -> datetime:
    """An ISO date is due at its end; a time without zone is civil time of China."""
    if _DAY_ONLY.match(text):
        return end_of(date.fromisoformat(text), hours)
    moment = datetime.fromisoformat(_ZONE_NAME.sub("", text))
    return moment if moment.tzinfo else moment.replace(tzinfo=CHINA)


def clock_time(text: str | None, standard: time) -> time:
    """A time of day as policies write it (``24:00``: the day's last second). Raises :class:`BadLiteral`."""
    if not text:
        return standard
    if text == "24:00":
        return time(23, 59, 59)
    try:
        return time.fromisoformat(text)
    except ValueError:
        raise BadLiteral(f"“{text[:20]}”不是时刻。", f"'{text[:20]}' is not a time of day.") from None
