"""What somebody who leaves had in hand goes back to the group's pool, each with its place on record."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import func, select

from domain import reach
from domain.actors import Role
from domain.cases import rows
from domain.cases.models import Task
from domain.context import Context
from domain.tasks import service


def count_in_hand(ctx: Context, user_ids: Collection[int]) -> dict[int, int]:
    """How many open tasks each of these people has claimed, wherever they are; numbers only."""
    query = (
        select(Task.assignee_id, func.count())
        .where(Task.assignee_id.in_(list(user_ids)), Task.state == "open", Task.role != Role.APPLICANT)
        .group_by(Task.assignee_id)
    )
    with reach.for_platform(ctx.session):  # numbers, no cases
        return {user_id: count for user_id, count in ctx.session.execute(query) if user_id is not None}


def give_back(ctx: Context, user_id: int) -> int:
    """The open tasks that a person has claimed go back to their groups; each is recorded. How many."""
    with reach.for_platform(ctx.session):  # the account is closed: its tasks go back at every site
        mine = select(Task.id).where(Task.assignee_id == user_id, Task.state == "open", Task.role != Role.APPLICANT)
        found = ctx.session.scalars(mine.order_by(Task.case_id, Task.leg_id, Task.id)).all()
        done = 0
        for task_id in found:
            leg, task = rows.lock_task(ctx, task_id)
            if task.state == "open" and task.assignee_id == user_id:
                service.put_in_hands(ctx, leg, task, None, "task.returned")
                done += 1
        return done
