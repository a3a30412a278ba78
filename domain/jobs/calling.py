"""Work ``service.call``: a connector's call for a service task, made outside of locks, its outcome taken in a second step."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Any, Final

import structlog

from domain.cases.jobs import OPEN, ServiceJob
from domain.connectors.errors import CallFailed
from domain.context import Context
from domain.errors import DomainError
from domain.jobs import service
from domain.jobs.errors import CallNotOffered
from domain.outbox.calls import Failed, JobView, Prepared
from domain.outbox.models import Work
from domain.outbox.work import Outside, Postponed

log = structlog.get_logger(__name__)
SUSPENDED_PAUSE: Final = timedelta(minutes=10)
"""A call of a suspended leg looks again after this time (resuming wakes it at once)."""
WORKER: Final = "platform"


def call(ctx: Context, item: Work) -> Outside | None:
    """Prepare the call of a job and count the try. Nothing when the job is closed. Raises :class:`Postponed` while the leg is suspended."""
    leg, job = service.lock(ctx, item.ref)
    if job.state not in OPEN or leg.ended_at is not None:
        return None
    if leg.is_suspended:
        raise Postponed(ctx.clock.now() + SUSPENDED_PAUSE)
    connector = ctx.handlers.calls.get(job.topic)
    if connector is None:
        raise CallNotOffered(f"没有接口“{job.topic}”。", f"There is no connector for '{job.topic}'.")
    job.attempts += 1
    job.state, job.worker_id, job.locked_at = "locked", WORKER, ctx.clock.now()
    ctx.session.flush()
    try:
        prepared: Prepared = connector(ctx, view_of(job))
    except DomainError as error:
        service.settle(ctx, leg, job, _refused(error), by={})
        return None
    return Outside(partial(_make, prepared.call), partial(_settle, prepared, job.attempts))


def view_of(job: ServiceJob) -> JobView:
    """What a connector sees of a job."""
    return JobView(
        id=job.id,
        request_key=job.request_key,
        topic=job.topic,
        element_id=job.element_id,
        arguments=dict(job.arguments),
        headers={str(name): str(value) for name, value in job.headers.items()},
        attempt=job.attempts,
        case_id=job.case_id,
        leg_id=job.leg_id,
        site_id=job.site_id,
        definition_id=job.definition_id,
    )


def _refused(error: DomainError) -> Failed:
    """A call that cannot even be prepared (a template that does not fit, a secret that is missing): no use in trying again."""
    return Failed(error.code, error.fact_zh or error.title_zh, retry=False)


def _make(make: Callable[[], Any]) -> Any:
    """Outside of locks. Whatever breaks is an outcome too: it is counted on the job."""
    try:
        return make()
    except DomainError as error:
        return Failed(error.code, error.fact_zh or error.title_zh)
    except Exception as error:  # noqa: BLE001 -- a connector that breaks must not stop other work; the kind of error is told
        log.warning("call.broken", reason=type(error).__name__)
        return Failed(CallFailed.code, type(error).__name__)


def _settle(prepared: Prepared, attempt: int, ctx: Context, item: Work, answer: Any) -> None:
    """Take the answer, unless the case moved on meanwhile or the call was started anew elsewhere."""
    leg, job = service.lock(ctx, item.ref)
    if job.state not in OPEN or job.attempts != attempt:
        if prepared.abandon is not None:
            prepared.abandon(ctx, answer)
        return
    try:
        outcome = answer if isinstance(answer, Failed) else prepared.outcome(ctx, answer)
    except DomainError as error:
        outcome = _refused(error)
    service.settle(ctx, leg, job, outcome, by={"attempt": attempt})
