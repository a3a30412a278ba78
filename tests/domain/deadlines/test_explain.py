from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from domain.cases.models import Task
from domain.cases.rows import LegRow
from domain.clock import CHINA, FixedClock
from domain.context import Context
from domain.deadlines import clocks, layers
from domain.deadlines.calendar import Calendar
from domain.deadlines.explain import count, explain, explain_clock, explain_task
from domain.deadlines.models import CalendarDay, ClockRow
from tests.support.notices import give_notice


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=CHINA)


def test_every_day_to_the_date_has_its_number_or_its_reason(ctx: Context, regions: None) -> None:
    del regions
    found = explain(ctx, "5wd", at("2026-02-13T10:00"), "532622")
    assert found.computed_at.astimezone(CHINA).date() == date(2026, 2, 27)
    by_day = {day.day.isoformat(): day for day in found.days}
    assert by_day["2026-02-14"].kind == "adjusted"
    assert by_day["2026-02-14"].number == 1
    assert (by_day["2026-02-17"].kind, by_day["2026-02-17"].name) == ("holiday", "春节")
    assert by_day["2026-02-17"].name_en == "Spring Festival"
    assert by_day["2026-02-24"].number == 2
    assert found.days[-1].number == 5
    assert (found.start_moved, found.region_name, found.provisional) == ("", "砚山县", False)


def test_the_start_says_why_it_moved(ctx: Context, regions: None) -> None:
    del regions
    late = explain(ctx, "1wd", at("2026-03-06T18:30"), "532622")
    assert (late.start_moved, late.effective_start) == ("AFTER_HOURS", date(2026, 3, 9))
    rest = explain(ctx, "1wd", at("2026-02-17T09:00"), "532622")
    assert (rest.start_moved, rest.start_name, rest.effective_start) == ("REST_DAY", "春节", date(2026, 2, 24))


def test_a_local_rest_day_carries_its_name(ctx: Context, regions: None) -> None:
    del regions
    ctx.session.add(CalendarDay(region_code="532600", day=date(2026, 4, 1), is_workday=False, reason="文山州庆"))
    ctx.session.flush()
    found = explain(ctx, "2wd", at("2026-03-30T10:00"), "532622")
    festival = next(day for day in found.days if day.day == date(2026, 4, 1))
    assert (festival.kind, festival.name, festival.number) == ("local", "文山州庆", None)
    assert found.days[-1].day == date(2026, 4, 2)


def test_terms_that_are_no_working_days_have_no_days(ctx: Context, regions: None) -> None:
    del regions
    found = explain(ctx, "P40D", at("2026-03-02T10:00"), "532622")
    assert (found.workdays, found.days) == (None, ())
    assert found.computed_at == datetime(2026, 4, 11, 2, tzinfo=UTC)


def test_days_of_a_year_without_notice_are_marked(ctx: Context, regions: None) -> None:
    del regions
    found = explain(ctx, "5wd", at("2026-12-30T10:00"), "532622")
    assert found.provisional
    assert [day.provisional for day in found.days] == [day.day.year == 2027 for day in found.days]


def test_a_clock_that_was_stopped_counts_what_is_left(ctx: Context, main_leg: LegRow, clock: FixedClock) -> None:
    clock.at = at("2026-03-02T10:00")
    clocks.start(ctx, main_leg)
    clock.at = at("2026-03-06T10:00")
    give_notice(ctx, main_leg)
    clocks.stop(ctx, main_leg, "SUPPLEMENT")
    legal = ctx.session.scalars(select(ClockRow).where(ClockRow.kind == "STATUTORY")).one()
    assert explain_clock(ctx, legal) is None
    clock.at = at("2026-03-13T20:00")
    clocks.resume(ctx, main_leg)
    found = explain_clock(ctx, legal)
    assert found is not None
    assert (found.total, found.used_before, found.workdays) == (20, 4, 16)
    assert found.days[0].day == date(2026, 3, 14)
    assert (found.days[-1].day, found.days[-1].number) == (date(2026, 4, 7), 16)
    assert found.agrees
    assert found.policy is not None
    assert found.policy.source == legal.source


def test_a_task_is_explained_by_the_value_of_its_time(ctx: Context, main_leg: LegRow, main_site: object) -> None:
    del main_site
    row = Task(
        id="t1", case_id=main_leg.case_id, leg_id=main_leg.id, site_id=main_leg.site_id, element_id="Task_x", name="调查",
        role="HANDLER", form_id="", state="open", policy="investigate", due_literal="5wd", opened_at=at("2026-03-02T10:00"),
        due_at=at("2026-03-09T23:59:59"), version=1,
    )  # fmt: skip
    ctx.session.add(row)
    layers.put(ctx, "investigate", "9wd", "本县规定", scope="platform")
    found = explain_task(ctx, "t1")
    assert found is not None
    assert (found.literal, found.agrees) == ("5wd", True)
    assert found.policy is not None
    assert found.policy.value == "9wd"
    row.due_literal = None
    ctx.session.flush()
    again = explain_task(ctx, "t1")
    assert again is not None
    assert not again.agrees


@given(
    start=st.dates(date(2023, 1, 1), date(2026, 11, 30)),
    term=st.integers(0, 60),
    local=st.dictionaries(st.dates(date(2023, 1, 1), date(2027, 3, 1)), st.booleans(), max_size=8),
)
def test_the_steps_sum_up_to_the_date(start: date, term: int, local: dict[date, bool]) -> None:
    calendar = Calendar("532622", local)
    days = count(calendar, start, calendar.add(start, term))
    numbers = [day.number for day in days if day.number is not None]
    assert numbers == list(range(1, term + 1))
    assert not days or days[-1].number == term
    assert [day.number is not None for day in days] == [calendar.is_workday(day.day) for day in days]


@pytest.mark.parametrize("term", ["0wd", "3wd"])
def test_the_end_of_the_start_day_needs_no_day(ctx: Context, regions: None, term: str) -> None:
    del regions
    found = explain(ctx, term, at("2026-03-02T10:00"), "532622")
    assert len(found.days) == int(term[0])
