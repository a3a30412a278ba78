"""External tasks: workers of integrators fetch service tasks by topic and report what became of them."""

from __future__ import annotations

import time
from datetime import timedelta
from functools import partial
from typing import Any, Final

import flask
from marshmallow import fields, validate

from api.auth import client
from api.entry import Again, Routes
from api.limits import CLIENT
from api.schemas import Answer, CamelSchema, Free, Moment, many, text
from api.waiting import Waiters
from domain.clients.scopes import Client, Scope
from domain.context import Context
from domain.jobs import external
from domain.jobs.external import Want, Wanted
from domain.outbox.calls import Failed

routes = Routes("external_tasks", "外部作业 External tasks")
MOST_TASKS: Final = 50
MOST_TOPICS: Final = 20
LONGEST_WAIT: Final = 30
LONGEST_LOCK: Final = 24 * 3600
MOST_RETRIES: Final = 100
RETRY_AFTER: Final = "2"
"""Seconds after which a worker asks again that found no place to wait."""
_SLUG: Final = r"^[A-Za-z0-9][A-Za-z0-9._:-]{0,59}$"


def _number(low: int, high: int, **more: Any) -> fields.Integer:
    return fields.Integer(strict=True, validate=validate.Range(low, high, error=f"range|{low}|{high}"), **more)


def _worker() -> fields.String:
    return text(1, 120, metadata={"description": "Names the worker process; the lock belongs to it."})


class ExternalTopicBody(CamelSchema):
    """A topic and for how long its tasks are locked; ``variables`` narrows what is sent (all arguments without it)."""

    name = text(1, 200)
    lock_seconds = _number(1, LONGEST_LOCK, required=True)
    variables = fields.List(text(1, 200), load_default=None, allow_none=True, validate=validate.Length(max=200))


class ExternalFetchBody(CamelSchema):
    """What a worker can do. ``waitSeconds``: wait so long for a task when there is none (long polling)."""

    worker_id = _worker()
    max_tasks = _number(1, MOST_TASKS, load_default=1)
    topics = fields.List(
        fields.Nested(ExternalTopicBody),
        required=True,
        validate=validate.Length(1, MOST_TOPICS, error=f"length|1|{MOST_TOPICS}"),
    )
    wait_seconds = _number(0, LONGEST_WAIT, load_default=0)


class ExternalWorkerBody(CamelSchema):
    """Who reports."""

    worker_id = _worker()


class ExternalExtendBody(ExternalWorkerBody):
    """For how long from now."""

    lock_seconds = _number(1, LONGEST_LOCK, required=True)


class ExternalCompleteBody(ExternalWorkerBody):
    """The result; the task's output mappings say what of it the case takes."""

    variables = Free(load_default=dict)


class ExternalFailBody(ExternalWorkerBody):
    """What went wrong. ``retries``: tries that are left (one less than before without it); 0 makes an incident.

    ``error`` is a short code, ``message`` and ``details`` are for operators (kept sealed; long numbers are struck out in incidents).
    """

    error = fields.String(load_default="external-task-failed", validate=validate.Regexp(_SLUG, error="invalid"))
    message = text(0, 600, required=False, load_default="")
    details = text(0, 8000, required=False, load_default="")
    retries = _number(0, MOST_RETRIES, load_default=None, allow_none=True)
    retry_after_seconds = _number(0, 30 * 24 * 3600, load_default=None, allow_none=True)


class ExternalErrorBody(ExternalWorkerBody):
    """A business error of the model: ``code`` is looked for at the task's boundary events and outwards."""

    code = text(1, 100)
    message = text(0, 600, required=False, load_default="")
    variables = Free(load_default=dict)


class ExternalTask(Answer):
    """A task, locked for the worker. ``variables`` are the task's input mappings, nothing else of the case.

    ``idempotencyKey`` stays the same over all tries of the same task: hand it on to systems that must not act twice.
    """

    id = fields.String(required=True)
    idempotency_key = fields.String(required=True)
    topic = fields.String(required=True)
    element_id = fields.String(required=True)
    worker_id = fields.String(required=True)
    lock_expires_at = Moment(required=True)
    attempt = fields.Integer(required=True)
    retries_left = fields.Integer(required=True)
    priority = fields.Integer(required=True)
    headers = Free(required=True)
    variables = Free(required=True)
    created_at = Moment(required=True)


class ExternalTasks(Answer):
    """The tasks that are locked now; empty when there are none."""

    tasks = many(ExternalTask)


class ReportAnswer(Answer):
    """What became of the task."""

    id = fields.String(required=True)
    state = fields.String(required=True, metadata={"enum": ["done", "open", "failed", "locked"]})
    retries_left = fields.Integer(allow_none=True)
    lock_expires_at = Moment(allow_none=True)


