from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from domain.audit import service as audit
from domain.cases import environment
from domain.cases.rows import LegRow
from domain.clock import CHINA, FixedClock
from domain.context import Context
from domain.deadlines import clocks, counting, layers, policies, queries, subjects
from domain.deadlines.calendar import Calendar, load
from domain.deadlines.due import Hours, after_workdays
from domain.deadlines.errors import ClockNotInState, ExtensionRefused, StopNeedsNotice, StopReasonNotAllowed
from domain.deadlines.models import ClockEvent, ClockRow, LadderStep
from domain.sites.models import Site
from engine.contract import Effect
from tests.support.notices import give_notice


def on(day: str, hour: int = 10) -> datetime:
    return datetime.fromisoformat(f"{day}T{hour:02d}:00").replace(tzinfo=CHINA).astimezone(UTC)


def statutory(ctx: Context, leg: LegRow) -> ClockRow:
    query = select(ClockRow).where(ClockRow.case_id == leg.case_id, ClockRow.kind == subjects.STATUTORY)
    return ctx.session.scalars(query).one()


def stop(ctx: Context, leg: LegRow, reason: str) -> None:
    give_notice(ctx, leg, "YCGZ" if reason == "SUPPLEMENT" else "TBCX")
    clocks.stop(ctx, leg, reason)


def due_day(moment: datetime | None) -> str | None:
    return None if moment is None else moment.astimezone(CHINA).date().isoformat()


def test_stop_resume_stop_resume_and_the_extension_move_the_date_by_the_stopped_time(
    ctx: Context, main_leg: LegRow, clock: FixedClock
) -> None:
    clock.at = on("2026-03-02")
    clocks.receive(ctx, main_leg)
    assert main_leg.case.legal_due_at is None
    clocks.start(ctx, main_leg)
    assert due_day(main_leg.case.legal_due_at) == "2026-03-30"
    clock.at = on("2026-03-06")
    stop(ctx, main_leg, "SUPPLEMENT")
    assert main_leg.case.legal_due_at is None
    assert statutory(ctx, main_leg).used_days == 4
    clock.at = on("2026-03-13")
    clocks.resume(ctx, main_leg)
    assert due_day(main_leg.case.legal_due_at) == "2026-04-07"
    assert due_day(main_leg.case.promise_due_at) == "2026-04-07"
    clock.at = on("2026-03-20")
    stop(ctx, main_leg, "APPRAISE")
    assert statutory(ctx, main_leg).used_days == 9
    clock.at = on("2026-03-27")
    clocks.resume(ctx, main_leg)
    assert due_day(main_leg.case.legal_due_at) == "2026-04-14"
    assert audit.verify(ctx, main_leg.case_id).verified


def test_an_extension_adds_ten_days_once(ctx: Context, main_leg: LegRow, clock: FixedClock) -> None:
    clock.at = on("2026-03-02")
    clocks.start(ctx, main_leg)
    clock.at = on("2026-03-06")
    stop(ctx, main_leg, "SUPPLEMENT")
    clock.at = on("2026-03-13")
    clocks.resume(ctx, main_leg)
    clocks.extend(ctx, main_leg, "案情复杂", approved_by=7)
    assert due_day(main_leg.case.legal_due_at) == "2026-04-21"
    assert main_leg.case.flags == ["EXTENDED"]
    with pytest.raises(ExtensionRefused):
        clocks.extend(ctx, main_leg, "案情复杂", approved_by=7)


@pytest.mark.parametrize(
    ("reason", "approver", "day"), [("", 7, "2026-03-03"), ("复杂", None, "2026-03-03"), ("复杂", 7, "2026-05-11")]
)
def test_an_extension_needs_reason_approver_and_time(
    ctx: Context, main_leg: LegRow, clock: FixedClock, reason: str, approver: int | None, day: str
) -> None:
    clocks.start(ctx, main_leg)
    clock.at = on(day)
    with pytest.raises(ExtensionRefused):
        clocks.extend(ctx, main_leg, reason, approver)


