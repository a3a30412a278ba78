"""A stop of the case reaches the clocks below it, and its end lets them go on.

Whatever stops the case's time stops the main site's open tasks too. Where the *applicant* is waited for, the partner sites'
legs and tasks stand still as well (DOMAIN §3.7); a special procedure of the main site leaves the partners' own work running. The
applicant's own tasks never stop, and what is opened during a stop has its own time (a hearing has its own days). Only dates
in working days stop.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Protocol

from sqlalchemy import DateTime, column, select, table

from domain.actors import Role
from domain.context import Context
from domain.deadlines import counting, dates, policies
from domain.deadlines.calendar import load
from domain.deadlines.counting import RUNNING, STOPPED, WAITING
from domain.deadlines.due import Hours, workdays_of
from domain.deadlines.journal import Change, Why
from domain.deadlines.models import ClockRow
from domain.sites.models import Site

INTERNAL: Final = "INTERNAL"
WAITS_FOR_APPLICANT: Final = frozenset({"SUPPLEMENT", "WAIT_PAYMENT", "APPLICANT_REQUEST"})
_MOMENT = DateTime(timezone=True)
_LEGS = table("legs", *(column(name) for name in ("id", "case_id", "site_id", "role")), column("ended_at", _MOMENT))
_TASKS = table(
    "tasks",
    *(column(name) for name in ("id", "case_id", "leg_id", "site_id", "role", "state", "policy")),
    *(column(name, _MOMENT) for name in ("due_at", "opened_at", "closed_at")),
)


class CaseLike(Protocol):
    """What policies of a case's legs depend on."""

    item_code: str
    main_site_id: int
    partner_code: str


@dataclass(frozen=True, slots=True)
class Scope:
    """Whose clocks: those of one leg's tasks, or with ``everywhere`` also of the other legs; not of tasks this very step closes."""

    case_id: int
    case: CaseLike
    leg_id: int
    closing: Collection[str] = ()
    everywhere: bool = False

    def partner_at(self, site: Site) -> policies.Coded | None:
        """Whose agreement counts at a site of the case."""
        role = "main" if site.id == self.case.main_site_id else "partner"
        return policies.partner_at(role, site, self.case.partner_code)


def hold(ctx: Context, scope: Scope, why: Why) -> list[Change]:
    """Stop what stops with the case for this reason."""
    now = ctx.clock.now()
    changes: list[Change] = []
    for task in _open_tasks(ctx, scope):
        clock = find_task_clock(ctx, task.id) or _of_task(ctx, scope, task)
        if clock is not None and clock.state == RUNNING:
            changes.append(_stop(ctx, scope, clock, task.site_id, now, why, task.leg_id))
    if scope.everywhere:
        for clock, site_id in _leg_clocks(ctx, scope.case_id, RUNNING):
            changes.append(_stop(ctx, scope, clock, site_id, now, why, clock.leg_id))
    return changes


def release(ctx: Context, scope: Scope, why: Why) -> list[Change]:
    """Let go on what stood still with it; clocks of what was closed meanwhile end when it was closed.

    In other legs only what waited for the applicant: a partner's own stop is the partner's.
    """
    now = ctx.clock.now()
    changes: list[Change] = []
    query = select(ClockRow, _TASKS.c.site_id, _TASKS.c.leg_id, _TASKS.c.state, _TASKS.c.closed_at)
    held = query.join(_TASKS, _TASKS.c.id == ClockRow.task_id).where(
        ClockRow.case_id == scope.case_id, ClockRow.state == STOPPED
    )
    for clock, site_id, leg_id, state, closed_at in ctx.session.execute(held.order_by(ClockRow.id)).all():
        if not _goes_on(scope, clock, leg_id):
            continue
        if state == "open" and clock.task_id not in scope.closing:
            changes.append(_run(ctx, scope, clock, site_id, now, why, leg_id))
        else:
            counting.finish(clock, closed_at or now, load(ctx.session, clock.region_code))
    if scope.everywhere:
        for clock, site_id in _leg_clocks(ctx, scope.case_id, STOPPED):
            if _goes_on(scope, clock, clock.leg_id):
                changes.append(_run(ctx, scope, clock, site_id, now, why, clock.leg_id))
    return changes


