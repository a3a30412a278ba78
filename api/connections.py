"""Connections: secrets by reference, hosts that may be called, and what was called."""

from __future__ import annotations

from typing import Any

from marshmallow import fields, validate

from api import paging
from api.auth import guard
from api.entry import Routes
from api.schemas import Answer, CamelSchema, Moment, cursor, limit, many, text
from api.shapes import place_name
from domain.connectors import hosts, queries
from domain.context import Context
from domain.errors import find_next, find_title
from domain.identity import functions
from domain.secrets import service as secrets
from domain.sites import queries as sites

routes = Routes("connections", "外部连接 Connections")


class SecretAnswer(Answer):
    """A secret without anything of its value. Without site: the platform's. ``used_by``: hosts it may be sent to, and robots."""

    id = fields.Integer(required=True)
    site_id = fields.Integer(required=True, allow_none=True)
    site_name = fields.String(required=True)
    name = fields.String(required=True)
    note = fields.String(required=True)
    used_by = fields.List(fields.String(), required=True)
    changed_at = Moment(required=True)
    changed_by = fields.String(required=True)


class Secrets(Answer):
    """Secrets of own sites and of the platform."""

    items = many(SecretAnswer)


class SecretBody(CamelSchema):
    """A name, its value (write-only) and a note."""

    site_id = fields.Integer(load_default=None, allow_none=True)
    name = text(1, 60)
    value = text(1, 16384)
    note = text(0, 200, required=False, load_default="")


class HostAnswer(Answer):
    """A host that may be called, by whom it was allowed and why; how it is doing."""

    id = fields.Integer(required=True)
    site_id = fields.Integer(required=True, allow_none=True)
    site_name = fields.String(required=True)
    host = fields.String(required=True)
    port = fields.Integer(required=True)
    is_internal = fields.Boolean(required=True)
    is_plain = fields.Boolean(required=True)
    secrets = fields.List(fields.String(), required=True)
    most_at_once = fields.Integer(required=True)
    failures_to_open = fields.Integer(required=True)
    pause_seconds = fields.Integer(required=True)
    reason = fields.String(required=True)
    changed_at = Moment(required=True)
    changed_by = fields.String(required=True)
    failures = fields.Integer(required=True)
    open_until = Moment(required=True, allow_none=True)


class Hosts(Answer):
    """The allow-list."""

    items = many(HostAnswer)


class HostBody(CamelSchema):
    """An entry of the allow-list. Internal hosts (private addresses) are for the platform's administrator to allow."""

    site_id = fields.Integer(load_default=None, allow_none=True)
    host = text(1, 253)
    port = fields.Integer(load_default=443, validate=validate.Range(1, 65535, error="range|1|65535"))
    is_internal = fields.Boolean(load_default=False)
    is_plain = fields.Boolean(load_default=False)
    secrets = fields.List(text(1, 60), load_default=list, validate=validate.Length(max=20, error="length|0|20"))
    most_at_once = fields.Integer(load_default=8, validate=validate.Range(1, 1000, error="range|1|1000"))
    failures_to_open = fields.Integer(load_default=5, validate=validate.Range(1, 1000, error="range|1|1000"))
    pause_seconds = fields.Integer(load_default=60, validate=validate.Range(1, 86400, error="range|1|86400"))
    reason = text(1, 300)


class HttpCallAnswer(Answer):
    """One try of a call; ``path`` holds placeholders in place of values."""

    id = fields.Integer(required=True)
    element_id = fields.String(required=True)
    method = fields.String(required=True)
    host = fields.String(required=True)
    path = fields.String(required=True)
    state = fields.String(required=True, metadata={"enum": ["running", "answered", "failed", "abandoned"]})
    status = fields.Integer(required=True, allow_none=True)
    milliseconds = fields.Integer(required=True, allow_none=True)
    sent_bytes = fields.Integer(required=True)
    received_bytes = fields.Integer(required=True, allow_none=True)
    error_code = fields.String(required=True, allow_none=True)
    error_name = fields.String(required=True)
    error_name_en = fields.String(required=True)
    next_step = fields.String(required=True)
    next_step_en = fields.String(required=True)
    case_no = fields.String(required=True, allow_none=True)
    started_at = Moment(required=True)


class HttpCalls(Answer):
    """A page of calls, newest first."""

    items = many(HttpCallAnswer)
    next = fields.String(required=True, allow_none=True)


class HttpCallQuery(CamelSchema):
    """Which calls."""

    failed = fields.Boolean(load_default=False)
    limit = limit()
    after = cursor()


