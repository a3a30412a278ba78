"""Personal data shown on request: asking, agreeing, ending; who looked, for the person concerned and for who watches."""

from __future__ import annotations

from typing import Any

from marshmallow import fields

from api.auth import guard
from api.entry import Routes
from api.limits import Rate
from api.schemas import Answer, CamelSchema, Moment, many, text
from domain.cases import queries as cases
from domain.context import Context
from domain.disclosure import queries, service

routes = Routes("disclosure", "查看原文 Unmasking")
ASKING = Rate("unmask", burst=30, seconds=20)
"""Asking to see data: the alert comes at 20 an hour, this stops a machine."""


class UnmaskBody(CamelSchema):
    """What for and why; ``sensitive``: the group 敏感 too. ``orderNo`` is for auditors."""

    purpose = text(1, 20)
    reason = text(1, 200)
    sensitive = fields.Boolean(load_default=False)
    order_no = text(0, 60, required=False, load_default="")


class DisclosureAnswer(Answer):
    """A request: waiting, given (until ``expiresAt``) or refused."""

    id = fields.Integer(required=True)
    state = fields.String(required=True, metadata={"enum": ["waiting", "given", "refused"]})
    expires_at = Moment(required=True, allow_none=True)


class DecisionBody(CamelSchema):
    """What the second person says."""

    agrees = fields.Boolean(required=True)


class PendingAnswer(Answer):
    """A request that waits for a second person."""

    id = fields.Integer(required=True)
    case_no = fields.String(required=True)
    asked_by = fields.String(required=True)
    purpose = fields.String(required=True)
    purpose_en = fields.String(required=True)
    reason = fields.String(required=True)
    sensitive = fields.Boolean(required=True)
    asked_at = Moment(required=True)


class PendingList(Answer):
    """Oldest first."""

    items = many(PendingAnswer)
    next = fields.String(required=True, allow_none=True)


class LookAnswer(Answer):
    """Who looked, when, at which case and what for. ``by`` is empty unless policy shows the clerk's name."""

    at = Moment(required=True)
    until = Moment(required=True, allow_none=True)
    case_no = fields.String(required=True)
    item_name = fields.String(required=True)
    item_name_en = fields.String(required=True)
    site_name = fields.String(required=True)
    what = fields.String(required=True)
    what_en = fields.String(required=True)
    purpose = fields.String(required=True)
    purpose_en = fields.String(required=True)
    reason = fields.String(required=True)
    sensitive = fields.Boolean(required=True)
    by = fields.String(required=True)


class LookList(Answer):
    """Newest first."""

    items = many(LookAnswer)
    next = fields.String(required=True, allow_none=True)


class FrequentAnswer(Answer):
    """How often somebody looked; over ``limit`` in an hour administrators and auditors are told."""

    user_id = fields.Integer(required=True)
    name = fields.String(required=True)
    site_id = fields.Integer(required=True)
    site_name = fields.String(required=True)
    last_hour = fields.Integer(required=True)
    last_day = fields.Integer(required=True)
    limit = fields.Integer(required=True)


class FrequentList(Answer):
    """The most frequent first."""

    items = many(FrequentAnswer)
    next = fields.String(required=True, allow_none=True)


@routes.on("POST", "/cases/<case_no>/unmask", body=UnmaskBody, answer=DisclosureAnswer, status=201)
@guard("unmask:open", rate=ASKING, recent=True)
def ask(ctx: Context, body: dict[str, Any], case_no: str) -> Any:
    """查看原文 Show the personal data of one case for some minutes, with a purpose and a reason that the applicant reads."""
    frame = cases.get_frame(ctx, case_no)
    return service.ask(
        ctx, frame, body["purpose"], body["reason"], sensitive=body["sensitive"], order_no=body["order_no"]
    )


@routes.on("POST", "/cases/<case_no>/mask", status=204)
@guard("unmask:open")
def end(ctx: Context, case_no: str) -> None:
    """恢复脱敏 Mask the case again at once."""
    service.end(ctx, cases.get_frame(ctx, case_no).case.id)


@routes.on("GET", "/unmask-requests", answer=PendingList)
@guard("unmask:approve")
def list_pending(ctx: Context) -> dict[str, Any]:
    """待批准的查看申请 Requests that wait for the reader's agreement."""
    return {"items": queries.list_pending(ctx), "next": None}


@routes.on("POST", "/unmask-requests/<int:disclosure_id>/decision", body=DecisionBody, answer=DisclosureAnswer)
@guard("unmask:approve", recent=True)
def decide(ctx: Context, body: dict[str, Any], disclosure_id: int) -> Any:
    """批准或不批准 The second person's answer; nobody answers the own request."""
    return service.decide(ctx, disclosure_id, agrees=body["agrees"])


@routes.on("GET", "/unmask-alerts", answer=FrequentList)
@guard("unmask.watch:watch")
def list_frequent(ctx: Context) -> dict[str, Any]:
    """查看原文统计 Who looked how often at the reader's sites within a day."""
    return {"items": queries.list_frequent(ctx), "next": None}


@routes.on("GET", "/my/looks", answer=LookList)
@guard("unmask:own")
def list_looks(ctx: Context) -> dict[str, Any]:
    """谁看过我的信息 Who was shown the personal data of one's own cases."""
    return {"items": queries.list_looks(ctx), "next": None}
