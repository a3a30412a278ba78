"""Start events that nobody presses: timers that come due, signals and conditions."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from functools import partial
from typing import Any

from sqlalchemy import delete, func, select

from domain.trials.errors import refusals
from domain.trials.models import TrialInstance, TrialStart
from domain.trials.resources import Resource
from domain.trials.run import Run
from engine.contract import Advance, Environment, StartTimer
from engine.facade import Engine


def arm(run: Run, process_ids: Iterable[str]) -> None:
    """The timer start events of newly deployed processes wait; those of their earlier versions no more."""
    for process_id in sorted(process_ids):
        resource, process = run.current[process_id]
        gone = delete(TrialStart).where(TrialStart.trial_id == run.trial.id, TrialStart.process_id == process_id)
        run.ctx.session.execute(gone)
        if not process.timer_starts:
            continue
        with refusals():
            timers = run.ctx.engine.start_timers(resource.engine_id, process_id, run.environment(resource))
        run.ctx.session.add_all(
            TrialStart(
                trial_id=run.trial.id,
                definition_id=resource.id,
                process_id=process_id,
                element_id=timer.element_id,
                due_at=timer.due_at,
                interval=timer.interval,
                remaining=timer.times,
            )
            for timer in timers
        )
    run.ctx.session.flush()


def next_due(run: Run) -> datetime | None:
    """When the next timer start event is due."""
    query = select(func.min(TrialStart.due_at)).where(TrialStart.trial_id == run.trial.id)
    return run.ctx.session.execute(query).scalar_one()


def fire_due(run: Run) -> bool:
    """Start the process of the earliest timer start event that is due; False when none is."""
    query = select(TrialStart).where(TrialStart.trial_id == run.trial.id, TrialStart.due_at <= run.trial.now)
    row = run.ctx.session.scalars(query.order_by(TrialStart.due_at, TrialStart.id).limit(1)).one_or_none()
    if row is None:
        return False
    resource = run.by_id[row.definition_id]
    fired = StartTimer(row.element_id, row.due_at, row.interval, row.remaining)
    with refusals():
        following = run.ctx.engine.next_start_timer(fired, run.environment(resource))
    if following is None:
        run.ctx.session.delete(row)
    else:
        row.due_at, row.remaining = following.due_at, following.times
    run.ctx.session.flush()
    _start_at(run, resource, row.process_id, row.element_id, {})
    return True


def start_by_signal(run: Run, name: str, payload: Mapping[str, Any]) -> list[TrialInstance]:
    """Start every process that a signal of this name starts."""
    made = []
    for process_id, (resource, process) in run.current.items():
        if name in process.signal_starts:
            begin = partial(_by_signal, process_id=process_id, signal=name, payload=payload)
            told = {"signal": name, "variables": dict(payload)}
            made.append(run.start(resource, process_id, begin, application=payload, data=told))
    return made


def start_by_conditions(run: Run, variables: Mapping[str, Any]) -> list[TrialInstance]:
    """Start every process at each conditional start event whose condition holds."""
    made = []
    for process_id, (resource, process) in run.current.items():
        if not process.condition_starts:
            continue
        env = run.environment(resource)
        with refusals():
            holding = run.ctx.engine.find_condition_starts(resource.engine_id, process_id, env, variables)
        made += [_start_at(run, resource, process_id, element_id, variables) for element_id in holding]
    return made


def _start_at(
    run: Run, resource: Resource, process_id: str, element_id: str, variables: Mapping[str, Any]
) -> TrialInstance:
    begin = partial(_at, process_id=process_id, element_id=element_id, variables=variables)
    told = {"startEvent": element_id, "variables": dict(variables)}
    return run.start(resource, process_id, begin, application=variables, data=told)


def _at(
    engine: Engine,
    definition_id: str,
    env: Environment,
    *,
    process_id: str,
    element_id: str,
    variables: Mapping[str, Any],
) -> Advance:
    return engine.start(definition_id, process_id, env, variables, start_event=element_id)


def _by_signal(
    engine: Engine, definition_id: str, env: Environment, *, process_id: str, signal: str, payload: Mapping[str, Any]
) -> Advance:
    return engine.start(definition_id, process_id, env, payload, signal=signal)
