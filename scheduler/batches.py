"""Doing several pieces of work of different cases in one transaction: what costs per transaction is paid once.

Cases that somebody holds are left out, not waited for. When one of the others fails everything is rolled back and each is
done by itself, so that a poison job harms nobody.
"""

from __future__ import annotations

from collections.abc import Sequence

import structlog
from sqlalchemy import select, update

from bootstrap.container import Platform
from bootstrap.telemetry.attempts import Attempt, attempt, count
from domain.actors import SYSTEM
from domain.cases import rows
from domain.cases.rows import CASES, LEGS, LegRow
from domain.cases.writes import Writes
from domain.context import Context
from domain.outbox.models import Work
from domain.outbox.work import Outside
from domain.timers import service as timers
from scheduler import jobs
from scheduler.jobs import WORK

log = structlog.get_logger(__name__)


def run(platform: Platform, ids: Sequence[int]) -> int:
    """Do these rows of work, together where that is possible. Returns how many were done now. Never raises for a failure of theirs."""
    if len(ids) == 1:
        return int(jobs.run(platform, ids[0]))
    done = 0
    outsides: dict[int, Outside] = {}
    rest = list(ids)
    try:
        done, outsides, rest = _together(platform, ids)
    except Exception as error:  # noqa: BLE001 -- found again, and counted, when each is done by itself
        log.info("work.one_by_one", works=len(ids), reason=type(error).__name__)
    done += sum(jobs.finish(platform, work_id, outside) for work_id, outside in outsides.items())
    return done + sum(jobs.run(platform, work_id) for work_id in rest)


def _together(platform: Platform, ids: Sequence[int]) -> tuple[int, dict[int, Outside], list[int]]:
    """How many were done, what must be called outside of any transaction, and the rows whose case somebody holds."""
    done: dict[int, Attempt] = {}
    outsides: dict[int, Outside] = {}
    known = jobs.known_kinds(platform)
    with platform.transaction(SYSTEM) as ctx:
        wanted = ctx.session.execute(
            select(WORK.c.id, WORK.c.case_id, WORK.c.leg_id, WORK.c.kind).where(
                WORK.c.id.in_(ids), WORK.c.state.in_(("pending", "promoted"))
            )
        ).all()
        legs = rows.lock_free_legs(ctx, [row.leg_id for row in wanted if row.kind == timers.FIRE and row.leg_id])
        held = {leg.case_id for leg in legs.values()}
        held |= _lock_free_cases(ctx, {row.case_id for row in wanted if row.case_id} - held)
        free = [row.id for row in wanted if row.case_id is None or row.case_id in held]
        writes = Writes()
        for item in _lock_work(ctx, free):
            with attempt(known) as seen:
                seen.claimed(item)
                outside = _do(ctx, item, legs, writes)
            if outside is None:
                done[item.id] = seen
            else:
                outsides[item.id] = outside
        writes.flush(ctx.session)
        _mark_done(ctx, list(done))
    for seen in done.values():
        seen.done(ctx.clock.now())
        count(seen, known)
    busy = [row.id for row in wanted if row.id not in free]
    return len(done), outsides, busy


def _do(ctx: Context, item: Work, legs: dict[int, LegRow], writes: Writes) -> Outside | None:
    """A timer takes its leg as it was locked, and what it changes is written with that of the others.

    Anything else, and a second step of the same case, must read what was written before.
    """
    leg = legs.pop(item.leg_id, None) if item.kind == timers.FIRE and item.leg_id else None
    if leg is not None and all(change.leg.case_id != leg.case_id for change in writes.changes):
        timers.fire(ctx, item, leg=leg, batch=writes)
        return None
    writes.flush(ctx.session)
    return jobs.job_of(ctx, item)(ctx, item)


def _lock_free_cases(ctx: Context, ids: set[int]) -> set[int]:
    if not ids:
        return set()
    free = select(CASES.c.id).where(CASES.c.id.in_(ids)).order_by(CASES.c.id).with_for_update(skip_locked=True)
    return set(ctx.session.execute(free).scalars())


def _lock_work(ctx: Context, ids: Sequence[int]) -> Sequence[Work]:
    """The guard: these rows, locked, as far as they are still to be done, site by site and case by case.

    Numbers without gaps belong to sites: two batches that take several do so in one order.
    """
    site = select(LEGS.c.site_id).where(LEGS.c.id == Work.leg_id).scalar_subquery()
    query = (
        select(Work)
        .where(Work.id.in_(ids), Work.state.in_(("pending", "promoted")), Work.due_at <= ctx.clock.now())
        .order_by(site.nulls_first(), Work.case_id.nulls_first(), Work.due_at, Work.id)
        .with_for_update(skip_locked=True)
    )
    return ctx.session.scalars(query).all() if ids else []


def _mark_done(ctx: Context, ids: Sequence[int]) -> None:
    """Also those that their own step cancelled together with their timer."""
    if not ids:
        return
    ctx.session.flush()
    ctx.session.execute(
        update(WORK).where(WORK.c.id.in_(ids)).values(state="done", done_at=ctx.clock.now(), last_error=None)
    )
