"""Session: log in, log out, who am I; the demo's log-ins."""

from __future__ import annotations

from typing import Any

import flask
from marshmallow import fields
from werkzeug.exceptions import NotFound

from api import auth, problems
from api.entry import ANONYMOUS, Routes, platform
from api.limits import LOGIN
from api.schemas import Answer, CamelSchema, Moment, many, text
from domain.actors import Actor
from domain.cases import labels
from domain.context import Context
from domain.identity import service as identity
from domain.identity import sessions
from domain.identity.functions import allowed
from domain.sites import queries as sites

routes = Routes("session", "会话 Session")


class HeldRole(Answer):
    """A role held at a site; platform-wide roles have site 0."""

    site_id = fields.Integer(required=True)
    site_code = fields.String(required=True)
    site_name = fields.String(required=True)
    role = fields.String(required=True)
    role_name = fields.String(required=True)
    role_name_en = fields.String(required=True)


class CurrentUser(Answer):
    """Who is logged in."""

    id = fields.Integer(required=True)
    name = fields.String(required=True)
    login = fields.String(required=True)
    is_applicant = fields.Boolean(required=True)
    roles = many(HeldRole)
    functions = fields.List(
        fields.String(),
        required=True,
        metadata={"description": "What these roles may do: `function:act` of the matrix"},
    )


class Mode(Answer):
    """How this deployment runs."""

    training = fields.Boolean(required=True)
    demo = fields.Boolean(required=True)
    one_person = fields.Boolean(
        required=True, metadata={"description": "Whoever drew a model may publish it: a demonstration by one person"}
    )
    now = Moment(required=True)
    deployment_name = fields.String(required=True)


class SessionAnswer(Answer):
    """The session of this browser."""

    user = fields.Nested(CurrentUser, required=True, allow_none=True)
    csrf_token = fields.String(required=True)
    mode = fields.Nested(Mode, required=True)


class LoginBody(CamelSchema):
    """Log-in name and password."""

    login = text(1, 60)
    password = text(1, 200)


class DemoLogin(Answer):
    """A person of the demo."""

    login = fields.String(required=True)
    password = fields.String(required=True)
    name = fields.String(required=True)
    site_name = fields.String(required=True)
    role_names = fields.List(fields.String(), required=True)
    hint = fields.String(required=True)


class DemoLogins(Answer):
    """All people of the demo."""

    items = many(DemoLogin)


@routes.on("GET", "/session", answer=SessionAnswer)
@auth.public("session:use")
def get_session(ctx: Context) -> dict[str, Any]:
    """当前会话 Who is logged in, the CSRF token, and how the deployment runs."""
    login = flask.g.login
    if login is None:
        return _session(ctx, None, "", auth.anonymous_csrf(auth.ensure_csrf_seed()))
    return _session(ctx, login.actor, login.login, login.csrf_token)


@routes.on("POST", "/session", body=LoginBody, answer=SessionAnswer)
@auth.public("session:use", rate=LOGIN)
def log_in(ctx: Context, body: dict[str, str]) -> dict[str, Any] | flask.Response:
    """登录 Log in. Repeated failures lock the account for a while."""
    settings = platform().settings
    outcome = identity.authenticate(ctx, body["login"], body["password"])
    if outcome.user is None:
        # Answered, not raised: the count of failures has to be committed.
        return problems.respond(outcome.refusal or identity.LoginRefused())
    old = auth.session_token()
    if old:
        sessions.close_session(ctx, old)
    agent = flask.request.headers.get("User-Agent", "")
    token, row = sessions.open_session(ctx, outcome.user, settings.session_lifetime, user_agent=agent)
    auth.set_cookie(auth.SESSION_COOKIE, token, max_age=int(settings.session_lifetime.total_seconds()))
    actor = identity.actor_for(ctx.session, outcome.user)
    return _session(ctx, actor, outcome.user.login, row.csrf_token)


@routes.on("DELETE", "/session", answer=SessionAnswer)
@auth.public("session:use")
def log_out(ctx: Context) -> dict[str, Any]:
    """退出 Log out."""
    token = auth.session_token()
    if token:
        sessions.close_session(ctx, token)
        auth.set_cookie(auth.SESSION_COOKIE, None)
    return _session(ctx, None, "", auth.anonymous_csrf(auth.ensure_csrf_seed()))


@routes.on("GET", "/demo/logins", answer=DemoLogins)
@auth.public("session:use")
def list_demo_logins(ctx: Context) -> dict[str, Any]:
    """演示账号 The people of the demo (only in demo mode)."""
    del ctx
    if not platform().settings.demo:
        raise NotFound
    from bootstrap.demo import people

    rows = [_demo_login(person.login, person.name, "", ["申请人"], person.hint) for person in people.APPLICANTS]
    rows += [
        _demo_login(
            person.login,
            person.name,
            person.site.name if person.site else "全平台",
            [labels.name_of(labels.ROLES, person.role)],
            person.hint,
        )
        for person in people.staff()
    ]
    return {"items": [row | {"password": people.PASSWORD} for row in rows]}


def _demo_login(login: str, name: str, site_name: str, role_names: list[str], hint: str) -> dict[str, Any]:
    return {"login": login, "name": name, "site_name": site_name, "role_names": role_names, "hint": hint}


def _session(ctx: Context, actor: Actor | None, login: str, csrf_token: str) -> dict[str, Any]:
    settings = platform().settings
    return {
        "user": _user(ctx, actor, login) if actor and actor is not ANONYMOUS else None,
        "csrf_token": csrf_token,
        "mode": {
            "training": settings.training,
            "demo": settings.demo,
            "one_person": platform().one_person,
            "now": ctx.clock.now(),
            "deployment_name": settings.deployment_name,
        },
    }


def _user(ctx: Context, actor: Actor, login: str) -> dict[str, Any]:
    found = sites.sites_by_id(ctx.session, actor.site_ids)
    roles = [
        {
            "site_id": site_id,
            "site_code": found[site_id].code if site_id in found else "",
            "site_name": found[site_id].name if site_id in found else "全平台",
            "role": str(role),
            "role_name": labels.name_of(labels.ROLES, role),
            "role_name_en": labels.name_en_of(labels.ROLES, role),
        }
        for site_id, held in sorted(actor.grants.items())
        for role in sorted(held)
    ]
    return {
        "id": actor.user_id,
        "name": actor.name,
        "login": login,
        "is_applicant": actor.is_applicant,
        "roles": roles,
        "functions": allowed(actor),
    }
