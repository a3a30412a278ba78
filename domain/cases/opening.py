"""The row of a new user task: who may do it, until when, and the reminders that go with that date."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from domain.actors import Role
from domain.cases.errors import PlatformDutyUnknown
from domain.cases.rows import LegRow
from domain.context import Context
from domain.deadlines import steps
from domain.outbox.work import NewWork
from engine.contract import Element, Environment, OpenTask

LONGEST_LITERAL = 60
ROLES = frozenset(role.value for role in Role) - {Role.SYSTEM.value}


@dataclass(frozen=True, slots=True)
class OpenedTask:
    """A row of ``tasks`` and the work of its ladder."""

    row: dict[str, Any]
    ladder: list[NewWork]


def task_row(ctx: Context, leg: LegRow, element: Element, task: OpenTask, env: Environment) -> OpenedTask:
    """The row of a task that just opened. A due value that is a policy key brings the ladder of that policy."""
    role = task.candidate_groups[0] if task.candidate_groups else element.role
    if role not in ROLES:
        raise PlatformDutyUnknown(
            f"任务“{task.name}”没有可用的办理角色。", f"The task '{element.id}' names no role that may do it."
        )
    values: dict[str, str] = env.constants["deadlines"]
    policy = task.due if task.due in values else None
    due_at = _due_at(task.due, values, env)
    row = {
        "id": task.id,
        "case_id": leg.case_id,
        "leg_id": leg.id,
        "site_id": leg.site_id,
        "element_id": task.element_id,
        "name": task.name,
        "role": role,
        "form_id": element.form_id or "",
        "context": dict(task.context),
        "state": "open",
        "assignee_id": leg.case.applicant_user_id if role == "APPLICANT" else None,
        "policy": policy,
        "due_literal": None if task.due is None else values.get(task.due, task.due)[:LONGEST_LITERAL],
        "due_at": due_at,
        "opened_at": env.now,
        "version": 1,
    }
    planned = [] if due_at is None or policy is None else _ladder(ctx, leg, task.id, policy, due_at, values)
    return OpenedTask(row, planned)


def _due_at(due: str | None, values: dict[str, str], env: Environment) -> datetime | None:
    """A policy key stands for its effective value; anything else is a literal itself."""
    return None if due is None else env.schedule(values.get(due, due), env.now)


def _ladder(
    ctx: Context, leg: LegRow, task_id: str, policy: str, due_at: datetime, values: dict[str, str]
) -> list[NewWork]:
    return [
        NewWork(
            "deadline.step",
            task_id,
            step.at,
            case_id=leg.case_id,
            leg_id=leg.id,
            data={"kind": step.kind, "level": step.level, "policy": policy},
        )
        for step in steps.plan(ctx, values, due_at, leg.site.region_code)
    ]
