"""What does not move, whom it waits for, since when and why; and the numbers of the overview. Within the actor's scope."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    DateTime,
    Integer,
    Select,
    String,
    cast,
    func,
    literal,
    null,
    select,
    tuple_,
    union_all,
)

from domain.actors import Role
from domain.cases import scope
from domain.cases.jobs import OPEN as JOBS_OPEN
from domain.cases.jobs import ServiceJob
from domain.cases.models import Case, IncidentRow, Leg, Task
from domain.cases.queries import STUCK_MESSAGES
from domain.clock import CHINA
from domain.context import Context
from domain.deadlines import policies
from domain.deadlines.calendar import NATION, load
from domain.deadlines.due import end_of, schedule
from domain.deadlines.queries import DueState, horizon
from domain.outbox.models import Message, Work

REASONS = ("incident", "message", "overdue", "supplement", "suspended", "external", "unclaimed")
"""Worst first."""
CAP = 1000
PENDING_MESSAGES = ("queued", "sent", "failed", "blocked")


@dataclass(frozen=True, slots=True, kw_only=True)
class StuckThing:
    """One thing that does not move: a task, an incident, a message or a suspended leg."""

    rank: int
    since: datetime
    ref: str
    case_id: int
    leg_id: int | None
    site_id: int | None
    element_id: str | None
    role: str | None
    assignee_id: int | None
    due_at: datetime | None
    detail: str

    @property
    def reason(self) -> str:
        """Why it does not move."""
        return REASONS[self.rank]


@dataclass(frozen=True, slots=True)
class Overview:
    """Numbers within the actor's scope; each stops at 1001."""

    open: int
    stuck: int
    incidents: int
    overdue: int
    due_today: int
    messages_pending: int
    timers_pending: int


def list_stuck(
    ctx: Context, *, reason: str | None, site_id: int | None, after: list[Any] | None, limit: int
) -> tuple[list[StuckThing], list[Any] | None]:
    """What does not move, worst first, then oldest first: (things, key of the next page)."""
    pages = []
    for name, part in _parts(ctx, site_id).items():
        rank = REASONS.index(name)
        if reason not in (None, name) or (after is not None and rank < int(after[0])):
            continue
        things = part.subquery()
        page = select(things).order_by(things.c.since, things.c.ref).limit(limit + 1)
        if after is not None and rank == int(after[0]):
            since = literal(datetime.fromisoformat(after[1]), DateTime(timezone=True))
            page = page.where(tuple_(things.c.since, things.c.ref) > tuple_(since, literal(str(after[2]), String)))
        pages.append(select(page.subquery()))
    if not pages:
        return [], None
    merged = union_all(*pages).subquery("stuck")
    query = select(merged).order_by(merged.c.rank, merged.c.since, merged.c.ref).limit(limit + 1)
    found = [StuckThing(**row._mapping) for row in ctx.session.execute(query)]  # noqa: SLF001 -- the public way to a row's dict
    following = [found[limit - 1].rank, found[limit - 1].since, found[limit - 1].ref] if len(found) > limit else None
    return found[:limit], following


def get_overview(ctx: Context) -> Overview:
    """The overview's numbers: one statement."""
    seen = scope.visible(ctx.actor)
    now = ctx.clock.now()
    low, high = horizon(ctx).bounds(DueState.TODAY)
    open_tasks = select(Task.id).join(Case, Case.id == Task.case_id).where(Task.state == "open", seen)
    first = [part.limit(CAP + 1).subquery() for part in _parts(ctx, None).values()]
    stuck = union_all(*[select(part.c.case_id) for part in first]).subquery("stuck")
    row = ctx.session.execute(
        select(
            _count(select(Case.id).where(Case.closed_at.is_(None), seen)),
            _count(select(stuck.c.case_id).distinct()),
            _count(_incidents(seen)),
            _count(open_tasks.where(Task.due_at < now)),
            _count(open_tasks.where(Task.due_at.between(low or now, high or now))),
            _count(
                select(Message.id)
                .join(Case, Case.id == Message.case_id)
                .where(Message.direction == "out", Message.state.in_(PENDING_MESSAGES), seen)
            ),
            _count(
                select(Work.id)
                .join(Case, Case.id == Work.case_id)
                .where(Work.kind == "timer.fire", Work.state.in_(("pending", "promoted")), seen)
            ),
        )
    ).one()
    return Overview(*row)


def _parts(ctx: Context, site_id: int | None) -> dict[str, Select[Any]]:
    """One select per reason, all with the same columns."""
    seen = scope.visible(ctx.actor)
    now = ctx.clock.now()
    staff = Task.role != Role.APPLICANT
    return {
        "incident": _incident_part(seen, site_id),
        "message": _message_part(ctx, seen, site_id),
        "overdue": _task_part("overdue", Task.due_at, seen, site_id, staff, Task.due_at < now),
        "supplement": _task_part("supplement", Task.due_at, seen, site_id, ~staff, Task.due_at < now),
        "suspended": _suspended_part(seen, site_id),
        "external": _external_part(ctx, seen, site_id),
        "unclaimed": _task_part(
            "unclaimed",
            Task.opened_at,
            seen,
            site_id,
            staff,
            Task.assignee_id.is_(None),
            Task.opened_at < _unclaimed_before(ctx),
            (Task.due_at >= now) | Task.due_at.is_(None),
        ),
    }


