"""新的初始密码: whoever never set a password of their own gets a new initial one, when the first was lost before it reached them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from domain.audit import service as audit
from domain.context import Context
from domain.errors import Conflict
from domain.identity import attempts, credentials, sessions
from domain.identity.administration import initial_password
from domain.identity.passwords import hash_password
from domain.identity.rules import Rules


class PasswordOfTheirOwn(Conflict):
    """The person has set a password: nobody else gives one."""

    code = "password-of-their-own"
    title_zh = "该人员已设置自己的密码"
    title_en = "This person has a password of their own"
    next_zh = "忘记密码的，请在“账户”中签发重置码。"
    next_en = "For a forgotten password, give a reset code under “Account”."


@dataclass(frozen=True, slots=True)
class FirstPassword:
    """What the person logs in with the first time; told once."""

    login: str
    name: str
    password: str


def renew(ctx: Context, user_ids: Sequence[int], *, rules: Rules) -> list[FirstPassword]:
    """New initial passwords, all or none; the former ones and log-ins with them end.

    Raises :class:`PasswordOfTheirOwn`, and what :func:`domain.identity.credentials.managed` raises.
    """
    made = []
    for user_id in dict.fromkeys(user_ids):
        user = credentials.managed(ctx, user_id)
        if user.is_applicant or not user.must_change_password or user.password_changed_at is not None:
            raise PasswordOfTheirOwn(f"账号 {user.login} 已有自己的密码。", f"The account {user.login} has its own.")
        password = initial_password()
        user.password_hash = hash_password(password, rules.cost)
        sessions.close_sessions_of(ctx, user.id)
        attempts.release(ctx, user.login)
        audit.record(ctx, "password.initial-renewed", data={"userId": user.id})
        made.append(FirstPassword(user.login, user.name, password))
    ctx.session.flush()
    return made
