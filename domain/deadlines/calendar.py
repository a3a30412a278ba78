"""Working days (DOMAIN §3.2, §3.3): the official calendar with 调休, overrides of a region, arithmetic over both.

Source of the official years is the package ``chinesecalendar`` (the yearly notices of the State Council's office). A day of a
year without a notice is computed as Monday to Friday and counts as *provisional*. Overrides are inherited: county →
prefecture → province → nation (``CN``).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from functools import lru_cache

import chinese_calendar
from chinese_calendar.constants import holidays as official_holidays
from sqlalchemy import select
from sqlalchemy.orm import Session

from domain.clock import CHINA
from domain.deadlines.errors import CalendarUnusable
from domain.deadlines.models import CalendarDay

NATION = "CN"
FIRST_OFFICIAL_YEAR = int(min(official_holidays).year)
LAST_OFFICIAL_YEAR = int(max(official_holidays).year)
LONGEST_REST = 120
"""Days in a row without a workday before a calendar is refused: a typing mistake in the overrides, not a holiday."""


@lru_cache(maxsize=8192)
def official_workday(day: date) -> bool:
    """Whether the nation works that day; Monday to Friday where no notice exists."""
    if is_official(day):
        return bool(chinese_calendar.is_workday(day))
    return day.isoweekday() <= 5  # noqa: PLR2004 -- Friday


def is_official(day: date) -> bool:
    """Whether a notice covers the year of that day."""
    return FIRST_OFFICIAL_YEAR <= day.year <= LAST_OFFICIAL_YEAR


def region_line(region_code: str) -> tuple[str, ...]:
    """The regions whose overrides apply, most specific first: ('532622', '532600', '530000', 'CN')."""
    six = region_code[:6]
    line = [region_code, six, f"{six[:4]}00", f"{six[:2]}0000", NATION]
    return tuple(dict.fromkeys(line))


@dataclass(frozen=True, slots=True)
class Calendar:
    """The working days of one region. ``overrides`` already has the inheritance resolved."""

    region_code: str = NATION
    overrides: Mapping[date, bool] = field(default_factory=dict)

    def is_workday(self, day: date) -> bool:
        """Whether offices of the region work that day."""
        own = self.overrides.get(day)
        return official_workday(day) if own is None else own

    def is_provisional(self, day: date) -> bool:
        """Whether that day is only an assumption (no yearly notice, no override)."""
        return day not in self.overrides and not is_official(day)

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
    """The calendar of a region with its inherited overrides: one statement, remembered for the transaction."""
    kept: dict[str, Calendar] = session.info.setdefault("calendars", {})
    if region_code not in kept:
        line = region_line(region_code)
        rows = session.execute(
            select(CalendarDay.region_code, CalendarDay.day, CalendarDay.is_workday).where(
                CalendarDay.region_code.in_(line)
            )
        ).all()
        ordered = sorted(rows, key=lambda row: line.index(row.region_code), reverse=True)
        kept[region_code] = Calendar(region_code, {row.day: row.is_workday for row in ordered})
    return kept[region_code]


def forget(session: Session) -> None:
    """Drop what :func:`load` remembered, after an override was written."""
    session.info.pop("calendars", None)
