"""Who may work on a task: the role at the task's site or a delegation for it, the applicant on the own case, four eyes."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace

from sqlalchemy import ARRAY, BigInteger, Text, any_, bindparam, or_, select
from sqlalchemy.orm import Session

from domain.actors import Role
from domain.cases.rows import CASES, TASKS, LegRow, TaskRow
from domain.clock import CHINA
from domain.context import Context
from domain.identity import delegations, separation
from domain.identity.models import Grant, User
from domain.sites.models import Site
from domain.statements import Statement
from domain.tasks.errors import DelegationEnded, NotYourTask, SeparationOfDuties, TaskClaimed

_DONE_BY = Statement(
    select(TASKS.c.name)
    .where(
        TASKS.c.leg_id == bindparam("leg"),
        TASKS.c.element_id == any_(bindparam("elements", type_=ARRAY(Text))),
        TASKS.c.state == "completed",
        or_(
            TASKS.c.completed_by == any_(bindparam("people", type_=ARRAY(BigInteger))),
            TASKS.c.completed_for == any_(bindparam("people", type_=ARRAY(BigInteger))),
        ),
    )
    .limit(1)
)


def performing(ctx: Context, leg: LegRow, task: TaskRow) -> Context:
    """The context under which the actor does the task: the actor's own, or that of a delegate (代理).

    Raises :class:`NotYourTask` unless the actor has the task's role at its site, fills it for somebody, or is the case's applicant
    (also at a window, through a clerk).
    """
    if task.role == Role.APPLICANT:
        if not ctx.actor.speaks_for(leg.case.applicant_user_id):
            raise NotYourTask("该任务由申请人本人办理。", "The applicant does this task.")
        return ctx
    if task.role in ctx.actor.roles_at(task.site_id):
        return ctx
    behalf = ctx.actor.find_behalf(task.site_id, task.role, leg.case.item_code)
    if behalf is not None:
        return replace(ctx, actor=ctx.actor.for_another(behalf))
    over = delegations.find_latest_over(ctx, ctx.actor.user_id, task.site_id, task.role)
    if over is not None:
        when = (over.row.ended_at or over.row.ends_at).astimezone(CHINA)
        raise DelegationEnded(
            f"您代{over.delegator}办理的委托已于 {when:%Y-%m-%d %H:%M} 结束。",
            f"Your delegation for {over.delegator} ended at {when:%Y-%m-%d %H:%M}.",
        )
    raise NotYourTask(
        f"该任务需要 {leg.site.name} 的 {task.role} 角色。",
        f"The task needs the role {task.role} at {leg.site.code}.",
    )


def require_unclaimed(ctx: Context, task: TaskRow) -> None:
    """Raise :class:`TaskClaimed` when another person has taken the task (the principal's tasks are the delegate's too)."""
    if task.assignee_id is not None and task.assignee_id not in people_of(ctx):
        raise _claimed(ctx, task)


def people_of(ctx: Context) -> tuple[int, ...]:
    """The actor, and for whom the actor acts."""
    principal = ctx.actor.principal
    return (ctx.actor.user_id,) if principal is None else (ctx.actor.user_id, principal.user_id)


def _claimed(ctx: Context, task: TaskRow) -> TaskClaimed:
    """Who took it, and when: colleagues of one group know each other's names."""
    query = select(User.name, User.is_applicant, TASKS.c.claimed_at).join(User, User.id == TASKS.c.assignee_id)
    row = ctx.session.execute(query.where(TASKS.c.id == task.id)).one()
    if row.is_applicant:
        return TaskClaimed("该任务由申请人办理。", "The applicant does this task.")
    when = "" if row.claimed_at is None else f"{row.claimed_at.astimezone(CHINA):%Y-%m-%d %H:%M}"
    return TaskClaimed(f"该任务已由{row.name}于 {when} 领取。", f"It was claimed by {row.name} at {when}.")


def require_apart(ctx: Context, leg: LegRow, task: TaskRow, user_id: int | None = None) -> None:
    """Raise :class:`SeparationOfDuties` when the person did a task in this leg that another rule keeps from this one.

    Of the actor it was read with the lock; a colleague (``user_id``), or for whom the actor acts, costs a statement.
    """
    done: Collection[str] = task.done_roles
    if user_id is not None and user_id != ctx.actor.user_id:
        done = done_roles(ctx.session, leg.id, [user_id])
    elif ctx.actor.principal is not None:
        done = done_roles(ctx.session, leg.id, people_of(ctx))
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


def done_roles(session: Session, leg_id: int, people: Collection[int]) -> frozenset[str]:
    """Roles of the tasks that one of these people completed in a leg, or that were completed for them."""
    done = select(TASKS.c.role).where(TASKS.c.leg_id == leg_id, TASKS.c.state == "completed")
    theirs = or_(TASKS.c.completed_by.in_(people), TASKS.c.completed_for.in_(people))
    return frozenset(session.scalars(done.where(theirs).distinct()))


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
    return sorted(session.scalars(query.order_by(User.id).limit(5)))


def require_separation(ctx: Context, leg: LegRow, elements: Sequence[str], user_id: int | None = None) -> None:
    """Raise :class:`SeparationOfDuties` when the person, or for whom the person acts, completed one of the elements in this leg.

    Under a delegation that counts for both people. No statement without rules.
    """
    if not elements:
        return
    people = list(people_of(ctx)) if user_id is None else [user_id]
    done = _DONE_BY.row(ctx.session, {"leg": leg.id, "elements": list(elements), "people": people})
    if done is not None:
        raise SeparationOfDuties(f"“{done[0]}”由同一人办理。", "The same person did an earlier step of this leg.")


def find_decision(ctx: Context, task_id: str) -> tuple[str, Site | None] | None:
    """Item and site of a task in which somebody decides (the approver's), None for any other task."""
    row = ctx.session.execute(
        select(CASES.c.item_code, TASKS.c.site_id)
        .join(CASES, CASES.c.id == TASKS.c.case_id)
        .where(TASKS.c.id == task_id, TASKS.c.role == Role.APPROVER)
    ).one_or_none()
    return None if row is None else (row.item_code, ctx.session.get(Site, row.site_id))
