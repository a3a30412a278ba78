"""A moved date is written where people read it: the case's columns, the task's row and its place in inboxes, the ladder's steps.

For tasks and legs the reminders move with the date; a clock that stands still has none.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from sqlalchemy import JSON, DateTime, Select, column, insert, select, table, update

from domain.context import Context
from domain.deadlines import steps
from domain.deadlines.counting import RUNNING
from domain.deadlines.models import ClockRow

NO_DUE_DATE: Final = datetime(9999, 12, 31, tzinfo=UTC)
"""Stands in the inbox's key for a task without a due date (as in :mod:`domain.cases.projection`)."""
STEP: Final = "deadline.step"
_OPEN: Final = ("pending", "promoted", "held")
_COLUMNS: Final = {"STATUTORY": "legal_due_at", "PROMISE": "promise_due_at"}
_CASES = table(
    "cases", *(column(name) for name in ("id", "item_code", "main_site_id", "legal_due_at", "promise_due_at"))
)
_LEGS = table("legs", *(column(name) for name in ("id", "case_id", "site_id", "ended_at")))
_TASKS = table("tasks", *(column(name) for name in ("id", "leg_id", "due_at", "state")))
_PLACES = table("task_candidates", column("case_id"), column("task_id"), column("due_at"))
_MOMENT = DateTime(timezone=True)
_WORK = table(
    "work",
    *(column(name) for name in ("kind", "queue", "ref", "case_id", "leg_id", "state", "attempts")),
    column("due_at", _MOMENT),
    column("created_at", _MOMENT),
    column("data", JSON),
)


@dataclass(frozen=True, slots=True)
class Acting:
    """Who must act by a clock: the site, its leg (None: the case as a whole), the item."""

    site_id: int
    leg_id: int | None
    item_code: str


def acting(ctx: Context, clock: ClockRow) -> Acting | None:
    """Who must act by this clock; None when nobody has to any more (the task or the leg is closed)."""
    if clock.subject == "case":
        case = select(_CASES.c.main_site_id, _CASES.c.item_code).where(_CASES.c.id == clock.case_id)
        row = ctx.session.execute(case).one()
        return Acting(row.main_site_id, None, row.item_code)
    query: Select[Any] = select(_LEGS.c.site_id, _LEGS.c.id, _CASES.c.item_code).join(
        _CASES, _CASES.c.id == _LEGS.c.case_id
    )
    query = query.where(_LEGS.c.ended_at.is_(None))
    if clock.task_id is not None:
        query = query.join(_TASKS, _TASKS.c.leg_id == _LEGS.c.id)
        query = query.where(_TASKS.c.id == clock.task_id, _TASKS.c.state == "open")
    else:
        query = query.where(_LEGS.c.id == clock.leg_id)
    found = ctx.session.execute(query).one_or_none()
    return None if found is None else Acting(found.site_id, found.id, found.item_code)


def leg_ref(leg_id: int) -> str:
    """What reminders of a leg's own date are about."""
    return f"leg:{leg_id}"


def publish(ctx: Context, clock: ClockRow, values: Mapping[str, str], leg_id: int | None = None) -> None:
    """Write a clock's date to whatever it is the clock of. A step of a process writes its case itself (its row is under lock).

    ``values`` are the policies of the site that acts, ``leg_id`` the leg of a task's clock.
    """
    if clock.subject == "case":
        moved = {_COLUMNS[clock.kind]: clock.due_at}
        ctx.session.execute(update(_CASES).where(_CASES.c.id == clock.case_id).values(moved))
        return
    if clock.task_id is not None:
        mine = (_TASKS.c.id == clock.task_id, _TASKS.c.state == "open")
        ctx.session.execute(update(_TASKS).where(*mine).values(due_at=clock.due_at))
        place = update(_PLACES).where(_PLACES.c.case_id == clock.case_id, _PLACES.c.task_id == clock.task_id)
        ctx.session.execute(place.values(due_at=clock.due_at or NO_DUE_DATE))
    remind(ctx, clock, values, clock.leg_id if leg_id is None else leg_id)


def remind(ctx: Context, clock: ClockRow, values: Mapping[str, str], leg_id: int | None) -> None:
    """The steps of the ladder move with the date; a clock that is not running has none."""
    ref = clock.task_id or leg_ref(clock.leg_id or 0)
    # By the leg: open work has no other index that finds it.
    mine = (_WORK.c.leg_id == leg_id, _WORK.c.kind == STEP, _WORK.c.ref == ref, _WORK.c.state.in_(_OPEN))
    old = update(_WORK).where(*mine)
    ctx.session.execute(old.values(state="cancelled"))
    if clock.state != RUNNING or clock.due_at is None:
        return
    now = ctx.clock.now()
    rows: list[dict[str, Any]] = [
        {
            "kind": STEP,
            "queue": "timer",
            "ref": ref,
            "case_id": clock.case_id,
            "leg_id": leg_id,
            "due_at": step.at,
            "state": "pending",
            "attempts": 0,
            "data": {"kind": step.kind, "level": step.level, "policy": clock.policy},
            "created_at": now,
        }
        for step in steps.plan(ctx, values, clock.due_at, clock.region_code)
    ]
    if rows:
        ctx.session.execute(insert(_WORK), rows)
