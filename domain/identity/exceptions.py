"""一人兼岗: one person for two roles of a site whose steps are kept apart (:mod:`domain.identity.separation`), by exception.

A small site may have nobody else. The exception changes nothing in a leg: whoever reviewed there does not decide there. It has a
reason and a last day; then the role is taken back.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from sqlalchemy import select

from domain.actors import Role
from domain.audit import service as audit
from domain.clock import CHINA
from domain.context import Context
from domain.errors import DomainError
from domain.identity import separation
from domain.identity import service as identity
from domain.identity.models import Grant, RoleException, User
from domain.identity.roles import role_name
from domain.identity.separation import RoleRule, TaskRule
from domain.sites.models import Site

LONGEST_REASON: Final = 300
Held = tuple[Role, int | None]


class ExceptionNeeded(DomainError):
    """These two roles come together only by exception, with a reason and an end."""

    code = "role-exception-needed"
    title_zh = "兼岗须说明理由和截止日期"
    title_en = "Both roles for one person need a reason and an end"
    next_zh = "请填写理由和截止日期；同一分办件中前后环节仍须由不同人员办理。"
    next_en = "Give a reason and a last day; within one leg the two steps are still done by different people."


class ExceptionTooLong(DomainError):
    """The exception would last longer than policy allows."""

    code = "role-exception-too-long"
    title_zh = "兼岗期限过长"
    title_en = "The exception would last too long"
    next_zh = "请缩短期限；到期后仍需要的，重新说明理由。期限由时限规则“一人兼岗最长期限”规定。"
    next_en = "Choose an earlier day; if it is still needed then, give the reason anew. The limit is the policy role.exceptionLongest."


@dataclass(frozen=True, slots=True)
class Exceptional:
    """Why somebody gets both roles, and until which day; ``latest``: the last day that policy allows."""

    reason: str
    ends_on: date
    latest: date


@dataclass(frozen=True, slots=True)
class Foreseen:
    """What a role would mean for a person who holds others.

    ``refused``: the rule that forbids it. ``apart``: rules by which the person does not do both in one leg; with any of them the
    role is given by exception only. ``held``: the roles of the person at the site.
    """

    refused: RoleRule | None
    apart: tuple[TaskRule, ...]
    held: tuple[Role, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Doubled:
    """A person with roles that are kept apart at a site; without ``reason`` and ``ends_on`` nobody entered the exception."""

    site_id: int
    user_id: int
    name: str
    roles: tuple[str, ...]
    reason: str
    ends_on: date | None
    given_name: str
    given_at: datetime | None


def foresee(ctx: Context, user: User, role: Role, site: Site | None) -> Foreseen:
    """What giving the role would mean; nothing is changed."""
    held = _held(ctx, user.id)
    place = site.id if site else None
    here = tuple(other for other, at in held if at == place)
    others = [(other, at) for other, at in held if (other, at) != (role, place)]
    return Foreseen(separation.role_rule(others, role, place), _apart(here, role), here)


def require_exception(ctx: Context, user: User, role: Role, site: Site | None, given: Exceptional | None) -> None:
    """Raise :class:`ExceptionNeeded` when the role needs one and none is given, :class:`ExceptionTooLong` beyond policy."""
    apart = foresee(ctx, user, role, site).apart
    if not apart:
        return
    fact = (f"{apart[0].zh}。", f"{apart[0].en}.")
    if given is None or not given.reason.strip():
        raise ExceptionNeeded(*fact, pointer="/reason")
    if given.ends_on < _today(ctx):
        raise ExceptionNeeded("截止日期已过。", "The last day has passed.", pointer="/endsOn")
    if given.ends_on > given.latest:
        raise ExceptionTooLong(
            f"截止日期最晚为 {given.latest.isoformat()}。",
            f"The last day is {given.latest.isoformat()} at the latest.",
            pointer="/endsOn",
        )


def enter(ctx: Context, user: User, role: Role, site: Site, given: Exceptional) -> RoleException:
    """Enter the exception of a role that was given; an open one is replaced."""
    end(ctx, user.id, site.id, {role})
    row = RoleException(
        user_id=user.id,
        site_id=site.id,
        role=str(role),
        reason=given.reason.strip()[:LONGEST_REASON],
        ends_on=given.ends_on,
        given_by=ctx.actor.user_id,
        given_name=ctx.actor.name,
        given_at=ctx.clock.now(),
    )
    ctx.session.add(row)
    ctx.session.flush()
    data = {"login": user.login, "role": role_name(role)[0], "reason": row.reason, "until": row.ends_on.isoformat()}
    audit.record(ctx, "role.exception", site_id=site.id, data=data)
    return row


def end(ctx: Context, user_id: int, site_id: int, roles: Collection[Role]) -> None:
    """The exceptions of these roles are over: a role was taken back, or entered anew."""
    open_ones = select(RoleException).where(
        RoleException.user_id == user_id,
        RoleException.site_id == site_id,
        RoleException.role.in_([str(role) for role in roles]),
        RoleException.ended_at.is_(None),
    )
    for row in ctx.session.scalars(open_ones):
        row.ended_at = ctx.clock.now()
    ctx.session.flush()


def settle(ctx: Context, user_id: int, site_id: int) -> None:
    """After a role was taken back: exceptions that nothing needs any more end."""
    here = [role for role, at in _held(ctx, user_id) if at == site_id]
    over = [role for role in Role if role not in here or not _apart([each for each in here if each != role], role)]
    end(ctx, user_id, site_id, over)


def lapse(ctx: Context) -> int:
    """Housekeeping: roles whose exception ended are taken back. How many."""
    over = select(RoleException).where(RoleException.ended_at.is_(None), RoleException.ends_on < _today(ctx))
    rows = ctx.session.scalars(over.order_by(RoleException.id)).all()
    for row in rows:
        user, site = ctx.session.get_one(User, row.user_id), ctx.session.get_one(Site, row.site_id)
        identity.revoke(ctx, user, Role(row.role), site)
        row.ended_at = ctx.clock.now()
        data = {"login": user.login, "role": role_name(row.role)[0], "until": row.ends_on.isoformat()}
        audit.record(ctx, "role.lapsed", site_id=site.id, data=data)
    ctx.session.flush()
    return len(rows)


def list_doubled(ctx: Context, site_ids: Collection[int] | None = None) -> list[Doubled]:
    """Active people who hold roles that are kept apart at a site (None: at any), with the exception that allows it."""
    firsts = frozenset[Role]().union(*(rule.first | rule.then for rule in separation.rules().tasks))
    query = (
        select(Grant.site_id, Grant.user_id, Grant.role, User.name)
        .join(User, User.id == Grant.user_id)
        .where(Grant.role.in_([str(role) for role in firsts]), Grant.site_id.is_not(None), User.is_active)
        .order_by(Grant.site_id, Grant.user_id, Grant.id)
    )
    if site_ids is not None:
        query = query.where(Grant.site_id.in_(list(site_ids)))
    held: dict[tuple[int, int], list[Role]] = {}
    names: dict[int, str] = {}
    for site_id, user_id, role, name in ctx.session.execute(query):
        held.setdefault((site_id or 0, user_id), []).append(Role(role))  # the query leaves no grant without a site
        names[user_id] = name
    entered = {
        (row.site_id, row.user_id): row
        for row in ctx.session.scalars(select(RoleException).where(RoleException.ended_at.is_(None)))
    }
    doubled = []
    for (site_id, user_id), roles in held.items():
        if not any(_apart([each for each in roles if each != role], role) for role in roles):
            continue
        row = entered.get((site_id, user_id))
        doubled.append(
            Doubled(
                site_id=site_id,
                user_id=user_id,
                name=names[user_id],
                roles=tuple(str(role) for role in roles),
                reason=row.reason if row else "",
                ends_on=row.ends_on if row else None,
                given_name=row.given_name if row else "",
                given_at=row.given_at if row else None,
            )
        )
    return doubled


def _apart(held: Iterable[Role], role: Role) -> tuple[TaskRule, ...]:
    """The rules of steps that lie between the role and one that is held."""
    return tuple(
        rule
        for rule in separation.rules().tasks
        if any(
            (other in rule.first and role in rule.then) or (role in rule.first and other in rule.then)
            for other in set(held)
        )
    )


def _held(ctx: Context, user_id: int) -> list[Held]:
    rows = ctx.session.execute(select(Grant.role, Grant.site_id).where(Grant.user_id == user_id).order_by(Grant.id))
    return [(Role(role), place) for role, place in rows]


def _today(ctx: Context) -> date:
    return ctx.clock.now().astimezone(CHINA).date()
