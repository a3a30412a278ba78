"""Session: log in (password, then perhaps a code), prove it again, log out, who am I; the demo's log-ins."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import flask
from marshmallow import fields
from werkzeug.exceptions import NotFound

from api import auth, problems, security_notices
from api.entry import ANONYMOUS, Routes, platform
from api.limits import LOGIN
from api.schemas import Answer, CamelSchema, many, text
from api.session_shapes import SessionAnswer
from api.shapes import EVERYWHERE, place_name
from domain.actors import Role
from domain.cases import labels
from domain.context import Context
from domain.federation import by_password, standing
from domain.federation.providers import Provider
from domain.identity import arrivals, credentials, login, sessions
from domain.identity import service as people_of
from domain.identity.functions import allowed
from domain.identity.models import LoginSession
from domain.identity.queries import Login
from domain.identity.sessions import Must, Proof
from domain.sites import queries as sites

routes = Routes("session", "会话 Session")


class LoginBody(CamelSchema):
    """Log-in name and password."""

    login = text(1, 60)
    password = text(1, 200)


class FactorCodeBody(CamelSchema):
    """Six digits of the authenticator, or a recovery code."""

    code = text(6, 40)


class StepUpBody(CamelSchema):
    """The code of who has a second factor, else the password."""

    password = text(1, 200, required=False, load_default=None, allow_none=True)
    code = text(6, 40, required=False, load_default=None, allow_none=True)


class ResetBody(CamelSchema):
    """A one-time code from an administrator, and the new password."""

    login = text(1, 60)
    code = text(1, 80)
    password = text(1, 200)


class DemoLogin(Answer):
    """A person of the demo."""

    login = fields.String(required=True)
    password = fields.String(required=True)
    name = fields.String(required=True)
    site_name = fields.String(required=True)
    role_names = fields.List(fields.String(), required=True)
    role_names_en = fields.List(fields.String(), required=True)
    hint = fields.String(required=True)


class DemoLogins(Answer):
    """All people of the demo."""

    items = many(DemoLogin)


@routes.on("GET", "/session", answer=SessionAnswer)
@auth.public("session:use", while_owing=Must)
def get_session(ctx: Context) -> dict[str, Any]:
    """当前会话 Who is logged in, the CSRF token, and how the deployment runs."""
    found = flask.g.login
    return visitor(ctx) if found is None else answer(ctx, found)


@routes.on("POST", "/session", body=LoginBody, answer=SessionAnswer)
@auth.public("session:use", rate=LOGIN, while_owing=Must)
def log_in(ctx: Context, body: dict[str, str]) -> dict[str, Any] | flask.Response:
    """登录 Log in. Repeated failures lock the account for a while; ``pending`` says whether a code or a new password is due."""
    rules = platform().settings.identity
    address = flask.request.remote_addr or ""
    outcome = login.authenticate(ctx, body["login"], body["password"], address=address, rules=rules)
    if outcome.user is None:
        # Answered, not raised: the count of failures has to be committed.
        return problems.respond(outcome.refusal or login.LoginRefused())
    by_password.require(ctx, platform().settings.providers, outcome.user)
    return open_session(ctx, outcome.user, Proof(outcome.methods, must=outcome.must))


@routes.on("POST", "/session/second-factor", body=FactorCodeBody, answer=SessionAnswer)
@auth.guard("session:use", rate=LOGIN, remember=False, while_owing=[Must.SECOND_FACTOR])
def give_code(ctx: Context, body: dict[str, str]) -> dict[str, Any] | flask.Response:
    """动态验证码 The second step of a log-in."""
    found: Login = flask.g.login
    if found.must is not Must.SECOND_FACTOR:
        return answer(ctx, found)
    outcome = login.confirm(ctx, _user(ctx), body["code"], rules=platform().settings.identity)
    if outcome.user is not None:
        security_notices.note_device(ctx, outcome.user.id)
    return _prove(ctx, outcome)


@routes.on("POST", "/session/step-up", body=StepUpBody, answer=SessionAnswer)
@auth.guard("session:use", rate=LOGIN, remember=False)
def step_up(ctx: Context, body: dict[str, str | None]) -> dict[str, Any] | flask.Response:
    """再次验证 Prove again who you are, before something sensitive; the session gets a new id."""
    rules, found, user = platform().settings.identity, flask.g.login, _user(ctx)
    way = login.way_to_prove(ctx, user.id, found.methods)
    outcome = login.prove_again(ctx, user, password=body["password"], code=body["code"], way=way, rules=rules)
    return _prove(ctx, outcome)


@routes.on("POST", "/session/reset", body=ResetBody, status=204)
@auth.public("session:use", rate=LOGIN, while_owing=Must)
def reset_password(ctx: Context, body: dict[str, str]) -> flask.Response | None:
    """重置密码 Set a new password with an administrator's one-time code; then log in."""
    rules = platform().settings.identity
    refusal = credentials.reset_password(ctx, body["login"], body["code"], body["password"], rules=rules)
    if refusal is not None:
        return problems.respond(refusal)
    user = people_of.find_user(ctx, body["login"])
    if user is not None:
        security_notices.tell(ctx, user.id, "security.password")
    return None


@routes.on("DELETE", "/session", answer=SessionAnswer)
@auth.public("session:use", while_owing=Must)
def log_out(ctx: Context) -> dict[str, Any]:
    """退出 Log out."""
    token = auth.session_token()
    if token:
        sessions.close_session(ctx, token)
        auth.set_cookie(auth.SESSION_COOKIE, None)
    return visitor(ctx)


