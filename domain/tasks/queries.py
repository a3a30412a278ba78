"""The inbox: open tasks of a person's groups by due date, own tasks, done tasks, counts (JOBS.md: measured at 1M open tasks)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    ARRAY,
    BigInteger,
    ColumnElement,
    Select,
    String,
    and_,
    any_,
    bindparam,
    column,
    exists,
    false,
    func,
    lateral,
    literal,
    or_,
    select,
    true,
    tuple_,
)

from domain.actors import Actor, Behalf, Role
from domain.cases.models import Candidate, Case, Task
from domain.cases.projection import NO_DUE_DATE
from domain.cases.search import matches_text
from domain.context import Context
from domain.deadlines.queries import DueState, horizon
from domain.notifications.models import Notification
from domain.tasks.lines import TaskLine, lines_of

CAP = 1000
"""Counts stop here: 1001 means “1000+”."""
NOT_WORKING = frozenset({Role.DESIGNER, Role.PLATFORM_ADMIN, Role.AUDITOR, Role.SYSTEM, Role.APPLICANT})
"""Roles whose holders have no group inbox."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskFilter:
    """Which tasks: ``view`` is group (unclaimed, of my roles at my sites), mine or done."""

    view: str = "group"
    q: str | None = None
    item: str | None = None
    due: DueState | None = None
    site_id: int | None = None


@dataclass(frozen=True, slots=True)
class Counts:
    """How much there is to do; each stops at 1001. ``messages`` are unread notifications."""

    group: int
    mine: int
    overdue: int
    today: int
    messages: int


def list_tasks(
    ctx: Context, wanted: TaskFilter, *, after: list[Any] | None, limit: int
) -> tuple[list[TaskLine], list[Any] | None]:
    """A page of tasks and the key of the next one (done tasks: newest first, all others by due date)."""
    pages = {"group": _group_page, "mine": _mine_page, "done": _done_page}
    keys = pages[wanted.view](ctx, wanted, after, limit + 1)
    lines = lines_of(ctx, [task_id for _, task_id in keys[:limit]])
    following = [keys[limit - 1][0], keys[limit - 1][1]] if len(keys) > limit else None
    return lines, following


def count_tasks(ctx: Context) -> Counts:
    """What the inbox has: one statement, each number capped."""
    now = ctx.clock.now()
    low, high = horizon(ctx).bounds(DueState.TODAY)
    mine = select(Task.id).where(_mine(ctx.actor), Task.state == "open")
    groups = _groups_of(ctx.actor, None)
    unread = select(Notification.id).where(Notification.user_id == ctx.actor.user_id, Notification.read_at.is_(None))
    today = (low or now, high or now)
    numbers = ctx.session.execute(
        select(
            _capped(_in_groups(groups)),
            _capped(mine),
            _capped(_in_groups(groups, Candidate.due_at < now)),
            _capped(mine.where(Task.due_at < now)),
            _capped(_in_groups(groups, Candidate.due_at.between(*today))),
            _capped(mine.where(Task.due_at.between(*today))),
            _capped(unread),
        )
    ).one()
    return Counts(
        group=numbers[0],
        mine=numbers[1],
        overdue=min(numbers[2] + numbers[3], CAP + 1),
        today=min(numbers[4] + numbers[5], CAP + 1),
        messages=numbers[6],
    )


def _group_page(ctx: Context, wanted: TaskFilter, after: list[Any] | None, limit: int) -> list[tuple[Any, str]]:
    """Per group at most ``limit`` rows from the index, merged and cut again: the cost does not grow with the inbox."""
    groups = _groups_of(ctx.actor, wanted.site_id)
    if groups is None:
        return []
    inner: Any = _of_group(groups).order_by(Candidate.due_at, Candidate.task_id).limit(limit)
    inner = _narrow(ctx, inner, wanted, Candidate.due_at, Candidate.case_id)
    if after is not None:
        inner = inner.where(tuple_(Candidate.due_at, Candidate.task_id) > tuple_(*_key(after)))
    page = lateral(inner).alias("page")
    query = (
        select(page.c.due_at, page.c.task_id)
        .select_from(groups.rows.join(page, literal(value=True)))
        .order_by(page.c.due_at, page.c.task_id)
        .limit(limit)
    )
    return [(row.due_at, row.task_id) for row in ctx.session.execute(query)]


def _mine_page(ctx: Context, wanted: TaskFilter, after: list[Any] | None, limit: int) -> list[tuple[Any, str]]:
    due = func.coalesce(Task.due_at, NO_DUE_DATE)
    query: Any = (
        select(due.label("due_at"), Task.id)
        .where(_mine(ctx.actor), Task.state == "open")
        .order_by(due, Task.id)
        .limit(limit)
    )
    if wanted.site_id is not None:
        query = query.where(Task.site_id == wanted.site_id)
    query = _narrow(ctx, query, wanted, Task.due_at, Task.case_id)
    if after is not None:
        query = query.where(tuple_(due, Task.id) > tuple_(*_key(after)))
    return [(row.due_at, row.id) for row in ctx.session.execute(query)]


