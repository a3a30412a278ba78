"""Messages to the person who is logged in."""

from __future__ import annotations

from typing import Any

from marshmallow import fields

from api import paging
from api.auth import guard
from api.entry import Routes
from api.schemas import Answer, CamelSchema, Moment, cursor, limit, many
from domain.applications import queries
from domain.context import Context
from domain.notifications import queries as notifications
from domain.notifications import service as notices

routes = Routes("notifications", "消息 Messages")


class NotificationAnswer(Answer):
    """A message to the person."""

    id = fields.Integer(required=True)
    title = fields.String(required=True)
    text = fields.String(required=True)
    at = Moment(required=True)
    case_no = fields.String(required=True, allow_none=True)
    read_at = Moment(required=True, allow_none=True)


class NotificationPage(Answer):
    """A page of messages, newest first."""

    items = many(NotificationAnswer)
    next = fields.String(required=True, allow_none=True)


class PageQuery(CamelSchema):
    """Which page."""

    after = cursor()
    limit = limit()


@routes.on("GET", "/my/notifications", answer=NotificationPage, query=PageQuery)
@guard("account:read")
def list_notifications(ctx: Context, query: dict[str, Any]) -> dict[str, Any]:
    """消息 Messages to the person, newest first."""
    after = paging.decode(query["after"])
    size = query["limit"]
    rows = notifications.list_notifications(
        ctx.session, ctx.actor.user_id, before_id=int(after[0]) if after else None, limit=size
    )
    page = rows[:size]
    numbers = queries.case_numbers(ctx, {row.case_id for row in page if row.case_id})
    lines = [
        {
            "id": row.id,
            "title": row.title,
            "text": row.text,
            "at": row.created_at,
            "case_no": numbers.get(row.case_id or 0),
            "read_at": row.read_at,
        }
        for row in page
    ]
    return {"items": lines, "next": paging.encode([page[-1].id]) if len(rows) > size else None}


@routes.on("POST", "/my/notifications/<int:notification_id>/read", status=204)
@guard("account:change")
def read_notification(ctx: Context, notification_id: int) -> None:
    """已读 The person has read a message."""
    notices.mark_read(ctx, notification_id)
