from datetime import UTC, date, datetime

import pytest
from sqlalchemy import select

from domain.audit import service as audit
from domain.cases.models import Case
from domain.cases.rows import LegRow
from domain.clock import CHINA, FixedClock
from domain.context import Context
from domain.deadlines import clocks, overrides
from domain.deadlines.models import CalendarDay, ClockEvent, ClockRow
from domain.errors import NotFound

FESTIVAL = date(2026, 3, 11)


def due_days(ctx: Context, case_id: int) -> set[str]:
    row = ctx.session.execute(select(Case.legal_due_at, Case.promise_due_at).where(Case.id == case_id)).one()
    return {moment.astimezone(CHINA).date().isoformat() for moment in row}


@pytest.fixture
def running(ctx: Context, main_leg: LegRow, clock: FixedClock) -> int:
    clock.at = datetime(2026, 3, 2, 2, tzinfo=UTC)
    clocks.start(ctx, main_leg)
    case = ctx.session.get_one(Case, main_leg.case_id)
    case.legal_due_at, case.promise_due_at = main_leg.case.legal_due_at, main_leg.case.promise_due_at
    ctx.session.flush()
    return case.id


def test_a_festival_of_the_prefecture_moves_running_clocks_and_says_why(ctx: Context, running: int) -> None:
    assert due_days(ctx, running) == {"2026-03-30"}
    assert overrides.put(ctx, "532600", FESTIVAL, is_workday=False, reason="文山州庆") == 2
    assert due_days(ctx, running) == {"2026-03-31"}
    assert overrides.put(ctx, "532600", FESTIVAL, is_workday=False, reason="文山州庆") == 0
    events = ctx.session.scalars(select(ClockEvent).where(ClockEvent.action == "recompute")).all()
    assert {event.reason for event in events} == {"CALENDAR"}
    assert len(events) == 2
    assert overrides.remove(ctx, "532600", FESTIVAL) == 2
    assert due_days(ctx, running) == {"2026-03-30"}
    assert audit.verify(ctx, running).verified


def test_other_regions_and_days_outside_change_nothing(ctx: Context, running: int) -> None:
    assert overrides.put(ctx, "440606", FESTIVAL, is_workday=False, reason="测试") == 0
    assert overrides.put(ctx, "532622", date(2026, 2, 27), is_workday=False, reason="测试") == 0
    assert overrides.put(ctx, "532622", date(2026, 5, 27), is_workday=False, reason="测试") == 0
    assert overrides.put(ctx, "CN", date(2026, 3, 12), is_workday=False, reason="测试") == 2
    assert due_days(ctx, running) == {"2026-03-31"}


def test_only_an_override_can_be_taken_back(ctx: Context) -> None:
    with pytest.raises(NotFound):
        overrides.remove(ctx, "532622", FESTIVAL)


def test_provisional_dates_are_set_anew_when_a_notice_is_known(ctx: Context, running: int) -> None:
    assert overrides.refresh_provisional(ctx) == 0
    for clock in ctx.session.scalars(select(ClockRow)):
        clock.is_provisional = True
    ctx.session.add(CalendarDay(region_code="CN", day=FESTIVAL, is_workday=False, reason="新公布"))
    ctx.session.flush()
    assert overrides.refresh_provisional(ctx) == 2
    assert due_days(ctx, running) == {"2026-03-31"}
    assert overrides.refresh_provisional(ctx) == 0
