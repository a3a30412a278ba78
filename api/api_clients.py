"""API clients: administrators register systems of integrators, give out, change and withdraw their tokens."""

from __future__ import annotations

from collections.abc import Collection
from datetime import timedelta
from typing import Any

from marshmallow import fields, validate

from api.auth import guard
from api.entry import Routes, platform
from api.schemas import Answer, CamelSchema, Moment, many, text
from domain.clients import service
from domain.clients.models import ApiClient
from domain.clients.scopes import Scope
from domain.clock import HOST
from domain.context import Context
from domain.items import queries as items

routes = Routes("api_clients", "接口客户端 API clients")
LONGEST_OVERLAP_HOURS = 72


def _topics() -> fields.List[Any]:
    return fields.List(text(1, 200), required=True, validate=validate.Length(1, 50, error="length|1|50"))


def _items() -> fields.List[Any]:
    return fields.List(
        text(1, 60), load_default=None, allow_none=True, validate=validate.Length(max=50, error="length|0|50")
    )


class ClientBody(CamelSchema):
    """A system that may fetch external tasks of these topics (``tax.check``, ``tax.*``).

    ``siteId`` null: of all sites; ``items`` null: of every item. ``expiresAt``: at most ``longestDays`` of the list from now.
    """

    name = text(1, 50)
    organisation = text(0, 120, required=False, load_default="")
    site_id = fields.Integer(required=True, allow_none=True)
    topics = _topics()
    scopes = fields.List(text(1, 40), load_default=[Scope.EXTERNAL_TASKS.value], validate=validate.Length(1, 20))
    items = _items()
    expires_at = fields.AwareDateTime(required=True)


class ClientChange(CamelSchema):
    """Other topics or items (``[]``: of every item), another end; what is left out stays."""

    topics = _topics()
    items = _items()
    expires_at = fields.AwareDateTime(load_default=None, allow_none=True)


class RotateBody(CamelSchema):
    """How many hours the present token stays good beside the new one; when the new one ends (null: as late as it may)."""

    expires_at = fields.AwareDateTime(load_default=None, allow_none=True)
    overlap_hours = fields.Integer(
        load_default=0, validate=validate.Range(0, LONGEST_OVERLAP_HOURS, error=f"range|0|{LONGEST_OVERLAP_HOURS}")
    )


class ClientAnswer(Answer):
    """A client; of its token only the last characters are known."""

    id = fields.Integer(required=True)
    name = fields.String(required=True)
    organisation = fields.String(required=True)
    site_id = fields.Integer(required=True, allow_none=True)
    site_name = fields.String(required=True, allow_none=True)
    scopes = fields.List(fields.String(), required=True)
    topics = fields.List(fields.String(), required=True)
    items = fields.List(fields.String(), required=True, allow_none=True)
    item_names = fields.List(fields.String(), required=True)
    token_hint = fields.String(required=True)
    state = fields.String(required=True, metadata={"enum": ["active", "expired", "revoked"]})
    expires_at = Moment(required=True, allow_none=True)
    created_at = Moment(required=True)
    rotated_at = Moment(required=True, allow_none=True)
    previous_until = Moment(required=True, allow_none=True)
    last_used_at = Moment(required=True, allow_none=True)
    revoked_at = Moment(required=True, allow_none=True)


class ClientWithToken(ClientAnswer):
    """A client and its new token, which is shown this once."""

    token = fields.String(required=True)


class ClientList(Answer):
    """The clients the reader looks after, newest first."""

    items = many(ClientAnswer)
    longest_days = fields.Integer(required=True)
    next = fields.String(required=True, allow_none=True)


@routes.on("GET", "/admin/api-clients", answer=ClientList)
@guard("connection:read")
def list_clients(ctx: Context) -> dict[str, Any]:
    """接口客户端 Systems of integrators."""
    rows = service.list_clients(ctx)
    names = _names(ctx, {code for row, _ in rows for code in row.items or ()})
    longest = platform().settings.api_token_longest.days
    return {"items": [_told(row, site, names) for row, site in rows], "longest_days": longest, "next": None}


@routes.on("POST", "/admin/api-clients", body=ClientBody, answer=ClientWithToken, status=201)
@guard("connection:change", recent=True, remember=False)
def create(ctx: Context, body: dict[str, Any]) -> dict[str, Any]:
    """登记 Register a client. The token is in this answer only."""
    known, longest = _names(ctx, body["items"] or ()), platform().settings.api_token_longest
    row, token = service.create(ctx, service.NewClient(**body), known_items=known, longest=longest)
    return _named(ctx, row) | {"token": token}


@routes.on("PUT", "/admin/api-clients/<int:client_id>", body=ClientChange, answer=ClientAnswer)
@guard("connection:change", recent=True)
def change(ctx: Context, body: dict[str, Any], client_id: int) -> dict[str, Any]:
    """修改 Other topics or items, another end."""
    known, longest = _names(ctx, body["items"] or ()), platform().settings.api_token_longest
    return _named(ctx, service.change(ctx, client_id, service.Change(**body), known_items=known, longest=longest))


@routes.on("POST", "/admin/api-clients/<int:client_id>/rotate", body=RotateBody, answer=ClientWithToken)
@guard("connection:change", recent=True, remember=False)
def rotate(ctx: Context, body: dict[str, Any], client_id: int) -> dict[str, Any]:
    """更换令牌 A new token, in this answer only."""
    overlap, longest = timedelta(hours=body["overlap_hours"]), platform().settings.api_token_longest
    row, token = service.rotate(ctx, client_id, overlap=overlap, expires_at=body["expires_at"], longest=longest)
    return _named(ctx, row) | {"token": token}


@routes.on("POST", "/admin/api-clients/<int:client_id>/revoke", answer=ClientAnswer)
@guard("connection:change")
def revoke(ctx: Context, client_id: int) -> dict[str, Any]:
    """停用 Its tokens are refused from now on."""
    return _named(ctx, service.revoke(ctx, client_id))


def _named(ctx: Context, row: ApiClient) -> dict[str, Any]:
    return _told(row, service.site_name(ctx, row), _names(ctx, row.items or ()))


def _names(ctx: Context, codes: Collection[str]) -> dict[str, str]:
    return items.item_names(ctx.session, codes) if codes else {}


def _told(row: ApiClient, site_name: str | None, names: dict[str, str]) -> dict[str, Any]:
    now = HOST.now()
    expired = row.expires_at is None or row.expires_at <= now
    overlapping = row.previous_until is not None and row.previous_until > now
    return {
        "id": row.id,
        "name": row.name,
        "organisation": row.organisation,
        "site_id": row.site_id,
        "site_name": site_name,
        "scopes": row.scopes,
        "topics": row.topics,
        "items": row.items,
        "item_names": [names.get(code, code) for code in row.items or ()],
        "token_hint": row.token_hint,
        "state": "revoked" if row.revoked_at else "expired" if expired else "active",
        "expires_at": row.expires_at,
        "created_at": row.created_at,
        "rotated_at": row.rotated_at,
        "previous_until": row.previous_until if overlapping else None,
        "last_used_at": row.last_used_at,
        "revoked_at": row.revoked_at,
    }
