"""Which dates of some cases move, by the calendars and policies as they are now: read and reckoned, nothing written.

The preview and the doing of a change both ask here, so that what is shown is what happens.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Final

from sqlalchemy import select

from domain.cases.rows import CASES, LEGS, TASKS
from domain.context import Context
from domain.deadlines import policies, steps
from domain.deadlines.calendar import load
from domain.deadlines.counting import DONE, RUNNING
from domain.deadlines.due import end_of, workdays_of
from domain.deadlines.models import ClockRow
from domain.outbox.work import OPEN, WORK
from domain.recomputation import answers, timers
from domain.recomputation.moves import CLOCK, STEP, TASK, Move
from domain.recomputation.reckoning import Measure, Reckoner
from domain.recomputation.scope import LADDER, STEPS, Scope

_CLOCKS: Final = ClockRow.__table__


@dataclass(slots=True)
class Planner:
    """Plans a change case by case."""

    ctx: Context
    scope: Scope
    reckoner: Reckoner = field(init=False)
    rungs: dict[tuple[int, datetime], dict[tuple[str, int], datetime]] = field(default_factory=dict)
    """The steps of a due date at a place; thousands of tasks share few."""

    def __post_init__(self) -> None:
        self.reckoner = Reckoner(self.ctx)

    def plan(self, case_ids: Sequence[int]) -> list[Move]:
        """The moves of these cases: clocks first, then tasks, steps, answers to steps, timers."""
        session = self.ctx.session
        frames = {row.id: row for row in session.execute(_FRAMES.where(CASES.c.id.in_(case_ids)))}
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
        moves += answers.plan(self.ctx, self.scope, self.reckoner, frames, legs)
        return moves + timers.plan(self.ctx, self.scope, self.reckoner, frames, legs)

    def _clock(self, clock: Any, case: Any, leg: Any | None) -> Move | None:
        site_id = case.main_site_id if leg is None else leg.site_id
        measure = self.reckoner.measure(case, leg)
        total = clock.total_days
        if self.scope.policy_key and self.scope.policy_key == clock.policy:
            total = policies.number(measure.values, clock.policy) + clock.extended_days
        after, provisional = clock.due_at, clock.is_provisional
        if clock.state == RUNNING and clock.running_since is not None:
            calendar = load(self.ctx.session, clock.region_code)
            day = self.reckoner.add(calendar, clock.running_since, total - clock.used_days)
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
        measure = self.reckoner.measure(case, leg)
        literal = task.due_literal or measure.values.get(task.policy or "")
        if self.scope.policy_key and self.scope.policy_key == task.policy:
            literal = measure.values[task.policy]
        elif not self.scope.moves_all_terms or literal is None or workdays_of(literal) is None:
            return None
        after = self.reckoner.due(literal, task.opened_at, measure)
        if after == task.due_at:
            return None
        return replace(base, after=after, literal=literal)

    def _steps(
        self, tasks: Iterable[Any], frames: Mapping[int, Any], legs: Mapping[int, Any], moved: Mapping[str, Move]
    ) -> list[Move]:
        if not (moved or self.scope.moves_all_terms or self.scope.policy_key in LADDER):
            return []
        counted = {row.id: row for row in tasks if row.policy and row.leg_id in legs}
        there = self._there(list(counted), list(legs))
        moves: list[Move] = []
        for task_id, task in counted.items():
            leg = legs[task.leg_id]
            due_at = moved[task_id].after if task_id in moved else task.due_at
            if due_at is None:
                continue
            measure = self.reckoner.measure(frames[task.case_id], leg)
            moves += self._ladder(task, leg, due_at, measure, there.get(task_id, {}))
        return moves

    def _there(self, task_ids: list[str], leg_ids: list[int]) -> dict[str, dict[tuple[str, int], Any]]:
        """Task → the steps that wait, and (None) those that were raised. Open work is found by its leg, steps by their task."""
        there: dict[str, dict[tuple[str, int], Any]] = {}
        raised = select(STEPS.task_id, STEPS.kind, STEPS.level).where(
            STEPS.task_id.in_(task_ids), STEPS.source == "deadline"
        )
        for step in self.ctx.session.execute(raised):
            there.setdefault(step.task_id, {})[step.kind, step.level] = None
        waiting = select(WORK.c.id, WORK.c.ref, WORK.c.due_at, WORK.c.data).where(
            WORK.c.leg_id.in_(leg_ids), WORK.c.kind == "deadline.step", WORK.c.state.in_(OPEN)
        )
        for row in self.ctx.session.execute(waiting):
            there.setdefault(row.ref, {}).setdefault((row.data["kind"], int(row.data["level"])), row)
        return there

    def _rungs(self, measure: Measure, due_at: datetime) -> dict[tuple[str, int], datetime]:
        key = (id(measure), due_at)
        if key not in self.rungs:
            planned = steps.plan(self.ctx, measure.values, due_at, measure.calendar.region_code)
            self.rungs[key] = {(step.kind, step.level): step.at for step in planned}
        return self.rungs[key]

    def _ladder(
        self, task: Any, leg: Any, due_at: datetime, measure: Measure, there: Mapping[tuple[str, int], Any]
    ) -> Iterable[Move]:
        """Steps that are done stay done; one whose moment has passed by the move is looked at now, a reminder falls away."""
        now = self.ctx.clock.now()
        planned = self._rungs(measure, due_at)
        for key in dict.fromkeys([*there, *planned]):
            row, at = there.get(key), planned.get(key)
            if (key in there and row is None) or (row is not None and row.due_at <= now):
                continue
            if at is None and key[0] != "REMIND":
                at = now
            before = None if row is None else row.due_at
            if before != at:
                yield Move(
                    STEP, task.id, task.case_id, leg.id, leg.site_id, key[0], before, at, level=key[1],
                    work_id=None if row is None else row.id, policy=task.policy,
                )  # fmt: skip


_FRAMES = select(CASES.c.id, CASES.c.item_code, CASES.c.main_site_id, CASES.c.partner_code)
"""Never the whole case: its application is sealed."""
_LEGS = select(LEGS.c.id, LEGS.c.case_id, LEGS.c.site_id, LEGS.c.role).where(LEGS.c.ended_at.is_(None))
_TASKS = select(
    TASKS.c.id, TASKS.c.case_id, TASKS.c.leg_id, TASKS.c.name, TASKS.c.policy, TASKS.c.due_literal, TASKS.c.due_at,
    TASKS.c.opened_at,
).where(TASKS.c.state == "open", TASKS.c.due_at.is_not(None))  # fmt: skip
