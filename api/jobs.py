"""Service tasks done outside, for administrators: who has them, what failed; unlock, try again, set the tries that are left."""

from __future__ import annotations

from typing import Any

from marshmallow import ValidationError, fields, validate, validates_schema

from api import paging
from api.auth import guard
from api.entry import Routes
from api.schemas import Answer, CamelSchema, Moment, choice, cursor, limit, many, text
from domain.context import Context
from domain.jobs import operations, queries

routes = Routes("jobs", "外部作业管理 Jobs")
MOST_RETRIES = 100


class JobRow(Answer):
    """A service task that is done outside; no arguments. ``isCall``: the platform calls for it, else a worker fetches it."""

    id = fields.String(required=True)
    case_no = fields.String(required=True)
    site_name = fields.String(required=True)
    topic = fields.String(required=True)
    is_call = fields.Boolean(required=True)
    element_id = fields.String(required=True)
    element_name = fields.String(required=True)
    state = fields.String(required=True, metadata={"enum": list(queries.STATES)})
    created_at = Moment(required=True)
    available_at = Moment(required=True)
    closed_at = Moment(required=True, allow_none=True)
    client_name = fields.String(required=True, allow_none=True)
    worker_id = fields.String(required=True, allow_none=True)
    lock_expires_at = Moment(required=True, allow_none=True)
    attempts = fields.Integer(required=True)
    retries_left = fields.Integer(required=True)
    error_code = fields.String(required=True, allow_none=True)
    error = fields.String(required=True)
    last_asked_at = Moment(required=True, allow_none=True)


class TopicCount(Answer):
    """A topic and how many of its tasks are open or failed."""

    topic = fields.String(required=True)
    count = fields.Integer(required=True)


class JobPage(Answer):
    """A page, oldest first, and the topics there are."""

    items = many(JobRow)
    next = fields.String(required=True, allow_none=True)
    topics = many(TopicCount)


class JobQuery(CamelSchema):
    """Which ones; without ``state`` all that is not done or cancelled."""

    state = choice(queries.STATES, load_default=None)
    topic = text(1, 200, required=False, load_default=None)
    case_no = text(1, 64, required=False, load_default=None)
    after = cursor()
    limit = limit()


class RetryBody(CamelSchema):
    """These tasks, or all of a topic that failed or wait for their next try (at most 1000)."""

    ids = fields.List(text(1, 40), validate=validate.Length(1, 100, error="length|1|100"))
    topic = text(1, 200, required=False)

    @validates_schema
    def one_of(self, data: dict[str, Any], **kwargs: Any) -> None:
        """Exactly one of the two."""
        del kwargs
        if ("ids" in data) == ("topic" in data):
            raise ValidationError("required", field_name="ids")


class RetriesBody(CamelSchema):
    """How many tries are left."""

    retries = fields.Integer(
        required=True, strict=True, validate=validate.Range(1, MOST_RETRIES, error=f"range|1|{MOST_RETRIES}")
    )


class JobDone(Answer):
    """What was done."""

    id = fields.String(required=True)
    state = fields.String(required=True)


class RetryAnswer(Answer):
    """How many are tried again, each in a step of its own."""

    count = fields.Integer(required=True)


@routes.on("GET", "/admin/jobs", answer=JobPage, query=JobQuery)
@guard("operation:read")
def list_jobs(ctx: Context, query: dict[str, Any]) -> dict[str, Any]:
    """外部作业 Service tasks that are done outside: open and failed ones, or those in a state."""
    lines, following = queries.list_jobs(
        ctx,
        state=query["state"],
        topic=query["topic"],
        case_no=query["case_no"],
        after=paging.decode(query["after"]),
        limit=query["limit"],
    )
    topics = [{"topic": topic, "count": count} for topic, count in queries.list_topics(ctx)]
    return {"items": lines, "next": paging.encode(following), "topics": topics}


@routes.on("POST", "/admin/jobs/<job_id>/unlock", answer=JobDone)
@guard("operation:retry")
def unlock_job(ctx: Context, job_id: str) -> dict[str, Any]:
    """解除锁定 Take the lock of an external worker away."""
    queries.require_visible(ctx, [job_id])
    operations.unlock(ctx, job_id)
    return {"id": job_id, "state": "waiting"}


@routes.on("POST", "/admin/jobs/<job_id>/retry", answer=JobDone)
@guard("operation:retry")
def retry_job(ctx: Context, job_id: str) -> dict[str, Any]:
    """立即重试 Try again now."""
    queries.require_visible(ctx, [job_id])
    operations.retry(ctx, job_id)
    return {"id": job_id, "state": "waiting"}


@routes.on("PUT", "/admin/jobs/<job_id>/retries", body=RetriesBody, answer=JobDone)
@guard("operation:retry")
def set_retries(ctx: Context, body: dict[str, int], job_id: str) -> dict[str, Any]:
    """剩余次数 Set how many tries are left."""
    queries.require_visible(ctx, [job_id])
    operations.set_retries(ctx, job_id, body["retries"])
    return {"id": job_id, "state": "open"}


@routes.on("POST", "/admin/jobs/retry", body=RetryBody, answer=RetryAnswer, status=202)
@guard("operation:retry")
def retry_jobs(ctx: Context, body: dict[str, Any]) -> dict[str, Any]:
    """批量重试 Try many again, each in a step of its own."""
    ids = body["ids"] if "ids" in body else queries.list_retryable(ctx, body["topic"])
    queries.require_visible(ctx, ids)
    return {"count": operations.retry_many(ctx, ids)}
