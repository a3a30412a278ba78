"""Setting and changing passwords: by the person, with a one-time code from an administrator, at the first log-in."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import delete, select

from domain.actors import Actor, Role
from domain.audit import service as audit
from domain.clock import HOST, Clock
from domain.context import Context
from domain.errors import DomainError, Forbidden, Kind, NotFound
from domain.identity import attempts, sessions
from domain.identity.login import PLAIN, AccountLocked, Authentication, LoginRefused, authenticate
from domain.identity.models import FormerPassword, Grant, ResetCode, User
from domain.identity.passwords import WeakPassword, hash_password, matches, require_good, waste_time
from domain.identity.roles import PLATFORM_ROLES
from domain.identity.rules import Rules

CODE_BYTES: Final = 20
"""160 random bits: a plain hash of it cannot be guessed backwards."""


class ResetRefused(DomainError):
    """The code is unknown, used, past its end, or of another log-in name; which of them is not told."""

    code = "reset-refused"
    kind = Kind.FORBIDDEN
    title_zh = "重置码无效"
    title_en = "The reset code is not good"
    next_zh = "请核对用户名和重置码；重置码只能用一次，过期后请管理员重新签发。"
    next_en = "Check login and code; a code is good once. Ask the administrator for a new one when it has expired."


def set_password(ctx: Context, user: User, password: str, *, rules: Rules = PLAIN, clock: Clock = HOST) -> None:
    """Give a person a password. Raises :class:`domain.identity.passwords.WeakPassword`, also for one of the last ones."""
    shortest = rules.applicant_length if user.is_applicant else rules.staff_length
    require_good(
        password, shortest=shortest, own=[user.login, *user.login.split("."), user.name], context=rules.context_words
    )
    _require_new(ctx, user, password, rules)
    now = clock.now()
    if user.password_hash:
        ctx.session.add(FormerPassword(user_id=user.id, password_hash=user.password_hash, set_at=now))
    user.password_hash = hash_password(password, rules.cost)
    user.password_changed_at, user.must_change_password = now, False
    ctx.session.flush()
    _forget_old(ctx, user.id, rules.former_passwords)


def change_password(
    ctx: Context, user: User, old: str, new: str, *, keep: UUID | None, rules: Rules = PLAIN, clock: Clock = HOST
) -> Authentication:
    """The person's own change: the old one is needed, all other sessions end. A wrong old one is returned as a refusal."""
    outcome = authenticate(ctx, user.login, old, rules=rules, clock=clock, fact="login.confirmed")
    if outcome.user is None:
        return outcome
    set_password(ctx, user, new, rules=rules, clock=clock)
    ended = sessions.close_sessions_of(ctx, user.id, keep=keep)
    audit.record(ctx, "password.changed", data={"userId": user.id, "endedSessions": ended})
    return outcome


def issue_reset(
    ctx: Context, user_id: int, reason: str, *, rules: Rules = PLAIN, clock: Clock = HOST
) -> tuple[str, datetime]:
    """A one-time code for somebody who forgot the password: (code, its end). Sessions stay until it is used; a lock is lifted.

    Raises :class:`Forbidden` (also for an applicant: nobody but the person, or the identity provider, opens that account),
    :class:`NotFound`.
    """
    user = managed(ctx, user_id)
    if user.is_applicant:
        raise Forbidden(
            "申请人凭统一身份认证登录，不签发重置码。",
            "Applicants log in by their identity provider: there is no reset code.",
        )
    code = secrets.token_urlsafe(CODE_BYTES)
    now = clock.now()
    ctx.session.execute(delete(ResetCode).where(ResetCode.user_id == user.id))
    row = ResetCode(
        user_id=user.id,
        code_hash=_digest(code),
        created_by=ctx.actor.user_id,
        created_at=now,
        expires_at=now + rules.reset_lifetime,
    )
    ctx.session.add(row)
    attempts.release(ctx, user.login)
    ctx.session.flush()
    audit.record(ctx, "password.reset-issued", data={"userId": user.id, "reason": reason})
    return code, row.expires_at


