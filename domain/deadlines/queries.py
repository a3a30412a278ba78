"""How near a due date is, the clocks of a case, the ladder: read."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from typing import Protocol, cast

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import Session

from domain.clock import CHINA
from domain.context import Context
from domain.deadlines import counting, policies
from domain.deadlines.asking import INQUIRE
from domain.deadlines.calendar import FRIDAY, NATION, Calendar, load
from domain.deadlines.counting import Reading
from domain.deadlines.due import Hours, end_of, workdays_of
from domain.deadlines.models import ClockEvent, ClockRow, LadderStep
from domain.sites.models import Site

SOON = "remindBefore"
"""The policy that says how many working days before its end a date counts as near."""


A_MONTH = timedelta(days=30)
"""No holiday is longer."""
ALWAYS_OPEN = time(23, 59, 59, 999999)
"""An effective start is not moved again."""


class DueState(StrEnum):
    """How near a due date is."""

    NONE = "none"
    OK = "ok"
    SOON = "soon"
    TODAY = "today"
    OVERDUE = "overdue"


@dataclass(frozen=True, slots=True)
class Due:
    """``workdays`` left by the calendar of the site that must act; 0 today, negative when overdue."""

    state: DueState
    workdays: int | None


NO_DUE = Due(DueState.NONE, None)


class SiteLike(Protocol):
    """What hours of a site depend on (a site, or a row of its columns)."""

    @property
    def code(self) -> str:
        """Its code."""

    @property
    def province_code(self) -> str:
        """Its province."""


@dataclass(frozen=True, slots=True)
class Begun:
    """When something began to count at a site, whose office hours decide whether that day was still open."""

    at: datetime
    site: SiteLike
    item_code: str
    partner: policies.Coded | None = None


@dataclass(frozen=True, slots=True)
class Horizon:
    """Now, and how near is near: for judging many dates in one answer."""

    ctx: Context
    now: datetime
    soon_workdays: int

    def judge(self, due_at: datetime | None, region_code: str = NATION, begun: Begun | datetime | None = None) -> Due:
        """The state of a date by a region's calendar. What began when the office was closed counts from its effective start.

        ``begun`` without a site is an effective start already.
        """
        if due_at is None:
            return NO_DUE
        calendar = load(self.ctx.session, region_code)
        start = self.now
        if begun is not None:
            day = self._first_day(begun, calendar)
            if self.now.astimezone(CHINA).date() < day <= due_at.astimezone(CHINA).date():
                start = datetime.combine(day, time(0), CHINA)
        left = calendar.workdays_left(start, due_at)
        if due_at < self.now:
            return Due(DueState.OVERDUE, min(left, 0))
        if due_at.astimezone(CHINA).date() == self.now.astimezone(CHINA).date():
            return Due(DueState.TODAY, 0)
        return Due(DueState.SOON if left <= self.soon_workdays else DueState.OK, left)

    def _first_day(self, begun: Begun | datetime, calendar: Calendar) -> date:
        """The day a term counts from. The site's hours are asked only where they can matter: for what began on the last workday."""
        if isinstance(begun, datetime):
            return calendar.effective_start(begun, ALWAYS_OPEN)
        day, today = begun.at.astimezone(CHINA).date(), self.now.astimezone(CHINA).date()
        if day <= today and calendar.used(max(day, today - A_MONTH), today) > 0:
            return day
        # A row of its columns has what the policies read of a site.
        values = policies.deadlines_for(self.ctx, cast("Site", begun.site), begun.item_code, begun.partner)
        return calendar.effective_start(begun.at, Hours.of(values).office_end)

    def bounds(self, state: DueState, region_code: str = NATION) -> tuple[datetime | None, datetime | None]:
        """The dates that are in this state: (from, until), both inclusive, None is open."""
        today = self.now.astimezone(CHINA).date()
        calendar = load(self.ctx.session, region_code)
        if state is DueState.OVERDUE:
            return None, self.now
        if state is DueState.TODAY:
            return self.now, end_of(today)
        if state is DueState.SOON:
            return self.now, end_of(calendar.add(today, self.soon_workdays))
        return None, None


def horizon(ctx: Context) -> Horizon:
    """The horizon of this request; one statement for the policy, one per region's calendar when first needed."""
    key = "deadlines.horizon"
    kept: Horizon | None = ctx.session.info.get(key)
    if kept is None:
        literal = policies.effective(ctx, SOON).value
        kept = Horizon(ctx, ctx.clock.now(), workdays_of(literal) or 1)
        ctx.session.info[key] = kept
    return kept


def list_clocks(session: Session, case_id: int) -> list[ClockRow]:
    """The case's own clocks, statutory and promised."""
    mine = (ClockRow.case_id == case_id, ClockRow.leg_id.is_(None), ClockRow.task_id.is_(None))
    return list(session.scalars(select(ClockRow).where(*mine).order_by(ClockRow.kind)))