def _columns(
    rank: int, since: Any, ref: Any, case_id: Any, leg_id: Any, site_id: Any, more: Sequence[Any]
) -> list[Any]:
    names = ("element_id", "role", "assignee_id", "due_at", "detail")
    head = [
        literal(rank, Integer).label("rank"),
        cast(since, DateTime(timezone=True)).label("since"),
        cast(ref, String).label("ref"),
        case_id.label("case_id"),
        cast(leg_id, BigInteger).label("leg_id"),
        cast(site_id, BigInteger).label("site_id"),
    ]
    return head + [column.label(name) for name, column in zip(names, more, strict=True)]


def _task_part(
    reason: str, since: Any, seen: ColumnElement[bool], site_id: int | None, *conditions: ColumnElement[bool]
) -> Select[Any]:
    more = (Task.element_id, Task.role, cast(Task.assignee_id, BigInteger), Task.due_at, Task.name)
    rank = REASONS.index(reason)
    query = (
        select(*_columns(rank, since, Task.id, Task.case_id, Task.leg_id, Task.site_id, more))
        .join(Case, Case.id == Task.case_id)
        .where(Task.state == "open", seen, *conditions)
    )
    return query if site_id is None else query.where(Task.site_id == site_id)


def _incidents(seen: ColumnElement[bool]) -> Select[Any]:
    return (
        select(IncidentRow.id).join(Case, Case.id == IncidentRow.case_id).where(IncidentRow.resolved_at.is_(None), seen)
    )


def _incident_part(seen: ColumnElement[bool], site_id: int | None) -> Select[Any]:
    row = IncidentRow
    more = (row.element_id, _no_text(), _no_number(), _no_time(), row.message)
    query = (
        select(*_columns(0, row.opened_at, row.id, row.case_id, row.leg_id, row.site_id, more))
        .join(Case, Case.id == row.case_id)
        .where(row.resolved_at.is_(None), seen)
    )
    return query if site_id is None else query.where(row.site_id == site_id)


def _message_part(ctx: Context, seen: ColumnElement[bool], site_id: int | None) -> Select[Any]:
    """Messages that failed, and those whose receipt is overdue by policy."""
    late = schedule("-" + policies.effective(ctx, "dispatch.ack").value, ctx.clock.now(), load(ctx.session, NATION))
    more = (Message.element_id, _no_text(), _no_number(), _no_time(), Message.name)
    waiting = Message.state.in_(("queued", "sent")) & (Message.created_at < late)
    query = (
        select(*_columns(1, Message.created_at, Message.id, Message.case_id, Message.leg_id, Leg.site_id, more))
        .join(Case, Case.id == Message.case_id)
        .outerjoin(Leg, Leg.id == Message.leg_id)
        .where(Message.direction == "out", Message.state.in_(STUCK_MESSAGES) | waiting, seen)
    )
    return query if site_id is None else query.where(Leg.site_id == site_id)


def _suspended_part(seen: ColumnElement[bool], site_id: int | None) -> Select[Any]:
    more = (_no_text(), _no_text(), _no_number(), _no_time(), Leg.suspend_note)
    query = (
        select(*_columns(4, Leg.updated_at, Leg.id, Leg.case_id, Leg.id, Leg.site_id, more))
        .join(Case, Case.id == Leg.case_id)
        .where(Leg.is_suspended, Leg.ended_at.is_(None), seen)
    )
    return query if site_id is None else query.where(Leg.site_id == site_id)


def _external_part(ctx: Context, seen: ColumnElement[bool], site_id: int | None) -> Select[Any]:
    """Service tasks that another system has not done for longer than the policy finds normal."""
    row = ServiceJob
    late = schedule("-" + policies.effective(ctx, "external.quiet").value, ctx.clock.now(), load(ctx.session, NATION))
    more = (row.element_id, _no_text(), _no_number(), _no_time(), row.topic)
    rank = REASONS.index("external")
    query = (
        select(*_columns(rank, row.created_at, row.id, row.case_id, row.leg_id, row.site_id, more))
        .join(Case, Case.id == row.case_id)
        .where(row.state.in_(JOBS_OPEN), row.created_at < late, seen)
    )
    return query if site_id is None else query.where(row.site_id == site_id)


def _unclaimed_before(ctx: Context) -> datetime:
    """A task opened before this moment should have been claimed: the reminder's working days ago."""
    ahead = horizon(ctx).soon_workdays
    calendar, now = load(ctx.session, NATION), ctx.clock.now()
    return end_of(calendar.add(now.astimezone(CHINA).date(), -ahead))


def _no_text() -> Any:
    return cast(null(), String)


def _no_number() -> Any:
    return cast(null(), BigInteger)


def _no_time() -> Any:
    return cast(null(), DateTime(timezone=True))


def _count(query: Select[Any]) -> Any:
    return select(func.count()).select_from(query.limit(CAP + 1).subquery()).scalar_subquery()