def reset_password(
    ctx: Context, login: str, code: str, password: str, *, rules: Rules = PLAIN, clock: Clock = HOST
) -> LoginRefused | ResetRefused | None:
    """Use a one-time code. A refusal is returned, so that its count is committed; a weak password is raised and uses nothing up.

    All sessions of the person end. The second factor stays: who lost that too asks for its removal.
    """
    now = clock.now()
    count = attempts.of_account(ctx, login, rules.by_account, clock=clock)
    if count.is_closed(now):
        waste_time(password, rules.cost)
        return AccountLocked("连续多次失败，请稍后再试。", "Too many failures in a row: try again later.")
    found = ctx.session.execute(
        select(User, ResetCode)
        .join(ResetCode, ResetCode.user_id == User.id)
        .where(
            User.login == login.strip().lower(),
            User.is_active,
            ResetCode.code_hash == _digest(code.strip()),
            ResetCode.used_at.is_(None),
            ResetCode.expires_at > now,
        )
        .with_for_update()
    ).one_or_none()
    if found is None:
        waste_time(password, rules.cost)
        attempts.failed(ctx, count, rules.by_account, clock=clock)
        return ResetRefused()
    user, row = found
    set_password(ctx, user, password, rules=rules, clock=clock)
    row.used_at = now
    attempts.succeeded(ctx, count)
    ended = sessions.close_sessions_of(ctx, user.id)
    person = Actor(user.id, user.name, is_applicant=user.is_applicant)
    data = {"userId": user.id, "endedSessions": ended}
    audit.record(replace(ctx, actor=person), "password.reset", data=data)
    return None


def end_sessions(ctx: Context, user_id: int, reason: str, *, number: UUID | None = None) -> int:
    """An administrator logs a person out, everywhere or of the session ``number``; how many ended.

    Raises :class:`Forbidden`, :class:`NotFound`.
    """
    user = managed(ctx, user_id)
    if number is None:
        ended = sessions.close_sessions_of(ctx, user.id)
    else:
        sessions.revoke(ctx, user.id, number)
        ended = 1
    audit.record(ctx, "sessions.ended", data={"userId": user.id, "count": ended, "reason": reason})
    return ended


def managed(ctx: Context, user_id: int) -> User:
    """A person whose log-in the actor looks after. Raises :class:`NotFound`, :class:`Forbidden`.

    Platform administrators look after everybody, site administrators after the staff of their sites that holds no platform-wide
    role and none elsewhere; nobody after themselves.
    """
    actor = ctx.actor
    user = ctx.session.get(User, user_id)
    held = list(ctx.session.execute(select(Grant.site_id, Grant.role).where(Grant.user_id == user_id)))
    own = {site for site in actor.site_ids if Role.SITE_ADMIN in actor.roles_at(site)}
    is_platform = actor.has(Role.PLATFORM_ADMIN) or actor.has(Role.SYSTEM)
    if user is None or not (is_platform or any(site in own for site, _ in held)):
        raise NotFound("没有这个用户。", "There is no such user.")
    if user.id == actor.user_id:
        raise Forbidden("不能为自己办理，请由另一位管理员办理。", "Not for yourself: another administrator does it.")
    if not is_platform and any(site not in own or role in PLATFORM_ROLES for site, role in held):
        raise Forbidden(
            "该人员还在其他机构任职或有平台角色，请由平台管理员办理。",
            "That person holds roles elsewhere: the platform administrator does it.",
        )
    return user


def _require_new(ctx: Context, user: User, password: str, rules: Rules) -> None:
    if not rules.former_passwords:
        return
    former = (
        select(FormerPassword.password_hash)
        .where(FormerPassword.user_id == user.id)
        .order_by(FormerPassword.id.desc())
        .limit(rules.former_passwords - 1)
    )
    for stored in [user.password_hash, *ctx.session.scalars(former)]:
        if matches(stored, password):
            raise WeakPassword(
                f"不能使用最近 {rules.former_passwords} 个密码。",
                f"It is one of your last {rules.former_passwords} passwords.",
                pointer="/password",
            )


def _forget_old(ctx: Context, user_id: int, kept: int) -> None:
    newer = (
        select(FormerPassword.id)
        .where(FormerPassword.user_id == user_id)
        .order_by(FormerPassword.id.desc())
        .limit(kept)
    )
    ctx.session.execute(
        delete(FormerPassword).where(FormerPassword.user_id == user_id, FormerPassword.id.not_in(newer))
    )


def drop_old_codes(ctx: Context, *, clock: Clock = HOST) -> int:
    """Delete reset codes that have been past their end for a day. How many."""
    old = delete(ResetCode).where(ResetCode.expires_at < clock.now() - timedelta(days=1))
    return ctx.session.connection().execute(old).rowcount


def _digest(code: str) -> str:
    return hashlib.sha256(code.encode()).hexdigest()
