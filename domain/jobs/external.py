"""External tasks: workers of integrators fetch and lock them by topic, and report what became of them.

A fetch locks only job rows (``SKIP LOCKED``): two workers never get the same task, and nobody waits for anybody. A report locks
case, leg and job in this order like every step. Everything is scoped to the client's site and topics in the query.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import ColumnElement, and_, func, select, true, update

from domain.audit import service as audit
from domain.cases.jobs import JOBS, OPEN, OPENED, ServiceJob
from domain.cases.rows import CASES, LEGS, LegRow
from domain.clients.scopes import Client
from domain.context import Context
from domain.errors import NotFound
from domain.jobs import attending, service
from domain.jobs.errors import JobClosed, LockExpired, LockLost, TopicNotAllowed
from domain.outbox.calls import Done, Failed, Outcome, Rejected

MOST_BYTES: Final = 8_000_000
"""So many sealed bytes of arguments leave with one fetch; the first task always does."""
_ENDS: Final[Mapping[str, tuple[str, str]]] = {
    "done": ("该作业已经完成。", "The task was completed."),
    "failed": ("该作业的重试次数已用完，已转为异常。", "The task's retries were used up; it is an incident."),
    "cancelled": ("办件已离开该环节，作业已取消。", "The case moved on; the task is cancelled."),
}


@dataclass(frozen=True, slots=True)
class Wanted:
    """A topic that is asked for: how long its tasks are locked, which arguments are wanted (None: all)."""

    topic: str
    lock: timedelta
    variables: frozenset[str] | None = None


@dataclass(frozen=True, slots=True)
class Fetched:
    """A task that is locked now for whoever asked."""

    id: str
    idempotency_key: str
    topic: str
    element_id: str
    worker_id: str
    lock_expires_at: datetime
    attempt: int
    retries_left: int
    priority: int
    headers: Mapping[str, Any]
    variables: Mapping[str, Any]
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Want:
    """A topic somebody waits for, at a site (None: at any), of some items (None: of all)."""

    topic: str
    site_id: int | None
    items: frozenset[str] | None = None


def fetch(ctx: Context, client: Client, worker_id: str, wanted: Sequence[Wanted], most: int) -> list[Fetched]:
    """Lock up to ``most`` tasks, topic after topic as asked; within one the highest priority, then the longest waiting first.

    Raises :class:`TopicNotAllowed`.
    """
    for each in wanted:
        if not client.allows(each.topic):
            raise TopicNotAllowed(
                f"客户端未登记主题“{each.topic}”。", f"The client is not registered for '{each.topic}'."
            )
    attending.note(ctx, client, [each.topic for each in wanted])
    found: list[Fetched] = []
    room = MOST_BYTES
    for each in wanted:
        ids, room = _choose(ctx, client, each.topic, most - len(found), room, first=not found)
        found += _take(ctx, client, worker_id, each, ids)
        if len(found) >= most or room <= 0:
            break
    if found:
        data = {"client": client.id, "worker": worker_id, "jobs": [task.id for task in found]}
        audit.record(ctx, "job.fetched", site_id=client.site_id, data=data)
    return found


def _choose(ctx: Context, client: Client, topic: str, most: int, room: int, *, first: bool) -> tuple[list[str], int]:
    query = (
        select(JOBS.c.id, func.octet_length(JOBS.c.arguments).label("size"))
        .join(LEGS, LEGS.c.id == JOBS.c.leg_id)
        .where(_free(ctx, topic), _within(client.site_id, client.items))
        .order_by(JOBS.c.priority.desc(), JOBS.c.available_at, JOBS.c.id)
        .limit(most)
        .with_for_update(of=JOBS, skip_locked=True)
    )
    ids: list[str] = []
    for row in ctx.session.execute(query).all():
        if room < row.size and not (first and not ids):
            return ids, 0
        room -= row.size
        ids.append(row.id)
    return ids, room


def _take(ctx: Context, client: Client, worker_id: str, wanted: Wanted, ids: list[str]) -> list[Fetched]:
    if not ids:
        return []
    now = ctx.clock.now()
    taken = (
        update(JOBS)
        .where(JOBS.c.id.in_(ids))
        .values(
            state="locked",
            client_id=client.id,
            worker_id=worker_id,
            locked_at=now,
            available_at=now + wanted.lock,
            attempts=JOBS.c.attempts + 1,
        )
        .returning(JOBS)
    )
    rows = {row.id: row for row in ctx.session.execute(taken)}
    for each in ids:
        audit.record_read(
            ctx,
            "job.variables",
            case_id=rows[each].case_id,
            leg_id=rows[each].leg_id,
            site_id=client.site_id,
            fields=["variables"],
            data={"job": each, "topic": wanted.topic},
        )
    return [_fetched(rows[each], wanted) for each in ids]


def _fetched(row: Any, wanted: Wanted) -> Fetched:
    return Fetched(
        id=row.id,
        idempotency_key=row.request_key,
        topic=row.topic,
        element_id=row.element_id,
        worker_id=row.worker_id,
        lock_expires_at=row.available_at,
        attempt=row.attempts,
        retries_left=row.retries_left,
        priority=row.priority,
        headers=row.headers,
        variables={
            name: value for name, value in row.arguments.items() if wanted.variables is None or name in wanted.variables
        },
        created_at=row.created_at,
    )


def list_waiting(ctx: Context, wants: Collection[Want]) -> set[Want]:
    """Which of these could be fetched now."""
    return {
        want
        for want in wants
        if ctx.session.execute(
            select(JOBS.c.id)
            .join(LEGS, LEGS.c.id == JOBS.c.leg_id)
            .where(_free(ctx, want.topic), _within(want.site_id, want.items))
            .limit(1)
        ).first()
    }


def extend(ctx: Context, client: Client, job_id: str, worker_id: str, lock: timedelta) -> datetime:
    """Make a lock that still holds last ``lock`` from now; its new end. Raises :class:`LockLost`, :class:`LockExpired`, …"""
    job = _lock_row(ctx, client, job_id)
    _require_holder(client, worker_id, job)
    now = ctx.clock.now()
    if job.available_at <= now:
        raise LockExpired("锁定已到期，不能延长。", "The lock has ended and cannot be extended.")
    job.available_at = now + lock
    ctx.session.flush()
    return job.available_at


def unlock(ctx: Context, client: Client, job_id: str, worker_id: str) -> None:
    """Give a task back: anybody may fetch it now."""
    job = _lock_row(ctx, client, job_id)
    _require_holder(client, worker_id, job)
    job.state, job.available_at = "open", ctx.clock.now()
    job.client_id = job.worker_id = job.locked_at = None
    ctx.session.flush()
    ctx.session.info.setdefault(OPENED, set()).add((job.topic, job.site_id))


def complete(ctx: Context, client: Client, job_id: str, worker_id: str, variables: Mapping[str, Any]) -> None:
    """Done. The same report again is accepted again; a lock that has ended is good as long as nobody else took the task.

    Raises :class:`JobClosed`, :class:`LockLost`, :class:`CaseSuspended`, and what the output mappings refuse.
    """
    _report(ctx, client, job_id, worker_id, Done(variables))


def throw_error(
    ctx: Context, client: Client, job_id: str, worker_id: str, code: str, message: str, variables: Mapping[str, Any]
) -> None:
    """A business error for the model's boundary events; nobody catches it: an incident."""
    _report(ctx, client, job_id, worker_id, Rejected(code, message, variables))


