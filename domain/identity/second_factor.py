"""The second factor: codes by time (RFC 6238, SHA-1, six digits, 30 seconds: what every authenticator app has), recovery codes.

A code is taken once, and only if it is newer than the last one taken (replay). One step of drift either way is allowed.
"""

from __future__ import annotations

import hmac
import secrets
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import pyotp
from sqlalchemy import delete, func, select

from domain.audit import service as audit
from domain.clock import HOST, Clock
from domain.context import Context
from domain.errors import Conflict, DomainError
from domain.identity.models import RecoveryCode, SecondFactor, User
from domain.identity.passwords import hash_password, matches
from domain.identity.rules import USUAL, HashCost
from domain.identity.sessions import CODE, RECOVERY

STEP_SECONDS: Final = 30
DRIFT: Final = 1
"""Steps that an authenticator's clock may be off (RFC 6238 §5.2 recommends at most one)."""
HOW_MANY: Final = 10
LOOKUP: Final = 4
"""Characters of a recovery code that find its row; the other twelve (60 bits) are hashed."""
LENGTH: Final = 16
_ALPHABET: Final = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"


class CodeWrong(DomainError):
    """The first code does not fit the secret that was shown."""

    code = "code-refused"
    title_zh = "验证码不正确"
    title_en = "The code is not right"
    next_zh = "请确认手机时间准确，扫描后输入当前显示的 6 位数字。"
    next_en = "Check the telephone's clock, scan the code and type the six digits it shows now."


class AlreadyEnrolled(Conflict):
    """There is a second factor; it has to be removed first."""

    code = "second-factor-enrolled"
    title_zh = "已绑定动态验证码"
    title_en = "There is a second factor already"
    next_zh = "如需更换手机，请先解除绑定。"
    next_en = "To change your telephone remove the present one first."


class NotEnrolled(Conflict):
    """There is no second factor, or nothing to confirm."""

    code = "second-factor-missing"
    title_zh = "没有绑定动态验证码"
    title_en = "There is no second factor"
    next_zh = "请先开始绑定。"
    next_en = "Begin to set one up first."


@dataclass(frozen=True, slots=True)
class Enrolment:
    """What the authenticator scans (``otpauth:`` address) or the person types (base32)."""

    secret: str
    uri: str


@dataclass(frozen=True, slots=True)
class Standing:
    """Whether there is a confirmed second factor, since when, and how many recovery codes are left."""

    confirmed_at: datetime | None
    codes_left: int


def begin(ctx: Context, user: User, issuer: str) -> Enrolment:
    """A new secret, good once :func:`finish` has seen its code. Raises :class:`AlreadyEnrolled`."""
    row = _lock(ctx, user.id)
    if row is not None and row.confirmed_at is not None:
        raise AlreadyEnrolled("您已绑定动态验证码。", "A second factor is set up already.")
    secret = pyotp.random_base32()
    if row is None:
        row = SecondFactor(user_id=user.id)
        ctx.session.add(row)
    row.secret, row.created_at, row.confirmed_at, row.last_step = secret.encode(), HOST.now(), None, None
    ctx.session.flush()
    return Enrolment(secret, pyotp.TOTP(secret).provisioning_uri(name=user.login, issuer_name=issuer))


def finish(ctx: Context, user: User, code: str, *, cost: HashCost = USUAL, clock: Clock = HOST) -> list[str]:
    """Confirm with the first code: ten recovery codes, shown this once. Raises :class:`NotEnrolled`, :class:`CodeWrong`."""
    row = _lock(ctx, user.id)
    if row is None or row.confirmed_at is not None:
        raise NotEnrolled("没有待确认的绑定。", "There is nothing to confirm.")
    step = _step_of(row, code, clock)
    if step is None:
        raise CodeWrong("验证码与所绑定的密钥不符。", "The code does not belong to the secret shown.", pointer="/code")
    row.confirmed_at, row.last_step = clock.now(), step
    audit.record(ctx, "second-factor.enrolled", data={"userId": user.id})
    return renew_codes(ctx, user, cost=cost)


