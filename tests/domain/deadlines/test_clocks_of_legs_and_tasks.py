"""Clocks below the case: a partner's leg, a task; what stops them, what lets them go on, and their reminders."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import select

from bootstrap.wiring import make_handlers
from domain.cases.models import Candidate, Task
from domain.cases.rows import LegRow
from domain.clock import CHINA, FixedClock
from domain.context import Context
from domain.deadlines import clocks, counting, dates, ladder, policies
from domain.deadlines.errors import ClockNotInState, StopNeedsNotice
from domain.deadlines.models import ClockEvent, ClockRow, LadderStep
from domain.outbox.models import Work
from domain.recomputation import calendars
from domain.recomputation import service as recomputation
from domain.sites.models import Site
from engine.contract import Effect
from tests.support.notices import give_notice


@dataclass
class Step:
    ref: str
    data: dict[str, Any]


def on(day: str, hour: int = 10) -> datetime:
    return datetime.fromisoformat(f"{day}T{hour:02d}:00").replace(tzinfo=CHINA).astimezone(UTC)


def due_day(moment: datetime | None) -> str | None:
    return None if moment is None else moment.astimezone(CHINA).date().isoformat()


def stop(ctx: Context, leg: LegRow, reason: str, days: int | None = None) -> None:
    give_notice(ctx, leg, "YCGZ" if reason == "SUPPLEMENT" else "TBCX")
    clocks.stop(ctx, leg, reason, days=days)


@pytest.fixture
def review(ctx: Context, joint_case: Any, main_site: Site, clock: FixedClock) -> Task:
    """Approval at the main site since Monday 2026-03-02, three working days, with its place in the inbox."""
    clock.at = on("2026-03-02")
    due_at = on("2026-03-05", 23).replace(minute=59, second=59)
    task: Task = joint_case.task(
        ctx, joint_case.main_id, main_site, policy="approve", due_at=due_at, opened_at=clock.at, id="review"
    )
    place = Candidate(site_id=main_site.id, role="HANDLER", due_at=due_at, task_id="review", case_id=joint_case.case.id)
    ctx.session.add(place)
    ctx.session.flush()
    return task


@pytest.fixture
def work(ctx: Context, joint_case: Any, partner_site: Site, clock: FixedClock) -> Task:
    """The partner's work since Monday 2026-03-02, five working days."""
    clock.at = on("2026-03-02")
    due_at = on("2026-03-09", 23).replace(minute=59, second=59)
    task: Task = joint_case.task(
        ctx, joint_case.partner_id, partner_site, policy="partner.work", due_at=due_at, opened_at=clock.at, id="work"
    )
    return task


def state(ctx: Context, task: Task) -> tuple[str | None, str | None]:
    """The date people read on the task and in the inbox."""
    ctx.session.expire_all()
    place = ctx.session.scalar(select(Candidate.due_at).where(Candidate.task_id == task.id))
    return due_day(task.due_at), None if place is None else due_day(place)


def steps(ctx: Context, ref: str) -> list[str]:
    rows = ctx.session.scalars(select(Work).where(Work.ref == ref, Work.state == "pending").order_by(Work.due_at))
    return [f"{row.data['kind']}{row.data['level']} {due_day(row.due_at)}" for row in rows]


def test_a_special_procedure_stops_the_tasks_of_its_site_and_leaves_the_partner_at_work(
    ctx: Context, main_leg: LegRow, partner_leg: LegRow, review: Task, work: Task, clock: FixedClock
) -> None:
    clocks.start(ctx, main_leg)
    clocks.start(ctx, partner_leg, policy="partner.work")
    clock.at = on("2026-03-03")
    stop(ctx, main_leg, "EXPERT", days=10)
    assert state(ctx, review) == (None, "9999-12-31")
    assert state(ctx, work) == ("2026-03-09", None)
    held = ctx.session.scalars(select(ClockRow).where(ClockRow.task_id == "review")).one()
    assert (held.state, held.used_days, held.total_days, held.subject) == ("STOPPED", 1, 3, "task")
    promise = ctx.session.scalars(select(ClockRow).where(ClockRow.kind == "PROMISE")).one()
    assert due_day(promise.resume_expected_at) == "2026-03-17"
    clock.at = on("2026-03-10")
    clocks.resume(ctx, main_leg, "EXPERT")
    assert state(ctx, review) == ("2026-03-12", "2026-03-12")
    assert steps(ctx, "review") == [
        "REMIND1 2026-03-11",
        "URGE1 2026-03-12",
        "URGE2 2026-03-13",
        "SUPERVISE1 2026-03-17",
        "CONFER1 2026-03-19",
    ]
    events = ctx.session.scalars(select(ClockEvent).where(ClockEvent.task_id == "review").order_by(ClockEvent.id)).all()
    assert [(each.action, due_day(each.due_before), due_day(each.due_after)) for each in events] == [
        ("stop", "2026-03-05", None),
        ("resume", None, "2026-03-12"),
    ]
    assert "第四十五条" in events[0].legal_ground
    assert events[0].document_id is not None


