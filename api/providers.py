"""Identity providers: the buttons of log-in pages, logging out there too, linking staff, how providers are doing."""

from __future__ import annotations

from typing import Any

import flask
from marshmallow import fields

from api import auth
from api.auth import guard
from api.entry import Routes, platform
from api.limits import SEARCH
from api.oidc import seal_hint
from api.schemas import Answer, CamelSchema, Moment, many, text
from api.security_notices import tell
from domain.context import Context
from domain.federation import administering, links, standing
from domain.federation.administering import LinkRow
from domain.federation.models import ProviderState
from domain.federation.providers import Provider
from domain.identity import sessions
from domain.identity.queries import Login
from domain.identity.sessions import Must

routes = Routes("providers", "统一身份认证 Identity providers")


class ProviderButton(Answer):
    """A provider to log in by: open ``address`` with ``return`` (a page of ours)."""

    key = fields.String(required=True)
    name = fields.String(required=True)
    name_en = fields.String(required=True)
    audience = fields.String(required=True, metadata={"enum": ["staff", "natural", "legal"]})
    address = fields.String(required=True)


class ProviderButtons(Answer):
    """Ways to log in. ``localLogin``: who may log in with a password."""

    items = many(ProviderButton)
    local_login = fields.String(required=True, metadata={"enum": ["everyone", "administrators"]})


class SignOutBody(CamelSchema):
    """Where to log out."""

    everywhere = fields.Boolean(load_default=False)


class SignOutAnswer(Answer):
    """Where the browser goes to end the provider's session too; null: there is none."""

    address = fields.String(required=True, allow_none=True)


class AdminProvider(ProviderButton):
    """A provider as administrators see it."""

    issuer = fields.String(required=True)
    client_id = fields.String(required=True)
    levels = fields.List(fields.String(), required=True)
    by_number = fields.Boolean(required=True)
    checked_at = Moment(required=True, allow_none=True)
    reachable = fields.Boolean(required=True, allow_none=True)
    problem = fields.String(required=True)
    note = fields.String(required=True)
    note_en = fields.String(required=True)
    keys_at = Moment(required=True, allow_none=True)
    key_count = fields.Integer(required=True)


class AdminProviders(Answer):
    """All providers of the deployment."""

    items = many(AdminProvider)
    local_login = fields.String(required=True)


class LinkAnswer(Answer):
    """Whom an identity is here. ``bound``: its subject has logged in; before that the number waits."""

    id = fields.Integer(required=True)
    user_id = fields.Integer(required=True)
    login = fields.String(required=True)
    name = fields.String(required=True)
    is_applicant = fields.Boolean(required=True)
    is_active = fields.Boolean(required=True)
    provider = fields.String(required=True)
    number = fields.String(required=True)
    bound = fields.Boolean(required=True)
    created_at = Moment(required=True)
    used_at = Moment(required=True, allow_none=True)


class Links(Answer):
    """Links."""

    items = many(LinkAnswer)


class LinkBody(CamelSchema):
    """Link an account by the staff number that the provider tells."""

    provider = text(1, 40)
    user_id = fields.Integer(required=True)
    number = text(1, 100)


class NumberBody(CamelSchema):
    """An applicant's number: 公民身份号码 or 统一社会信用代码."""

    number = text(1, 40)


@routes.on("GET", "/providers", answer=ProviderButtons)
@auth.public("session:use", while_owing=Must)
def list_providers(ctx: Context) -> dict[str, Any]:
    """登录方式 Ways to log in."""
    del ctx
    providers = platform().settings.providers
    return {"items": [_button(each) for each in providers.every], "local_login": _local()}


@routes.on("POST", "/session/sign-out", body=SignOutBody, answer=SignOutAnswer)
@guard("session:use", remember=False, while_owing=Must)
def sign_out(ctx: Context, body: dict[str, bool]) -> dict[str, Any]:
    """退出登录 Log out here (or everywhere), and find out where to end the provider's session too."""
    login: Login = flask.g.login
    federated = standing.find(ctx, login.number)
    if body["everywhere"]:
        sessions.close_sessions_of(ctx, login.actor.user_id)
    else:
        sessions.close_session(ctx, auth.session_token() or "")
    auth.set_cookie(auth.SESSION_COOKIE, None)
    if federated is None or platform().settings.providers.find(federated.provider) is None:
        return {"address": None}
    seal_hint(federated.provider, federated.hint or "")
    return {"address": f"/oidc/{federated.provider}/log-out"}


@routes.on("GET", "/admin/providers", answer=AdminProviders)
@guard("connection:read")
def list_admin_providers(ctx: Context) -> dict[str, Any]:
    """身份认证系统 Providers and how they did when they were last asked."""
    states = administering.states(ctx)
    rows = [_admin(each, states.get(each.key)) for each in platform().settings.providers.every]
    return {"items": rows, "local_login": _local()}


@routes.on("GET", "/admin/identity-links", answer=Links)
@guard("users:read")
def list_links(ctx: Context) -> dict[str, Any]:
    """身份绑定 Links of staff."""
    return {"items": [_link(row) for row in administering.list_staff(ctx)]}


@routes.on("PUT", "/admin/identity-links", body=LinkBody, answer=LinkAnswer)
@guard("users:change", "users:appoint", recent=True)
def put_link(ctx: Context, body: dict[str, Any]) -> dict[str, Any]:
    """绑定工号 Link a member of staff by staff number."""
    provider = links.find_provider(platform().settings.providers, body["provider"])
    row = administering.put(ctx, provider, body["user_id"], body["number"])
    tell(ctx, row.user_id, "security.link-set")
    return _link(row)


@routes.on("DELETE", "/admin/identity-links/<int:link_id>", status=204)
@guard("users:change", "users:appoint")
def delete_link(ctx: Context, link_id: int) -> None:
    """解除绑定 Undo a link; sessions that hang on it end."""
    administering.remove(ctx, link_id)


@routes.on("POST", "/admin/identity-links/search", body=NumberBody, answer=Links)
@guard("users:appoint", rate=SEARCH, remember=False)
def search_links(ctx: Context, body: dict[str, str]) -> dict[str, Any]:
    """查找申请人的绑定 Links of the applicant with this number."""
    return {"items": [_link(row) for row in administering.search_applicants(ctx, body["number"])]}


def _local() -> str:
    return "administrators" if platform().settings.providers.only_admins else "everyone"


def _button(provider: Provider) -> dict[str, Any]:
    return {
        "key": provider.key,
        "name": provider.name,
        "name_en": provider.name_en,
        "audience": str(provider.audience),
        "address": f"/oidc/{provider.key}/log-in",
    }


def _admin(provider: Provider, state: ProviderState | None) -> dict[str, Any]:
    return _button(provider) | {
        "issuer": provider.issuer,
        "client_id": provider.client_id,
        "levels": [str(level) for level in provider.levels],
        "by_number": "employeeNo" in provider.claims,
        "checked_at": None if state is None else state.checked_at,
        "reachable": None if state is None else state.reachable,
        "problem": "" if state is None else state.problem,
        "note": "" if state is None else state.note,
        "note_en": "" if state is None else state.note_en,
        "keys_at": None if state is None else state.keys_at,
        "key_count": 0 if state is None else state.key_count,
    }


def _link(row: LinkRow) -> dict[str, Any]:
    shown = {name: getattr(row, name) for name in LinkRow.__slots__ if name != "issuer"}
    candidates = platform().settings.providers.of(applicants=row.is_applicant)
    known = (each.key for each in candidates if each.issuer == row.issuer)
    return shown | {"provider": next(known, row.issuer)}
