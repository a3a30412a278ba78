"""Terms in working hours: only the time counts in which the office is open."""

from __future__ import annotations

from datetime import date, datetime, time

import pytest

from domain.clock import CHINA
from domain.deadlines.calendar import Calendar
from domain.deadlines.errors import BadLiteral
from domain.deadlines.office import Office, after_workhours, workhours_of

FRIDAY = date(2026, 3, 6)
HOLIDAY = Calendar(overrides={date(2026, 3, 9): False})


def at(day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(2026, 3, day, hour, minute, tzinfo=CHINA)


@pytest.mark.parametrize(
    ("hours", "start", "end", "calendar"),
    [
        (2, at(6, 10), at(6, 12), Calendar()),
        (4, at(6, 10), at(6, 16), Calendar()),
        (4, at(6, 12, 30), at(6, 18), Calendar()),
        (4, at(6, 16), at(9, 11), Calendar()),
        (4, at(6, 20), at(9, 15), Calendar()),
        (4, at(7, 3), at(9, 15), Calendar()),
        (4, at(6, 16), at(10, 11), HOLIDAY),
        (14, at(6, 9), at(9, 18), Calendar()),
    ],
)
def test_nights_the_noon_break_and_rest_days_do_not_count(
    hours: int, start: datetime, end: datetime, calendar: Calendar
) -> None:
    assert after_workhours(hours, start, calendar, Office()) == end


def test_hours_come_from_policies_and_an_office_that_never_opens_is_refused() -> None:
    straight = Office.of({"calendar.officeBegin": "08:30", "calendar.noonBegin": "12:00", "calendar.noonEnd": "12:00"})
    assert after_workhours(4, at(6, 8), Calendar(), straight) == at(6, 12, 30)
    assert [start.time() for start, _ in Office().spans(FRIDAY)] == [time(9), time(14)]
    with pytest.raises(BadLiteral):
        after_workhours(1, at(6, 8), Calendar(), Office(begins=time(18), ends=time(9)))
    assert [workhours_of(each) for each in ("4wh", "0wh", "4wd", "PT4H")] == [4, None, None, None]
