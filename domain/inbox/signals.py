"""A leg hears a signal that another leg of its case threw."""

from __future__ import annotations

from datetime import timedelta

from domain.cases import rows, runtime
from domain.cases.projection import Cause
from domain.context import Context
from domain.outbox.models import Work
from domain.outbox.work import Postponed
from engine.contract import Advance, Environment
from engine.facade import Engine

SUSPENDED_PAUSE = timedelta(minutes=10)
"""A suspended leg is looked at again after this time (resuming wakes the work at once)."""


def hear(ctx: Context, work: Work) -> None:
    """Job ``signal.deliver``. A leg that has ended or where nobody waits is left as it is.

    Raises :class:`Postponed` while the leg is suspended.
    """
    if work.leg_id is None:
        return
    leg = rows.lock_leg(ctx, work.leg_id)
    if leg.ended_at is not None:
        return
    if leg.is_suspended:
        raise Postponed(ctx.clock.now() + SUSPENDED_PAUSE)
    name = str(work.data["name"])

    def command(engine: Engine, definition_id: str, state: bytes, env: Environment) -> Advance | None:
        return engine.deliver_signal(definition_id, state, name, {}, env)

    runtime.step(ctx, leg, command, cause=Cause("signal.received", None, dict(work.data)))
