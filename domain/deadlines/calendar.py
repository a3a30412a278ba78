"""Working days (DOMAIN §3.2, §3.3): the official calendar with 调休, published years and overrides of a region, arithmetic over them.

Sources, later ones win: Monday to Friday → the package ``chinesecalendar`` (yearly notices of the State Council's office) → a
published version of the nation's year, which then stands alone → overrides of days → the same of the province, the prefecture, the
county. A day of a year without any notice is Monday to Friday and counts as *provisional*.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from typing import Any, Final, NamedTuple

import chinese_calendar
from chinese_calendar.constants import holidays as official_holidays
from sqlalchemy import Integer, String, bindparam, cast, literal, null, select, true, union_all
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Session

from domain.clock import CHINA
from domain.deadlines import rules
from domain.deadlines.errors import CalendarUnusable
from domain.deadlines.models import CalendarDay, CalendarVersion

NATION = "CN"
FIRST_OFFICIAL_YEAR = int(min(official_holidays).year)
LAST_OFFICIAL_YEAR = int(max(official_holidays).year)
LONGEST_REST = 120
"""Days in a row without a workday before a calendar is refused: a typing mistake in the overrides, not a holiday."""
FRIDAY: Final = 5
_HOLIDAY_NAMES: Final = {each.value: each.chinese for each in chinese_calendar.Holiday}


@lru_cache(maxsize=8192)
def official_workday(day: date) -> bool:
    """Whether the nation works that day by the shipped notices; Monday to Friday where none exists."""
    if is_official(day):
        return bool(chinese_calendar.is_workday(day))
    return day.isoweekday() <= FRIDAY


@lru_cache(maxsize=8192)
def official_name(day: date) -> tuple[str, str]:
    """The holiday that a shipped notice names for that day (also for its 调休 workdays), in Chinese and English; empty for none."""
    if not is_official(day):
        return "", ""
    name = chinese_calendar.get_holiday_detail(day)[1]
    return (_HOLIDAY_NAMES.get(name, name), name) if name else ("", "")


def is_official(day: date) -> bool:
    """Whether a shipped notice covers the year of that day."""
    return FIRST_OFFICIAL_YEAR <= day.year <= LAST_OFFICIAL_YEAR


def region_line(region_code: str) -> tuple[str, ...]:
    """The regions whose overrides apply, most specific first: ('532622', '532600', '530000', 'CN')."""
    if region_code == NATION:
        return (NATION,)
    six = region_code[:6]
    line = [region_code, six, f"{six[:4]}00", f"{six[:2]}0000", NATION]
    return tuple(dict.fromkeys(line))


class Mark(NamedTuple):
    """Why a day is what it is: set for ``region_code`` by the published version of ``year``, or by hand (``year`` None)."""

    is_workday: bool
    name: str
    region_code: str
    year: int | None = None


@dataclass(frozen=True, slots=True)
class Calendar:
    """The working days of one region. ``overrides`` and ``marks`` already have the inheritance resolved.

    ``published`` are the years for which a national version was published here; the shipped notice of such a year is not asked.
    """

    region_code: str = NATION
    overrides: Mapping[date, bool] = field(default_factory=dict)
    marks: Mapping[date, Mark] = field(default_factory=dict)
    published: frozenset[int] = frozenset()

    def is_workday(self, day: date) -> bool:
        """Whether offices of the region work that day."""
        own = self.overrides.get(day)
        if own is not None:
            return own
        return day.isoweekday() <= FRIDAY if day.year in self.published else official_workday(day)

    def is_provisional(self, day: date) -> bool:
        """Whether that day is only an assumption: no notice covers its year (an override of a day is no notice)."""
        return day.year not in self.published and not is_official(day)

    def name_of(self, day: date) -> tuple[str, str]:
        """What the day is called (春节, 州庆), in Chinese and English; empty for a plain day."""
        if mark := self.marks.get(day):
            return mark.name, mark.name
        return ("", "") if day.year in self.published else official_name(day)

    def first_workday(self, day: date) -> date:
        """That day, or the first workday after it."""
        for ahead in range(LONGEST_REST):
            if self.is_workday(day + timedelta(days=ahead)):
                return day + timedelta(days=ahead)
        raise CalendarUnusable(
            f"{self.region_code} 自 {day} 起 {LONGEST_REST} 天内没有工作日。",
            f"{self.region_code} has no workday within {LONGEST_REST} days from {day}.",
        )

    def effective_start(self, moment: datetime, office_end: time) -> date:
        """The day a submission counts as received: on a rest day or after office hours, the next workday."""
        local = moment.astimezone(CHINA)
        if self.is_workday(local.date()) and local.time() <= office_end:
            return local.date()
        return self.first_workday(local.date() + timedelta(days=1))

    def add(self, day: date, workdays: int) -> date:
        """The ``workdays``-th workday after ``day`` (before it when negative); the day itself is not counted."""
        step = timedelta(days=1 if workdays >= 0 else -1)
        left, idle = abs(workdays), 0
        while left:
            day += step
            if self.is_workday(day):
                left, idle = left - 1, 0
            elif (idle := idle + 1) > LONGEST_REST:
                return self.first_workday(day)
        return day

    def used(self, after: date, until: date) -> int:
        """Number of workdays d with ``after`` < d <= ``until``; zero when the two are in the wrong order."""
        return sum(self.is_workday(after + timedelta(days=n)) for n in range(1, (until - after).days + 1))

    def workdays_left(self, now: datetime, due_at: datetime) -> int:
        """Workdays from now to the due date: 0 today, negative when overdue (for display)."""
        today, due = now.astimezone(CHINA).date(), due_at.astimezone(CHINA).date()
        return self.used(today, due) if due >= today else -self.used(due, today)


def load(session: Session, region_code: str) -> Calendar:
    """The calendar of a region with all that it inherits; read once per edition of the rules."""

    def read() -> Calendar:
        line = region_line(region_code)
        return _resolve(region_code, session.execute(_ROWS, {"line": list(line)}).all())

    calendar: Calendar = rules.remembered(session, ("calendar", region_code), read)
    return calendar


def forget(session: Session) -> None:
    """See the calendar anew, after a day or a year was written."""
    rules.forget(session)


_ROWS = union_all(
    select(
        CalendarDay.region_code,
        cast(null(), Integer).label("year"),
        CalendarDay.day.label("day"),
        CalendarDay.is_workday,
        CalendarDay.reason.label("name"),
        cast(null(), JSONB).label("days"),
    ).where(CalendarDay.region_code.in_(bindparam("line", expanding=True))),
    select(
        CalendarVersion.region_code,
        CalendarVersion.year,
        null(),
        true(),
        cast(literal(""), String),
        CalendarVersion.days,
    ).where(
        CalendarVersion.region_code.in_(bindparam("line", expanding=True)),
        CalendarVersion.in_force,
        CalendarVersion.is_withdrawn.is_(False),
    ),
)
"""Overrides of days, and the published years in force; built once (read once per edition of the rules)."""


def _resolve(region_code: str, rows: Iterable[Any]) -> Calendar:
    """Lay the rows upon each other: the nation's first; in one region the years in order, then the days by hand."""
    line = region_line(region_code)
    found = sorted(rows, key=lambda row: (-line.index(row.region_code), row.year is None, row.year or 0))
    marks: dict[date, Mark] = {}
    for row in found:
        if row.year is None:
            marks[row.day] = Mark(row.is_workday, row.name, row.region_code)
            continue
        for entry in row.days:
            day = date.fromisoformat(entry["day"])
            marks[day] = Mark(entry["isWorkday"], entry["name"], row.region_code, row.year)
    years = frozenset(row.year for row in found if row.year is not None and row.region_code == NATION)
    return Calendar(region_code, {day: mark.is_workday for day, mark in marks.items()}, marks, years)