def not_yet_counting(session: Session, case_ids: Collection[int], now: datetime) -> dict[int, datetime]:
    """The promises that were accepted when the office was closed and have not begun to count: case → effective start."""
    theirs = (ClockRow.case_id.in_(case_ids), ClockRow.leg_id.is_(None), ClockRow.task_id.is_(None))
    ahead = (ClockRow.kind == "PROMISE", ClockRow.state == counting.RUNNING, ClockRow.running_since > now)
    found = session.execute(select(ClockRow.case_id, ClockRow.running_since).where(*theirs, *ahead))
    return {row.case_id: row.running_since for row in found}


def standing(session: Session, case_ids: Collection[int]) -> dict[int, list[str]]:
    """The cases whose promise stands still, with the reasons."""
    theirs = (ClockRow.case_id.in_(case_ids), ClockRow.leg_id.is_(None), ClockRow.task_id.is_(None))
    still = (ClockRow.kind == "PROMISE", ClockRow.state.in_([counting.STOPPED, counting.HELD]))
    return {
        clock.case_id: counting.reasons(clock) for clock in session.scalars(select(ClockRow).where(*theirs, *still))
    }


def received_at(session: Session, case_id: int) -> datetime | None:
    """When the application was received (收件); None before that. Acceptance is the case's own ``accepted_at``."""
    mine = (ClockEvent.case_id == case_id, ClockEvent.leg_id.is_(None), ClockEvent.task_id.is_(None))
    return session.scalar(select(func.min(ClockEvent.at)).where(*mine, ClockEvent.action == "receive"))


def list_clock_events(session: Session, case_id: int) -> list[ClockEvent]:
    """Every change of the case's own dates, oldest first."""
    mine = (ClockEvent.case_id == case_id, ClockEvent.leg_id.is_(None), ClockEvent.task_id.is_(None))
    return list(session.scalars(select(ClockEvent).where(*mine).order_by(ClockEvent.id)))


def reading(session: Session, clock: ClockRow, now: datetime) -> Reading:
    """A clock as it stands now, by the calendar of its region."""
    return counting.read(clock, now, load(session, clock.region_code))


def list_ladder(session: Session, case_id: int) -> list[LadderStep]:
    """Reminders, urges, supervision and conferences of a case, oldest first."""
    return list(session.scalars(select(LadderStep).where(LadderStep.case_id == case_id).order_by(LadderStep.id)))


def find_ladder_case(session: Session, step_id: int) -> int | None:
    """The case that a step is about."""
    return session.scalar(select(LadderStep.case_id).where(LadderStep.id == step_id))


def latest_ladder(session: Session, task_ids: Iterable[str]) -> Mapping[str, LadderStep]:
    """The newest step that was raised for each task; an applicant's question is none."""
    wanted = list(task_ids)
    if not wanted:
        return {}
    rows = session.scalars(
        select(LadderStep)
        .where(LadderStep.task_id.in_(wanted), LadderStep.kind != INQUIRE)
        .ext(distinct_on(LadderStep.task_id))
        .order_by(LadderStep.task_id, LadderStep.raised_at.desc(), LadderStep.id.desc())
    )
    return {step.task_id: step for step in rows if step.task_id}


@dataclass(frozen=True, slots=True)
class DayRow:
    """A day of a region's calendar. ``name`` is what it is called; ``set_by`` the region whose version or override decides it."""

    day: date
    is_workday: bool
    kind: str
    name: str
    reason: str
    set_by: str
    provisional: bool


def list_days(session: Session, region_code: str, year: int) -> list[DayRow]:
    """The days of a year by the region's calendar: kind is work, rest, holiday, adjusted (调休上班) or override (by hand)."""
    calendar = load(session, region_code)
    first = date(year, 1, 1)
    days = (date(year + 1, 1, 1) - first).days
    return [_day(calendar, first + timedelta(days=number)) for number in range(days)]


def _day(calendar: Calendar, day: date) -> DayRow:
    works = calendar.is_workday(day)
    weekday = day.isoweekday() <= FRIDAY
    mark = calendar.marks.get(day)
    by_hand = mark is not None and mark.year is None
    if by_hand:
        kind = "override"
    elif works:
        kind = "work" if weekday else "adjusted"
    else:
        kind = "holiday" if weekday or calendar.name_of(day)[0] else "rest"
    name = "" if by_hand else calendar.name_of(day)[0]
    reason = mark.name if mark is not None and by_hand else ""
    setter = mark.region_code if mark is not None else NATION
    return DayRow(day, works, kind, name, reason, setter, calendar.is_provisional(day))
