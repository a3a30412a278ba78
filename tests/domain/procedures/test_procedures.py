"""Special procedures and extensions: asked by one, decided by another, told in writing, ended by somebody."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import select

from bootstrap.wiring import make_handlers
from domain.actors import Role
from domain.audit import service as audit
from domain.cases.errors import CaseClosed
from domain.cases.models import Case
from domain.cases.queries import frame_of
from domain.cases.rows import LegRow, lock_leg
from domain.clock import CHINA, FixedClock
from domain.context import Context
from domain.deadlines import clocks, layers
from domain.deadlines.errors import ExtensionRefused, StopReasonNotAllowed
from domain.deadlines.models import ClockEvent, ClockRow
from domain.documents.models import Document
from domain.errors import NotFound
from domain.identity import service as identity
from domain.identity.models import User
from domain.notifications.models import Notification
from domain.outbox.models import Work
from domain.procedures import queries, service
from domain.procedures.errors import NotTheDecider, ProcedureRefused
from domain.procedures.models import Procedure
from domain.sites.models import Site


@dataclass
class Staff:
    """The main site's people, each with the context of his own."""

    handler: Context
    leader: Context
    partner: Context
    leader_user: User


def on(day: str, hour: int = 10) -> datetime:
    return datetime.fromisoformat(f"{day}T{hour:02d}:00").replace(tzinfo=CHINA).astimezone(UTC)


def due_day(moment: datetime | None) -> str | None:
    return None if moment is None else moment.astimezone(CHINA).date().isoformat()


@pytest.fixture
def staff(ctx: Context, main_site: Site, partner_site: Site) -> Staff:
    here = replace(ctx, handlers=make_handlers())

    def person(login: str, role: Role, site: Site) -> tuple[User, Context]:
        user = identity.register_user(ctx, login, login, "Lianban-2026")
        identity.grant(ctx, user, role, site)
        return user, replace(here, actor=identity.actor_for(ctx.session, user))

    leader, leads = person("leader", Role.APPROVER, main_site)
    return Staff(
        person("handler", Role.HANDLER, main_site)[1],
        leads,
        person("partner.handler", Role.HANDLER, partner_site)[1],
        leader,
    )


@pytest.fixture
def running(ctx: Context, main_leg: LegRow, staff: Staff, clock: FixedClock) -> LegRow:
    """Accepted on Monday 2026-03-02; due on 2026-03-30."""
    clock.at = on("2026-03-02")
    clocks.start(ctx, main_leg)
    service._save(staff.handler, main_leg)
    return main_leg


def promised(ctx: Context, leg: LegRow) -> str | None:
    ctx.session.expire_all()
    return due_day(ctx.session.get_one(Case, leg.case_id).promise_due_at)


def ask(staff: Staff, leg: LegRow, kind: str = "APPRAISE", **more: Any) -> Procedure:
    values: dict[str, Any] = {"days": 10, "applicant_does": "按约定时间到场采样", **more}
    return service.ask(staff.handler, leg.case_id, kind, "亲子关系存疑，需要鉴定", **values)


def test_asked_approved_told_in_writing_stopped_and_ended(
    ctx: Context, running: LegRow, staff: Staff, clock: FixedClock
) -> None:
    clock.at = on("2026-03-06")
    row = ask(staff, running)
    assert promised(ctx, running) == "2026-03-30", "asking moves nothing"
    row = service.decide(staff.leader, row.id, approve=True, opinion="同意")
    assert (row.state, due_day(row.expected_end_at)) == ("RUNNING", "2026-03-20")
    assert promised(ctx, running) is None
    case = ctx.session.get_one(Case, running.case_id)
    assert case.flags == ["SPECIAL"]
    notice = ctx.session.get_one(Document, row.document_id)
    assert (notice.code, notice.to_applicant) == ("TBCX", True)
    told = str(notice.content)
    assert "鉴定" in told
    assert "10个工作日" in told
    assert "按约定时间到场采样" in told
    event = ctx.session.scalars(
        select(ClockEvent).where(ClockEvent.kind == "PROMISE", ClockEvent.action == "stop")
    ).one()
    assert (event.document_id, event.reason, event.actor_name) == (notice.id, "APPRAISE", "leader")
    assert "第四十五条" in event.legal_ground
    assert event.note == "亲子关系存疑，需要鉴定"
    clock.at = on("2026-03-13")
    row = service.end(staff.handler, row.id, "亲子关系成立")
    assert (row.state, row.ended_name) == ("DONE", "handler")
    assert promised(ctx, running) == "2026-04-07"
    assert ctx.session.get_one(Case, running.case_id).flags == []
    assert {each.state for each in ctx.session.scalars(select(Work).where(Work.kind == service.EXPECTED))} == {
        "cancelled"
    }
    assert audit.verify(ctx, running.case_id).verified