def renew_codes(ctx: Context, user: User, *, cost: HashCost = USUAL) -> list[str]:
    """Ten new recovery codes; the old ones are worth nothing from now on. Raises :class:`NotEnrolled`."""
    if not is_confirmed(ctx, user.id):
        raise NotEnrolled("没有绑定动态验证码。", "There is no second factor.")
    ctx.session.execute(delete(RecoveryCode).where(RecoveryCode.user_id == user.id))
    codes = {_make_code() for _ in range(2 * HOW_MANY)}
    by_lookup = {code[:LOOKUP]: code for code in codes}
    chosen = sorted(by_lookup.values(), key=lambda _: secrets.randbits(32))[:HOW_MANY]
    for (
        code
    ) in chosen:  # one by one: on a busy machine ten slow hashes in a row are longer than a transaction may stand still
        digest = hash_password(code[LOOKUP:], cost)
        ctx.session.add(RecoveryCode(user_id=user.id, lookup=code[:LOOKUP], code_hash=digest))
        ctx.session.flush()
    audit.record(ctx, "second-factor.codes", data={"userId": user.id, "count": len(chosen)})
    return ["-".join(code[at : at + 4] for at in range(0, LENGTH, 4)) for code in chosen]


def remove(ctx: Context, user: User, *, reason: str = "") -> None:
    """Take the second factor away (by its person, or by an administrator with a reason). Raises :class:`NotEnrolled`."""
    row = _lock(ctx, user.id)
    if row is None:
        raise NotEnrolled("没有绑定动态验证码。", "There is no second factor.")
    ctx.session.execute(delete(RecoveryCode).where(RecoveryCode.user_id == user.id))
    ctx.session.delete(row)
    ctx.session.flush()
    audit.record(ctx, "second-factor.removed", data={"userId": user.id, "reason": reason})


def check(ctx: Context, user_id: int, code: str, *, clock: Clock = HOST) -> str | None:
    """Use up a code: the method it stands for, None when it is refused."""
    row = _lock(ctx, user_id)
    if row is None or row.confirmed_at is None:
        return None
    text = "".join(code.split()).replace("-", "").upper()
    if len(text) == LENGTH:
        return RECOVERY if _use_recovery(ctx, user_id, text, clock) else None
    step = _step_of(row, text, clock)
    if step is None or (row.last_step is not None and step <= row.last_step):
        return None
    row.last_step = step
    ctx.session.flush()
    return CODE


def is_confirmed(ctx: Context, user_id: int) -> bool:
    """Whether the person has a second factor that counts."""
    query = select(SecondFactor.user_id).where(SecondFactor.user_id == user_id, SecondFactor.confirmed_at.is_not(None))
    return ctx.session.scalar(query) is not None


def standing_of(ctx: Context, user_id: int) -> Standing:
    """What a person's account page says about it."""
    since = ctx.session.scalar(select(SecondFactor.confirmed_at).where(SecondFactor.user_id == user_id))
    unused = select(func.count()).where(RecoveryCode.user_id == user_id, RecoveryCode.used_at.is_(None))
    return Standing(since, ctx.session.scalar(unused) or 0)


def _use_recovery(ctx: Context, user_id: int, text: str, clock: Clock) -> bool:
    row = ctx.session.scalar(
        select(RecoveryCode)
        .where(RecoveryCode.user_id == user_id, RecoveryCode.lookup == text[:LOOKUP], RecoveryCode.used_at.is_(None))
        .with_for_update()
    )
    if row is None or not matches(row.code_hash, text[LOOKUP:]):
        return False
    row.used_at = clock.now()
    ctx.session.flush()
    return True


def _step_of(row: SecondFactor, code: str, clock: Clock) -> int | None:
    """The step whose code this is, within the allowed drift."""
    if len(code) != 6 or not code.isascii() or not code.isdigit():  # noqa: PLR2004 -- digits of a code
        return None
    totp = pyotp.TOTP(row.secret.decode())
    now = int(clock.now().timestamp()) // STEP_SECONDS
    fits = [step for step in range(now - DRIFT, now + DRIFT + 1) if hmac.compare_digest(totp.generate_otp(step), code)]
    return fits[-1] if fits else None


def _lock(ctx: Context, user_id: int) -> SecondFactor | None:
    return ctx.session.scalar(select(SecondFactor).where(SecondFactor.user_id == user_id).with_for_update())


def _make_code() -> str:
    return "".join(secrets.choice(_ALPHABET) for _ in range(LENGTH))
