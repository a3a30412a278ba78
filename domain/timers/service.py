"""A timer's time has come: look again under the lock, then let the engine fire what is due."""

from __future__ import annotations

from datetime import timedelta

from domain.cases import rows, runtime
from domain.cases.projection import Cause
from domain.cases.rows import LegRow
from domain.cases.writes import Writes
from domain.context import Context
from domain.outbox.models import Work
from domain.outbox.work import Postponed
from engine.contract import Advance, Environment
from engine.facade import Engine

FIRE = "timer.fire"
"""Kind of a timer's work."""
SUSPENDED_PAUSE = timedelta(minutes=10)
"""A timer of a suspended leg looks again after this time (resuming wakes it at once)."""


def fire(ctx: Context, work: Work, *, leg: LegRow | None = None, batch: Writes | None = None) -> None:
    """Job ``timer.fire``. Exactly once: a closed timer does nothing, and its work is cancelled with it.

    ``leg``: the timer's leg when the caller has locked it and nothing happened to it since; ``batch``: where the step's writes
    go, when it shares a transaction with steps of other cases.
    Raises :class:`Postponed` while the leg is suspended.
    """
    if work.leg_id is None:
        return
    leg = leg or rows.lock_leg(ctx, work.leg_id)
    if leg.ended_at is not None:
        return
    if leg.is_suspended:
        raise Postponed(ctx.clock.now() + SUSPENDED_PAUSE)
    runtime.step(
        ctx, leg, _fire_due, cause=Cause("timer.fired", work.data.get("elementId"), {"timerId": work.ref}), batch=batch
    )


def _fire_due(engine: Engine, definition_id: str, state: bytes, env: Environment) -> Advance | None:
    """None when nothing was due any more: then nothing is written or recorded."""
    advance = engine.fire_timers(definition_id, state, env)
    return advance if advance.history or advance.closed_timers else None
