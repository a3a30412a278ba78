"""Watching over the whole: overview, what does not move and why, incidents, work, messages, the record."""

from __future__ import annotations

from typing import Any

from marshmallow import fields

from api import paging
from api.auth import guard
from api.case_shapes import CaseIncidentAnswer
from api.entry import Routes
from api.reading import case_read
from api.schemas import Answer, CamelSchema, Moment, choice, cursor, limit, many, text
from api.shapes import DueAnswer, LadderMarkAnswer
from domain import reach
from domain.audit import service as audit
from domain.cases import queries as cases
from domain.cases import service as case_service
from domain.context import Context
from domain.monitor import operations, queries, stuck

routes = Routes("monitor", "运行监督 Monitoring")


class OverviewAnswer(Answer):
    """Numbers within the reader's scope; 1001 means “1000+”."""

    open = fields.Integer(required=True)
    stuck = fields.Integer(required=True)
    incidents = fields.Integer(required=True)
    overdue = fields.Integer(required=True)
    due_today = fields.Integer(required=True)
    messages_pending = fields.Integer(required=True)
    timers_pending = fields.Integer(required=True)


class WaitsForAnswer(Answer):
    """Who has to act."""

    site_name = fields.String(required=True)
    what = fields.String(required=True)
    role = fields.String(required=True, allow_none=True)
    role_name = fields.String(required=True, allow_none=True)
    role_name_en = fields.String(required=True, allow_none=True)
    person = fields.String(required=True, allow_none=True)


class StuckRow(Answer):
    """Something that does not move."""

    case_no = fields.String(required=True)
    item_name = fields.String(required=True)
    item_name_en = fields.String(required=True)
    subject = fields.String(required=True)
    waits_for = fields.Nested(WaitsForAnswer, required=True)
    since = Moment(required=True)
    since_workdays = fields.Integer(required=True)
    reason = fields.String(required=True, metadata={"enum": list(queries.REASONS)})
    reason_text = fields.String(required=True)
    reason_text_en = fields.String(required=True)
    due_at = Moment(required=True, allow_none=True)
    due = fields.Nested(DueAnswer, required=True)
    ladder = fields.Nested(LadderMarkAnswer, required=True, allow_none=True)
    suggestion = fields.String(required=True)
    suggestion_en = fields.String(required=True)
    incident_id = fields.Integer(required=True, allow_none=True)
    leg_id = fields.Integer(required=True, allow_none=True)


class StuckPage(Answer):
    """A page, worst first."""

    items = many(StuckRow)
    next = fields.String(required=True, allow_none=True)


class IncidentRow(CaseIncidentAnswer):
    """Something that failed, in any case."""

    case_no = fields.String(required=True)
    site_name = fields.String(required=True)
    may_correct = fields.Boolean(required=True)


class IncidentPage(Answer):
    """A page of incidents, newest first."""

    items = many(IncidentRow)
    next = fields.String(required=True, allow_none=True)


class ExchangeRow(Answer):
    """A message between sites, without content."""

    id = fields.Integer(required=True)
    name = fields.String(required=True)
    direction = fields.String(required=True)
    sender = fields.String(required=True, attribute="sender", data_key="from")
    receiver = fields.String(required=True, attribute="receiver", data_key="to")
    collab_no = fields.String(required=True)
    case_no = fields.String(required=True, allow_none=True)
    state = fields.String(required=True)
    state_name = fields.String(required=True)
    state_name_en = fields.String(required=True)
    at = Moment(required=True)
    attempts = fields.Integer(required=True)
    last_error = fields.String(required=True, allow_none=True)


class ExchangePage(Answer):
    """A page of messages, newest first."""

    items = many(ExchangeRow)
    next = fields.String(required=True, allow_none=True)


class AuditRow(Answer):
    """An event of the record."""

    seq = fields.Integer(required=True, allow_none=True)
    at = Moment(required=True)
    kind = fields.String(required=True)
    title = fields.String(required=True)
    site_name = fields.String(required=True)
    actor_name = fields.String(required=True)
    element_id = fields.String(required=True, allow_none=True)
    data = fields.Dict(required=True)
    hash = fields.String(required=True, allow_none=True)


class ChainAnswer(Answer):
    """Whether the record is whole."""

    verified = fields.Boolean(required=True)
    broken_at = fields.Integer(required=True, allow_none=True)


class AuditAnswer(Answer):
    """The record of a case and the state of its chain."""

    items = many(AuditRow)
    next = fields.String(required=True, allow_none=True)
    chain = fields.Nested(ChainAnswer, required=True)
    verified = fields.Boolean(required=True)
    broken_at = fields.Integer(required=True, allow_none=True)


class DoneAnswer(Answer):
    """What was done."""

    id = fields.Integer(required=True)
    state = fields.String(required=True)


