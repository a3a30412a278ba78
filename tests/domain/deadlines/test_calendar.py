import json
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import delete, event, insert
from sqlalchemy.orm import Session

from domain.clock import CHINA
from domain.deadlines import calendar
from domain.deadlines.calendar import Calendar
from domain.deadlines.due import Hours, after_workdays, schedule
from domain.deadlines.errors import BadLiteral, CalendarUnusable
from domain.deadlines.models import CalendarDay

OFFICIAL = json.loads(
    (Path(calendar.__file__).parent / "data" / "calendar_cn_2023_2026.json").read_text(encoding="utf-8")
)
SIMPLE = [v for v in OFFICIAL["testVectors"] if "workdays" in v]
NATIONAL = Calendar()
OFFICE_END = time(18, 0)


def listed_workdays() -> dict[date, bool]:
    days: dict[date, bool] = {}
    day = date(2023, 1, 1)
    while day <= date(2026, 12, 31):
        days[day] = day.isoweekday() <= 5
        day += timedelta(days=1)
    for year in OFFICIAL["years"].values():
        for rest in year["holidays"]:
            day = date.fromisoformat(rest["from"])
            while day <= date.fromisoformat(rest["to"]):
                if day in days:
                    days[day] = False
                day += timedelta(days=1)
        for text in year["adjustedWorkdays"]:
            days[date.fromisoformat(text)] = True
    return days


def test_the_official_source_equals_the_published_notices_day_by_day() -> None:
    listed = listed_workdays()
    assert len(listed) == 1461
    assert {day: NATIONAL.is_workday(day) for day in listed} == listed
    assert not any(NATIONAL.is_provisional(day) for day in listed)


@pytest.mark.parametrize("vector", SIMPLE, ids=[v["case"] for v in SIMPLE])
def test_vectors(vector: dict[str, object]) -> None:
    start = datetime.fromisoformat(f"{vector['start']}T10:00").replace(tzinfo=CHINA)
    begun = NATIONAL.effective_start(start, OFFICE_END)
    assert begun.isoformat() == vector.get("effectiveStart", vector["start"])
    assert NATIONAL.add(begun, int(str(vector["workdays"]))).isoformat() == vector["deadline"]
    due = schedule(f"{vector['workdays']}wd", start, NATIONAL)
    assert due.astimezone(CHINA).isoformat() == f"{vector['deadline']}T23:59:59+08:00"


def test_received_after_office_hours_counts_as_the_next_workday() -> None:
    friday_evening = datetime(2026, 3, 6, 18, 1, tzinfo=CHINA)
    assert NATIONAL.effective_start(friday_evening, OFFICE_END) == date(2026, 3, 9)
    assert NATIONAL.effective_start(friday_evening, time(19, 0)) == date(2026, 3, 6)
    assert NATIONAL.effective_start(datetime(2026, 3, 6, 0, 30, tzinfo=CHINA), OFFICE_END) == date(2026, 3, 6)


def test_a_year_without_notice_is_provisional_monday_to_friday() -> None:
    saturday = date(calendar.LAST_OFFICIAL_YEAR + 1, 6, 1)
    while saturday.isoweekday() != 6:
        saturday += timedelta(days=1)
    assert not NATIONAL.is_workday(saturday)
    assert NATIONAL.is_workday(saturday + timedelta(days=2))
    assert NATIONAL.is_provisional(saturday)


def test_overrides_are_inherited_and_the_most_specific_wins(session: Session) -> None:
    festival, other = date(2026, 4, 1), date(2026, 4, 2)
    rows = [("CN", other, False), ("532600", festival, False), ("532622", other, True), ("440606", festival, True)]
    session.add_all(CalendarDay(region_code=c, day=d, is_workday=w, reason="州庆") for c, d, w in rows)
    session.flush()
    county, sister = calendar.load(session, "532622"), calendar.load(session, "532623")
    assert not county.is_workday(festival)
    assert county.is_workday(other)
    assert not sister.is_workday(festival)
    assert not sister.is_workday(other)
    assert calendar.load(session, "440606").is_workday(festival)
    assert county.add(date(2026, 3, 31), 1) == other
    assert not calendar.load(session, "532622000000").is_workday(festival)


def test_a_calendar_is_read_once_per_edition_of_the_rules(session: Session) -> None:
    statements: list[str] = []
    connection = session.connection()
    event.listen(connection, "before_cursor_execute", lambda *a: statements.append(a[2]))
    day = date(2026, 4, 1)
    session.execute(insert(CalendarDay).values(region_code="532622", day=day, is_workday=False, reason="州庆"))
    statements.clear()
    for _ in range(3):
        assert not calendar.load(session, "532622").is_workday(day)
    assert len(statements) == 2, "the edition, and the days"
    calendar.forget(session)
    calendar.load(session, "532622")
    assert len(statements) == 3, "the edition again: it is the same"
    session.execute(delete(CalendarDay).where(CalendarDay.day == day))
    calendar.forget(session)
    assert calendar.load(session, "532622").is_workday(day)


