"""The first platform administrator of a deployment, and the way back for one who is locked out: by the operators of the machine only.

Nobody chooses or learns a password for somebody else: the command tells a one-time code, with which the person sets one; the second
factor follows at the first log-in.
"""

from __future__ import annotations

import secrets
from datetime import datetime

from sqlalchemy import func, select

from domain.actors import Role
from domain.audit import service as audit
from domain.clock import HOST, Clock
from domain.context import Context
from domain.errors import Conflict, NotFound
from domain.identity import attempts, second_factor, sessions
from domain.identity import service as identity
from domain.identity.administration import LOGIN, BadLogin, LoginTaken
from domain.identity.credentials import issue_reset
from domain.identity.login import PLAIN
from domain.identity.rules import Rules


class AdministratorExists(Conflict):
    """The deployment has a platform administrator, who appoints others."""

    code = "administrator-exists"
    title_zh = "已有平台管理员"
    title_en = "There is a platform administrator already"
    next_zh = "请由现有平台管理员在“人员”中任命；本人无法登录时用 lianban administrator recover。"
    next_en = "The present one appoints others on the page “People”; locked out: lianban administrator recover."


def create_first(
    ctx: Context, login: str, name: str, *, rules: Rules = PLAIN, clock: Clock = HOST
) -> tuple[str, datetime]:
    """Register the first platform administrator: (one-time code, its end).

    Raises :class:`AdministratorExists`, :class:`BadLogin`, :class:`LoginTaken`.
    """
    ctx.session.execute(select(func.pg_advisory_xact_lock(0x11A2BA5)))
    if identity.list_platform_holders(ctx, Role.PLATFORM_ADMIN):
        raise AdministratorExists("本部署已有平台管理员。", "This deployment has one.")
    login = login.strip().lower()
    if not LOGIN.match(login):
        raise BadLogin(pointer="/login")
    if identity.find_user(ctx, login) is not None:
        raise LoginTaken(pointer="/login")
    user = identity.register_user(ctx, login, name.strip(), secrets.token_urlsafe(32))
    identity.grant(ctx, user, Role.PLATFORM_ADMIN)
    audit.record(ctx, "administrator.created", data={"userId": user.id, "login": user.login})
    return issue_reset(ctx, user.id, "lianban administrator create", rules=rules, clock=clock)


def recover(
    ctx: Context, login: str, reason: str, *, rules: Rules = PLAIN, clock: Clock = HOST
) -> tuple[str, datetime]:
    """A platform administrator lost password or second factor: both go, all log-ins end; (one-time code, its end).

    Raises :class:`NotFound`.
    """
    user = identity.find_user(ctx, login)
    if user is None or user.id not in identity.list_platform_holders(ctx, Role.PLATFORM_ADMIN):
        raise NotFound("没有这个平台管理员。", "There is no such platform administrator.")
    if second_factor.is_confirmed(ctx, user.id):
        second_factor.remove(ctx, user, reason=reason)
    user.second_factor_due_at = clock.now()
    sessions.close_sessions_of(ctx, user.id)
    attempts.release(ctx, user.login)
    audit.record(ctx, "administrator.recovered", data={"userId": user.id, "login": user.login, "reason": reason})
    return issue_reset(ctx, user.id, reason, rules=rules, clock=clock)
