"""Accounts of others, for their administrators: where they are logged in, a reset code, a lost second factor."""

from __future__ import annotations

from typing import Any

from marshmallow import fields, validate

from api.account import Ended, SecondFactorStanding, SessionLines, factor_standing, session_lines, session_number
from api.auth import guard
from api.entry import Routes, platform
from api.schemas import Answer, CamelSchema, Moment, choice, many, text
from api.security_notices import tell
from api.spreadsheets import InitialPassword
from domain.actors import Role
from domain.clock import HOST
from domain.context import Context
from domain.identity import attempts, credentials, factor_removals, first_passwords
from domain.identity import service as people
from domain.identity.factor_removals import IdentityCheck
from domain.identity.masking import mask_name
from domain.identity.models import User
from domain.notifications import service as notices

routes = Routes("accounts", "他人账户 Accounts of others")
MOST_AT_ONCE = 100
"""Hashing a password is slow on purpose."""


class LoginReasonBody(CamelSchema):
    """Why; it goes into the record."""

    reason = text(2, 200)


class RemovalBody(LoginReasonBody):
    """Why, and how it was made sure that it is the person who asks."""

    proof = choice(tuple(check.value for check in IdentityCheck), required=True)


class RemovalDecisionBody(CamelSchema):
    """What the second administrator says."""

    agrees = fields.Boolean(required=True)


class ResetAnswer(Answer):
    """A one-time code, shown this once."""

    login = fields.String(required=True)
    code = fields.String(required=True)
    expires_at = Moment(required=True)


class FirstPasswordsBody(CamelSchema):
    """Whose initial password was lost before it reached them."""

    user_ids = fields.List(
        fields.Integer(strict=True),
        required=True,
        validate=validate.Length(1, MOST_AT_ONCE, error=f"count|1|{MOST_AT_ONCE}"),
    )


class FirstPasswordsAnswer(Answer):
    """New initial passwords, in this answer only."""

    passwords = many(InitialPassword)


class RemovalAnswer(Answer):
    """A request to take a lost second factor away; ``mine``: the reader asked and cannot agree."""

    asked_name = fields.String(required=True)
    asked_at = Moment(required=True)
    reason = fields.String(required=True)
    proof = fields.String(required=True, metadata={"enum": [check.value for check in IdentityCheck]})
    mine = fields.Boolean(required=True)


class KeptAccount(Answer):
    """How somebody's log-in stands. ``closedUntil``: too many failures."""

    id = fields.Integer(required=True)
    login = fields.String(required=True)
    name = fields.String(required=True)
    is_active = fields.Boolean(required=True)
    must_change_password = fields.Boolean(required=True)
    password_changed_at = Moment(required=True, allow_none=True)
    closed_until = Moment(required=True, allow_none=True)
    second_factor = fields.Nested(SecondFactorStanding, required=True)
    removal = fields.Nested(RemovalAnswer, required=True, allow_none=True)


@routes.on("GET", "/admin/users/<int:user_id>/account", answer=KeptAccount)
@guard("users:change", "users:appoint")
def get_account_of(ctx: Context, user_id: int) -> dict[str, Any]:
    """账户情况 Password, lock, second factor, and a request to take it away."""
    return _told(ctx, credentials.managed(ctx, user_id))


@routes.on("GET", "/admin/users/<int:user_id>/sessions", answer=SessionLines)
@guard("users:change", "users:appoint")
def list_sessions_of(ctx: Context, user_id: int) -> dict[str, Any]:
    """人员登录情况 Where somebody is logged in."""
    return session_lines(ctx, credentials.managed(ctx, user_id).id, None)


@routes.on("POST", "/admin/users/<int:user_id>/sessions/end", body=LoginReasonBody, answer=Ended)
@guard("users:change", "users:appoint")
def end_sessions_of(ctx: Context, body: dict[str, str], user_id: int) -> dict[str, int]:
    """强制退出 Log somebody out everywhere."""
    count = credentials.end_sessions(ctx, user_id, body["reason"])
    tell(ctx, user_id, "security.sessions-ended", count=count, reason=body["reason"])
    return {"count": count}


