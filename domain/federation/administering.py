"""Administrators link staff to their identities at a provider, look at links and undo them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, Select, delete, exists, or_, select

from domain.actors import Role
from domain.audit import service as audit
from domain.base import get_seal
from domain.clock import HOST
from domain.context import Context
from domain.errors import NotFound
from domain.federation.errors import BadLink
from domain.federation.links import blind
from domain.federation.models import FederatedSession, IdentityLink, ProviderState
from domain.federation.providers import Audience, Provider
from domain.identity.masking import mask_number
from domain.identity.models import Grant, LoginSession, User
from forms.checks import normalise_code

LONGEST = 100
MOST = 500


@dataclass(frozen=True, slots=True)
class LinkRow:
    """A link as administrators see it: nothing of the subject, the number masked."""

    id: int
    user_id: int
    login: str
    name: str
    is_applicant: bool
    is_active: bool
    issuer: str
    number: str
    bound: bool
    created_at: datetime
    used_at: datetime | None


def put(ctx: Context, provider: Provider, user_id: int, number: str) -> LinkRow:
    """Link a member of staff by the number (工号) that the provider will tell. Raises :class:`BadLink`, ``NotFound``."""
    text = number.strip()
    if provider.audience is not Audience.STAFF or "employeeNo" not in provider.claims:
        raise BadLink(
            "该系统不用于工作人员，或没有提供工号。", "The provider is not for staff, or tells no staff number."
        )
    if not 1 <= len(text) <= LONGEST or not text.isprintable():
        raise BadLink("工号不正确。", "The staff number is wrong.", pointer="/number")
    user = _of_mine(ctx, user_id)
    if user.is_applicant:
        raise BadLink("申请人账号不能绑定工号。", "Applicants have no staff number.", pointer="/userId")
    found = blind(provider.issuer, "employeeNo", text)
    rows = select(IdentityLink).where(IdentityLink.issuer == provider.issuer)
    other = ctx.session.scalar(rows.where(IdentityLink.number_blind == found, IdentityLink.user_id != user_id))
    if other is not None:
        raise BadLink("该工号已绑定另一个账号。", "Another account is linked by this number.", pointer="/number")
    link = ctx.session.scalar(rows.where(IdentityLink.user_id == user_id).with_for_update())
    if link is None:
        link = IdentityLink(
            user_id=user_id, issuer=provider.issuer, created_at=HOST.now(), created_by=ctx.actor.user_id
        )
        ctx.session.add(link)
    elif link.number_blind != found:
        # Another number is another person: the subject that used the old one has to come again.
        _end_sessions(ctx, link.id)
        link.subject_blind = None
    link.number_blind, link.about = found, {"employeeNo": text}
    ctx.session.flush()
    audit.record(ctx, "identity.link-set", data={"user": user_id, "provider": provider.key, "link": link.id})
    return _shown(ctx.session.execute(_rows().where(IdentityLink.id == link.id)).one())


def remove(ctx: Context, link_id: int) -> None:
    """Undo a link and end the sessions that hang on it. Raises ``NotFound``."""
    link = ctx.session.get(IdentityLink, link_id, with_for_update=True)
    if link is None:
        raise NotFound("没有这个绑定。", "There is no such link.")
    _of_mine(ctx, link.user_id)
    _end_sessions(ctx, link.id)
    ctx.session.execute(delete(IdentityLink).where(IdentityLink.id == link_id))
    audit.record(ctx, "identity.link-removed", data={"user": link.user_id, "link": link_id})


def list_staff(ctx: Context) -> list[LinkRow]:
    """Links of the staff that the actor looks after, by log-in name."""
    query = _rows().where(User.is_applicant.is_(False), *_mine(ctx)).order_by(User.login).limit(MOST)
    return [_shown(row) for row in ctx.session.execute(query)]


def search_applicants(ctx: Context, number: str) -> list[LinkRow]:
    """Links of the applicant with this number (公民身份号码, 统一社会信用代码): to undo one that is wrong."""
    found = User.id_no_blind.in_(get_seal().blinds(normalise_code(number)))
    audit.record(ctx, "identity.links-searched")
    return [_shown(row) for row in ctx.session.execute(_rows().where(User.is_applicant, found).limit(MOST))]


def states(ctx: Context) -> dict[str, ProviderState]:
    """How providers did when they were last asked, by key."""
    return {row.provider: row for row in ctx.session.scalars(select(ProviderState))}


def _rows() -> Select[IdentityLink, User]:
    return select(IdentityLink, User).join(User, User.id == IdentityLink.user_id)


def _shown(row: Row[IdentityLink, User]) -> LinkRow:
    link, user = row
    return LinkRow(
        link.id,
        user.id,
        user.login,
        user.name,
        user.is_applicant,
        user.is_active,
        link.issuer,
        mask_number(str(link.about.get("employeeNo", ""))),
        link.subject_blind is not None,
        link.created_at,
        link.used_at,
    )


def _mine(ctx: Context) -> Iterable[Any]:
    """Platform administrators look after everybody, those of a site after its staff."""
    if ctx.actor.has(Role.PLATFORM_ADMIN) or ctx.actor.has(Role.SYSTEM) or ctx.actor.has(Role.AUDITOR):
        return ()
    sites = [site for site in ctx.actor.site_ids if Role.SITE_ADMIN in ctx.actor.roles_at(site)]
    held = exists().where(Grant.user_id == User.id)
    # Somebody with roles elsewhere too is not theirs alone: a link opens all of an account.
    elsewhere = held.where(or_(Grant.site_id.is_(None), Grant.site_id.not_in(sites)))
    return (held.where(Grant.site_id.in_(sites)), ~elsewhere)


def _of_mine(ctx: Context, user_id: int) -> User:
    user = ctx.session.scalar(select(User).where(User.id == user_id, *_mine(ctx)).with_for_update())
    if user is None:
        raise NotFound("没有这个用户。", "There is no such user.")
    return user


def _end_sessions(ctx: Context, link_id: int) -> None:
    numbers = select(FederatedSession.number).where(FederatedSession.link_id == link_id)
    ctx.session.execute(delete(LoginSession).where(LoginSession.number.in_(numbers)))