def test_an_extension_needs_a_started_clock(ctx: Context, main_leg: LegRow) -> None:
    with pytest.raises(ExtensionRefused):
        clocks.extend(ctx, main_leg, "复杂", 7)


def test_a_supplement_on_day_three_moves_both_clocks_by_exactly_the_stopped_time(
    ctx: Context, main_leg: LegRow, clock: FixedClock
) -> None:
    clock.at = on("2026-03-02")
    clocks.start(ctx, main_leg)
    before = (main_leg.case.legal_due_at, main_leg.case.promise_due_at)
    clock.at = on("2026-03-05")
    stop(ctx, main_leg, "SUPPLEMENT")
    clock.at = on("2026-03-12")
    clocks.resume(ctx, main_leg)
    calendar = Calendar()
    for old, new in zip(before, (main_leg.case.legal_due_at, main_leg.case.promise_due_at), strict=True):
        assert old is not None
        assert new is not None
        assert calendar.used(old.astimezone(CHINA).date(), new.astimezone(CHINA).date()) == 5


@pytest.mark.parametrize("reason", ["PARTNER", "", "INTERNAL_MEETING", "SYSTEM_FAILURE", "PUBLICITY"])
def test_other_reasons_do_not_stop_a_clock(ctx: Context, main_leg: LegRow, reason: str) -> None:
    clocks.start(ctx, main_leg)
    with pytest.raises(StopReasonNotAllowed):
        clocks.stop(ctx, main_leg, reason)
    assert statutory(ctx, main_leg).state == clocks.RUNNING


def test_a_region_may_allow_publicity(ctx: Context, main_leg: LegRow) -> None:
    clocks.start(ctx, main_leg)
    layers.put(
        ctx,
        "clock.stopReasons",
        "SUPPLEMENT,PUBLICITY",
        "办事指南载明公示期不计入",
        scope="item",
        item_code=main_leg.case.item_code,
    )
    stop(ctx, main_leg, "PUBLICITY")
    assert statutory(ctx, main_leg).stop_reason == "PUBLICITY"


def test_submitted_on_a_rest_day_the_clock_starts_on_the_next_workday(
    ctx: Context, main_leg: LegRow, clock: FixedClock
) -> None:
    clock.at = on("2026-03-07")
    clocks.start(ctx, main_leg)
    since = statutory(ctx, main_leg).running_since
    assert due_day(since) == "2026-03-09"


def test_deemed_acceptance_dates_back_to_the_receipt(ctx: Context, main_leg: LegRow, clock: FixedClock) -> None:
    clock.at = on("2026-03-02", 20)
    clocks.receive(ctx, main_leg)
    clock.at = on("2026-03-10", 23)
    clocks.start(ctx, main_leg, clocks.DEEMED)
    assert due_day(main_leg.case.accepted_at) == "2026-03-03"
    mark = ctx.session.scalars(select(LadderStep)).one()
    assert (mark.kind, mark.alert_type, mark.rule, mark.task_id) == ("SUPERVISE", "红牌", "acceptNotice", None)
    assert due_day(main_leg.case.legal_due_at) == Calendar().add(date(2026, 3, 3), 20).isoformat()


def test_deemed_acceptance_of_what_nobody_received_dates_back_to_the_submission(
    ctx: Context, main_leg: LegRow, clock: FixedClock
) -> None:
    main_leg.case.submitted_at = on("2026-03-02")
    clock.at = on("2026-03-10", 23)
    clocks.start(ctx, main_leg, clocks.DEEMED)
    assert due_day(main_leg.case.accepted_at) == "2026-03-02"
    assert due_day(main_leg.case.legal_due_at) == "2026-03-30"


def test_a_stop_before_acceptance_uses_nothing(ctx: Context, main_leg: LegRow, clock: FixedClock) -> None:
    clocks.receive(ctx, main_leg)
    stop(ctx, main_leg, "SUPPLEMENT")
    stop(ctx, main_leg, "SUPPLEMENT")
    clock.advance(timedelta(days=30))
    clocks.resume(ctx, main_leg)
    assert statutory(ctx, main_leg).state == clocks.WAITING
    clocks.start(ctx, main_leg)
    assert statutory(ctx, main_leg).used_days == 0
    assert main_leg.case.legal_due_at is not None


