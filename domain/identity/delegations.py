"""代理 (出差委托): one person's role at a site, filled by a colleague for a time, of some items or all.

Asked by the person or arranged by the site's administrator; never handed on (only a role of one's own can be delegated);
over at its end or as soon as it is ended. Times are the deployment's clock, as deadlines are. Whether it holds for a request is
asked with the log-in itself (:mod:`domain.identity.arrivals`); what separation of duties adds is in ``domain.tasks.policy``.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Final

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import aliased

from domain.actors import Role
from domain.audit import service as audit
from domain.context import Context
from domain.errors import Conflict, DomainError, Forbidden, NotFound
from domain.identity import functions
from domain.identity.models import Delegation, Grant, User
from domain.identity.rules import Rules
from domain.sites.models import Site

PLAIN = Rules()
ROLES: Final = (Role.RECV_CLERK, Role.HANDLER, Role.APPROVER, Role.LIAISON)
"""Roles that work on cases; who administers or audits is appointed, not represented."""
MOST_ITEMS: Final = 50


class State(StrEnum):
    """Where a delegation stands by its people; whether it holds now also depends on its dates (:func:`standing`)."""

    ASKED = "asked"
    ACCEPTED = "accepted"
    DECLINED = "declined"


class BadDelegation(DomainError):
    """It cannot be arranged so; fact and pointer say why."""

    code = "delegation-invalid"
    title_zh = "不能这样委托"
    title_en = "It cannot be delegated so"


class DelegationOver(Conflict):
    """It was ended, declined or has passed its end."""

    code = "delegation-over"
    title_zh = "委托已结束"
    title_en = "The delegation is over"
    next_zh = "如仍需要代办，请由委托人或站点管理员重新设置委托。"
    next_en = "If it is still needed, the delegator or the site's administrator arranges a new one."


@dataclass(frozen=True, slots=True)
class NewDelegation:
    """What is asked for. ``delegator_id`` None: the actor's own role. ``items`` None: of every item."""

    delegate_id: int
    site_id: int
    role: str
    starts_at: datetime
    ends_at: datetime
    reason: str
    items: tuple[str, ...] | None = None
    delegator_id: int | None = None


@dataclass(frozen=True, slots=True)
class Line:
    """A delegation with the names of its people. ``standing``: asked, coming, active, declined, ended or expired."""

    row: Delegation
    delegator: str
    delegate: str
    site_name: str
    standing: str
    mine: str
    """What the actor is to it: delegator, delegate or administrator."""


def ask(ctx: Context, new: NewDelegation, known_items: Collection[str], *, rules: Rules = PLAIN) -> Delegation:
    """Arrange one: (row). Raises :class:`BadDelegation`, :class:`Forbidden`. ``known_items``: codes that there are."""
    actor, delegator_id = ctx.actor, new.delegator_id or ctx.actor.user_id
    own = delegator_id == actor.user_id
    if own:
        functions.require(actor, "users:delegate", own=True)
    else:
        functions.require(actor, "users:change", site_id=new.site_id)
        if new.delegate_id == actor.user_id:
            raise BadDelegation(
                "管理员不能把他人的角色安排给本人。",
                "An administrator does not arrange somebody's role for himself.",
                pointer="/delegateId",
            )
    _check(ctx, new, delegator_id, known_items, rules)
    needs_answer = own and rules.delegation_asks
    row = Delegation(
        delegator_id=delegator_id,
        delegate_id=new.delegate_id,
        site_id=new.site_id,
        role=new.role,
        items=None if new.items is None else list(dict.fromkeys(new.items)),
        starts_at=new.starts_at,
        ends_at=new.ends_at,
        reason=new.reason.strip(),
        state=State.ASKED if needs_answer else State.ACCEPTED,
        asked_by=actor.user_id,
        asked_at=ctx.clock.now(),
        answered_at=None if needs_answer else ctx.clock.now(),
    )
    ctx.session.add(row)
    ctx.session.flush()
    _record(ctx, row, "delegation.asked" if needs_answer else "delegation.arranged", ends_at=row.ends_at)
    return row


