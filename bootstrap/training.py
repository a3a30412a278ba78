"""The adjustable clock of a deployment in training mode (API and command line share this)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from sqlalchemy import exists, func, select
from sqlalchemy.dialects.postgresql import insert

from bootstrap.settings import Settings
from domain.audit import service as audit
from domain.cases.models import Case
from domain.context import Context
from domain.deadlines.calendar import load
from domain.deadlines.due import schedule
from domain.deadlines.models import TrainingClock
from domain.errors import Conflict, Forbidden
from domain.outbox.models import Work
from domain.outbox.work import DUE_NOW

HOME_REGION = "532622"
"""砚山县: whose working days count when nobody names a region."""
LAST_YEAR = 2200


class NotInTraining(Forbidden):
    """The clock of a deployment that is not in training mode is the real one."""

    code = "not-in-training"
    title_zh = "不在培训模式"
    title_en = "Not in training mode"
    next_zh = "时钟只能在培训模式（LIANBAN_TRAINING=1，演示环境默认开启）下调整，生产环境不要开启。"
    next_en = "The clock moves only in training mode (LIANBAN_TRAINING=1, on in the demo); never use it in production."


class ClockOnlyForward(Conflict):
    """The clock cannot go back: what has happened would lie in the future."""

    code = "clock-only-forward"
    title_zh = "时钟不能倒退"
    title_en = "The clock cannot go back"
    next_zh = "请选择更晚的时间；要从头开始，请用 lianban demo --reset。"
    next_en = "Choose a later time; to start over use lianban demo --reset."


class NothingWaits(Conflict):
    """No timer, reminder or deadline waits for a later time."""

    code = "nothing-waits"
    title_zh = "没有等待到期的事项"
    title_en = "Nothing waits for a later time"
    next_zh = "请先让办件走到有时限的环节。"
    next_en = "First bring a case to a step with a deadline."


def require_training(settings: Settings) -> None:
    """Raise :class:`NotInTraining` unless the deployment is in training mode."""
    if not settings.training:
        raise NotInTraining


def read(ctx: Context) -> tuple[datetime, int]:
    """The deployment's time and its lead over the host's in seconds."""
    offset = ctx.session.execute(select(TrainingClock.offset_seconds).where(TrainingClock.id == 1)).scalar()
    return ctx.clock.now(), offset or 0


def advance(ctx: Context, amount: str, region: str = HOME_REGION) -> datetime:
    """Let ``amount`` (5wd, P2D, PT3H) pass: to where a deadline of that length, set now, would end. Returns the new time.

    Working days are those of ``region``. Raises :class:`domain.deadlines.errors.BadLiteral`.
    """
    return move_to(ctx, schedule(amount, ctx.clock.now(), load(ctx.session, region)))


def move_to_next(ctx: Context) -> datetime:
    """Jump to when the next waiting work is due. Returns the new time."""
    waiting = select(func.min(Work.due_at)).where(Work.state == "pending", Work.due_at > ctx.clock.now())
    due = ctx.session.execute(waiting).scalar()
    if due is None:
        raise NothingWaits
    return move_to(ctx, due)


def move_to(ctx: Context, moment: datetime) -> datetime:
    """Set the clock to a later moment. Returns it; this transaction itself still has the time it began with."""
    now = ctx.clock.now()
    if moment < now or moment.year > LAST_YEAR:
        raise ClockOnlyForward(f"现在是 {now:%Y-%m-%d %H:%M} UTC。", f"It is {now:%Y-%m-%d %H:%M} UTC.")
    step = -((now - moment) // timedelta(seconds=1))  # rounded up: never a moment short
    _write(ctx, TrainingClock.offset_seconds + step, step)
    return moment.astimezone(UTC)


def reset(ctx: Context) -> None:
    """Back to the host's time, as long as there is no case that it would throw into the future."""
    if ctx.session.execute(select(exists(select(Case.id)))).scalar():
        raise ClockOnlyForward("已有办件使用了现在的时间。", "There are cases that lived through the present time.")
    _write(ctx, 0, 0)


def _write(ctx: Context, changed: object, first: int) -> None:
    ctx.session.info[DUE_NOW] = True
    audit.record(ctx, "clock.moved", data={"seconds": first})
    row = {"changed_by": ctx.actor.name[:60], "changed_at": ctx.clock.now()}
    ctx.session.execute(
        insert(TrainingClock)
        .values(id=1, offset_seconds=first, **row)
        .on_conflict_do_update(index_elements=[TrainingClock.id], set_={"offset_seconds": changed, **row})
    )