def test_an_ended_clock_keeps_its_date_and_does_not_start_again(
    ctx: Context, main_leg: LegRow, clock: FixedClock
) -> None:
    clocks.start(ctx, main_leg)
    clock.at = on("2026-03-10")
    clocks.end(ctx, main_leg)
    clocks.end(ctx, main_leg)
    assert statutory(ctx, main_leg).used_days == 6
    assert main_leg.case.legal_due_at is not None
    with pytest.raises(ClockNotInState):
        clocks.start(ctx, main_leg)


def test_every_change_is_logged_with_its_reason_and_notice(ctx: Context, main_leg: LegRow) -> None:
    clocks.receive(ctx, main_leg)
    clocks.start(ctx, main_leg)
    notice = give_notice(ctx, main_leg)
    clocks.stop(ctx, main_leg, "SUPPLEMENT")
    clocks.resume(ctx, main_leg)
    events = ctx.session.scalars(
        select(ClockEvent).where(ClockEvent.kind == clocks.PROMISE).order_by(ClockEvent.id)
    ).all()
    assert [(e.action, e.reason) for e in events] == [
        ("receive", ""),
        ("start", ""),
        ("stop", "SUPPLEMENT"),
        ("resume", "SUPPLEMENT"),
    ]
    assert events[2].document_id == notice.id
    assert events[2].due_before == events[1].due_after
    assert events[2].due_after is None


def test_a_date_in_a_year_without_notice_is_provisional(ctx: Context, main_leg: LegRow, clock: FixedClock) -> None:
    clock.at = on("2026-12-28")
    clocks.start(ctx, main_leg)
    assert statutory(ctx, main_leg).is_provisional


def test_the_effect_moves_the_clocks_of_the_main_leg_only(ctx: Context, main_leg: LegRow, partner_leg: LegRow) -> None:
    def does(leg: LegRow, **attributes: str) -> None:
        clocks.effect(ctx, leg, Effect("clock", "leave", attributes), {"extension": {"reason": "复杂"}})

    does(main_leg, action="receive")
    does(main_leg, action="start")
    with pytest.raises(StopNeedsNotice):
        does(main_leg, action="stop", reason="SUPPLEMENT")
    give_notice(ctx, main_leg)
    does(main_leg, action="stop", reason="SUPPLEMENT")
    assert statutory(ctx, main_leg).state == clocks.STOPPED
    does(main_leg, action="resume")
    with pytest.raises(ExtensionRefused):
        does(main_leg, action="extend")
    does(main_leg, action="end")
    assert statutory(ctx, main_leg).state == clocks.DONE
    for action in ("receive", "extend"):
        with pytest.raises(ClockNotInState):
            does(partner_leg, action=action)
    with pytest.raises(ClockNotInState):
        does(main_leg, action="rewind")


@given(st.lists(st.tuples(st.sampled_from(["stop", "resume", "wait"]), st.integers(0, 9)), max_size=12))
def test_used_plus_remaining_is_total_at_every_moment(moves: list[tuple[str, int]]) -> None:
    """The arithmetic of stop and resume over any history (the same as in ``clocks``, on the row alone)."""
    calendar, now = Calendar(), on("2026-01-05")
    row = ClockRow(total_days=20, used_days=0, paused_days=0, state=clocks.WAITING, region_code="CN")
    counting.run(row, now, calendar, Hours())
    truly_used, running = 0, True
    for move, days in moves:
        later = now + timedelta(days=days)
        if running:
            truly_used += calendar.used(now.astimezone(CHINA).date(), later.astimezone(CHINA).date())
        now = later
        if move == "stop" and running:
            counting.stop(row, now, calendar, "SUPPLEMENT")
            running = False
        elif move == "resume" and not running:
            counting.run(row, now, calendar, Hours())
            running = True
        read = counting.read(row, now, calendar)
        assert read.used == truly_used
        assert truly_used + read.remaining == row.total_days
        if row.running_since is not None and row.due_at is not None:
            left = calendar.used(now.astimezone(CHINA).date(), row.due_at.astimezone(CHINA).date())
            assert left == max(read.remaining, 0)


