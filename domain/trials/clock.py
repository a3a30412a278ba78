"""Time in a trial: it stands still until it is moved, and then everything due on the way fires in order."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import func, or_, select

from domain.deadlines.due import scheduler
from domain.trials import routing, starting
from domain.trials.errors import ClockNotBack, NothingDue
from domain.trials.models import TrialInstance, TrialStart
from domain.trials.run import RUNNING, Run
from engine.contract import Advance, Environment
from engine.facade import Engine

LAST_YEAR = 2200


def settle(run: Run) -> None:
    """Carry what was thrown, give kept messages to new receivers and fire what is due, until nothing is left to do."""
    while True:
        if run.thrown:
            routing.carry(run, *run.thrown.popleft())
        elif run.opened_subscriptions:
            run.opened_subscriptions = routing.deliver_buffered(run)
        elif not _fire_due(run):
            return


def advance_by(run: Run, amount: str) -> None:
    """Let ``amount`` (PT11S, P2D, 5wd of the trial's region) pass. Raises BadLiteral, :class:`ClockNotBack`."""
    advance_to(run, scheduler(run.ctx.session, run.trial.region_code)(amount, run.trial.now))


def advance_to_next(run: Run) -> None:
    """Jump to the next timer. Raises :class:`NothingDue`."""
    due = next_due(run)
    if due is None:
        raise NothingDue
    advance_to(run, due)


def advance_to(run: Run, moment: datetime) -> None:
    """Move the clock, stopping at every timer on the way. Raises :class:`ClockNotBack`."""
    before = run.trial.now
    if moment < before or moment.year > LAST_YEAR:
        raise ClockNotBack(f"现在是 {before:%Y-%m-%d %H:%M:%S} UTC。", f"It is {before:%Y-%m-%d %H:%M:%S} UTC.")
    settle(run)
    while (due := next_due(run)) is not None and due <= moment:
        run.trial.now = max(due, run.trial.now)
        run.tell("clock.advanced")
        settle(run)
    if run.trial.now < moment:
        run.trial.now = moment
        run.tell("clock.advanced")
    routing.deliver_buffered(run)


def next_due(run: Run) -> datetime | None:
    """When the next timer of the trial is due, beyond those that are due already and stay so."""
    query = select(func.min(TrialInstance.next_due_at)).where(
        TrialInstance.trial_id == run.trial.id,
        TrialInstance.status == RUNNING,
        TrialInstance.next_due_at > run.trial.now,
    )
    waiting = [run.ctx.session.execute(query).scalar_one(), starting.next_due(run)]
    return min((each for each in waiting if each is not None), default=None)


def _fire_due(run: Run) -> bool:
    """Fire the earliest timer that is due by now; False when none is or none can."""
    if not _something_due(run):
        return False
    query = select(TrialInstance).where(
        TrialInstance.trial_id == run.trial.id,
        TrialInstance.status == RUNNING,
        TrialInstance.next_due_at <= run.trial.now,
    )
    for instance in run.ctx.session.scalars(query.order_by(TrialInstance.next_due_at, TrialInstance.id)).all():
        due_before = instance.next_due_at
        if run.command(instance, _fire) and instance.next_due_at != due_before:
            return True
    return starting.fire_due(run)


def _something_due(run: Run) -> bool:
    """One statement for what is so after most steps: nothing is due."""
    instances = select(TrialInstance.id).where(
        TrialInstance.trial_id == run.trial.id,
        TrialInstance.status == RUNNING,
        TrialInstance.next_due_at <= run.trial.now,
    )
    starts = select(TrialStart.id).where(TrialStart.trial_id == run.trial.id, TrialStart.due_at <= run.trial.now)
    return bool(run.ctx.session.execute(select(or_(instances.exists(), starts.exists()))).scalar_one())


def _fire(engine: Engine, definition_id: str, state: bytes, env: Environment) -> Advance:
    return engine.fire_timers(definition_id, state, env)
