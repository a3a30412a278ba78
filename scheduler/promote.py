"""Giving back what dead workers took. (Promotion itself: :mod:`domain.outbox.promotion`, :mod:`bootstrap.waking`.)"""

from __future__ import annotations

from typing import Final

from sqlalchemy import text

from bootstrap.container import Platform
from bootstrap.waking import promote
from domain.actors import SYSTEM

LONGEST_SECONDS: Final = 300
"""A job that a living worker has had for so long is one it never heard of: the line broke between the database's yes and its ears."""
SWEEP_LOCK: Final = 0x11A2BA4
"""Advisory lock of the duty: whoever holds it is the one node that does it now."""
_MOST: Final = 500

_ALONE = text("select pg_try_advisory_xact_lock(:key)")
_NEEDED = text(
    """
    select exists (select 1 from procrastinate_jobs where status <> 'todo') or exists (
        select 1 from work where state = 'promoted' and promoted_at < clock_timestamp() - make_interval(secs => :age)
    )
    """
)
_SWEEP_JOBS = text(
    """
    delete from procrastinate_jobs j where j.status <> 'todo' and not exists (
        select 1 from procrastinate_workers w where w.id = j.worker_id
        and w.last_heartbeat > clock_timestamp() - make_interval(secs => :age)
    ) or j.status = 'doing' and exists (
        select 1 from procrastinate_events e where e.job_id = j.id and e.type = 'started'
        and e.at < clock_timestamp() - make_interval(secs => :longest)
    )
    """
)
_SWEEP_WORK = text(
    """
    update work set state = 'pending', promoted_at = null
    where id in (
        select id from work where state = 'promoted' and promoted_at < clock_timestamp() - make_interval(secs => :age)
        and id not in (
            select jsonb_array_elements(args -> 'ids')::bigint from procrastinate_jobs
            where status in ('todo', 'doing') and args ? 'ids'
        )
        order by promoted_at limit :most for update skip locked
    )
    returning id
    """
)


def sweep(platform: Platform, *, age_seconds: int | None = None) -> int:
    """On one node at a time: drop jobs whose worker is silent, give back work that no living job carries. How many rows.

    A worker that was silent for ``age_seconds`` (``LIANBAN_TAKEOVER`` unless given) is dead or frozen. One that comes back finds by
    the guard that its work was done, so that taking over too early costs a second try and nothing else.
    """
    silent = int(platform.settings.takeover.total_seconds()) if age_seconds is None else age_seconds
    with platform.on_duty() as connection:
        if not connection.execute(_NEEDED, {"age": silent}).scalar_one():
            return 0
    with platform.transaction(SYSTEM) as ctx:
        if not ctx.session.execute(_ALONE, {"key": SWEEP_LOCK}).scalar_one():
            return 0
        ctx.session.execute(_SWEEP_JOBS, {"age": silent, "longest": LONGEST_SECONDS})
        return len(ctx.session.execute(_SWEEP_WORK, {"age": silent, "most": _MOST}).all())


__all__ = ["promote", "sweep"]