def test_nobody_decides_what_he_asked_for_and_only_the_main_site_asks(
    ctx: Context, running: LegRow, staff: Staff, partner_site: Site
) -> None:
    del ctx, partner_site
    with pytest.raises(NotTheDecider):
        service.ask(staff.partner, running.case_id, "TEST", "检测", days=3)
    with pytest.raises(NotTheDecider):
        service.ask(staff.leader, running.case_id, "TEST", "检测", days=3)
    leader = staff.leader.actor
    both = replace(leader, grants={site: roles | {Role.HANDLER} for site, roles in leader.grants.items()})
    of_both = replace(staff.leader, actor=both)
    own = service.ask(of_both, running.case_id, "TEST", "检测", days=3)
    with pytest.raises(NotTheDecider):
        service.decide(of_both, own.id, approve=True, opinion="同意")
    with pytest.raises(NotTheDecider):
        service.decide(staff.handler, own.id, approve=True, opinion="同意")
    with pytest.raises(NotFound):
        service.decide(staff.partner, own.id, approve=True, opinion="同意")


def test_what_is_refused_moves_nothing_and_may_be_asked_again(ctx: Context, running: LegRow, staff: Staff) -> None:
    row = ask(staff, running)
    with pytest.raises(ProcedureRefused):
        ask(staff, running)
    service.decide(staff.leader, row.id, approve=False, opinion="现有证据已足够")
    assert promised(ctx, running) == "2026-03-30"
    with pytest.raises(ProcedureRefused):
        service.decide(staff.leader, row.id, approve=True, opinion="同意")
    assert ask(staff, running).state == "ASKED"
    texts = ctx.session.scalars(select(Notification.text).where(Notification.template == "procedure.decided")).all()
    assert ["未批准" in text for text in texts] == [True]


@pytest.mark.parametrize("kind", ["SUPPLEMENT", "PARTNER", "PUBLICITY", "MEETING"])
def test_only_kinds_of_the_policy_are_special_procedures(running: LegRow, staff: Staff, kind: str) -> None:
    with pytest.raises(StopReasonNotAllowed):
        ask(staff, running, kind)


def test_a_special_procedure_says_how_long_and_needs_a_running_clock(
    ctx: Context, running: LegRow, staff: Staff
) -> None:
    with pytest.raises(ProcedureRefused):
        ask(staff, running, days=None)
    row = ask(staff, running)
    service.decide(staff.leader, row.id, approve=True, opinion="同意")
    with pytest.raises(ProcedureRefused):
        ask(staff, running, "HEARING")
    with pytest.raises(ProcedureRefused):
        ask(staff, running, "HEARING")
    del ctx


def test_an_extension_is_given_once_before_the_date_with_its_reason_told(
    ctx: Context, running: LegRow, staff: Staff, clock: FixedClock
) -> None:
    clock.at = on("2026-03-25")
    row = ask(staff, running, service.EXTENSION, days=99)
    assert row.days == 10, "the law says how many"
    row = service.decide(staff.leader, row.id, approve=True, opinion="同意延期")
    assert (row.state, promised(ctx, running)) == ("DONE", "2026-04-14")
    notice = ctx.session.get_one(Document, row.document_id)
    assert notice.code == "YQTZ"
    assert "2026年4月14日" in str(notice.content)
    events = ctx.session.scalars(select(ClockEvent).where(ClockEvent.action == "extend")).all()
    assert {event.document_id for event in events} == {notice.id}
    with pytest.raises(ExtensionRefused):
        ask(staff, running, service.EXTENSION)


