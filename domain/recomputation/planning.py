"""Which dates of some cases move, by the calendars and policies as they are now: read and reckoned, nothing written.

The preview and the doing of a change both ask here, so that what is shown is what happens.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any, Final

from sqlalchemy import select

from domain.cases.rows import CASES, LEGS, TASKS
from domain.clock import CHINA
from domain.context import Context
from domain.deadlines import policies, steps
from domain.deadlines.calendar import Calendar, load
from domain.deadlines.counting import DONE, RUNNING
from domain.deadlines.due import Hours, end_of, schedule, workdays_of
from domain.deadlines.models import ClockRow
from domain.outbox.work import OPEN, WORK
from domain.recomputation.scope import LADDER, Scope
from domain.sites.models import Site

CLOCK, TASK, TIMER, STEP = "clock", "task", "timer", "step"
_CLOCKS: Final = ClockRow.__table__


@dataclass(frozen=True, slots=True)
class Move:
    """One date that moves. ``ref`` is the clock's row, the task, the timer, or the task whose ladder step it is.

    ``label`` is the clock's kind, the task's name, the element, or the step's kind. ``before`` None: it is new; ``after`` None: it
    falls away, or the clock stands still and has no date. ``total`` and ``literal`` are the new term of a clock or task.
    """

    kind: str
    ref: str
    case_id: int
    leg_id: int | None
    site_id: int
    label: str
    before: datetime | None
    after: datetime | None
    total: int | None = None
    literal: str | None = None
    provisional: bool = False
    level: int = 0
    work_id: int | None = None
    policy: str = ""

    @property
    def is_silent(self) -> bool:
        """Only the mark “provisional” changes, no date."""
        return self.kind == CLOCK and self.before == self.after and self.total is None

    def becomes_overdue(self, now: datetime) -> bool:
        """Whether a date that had not passed has passed by the move."""
        return (
            self.kind in {CLOCK, TASK}
            and self.after is not None
            and self.after < now
            and (self.before is None or self.before >= now)
        )


@dataclass(frozen=True, slots=True)
class Measure:
    """What dates at a site are reckoned by."""

    values: Mapping[str, str]
    calendar: Calendar
    hours: Hours


@dataclass(slots=True)
class Planner:
    """Plans a change case by case; remembers measures and sums, of which there are few."""

    ctx: Context
    scope: Scope
    measures: dict[tuple[int, str, bool], Measure] = field(default_factory=dict)
    sums: dict[tuple[str, date, int], date] = field(default_factory=dict)
    sites: dict[int, Site] = field(default_factory=dict)

    def plan(self, case_ids: Sequence[int]) -> list[Move]:
        """The moves of these cases: clocks first, then tasks, steps, timers."""
        session = self.ctx.session
        frames = {row.id: row for row in session.execute(select(CASES).where(CASES.c.id.in_(case_ids)))}
        legs = {row.id: row for row in session.execute(_LEGS.where(LEGS.c.case_id.in_(case_ids)))}
        tasks = session.execute(_TASKS.where(TASKS.c.case_id.in_(case_ids))).all()
        places = {row.id: row.leg_id for row in tasks}
        moves: list[Move] = []
        held: dict[str, Move | None] = {}
        for clock in session.execute(select(_CLOCKS).where(_CLOCKS.c.case_id.in_(case_ids), _CLOCKS.c.state != DONE)):
            leg = legs.get(clock.leg_id or places.get(clock.task_id, 0))
            if clock.task_id is not None and leg is None:
                continue
            move = self._clock(clock, frames[clock.case_id], leg)
            if clock.task_id is not None:
                held[clock.task_id] = move
            if move is not None:
                moves.append(move)
        moved = [self._task(row, frames[row.case_id], legs[row.leg_id], held) for row in tasks if row.leg_id in legs]
        moves += [move for move in moved if move is not None]
        moves += self._steps(tasks, frames, legs, {move.ref: move for move in moves if move.kind == TASK})
        return moves + self._timers(frames, legs)

    def _measure(self, site_id: int, item_code: str, *, partner: bool) -> Measure:
        key = (site_id, item_code, partner)
        if key not in self.measures:
            site = self.sites.get(site_id) or self.ctx.session.get_one(Site, site_id)
            self.sites[site_id] = site
            values = policies.deadlines_for(self.ctx, site, item_code, site if partner else None)
            self.measures[key] = Measure(values, load(self.ctx.session, site.region_code), Hours.of(values))
        return self.measures[key]

    def _add(self, calendar: Calendar, since: datetime, days: int) -> date:
        key = (calendar.region_code, since.astimezone(CHINA).date(), days)
        if key not in self.sums:
            self.sums[key] = calendar.add(key[1], days)
        return self.sums[key]

    def _clock(self, clock: Any, case: Any, leg: Any | None) -> Move | None:
        site_id = case.main_site_id if leg is None else leg.site_id
        measure = self._measure(site_id, case.item_code, partner=leg is not None and leg.role != "main")
        total = clock.total_days
        if self.scope.policy_key and self.scope.policy_key == clock.policy:
            total = policies.number(measure.values, clock.policy) + clock.extended_days
        after, provisional = clock.due_at, clock.is_provisional
        if clock.state == RUNNING and clock.running_since is not None:
            calendar = load(self.ctx.session, clock.region_code)
            day = self._add(calendar, clock.running_since, total - clock.used_days)
            after, provisional = end_of(day, measure.hours), calendar.is_provisional(day)
        if (after, total, provisional) == (clock.due_at, clock.total_days, clock.is_provisional):
            return None
        return Move(
            CLOCK,
            str(clock.id),
            clock.case_id,
            None if leg is None else leg.id,
            site_id,
            clock.kind,
            clock.due_at,
            after,
            total=None if total == clock.total_days else total,
            provisional=provisional,
        )

    def _task(self, task: Any, case: Any, leg: Any, held: Mapping[str, Move | None]) -> Move | None:
        base = Move(
            TASK, task.id, task.case_id, leg.id, leg.site_id, task.name, task.due_at, None, policy=task.policy or ""
        )
        if task.id in held:
            by_clock = held[task.id]
            if by_clock is None or by_clock.after is None or by_clock.after == task.due_at:
                return None
            return replace(base, after=by_clock.after)
        measure = self._measure(leg.site_id, case.item_code, partner=leg.role != "main")
        literal = task.due_literal or measure.values.get(task.policy or "")
        if self.scope.policy_key and self.scope.policy_key == task.policy:
            literal = measure.values[task.policy]
        elif not self.scope.moves_all_terms or literal is None or workdays_of(literal) is None:
            return None
        after = self._due(literal, task.opened_at, measure)
        if after == task.due_at:
            return None
        return replace(base, after=after, literal=literal)

    def _due(self, literal: str, since: datetime, measure: Measure) -> datetime:
        days = workdays_of(literal)
        if days is None:
            return schedule(literal, since, measure.calendar, measure.hours)
        start = measure.calendar.effective_start(since, measure.hours.office_end)
        key = (measure.calendar.region_code, start, days)
        if key not in self.sums:
            self.sums[key] = measure.calendar.add(start, days)
        return end_of(self.sums[key], measure.hours)

    def _steps(
        self, tasks: Iterable[Any], frames: Mapping[int, Any], legs: Mapping[int, Any], moved: Mapping[str, Move]
    ) -> list[Move]:
        if not (moved or self.scope.moves_all_terms or self.scope.policy_key in LADDER):
            return []
        counted = {row.id: row for row in tasks if row.policy and row.leg_id in legs}
        rows = select(WORK.c.id, WORK.c.ref, WORK.c.state, WORK.c.due_at, WORK.c.data).where(
            WORK.c.kind == "deadline.step", WORK.c.ref.in_(list(counted)), WORK.c.state != "cancelled"
        )
        there: dict[str, dict[tuple[str, int], Any]] = {}
        for row in self.ctx.session.execute(rows):
            there.setdefault(row.ref, {})[row.data["kind"], int(row.data["level"])] = row
        moves: list[Move] = []
        for task_id, task in counted.items():
            leg = legs[task.leg_id]
            due_at = moved[task_id].after if task_id in moved else task.due_at
            if due_at is None:
                continue
            measure = self._measure(leg.site_id, frames[task.case_id].item_code, partner=leg.role != "main")
            moves += self._ladder(task, leg, due_at, measure, there.get(task_id, {}))
        return moves

    def _ladder(
        self, task: Any, leg: Any, due_at: datetime, measure: Measure, there: Mapping[tuple[str, int], Any]
    ) -> Iterable[Move]:
        """Steps that are done stay done; one whose moment has passed by the move is looked at now, a reminder falls away."""
        now = self.ctx.clock.now()
        planned = {
            (step.kind, step.level): step.at
            for step in steps.plan(self.ctx, measure.values, due_at, measure.calendar.region_code)
        }
        for key in dict.fromkeys([*there, *planned]):
            row, at = there.get(key), planned.get(key)
            if row is not None and (row.state not in OPEN or row.due_at <= now):
                continue
            if at is None and key[0] != "REMIND":
                at = now
            before = None if row is None else row.due_at
            if before != at:
                yield Move(
                    STEP, task.id, task.case_id, leg.id, leg.site_id, key[0], before, at, level=key[1],
                    work_id=None if row is None else row.id, policy=task.policy,
                )  # fmt: skip

    def _timers(self, frames: Mapping[int, Any], legs: Mapping[int, Any]) -> list[Move]:
        if not self.scope.moves_all_terms or not legs:
            return []
        rows = select(WORK.c.id, WORK.c.ref, WORK.c.leg_id, WORK.c.due_at, WORK.c.data).where(
            WORK.c.leg_id.in_(list(legs)),
            WORK.c.kind == "timer.fire",
            WORK.c.state.in_(OPEN),
            WORK.c.data.has_key("literal"),
        )
        moves: list[Move] = []
        for row in self.ctx.session.execute(rows):
            leg = legs[row.leg_id]
            measure = self._measure(leg.site_id, frames[leg.case_id].item_code, partner=leg.role != "main")
            after = self._due(row.data["literal"], datetime.fromisoformat(row.data["since"]), measure)
            if after != row.due_at:
                moves.append(
                    Move(
                        TIMER, row.ref, leg.case_id, leg.id, leg.site_id, row.data["elementId"], row.due_at, after,
                        work_id=row.id,
                    )
                )  # fmt: skip
        return moves


_LEGS = select(LEGS.c.id, LEGS.c.case_id, LEGS.c.site_id, LEGS.c.role).where(LEGS.c.ended_at.is_(None))
_TASKS = select(
    TASKS.c.id, TASKS.c.case_id, TASKS.c.leg_id, TASKS.c.name, TASKS.c.policy, TASKS.c.due_literal, TASKS.c.due_at,
    TASKS.c.opened_at,
).where(TASKS.c.state == "open", TASKS.c.due_at.is_not(None))  # fmt: skip
