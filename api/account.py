"""My account: password, second factor, sessions."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import flask
from marshmallow import fields

from api import problems, security_notices
from api.auth import guard
from api.entry import Routes, platform
from api.limits import LOGIN
from api.schemas import Answer, CamelSchema, Moment, many, text
from api.session import FactorCodeBody, renew_session
from api.session_shapes import SessionAnswer
from domain.context import Context
from domain.errors import Forbidden, NotFound
from domain.identity import credentials, login, second_factor, sessions
from domain.identity import service as people
from domain.identity.models import User
from domain.identity.queries import Login
from domain.identity.sessions import CODE, Must, Proof

routes = Routes("account", "我的账户 My account")


class SecondFactorStanding(Answer):
    """The second factor of an account."""

    enrolled_at = Moment(required=True, allow_none=True)
    codes_left = fields.Integer(required=True)
    required = fields.Boolean(required=True, metadata={"description": "Whether one of the person's roles asks for it."})
    due_at = Moment(required=True, allow_none=True)


class AccountAnswer(Answer):
    """A person's own account."""

    login = fields.String(required=True)
    name = fields.String(required=True)
    has_password = fields.Boolean(required=True)
    password_changed_at = Moment(required=True, allow_none=True)
    password_length = fields.Integer(required=True)
    password_history = fields.Integer(required=True)
    second_factor = fields.Nested(SecondFactorStanding, required=True)


class SessionLine(Answer):
    """One log-in. ``address`` is the network, not the machine."""

    number = fields.UUID(required=True)
    current = fields.Boolean(required=True)
    device = fields.String(required=True)
    address = fields.String(required=True)
    created_at = Moment(required=True)
    last_seen_at = Moment(required=True)
    authenticated_at = Moment(required=True)
    expires_at = Moment(required=True)
    methods = fields.List(fields.String(), required=True)
    level = fields.String(required=True)


class SessionLines(Answer):
    """A person's living log-ins, last used first."""

    items = many(SessionLine)
    next = fields.String(required=True, allow_none=True)


class Ended(Answer):
    """How many log-ins were ended."""

    count = fields.Integer(required=True)


class NewPasswordBody(CamelSchema):
    """The old password and the new one."""

    old = text(1, 200)
    password = text(1, 200)


class EnrolmentAnswer(Answer):
    """What an authenticator scans, or a person types."""

    secret = fields.String(required=True)
    uri = fields.String(required=True)


class RecoveryCodes(Answer):
    """Ten codes, shown this once."""

    codes = fields.List(fields.String(), required=True)


@routes.on("GET", "/account", answer=AccountAnswer)
@guard("account:read", while_owing=[Must.CHANGE_PASSWORD, Must.ENROL])
def get_account(ctx: Context) -> dict[str, Any]:
    """我的账户 Password, second factor, and what the rules ask for."""
    rules, user = platform().settings.identity, _me(ctx)
    return {
        "login": user.login,
        "name": user.name,
        "has_password": user.password_hash.startswith("$argon2"),
        "password_changed_at": user.password_changed_at,
        "password_length": rules.applicant_length if user.is_applicant else rules.staff_length,
        "password_history": rules.former_passwords,
        "second_factor": factor_standing(ctx, user),
    }


@routes.on("POST", "/account/password", body=NewPasswordBody, answer=SessionAnswer)
@guard("account:change", rate=LOGIN, remember=False, while_owing=[Must.CHANGE_PASSWORD])
def change_password(ctx: Context, body: dict[str, str]) -> dict[str, Any] | flask.Response:
    """修改密码 The old one is needed; all other log-ins end, this one gets a new id."""
    rules, found, user = platform().settings.identity, _login(), _me(ctx)
    outcome = credentials.change_password(ctx, user, body["old"], body["password"], keep=found.number, rules=rules)
    if outcome.user is None:
        return problems.respond(outcome.refusal or login.LoginRefused())
    must = login.next_duty(ctx, user, rules, proved=(*found.methods, *_proved(found)))
    security_notices.tell(ctx, user.id, "security.password")
    return renew_session(ctx, Proof(outcome.methods, must=must))


