"""Working hours: when an office of a region is open, and terms that are counted in them (``4wh``)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from domain.clock import CHINA
from domain.deadlines.calendar import Calendar
from domain.deadlines.due import clock_time
from domain.deadlines.errors import BadLiteral

_WORKHOURS = re.compile(r"^([1-9]\d{0,2})wh$")
MOST_DAYS = 400
"""A term of up to 999 hours is over within so many working days, or the office has no hours at all."""


@dataclass(frozen=True, slots=True)
class Office:
    """When an office is open on a working day: from ``begins`` to ``ends``, closed from ``noon_begins`` to ``noon_ends``."""

    begins: time = time(9, 0)
    noon_begins: time = time(12, 0)
    noon_ends: time = time(14, 0)
    ends: time = time(18, 0)

    @classmethod
    def of(cls, values: Mapping[str, str]) -> Office:
        """From policy values ``calendar.officeBegin``, ``.noonBegin``, ``.noonEnd`` and ``.officeEnd``."""
        standard = cls()
        return cls(
            clock_time(values.get("calendar.officeBegin"), standard.begins),
            clock_time(values.get("calendar.noonBegin"), standard.noon_begins),
            clock_time(values.get("calendar.noonEnd"), standard.noon_ends),
            clock_time(values.get("calendar.officeEnd"), standard.ends),
        )

    def spans(self, day: date) -> Iterator[tuple[datetime, datetime]]:
        """The times of that day when the office is open; a break that lies outside of the hours, or ends before it begins, is none."""
        ends = [self.begins, self.ends]
        if self.begins <= self.noon_begins < self.noon_ends <= self.ends:
            ends[1:1] = [self.noon_begins, self.noon_ends]
        moments = [datetime.combine(day, each, CHINA) for each in ends]
        for start, end in zip(moments[::2], moments[1::2], strict=True):
            if start < end:
                yield start, end


def workhours_of(literal: str) -> int | None:
    """The number of working hours a literal states (``4wh``), or None when it is no such literal."""
    found = _WORKHOURS.match(literal.strip())
    return int(found[1]) if found else None


def after_workhours(hours: int, start: datetime, calendar: Calendar, office: Office) -> datetime:
    """When so many hours have passed in which the office was open, in UTC. Raises :class:`BadLiteral` when it never is."""
    left, day = timedelta(hours=hours), start.astimezone(CHINA).date()
    for _ in range(MOST_DAYS):
        day = calendar.first_workday(day)
        for begins, ends in office.spans(day):
            begun = max(begins, start)
            if begun >= ends:
                continue
            if ends - begun >= left:
                return (begun + left).astimezone(UTC)
            left -= ends - begun
        day += timedelta(days=1)
    raise BadLiteral("该机构没有可用的工作时间。", "The office has no working hours.")
