"""Service tasks done outside, as operators see them: no arguments, within the actor's scope."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, DateTime, String, and_, func, literal, select, tuple_

from domain.cases import labels, scope
from domain.cases.jobs import OPEN, ServiceJob
from domain.cases.models import Case, Leg
from domain.clients.models import ApiClient
from domain.context import Context
from domain.definitions import store
from domain.errors import NotFound
from domain.identity.masking import mask_text
from domain.jobs import attending
from domain.sites.models import Site

STATES: Final = ("waiting", "locked", "retrying", "failed", "done", "cancelled")
"""How operators tell them apart: a free one that nobody has, or that waits for its next try, are both ``open`` in the row."""
MOST_BULK: Final = 1000


@dataclass(frozen=True, slots=True)
class JobLine:
    """A line of the list. ``last_asked_at``: when a worker last asked for the topic at this site (None: never, or a platform call)."""

    id: str
    case_no: str
    site_name: str
    topic: str
    is_call: bool
    element_id: str
    element_name: str
    state: str
    created_at: datetime
    available_at: datetime
    closed_at: datetime | None
    client_name: str | None
    worker_id: str | None
    lock_expires_at: datetime | None
    attempts: int
    retries_left: int
    error_code: str | None
    error: str
    last_asked_at: datetime | None


def list_jobs(
    ctx: Context,
    *,
    state: str | None,
    topic: str | None,
    case_no: str | None = None,
    after: list[Any] | None,
    limit: int,
) -> tuple[list[JobLine], list[Any] | None]:
    """The oldest first; without ``state`` all that is not done or cancelled: (lines, key of the next page)."""
    conditions = [scope.visible(ctx.actor), _in_state(ctx, state)]
    if topic is not None:
        conditions.append(ServiceJob.topic == topic)
    if case_no is not None:
        conditions.append((Case.case_no == case_no) | (Leg.case_no == case_no))
    if after is not None:
        moment = literal(datetime.fromisoformat(after[0]), DateTime(timezone=True))
        key = tuple_(ServiceJob.created_at, ServiceJob.id)
        conditions.append(key > tuple_(moment, literal(str(after[1]), String)))
    query = (
        select(ServiceJob, Leg.case_no, Site.name, ApiClient.name)
        .join(Case, Case.id == ServiceJob.case_id)
        .join(Leg, Leg.id == ServiceJob.leg_id)
        .join(Site, Site.id == ServiceJob.site_id)
        .outerjoin(ApiClient, ApiClient.id == ServiceJob.client_id)
        .where(*conditions)
        .order_by(ServiceJob.created_at, ServiceJob.id)
        .limit(limit + 1)
    )
    found = ctx.session.execute(query).all()
    asked = attending.last_asked(ctx, {row[0].topic for row in found if not row[0].is_call}) if found else {}
    lines = [_line(ctx, *row, asked) for row in found[:limit]]
    return lines, [lines[-1].created_at, lines[-1].id] if len(found) > limit else None


def list_topics(ctx: Context) -> list[tuple[str, int]]:
    """(topic, how many are open or failed) within the actor's scope, at most 200."""
    rows = ctx.session.execute(
        select(ServiceJob.topic, func.count())
        .join(Case, Case.id == ServiceJob.case_id)
        .where(scope.visible(ctx.actor), ServiceJob.state.in_((*OPEN, "failed")))
        .group_by(ServiceJob.topic)
        .order_by(ServiceJob.topic)
        .limit(200)
    )
    return [(topic, count) for topic, count in rows]


def list_retryable(ctx: Context, topic: str) -> list[str]:
    """Ids of a topic's jobs that failed or wait for their next try, oldest first."""
    failed, retrying = _in_state(ctx, "failed"), _in_state(ctx, "retrying")
    query = (
        select(ServiceJob.id)
        .join(Case, Case.id == ServiceJob.case_id)
        .where(scope.visible(ctx.actor), ServiceJob.topic == topic, failed | retrying)
        .order_by(ServiceJob.created_at, ServiceJob.id)
        .limit(MOST_BULK)
    )
    return list(ctx.session.scalars(query))


def require_visible(ctx: Context, job_ids: list[str]) -> None:
    """Raise :class:`NotFound` unless all of them are in the actor's scope."""
    query = (
        select(func.count())
        .select_from(ServiceJob)
        .join(Case, Case.id == ServiceJob.case_id)
        .where(ServiceJob.id.in_(job_ids), scope.visible(ctx.actor))
    )
    if ctx.session.scalar(query) != len(set(job_ids)):
        raise NotFound("没有这项作业。", "There is no such task.")


def state_of(job: ServiceJob, now: datetime) -> str:
    """One of :data:`STATES`. A lock that has ended leaves the job waiting."""
    if job.state == "locked":
        return "locked" if job.is_call or job.available_at > now else "waiting"
    if job.state == "open":
        return "retrying" if job.available_at > now else "waiting"
    return job.state


def _in_state(ctx: Context, state: str | None) -> ColumnElement[bool]:
    now = ctx.clock.now()
    locked = (ServiceJob.state == "locked") & (ServiceJob.is_call | (ServiceJob.available_at > now))
    match state:
        case None:
            return ServiceJob.state.in_((*OPEN, "failed"))
        case "waiting":
            return and_(ServiceJob.state.in_(OPEN), ServiceJob.available_at <= now, ~locked)
        case "retrying":
            return (ServiceJob.state == "open") & (ServiceJob.available_at > now)
        case "locked":
            return locked
        case _:
            return ServiceJob.state == state


def _line(
    ctx: Context,
    job: ServiceJob,
    case_no: str,
    site_name: str,
    client_name: str | None,
    asked: dict[tuple[str, int | None], datetime],
) -> JobLine:
    state = state_of(job, ctx.clock.now())
    elements = store.load_elements(ctx.session, job.definition_id)
    element = elements.get(job.element_id)
    holds = state == "locked"
    return JobLine(
        id=job.id,
        case_no=case_no,
        site_name=site_name,
        topic=job.topic,
        is_call=job.is_call,
        element_id=job.element_id,
        element_name=labels.one_line(element.name if element else "") or job.element_id,
        state=state,
        created_at=job.created_at,
        available_at=job.available_at,
        closed_at=job.closed_at,
        client_name=client_name,
        worker_id=job.worker_id,
        lock_expires_at=job.available_at if holds and not job.is_call else None,
        attempts=job.attempts,
        retries_left=job.retries_left,
        error_code=job.error_code,
        error=mask_text((job.trouble or {}).get("message", "")),
        last_asked_at=None if job.is_call else attending.asked_at(asked, job.topic, job.site_id),
    )
