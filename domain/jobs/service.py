"""What ends a service task that is done outside, or puts it off: completion, business error, failure.

Every function works on a job under lock, whose leg is locked too (order: case, leg, job). The row gets its own end before the
engine's step, so that the projection knows it from what the case left behind.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final

import orjson
from sqlalchemy import select

from domain.audit import service as audit
from domain.base import get_seal
from domain.cases import rows, runtime
from domain.cases.jobs import OPENED, RETRY_POLICY, ServiceJob, call_of
from domain.cases.projection import Cause
from domain.cases.rows import LegRow
from domain.context import Context
from domain.deadlines import due, policies
from domain.deadlines.calendar import load
from domain.deadlines.errors import BadLiteral
from domain.errors import NotFound
from domain.identity.masking import mask_text
from domain.outbox import work
from domain.outbox.calls import Done, Failed, Outcome, Rejected
from engine.contract import Advance, Environment
from engine.facade import Engine

BACKOFF: Final = "retryBackoff"
"""Header of a service task: the pause before another try (ISO 8601), instead of the policy's."""
SPREAD: Final = 0.1
MESSAGE_LENGTH: Final = 600
CODE_LENGTH: Final = 60


def lock(ctx: Context, job_id: str) -> tuple[LegRow, ServiceJob]:
    """Lock a job with its leg and case. Raises :class:`NotFound`."""
    found = ctx.session.execute(select(ServiceJob.leg_id).where(ServiceJob.id == job_id)).scalar_one_or_none()
    if found is None:
        raise NotFound("没有这项作业。", "There is no such task.")
    leg = rows.lock_leg(ctx, found)
    job = ctx.session.get_one(ServiceJob, job_id, with_for_update=True, populate_existing=True)
    return leg, job


def settle(
    ctx: Context, leg: LegRow, job: ServiceJob, outcome: Outcome, *, by: Mapping[str, Any], stamp: str = ""
) -> None:
    """Take an outcome: a step of the case, another try later, or an incident.

    ``by`` goes into the record (no personal data), ``stamp`` (who reports) into the fingerprint.
    """
    job.outcome = fingerprint(outcome, stamp)
    match outcome:
        case Done(variables):
            _end(ctx, job, "done")
            _step(ctx, leg, job, _completion(job.id, variables), Cause("job.completed", job.element_id, dict(by)))
        case Rejected(code, message, variables):
            _end(ctx, job, "done")
            job.error_code, job.trouble = code[:CODE_LENGTH], {"message": message, "details": ""}
            cause = Cause("job.error", job.element_id, {**by, "code": code[:CODE_LENGTH]})
            _step(ctx, leg, job, _error(job.id, code, variables), cause)
        case Failed():
            fail(ctx, leg, job, outcome, by=by, retries=job.retries_left - 1 if outcome.retry else 0)


def fail(
    ctx: Context,
    leg: LegRow,
    job: ServiceJob,
    failure: Failed,
    *,
    by: Mapping[str, Any],
    retries: int,
    details: str = "",
) -> None:
    """A try failed: ``retries`` more follow, the next one after a pause; after the last an incident stands on the case."""
    job.retries_left = max(retries, 0)
    job.error_code = failure.code[:CODE_LENGTH]
    job.trouble = {"message": failure.message, "details": details}
    told = {**by, "code": job.error_code, "retries": job.retries_left}
    if job.retries_left:
        make_available(ctx, leg, job, ctx.clock.now() + (failure.after or pause(ctx, leg, job)))
        record(ctx, leg, job, "job.failed", told)
        return
    _end(ctx, job, "failed")
    text = mask_text(failure.message)[:MESSAGE_LENGTH] or job.error_code
    _step(ctx, leg, job, _failure(job.id, job.error_code, text), Cause("job.failed", job.element_id, told))


def make_available(ctx: Context, leg: LegRow, job: ServiceJob, at: datetime) -> None:
    """Nobody has the job; it may be taken from ``at`` on. A call of the platform gets its work."""
    job.state, job.available_at = "open", at
    job.client_id = job.worker_id = job.locked_at = None
    ctx.session.flush()
    if job.is_call:
        work.cancel(ctx, leg_id=leg.id, refs=[job.id])
        work.add(ctx, [call_of(leg, job.id, job.element_id, at)])
    elif at <= ctx.clock.now():
        ctx.session.info.setdefault(OPENED, set()).add((job.topic, job.site_id))


def pause(ctx: Context, leg: LegRow, job: ServiceJob) -> timedelta:
    """How long to wait before the next try: the task's own backoff, else the policy's, by the number of tries."""
    now = ctx.clock.now()
    calendar = load(ctx.session, leg.site.region_code)
    own = str(job.headers.get(BACKOFF, "")).strip()
    if own:
        try:
            return max(due.schedule(own, now, calendar) - now, timedelta(0))
        except BadLiteral:
            pass  # a backoff that cannot be read is the model's mistake and must not stop the case: the policy's counts
    literals = policies.deadlines_for(ctx)[RETRY_POLICY].split(",")
    literal = literals[min(max(job.attempts, 1), len(literals)) - 1]
    return (due.schedule(literal, now, calendar) - now) * (1 + spread(job.id, job.attempts))


def spread(job_id: str, attempts: int) -> float:
    """By which part a pause is longer, so that jobs that failed together do not come back together: up to a tenth, fixed per try."""
    digest = hashlib.sha256(f"{job_id}:{attempts}".encode()).digest()
    return int.from_bytes(digest[:2]) / 0xFFFF * SPREAD


def fingerprint(outcome: Outcome, stamp: str = "") -> str:
    """A keyed fingerprint of what a worker (``stamp``) reports."""
    match outcome:
        case Done(variables):
            said: list[Any] = ["done", dict(variables)]
        case Rejected(code, message, variables):
            said = ["rejected", code, message, dict(variables)]
        case Failed(code, message, retry, after):
            said = ["failed", code, message, retry, after.total_seconds() if after else None]
    content = orjson.dumps([stamp, said], option=orjson.OPT_SORT_KEYS)
    return get_seal().mark(hashlib.sha256(content).hexdigest())


def record(ctx: Context, leg: LegRow, job: ServiceJob, kind: str, data: Mapping[str, Any]) -> None:
    """Write down a fact about a job in its case's record."""
    audit.record_of(ctx, leg, kind, element_id=job.element_id, data={**data, "topic": job.topic})


def _end(ctx: Context, job: ServiceJob, state: str) -> None:
    job.state, job.closed_at = state, ctx.clock.now()


def _step(ctx: Context, leg: LegRow, job: ServiceJob, command: runtime.Command, cause: Cause) -> None:
    ctx.session.flush()
    cause.data["topic"] = job.topic
    runtime.step(ctx, leg, command, cause=cause)


def _completion(job_id: str, variables: Mapping[str, Any]) -> runtime.Command:
    def command(engine: Engine, definition_id: str, state: bytes, env: Environment) -> Advance:
        return engine.complete_job(definition_id, state, job_id, variables, env)

    return command


def _error(job_id: str, code: str, variables: Mapping[str, Any]) -> runtime.Command:
    def command(engine: Engine, definition_id: str, state: bytes, env: Environment) -> Advance:
        return engine.throw_error(definition_id, state, job_id, code, env, variables)

    return command


def _failure(job_id: str, code: str, message: str) -> runtime.Command:
    def command(engine: Engine, definition_id: str, state: bytes, env: Environment) -> Advance:
        return engine.fail_job(definition_id, state, job_id, code, message, env)

    return command