class StuckQuery(CamelSchema):
    """Which things."""

    reason = choice(queries.REASONS, load_default=None)
    site_id = fields.Integer(load_default=None)
    after = cursor()
    limit = limit()


class IncidentQuery(CamelSchema):
    """Which incidents."""

    state = choice(("open", "resolved", "all"), load_default="open")
    after = cursor()
    limit = limit()


class MessageQuery(CamelSchema):
    """Which messages."""

    state = text(1, 16, required=False, load_default=None)
    after = cursor()
    limit = limit()


class AuditQuery(CamelSchema):
    """Of which case."""

    case_no = text(1, 64)


class SuspendBody(CamelSchema):
    """Why."""

    note = text(1, 300)


@routes.on("GET", "/admin/overview", answer=OverviewAnswer)
@guard("operation:read")
def get_overview(ctx: Context) -> queries.Overview:
    """概览 The numbers of the whole."""
    return queries.get_overview(ctx)


@routes.on("GET", "/admin/stuck", answer=StuckPage, query=StuckQuery)
@guard("operation:read")
def list_stuck(ctx: Context, query: dict[str, Any]) -> dict[str, Any]:
    """卡点 What does not move: whom it waits for, since when, why, what to do. Worst first."""
    after = paging.decode(query["after"])
    things, following = queries.list_stuck(
        ctx, reason=query["reason"], site_id=query["site_id"], after=after, limit=query["limit"]
    )
    return {"items": stuck.lines_of(ctx, things), "next": paging.encode(following)}


@routes.on("GET", "/admin/incidents", answer=IncidentPage, query=IncidentQuery)
@guard("operation:read")
def list_incidents(ctx: Context, query: dict[str, Any]) -> dict[str, Any]:
    """异常 What failed and waits for an administrator."""
    rows, following = operations.list_incidents(ctx, query["state"], before_id=_before(query), limit=query["limit"])
    return {"items": rows, "next": paging.encode(following)}


@routes.on("POST", "/admin/incidents/<int:incident_id>/retry", answer=DoneAnswer)
@guard("operation:retry")
def retry_incident(ctx: Context, incident_id: int) -> dict[str, Any]:
    """重试 Try again what failed."""
    operations.require_incident(ctx, incident_id)
    case_service.retry_incident(ctx, incident_id)
    return {"id": incident_id, "state": "retried"}


@routes.on("GET", "/admin/messages", answer=ExchangePage, query=MessageQuery)
@guard("replay:read")
def list_messages(ctx: Context, query: dict[str, Any]) -> dict[str, Any]:
    """报文 Messages between sites, without content."""
    rows, following = operations.list_messages(ctx, query["state"], before_id=_before(query), limit=query["limit"])
    return {"items": rows, "next": paging.encode(following)}


@routes.on("POST", "/admin/messages/<int:message_id>/resend", answer=DoneAnswer)
@guard("replay:resend")
def resend_message(ctx: Context, message_id: int) -> dict[str, Any]:
    """补发 Send a message again; the receiver takes it once."""
    operations.resend(ctx, message_id)
    return {"id": message_id, "state": "queued"}


@routes.on("POST", "/admin/legs/<int:leg_id>/suspend", body=SuspendBody, answer=DoneAnswer)
@guard("operation:retry")
def suspend(ctx: Context, body: dict[str, str], leg_id: int) -> dict[str, Any]:
    """暂停 Put a leg on hold."""
    operations.require_leg(ctx, leg_id)
    case_service.suspend(ctx, leg_id, body["note"])
    return {"id": leg_id, "state": "suspended"}


@routes.on("POST", "/admin/legs/<int:leg_id>/resume", answer=DoneAnswer)
@guard("operation:retry")
def resume(ctx: Context, leg_id: int) -> dict[str, Any]:
    """恢复 Let a leg go on."""
    operations.require_leg(ctx, leg_id)
    case_service.resume(ctx, leg_id)
    return {"id": leg_id, "state": "running"}


@routes.on("GET", "/admin/audit", answer=AuditAnswer, query=AuditQuery)
@guard("audit:read")
def get_audit(ctx: Context, query: dict[str, str]) -> dict[str, Any]:
    """审计 The record of a case, and whether its hash chain is whole."""
    frame = cases.get_frame(ctx, query["case_no"])
    case_read(ctx, frame, "audit.record", "record")
    with reach.for_platform(ctx.session):  # a chain is checked as a whole; only the verdict is told
        state = audit.verify(ctx, frame.case.id)
    chain = {"verified": state.verified, "broken_at": state.broken_at}
    return {"items": operations.list_record(ctx, frame), "next": None, "chain": chain, **chain}


def _before(query: dict[str, Any]) -> int | None:
    after = paging.decode(query["after"])
    return int(after[0]) if after else None
