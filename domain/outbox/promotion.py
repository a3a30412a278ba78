"""Handing due work to the queue: one statement claims it with SKIP LOCKED and defers it, so every node may do it at any time.

The queue is procrastinate's (tables and functions of the pinned version, migration 0001). One of its jobs carries the ids of
several rows of work, because fetching and finishing a job costs as much as a light duty. Only this statement makes such jobs:
its NOTIFY must never stand in a transaction of a user, where it would make commits wait for each other.
"""

from __future__ import annotations

from typing import Final

from sqlalchemy import Connection, TextClause, bindparam, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.types import Text

from domain.outbox.work import NOTICE, QUEUES, SERVICE, TIMER

TASK: Final = "lianban.work"
"""Name of the queue's only task; its argument ``ids`` are rows of work."""
MOST: Final = 500
"""Rows of one statement."""
LARGEST_BATCH: Final = 50
"""Rows of one job."""
SHARES: Final = 8
"""Fewer rows are spread over so many jobs, so that several threads and nodes get some."""
ONE_BY_ONE: Final = (SERVICE, NOTICE)
"""Queues whose duties wait for other machines: each is a job of its own."""


def queue_name(queue: str) -> str:
    """What procrastinate calls the queue."""
    return f"lianban.{queue}"


_NOW: Final = "clock_timestamp()"
_TRAINING_NOW: Final = (
    "clock_timestamp() + make_interval(secs => coalesce((select offset_seconds from training_clock where id = 1), 0))"
)
_PROMOTE: Final = """
    with due as (
        select id, due_at, queue from work where state = 'pending' and due_at <= (select {now})
        order by due_at, id limit :most for update skip locked
    ), marked as (
        update work set state = 'promoted', promoted_at = clock_timestamp() from due where work.id = due.id
        returning work.id, due.due_at, case when due.queue = any(:queues) then due.queue else :other end as queue
    ), placed as (
        select id, queue, (row_number() over (partition by queue order by due_at, id) - 1) / case
            when queue = any(:single) then 1
            else least(:largest, (count(*) over (partition by queue) + :shares - 1) / :shares) end as batch
        from marked
    ), batches as (
        select queue, batch, jsonb_agg(id) as ids, count(*) as size from placed group by queue, batch
    )
    select sum(size)::int, procrastinate_defer_jobs_v1(array_agg(
        row('lianban.' || queue, :task, 0, null, null, jsonb_build_object('ids', ids), null)
        ::procrastinate_job_to_defer_v1 order by batch
    ))
    from batches having count(*) > 0
"""


def _statement(now: str) -> TextClause:
    return text(_PROMOTE.format(now=now)).bindparams(
        bindparam("queues", list(QUEUES), type_=ARRAY(Text)),
        bindparam("single", list(ONE_BY_ONE), type_=ARRAY(Text)),
        other=TIMER,
        task=TASK,
        most=MOST,
        largest=LARGEST_BATCH,
        shares=SHARES,
    )


_NEXT: Final = "select extract(epoch from (select min(due_at) from work where state = 'pending') - ({now}))::float8"
_NEXTS: Final = {False: text(_NEXT.format(now=_NOW)), True: text(_NEXT.format(now=_TRAINING_NOW))}
_STATEMENTS: Final = {False: _statement(_NOW), True: _statement(_TRAINING_NOW)}


def promote_some(connection: Connection, *, training: bool) -> int:
    """Promote at most :data:`MOST` rows that are due by the database's clock (in training mode: by the deployment's). How many."""
    found = connection.execute(_STATEMENTS[training]).first()
    return 0 if found is None else int(found[0])


def seconds_to_next(connection: Connection, *, training: bool) -> float | None:
    """How long until the next waiting work is due; negative when it is; None without any. Costs a look at an index's first row."""
    found: float | None = connection.execute(_NEXTS[training]).scalar_one()
    return found