def test_waiting_for_the_applicant_stops_the_partner_too(
    ctx: Context, main_leg: LegRow, partner_leg: LegRow, work: Task, clock: FixedClock
) -> None:
    clocks.start(ctx, main_leg)
    clocks.start(ctx, partner_leg, policy="partner.work")
    own = ctx.session.scalars(select(ClockRow).where(ClockRow.leg_id == partner_leg.id)).one()
    assert (due_day(own.due_at), own.kind, own.subject) == ("2026-03-09", "INTERNAL", "leg")
    clock.at = on("2026-03-04")
    stop(ctx, main_leg, "SUPPLEMENT")
    assert state(ctx, work) == (None, None)
    assert own.state == "STOPPED"
    assert steps(ctx, dates.leg_ref(partner_leg.id)) == []
    clock.at = on("2026-03-11")
    clocks.resume(ctx, main_leg, "SUPPLEMENT")
    assert state(ctx, work)[0] == "2026-03-16"
    assert due_day(own.due_at) == "2026-03-16"
    assert steps(ctx, dates.leg_ref(partner_leg.id))[0] == "REMIND1 2026-03-13"


def test_the_partners_own_stop_needs_its_notice_and_leaves_the_promise_alone(
    ctx: Context, main_leg: LegRow, partner_leg: LegRow, work: Task, clock: FixedClock
) -> None:
    clocks.start(ctx, main_leg)
    clocks.start(ctx, partner_leg, policy="partner.work")
    promised = main_leg.case.promise_due_at
    with pytest.raises(StopNeedsNotice):
        clocks.stop(ctx, partner_leg, "TEST")
    give_notice(ctx, main_leg, "TBCX")
    with pytest.raises(StopNeedsNotice):
        clocks.stop(ctx, partner_leg, "TEST")
    clock.at = on("2026-03-03")
    stop(ctx, partner_leg, "TEST")
    assert state(ctx, work)[0] is None
    assert main_leg.case.promise_due_at == promised
    clock.at = on("2026-03-05")
    stop(ctx, main_leg, "SUPPLEMENT")
    clocks.resume(ctx, main_leg, "SUPPLEMENT")
    assert state(ctx, work)[0] is None, "the partner's own stop is the partner's"
    clocks.resume(ctx, partner_leg)
    assert state(ctx, work)[0] == "2026-03-11"


def test_a_task_that_closes_while_it_stands_still_ends_its_clock_then(
    ctx: Context, main_leg: LegRow, review: Task, clock: FixedClock
) -> None:
    clocks.start(ctx, main_leg)
    clock.at = on("2026-03-03")
    stop(ctx, main_leg, "EXPERT")
    review.state, review.closed_at = "completed", on("2026-03-05")
    ctx.session.flush()
    clock.at = on("2026-03-12")
    clocks.resume(ctx, main_leg)
    own = ctx.session.scalars(select(ClockRow).where(ClockRow.task_id == "review")).one()
    assert (own.state, own.used_days, own.paused_days) == ("DONE", 1, 2)
    assert steps(ctx, "review") == []


def test_a_notice_stops_once_and_soon(ctx: Context, main_leg: LegRow, clock: FixedClock) -> None:
    clock.at = on("2026-03-02")
    clocks.start(ctx, main_leg)
    give_notice(ctx, main_leg, "TBCX")
    with pytest.raises(StopNeedsNotice):
        clocks.stop(ctx, main_leg, "SUPPLEMENT")
    clock.at = on("2026-03-04")
    with pytest.raises(StopNeedsNotice):
        clocks.stop(ctx, main_leg, "EXPERT")
    give_notice(ctx, main_leg, "TBCX")
    clocks.stop(ctx, main_leg, "EXPERT")
    clocks.resume(ctx, main_leg)
    with pytest.raises(StopNeedsNotice):
        clocks.stop(ctx, main_leg, "EXPERT")