def answer(ctx: Context, delegation_id: int, *, accepts: bool) -> Delegation:
    """The delegate accepts or declines. Raises :class:`NotFound`, :class:`DelegationOver`."""
    row = _lock(ctx, delegation_id)
    if row.delegate_id != ctx.actor.user_id:
        raise Forbidden("由受托人本人接受或谢绝。", "The delegate accepts or declines.")
    if row.state != State.ASKED or _is_over(row, ctx.clock.now()):
        raise DelegationOver("该委托已答复或已结束。", "It was answered already or is over.")
    row.state = State.ACCEPTED if accepts else State.DECLINED
    row.answered_at = ctx.clock.now()
    ctx.session.flush()
    _record(ctx, row, f"delegation.{row.state}")
    return row


def end(ctx: Context, delegation_id: int) -> Delegation:
    """Revoke it at once: by the delegator, the delegate or the site's administrator. Raises :class:`NotFound`, :class:`DelegationOver`."""
    row = _lock(ctx, delegation_id)
    if _is_over(row, ctx.clock.now()) or row.state == State.DECLINED:
        raise DelegationOver("该委托已经结束。", "It is over already.")
    row.ended_at, row.ended_by = ctx.clock.now(), ctx.actor.user_id
    ctx.session.flush()
    _record(ctx, row, "delegation.ended")
    return row


def list_mine(ctx: Context) -> list[Line]:
    """What the actor gave and was given, newest first."""
    me = ctx.actor.user_id
    return _lines(ctx, or_(Delegation.delegator_id == me, Delegation.delegate_id == me))


def list_of_sites(ctx: Context, *, user_id: int | None = None) -> list[Line]:
    """Those of the sites whose users the actor may see, newest first; ``user_id``: only what this person gave or was given."""
    of = Delegation.id > 0
    if user_id is not None:
        of = or_(Delegation.delegator_id == user_id, Delegation.delegate_id == user_id)
    if functions.may(ctx.actor, "users:read") and not ctx.actor.site_ids:
        return _lines(ctx, of)
    sites = [site for site in ctx.actor.site_ids if functions.may(ctx.actor, "users:read", site_id=site)]
    return _lines(ctx, and_(Delegation.site_id.in_(sites), of))


def line_of(ctx: Context, row: Delegation) -> Line:
    """One with its names."""
    return _lines(ctx, Delegation.id == row.id)[0]


def list_colleagues(ctx: Context, site_id: int) -> list[tuple[int, str, list[str]]]:
    """(id, name, roles) of active staff who work on cases at the site, for choosing."""
    query = (
        select(User.id, User.name, Grant.role)
        .join(Grant, Grant.user_id == User.id)
        .where(Grant.site_id == site_id, Grant.role.in_(ROLES), User.is_active, User.is_applicant.is_(False))
        .order_by(User.id, Grant.role)
    )
    found: dict[int, tuple[int, str, list[str]]] = {}
    for user_id, name, role in ctx.session.execute(query):
        found.setdefault(user_id, (user_id, name, []))[2].append(role)
    return sorted(found.values(), key=lambda person: person[1])


def find_latest_over(ctx: Context, delegate_id: int, site_id: int, role: str) -> Line | None:
    """The last delegation of this role to somebody that no longer holds: for saying why an act is refused now."""
    now = ctx.clock.now()
    lines = _lines(
        ctx,
        and_(
            Delegation.delegate_id == delegate_id,
            Delegation.site_id == site_id,
            Delegation.role == role,
            Delegation.state == State.ACCEPTED,
            or_(Delegation.ends_at <= now, Delegation.ended_at.is_not(None)),
        ),
        most=1,
    )
    return lines[0] if lines else None


