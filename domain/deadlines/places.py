"""Where a case waits, as the ladder needs to know it: plain reads of the tables of cases, which lie in a higher room."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Row, Select, column, func, select, table

from domain.context import Context
from domain.deadlines import policies
from domain.deadlines.models import ClockRow
from domain.errors import NotFound

_CASES = table(
    "cases",
    *(
        column(name)
        for name in (
            "id",
            "case_no",
            "item_code",
            "main_site_id",
            "partner_code",
            "applicant_user_id",
            "promise_due_at",
            "closed_at",
        )
    ),
)
_LEGS = table("legs", *(column(name) for name in ("id", "case_id", "site_id", "role", "is_suspended", "ended_at")))
_TASKS = table(
    "tasks",
    *(
        column(name)
        for name in (
            "id",
            "leg_id",
            "element_id",
            "name",
            "role",
            "state",
            "assignee_id",
            "policy",
            "due_at",
            "opened_at",
        )
    ),
)
_SITES = table("sites", column("id"), column("region_code"))


@dataclass(frozen=True, slots=True)
class Frame:
    """The case as far as urging goes."""

    case_id: int
    item_code: str
    main_site_id: int
    partner_code: str
    applicant_user_id: int | None
    promise_due_at: datetime | None


@dataclass(frozen=True, slots=True)
class Place:
    """A leg, and the open task it waits at (if any)."""

    case_id: int
    case_no: str
    item_code: str
    main_site_id: int
    partner_code: str
    applicant_user_id: int | None
    leg_id: int
    site_id: int
    is_suspended: bool
    leg_ended_at: datetime | None
    task_id: str | None
    task_name: str
    task_role: str
    task_state: str
    element_id: str | None
    assignee_id: int | None
    policy: str | None
    due_at: datetime | None
    case_site_ids: tuple[int, ...]
    region_codes: tuple[str, ...]

    @property
    def is_waiting(self) -> bool:
        """The task (or the leg as a whole) is open and nothing holds the leg."""
        return self.task_state in {"open", ""} and not self.is_suspended and self.leg_ended_at is None

    def is_overdue(self, now: datetime) -> bool:
        """The task's date has come."""
        return self.due_at is not None and now >= self.due_at


def get_frame(ctx: Context, case_id: int) -> Frame:
    """The case. Raises :class:`NotFound`."""
    row = ctx.session.execute(
        select(
            _CASES.c.id,
            _CASES.c.item_code,
            _CASES.c.main_site_id,
            _CASES.c.partner_code,
            _CASES.c.applicant_user_id,
            _CASES.c.promise_due_at,
        ).where(_CASES.c.id == case_id)
    ).one_or_none()
    if row is None:
        raise NotFound("没有这个办件。", "There is no such case.")
    return Frame(*row)


def find_task_place(ctx: Context, task_id: str) -> Place | None:
    """The place of a task."""
    return _first(ctx, _query().where(_TASKS.c.id == task_id))


def find_leg_place(ctx: Context, leg_id: int) -> Place | None:
    """The place of a leg at its most urgent open task."""
    return _first(ctx, _query().where(_LEGS.c.id == leg_id))


def find_timed_leg(ctx: Context, leg_id: int) -> Place | None:
    """A leg by its own running clock; None when it stands still, is over, or an open task of the same date speaks for it."""
    place = find_leg_place(ctx, leg_id)
    mine = (ClockRow.leg_id == leg_id, ClockRow.task_id.is_(None), ClockRow.state == "RUNNING")
    clock = ctx.session.scalars(select(ClockRow).where(*mine)).one_or_none()
    if place is None or clock is None or (place.task_state == "open" and place.due_at == clock.due_at):
        return None
    return replace(
        without_task(place), task_name=policies.shipped()[clock.policy].name, policy=clock.policy, due_at=clock.due_at
    )


def find_urged_place(ctx: Context, case_id: int, leg_id: int | None) -> Place | None:
    """Where an open case waits for staff: the given leg, or the leg whose task is due first."""
    query = _query().where(_CASES.c.id == case_id, _CASES.c.closed_at.is_(None), _LEGS.c.ended_at.is_(None))
    if leg_id is not None:
        place = _first(ctx, query.where(_LEGS.c.id == leg_id))
        return place if place is None or place.task_state == "open" else without_task(place)
    return _first(ctx, query.where(_TASKS.c.role != "APPLICANT", _TASKS.c.state == "open"))


def find_asked_place(ctx: Context, case_id: int) -> Place | None:
    """For the applicant, or who speaks for one: the main leg of an open case in which no staff has a task now."""
    query = _query().where(_CASES.c.id == case_id, _CASES.c.closed_at.is_(None), _LEGS.c.ended_at.is_(None))
    place = _first(ctx, query.where(_LEGS.c.role == "main"))
    return without_task(place) if place is not None and ctx.actor.speaks_for(place.applicant_user_id) else None


def without_task(place: Place) -> Place:
    """A leg that waits for no person (a message, a timer) is urged as a whole."""
    return replace(
        place,
        task_id=None,
        task_name="",
        task_role="",
        task_state="",
        element_id=None,
        assignee_id=None,
        policy=None,
        due_at=None,
    )


def _query() -> Select[Any]:
    joined = _LEGS.join(_CASES, _CASES.c.id == _LEGS.c.case_id).outerjoin(_TASKS, (_TASKS.c.leg_id == _LEGS.c.id))
    return (
        select(
            _CASES.c.id.label("case_id"),
            _CASES.c.case_no,
            _CASES.c.item_code,
            _CASES.c.main_site_id,
            _CASES.c.partner_code,
            _CASES.c.applicant_user_id,
            _LEGS.c.id.label("leg_id"),
            _LEGS.c.site_id,
            _LEGS.c.is_suspended,
            _LEGS.c.ended_at.label("leg_ended_at"),
            _TASKS.c.id.label("task_id"),
            func.coalesce(_TASKS.c.name, "").label("task_name"),
            func.coalesce(_TASKS.c.role, "").label("task_role"),
            func.coalesce(_TASKS.c.state, "").label("task_state"),
            _TASKS.c.element_id,
            _TASKS.c.assignee_id,
            _TASKS.c.policy,
            _TASKS.c.due_at,
        )
        .select_from(joined)
        .order_by((_TASKS.c.state == "open").desc().nulls_last(), _TASKS.c.due_at.nulls_last(), _TASKS.c.opened_at)
        .limit(1)
    )


def _first(ctx: Context, query: Select[Any]) -> Place | None:
    ctx.session.flush()
    row: Row[Any] | None = ctx.session.execute(query).one_or_none()
    if row is None:
        return None
    sites = ctx.session.execute(
        select(_SITES.c.id, _SITES.c.region_code)
        .join(_LEGS, _LEGS.c.site_id == _SITES.c.id)
        .where(_LEGS.c.case_id == row.case_id)
        .distinct()
    ).all()
    found = {site.id: site.region_code for site in sites}
    values: dict[str, Any] = dict(row._mapping)  # noqa: SLF001 -- SQLAlchemy's public name for a row as a mapping
    return Place(**values, case_site_ids=tuple(sorted(found)), region_codes=tuple(sorted(set(found.values()))))