def test_an_extension_after_the_date_is_refused_even_when_it_was_asked_before(
    running: LegRow, staff: Staff, clock: FixedClock
) -> None:
    row = ask(staff, running, service.EXTENSION)
    clock.at = on("2026-04-01")
    with pytest.raises(ExtensionRefused):
        service.decide(staff.leader, row.id, approve=True, opinion="同意延期")


def test_joint_handling_has_forty_five_days_and_fifteen_more(
    ctx: Context, main_leg: LegRow, staff: Staff, clock: FixedClock
) -> None:
    item = main_leg.case.item_code
    layers.put(ctx, "clock.jointHandling", "on", "《行政许可法》第四十二条第二款", scope="item", item_code=item)
    clock.at = on("2026-03-02")
    clocks.start(ctx, main_leg)
    service._save(staff.handler, main_leg)
    legal = ctx.session.scalars(select(ClockRow).where(ClockRow.kind == "STATUTORY")).one()
    assert (legal.total_days, legal.policy) == (45, "clock.jointLegal")
    row = ask(staff, main_leg, service.EXTENSION)
    service.decide(staff.leader, row.id, approve=True, opinion="同意延期")
    ctx.session.expire_all()
    assert (legal.total_days, legal.extended_days) == (60, 15)


def test_when_the_told_time_has_passed_the_site_hears_of_it_and_nothing_else_happens(
    ctx: Context, running: LegRow, staff: Staff, clock: FixedClock
) -> None:
    row = ask(staff, running)
    service.decide(staff.leader, row.id, approve=True, opinion="同意")
    duty = ctx.session.scalars(select(Work).where(Work.kind == service.EXPECTED)).one()
    assert duty.due_at == row.expected_end_at
    clock.at = on("2026-03-17")
    service.expected(ctx, duty)
    assert promised(ctx, running) is None
    told = ctx.session.scalars(select(Notification).where(Notification.template == "procedure.overdue")).all()
    assert [note.user_id for note in told] == [staff.handler.actor.user_id]
    service.end(staff.handler, row.id, "完成")
    service.expected(ctx, duty)
    assert len(ctx.session.scalars(select(Notification).where(Notification.template == "procedure.overdue")).all()) == 1


def test_what_still_runs_is_over_with_the_case(ctx: Context, running: LegRow, staff: Staff) -> None:
    row = ask(staff, running)
    service.case_closed(ctx, running, None)
    ctx.session.refresh(row)
    assert row.state == "DONE"
    ctx.session.get_one(Case, running.case_id).closed_at = ctx.clock.now()
    ctx.session.flush()
    with pytest.raises(CaseClosed):
        ask(staff, running, "TEST")


def test_the_case_page_reads_every_clock_and_what_may_be_asked(
    ctx: Context, joint_case: Any, running: LegRow, staff: Staff, main_site: Site, clock: FixedClock
) -> None:
    due_at = on("2026-03-05", 23).replace(minute=59, second=59)
    joint_case.task(ctx, joint_case.main_id, main_site, policy="approve", due_at=due_at, opened_at=on("2026-03-02"))
    partner = lock_leg(ctx, joint_case.partner_id)
    clocks.start(ctx, partner, policy="partner.work")
    clock.at = on("2026-03-06")
    frame = frame_of(staff.handler, running.case_id)
    assert frame is not None
    lines = queries.list_clocks(staff.handler, frame, [leg.id for leg in frame.legs])
    seen = [
        (line.subject, line.kind, line.reading.total, line.reading.used, line.reading.remaining, line.reading.state)
        for line in lines
    ]
    assert seen == [
        ("case", "STATUTORY", 20, 4, 16, "RUNNING"),
        ("case", "PROMISE", 20, 4, 16, "RUNNING"),
        ("leg", "INTERNAL", 5, 4, 1, "RUNNING"),
        ("task", "INTERNAL", 3, 4, -1, "OVERDUE"),
    ]
    allowed = queries.may(staff.handler, frame)
    assert "HEARING" in allowed["kinds"]
    assert "SUPPLEMENT" not in allowed["kinds"]
    assert service.EXTENSION in allowed["kinds"]
    assert allowed["decide"] is False
    parts = queries.list_parts(staff.handler, frame)
    assert sum(part.seconds for part in parts) == int((clock.at - running.case.submitted_at).total_seconds())
    assert queries.failing_seconds(staff.handler, frame) == 0