@routes.on("GET", "/admin/secrets", answer=Secrets)
@guard("connection:read")
def list_secrets(ctx: Context) -> dict[str, Any]:
    """密钥 Names of secrets, who changed them, what uses them; never a value."""
    rows = secrets.list_secrets(ctx, functions.sites_where(ctx.actor, "connection:read"))
    names = _names(ctx, rows)
    used = queries.uses_of_secrets(ctx, functions.sites_where(ctx.actor, "connection:read"))
    return {"items": [_secret(row, names, used) for row in rows]}


@routes.on("PUT", "/admin/secrets", body=SecretBody, answer=SecretAnswer)
@guard("connection:change", recent=True)
def put_secret(ctx: Context, body: dict[str, Any]) -> dict[str, Any]:
    """登记密钥 Keep a secret or replace its value."""
    row = secrets.put(ctx, body["name"], body["value"], site_id=body["site_id"], note=body["note"])
    return _secret(
        row, _names(ctx, [row]), queries.uses_of_secrets(ctx, functions.sites_where(ctx.actor, "connection:read"))
    )


@routes.on("DELETE", "/admin/secrets/<int:secret_id>", status=204)
@guard("connection:change")
def delete_secret(ctx: Context, secret_id: int) -> None:
    """删除密钥 Forget a secret."""
    secrets.remove(ctx, secret_id)


@routes.on("GET", "/admin/hosts", answer=Hosts)
@guard("connection:read")
def list_hosts(ctx: Context) -> dict[str, Any]:
    """白名单 Hosts that may be called."""
    rows = hosts.list_hosts(ctx, functions.sites_where(ctx.actor, "connection:read"))
    names, states = _names(ctx, rows), queries.states_of_hosts(ctx, rows)
    return {"items": [_host(row, names, states) for row in rows]}


@routes.on("PUT", "/admin/hosts", body=HostBody, answer=HostAnswer)
@guard("connection:change", recent=True)
def put_host(ctx: Context, body: dict[str, Any]) -> dict[str, Any]:
    """放行主机 Allow a host or change its entry."""
    given = {name: value for name, value in body.items() if name not in ("host", "reason", "secrets")}
    row = hosts.put(ctx, body["host"], body["reason"], names=body["secrets"], **given)
    return _host(row, _names(ctx, [row]), queries.states_of_hosts(ctx, [row]))


@routes.on("DELETE", "/admin/hosts/<int:host_id>", status=204)
@guard("connection:change")
def delete_host(ctx: Context, host_id: int) -> None:
    """移出白名单 Take a host off the list."""
    hosts.remove(ctx, host_id)


@routes.on("GET", "/admin/http-calls", answer=HttpCalls, query=HttpCallQuery)
@guard("connection:read")
def list_http_calls(ctx: Context, query: dict[str, Any]) -> dict[str, Any]:
    """调用记录 Calls of HTTP tasks: where, how long, with what status; no content."""
    after, size = paging.decode(query["after"]), query["limit"]
    before = int(after[0]) if after else None
    own = functions.sites_where(ctx.actor, "connection:read")
    rows = queries.list_calls(ctx, own, only_failed=query["failed"], before_id=before, limit=size)
    page = rows[:size]
    items = [{**row, **_error(row["error_code"])} for row in page]
    return {"items": items, "next": paging.encode([page[-1]["id"]]) if len(rows) > size else None}


def _error(code: str | None) -> dict[str, str]:
    """The error in words, and what to do; one that the model names itself (a BPMN error) is its own word."""
    name, name_en = (find_title(code) or (code, code)) if code else ("", "")
    step, step_en = (find_next(code) or ("", "")) if code else ("", "")
    return {"error_name": name, "error_name_en": name_en, "next_step": step, "next_step_en": step_en}


def _names(ctx: Context, rows: Any) -> dict[int, Any]:
    return sites.sites_by_id(ctx.session, [row.site_id for row in rows if row.site_id])


def _secret(row: secrets.SecretRow, names: dict[int, Any], used: dict[str, list[str]]) -> dict[str, Any]:
    shown = {field: getattr(row, field) for field in row.__dataclass_fields__}
    return {**shown, "site_name": place_name(row.site_id, names), "used_by": used.get(row.name, [])}


def _host(row: Any, names: dict[int, Any], states: dict[str, Any]) -> dict[str, Any]:
    columns = [name for name in HostAnswer._declared_fields if hasattr(row, name)]  # noqa: SLF001 -- marshmallow's own record
    state = states.get(f"{row.host}:{row.port}")
    return {
        **{name: getattr(row, name) for name in columns},
        "site_name": place_name(row.site_id, names),
        "failures": 0 if state is None else state.failures,
        "open_until": None if state is None else state.open_until,
    }