@routes.on("GET", "/demo/logins", answer=DemoLogins)
@auth.public("session:use")
def list_demo_logins(ctx: Context) -> dict[str, Any]:
    """演示账号 The people of the demo (only in demo mode)."""
    del ctx
    if not platform().settings.demo:
        raise NotFound
    from bootstrap.demo import people

    rows = [_demo_login(person.login, person.name, "", Role.APPLICANT, person.hint) for person in people.APPLICANTS]
    rows += [
        _demo_login(
            person.login,
            person.name,
            person.site.name if person.site else EVERYWHERE,
            person.role,
            person.hint,
        )
        for person in people.staff()
    ]
    return {"items": [row | {"password": people.PASSWORD} for row in rows]}


def open_session(ctx: Context, user: Any, proof: Proof) -> dict[str, Any]:
    """A new session for this browser, with its cookie; the one before ends. For every way to log in."""
    settings = platform().settings
    old = auth.session_token()
    if old:
        sessions.close_session(ctx, old)
    if proof.must is not Must.SECOND_FACTOR:
        security_notices.note_device(ctx, user.id)
    token, row = sessions.open_session(
        ctx,
        user,
        settings.session_idle,
        proof=proof,
        lifetime=settings.session_lifetime,
        user_agent=flask.request.headers.get("User-Agent", ""),
        address=flask.request.remote_addr or "",
    )
    return _told(ctx, token, row)


def renew_session(ctx: Context, proof: Proof) -> dict[str, Any]:
    """The person of this browser's session proved it again: a new id, the same session. For every way to do so."""
    token, row = sessions.renew(ctx, auth.session_token() or "", platform().settings.session_idle, proof=proof)
    return _told(ctx, token, row)


def visitor(ctx: Context) -> dict[str, Any]:
    """The answer for nobody."""
    return _session(ctx, None, auth.anonymous_csrf(auth.ensure_csrf_seed()))


def answer(ctx: Context, found: Login) -> dict[str, Any]:
    """The answer for somebody."""
    return _session(ctx, found, found.csrf_token)


def _user(ctx: Context) -> Any:
    return people_of.get_user(ctx, ctx.actor.user_id)


def _prove(ctx: Context, outcome: login.Authentication) -> dict[str, Any] | flask.Response:
    if outcome.user is None:
        return problems.respond(outcome.refusal or login.LoginRefused())
    return renew_session(ctx, Proof(outcome.methods, must=outcome.must))


def _told(ctx: Context, token: str, row: LoginSession) -> dict[str, Any]:
    lifetime = platform().settings.session_lifetime
    auth.set_cookie(auth.SESSION_COOKIE, token, max_age=int(lifetime.total_seconds()))
    return answer(ctx, arrivals.login_now(ctx.session, row, training=platform().settings.training))


def _demo_login(login: str, name: str, site_name: str, role: Role, hint: str) -> dict[str, Any]:
    words, words_en = labels.names_of(labels.ROLES, role)
    return {
        "login": login,
        "name": name,
        "site_name": site_name,
        "role_names": [words],
        "role_names_en": [words_en],
        "hint": hint,
    }


def _session(ctx: Context, found: Login | None, csrf_token: str) -> dict[str, Any]:
    settings = platform().settings
    known = found is not None and found.must is not Must.SECOND_FACTOR
    way = login.Way.PASSWORD
    if found is not None and known:
        way = login.way_to_prove(ctx, found.actor.user_id, found.methods)
    return {
        "user": _told_user(ctx, found) if found is not None and known and found.actor is not ANONYMOUS else None,
        "csrf_token": csrf_token,
        "pending": None if found is None else found.must,
        "level": "" if found is None else found.level,
        "methods": [] if found is None else list(found.methods),
        "authenticated_at": None if found is None else found.authenticated_at,
        "step_up": way,
        "step_up_provider": _provider(ctx, found) if found is not None and way is login.Way.PROVIDER else None,
        "enrol_by": _enrol_by(ctx, found) if found is not None and known and way is login.Way.PASSWORD else None,
        "mode": {
            "training": settings.training,
            "demo": settings.demo,
            "one_person": platform().one_person,
            "now": ctx.clock.now(),
            "deployment_name": settings.deployment_name,
        },
    }


def _provider(ctx: Context, found: Login) -> Provider | None:
    """Where the session came from; None when the deployment no longer has that provider."""
    row = standing.find(ctx, found.number)
    return None if row is None else platform().settings.providers.find(row.provider)


def _enrol_by(ctx: Context, found: Login) -> datetime | None:
    """Until when somebody without a second factor has to set one up; None: none is owed."""
    rules, actor = platform().settings.identity, found.actor
    if not rules.second_factor_roles or actor.is_applicant or not actor.user_id:
        return None
    user = people_of.get_user(ctx, actor.user_id)
    return user.second_factor_due_at if login.needs_second_factor(ctx, user, rules) else None


def _told_user(ctx: Context, found: Login) -> dict[str, Any]:
    actor = found.actor
    at = sites.sites_by_id(ctx.session, actor.site_ids)
    roles = [
        {
            "site_id": site_id,
            "site_code": at[site_id].code if site_id in at else "",
            "site_name": place_name(site_id, at),
            **_role(role),
        }
        for site_id, held in sorted(actor.grants.items())
        for role in sorted(held)
    ]
    return {
        "id": actor.user_id,
        "name": actor.name,
        "login": found.login,
        "is_applicant": actor.is_applicant,
        "roles": roles,
        "functions": allowed(actor),
        "acts_for": [
            {"delegation_id": each.id, "name": each.name, "site_id": each.site_id, **_role(each.role)}
            for each in actor.behalf
        ],
    }


def _role(role: str) -> dict[str, str]:
    return {
        "role": str(role),
        "role_name": labels.name_of(labels.ROLES, role),
        "role_name_en": labels.name_en_of(labels.ROLES, role),
    }