def _goes_on(scope: Scope, clock: ClockRow, leg_id: int | None) -> bool:
    return leg_id == scope.leg_id or (scope.everywhere and clock.stop_reason in WAITS_FOR_APPLICANT)


def find_task_clock(ctx: Context, task_id: str) -> ClockRow | None:
    """The row of a task's clock; most tasks have none, their own row says it all."""
    return ctx.session.scalars(select(ClockRow).where(ClockRow.task_id == task_id)).one_or_none()


def _open_tasks(ctx: Context, scope: Scope) -> list[Any]:
    wanted = (
        select(_TASKS.c.id, _TASKS.c.leg_id, _TASKS.c.site_id, _TASKS.c.policy, _TASKS.c.opened_at, _TASKS.c.due_at)
        .where(_TASKS.c.case_id == scope.case_id, _TASKS.c.state == "open", _TASKS.c.role != Role.APPLICANT)
        .where(_TASKS.c.due_at.is_not(None), _TASKS.c.policy.is_not(None), _TASKS.c.id.not_in(list(scope.closing)))
    )
    if not scope.everywhere:
        wanted = wanted.where(_TASKS.c.leg_id == scope.leg_id)
    return list(ctx.session.execute(wanted.order_by(_TASKS.c.id)).all())


def _of_task(ctx: Context, scope: Scope, task: Any) -> ClockRow | None:
    """The clock of a task that so far only had its own row; None when its date is not in working days."""
    site = ctx.session.get_one(Site, task.site_id)
    value = policies.effective(ctx, task.policy, site, scope.case.item_code, scope.partner_at(site))
    if workdays_of(value.value) is None:
        return None
    values = policies.deadlines_for(ctx, site, scope.case.item_code, scope.partner_at(site))
    calendar, hours = load(ctx.session, site.region_code), Hours.of(values)
    since = counting.effective(task.opened_at, calendar, hours)
    clock = ClockRow(
        case_id=scope.case_id,
        task_id=task.id,
        kind=INTERNAL,
        policy=task.policy,
        total_days=counting.days_between(since, task.due_at, calendar),
        used_days=0,
        paused_days=0,
        extended_days=0,
        state=WAITING,
        stop_reason="",
        region_code=site.region_code,
        is_provisional=False,
        source=value.source,
    )
    counting.run(clock, since, calendar, hours)
    ctx.session.add(clock)
    return clock


def _leg_clocks(ctx: Context, case_id: int, state: str) -> list[tuple[ClockRow, int]]:
    query = (
        select(ClockRow, _LEGS.c.site_id)
        .join(_LEGS, _LEGS.c.id == ClockRow.leg_id)
        .where(ClockRow.case_id == case_id, ClockRow.state == state, ClockRow.task_id.is_(None))
        .where(_LEGS.c.ended_at.is_(None))
    )
    return [(row[0], row[1]) for row in ctx.session.execute(query.order_by(ClockRow.id)).all()]


def _stop(
    ctx: Context, scope: Scope, clock: ClockRow, site_id: int, now: datetime, why: Why, leg_id: int | None
) -> Change:
    before = clock.due_at
    counting.stop(clock, now, load(ctx.session, clock.region_code), why.reason)
    dates.publish(ctx, clock, _values(ctx, scope, site_id), leg_id)
    return Change(clock, "stop", before, why)


def _run(
    ctx: Context, scope: Scope, clock: ClockRow, site_id: int, now: datetime, why: Why, leg_id: int | None
) -> Change:
    values = _values(ctx, scope, site_id)
    counting.run(clock, now, load(ctx.session, clock.region_code), Hours.of(values))
    dates.publish(ctx, clock, values, leg_id)
    return Change(clock, "resume", None, why)


def _values(ctx: Context, scope: Scope, site_id: int) -> dict[str, str]:
    site = ctx.session.get_one(Site, site_id)
    return policies.deadlines_for(ctx, site, scope.case.item_code, scope.partner_at(site))
