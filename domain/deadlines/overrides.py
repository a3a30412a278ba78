"""Overrides of the official calendar (州庆 and the like): set, take back; running clocks move with them and say why."""

from __future__ import annotations

from datetime import date

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert

from domain.audit import service as audit
from domain.clock import CHINA
from domain.context import Context
from domain.deadlines import counting, dates, grounds, journal, policies
from domain.deadlines.calendar import NATION, forget, load
from domain.deadlines.counting import RUNNING
from domain.deadlines.due import Hours
from domain.deadlines.journal import Change, Why
from domain.deadlines.models import CalendarDay, ClockRow
from domain.errors import NotFound
from domain.sites.models import Site

REASON = "CALENDAR"


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
    running = select(ClockRow).where(ClockRow.state == RUNNING).order_by(ClockRow.case_id, ClockRow.id)
    if region_code != NATION:
        running = running.where(ClockRow.region_code.startswith(_within(region_code), autoescape=True))
    moved = 0
    for clock in ctx.session.scalars(running.with_for_update()):
        # A clock that ends before the day, or began after it, does not count it (a moved end is at most one day away).
        if clock.running_since is not None and clock.running_since.astimezone(CHINA).date() < day:
            moved += _move(ctx, clock)
    return moved


def refresh_provisional(ctx: Context) -> int:
    """Set provisional dates anew: a yearly notice may have been published since. How many moved."""
    forget(ctx.session)
    unsure = select(ClockRow).where(ClockRow.state == RUNNING, ClockRow.is_provisional)
    return sum(_move(ctx, clock) for clock in ctx.session.scalars(unsure.order_by(ClockRow.id).with_for_update()))


def _changed(ctx: Context, region_code: str, day: date, kind: str, values: dict[str, object]) -> int:
    moved = recompute(ctx, region_code, day)
    audit.record(ctx, kind, data={"region": region_code, "day": day.isoformat(), "clocks": moved, **values})
    return moved


def _move(ctx: Context, clock: ClockRow) -> int:
    """Set a running clock's date anew by the calendar and hours of the site that acts; 1 when it moved."""
    acts = dates.acting(ctx, clock)
    if acts is None:
        return 0
    values = policies.deadlines_for(ctx, ctx.session.get_one(Site, acts.site_id), acts.item_code)
    before = clock.due_at
    counting.set_due(clock, load(ctx.session, clock.region_code), Hours.of(values))
    if clock.due_at == before:
        return 0
    dates.publish(ctx, clock, values, acts.leg_id)
    why = Why(REASON, legal_ground=grounds.of(REASON))
    journal.write(ctx, acts.site_id, acts.leg_id, [Change(clock, "recompute", before, why)])
    return 1


def _within(region_code: str) -> str:
    code = region_code[:6]
    while len(code) > 2 and code.endswith("00"):  # noqa: PLR2004 -- a province is two digits
        code = code[:-2]
    return code