def _check(ctx: Context, new: NewDelegation, delegator_id: int, known_items: Collection[str], rules: Rules) -> None:
    now = ctx.clock.now()
    if new.role not in ROLES:
        raise BadDelegation("该角色不能委托。", "This role cannot be delegated.", pointer="/role")
    if new.delegate_id == delegator_id:
        raise BadDelegation("不能委托给本人。", "Not to oneself.", pointer="/delegateId")
    held = _roles(ctx, delegator_id, new.site_id)
    if new.role not in held:
        raise BadDelegation(
            "只能委托本人在该机构担任的角色；代理来的职责不能再委托。",
            "Only a role of one's own at the site can be delegated, never one that was delegated.",
            pointer="/role",
        )
    taken = _roles(ctx, new.delegate_id, new.site_id)
    if not taken & set(ROLES):
        raise BadDelegation(
            "受托人应是同一机构的办理人员。", "The delegate must work on cases at the same site.", pointer="/delegateId"
        )
    if new.role in taken:
        raise BadDelegation(
            "对方本来就有这个角色，无需委托。", "That person holds the role already.", pointer="/delegateId"
        )
    if not new.starts_at < new.ends_at or new.ends_at <= now:
        raise BadDelegation(
            "结束时间应晚于开始时间和现在。", "It must end after its begin and after now.", pointer="/endsAt"
        )
    if new.ends_at - max(new.starts_at, now - timedelta(days=1)) > rules.delegation_longest:
        days = rules.delegation_longest.days
        raise BadDelegation(f"一次委托最长 {days} 天。", f"At most {days} days at a time.", pointer="/endsAt")
    if not new.reason.strip():
        raise BadDelegation("请填写事由。", "A reason is needed.", pointer="/reason")
    _check_items(new, known_items)


def _check_items(new: NewDelegation, known: Collection[str]) -> None:
    if new.items is None:
        return
    if not new.items or len(new.items) > MOST_ITEMS:
        raise BadDelegation(
            f"请选择 1 至 {MOST_ITEMS} 个事项，或选择全部。",
            f"Choose 1 to {MOST_ITEMS} items, or all.",
            pointer="/items",
        )
    for index, code in enumerate(new.items):
        if code not in known:
            raise BadDelegation("没有这个事项。", "There is no such item.", pointer=f"/items/{index}")


def _roles(ctx: Context, user_id: int, site_id: int) -> set[str]:
    query = select(Grant.role).join(User, User.id == Grant.user_id)
    return set(ctx.session.scalars(query.where(Grant.user_id == user_id, Grant.site_id == site_id, User.is_active)))


def _lock(ctx: Context, delegation_id: int) -> Delegation:
    row = ctx.session.get(Delegation, delegation_id, with_for_update=True)
    if row is None or not _may_see(ctx, row):
        raise NotFound("没有这个委托。", "There is no such delegation.")
    return row


def _may_see(ctx: Context, row: Delegation) -> bool:
    people = (row.delegator_id, row.delegate_id)
    return ctx.actor.user_id in people or functions.may(ctx.actor, "users:change", site_id=row.site_id)


def _is_over(row: Delegation, now: datetime) -> bool:
    return row.ended_at is not None or row.ends_at <= now


def _standing(row: Delegation, now: datetime) -> str:
    if row.state == State.DECLINED:
        return "declined"
    if row.ended_at is not None:
        return "ended"
    if row.ends_at <= now:
        return "expired"
    if row.state == State.ASKED:
        return "asked"
    return "active" if row.starts_at <= now else "coming"


def _lines(ctx: Context, where: Any, *, most: int = 500) -> list[Line]:
    delegator, delegate = aliased(User), aliased(User)
    query = (
        select(Delegation, delegator.name, delegate.name, Site.name)
        .join(delegator, delegator.id == Delegation.delegator_id)
        .join(delegate, delegate.id == Delegation.delegate_id)
        .join(Site, Site.id == Delegation.site_id)
        .where(where)
        .order_by(Delegation.id.desc())
        .limit(most)
    )
    now, me = ctx.clock.now(), ctx.actor.user_id
    return [
        Line(row, giver, taker, site, _standing(row, now), _part(row, me))
        for row, giver, taker, site in ctx.session.execute(query)
    ]


def _part(row: Delegation, me: int) -> str:
    if row.delegator_id == me:
        return "delegator"
    return "delegate" if row.delegate_id == me else "administrator"


def _record(ctx: Context, row: Delegation, kind: str, *, ends_at: datetime | None = None) -> None:
    data: dict[str, Any] = {
        "delegation": row.id,
        "delegator": row.delegator_id,
        "delegate": row.delegate_id,
        "role": row.role,
        "items": row.items,
    }
    if ends_at is not None:
        data |= {"startsAt": row.starts_at.isoformat(), "endsAt": ends_at.isoformat()}
    audit.record(ctx, kind, site_id=row.site_id, data=data)
