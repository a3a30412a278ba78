"""A lost second factor is taken away by two administrators: one makes sure who asks, another one agrees.

One of them alone could otherwise take an account over: with a reset code for the password, and the second factor removed.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import select

from domain.audit import service as audit
from domain.clock import HOST, Clock
from domain.context import Context
from domain.errors import Conflict, NotFound
from domain.identity import second_factor, sessions
from domain.identity.credentials import managed
from domain.identity.login import PLAIN
from domain.identity.models import FactorRemoval, User
from domain.identity.rules import Rules
from domain.identity.second_factor import NotEnrolled
from domain.identity.separation import DutiesApart


class IdentityCheck(StrEnum):
    """How an administrator made sure that it is the person who asks (OWASP ASVS 5.0 6.4.4)."""

    IN_PERSON = "in-person"
    VIDEO = "video"
    CALL_BACK = "call-back"


class RemovalAsked(Conflict):
    """It was asked for already."""

    code = "factor-removal-asked"
    title_zh = "已提出解除申请"
    title_en = "Its removal was asked for already"
    next_zh = "请由另一位管理员确认；申请在重置码有效期内有效。"
    next_en = "Another administrator agrees; a request is good as long as a reset code is."


class SameAdministrator(DutiesApart):
    """Who asked does not agree."""

    code = "factor-removal-same-person"
    title_zh = "职责分离：须由另一位管理员确认"
    title_en = "Separation of duties: another administrator agrees"
    next_zh = "请由同站点的另一位管理员或平台管理员确认。"
    next_en = "Another administrator of the site, or the platform's, does it."


@dataclass(frozen=True, slots=True)
class Asked:
    """A request that waits for the second administrator."""

    row: FactorRemoval
    asked_name: str


def ask(
    ctx: Context, user_id: int, reason: str, proof: IdentityCheck, *, rules: Rules = PLAIN, clock: Clock = HOST
) -> FactorRemoval:
    """Ask for it. Raises :class:`NotEnrolled`, :class:`RemovalAsked`, ``Forbidden``, ``NotFound``."""
    user = managed(ctx, user_id)
    if not second_factor.is_confirmed(ctx, user.id):
        raise NotEnrolled("该人员没有绑定动态验证码。", "That person has no second factor.")
    if find_open(ctx, user.id, rules=rules, clock=clock) is not None:
        raise RemovalAsked("该人员的解除申请正等待确认。", "A request for that person is waiting.")
    row = FactorRemoval(
        user_id=user.id, asked_by=ctx.actor.user_id, asked_at=clock.now(), reason=reason, proof=str(proof)
    )
    ctx.session.add(row)
    ctx.session.flush()
    audit.record(ctx, "second-factor.removal-asked", data={"userId": user.id, "reason": reason, "proof": str(proof)})
    return row


def decide(ctx: Context, user_id: int, *, agrees: bool, rules: Rules = PLAIN, clock: Clock = HOST) -> FactorRemoval:
    """The second administrator's answer: with yes the factor is gone, all log-ins end, and the next one sets up a new factor.

    Raises :class:`SameAdministrator`, ``Forbidden``, ``NotFound``.
    """
    user = managed(ctx, user_id)
    found = find_open(ctx, user.id, rules=rules, clock=clock, lock=True)
    if found is None:
        raise NotFound("没有待确认的解除申请。", "No request is waiting.")
    row = found.row
    if row.asked_by == ctx.actor.user_id:
        raise SameAdministrator("申请由您提出。", "You asked for it.")
    row.decided_by, row.decided_at, row.agreed = ctx.actor.user_id, clock.now(), agrees
    if agrees:
        second_factor.remove(ctx, user, reason=row.reason)
        user.second_factor_due_at = clock.now()
        sessions.close_sessions_of(ctx, user.id)
    else:
        audit.record(ctx, "second-factor.removal-refused", data={"userId": user.id, "reason": row.reason})
    ctx.session.flush()
    return row


def find_open(
    ctx: Context, user_id: int, *, rules: Rules = PLAIN, clock: Clock = HOST, lock: bool = False
) -> Asked | None:
    """The request of a person that waits, with the name of who asked."""
    query = (
        select(FactorRemoval, User.name)
        .join(User, User.id == FactorRemoval.asked_by)
        .where(
            FactorRemoval.user_id == user_id,
            FactorRemoval.decided_at.is_(None),
            FactorRemoval.asked_at > _since(rules, clock),
        )
        .order_by(FactorRemoval.id.desc())
        .limit(1)
    )
    row = ctx.session.execute(query.with_for_update(of=FactorRemoval) if lock else query).one_or_none()
    return None if row is None else Asked(row[0], row[1])


def list_waiting(ctx: Context, *, rules: Rules = PLAIN, clock: Clock = HOST) -> set[int]:
    """Ids of the people whose requests wait."""
    query = select(FactorRemoval.user_id).where(
        FactorRemoval.decided_at.is_(None), FactorRemoval.asked_at > _since(rules, clock)
    )
    return set(ctx.session.scalars(query))


def _since(rules: Rules, clock: Clock) -> datetime:
    return clock.now() - rules.reset_lifetime