@routes.on("POST", "/account/second-factor", answer=EnrolmentAnswer)
@guard("account:change", recent=True, remember=False, while_owing=[Must.ENROL])
def begin_enrolment(ctx: Context) -> second_factor.Enrolment:
    """绑定动态验证码 A new secret, good once confirmed with its first code."""
    return second_factor.begin(ctx, _me(ctx), platform().settings.deployment_name)


@routes.on("POST", "/account/second-factor/confirm", body=FactorCodeBody, answer=RecoveryCodes)
@guard("account:change", rate=LOGIN, remember=False, while_owing=[Must.ENROL])
def finish_enrolment(ctx: Context, body: dict[str, str]) -> dict[str, Any]:
    """确认绑定 The first code; the answer has ten recovery codes, once. The session gets a new id."""
    codes = second_factor.finish(ctx, _me(ctx), body["code"], cost=platform().settings.identity.cost)
    renew_session(ctx, Proof((CODE,)))
    security_notices.tell(ctx, ctx.actor.user_id, "security.factor-set")
    return {"codes": codes}


@routes.on("POST", "/account/second-factor/codes", answer=RecoveryCodes)
@guard("account:change", recent=True, remember=False)
def renew_codes(ctx: Context) -> dict[str, Any]:
    """恢复码 Ten new ones; the old ones are worth nothing."""
    return {"codes": second_factor.renew_codes(ctx, _me(ctx), cost=platform().settings.identity.cost)}


@routes.on("POST", "/account/second-factor/remove", status=204)
@guard("account:change", recent=True)
def remove_factor(ctx: Context) -> None:
    """解除绑定 For another telephone; not where the role asks for one (an administrator takes a lost one away)."""
    user = _me(ctx)
    if login.needs_second_factor(ctx, user, platform().settings.identity):
        raise Forbidden(
            "您的角色必须使用动态验证码；更换手机请由另一位管理员解除。",
            "Your role needs a second factor: another administrator removes a lost one.",
        )
    second_factor.remove(ctx, user)
    security_notices.tell(ctx, user.id, "security.factor-removed")


@routes.on("GET", "/account/sessions", answer=SessionLines)
@guard("account:read")
def list_sessions(ctx: Context) -> dict[str, Any]:
    """登录设备 Where I am logged in."""
    return session_lines(ctx, ctx.actor.user_id, _login().number)


@routes.on("POST", "/account/sessions/<number>/end", status=204)
@guard("account:change")
def end_session(ctx: Context, number: str) -> None:
    """退出该设备 End one of my log-ins; the next request made with it is refused."""
    sessions.revoke(ctx, ctx.actor.user_id, session_number(number))


@routes.on("POST", "/account/sessions/end-others", answer=Ended)
@guard("account:change")
def end_other_sessions(ctx: Context) -> dict[str, int]:
    """退出其他设备 End all my log-ins but this one."""
    return {"count": sessions.close_sessions_of(ctx, ctx.actor.user_id, keep=_login().number)}


def factor_standing(ctx: Context, user: User) -> dict[str, Any]:
    """The second factor of an account, as its person and administrators see it."""
    standing = second_factor.standing_of(ctx, user.id)
    required = login.needs_second_factor(ctx, user, platform().settings.identity)
    return {
        "enrolled_at": standing.confirmed_at,
        "codes_left": standing.codes_left,
        "required": required,
        "due_at": user.second_factor_due_at if required and standing.confirmed_at is None else None,
    }


def session_number(text: str) -> UUID:
    """The number of a session in an address. Raises :class:`NotFound`."""
    try:
        return UUID(text)
    except ValueError:
        raise NotFound("没有这个登录。", "There is no such session.") from None


def _login() -> Login:
    found: Login = flask.g.login
    return found


def _proved(found: Login) -> tuple[str, ...]:
    """A session that owes no code has proved what the account has."""
    return () if found.must is Must.SECOND_FACTOR else (CODE,)


def _me(ctx: Context) -> User:
    return people.get_user(ctx, ctx.actor.user_id)


def session_lines(ctx: Context, user_id: int, current: UUID | None) -> dict[str, Any]:
    """A person's living log-ins; ``current``: the one that asks."""
    items = [
        {name: getattr(row, name) for name in row.__slots__ if name != "user_agent"}
        | {"device": row.user_agent, "current": row.number == current}
        for row in sessions.list_sessions(ctx, user_id)
    ]
    return {"items": items, "next": None}