@routes.on("POST", "/admin/users/<int:user_id>/sessions/<number>/end", body=LoginReasonBody, answer=Ended)
@guard("users:change", "users:appoint")
def end_session_of(ctx: Context, body: dict[str, str], user_id: int, number: str) -> dict[str, int]:
    """退出该设备 End one of somebody's log-ins."""
    count = credentials.end_sessions(ctx, user_id, body["reason"], number=session_number(number))
    tell(ctx, user_id, "security.sessions-ended", count=count, reason=body["reason"])
    return {"count": count}


@routes.on("POST", "/admin/users/<int:user_id>/password-reset", body=LoginReasonBody, answer=ResetAnswer, status=201)
@guard("users:change", "users:appoint", recent=True, remember=False)
def issue_reset(ctx: Context, body: dict[str, str], user_id: int) -> dict[str, Any]:
    """签发重置码 A one-time code for somebody who forgot the password; it is in this answer only, and lifts a lock."""
    code, expires_at = credentials.issue_reset(ctx, user_id, body["reason"], rules=platform().settings.identity)
    tell(ctx, user_id, "security.reset-issued", reason=body["reason"])
    return {"login": people.get_user(ctx, user_id).login, "code": code, "expires_at": expires_at}


@routes.on("POST", "/admin/users/initial-passwords", body=FirstPasswordsBody, answer=FirstPasswordsAnswer, status=201)
@guard("users:change", "users:appoint", recent=True, remember=False)
def renew_first_passwords(ctx: Context, body: dict[str, list[int]]) -> dict[str, Any]:
    """新的初始密码 New initial passwords for people who never set one of their own; the former ones end."""
    return {"passwords": first_passwords.renew(ctx, body["user_ids"], rules=platform().settings.identity)}


@routes.on("POST", "/admin/users/<int:user_id>/second-factor/removal", body=RemovalBody, answer=KeptAccount, status=201)
@guard("users:change", "users:appoint", recent=True)
def ask_factor_removal(ctx: Context, body: dict[str, str], user_id: int) -> dict[str, Any]:
    """申请解除他人绑定 Ask that a lost second factor is taken away; another administrator agrees."""
    rules = platform().settings.identity
    factor_removals.ask(ctx, user_id, body["reason"], IdentityCheck(body["proof"]), rules=rules)
    user = people.get_user(ctx, user_id)
    tell(ctx, user_id, "security.factor-asked", reason=body["reason"])
    values = {"asker": ctx.actor.name, "name": user.name, "login": user.login, "reason": body["reason"]}
    notices.send(ctx, _deciders(ctx, user), "factor.decide", values)
    return _told(ctx, user)


@routes.on(
    "POST",
    "/admin/users/<int:user_id>/second-factor/removal/decision",
    body=RemovalDecisionBody,
    answer=KeptAccount,
)
@guard("users:change", "users:appoint", recent=True)
def decide_factor_removal(ctx: Context, body: dict[str, bool], user_id: int) -> dict[str, Any]:
    """确认解除绑定 The second administrator's answer; with yes the person's log-ins end and the next one sets up a new factor."""
    row = factor_removals.decide(ctx, user_id, agrees=body["agrees"], rules=platform().settings.identity)
    if row.agreed:
        tell(ctx, user_id, "security.factor-removed")
    return _told(ctx, people.get_user(ctx, user_id))


def _deciders(ctx: Context, user: User) -> list[int]:
    """The administrators of the person's sites, and the platform's, but for the person and who asks."""
    found = set(people.list_platform_holders(ctx, Role.PLATFORM_ADMIN))
    for site in people.actor_for(ctx.session, user).site_ids:
        found.update(people.list_holders(ctx, site, [Role.SITE_ADMIN]))
    return sorted(found - {user.id, ctx.actor.user_id})


def _told(ctx: Context, user: User) -> dict[str, Any]:
    rules = platform().settings.identity
    asked = factor_removals.find_open(ctx, user.id, rules=rules)
    return {
        "id": user.id,
        "login": user.login,
        "name": mask_name(user.name) if user.is_applicant else user.name,
        "is_active": user.is_active,
        "must_change_password": user.must_change_password,
        "password_changed_at": user.password_changed_at,
        "closed_until": attempts.closed_until(ctx, user.login, HOST.now()),
        "second_factor": factor_standing(ctx, user),
        "removal": None
        if asked is None
        else {
            "asked_name": asked.asked_name,
            "asked_at": asked.row.asked_at,
            "reason": asked.row.reason,
            "proof": asked.row.proof,
            "mine": asked.row.asked_by == ctx.actor.user_id,
        },
    }
