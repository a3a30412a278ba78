"""What administrators do with service tasks: take a lock away, try again now (one or many), set how many tries are left."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from sqlalchemy import select

from domain.actors import Actor, Role
from domain.cases import service as cases
from domain.cases.jobs import OPEN, ServiceJob
from domain.cases.models import IncidentRow
from domain.cases.rows import LegRow
from domain.context import Context
from domain.errors import Conflict, Forbidden
from domain.jobs import service
from domain.jobs.errors import JobClosed
from domain.outbox import work
from domain.outbox.models import Work
from domain.outbox.work import BATCH, NewWork

RETRY: Final = "job.retry"
"""Kind of the work that tries one of many again; its ``ref`` is the job's id."""


class JobBusy(Conflict):
    """Somebody is at it."""

    code = "job-busy"
    title_zh = "作业正在办理"
    title_en = "Somebody is at this task"
    next_zh = "请等待其完成或锁定到期；确认对方已停止的，先解除锁定。"
    next_en = "Wait until it is done or the lock ends; unlock it first if its worker has stopped."


class NotLocked(Conflict):
    """Nobody holds a lock that could be taken away."""

    code = "job-not-locked"
    title_zh = "作业没有被锁定"
    title_en = "The task is not locked"


def unlock(ctx: Context, job_id: str) -> None:
    """Take the lock of an external worker away: others may fetch the task; a late result of the old one is refused.

    Raises :class:`NotLocked`, :class:`Forbidden`, :class:`NotFound`.
    """
    leg, job = _lock(ctx, job_id)
    if job.state != "locked" or job.is_call:
        raise NotLocked("该作业没有被外部系统锁定。", "No external worker holds the task.")
    told = {"worker": job.worker_id or ""}
    service.make_available(ctx, leg, job, ctx.clock.now())
    service.record(ctx, leg, job, "job.unlocked", told)


def retry(ctx: Context, job_id: str) -> None:
    """Try again now: a failed one through its incident, one that waits for its next try at once.

    Raises :class:`JobBusy`, :class:`JobClosed`, :class:`Forbidden`, :class:`NotFound`.
    """
    leg, job = _lock(ctx, job_id)
    if job.state == "failed":
        incident = ctx.session.scalar(
            select(IncidentRow.id).where(
                IncidentRow.leg_id == job.leg_id,
                IncidentRow.incident_id == job.incident_id,
                IncidentRow.resolved_at.is_(None),
            )
        )
        if incident is None:
            raise JobClosed("该作业的异常已处理。", "The incident of this task was resolved.")
        cases.retry_incident(ctx, incident)
        return
    if job.state not in OPEN:
        raise JobClosed("该作业已结束。", "The task is closed.")
    now = ctx.clock.now()
    if job.state == "locked" and (job.is_call or job.available_at > now):
        raise JobBusy("该作业已被领取。", "The task is locked.")
    service.make_available(ctx, leg, job, now)
    service.record(ctx, leg, job, "job.retried", {})


def retry_many(ctx: Context, job_ids: Sequence[str]) -> int:
    """Each of them is tried again in a step of its own (queue ``batch``): one that cannot be stops no other."""
    asked = {"userId": ctx.actor.user_id, "name": ctx.actor.name}
    now = ctx.clock.now()
    chosen = list(dict.fromkeys(job_ids))
    work.add(ctx, [NewWork(RETRY, job_id, now, data=asked, queue=BATCH) for job_id in chosen])
    return len(chosen)


def retry_one(ctx: Context, item: Work) -> None:
    """Work ``job.retry``, in the name of who asked for it. What is no longer to be tried is left alone."""
    asker = Actor(int(item.data["userId"]), str(item.data["name"]), {0: frozenset({Role.SYSTEM})})
    try:
        retry(replace(ctx, actor=asker), item.ref)
    except (JobBusy, JobClosed):
        return


def set_retries(ctx: Context, job_id: str, retries: int) -> None:
    """How many tries are left to an open task. Raises :class:`JobClosed`, :class:`Forbidden`, :class:`NotFound`."""
    leg, job = _lock(ctx, job_id)
    if job.state not in OPEN:
        raise JobClosed("该作业已结束；失败的请重试。", "The task is closed; retry a failed one.")
    before, job.retries_left = job.retries_left, retries
    ctx.session.flush()
    service.record(ctx, leg, job, "job.retries-set", {"from": before, "to": retries})


def _lock(ctx: Context, job_id: str) -> tuple[LegRow, ServiceJob]:
    leg, job = service.lock(ctx, job_id)
    at_site = Role.SITE_ADMIN in ctx.actor.roles_at(leg.site_id)
    if not (at_site or ctx.actor.has(Role.PLATFORM_ADMIN) or ctx.actor.has(Role.SYSTEM)):
        raise Forbidden("只有平台管理员或本机构管理员可以这样做。", "Only administrators may do this.")
    return leg, job
