"""Service tasks that are done outside of the step: their rows, opened and closed with the engine's jobs."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, cast

from sqlalchemy import BigInteger, ForeignKey, Index, String, Table, insert, select, text, update
from sqlalchemy.orm import Mapped, mapped_column

from domain.base import Base, SealedJSON
from domain.cases.rows import LegRow
from domain.context import Context
from domain.outbox import work
from domain.outbox.calls import CALL
from domain.outbox.work import SERVICE, NewWork
from engine.contract import Advance, Environment, Job

OPEN = ("open", "locked")
OPENED = "jobs.opened"
"""Key in ``session.info``: {(topic, site id)} of external jobs that may be fetched once this transaction is committed."""
PRIORITY = "priority"
"""Header of a service task: a whole number, higher is fetched first."""
RETRY_POLICY = "service.retry"
MOST_RETRIES = 100
MOST_PRIORITY = 1_000_000


class ServiceJob(Base):
    """A service task to be done by a connector (``is_call``) or by an external worker. ``id`` is the engine's.

    ``state``: open → locked (somebody is at it) → done | failed (incident) | cancelled (the case moved on).
    ``available_at``: when it may be taken next: at once, after a retry's pause, or when the present lock ends.
    ``arguments`` (evaluated input mappings) and ``trouble`` ({message, details} of the last failure) are sealed.
    """

    __tablename__ = "service_jobs"
    __table_args__ = (
        Index(
            "ix_service_jobs_fetch",
            "topic",
            "site_id",
            text("priority desc"),
            "available_at",
            "id",
            postgresql_where=text("state in ('open', 'locked') and not is_call"),
        ),
        Index(
            "ix_service_jobs_fetch_all",
            "topic",
            text("priority desc"),
            "available_at",
            "id",
            postgresql_where=text("state in ('open', 'locked') and not is_call"),
        ),
        Index("ix_service_jobs_leg", "leg_id"),
        Index("ix_service_jobs_case", "case_id"),
        Index("ix_service_jobs_state", "state", "created_at", postgresql_where=text("state <> 'done'")),
    )

    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    request_key: Mapped[str] = mapped_column(String(40))
    """Idempotency key: that of the first try, also after an administrator's retry opened a new job."""
    case_id: Mapped[int] = mapped_column(ForeignKey("cases.id"))
    leg_id: Mapped[int] = mapped_column(ForeignKey("legs.id"))
    site_id: Mapped[int] = mapped_column(ForeignKey("sites.id"))
    definition_id: Mapped[int] = mapped_column(ForeignKey("definitions.id"))
    element_id: Mapped[str] = mapped_column(String(120))
    topic: Mapped[str] = mapped_column(String(200))
    is_call: Mapped[bool]
    arguments: Mapped[Any] = mapped_column(SealedJSON("service_jobs.arguments"))
    headers: Mapped[dict[str, Any]]
    priority: Mapped[int] = mapped_column(default=0)
    state: Mapped[str] = mapped_column(String(12), default="open")
    available_at: Mapped[datetime]
    attempts: Mapped[int] = mapped_column(default=0)
    retries_left: Mapped[int]
    client_id: Mapped[int | None] = mapped_column(BigInteger)
    """The API client that has or had it."""
    worker_id: Mapped[str | None] = mapped_column(String(120))
    locked_at: Mapped[datetime | None]
    error_code: Mapped[str | None] = mapped_column(String(60))
    trouble: Mapped[Any | None] = mapped_column(SealedJSON("service_jobs.trouble"))
    outcome: Mapped[str | None] = mapped_column(String(64))
    """Keyed fingerprint of what ended it, so that the same report again is recognised."""
    incident_id: Mapped[str | None] = mapped_column(String(60))
    created_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]


JOBS = cast("Table", ServiceJob.__table__)


def project(ctx: Context, leg: LegRow, advance: Advance, env: Environment) -> list[NewWork]:
    """Close and open job rows; the work of those that the platform itself calls."""
    if advance.closed_jobs:
        _close(ctx, leg, advance, env.now)
    if not advance.opened_jobs:
        return []
    key = _earlier_key(ctx, leg, advance)
    rows = [_row(ctx, leg, job, env, key) for job in advance.opened_jobs]
    ctx.session.execute(insert(JOBS).returning(JOBS.c.id), rows)
    waiting = {(row["topic"], row["site_id"]) for row in rows if not row["is_call"]}
    if waiting:
        ctx.session.info.setdefault(OPENED, set()).update(waiting)
    return [call_of(leg, row["id"], row["element_id"], env.now) for row in rows if row["is_call"]]


def call_of(leg: LegRow, job_id: str, element_id: str, at: datetime) -> NewWork:
    """The work that makes a job's call at ``at``."""
    data = {"elementId": element_id}
    return NewWork(CALL, job_id, at, case_id=leg.case_id, leg_id=leg.id, data=data, queue=SERVICE)


def _close(ctx: Context, leg: LegRow, advance: Advance, now: datetime) -> None:
    """What a worker ended carries its own state already; all else the case left behind."""
    ids = list(advance.closed_jobs)
    ctx.session.execute(
        update(JOBS).where(JOBS.c.id.in_(ids), JOBS.c.state.in_(OPEN)).values(state="cancelled", closed_at=now)
    )
    work.cancel(ctx, leg_id=leg.id, refs=ids)
    for incident in advance.incidents:
        if incident.job_id is not None:
            ctx.session.execute(update(JOBS).where(JOBS.c.id == incident.job_id).values(incident_id=incident.id))


def _earlier_key(ctx: Context, leg: LegRow, advance: Advance) -> tuple[str, str] | None:
    """(element, request key) of the job whose incident is retried by this step."""
    if not advance.resolved_incidents:
        return None
    query = (
        select(JOBS.c.element_id, JOBS.c.request_key)
        .where(JOBS.c.leg_id == leg.id, JOBS.c.incident_id.in_(advance.resolved_incidents))
        .limit(1)
    )
    row = ctx.session.execute(query).one_or_none()
    return None if row is None else (row.element_id, row.request_key)


def _row(ctx: Context, leg: LegRow, job: Job, env: Environment, earlier: tuple[str, str] | None) -> dict[str, Any]:
    pauses = env.constants["deadlines"][RETRY_POLICY].split(",")
    retries = len(pauses) + 1 if job.retries is None else job.retries
    same = earlier is not None and earlier[0] == job.element_id
    return {
        "id": job.id,
        "request_key": earlier[1] if same and earlier else job.id,
        "case_id": leg.case_id,
        "leg_id": leg.id,
        "site_id": leg.site_id,
        "definition_id": leg.definition_id,
        "element_id": job.element_id,
        "topic": job.type[:200],
        "is_call": job.type in ctx.handlers.calls,
        "arguments": dict(job.arguments),
        "headers": dict(job.headers),
        "priority": _priority(job.headers),
        "state": "open",
        "available_at": env.now,
        "attempts": 0,
        "retries_left": min(max(retries, 1), MOST_RETRIES),
        "created_at": env.now,
    }


def _priority(headers: Mapping[str, str]) -> int:
    text_ = headers.get(PRIORITY, "").strip()
    if not text_.lstrip("-").isdecimal() or not text_.isascii():
        return 0
    return max(-MOST_PRIORITY, min(MOST_PRIORITY, int(text_[:10])))
