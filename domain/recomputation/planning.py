"""Which dates of some cases move, by the calendars and policies as they are now: read and reckoned, nothing written.

The preview and the doing of a change both ask here, so that what is shown is what happens.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, NamedTuple

from domain.context import Context
from domain.deadlines import policies, steps
from domain.deadlines.counting import RUNNING
from domain.deadlines.due import workdays_of
from domain.recomputation import answers, reading, timers
from domain.recomputation.moves import CLOCK, STEP, TASK, Move
from domain.recomputation.reading import Clock, Frame, Ladder, LegFrame, TaskRow, moment
from domain.recomputation.reckoning import Measure, Reckoner
from domain.recomputation.scope import LADDER, Scope

_NOTHING: Final = Ladder("", "", "")


class StepMove(NamedTuple):
    """How one step of a ladder moves. ``place``: which of the waiting steps it is; None: it is new."""

    kind: str
    level: int
    before: datetime | None
    after: datetime | None
    place: int | None


class LadderMoves(NamedTuple):
    """The steps of a task that move. Thousands of tasks share what is in ``moves``."""

    task: TaskRow
    leg: LegFrame
    ids: str
    moves: tuple[StepMove, ...]

    def each(self) -> Iterator[Move]:
        """One by one."""
        task, leg, ids = self.task, self.leg, self.ids.split(";")
        for step in self.moves:
            row = None if step.place is None else int(ids[step.place])
            yield Move(
                STEP, task.id, task.case_id, leg.id, leg.site_id, step.kind, step.before, step.after, level=step.level,
                work_id=row, policy=task.policy or "",
            )  # fmt: skip


@dataclass(slots=True)
class Plan:
    """What moves in some cases: everything but the steps of ladders one by one, those by their task."""

    frames: Mapping[int, Frame]
    moves: list[Move]
    ladders: list[LadderMoves]


@dataclass(slots=True)
class Planner:
    """Plans a change, many cases at once. What is alike in many of them is reckoned once."""

    ctx: Context
    scope: Scope
    reckoner: Reckoner = field(init=False)
    rungs: dict[tuple[Measure, datetime], dict[tuple[str, int], datetime]] = field(default_factory=dict)
    """The steps of a due date at a place; thousands of tasks share few."""
    ladders: dict[tuple[Measure, datetime, str, str], tuple[StepMove, ...]] = field(default_factory=dict)
    """How steps that are there and the rungs of a due date differ."""
    totals: dict[tuple[Measure, str], int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.reckoner = Reckoner(self.ctx)

    def plan(self, case_ids: Sequence[int]) -> list[Move]:
        """The moves of these cases, one by one."""
        found = self.look(case_ids)
        return [*found.moves, *(move for ladder in found.ladders for move in ladder.each())]

    def look(self, case_ids: Sequence[int]) -> Plan:
        """The moves of these cases: clocks, tasks, answers to steps, timers; and the steps of ladders by task."""
        session = self.ctx.session
        frames, legs = reading.frames(session, case_ids), reading.legs(session, case_ids)
        tasks = reading.tasks(session, case_ids)
        places = {row.id: row.leg_id for row in tasks}
        moves: list[Move] = []
        held: dict[str, Move | None] = {}
        for clock in reading.clocks(session, case_ids):
            leg = legs.get(clock.leg_id or places.get(clock.task_id or "", 0))
            if clock.task_id is not None and leg is None:
                continue
            move = self._clock(clock, frames[clock.case_id], leg)
            if clock.task_id is not None:
                held[clock.task_id] = move
            if move is not None:
                moves.append(move)
        moved = [self._task(row, frames[row.case_id], legs[row.leg_id], held) for row in tasks if row.leg_id in legs]
        moves += [move for move in moved if move is not None]
        ladders = self._ladders(tasks, frames, legs, {move.ref: move for move in moves if move.kind == TASK})
        moves += answers.plan(self.ctx, self.scope, self.reckoner, frames, legs)
        moves += timers.plan(self.ctx, self.scope, self.reckoner, frames, legs)
        return Plan(frames, moves, ladders)

    def _clock(self, clock: Clock, case: Frame, leg: LegFrame | None) -> Move | None:
        measure, total = self.reckoner.measure(case, leg), clock.total_days
        if self.scope.policy_key and self.scope.policy_key == clock.policy:
            total = self._total(measure, clock.policy) + clock.extended_days
        before = None if clock.due_text is None else moment(clock.due_text)
        after, provisional = before, clock.is_provisional
        if clock.state == RUNNING and clock.running_text is not None:
            since, left = moment(clock.running_text), total - clock.used_days
            after, provisional = self.reckoner.end(clock.region_code, since, left, measure.hours)
        if (after, total, provisional) == (before, clock.total_days, clock.is_provisional):
            return None
        return Move(
            CLOCK,
            str(clock.id),
            clock.case_id,
            None if leg is None else leg.id,
            case.main_site_id if leg is None else leg.site_id,
            clock.kind,
            before,
            after,
            total=None if total == clock.total_days else total,
            provisional=provisional,
        )

    def _total(self, measure: Measure, policy: str) -> int:
        key = (measure, policy)
        if key not in self.totals:
            self.totals[key] = policies.number(measure.values, policy)
        return self.totals[key]

    def _task(self, task: TaskRow, case: Frame, leg: LegFrame, held: Mapping[str, Move | None]) -> Move | None:
        before = moment(task.due_text)
        literal, after = None, None
        if task.id in held:
            by_clock = held[task.id]
            after = None if by_clock is None else by_clock.after
        else:
            measure = self.reckoner.measure(case, leg)
            literal = task.due_literal or measure.values.get(task.policy or "")
            if self.scope.policy_key and self.scope.policy_key == task.policy:
                literal = measure.values[task.policy]
            elif not self.scope.moves_all_terms or literal is None or workdays_of(literal) is None:
                return None
            after = self.reckoner.due(literal, datetime.fromisoformat(task.opened_text), measure)
        if after is None or after == before:
            return None
        return Move(
            TASK, task.id, task.case_id, leg.id, leg.site_id, task.name, before, after, literal=literal,
            policy=task.policy or "",
        )  # fmt: skip

    def _ladders(
        self,
        tasks: Iterable[TaskRow],
        frames: Mapping[int, Frame],
        legs: Mapping[int, LegFrame],
        moved: Mapping[str, Move],
    ) -> list[LadderMoves]:
        if not (moved or self.scope.moves_all_terms or self.scope.policy_key in LADDER):
            return []
        counted = [row for row in tasks if row.policy and row.leg_id in legs]
        raised = reading.raised_steps(self.ctx.session, [row.id for row in counted])
        waiting = reading.waiting_steps(self.ctx.session, list(legs))
        found: list[LadderMoves] = []
        for task in counted:
            leg, there = legs[task.leg_id], waiting.get(task.id, _NOTHING)
            due_at = moved[task.id].after if task.id in moved else moment(task.due_text)
            if due_at is None:
                continue
            key = (self.reckoner.measure(frames[task.case_id], leg), due_at, there.pattern, raised.get(task.id, ""))
            steps_moved = self.ladders.get(key)
            if steps_moved is None:
                steps_moved = self.ladders[key] = tuple(self._steps(*key))
            if steps_moved:
                found.append(LadderMoves(task, leg, there.ids, steps_moved))
        return found

    def _steps(self, measure: Measure, due_at: datetime, waiting: str, raised: str) -> Iterator[StepMove]:
        """Steps that are done stay done; one whose moment has passed by the move is looked at now, a reminder falls away."""
        now, done = self.ctx.clock.now(), {_step(part) for part in raised.split(";") if part}
        there: dict[tuple[str, int], tuple[int, datetime]] = {}
        for place, part in enumerate(part for part in waiting.split(";") if part):
            step, _, at = part.rpartition("/")
            there.setdefault(_step(step), (place, moment(at)))
        planned = self._rungs(measure, due_at)
        for key in dict.fromkeys([*there, *planned]):
            found = there.get(key)
            row, before = (None, None) if found is None else found
            if key in done or (before is not None and before <= now):
                continue
            after = planned.get(key)
            if after is None and key[0] != "REMIND":
                after = now
            if before != after:
                yield StepMove(*key, before, after, row)

    def _rungs(self, measure: Measure, due_at: datetime) -> dict[tuple[str, int], datetime]:
        key = (measure, due_at)
        if key not in self.rungs:
            planned = steps.plan(self.ctx, measure.values, due_at, measure.calendar.region_code)
            self.rungs[key] = {(step.kind, step.level): step.at for step in planned}
        return self.rungs[key]


def _step(text: str) -> tuple[str, int]:
    kind, _, level = text.partition("/")
    return kind, int(level)
