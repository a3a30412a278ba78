"""How near a due date is, the clocks of a case, the ladder: read."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import Session

from domain.clock import CHINA
from domain.context import Context
from domain.deadlines import counting, policies
from domain.deadlines.calendar import FRIDAY, NATION, Calendar, load
from domain.deadlines.counting import Reading
from domain.deadlines.due import Hours, end_of, workdays_of
from domain.deadlines.models import ClockEvent, ClockRow, LadderStep

SOON = "remindBefore"
"""The policy that says how many working days before its end a date counts as near."""


OFFICE_END = "calendar.officeEnd"


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


@dataclass(frozen=True, slots=True)
class Horizon:
    """Now, and how near is near: for judging many dates in one answer."""

    session: Session
    now: datetime
    soon_workdays: int
    office_end: time = time(18, 0)

    def judge(self, due_at: datetime | None, region_code: str = NATION, begun_at: datetime | None = None) -> Due:
        """The state of a date by a region's calendar. What began when the office was closed counts from its effective start."""
        if due_at is None:
            return NO_DUE
        calendar = load(self.session, region_code)
        start = self.now
        if begun_at is not None:
            day = calendar.effective_start(begun_at, self.office_end)
            if self.now.astimezone(CHINA).date() < day <= due_at.astimezone(CHINA).date():
                start = datetime.combine(day, time(0), CHINA)
        left = calendar.workdays_left(start, due_at)
        if due_at < self.now:
            return Due(DueState.OVERDUE, min(left, 0))
        if due_at.astimezone(CHINA).date() == self.now.astimezone(CHINA).date():
            return Due(DueState.TODAY, 0)
        return Due(DueState.SOON if left <= self.soon_workdays else DueState.OK, left)

    def bounds(self, state: DueState, region_code: str = NATION) -> tuple[datetime | None, datetime | None]:
        """The dates that are in this state: (from, until), both inclusive, None is open."""
        today = self.now.astimezone(CHINA).date()
        calendar = load(self.session, region_code)
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
        hours = Hours.of({OFFICE_END: policies.effective(ctx, OFFICE_END).value})
        kept = Horizon(ctx.session, ctx.clock.now(), workdays_of(literal) or 1, hours.office_end)
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
    """The highest step that was raised for each task."""
    wanted = list(task_ids)
    if not wanted:
        return {}
    rows = session.scalars(
        select(LadderStep)
        .where(LadderStep.task_id.in_(wanted))
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
