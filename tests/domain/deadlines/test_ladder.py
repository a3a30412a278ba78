from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import select

from bootstrap.wiring import make_handlers
from domain.actors import Role
from domain.audit.models import AuditEvent
from domain.cases.models import Case, Leg, Task
from domain.clock import CHINA, FixedClock
from domain.context import Context
from domain.deadlines import asking, ladder, policies, queries, steps
from domain.deadlines.errors import AlreadyAnswered, NotYours, UrgeTooEarly
from domain.deadlines.models import LadderStep
from domain.documents.models import Document
from domain.errors import DomainError, NotFound
from domain.identity import service as identity
from domain.identity.models import User
from domain.notifications.models import Notification
from domain.sites import service as sites
from domain.sites.models import Site


@dataclass
class Work:
    ref: str
    data: dict[str, Any]


def on(day: str, hour: int = 10) -> datetime:
    return datetime.fromisoformat(f"{day}T{hour:02d}:00").replace(tzinfo=CHINA).astimezone(UTC)


@dataclass
class People:
    handler: User
    liaison: User
    leader: User
    home_liaison: User
    supervisor: User


@pytest.fixture
def people(ctx: Context, main_site: Site, partner_site: Site) -> People:
    office = sites.register_site(ctx, "service", "440606", "supervision", "顺德区政务服务数据管理局", "顺德政务")

    def person(login: str, role: Role, site: Site) -> User:
        user = identity.register_user(ctx, login, login, "Lianban-2026")
        identity.grant(ctx, user, role, site)
        return user

    return People(
        person("handler", Role.HANDLER, partner_site),
        person("liaison", Role.LIAISON, partner_site),
        person("leader", Role.APPROVER, partner_site),
        person("home.liaison", Role.LIAISON, main_site),
        person("supervisor", Role.SUPERVISOR, office),
    )


@pytest.fixture
def task(ctx: Context, joint_case: Any, partner_site: Site, clock: FixedClock) -> Task:
    """Sign-in at the partner, due at the end of Thursday 2024-04-25, before a week with a working Sunday (04-28)."""
    clock.at = on("2024-04-24")
    due_at = on("2024-04-25", 23).replace(minute=59, second=59)
    opened: Task = joint_case.task(ctx, joint_case.partner_id, partner_site, due_at=due_at, opened_at=clock.at)
    return opened


def told(ctx: Context, kind: str) -> set[int]:
    return set(ctx.session.scalars(select(Notification.user_id).where(Notification.template == f"ladder.{kind}")))


def raise_step(ctx: Context, task: Task, kind: str, level: int = 1) -> LadderStep | None:
    return ladder.step(ctx, Work(task.id, {"kind": kind, "level": level, "policy": "partner.signIn"}))


def test_the_steps_fall_on_the_right_working_days_in_a_week_with_a_working_sunday(ctx: Context, task: Task) -> None:
    assert task.due_at is not None
    planned = steps.plan(ctx, policies.deadlines_for(ctx), task.due_at, "440606")
    days = [(step.kind, step.level, step.at.astimezone(CHINA).date().isoformat()) for step in planned]
    assert days == [
        ("REMIND", 1, "2024-04-24"),
        ("URGE", 1, "2024-04-25"),
        ("URGE", 2, "2024-04-26"),
        ("SUPERVISE", 1, "2024-04-29"),
        ("CONFER", 1, "2024-05-06"),
    ]


