"""Handing due work to the queue: claimed with SKIP LOCKED and deferred in the same transaction, by every node at once."""

from __future__ import annotations

from typing import Final

from sqlalchemy import bindparam, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.types import BigInteger, Text

from bootstrap.container import Platform
from domain.actors import SYSTEM

BATCH: Final = 50
TASK: Final = "lianban.work"
"""Name of the queue's only task; its argument is the id of a work row."""
QUEUE: Final = "lianban"
HEARTBEAT_SECONDS: Final = 3
DEAD_SECONDS: Final = 10
"""A worker that was silent for so long is dead or frozen: others take over. The guard makes a second try harmless."""

_CLAIM = text(
    """
    update work set state = 'promoted', promoted_at = clock_timestamp()
    where id in (
        select id from work where state = 'pending' and due_at <= :now
        order by due_at, id limit :batch for update skip locked
    )
    returning id
    """
)
_DEFER = text(
    """
    select procrastinate_defer_jobs_v1(array(
        select row(:queue, :task, 0, null, 'work:' || id, jsonb_build_object('work_id', id), null)
               ::procrastinate_job_to_defer_v1
        from unnest(:ids) as id
        where not exists (
            select 1 from procrastinate_jobs where queueing_lock = 'work:' || id and status = 'todo'
        )
    ))
    """
).bindparams(bindparam("ids", type_=ARRAY(BigInteger)), bindparam("queue", type_=Text), bindparam("task", type_=Text))
_SWEEP_WORK = text(
    """
    with alive as (
        select j.queueing_lock from procrastinate_jobs j join procrastinate_workers w on w.id = j.worker_id
        where j.status = 'doing' and w.last_heartbeat > clock_timestamp() - make_interval(secs => :age)
    )
    update work set state = 'pending', promoted_at = null
    where id in (
        select id from work where state = 'promoted' and promoted_at < clock_timestamp() - make_interval(secs => :age)
        and not exists (select 1 from procrastinate_jobs where queueing_lock = 'work:' || work.id and status = 'todo')
        and 'work:' || work.id not in (select queueing_lock from alive where queueing_lock is not null)
        order by promoted_at limit 500 for update skip locked
    )
    returning id
    """
)
_SWEEP_JOBS = text(
    """
    delete from procrastinate_jobs j where j.status in ('doing', 'failed', 'succeeded', 'aborted', 'cancelled')
    and not exists (
        select 1 from procrastinate_workers w where w.id = j.worker_id
        and w.last_heartbeat > clock_timestamp() - make_interval(secs => :age)
    )
    """
)
_ALONE = text("select pg_try_advisory_xact_lock(:key)")
SWEEP_LOCK: Final = 0x11A2BA4


def promote(platform: Platform) -> int:
    """Hand all work that is due by the deployment's clock to the queue, in batches. Returns how many."""
    total = 0
    while True:
        with platform.transaction(SYSTEM) as ctx:
            ids = list(ctx.session.execute(_CLAIM, {"now": ctx.clock.now(), "batch": BATCH}).scalars())
            if ids:
                ctx.session.execute(_DEFER, {"ids": ids, "queue": QUEUE, "task": TASK})
        total += len(ids)
        if len(ids) < BATCH:
            return total


def sweep(platform: Platform, *, age_seconds: int = DEAD_SECONDS) -> int:
    """Give back what dead workers took, and clear the queue's finished rows: on one node at a time. Returns how many."""
    with platform.transaction(SYSTEM) as ctx:
        if not ctx.session.execute(_ALONE, {"key": SWEEP_LOCK}).scalar_one():
            return 0
        ctx.session.execute(_SWEEP_JOBS, {"age": age_seconds})
        return len(ctx.session.execute(_SWEEP_WORK, {"age": age_seconds}).all())
