from typing import Any

import pytest
from sqlalchemy import select

from domain.actors import Role
from domain.cases.rows import LegRow
from domain.context import Context
from domain.errors import NotFound
from domain.identity import service as identity
from domain.identity.models import User
from domain.notifications import listeners
from domain.notifications import service as notifications
from domain.notifications.models import Notification
from domain.sites.models import Site
from engine.contract import Job, ServiceError


def texts(ctx: Context) -> list[tuple[int, str]]:
    rows = ctx.session.scalars(select(Notification).order_by(Notification.id))
    return [(row.user_id, row.template) for row in rows]


def test_each_reader_once_and_blank_where_nothing_is_known(ctx: Context, applicant: User) -> None:
    assert notifications.send(ctx, [applicant.id, applicant.id], "accepted", {"caseNo": "N1"}) == 1
    row = ctx.session.scalars(select(Notification)).one()
    assert row.text == "已受理您的申请，办件编号 N1。"
    assert notifications.send(ctx, [], "accepted", {}) == 0
    with pytest.raises(notifications.UnknownTemplate):
        notifications.send(ctx, [applicant.id], "no.such", {})


def test_values_are_texts_and_not_formats(ctx: Context, applicant: User) -> None:
    notifications.send(ctx, [applicant.id], "withdraw.too-late", {"caseNo": "N1", "reason": "{caseNo.__class__}" * 90})
    row = ctx.session.scalars(select(Notification)).one()
    assert "{caseNo.__class__}" in row.text
    assert len(row.text) == 600


def test_the_service(ctx: Context, main_leg: LegRow, main_site: Site, applicant: User) -> None:
    clerk = identity.register_user(ctx, "clerk", "窗口", "Lianban-2026")
    identity.grant(ctx, clerk, Role.RECV_CLERK, main_site)

    def ask(**arguments: Any) -> int:
        return int(notifications.notify(ctx, main_leg, Job("j", "e", "notify", arguments))["count"])

    assert ask(to="applicant", template="settled", data={"x": 1}) == 1
    assert ask(to="RECV_CLERK", template="supplement.received") == 1
    assert ask(to="APPROVER", template="supplement.received", data="nonsense") == 0
    with pytest.raises(ServiceError):
        ask(to="applicant", template="no.such")
    assert texts(ctx) == [(applicant.id, "settled"), (clerk.id, "supplement.received")]


def test_only_the_reader_marks_it_read(ctx: Context, applicant: User, context_for: Any) -> None:
    notifications.send(ctx, [applicant.id], "accepted", {})
    row = ctx.session.scalars(select(Notification)).one()
    with pytest.raises(NotFound):
        notifications.mark_read(ctx, row.id)
    notifications.mark_read(context_for(applicant), row.id)
    ctx.session.refresh(row)
    assert row.read_at == ctx.clock.now()


def test_people_hear_of_tasks_and_of_the_end(
    ctx: Context,
    joint_case: Any,
    main_leg: LegRow,
    partner_leg: LegRow,
    partner_site: Site,
    main_site: Site,
    applicant: User,
) -> None:
    liaison = identity.register_user(ctx, "liaison", "联络", "Lianban-2026")
    identity.grant(ctx, liaison, Role.LIAISON, partner_site)
    own = joint_case.task(ctx, main_leg.id, main_site, role="APPLICANT", name="补正材料")
    theirs = joint_case.task(ctx, partner_leg.id, partner_site)
    listeners.task_opened(ctx, main_leg, {"id": own.id, "name": own.name, "role": own.role})
    listeners.task_opened(ctx, partner_leg, {"id": theirs.id, "name": theirs.name, "role": theirs.role})
    listeners.case_closed(ctx, main_leg, None)
    assert texts(ctx) == [(applicant.id, "task.applicant"), (liaison.id, "task.partner"), (applicant.id, "closed")]