def test_a_silent_partner_is_urged_supervised_and_conferred_but_the_case_never_changes(
    ctx: Context, joint_case: Any, task: Task, people: People, clock: FixedClock, applicant: User
) -> None:
    columns = Case.__table__.columns
    before = ctx.session.execute(select(*columns).where(Case.id == joint_case.case.id)).one()
    legs_before = ctx.session.execute(select(Leg.id, Leg.status, Leg.version, Leg.result_code, Leg.ended_at)).all()
    assert task.due_at is not None
    for planned in steps.plan(ctx, policies.deadlines_for(ctx), task.due_at, "440606"):
        clock.at = planned.at
        row = raise_step(ctx, task, planned.kind, planned.level)
        assert row is not None
        assert (row.kind, row.level, row.raised_at) == (planned.kind, planned.level, planned.at)
        assert (row.rule, row.responsible) == ("partner.signIn", "佛山市公安局顺德分局")
        assert row.number
        assert row.note
        assert row.alert_type == ladder.ALERTS[row.kind]
    after = ctx.session.execute(select(*columns).where(Case.id == joint_case.case.id)).one()
    changed = {name for name in before._fields if getattr(before, name) != getattr(after, name)}
    assert changed == {"audit_seq", "audit_head"}
    assert (
        ctx.session.execute(select(Leg.id, Leg.status, Leg.version, Leg.result_code, Leg.ended_at)).all() == legs_before
    )
    assert ctx.session.get_one(Task, task.id).state == "open"
    raised = select(AuditEvent.kind).where(AuditEvent.kind.startswith("ladder")).order_by(AuditEvent.id)
    kinds = list(ctx.session.scalars(raised))
    assert kinds == ["ladder.reminded", "ladder.urged", "ladder.urged", "ladder.supervised", "ladder.conferred"]
    assert told(ctx, "REMIND") == {people.handler.id, people.liaison.id}
    assert told(ctx, "URGE") == {people.handler.id, people.liaison.id, people.leader.id, people.home_liaison.id}
    assert people.supervisor.id in told(ctx, "SUPERVISE")
    assert people.home_liaison.id in told(ctx, "CONFER")
    late = ctx.session.scalars(select(Notification).where(Notification.template == "partner.late")).all()
    assert [notice.user_id for notice in late] == [applicant.id]


def test_urges_and_supervision_orders_are_documents_with_the_fields_of_the_standard(
    ctx: Context, task: Task, people: People, clock: FixedClock
) -> None:
    del people
    wired = replace(ctx, handlers=make_handlers())
    clock.at = on("2024-04-30")
    for kind in ("REMIND", "URGE", "SUPERVISE", "CONFER"):
        raise_step(wired, task, kind)
    issued = {row.code: row for row in ctx.session.scalars(select(Document))}
    assert set(issued) == {"CBD", "DBD"}
    assert all(row.to_partner and not row.to_applicant for row in issued.values())
    text = {line["label"]: line["text"] for line in issued["DBD"].content["paragraphs"]}
    assert text["监察编号"] == "440606S2024043000001"
    assert text["规则编号"] == "partner.signIn"
    assert text["预警类型"] == "红牌"
    assert text["责任部门"] == "佛山市公安局顺德分局"
    assert text["督办内容"]


def test_a_step_is_raised_once(ctx: Context, task: Task, people: People, clock: FixedClock) -> None:
    del people
    clock.at = on("2024-04-26")
    assert raise_step(ctx, task, "URGE") is not None
    assert raise_step(ctx, task, "URGE") is None


@pytest.mark.parametrize("change", [{"state": "completed"}, {"state": "cancelled"}, {"due_at": on("2024-05-30")}])
def test_nothing_is_raised_when_it_is_not_needed(
    ctx: Context, task: Task, clock: FixedClock, change: dict[str, Any]
) -> None:
    clock.at = on("2024-04-26")
    for name, value in change.items():
        setattr(task, name, value)
    ctx.session.flush()
    assert raise_step(ctx, task, "URGE") is None


def test_a_suspended_leg_is_left_alone(ctx: Context, task: Task, clock: FixedClock) -> None:
    clock.at = on("2024-04-26")
    ctx.session.get_one(Leg, task.leg_id).is_suspended = True
    assert raise_step(ctx, task, "URGE") is None
    assert ladder.step(ctx, Work("no-such-task", {"kind": "URGE", "level": 1})) is None


def test_citizens_are_reminded_and_never_urged(ctx: Context, task: Task, clock: FixedClock, applicant: User) -> None:
    task.role = "APPLICANT"
    clock.at = on("2024-04-26")
    ctx.session.flush()
    assert raise_step(ctx, task, "URGE") is None
    assert raise_step(ctx, task, "REMIND") is not None
    assert told(ctx, "REMIND") == {applicant.id}


def test_staff_of_both_sites_urge_at_any_time_and_strangers_never(
    ctx: Context, joint_case: Any, task: Task, people: People, context_for: Any
) -> None:
    del task
    home = context_for(people.home_liaison)
    first = ladder.urge(home, joint_case.case.id, joint_case.partner_id, "请尽快签收")
    second = ladder.urge(home, joint_case.case.id, None, "再次催办")
    assert (first.level, second.level) == (1, 2)
    assert first.raised_by == people.home_liaison.id
    assert first.source == "staff"
    stranger = identity.register_user(ctx, "stranger", "陌生", "Lianban-2026")
    with pytest.raises(NotFound):
        ladder.urge(context_for(stranger), joint_case.case.id, None, "x")
    with pytest.raises(NotYours):
        ladder.supervise(home, joint_case.case.id, None, "x")
    assert ladder.supervise(context_for(people.supervisor), joint_case.case.id, None, "限期办理").alert_type == "红牌"