def test_a_case_accepted_out_of_hours_has_as_many_days_left_on_every_page(
    ctx: Context, main_leg: LegRow, clock: FixedClock
) -> None:
    clock.at = on("2026-03-06", 19)  # a Friday evening
    clocks.start(ctx, main_leg)
    for moment in (on("2026-03-06", 20), on("2026-03-08"), on("2026-03-09"), on("2026-03-10", 20)):
        row = statutory(ctx, main_leg)
        promise = next(each for each in queries.list_clocks(ctx.session, main_leg.case_id) if each.kind == "PROMISE")
        begins = queries.not_yet_counting(ctx.session, [main_leg.case_id], moment)
        assert bool(begins) == (moment < on("2026-03-09", 0))
        horizon = queries.Horizon(ctx, moment, 1)
        left = horizon.judge(promise.due_at, row.region_code, begins.get(main_leg.case_id)).workdays
        assert left == queries.reading(ctx.session, promise, moment).remaining


def test_receipt_is_acceptance_by_agreement_with_the_partner_of_the_case(
    ctx: Context, main_leg: LegRow, clock: FixedClock
) -> None:
    agreed = {"scope": "partner", "scope_ref": main_leg.case.partner_code}
    assert main_leg.case.partner_code  # the site that the partner pool names
    layers.put(ctx, "clock.acceptOnReceipt", "on", "协议", **agreed)
    layers.put(ctx, "clock.promise", "8wd", "协议", **agreed)
    clock.at = on("2026-03-02")
    clocks.receive(ctx, main_leg)
    assert "ACCEPTED_ON_RECEIPT" in main_leg.case.flags
    promise = next(each for each in queries.list_clocks(ctx.session, main_leg.case_id) if each.kind == "PROMISE")
    assert (promise.total_days, promise.source) == (8, "协议")
    assert environment.effective_policies(ctx, main_leg)["clock.promise"] == "8wd"
    assert queries.received_at(ctx.session, main_leg.case_id) == clock.at


def test_receipt_is_acceptance_where_the_item_says_so(ctx: Context, main_leg: LegRow, clock: FixedClock) -> None:
    layers.put(ctx, "clock.acceptOnReceipt", "on", "协议", scope="item", item_code=main_leg.case.item_code)
    clock.at = on("2026-03-06", 19)
    clocks.receive(ctx, main_leg)
    row = statutory(ctx, main_leg)
    assert (row.state, row.started_at) == ("RUNNING", on("2026-03-09", 0))
    assert main_leg.case.accepted_at == row.started_at
    assert "ACCEPTED_ON_RECEIPT" in main_leg.case.flags
    due = main_leg.case.legal_due_at
    clock.at = on("2026-03-12")
    clocks.start(ctx, main_leg)  # the window's acceptance moves nothing
    assert (main_leg.case.legal_due_at, main_leg.case.accepted_at) == (due, on("2026-03-09", 0))


def test_days_left_go_by_the_office_hours_of_the_site_that_acts(
    ctx: Context, main_leg: LegRow, main_site: Site, partner_site: Site
) -> None:
    layers.put(ctx, "calendar.officeEnd", "17:00", "本机构作息", scope="site", scope_ref=main_site.code)
    opened, item = on("2026-03-02", 17) + timedelta(minutes=30), main_leg.case.item_code
    calendar = load(ctx.session, main_site.region_code)
    due = after_workdays(1, opened, calendar, Hours.of(policies.deadlines_for(ctx, main_site, item)))
    assert due.astimezone(CHINA).date() == date(2026, 3, 4)
    now = queries.Horizon(ctx, opened, 1)
    closed, still_open = (queries.Begun(opened, site, item) for site in (main_site, partner_site))
    assert now.judge(due, main_site.region_code, closed).workdays == 1
    assert now.judge(due, main_site.region_code, still_open).workdays == 2
    later = queries.Horizon(ctx, on("2026-03-03"), 1)
    assert later.judge(due, main_site.region_code, closed).workdays == 1