def test_overrides_without_any_workday_are_refused() -> None:
    dead = Calendar("532622", {date(2026, 3, 1) + timedelta(days=n): False for n in range(400)})
    with pytest.raises(CalendarUnusable):
        dead.add(date(2026, 3, 2), 1)


@pytest.mark.parametrize(
    ("literal", "expected"),
    [
        ("PT4H", "2026-03-02T14:00:00+08:00"),
        ("P40D", "2026-04-11T10:00:00+08:00"),
        ("P1M", "2026-04-02T10:00:00+08:00"),
        ("P1Y2M", "2027-05-02T10:00:00+08:00"),
        ("P2W", "2026-03-16T10:00:00+08:00"),
        ("PT90.5S", "2026-03-02T10:01:30.500000+08:00"),
        ("-P1D", "2026-03-01T10:00:00+08:00"),
        ("R3/P1D", "2026-03-03T10:00:00+08:00"),
        ("R/5wd", "2026-03-09T23:59:59+08:00"),
        ("0wd", "2026-03-02T23:59:59+08:00"),
        ("2026-05-01", "2026-05-01T23:59:59+08:00"),
        ("2026-05-01T08:30:00", "2026-05-01T08:30:00+08:00"),
        ("2026-05-01T08:30:00Z", "2026-05-01T16:30:00+08:00"),
        ("2026-05-01T08:30:00+08:00[Asia/Shanghai]", "2026-05-01T08:30:00+08:00"),
    ],
)
def test_literals(literal: str, expected: str) -> None:
    due = schedule(literal, datetime(2026, 3, 2, 2, 0, tzinfo=UTC), NATIONAL)
    assert due.tzinfo is UTC
    assert due.astimezone(CHINA).isoformat() == expected


@pytest.mark.parametrize(
    "literal", ["", "5", "5 days", "P", "PT", "-5wd", "5wdx", "2026-02-30", "P99999Y", "R3/", "下周", "P1H"]
)
def test_what_cannot_be_read_is_refused(literal: str) -> None:
    with pytest.raises(BadLiteral) as refusal:
        schedule(literal, datetime(2026, 3, 2, 2, 0, tzinfo=UTC), NATIONAL)
    assert isinstance(refusal.value, ValueError)


def test_the_close_of_a_day_is_configurable() -> None:
    hours = Hours.of({"calendar.officeEnd": "17:30", "calendar.dayEnd": "17:30"})
    due = after_workdays(1, datetime(2026, 3, 2, 17, 40, tzinfo=CHINA), NATIONAL, hours)
    assert due.astimezone(CHINA).isoformat() == "2026-03-04T17:30:00+08:00"
    assert Hours.of({"calendar.dayEnd": "24:00"}) == Hours()
    with pytest.raises(BadLiteral):
        Hours.of({"calendar.dayEnd": "25:00"})


@given(st.dates(date(2023, 1, 1), date(2026, 9, 1)), st.integers(0, 60))
def test_adding_and_counting_are_inverse(day: date, workdays: int) -> None:
    end = NATIONAL.add(day, workdays)
    assert NATIONAL.used(day, end) == workdays
    assert (
        NATIONAL.workdays_left(datetime.combine(day, time(9), CHINA), datetime.combine(end, time(9), CHINA)) == workdays
    )
    if workdays:
        assert NATIONAL.is_workday(end)


@given(
    start=st.dates(date(2023, 1, 1), date(2026, 10, 1)),
    terms=st.tuples(st.integers(0, 60), st.integers(0, 60)),
    local=st.dictionaries(st.dates(date(2023, 1, 1), date(2027, 3, 1)), st.booleans(), max_size=8),
)
def test_adding_and_counting_are_inverse_and_monotone(
    start: date, terms: tuple[int, int], local: dict[date, bool]
) -> None:
    own = Calendar("532622", local)
    short, long = sorted(terms)
    assert own.used(start, own.add(start, long)) == long
    assert own.add(start, short) <= own.add(start, long)
    assert own.add(own.add(start, short), long - short) == own.add(start, long)
    assert own.used(start, own.add(start, short)) <= own.used(start, own.add(start, long))


@given(days=st.dictionaries(st.dates(date(2026, 1, 1), date(2026, 12, 31)), st.booleans(), max_size=6))
def test_a_published_year_stands_alone_and_days_by_hand_lie_above_it(days: dict[date, bool]) -> None:
    notice = {date(2026, 5, 1): False, date(2026, 5, 9): True}
    own = Calendar("532622", {**notice, **days}, {}, frozenset({2026}))
    day = date(2026, 1, 1)
    while day.year == 2026:
        plain = day.isoweekday() <= 5
        assert own.is_workday(day) == days.get(day, notice.get(day, plain))
        day += timedelta(days=1)
    assert own.is_workday(date(2025, 10, 1)) is False