def test_the_applicant_urges_after_the_promised_date_once_per_two_workdays(
    ctx: Context, joint_case: Any, task: Task, applicant: User, clock: FixedClock, context_for: Any
) -> None:
    del task
    parent = context_for(applicant)
    joint_case.case.promise_due_at = on("2024-04-26", 23)
    ctx.session.flush()
    clock.at = on("2024-04-28")
    row = ladder.urge(parent, joint_case.case.id, None, "请尽快办结")
    assert (row.kind, row.source, row.alert_type) == ("URGE", "applicant", "黄牌")
    clock.at = on("2024-04-29")
    with pytest.raises(UrgeTooEarly):
        ladder.urge(parent, joint_case.case.id, None, "")
    clock.at = on("2024-04-30")
    assert asking.find_asking(ctx, joint_case.case.id) == asking.Asking("URGE", None)
    other = identity.register_user(ctx, "other", "他人", "Lianban-2026", is_applicant=True)
    with pytest.raises(NotFound):
        ladder.urge(context_for(other), joint_case.case.id, None, "")


def test_before_the_promised_date_the_applicant_asks_and_nothing_is_held_against_the_site(
    ctx: Context, joint_case: Any, task: Task, people: People, applicant: User, clock: FixedClock, context_for: Any
) -> None:
    parent = replace(context_for(applicant), handlers=make_handlers())
    joint_case.case.promise_due_at = on("2024-04-26", 23)
    ctx.session.flush()
    row = ladder.urge(parent, joint_case.case.id, None, "请问办到哪一步了")
    assert (row.kind, row.alert_type, row.answer_due_at, row.task_id) == ("INQUIRE", "", None, task.id)
    assert told(ctx, "INQUIRE") == {people.handler.id}
    assert ctx.session.scalars(select(Document)).all() == []
    assert queries.latest_ladder(ctx.session, [task.id]) == {}, "the desk's list marks no task with it"
    with pytest.raises(UrgeTooEarly, match="working days"):
        ladder.urge(parent, joint_case.case.id, None, "")
    ladder.answer(context_for(people.handler), row.id, "正在核对档案，预计三日内签收")
    [mine] = asking.list_asked(parent, joint_case.case.id)
    assert mine.answer == "正在核对档案，预计三日内签收"
    clock.at = on("2024-04-27")
    assert asking.find_asking(parent, joint_case.case.id) == asking.Asking("URGE", None), "an urge has its own interval"


def test_an_applicant_whose_case_no_staff_has_in_hand_asks_the_main_site(
    ctx: Context, joint_case: Any, task: Task, people: People, applicant: User, context_for: Any
) -> None:
    task.state = "completed"
    ctx.session.flush()
    with pytest.raises(NotFound):
        ladder.urge(context_for(people.home_liaison), joint_case.case.id, None, "x")
    row = ladder.urge(context_for(applicant), joint_case.case.id, None, "")
    assert (row.kind, row.task_id, row.site_id) == ("INQUIRE", None, joint_case.case.main_site_id)
    assert told(ctx, "INQUIRE") == {people.home_liaison.id}


def test_only_the_urged_site_answers_and_only_once(
    ctx: Context, joint_case: Any, task: Task, people: People, context_for: Any
) -> None:
    del task
    row = ladder.urge(context_for(people.home_liaison), joint_case.case.id, joint_case.partner_id, "请签收")
    assert row.answer_due_at is not None
    assert row.answer_due_at.astimezone(CHINA).date().isoformat() == "2024-04-25"
    with pytest.raises(NotYours):
        ladder.answer(context_for(people.home_liaison), row.id, "x")
    with pytest.raises(DomainError):
        ladder.answer(context_for(people.handler), row.id, "  ")
    ladder.answer(context_for(people.handler), row.id, "今日签收")
    assert row.answered_by == people.handler.id
    with pytest.raises(AlreadyAnswered):
        ladder.answer(context_for(people.handler), row.id, "再答")
    with pytest.raises(NotFound):
        ladder.answer(replace(ctx), 99999, "x")
