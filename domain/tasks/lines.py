"""How a task looks in a list: one row with its case, its due date and its latest reminder; the subject is masked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import and_, select
from sqlalchemy.orm import aliased, defer

from domain.actors import Actor, Role
from domain.audit.origin import APPLICANT_NAME
from domain.cases import labels
from domain.cases.models import Case, Leg, Task
from domain.context import Context
from domain.deadlines import policies
from domain.deadlines.queries import Begun, Due, horizon, latest_ladder
from domain.identity.models import User
from domain.items.models import Item
from domain.sites.models import Site


@dataclass(frozen=True, slots=True)
class LadderMark:
    """The highest reminder that a task has."""

    kind: str
    kind_name: str
    kind_name_en: str
    level: int
    raised_at: datetime
    told: str
    told_name: str

    @classmethod
    def of(cls, step: Any) -> LadderMark:
        """The mark of a step of the ladder."""
        names = labels.names_of(labels.LADDER, step.kind)
        return cls(step.kind, *names, step.level, step.raised_at, step.told, step.told_name)


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskLine:
    """One task in an inbox; the subject is masked."""

    id: str
    name: str
    element_id: str
    case_no: str
    collab_no: str
    item_code: str
    item_name: str
    item_name_en: str
    subject: str
    site_id: int
    site_name: str
    role: str
    role_name: str
    role_name_en: str
    leg_role: str
    due_at: datetime | None
    due: Due
    assignee_id: int | None
    assignee_name: str | None
    opened_at: datetime
    closed_at: datetime | None
    case_status: str
    case_status_name: str
    case_status_name_en: str
    state: str
    ladder: LadderMark | None
    on_behalf_of: str | None
    """Whose task it is that the actor may do under a delegation; of a done one, for whom it was done."""


def lines_of(ctx: Context, task_ids: Sequence[str]) -> list[TaskLine]:
    """The rows of these tasks in their order: two statements."""
    if not task_ids:
        return []
    principal = aliased(User)
    found = {
        row.Task.id: row
        for row in ctx.session.execute(
            select(
                Task,
                Case.collab_no,
                Case.item_code,
                Case.partner_code,
                Case.subject_masked,
                Case.status.label("case_status"),
                Leg.case_no,
                Leg.role.label("leg_role"),
                Leg.status.label("leg_status"),
                Item.name.label("item_name"),
                Item.name_en.label("item_name_en"),
                Site.name.label("site_name"),
                Site.region_code,
                Site.code,
                Site.province_code,
                User.name.label("assignee_name"),
                principal.name.label("principal_name"),
            )
            .join(Case, Case.id == Task.case_id)
            .join(Leg, Leg.id == Task.leg_id)
            .join(Item, Item.code == Case.item_code)
            .join(Site, Site.id == Task.site_id)
            .outerjoin(User, and_(User.id == Task.assignee_id, ~User.is_applicant))
            .outerjoin(principal, and_(principal.id == Task.completed_for, ~principal.is_applicant))
            .options(defer(Task.context), defer(Task.draft))
            .where(Task.id.in_(task_ids))
        )
    }
    marks = latest_ladder(ctx.session, task_ids)
    return [_line(ctx, found[task_id], marks.get(task_id)) for task_id in task_ids if task_id in found]


def _line(ctx: Context, row: Any, mark: Any) -> TaskLine:
    task: Task = row.Task
    status = row.case_status if row.leg_role == "main" else row.leg_status
    return TaskLine(
        id=task.id,
        name=labels.one_line(task.name),
        element_id=task.element_id,
        case_no=row.case_no,
        collab_no=row.collab_no,
        item_code=row.item_code,
        item_name=row.item_name,
        item_name_en=row.item_name_en,
        subject=row.subject_masked,
        site_id=task.site_id,
        site_name=row.site_name,
        role=task.role,
        role_name=labels.name_of(labels.ROLES, task.role),
        role_name_en=labels.name_en_of(labels.ROLES, task.role),
        leg_role=row.leg_role,
        due_at=task.due_at,
        due=horizon(ctx).judge(task.due_at if task.state == "open" else None, row.region_code, _begun(row)),
        assignee_id=task.assignee_id,
        assignee_name=row.assignee_name,
        opened_at=task.opened_at,
        closed_at=task.closed_at,
        case_status=status,
        case_status_name=labels.name_of(labels.STATUSES, status),
        case_status_name_en=labels.name_en_of(labels.STATUSES, status),
        state=task.state,
        ladder=LadderMark.of(mark) if mark else None,
        on_behalf_of=_on_behalf_of(ctx.actor, row),
    )


def _begun(row: Any) -> Begun:
    return Begun(row.Task.opened_at, row, row.item_code, policies.partner_at(row.leg_role, row, row.partner_code))


def _on_behalf_of(actor: Actor, row: Any) -> str | None:
    if row.Task.state != "open":
        at_window = row.Task.role == Role.APPLICANT and row.Task.completed_for is not None
        name: str | None = APPLICANT_NAME if at_window else row.principal_name
        return name
    behalf = actor.find_behalf(row.Task.site_id, row.Task.role, row.item_code)
    return None if behalf is None else behalf.name