def fail(
    ctx: Context,
    client: Client,
    job_id: str,
    worker_id: str,
    failure: Failed,
    *,
    details: str = "",
    retries: int | None = None,
) -> int:
    """A try failed; how many are left. ``retries`` None: one less than before. At 0 an incident stands on the case."""
    leg, job = _open(ctx, client, job_id)
    stamp = _stamp(client, worker_id)
    if _is_repeated(job, service.fingerprint(failure, stamp)):
        return job.retries_left
    _require_open(job)
    _require_holder(client, worker_id, job)
    job.outcome = service.fingerprint(failure, stamp)
    left = job.retries_left - 1 if retries is None else retries
    service.fail(ctx, leg, job, failure, by=_by(client, worker_id), retries=left, details=details)
    return job.retries_left


def _report(ctx: Context, client: Client, job_id: str, worker_id: str, outcome: Outcome) -> None:
    leg, job = _open(ctx, client, job_id)
    stamp = _stamp(client, worker_id)
    if _is_repeated(job, service.fingerprint(outcome, stamp)):
        return
    _require_open(job)
    _require_holder(client, worker_id, job)
    service.settle(ctx, leg, job, outcome, by=_by(client, worker_id), stamp=stamp)


def _free(ctx: Context, topic: str) -> ColumnElement[bool]:
    return (
        (JOBS.c.topic == topic)
        & JOBS.c.state.in_(OPEN)
        & ~JOBS.c.is_call
        & (JOBS.c.available_at <= ctx.clock.now())
        & ~LEGS.c.is_suspended
    )


def _within(site_id: int | None, items: frozenset[str] | None) -> ColumnElement[bool]:
    """The jobs a client may have: of its site, and of cases of its items."""
    site = true() if site_id is None else JOBS.c.site_id == site_id
    if items is None:
        return site
    return and_(site, JOBS.c.case_id.in_(select(CASES.c.id).where(CASES.c.item_code.in_(sorted(items)))))


def _open(ctx: Context, client: Client, job_id: str) -> tuple[LegRow, ServiceJob]:
    _require_visible(ctx, client, job_id)
    return service.lock(ctx, job_id)


def _lock_row(ctx: Context, client: Client, job_id: str) -> ServiceJob:
    _require_visible(ctx, client, job_id)
    job = ctx.session.get_one(ServiceJob, job_id, with_for_update=True, populate_existing=True)
    _require_open(job)
    return job


def _require_visible(ctx: Context, client: Client, job_id: str) -> None:
    """Tasks of other sites, topics and items do not exist for this client."""
    mine = _within(client.site_id, client.items)
    query = select(JOBS.c.topic).where(JOBS.c.id == job_id, ~JOBS.c.is_call, mine)
    topic = ctx.session.execute(query).scalar_one_or_none()
    if topic is None or not client.allows(topic):
        raise NotFound("没有这项作业。", "There is no such task.")


def _require_open(job: ServiceJob) -> None:
    if job.state not in OPEN:
        raise JobClosed(*_ENDS[job.state])


def _require_holder(client: Client, worker_id: str, job: ServiceJob) -> None:
    if job.state == "open":
        raise LockLost("目前没有人锁定该作业。", "Nobody holds the task now.")
    if (job.client_id, job.worker_id) != (client.id, worker_id):
        raise LockLost("该作业已由其他工作进程领取。", "Another worker holds the task.")


def _is_repeated(job: ServiceJob, outcome: str) -> bool:
    """The very report of the same worker that was taken already, and nobody has taken the task since."""
    return job.state != "locked" and job.outcome == outcome


def _stamp(client: Client, worker_id: str) -> str:
    return f"{client.id}:{worker_id}"


def _by(client: Client, worker_id: str) -> dict[str, Any]:
    return {"client": client.id, "worker": worker_id}
