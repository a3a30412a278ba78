"""Who may work on a task: the role at the task's site, the applicant on the own case, four eyes."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from sqlalchemy import ARRAY, Text, any_, bindparam, select
from sqlalchemy.orm import Session

from domain.actors import Role
from domain.cases.rows import TASKS, LegRow, TaskRow
from domain.clock import CHINA
from domain.context import Context
from domain.identity import separation
from domain.identity.models import Grant, User
from domain.statements import Statement
from domain.tasks.errors import NotYourTask, SeparationOfDuties, TaskClaimed

_DONE_BY = Statement(
    select(TASKS.c.name)
    .where(
        TASKS.c.leg_id == bindparam("leg"),
        TASKS.c.element_id == any_(bindparam("elements", type_=ARRAY(Text))),
        TASKS.c.state == "completed",
        TASKS.c.completed_by == bindparam("person"),
    )
    .limit(1)
)


def require_performer(ctx: Context, leg: LegRow, task: TaskRow) -> None:
    """Raise :class:`NotYourTask` unless the actor has the task's role at its site, or is the case's applicant."""
    if task.role == Role.APPLICANT:
        if not ctx.actor.user_id or ctx.actor.user_id != leg.case.applicant_user_id:
            raise NotYourTask("该任务由申请人本人办理。", "The applicant does this task.")
        return
    if task.role not in ctx.actor.roles_at(task.site_id):
        raise NotYourTask(
            f"该任务需要 {leg.site.name} 的 {task.role} 角色。",
            f"The task needs the role {task.role} at {leg.site.code}.",
        )


def require_unclaimed(ctx: Context, task: TaskRow) -> None:
    """Raise :class:`TaskClaimed` when another person has taken the task."""
    if task.assignee_id is not None and task.assignee_id != ctx.actor.user_id:
        raise _claimed(ctx, task)


def _claimed(ctx: Context, task: TaskRow) -> TaskClaimed:
    """Who took it, and when: colleagues of one group know each other's names."""
    query = select(User.name, TASKS.c.claimed_at).join(User, User.id == TASKS.c.assignee_id)
    row = ctx.session.execute(query.where(TASKS.c.id == task.id)).one()
    when = "" if row.claimed_at is None else f"{row.claimed_at.astimezone(CHINA):%Y-%m-%d %H:%M}"
    return TaskClaimed(f"该任务已由{row.name}于 {when} 领取。", f"It was claimed by {row.name} at {when}.")


def require_apart(ctx: Context, leg: LegRow, task: TaskRow, user_id: int | None = None) -> None:
    """Raise :class:`SeparationOfDuties` when the person did a task in this leg that another rule keeps from this one.

    Of the actor it was read with the lock; a colleague (``user_id``) costs a statement.
    """
    done: Collection[str] = task.done_roles
    if user_id is not None and user_id != ctx.actor.user_id:
        done = done_roles(ctx.session, leg.id, user_id)
    rule = separation.task_rule(task.role, done)
    if rule is not None:
        others = who_else(ctx.session, leg.id, task)
        zh = (
            f"可以办理的人员：{'、'.join(others)}。"
            if others
            else "本机构目前没有其他人可以办理，请站点管理员增加人员。"
        )
        en = (
            f"People who may: {', '.join(others)}." if others else "Nobody else at the site may; ask its administrator."
        )
        raise SeparationOfDuties(f"{rule.zh}。{zh}", f"{rule.en}. {en}")


def done_roles(session: Session, leg_id: int, user_id: int) -> frozenset[str]:
    """Roles of the tasks that a person completed in a leg."""
    done = select(TASKS.c.role).where(TASKS.c.leg_id == leg_id, TASKS.c.state == "completed")
    return frozenset(session.scalars(done.where(TASKS.c.completed_by == user_id).distinct()))


def who_else(session: Session, leg_id: int, task: TaskRow) -> list[str]:
    """Names of those at the task's site who hold its role and did nothing earlier that keeps them from it."""
    kept = select(TASKS.c.completed_by).where(
        TASKS.c.leg_id == leg_id,
        TASKS.c.state == "completed",
        TASKS.c.completed_by.is_not(None),
        TASKS.c.role.in_([str(role) for role in separation.earlier_roles(task.role)]),
    )
    query = (
        select(User.name)
        .join(Grant, Grant.user_id == User.id)
        .where(Grant.site_id == task.site_id, Grant.role == task.role, User.is_active, User.id.not_in(kept))
    )
    return list(session.scalars(query.order_by(User.name).limit(5)))


def require_separation(ctx: Context, leg: LegRow, elements: Sequence[str], user_id: int | None = None) -> None:
    """Raise :class:`SeparationOfDuties` when the person completed one of the elements in this leg. No statement without rules."""
    if not elements:
        return
    person = ctx.actor.user_id if user_id is None else user_id
    done = _DONE_BY.row(ctx.session, {"leg": leg.id, "elements": list(elements), "person": person})
    if done is not None:
        raise SeparationOfDuties(f"“{done[0]}”由同一人办理。", "The same person did an earlier step of this leg.")
