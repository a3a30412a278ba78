"""Years without a notice: how many dates rest on an assumption, who is told, and what happens when the notice is known."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import Final

from sqlalchemy import and_, exists, func, select
from sqlalchemy.dialects.postgresql import insert

from domain.actors import Role
from domain.cases.rows import TASKS
from domain.clock import CHINA
from domain.context import Context
from domain.deadlines import policies
from domain.deadlines.calendar import FIRST_OFFICIAL_YEAR, NATION, load
from domain.deadlines.counting import RUNNING
from domain.deadlines.due import schedule
from domain.deadlines.models import CalendarAlert, ClockRow, Recomputation
from domain.deadlines.publishing import Effect
from domain.identity.models import Grant
from domain.notifications import service as notifications
from domain.recomputation import service
from domain.recomputation.scope import Scope

KNOWN: Final = "calendar.known"
FARTHEST: Final = 10
"""Years ahead that are looked at: no term is longer."""


@dataclass(frozen=True, slots=True)
class MissingYear:
    """A year without notice and how many open dates fall into it."""

    year: int
    clocks: int
    tasks: int
    starts_at: date

    @property
    def dates(self) -> int:
        """All of them."""
        return self.clocks + self.tasks


def list_missing(ctx: Context) -> list[MissingYear]:
    """Years without notice that have provisional dates, or begin within ``calendar.alertBefore``."""
    now = ctx.clock.now()
    today = now.astimezone(CHINA).date()
    calendar = load(ctx.session, NATION)
    ahead = schedule(policies.effective(ctx, "calendar.alertBefore").value, now, calendar)
    horizon = ahead.astimezone(CHINA).date()
    found = []
    for year in range(today.year, today.year + FARTHEST):
        first = date(year, 1, 1)
        if not calendar.is_provisional(first):
            continue
        clocks, tasks = _dates_in(ctx, year)
        if clocks or tasks or first <= horizon:
            found.append(MissingYear(year, clocks, tasks, first))
    return found


def alert(ctx: Context) -> int:
    """Tell the platform's administrators of years without notice, again every ``calendar.alertEvery``. How many years."""
    now, told = ctx.clock.now(), 0
    pause = policies.effective(ctx, "calendar.alertEvery").value
    for missing in list_missing(ctx):
        row = ctx.session.get(CalendarAlert, missing.year)
        if row is not None and schedule(pause, row.raised_at, load(ctx.session, NATION)) > now:
            continue
        values = insert(CalendarAlert).values(year=missing.year, raised_at=now)
        ctx.session.execute(values.on_conflict_do_update(index_elements=["year"], set_={"raised_at": now}))
        readers = select(Grant.user_id).where(Grant.role == Role.PLATFORM_ADMIN, Grant.site_id.is_(None))
        shown = {"year": missing.year, "dates": missing.dates}
        notifications.send(ctx, ctx.session.scalars(readers), "calendar.missing", shown)
        told += 1
    return told


def refresh_known(ctx: Context) -> int:
    """Dates that were provisional in a year whose notice ships with the product now are set anew. How many cases."""
    calendar = load(ctx.session, NATION)
    oldest = ctx.session.scalar(
        select(func.min(ClockRow.due_at)).where(ClockRow.state == RUNNING, ClockRow.is_provisional)
    )
    if oldest is None or _is_being_done(ctx):
        return 0
    year = max(oldest.astimezone(CHINA).year, FIRST_OFFICIAL_YEAR)
    if calendar.is_provisional(date(year, 7, 1)):
        return 0
    effect = Effect(NATION, (), (year,))
    reason = f"{year}年放假安排已经公布"
    scope = Scope.of_calendar(effect, KNOWN, reason, "国务院办公厅节假日安排", {"year": year, "region": NATION})
    row = service.recompute(ctx, scope)
    return 0 if row is None else row.total_cases


def _is_being_done(ctx: Context) -> bool:
    running = exists().where(and_(Recomputation.cause == KNOWN, Recomputation.finished_at.is_(None)))
    return bool(ctx.session.scalar(select(running)))


def _dates_in(ctx: Context, year: int) -> tuple[int, int]:
    first, end = (datetime.combine(date(each, 1, 1), time(0), CHINA).astimezone(UTC) for each in (year, year + 1))
    clocks = select(func.count()).where(ClockRow.state == RUNNING, ClockRow.due_at >= first, ClockRow.due_at < end)
    tasks = select(func.count()).where(TASKS.c.state == "open", TASKS.c.due_at >= first, TASKS.c.due_at < end)
    return ctx.session.scalar(clocks) or 0, ctx.session.scalar(tasks) or 0