@routes.on("POST", "/external-tasks/fetch-and-lock", body=ExternalFetchBody, answer=ExternalTasks)
@client(Scope.EXTERNAL_TASKS, "external-task:do", rate=CLIENT)
def fetch_and_lock(ctx: Context, body: dict[str, Any]) -> dict[str, Any]:
    """领取 Fetch tasks of these topics and lock them; with ``waitSeconds`` wait until there are some."""
    wanted = [
        Wanted(
            each["name"],
            timedelta(seconds=each["lock_seconds"]),
            None if each["variables"] is None else frozenset(each["variables"]),
        )
        for each in body["topics"]
    ]
    found = external.fetch(ctx, _client(), body["worker_id"], wanted, body["max_tasks"])
    seconds = _seconds_left(body["wait_seconds"])
    if found or seconds <= 0:
        return {"tasks": found}
    wants = frozenset(Want(each.topic, _client().site_id, _client().items) for each in wanted)
    raise Again(partial(_wait, wants, seconds))


@routes.on("POST", "/external-tasks/<task_id>/extend-lock", body=ExternalExtendBody, answer=ReportAnswer)
@client(Scope.EXTERNAL_TASKS, "external-task:do", rate=CLIENT)
def extend_lock(ctx: Context, body: dict[str, Any], task_id: str) -> dict[str, Any]:
    """延长锁定 Make a lock that still holds last longer."""
    until = external.extend(ctx, _client(), task_id, body["worker_id"], timedelta(seconds=body["lock_seconds"]))
    return {"id": task_id, "state": "locked", "lock_expires_at": until}


@routes.on("POST", "/external-tasks/<task_id>/complete", body=ExternalCompleteBody, answer=ReportAnswer)
@client(Scope.EXTERNAL_TASKS, "external-task:do", rate=CLIENT)
def complete(ctx: Context, body: dict[str, Any], task_id: str) -> dict[str, Any]:
    """完成 Report the result; the case goes on. The same report again is answered the same."""
    external.complete(ctx, _client(), task_id, body["worker_id"], body["variables"])
    return {"id": task_id, "state": "done"}


@routes.on("POST", "/external-tasks/<task_id>/fail", body=ExternalFailBody, answer=ReportAnswer)
@client(Scope.EXTERNAL_TASKS, "external-task:do", rate=CLIENT)
def fail(ctx: Context, body: dict[str, Any], task_id: str) -> dict[str, Any]:
    """报告失败 Report that a try failed; it is tried again later, or becomes an incident."""
    after = body["retry_after_seconds"]
    failure = Failed(body["error"], body["message"], after=None if after is None else timedelta(seconds=after))
    left = external.fail(
        ctx, _client(), task_id, body["worker_id"], failure, details=body["details"], retries=body["retries"]
    )
    return {"id": task_id, "state": "open" if left else "failed", "retries_left": left}


@routes.on("POST", "/external-tasks/<task_id>/bpmn-error", body=ExternalErrorBody, answer=ReportAnswer)
@client(Scope.EXTERNAL_TASKS, "external-task:do", rate=CLIENT)
def throw_error(ctx: Context, body: dict[str, Any], task_id: str) -> dict[str, Any]:
    """业务错误 Throw a BPMN error from the task; the model says what follows."""
    external.throw_error(ctx, _client(), task_id, body["worker_id"], body["code"], body["message"], body["variables"])
    return {"id": task_id, "state": "done"}


@routes.on("POST", "/external-tasks/<task_id>/unlock", body=ExternalWorkerBody, answer=ReportAnswer)
@client(Scope.EXTERNAL_TASKS, "external-task:do", rate=CLIENT)
def unlock(ctx: Context, body: dict[str, Any], task_id: str) -> dict[str, Any]:
    """释放 Give a task back: anybody may fetch it now."""
    external.unlock(ctx, _client(), task_id, body["worker_id"])
    return {"id": task_id, "state": "open"}


def _client() -> Client:
    found: Client = flask.g.client
    return found


def _seconds_left(asked: int) -> float:
    """Of the time the worker wants to wait, counted from its first look."""
    now = time.monotonic()
    if "wait_until" not in flask.g:
        flask.g.wait_until = now + asked
    left: float = flask.g.wait_until - now
    return left


def _wait(wants: frozenset[Want], seconds: float) -> None:
    """Until there may be a task or the time is over; then one more look. Without a place to wait: ask again shortly."""
    waiters: Waiters = flask.current_app.extensions["lianban-waiters"]
    if waiters.wait(wants, seconds) is True:
        return
    if time.monotonic() < flask.g.wait_until:

        @flask.after_this_request
        def _ask_again(response: flask.Response) -> flask.Response:
            response.headers["Retry-After"] = RETRY_AFTER
            return response

    flask.g.wait_until = 0.0
