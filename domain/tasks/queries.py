"""The inbox: open tasks of a person's groups by due date, own tasks, done tasks, counts (JOBS.md: measured at 1M open tasks)."""

from __future__ import annotations

from collections.abc import Sequence
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
from sqlalchemy.orm import aliased, defer

from domain.actors import Actor, Behalf, Role
from domain.cases import labels
from domain.cases.models import Candidate, Case, Leg, Task
from domain.cases.projection import NO_DUE_DATE
from domain.cases.search import matches_text
from domain.context import Context
from domain.deadlines import policies
from domain.deadlines.queries import Begun, Due, DueState, horizon, latest_ladder
from domain.identity.models import User
from domain.items.models import Item
from domain.notifications.models import Notification
from domain.sites.models import Site

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
            .outerjoin(principal, principal.id == Task.completed_for)
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
        name: str | None = row.principal_name
        return name
    behalf = actor.find_behalf(row.Task.site_id, row.Task.role, row.item_code)
    return None if behalf is None else behalf.name


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
