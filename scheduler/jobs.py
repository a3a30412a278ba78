"""Doing one piece of work: guard, effect and mark in one transaction; failures are tried again, then become incidents."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any, Final, cast

import structlog
from sqlalchemy import Table, func, select, update

from bootstrap.container import Platform
from bootstrap.errors import PostgresNotReachable
from bootstrap.telemetry.attempts import Attempt, attempt
from domain.actors import SYSTEM
from domain.cases import incidents, rows
from domain.cases.incidents import Trouble
from domain.cases.models import Leg
from domain.context import Context
from domain.deadlines import due, ladder, policies
from domain.deadlines.calendar import load
from domain.errors import Busy, DomainError
from domain.inbox import carrying, signals
from domain.inbox import service as inbox
from domain.outbox.models import Work
from domain.outbox.work import OPEN, Outside, Postponed
from domain.timers import service as timers

log = structlog.get_logger(__name__)

Job = Callable[[Context, Work], Outside | None]
WORK = cast("Table", Work.__table__)
BUSY_PAUSE: Final = timedelta(seconds=2)
MOST_IN_A_ROW: Final = 10_000
"""Bound of :func:`run_due`: work that keeps making work due at once is a mistake."""
RETRIES: Final[Mapping[str, str]] = dict.fromkeys(
    ("message.deliver", "site-key.announce", "anchor.countersign"), "message.retry"
)
"""Kind → policy with its pauses; ``work.retry`` for all others."""


def _replay(ctx: Context, work: Work) -> None:
    inbox.replay(ctx, int(work.ref))


def _expire(ctx: Context, work: Work) -> None:
    inbox.expire(ctx, int(work.ref))


def _ladder(ctx: Context, work: Work) -> None:
    ladder.step(ctx, cast("ladder.WorkLike", work))


JOBS: Final[Mapping[str, Callable[[Context, Work], Outside | None]]] = {
    timers.FIRE: timers.fire,
    "message.deliver": carrying.deliver,
    "message.replay": _replay,
    "message.expire": _expire,
    "message.ack": carrying.check_acknowledged,
    "signal.deliver": signals.hear,
    "deadline.step": _ladder,
}
"""Kinds of the house; others come with ``Handlers.jobs``."""


class UnknownWork(DomainError):
    """No job is registered for the kind."""

    code = "work-kind-unknown"


def run(platform: Platform, work_id: int) -> bool:
    """Do one piece of work unless it is done, cancelled, held or not due. True when it was done now. Never raises for its failure."""
    return _guarded(platform, work_id, lambda seen: _attempt(platform, work_id, seen))


def finish(platform: Platform, work_id: int, outside: Outside) -> bool:
    """Do what is left of a piece of work after its first transaction. As :func:`run`."""
    return _guarded(platform, work_id, lambda seen: _call(platform, work_id, outside, seen))


def known_kinds(platform: Platform) -> set[str]:
    """All kinds of work that this deployment can do."""
    return {*JOBS, *platform.handlers.jobs}


def _guarded(platform: Platform, work_id: int, act: Callable[[Attempt], bool]) -> bool:
    with attempt(known_kinds(platform)) as seen:
        try:
            return act(seen)
        except Postponed as later:
            seen.outcome = "put-off"
            _put_off(platform, work_id, until=later.until)
        except (Busy, PostgresNotReachable):  # nobody's fault: not an attempt that counts
            seen.outcome = "put-off"
            _put_off(platform, work_id, pause=BUSY_PAUSE)
        except Exception as error:  # noqa: BLE001 -- a poison job must stop nothing else; it is logged and counted
            seen.outcome = _fail(platform, work_id, error)
        return False


def run_due(platform: Platform) -> int:
    """Do everything that is due now, in order, in this thread, until nothing is. Returns how many were done."""
    done = 0
    for _ in range(MOST_IN_A_ROW):
        with platform.transaction(SYSTEM) as ctx:
            query = select(WORK.c.id).where(WORK.c.state.in_(("pending", "promoted")), WORK.c.due_at <= ctx.clock.now())
            next_id = ctx.session.execute(query.order_by(WORK.c.due_at, WORK.c.id).limit(1)).scalar_one_or_none()
        if next_id is None:
            return done
        done += run(platform, next_id)
    return done


def next_due(platform: Platform) -> datetime | None:
    """When the next waiting work is due."""
    with platform.transaction(SYSTEM) as ctx:
        query = select(func.min(WORK.c.due_at)).where(WORK.c.state == "pending")
        moment: datetime | None = ctx.session.execute(query).scalar_one()
        return moment


def _attempt(platform: Platform, work_id: int, seen: Attempt) -> bool:
    with platform.transaction(SYSTEM) as ctx:
        work = _claim(ctx, work_id)
        if work is None:
            return False
        seen.claimed(work)
        outside = job_of(ctx, work)(ctx, work)
        if outside is None:
            _mark_done(ctx, work_id)
    if outside is None:
        seen.done(ctx.clock.now())
        return True
    return _call(platform, work_id, outside, seen)


def _call(platform: Platform, work_id: int, outside: Outside, seen: Attempt) -> bool:
    result = outside.call()
    with platform.transaction(SYSTEM) as ctx:
        work = _claim(ctx, work_id)
        if work is None:
            return False
        seen.claimed(work)
        outside.then(ctx, work, result)
        _mark_done(ctx, work_id)
    seen.done(ctx.clock.now())
    return True


def _claim(ctx: Context, work_id: int) -> Work | None:
    """The guard: lock case, then work (steps lock in that order), and look again whether it is still to be done."""
    case_id = ctx.session.execute(select(WORK.c.case_id).where(WORK.c.id == work_id)).scalar_one_or_none()
    if case_id is not None:
        rows.lock_case(ctx, case_id)
    work = ctx.session.get(Work, work_id, with_for_update=True, populate_existing=True)
    if work is None or work.state not in ("pending", "promoted") or work.due_at > ctx.clock.now():
        return None
    return work


def job_of(ctx: Context, work: Work) -> Job:
    """What does this kind of work. Raises :class:`UnknownWork`."""
    found = JOBS.get(work.kind) or ctx.handlers.jobs.get(work.kind)
    if found is None:
        raise UnknownWork(f"没有登记作业“{work.kind}”。", f"No job is registered for '{work.kind}'.")
    return found


def _mark_done(ctx: Context, work_id: int) -> None:
    """Also when the step itself cancelled the row together with its timer."""
    ctx.session.flush()
    ctx.session.execute(
        update(WORK).where(WORK.c.id == work_id).values(state="done", done_at=ctx.clock.now(), last_error=None)
    )


def _put_off(
    platform: Platform, work_id: int, *, until: datetime | None = None, pause: timedelta = timedelta(0)
) -> None:
    """Try later, without counting an attempt. A row that somebody holds is left to him, one out of reach to the sweep."""
    free = select(WORK.c.id).where(WORK.c.id == work_id, WORK.c.state.in_(OPEN)).with_for_update(skip_locked=True)
    try:
        with platform.transaction(SYSTEM) as ctx:
            if ctx.session.execute(free).scalar_one_or_none() is not None:
                moment = until or ctx.clock.now() + pause
                ctx.session.execute(
                    update(WORK).where(WORK.c.id == work_id).values(state="pending", due_at=moment, promoted_at=None)
                )
    except (Busy, PostgresNotReachable):
        log.warning("work.not_put_off", work=work_id)


def _fail(platform: Platform, work_id: int, error: Exception) -> str:
    """Count the attempt; after the last one the work has failed and an incident says what to do next. Returns the outcome."""
    code = error.code if isinstance(error, DomainError) else type(error).__name__
    try:
        with platform.transaction(SYSTEM) as ctx:
            work = _claim(ctx, work_id)
            if work is None:
                return ""
            log.warning("work.failed", work=work_id, kind=work.kind, attempt=work.attempts + 1, code=code)
            work.attempts += 1
            work.last_error = code[:400]
            pauses = _pauses(ctx, work.kind)
            if work.attempts <= len(pauses):
                work.state, work.promoted_at = "pending", None
                work.due_at = ctx.clock.now() + pauses[work.attempts - 1]
                return "retry"
            work.state = "failed"
            ctx.session.flush()
            _open_incident(ctx, work, error, code)
            return "failed"
    except Exception:  # noqa: BLE001 -- the database is away: the row stays as it is and is swept up later
        log.warning("work.not_marked", work=work_id, code=code)
        return ""


def _pauses(ctx: Context, kind: str) -> list[timedelta]:
    values = policies.deadlines_for(ctx)
    now, calendar = ctx.clock.now(), load(ctx.session, "")
    literals = values[RETRIES.get(kind, "work.retry")].split(",")
    return [due.schedule(literal, now, calendar) - now for literal in literals]


def _open_incident(ctx: Context, work: Work, error: Exception, code: str) -> None:
    if work.leg_id is None or ctx.session.get(Leg, work.leg_id) is None:
        return
    leg = rows.lock_leg(ctx, work.leg_id)
    text = error.fact_zh if isinstance(error, DomainError) else "后台作业发生内部错误。"
    element: Any = work.data.get("elementId") or ""
    incidents.open_one(
        ctx,
        leg,
        Trouble(f"work:{work.id}", str(element), code, text or code, work_id=work.id, attempts=work.attempts),
    )
