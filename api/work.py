"""后台作业 Background work as administrators see it: what waits, what failed and why; try again, put off, give up."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from marshmallow import fields, validate

from api import paging
from api.auth import guard
from api.entry import Routes
from api.schemas import Answer, CamelSchema, Moment, choice, cursor, limit, many, text
from domain.context import Context
from domain.monitor import duties

routes = Routes("work", "后台作业 Background work")
LONGEST_HOURS = 30 * 24


class WorkRow(Answer):
    """Something to do later or elsewhere."""

    id = fields.Integer(required=True)
    kind = fields.String(required=True)
    kind_name = fields.String(required=True)
    kind_name_en = fields.String(required=True)
    queue = fields.String(required=True)
    ref = fields.String(required=True)
    case_no = fields.String(required=True, allow_none=True)
    due_at = Moment(required=True)
    state = fields.String(required=True)
    attempts = fields.Integer(required=True)
    last_error = fields.String(required=True, allow_none=True)
    may_retry = fields.Boolean(required=True)
    may_cancel = fields.Boolean(required=True)


class WorkPage(Answer):
    """A page of work, what is due first."""

    items = many(WorkRow)
    next = fields.String(required=True, allow_none=True)


class FailedRow(Answer):
    """Failed work of one kind with one error."""

    kind = fields.String(required=True)
    kind_name = fields.String(required=True)
    kind_name_en = fields.String(required=True)
    code = fields.String(required=True)
    count = fields.Integer(required=True)
    since = Moment(required=True)


class FailedAnswer(Answer):
    """What failed, the most frequent first."""

    items = many(FailedRow)


class WorkDone(Answer):
    """What became of it."""

    id = fields.Integer(required=True)
    state = fields.String(required=True)


class ManyDone(Answer):
    """How many are tried again, and how many failed ones of this kind are left."""

    retried = fields.Integer(required=True)
    left = fields.Integer(required=True)


class WorkQuery(CamelSchema):
    """Which work."""

    state = choice(("pending", "promoted", "held", "done", "cancelled", "failed"), load_default=None)
    kind = text(1, 40, required=False, load_default=None)
    code = text(1, 400, required=False, load_default=None)
    after = cursor()
    limit = limit()


class RetryFailedBody(CamelSchema):
    """Failed work of this kind with this error."""

    kind = text(1, 40)
    code = text(0, 400)


class PutOffBody(CamelSchema):
    """For how long."""

    hours = fields.Integer(required=True, validate=validate.Range(1, LONGEST_HOURS, error=f"range|1|{LONGEST_HOURS}"))


class GiveUpBody(CamelSchema):
    """Why."""

    reason = text(1, 300)


@routes.on("GET", "/admin/work", answer=WorkPage, query=WorkQuery)
@guard("operation:read")
def list_work(ctx: Context, query: dict[str, Any]) -> dict[str, Any]:
    """作业 Timers, deliveries, reminders: what is due when."""
    rows, following = duties.list_work(
        ctx, query["state"], query["kind"], query["code"], after=paging.decode(query["after"]), limit=query["limit"]
    )
    return {"items": rows, "next": paging.encode(following)}


@routes.on("GET", "/admin/work/failed", answer=FailedAnswer)
@guard("operation:read")
def list_failed(ctx: Context) -> dict[str, Any]:
    """失败的作业 Failed work by kind and error."""
    return {"items": duties.list_failed(ctx)}


@routes.on("POST", "/admin/work/retry", body=RetryFailedBody, answer=ManyDone)
@guard("operation:retry")
def retry_failed(ctx: Context, body: dict[str, str]) -> dict[str, int]:
    """批量重试 Try again failed work of one kind and error, at most 100 at once."""
    retried, left = duties.retry_failed(ctx, body["kind"], body["code"])
    return {"retried": retried, "left": left}


@routes.on("POST", "/admin/work/<int:work_id>/retry", answer=WorkDone)
@guard("operation:retry")
def retry(ctx: Context, work_id: int) -> dict[str, Any]:
    """重试 Try again now."""
    duties.retry(ctx, work_id)
    return {"id": work_id, "state": "pending"}


@routes.on("POST", "/admin/work/<int:work_id>/put-off", body=PutOffBody, answer=WorkDone)
@guard("operation:retry")
def put_off(ctx: Context, body: dict[str, int], work_id: int) -> dict[str, Any]:
    """推迟 Not before so many hours have passed."""
    duties.put_off(ctx, work_id, timedelta(hours=body["hours"]))
    return {"id": work_id, "state": "pending"}


@routes.on("POST", "/admin/work/<int:work_id>/cancel", body=GiveUpBody, answer=WorkDone)
@guard("operation:retry")
def cancel(ctx: Context, body: dict[str, str], work_id: int) -> dict[str, Any]:
    """放弃 Give it up, with a reason that is recorded."""
    duties.cancel(ctx, work_id, body["reason"])
    return {"id": work_id, "state": "cancelled"}