def _done_page(ctx: Context, wanted: TaskFilter, after: list[Any] | None, limit: int) -> list[tuple[Any, str]]:
    query: Any = (
        select(Task.closed_at, Task.id)
        .where(Task.completed_by == ctx.actor.user_id, Task.state == "completed")
        .order_by(Task.closed_at.desc(), Task.id.desc())
        .limit(limit)
    )
    if wanted.site_id is not None:
        query = query.where(Task.site_id == wanted.site_id)
    query = _narrow(ctx, query, wanted, Task.due_at, Task.case_id)
    if after is not None:
        query = query.where(tuple_(Task.closed_at, Task.id) < tuple_(*_key(after)))
    return [(row.closed_at, row.id) for row in ctx.session.execute(query)]


def _narrow(ctx: Context, query: Any, wanted: TaskFilter, due_at: Any, case_id: Any) -> Any:
    """The filters of an inbox as conditions."""
    if wanted.due and wanted.due is not DueState.NONE:
        low, high = horizon(ctx).bounds(wanted.due)
        query = query.where(*([due_at >= low] if low else []), *([due_at <= high] if high else []))
    conditions: list[ColumnElement[bool]] = []
    if wanted.item:
        conditions.append(Case.item_code == wanted.item)
    if wanted.q:
        conditions.append(matches_text(ctx, wanted.q))
    return query.where(exists(select(Case.id).where(and_(Case.id == case_id, *conditions)))) if conditions else query


@dataclass(frozen=True, slots=True)
class _Groups:
    """Pairs of site and role whose unclaimed tasks are an actor's, as rows of a query; ``limited``: some only of certain items."""

    rows: Any
    limited: bool


def _groups_of(actor: Actor, site_id: int | None) -> _Groups | None:
    """The groups of an actor (at one site), None when there are none. A delegation adds the principal's, as far as it goes."""
    pairs = [
        (site, str(role), "")
        for site, held in sorted(actor.grants.items())
        for role in sorted(held - NOT_WORKING)
        if site and site_id in (None, site)
    ]
    given = _delegated(actor, site_id)
    pairs += [(each.site_id, str(each.role), ",".join(sorted(each.items or ()))) for each in given]
    if not pairs:
        return None
    sites, roles, limits = (list(each) for each in zip(*pairs, strict=True))
    rows = (
        func.unnest(
            bindparam("sites", sites, ARRAY(BigInteger)),
            bindparam("roles", roles, ARRAY(String)),
            bindparam("limits", limits, ARRAY(String)),
        )
        .table_valued(column("site_id", BigInteger), column("role", String), column("codes", String))
        .render_derived(name="g")
    )
    return _Groups(rows, any(limits))


def _of_group(groups: _Groups) -> Any:
    """The unclaimed tasks of one group: read from the index of just these, in the order of their due dates."""
    codes = groups.rows.c.codes
    inner: Any = (
        select(Candidate.due_at, Candidate.task_id)
        .where(Candidate.site_id == groups.rows.c.site_id, Candidate.role == groups.rows.c.role)
        .where(Candidate.assignee_id.is_(None))
        .correlate(groups.rows)
    )
    if groups.limited:
        listed = func.string_to_array(codes, ",", type_=ARRAY(String))
        of_these = exists(select(Case.id).where(Case.id == Candidate.case_id, Case.item_code == any_(listed)))
        inner = inner.where(or_(codes == "", of_these))
    return inner


def _in_groups(groups: _Groups | None, *conditions: Any) -> Select[Any]:
    """The unclaimed tasks of all groups, per group no more than are counted."""
    if groups is None:
        return select(Candidate.task_id).where(false())
    rows = lateral(_of_group(groups).where(*conditions).limit(CAP + 1)).alias("of_group")
    return select(rows.c.task_id).select_from(groups.rows.join(rows, literal(value=True)))


def _delegated(actor: Actor, site_id: int | None = None) -> list[Behalf]:
    """The delegations whose role is not the actor's own."""
    return [
        each
        for each in actor.behalf
        if each.role not in actor.roles_at(each.site_id) and site_id in (None, each.site_id)
    ]


def _mine(actor: Actor) -> ColumnElement[bool]:
    """Tasks that the actor has, or has for somebody: those are the principal's, of the delegated role, site and items."""
    own: ColumnElement[bool] = Task.assignee_id == actor.user_id
    for each in _delegated(actor):
        given = and_(Task.assignee_id == each.user_id, Task.site_id == each.site_id, Task.role == str(each.role))
        own = or_(own, and_(given, _of_items(Task.case_id, each.items)))
    return own


def _of_items(case_id: Any, items: frozenset[str] | None) -> ColumnElement[bool]:
    if items is None:
        return true()
    return exists(select(Case.id).where(Case.id == case_id, Case.item_code.in_(sorted(items))))


def _key(after: list[Any]) -> tuple[Any, Any]:
    return literal(datetime.fromisoformat(after[0]).astimezone(UTC)), literal(str(after[1]))


def _capped(query: Select[Any]) -> Any:
    return select(func.count()).select_from(query.limit(CAP + 1).subquery()).scalar_subquery()
