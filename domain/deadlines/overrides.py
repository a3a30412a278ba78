"""Overrides of the official calendar (州庆 and the like): set, take back; running clocks move with them and say why."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import column, delete, select, table, update
from sqlalchemy.dialects.postgresql import insert

from domain.audit import service as audit
from domain.clock import CHINA
from domain.context import Context
from domain.deadlines import policies
from domain.deadlines.calendar import NATION, forget, load
from domain.deadlines.clocks import PROMISE, RUNNING, STATUTORY
from domain.deadlines.due import Hours, end_of
from domain.deadlines.models import CalendarDay, CaseClock, ClockEvent
from domain.errors import NotFound
from domain.sites.models import Site

REASON = "CALENDAR"
_CASES = table(
    "cases", *(column(name) for name in ("id", "item_code", "main_site_id", "legal_due_at", "promise_due_at"))
)
_DUE = {STATUTORY: "legal_due_at", PROMISE: "promise_due_at"}


def put(ctx: Context, region_code: str, day: date, *, is_workday: bool, reason: str) -> int:
    """Set a day of a region (``CN`` for all). How many clocks got another date."""
    values = {"is_workday": is_workday, "reason": reason.strip()[:200]}
    statement = insert(CalendarDay).values(region_code=region_code, day=day, **values)
    ctx.session.execute(statement.on_conflict_do_update(index_elements=["region_code", "day"], set_=values))
    return _changed(ctx, region_code, day, "calendar.changed", values)


def remove(ctx: Context, region_code: str, day: date) -> int:
    """Back to the inherited calendar. How many clocks got another date. Raises :class:`NotFound`."""
    gone = delete(CalendarDay).where(CalendarDay.region_code == region_code, CalendarDay.day == day)
    if ctx.session.execute(gone.returning(CalendarDay.day)).scalar_one_or_none() is None:
        raise NotFound("这一天没有调整。", "This day has no override.")
    return _changed(ctx, region_code, day, "calendar.reverted", {})


def recompute(ctx: Context, region_code: str, day: date) -> int:
    """Set the due dates of the region's running clocks anew that count this day; each change is logged. How many moved."""
    forget(ctx.session)
    running = select(CaseClock).where(CaseClock.state == RUNNING).order_by(CaseClock.case_id, CaseClock.id)
    if region_code != NATION:
        running = running.where(CaseClock.region_code.startswith(_within(region_code), autoescape=True))
    moved = 0
    for clock in ctx.session.scalars(running.with_for_update()):
        # A clock that ends before the day, or began after it, does not count it (a moved end is at most one day away).
        if clock.running_since is not None and clock.running_since.astimezone(CHINA).date() < day:
            moved += _move(ctx, clock)
    return moved


def refresh_provisional(ctx: Context) -> int:
    """Set provisional dates anew: a yearly notice may have been published since. How many moved."""
    forget(ctx.session)
    unsure = select(CaseClock).where(CaseClock.state == RUNNING, CaseClock.is_provisional)
    return sum(_move(ctx, clock) for clock in ctx.session.scalars(unsure.order_by(CaseClock.id).with_for_update()))


def _changed(ctx: Context, region_code: str, day: date, kind: str, values: dict[str, object]) -> int:
    moved = recompute(ctx, region_code, day)
    audit.record(ctx, kind, data={"region": region_code, "day": day.isoformat(), "clocks": moved, **values})
    return moved


def _move(ctx: Context, clock: CaseClock) -> int:
    case = ctx.session.execute(
        select(_CASES.c.item_code, _CASES.c.main_site_id).where(_CASES.c.id == clock.case_id)
    ).one()
    hours = Hours.of(policies.deadlines_for(ctx, ctx.session.get_one(Site, case.main_site_id), case.item_code))
    calendar = load(ctx.session, clock.region_code)
    since: datetime = clock.running_since or ctx.clock.now()
    last = calendar.add(since.astimezone(CHINA).date(), clock.total_days - clock.used_days)
    before, after = clock.due_at, end_of(last, hours)
    clock.is_provisional = calendar.is_provisional(last)
    if after == before:
        return 0
    clock.due_at = after
    ctx.session.execute(update(_CASES).where(_CASES.c.id == clock.case_id).values({_DUE[clock.kind]: after}))
    ctx.session.add(
        ClockEvent(
            case_id=clock.case_id,
            kind=clock.kind,
            action="recompute",
            reason=REASON,
            at=ctx.clock.now(),
            due_before=before,
            due_after=after,
            used_days=clock.used_days,
        )
    )
    ctx.session.flush()
    if clock.kind == PROMISE:
        dates = {"dueBefore": None if before is None else before.isoformat(), "dueAfter": after.isoformat()}
        audit.record(ctx, "clock.recompute", case_id=clock.case_id, data={"reason": REASON, **dates})
    return 1


def _within(region_code: str) -> str:
    code = region_code[:6]
    while len(code) > 2 and code.endswith("00"):  # noqa: PLR2004 -- a province is two digits
        code = code[:-2]
    return code