def test_every_reason_of_the_law_may_hold_a_clock_at_a_time(ctx: Context, main_leg: LegRow, clock: FixedClock) -> None:
    clocks.start(ctx, main_leg)
    clock.at = on("2026-03-03")
    law = policies.shipped()["clock.stopReasons"].value.split(",")
    for reason in law:
        stop(ctx, main_leg, reason)
    promise = ctx.session.scalars(select(ClockRow).where(ClockRow.kind == "PROMISE")).one()
    assert (counting.reasons(promise), promise.state) == (law, "STOPPED")
    clock.at = on("2026-03-10")
    for reason in law[1:]:
        clocks.resume(ctx, main_leg, reason)
    assert promise.state == "STOPPED"
    clocks.resume(ctx, main_leg, law[0])
    assert (promise.state, promise.paused_days) == ("RUNNING", 5)


def test_a_leg_that_is_late_climbs_the_ladder_and_one_that_stands_still_does_not(
    ctx: Context, main_leg: LegRow, partner_leg: LegRow, clock: FixedClock
) -> None:
    ctx = replace(ctx, handlers=make_handlers())
    clock.at = on("2026-03-02")
    clocks.start(ctx, main_leg)
    clocks.start(ctx, partner_leg, policy="partner.work")
    ref = dates.leg_ref(partner_leg.id)
    assert steps(ctx, ref) == [
        "REMIND1 2026-03-06",
        "URGE1 2026-03-09",
        "URGE2 2026-03-10",
        "SUPERVISE1 2026-03-12",
        "CONFER1 2026-03-16",
    ]
    urge = Step(ref, {"kind": "URGE", "level": 1, "policy": "partner.work"})
    clock.at = on("2026-03-05")
    assert ladder.step(ctx, urge) is None, "not due yet"
    stop(ctx, main_leg, "SUPPLEMENT")
    clock.at = on("2026-03-20")
    assert ladder.step(ctx, urge) is None, "a clock that stands still is never late"
    clocks.resume(ctx, main_leg)
    clock.at = on("2026-03-31")
    raised = ladder.step(ctx, urge)
    assert raised is not None
    assert (raised.task_id, raised.leg_id, raised.rule) == (None, partner_leg.id, "partner.work")
    assert ladder.step(ctx, urge) is None, "once"
    assert len(ctx.session.scalars(select(LadderStep)).all()) == 1


def test_a_leg_ends_its_own_clock(ctx: Context, main_leg: LegRow, partner_leg: LegRow, clock: FixedClock) -> None:
    clock.at = on("2026-03-02")
    clocks.start(ctx, partner_leg, policy="partner.work")
    clock.at = on("2026-03-04")
    clocks.leg_ended(ctx, partner_leg, None)
    own = ctx.session.scalars(select(ClockRow)).one()
    assert (own.state, own.used_days) == ("DONE", 2)
    assert steps(ctx, dates.leg_ref(partner_leg.id)) == []
    clocks.leg_ended(ctx, main_leg, None)
    with pytest.raises(ClockNotInState):
        clocks.start(ctx, partner_leg, policy="partner.work")


def test_a_leg_clock_names_a_policy_in_working_days(ctx: Context, partner_leg: LegRow) -> None:
    for policy in ("", "dispatch.ack", "no.such"):
        with pytest.raises(ClockNotInState):
            clocks.effect(ctx, partner_leg, Effect("clock", "enter", {"action": "start", "policy": policy}), {})


def test_a_festival_moves_running_clocks_of_legs_and_tasks_with_their_reminders(
    ctx: Context, main_leg: LegRow, partner_leg: LegRow, review: Task, clock: FixedClock
) -> None:
    clocks.start(ctx, main_leg)
    clocks.start(ctx, partner_leg, policy="partner.work")
    clock.at = on("2026-03-03")
    stop(ctx, main_leg, "EXPERT")
    clocks.resume(ctx, main_leg)
    assert state(ctx, review)[0] == "2026-03-05"
    day = datetime(2026, 3, 5, tzinfo=UTC).date()
    recomputation.change(ctx, calendars.setting_day("CN", day, is_workday=False, reason="临时放假"))
    assert state(ctx, review) == ("2026-03-06", "2026-03-06")
    assert steps(ctx, "review")[0] == "REMIND1 2026-03-04"
    own = ctx.session.scalars(select(ClockRow).where(ClockRow.leg_id == partner_leg.id)).one()
    assert due_day(own.due_at) == "2026-03-10"
    assert steps(ctx, dates.leg_ref(partner_leg.id))[0] == "REMIND1 2026-03-09"
    moved = ctx.session.scalars(select(ClockEvent).where(ClockEvent.action == "recompute")).all()
    assert {each.task_id or each.leg_id or each.kind for each in moved} == {
        "review",
        partner_leg.id,
        "STATUTORY",
        "PROMISE",
    }
