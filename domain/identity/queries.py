"""People, their roles and their log-ins, read."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.dialects.postgresql import JSONB, aggregate_order_by
from sqlalchemy.orm import Session

from domain.actors import Actor, Role
from domain.identity.models import Grant, LoginSession, User

PLATFORM_SITE = 0
"""Platform-wide roles sit under this number in an actor's grants."""


@dataclass(frozen=True, slots=True)
class Login:
    """Somebody who is logged in: the actor, and the session's CSRF token. ``last_seen_at`` is host time."""

    actor: Actor
    login: str
    csrf_token: str
    token_hash: str
    last_seen_at: datetime


@dataclass(frozen=True, slots=True)
class GrantRow:
    """A role held at a site (None: platform-wide)."""

    site_id: int | None
    role: str


@dataclass(frozen=True, slots=True)
class UserRow:
    """A person as administrators see them; no personal data beyond name and office phone."""

    id: int
    login: str
    name: str
    is_applicant: bool
    is_active: bool
    office_phone: str
    grants: tuple[GrantRow, ...]


def token_digest(token: str) -> str:
    """What is stored of a session token: its SHA-256."""
    return hashlib.sha256(token.encode()).hexdigest()


def find_login(session: Session, token: str) -> Login | None:
    """Who holds this session token; None when it is unknown, expired (host time) or the person was deactivated. One statement."""
    digest = token_digest(token)
    row = session.execute(
        select(
            User.id,
            User.name,
            User.login,
            User.is_applicant,
            LoginSession.csrf_token,
            LoginSession.last_seen_at,
            _grants(),
        )
        .join(LoginSession, LoginSession.user_id == User.id)
        .where(
            LoginSession.token_hash == digest,
            LoginSession.expires_at > func.clock_timestamp(),
            User.is_active,
        )
    ).first()
    if row is None:
        return None
    actor = Actor(
        user_id=row.id, name=row.name, grants=_grants_by_site(row.grants or []), is_applicant=row.is_applicant
    )
    return Login(actor, row.login, row.csrf_token, digest, row.last_seen_at)


def find_actor(session: Session, login: str) -> Actor | None:
    """The actor of an account by its log-in name (for the command line), None when there is none."""
    row = session.execute(
        select(User.id, User.name, User.is_applicant, _grants()).where(User.login == login, User.is_active)
    ).first()
    if row is None:
        return None
    return Actor(user_id=row.id, name=row.name, grants=_grants_by_site(row.grants or []), is_applicant=row.is_applicant)


def list_users(session: Session, *, site_id: int | None = None, sites: tuple[int, ...] | None = None) -> list[UserRow]:
    """Staff accounts by log-in, of one site and of none but ``sites`` (None: everywhere)."""
    query: Select[Any] = (
        select(User.id, User.login, User.name, User.is_applicant, User.is_active, User.office_phone, _grants())
        .where(User.is_applicant.is_(False))
        .order_by(User.login)
    )
    for wanted in ((site_id,) if site_id is not None else None, sites):
        if wanted is not None:
            query = query.where(User.id.in_(select(Grant.user_id).where(Grant.site_id.in_(wanted))))
    return [_user(row) for row in session.execute(query)]


def list_assignees(session: Session, *, site_id: int, role: str) -> list[UserRow]:
    """Active staff who hold the role at the site, by name."""
    query = (
        select(User.id, User.login, User.name, User.is_applicant, User.is_active, User.office_phone, _grants())
        .where(
            User.is_active,
            User.id.in_(select(Grant.user_id).where(Grant.site_id == site_id, Grant.role == role)),
        )
        .order_by(User.name, User.id)
    )
    return [_user(row) for row in session.execute(query)]


def names_of(session: Session, user_ids: set[int]) -> dict[int, str]:
    """Names of people by id."""
    wanted = {user_id for user_id in user_ids if user_id}
    if not wanted:
        return {}
    return dict(session.execute(select(User.id, User.name).where(User.id.in_(wanted))).tuples().all())


def _grants() -> Any:
    """The person's grants as a JSON list of [site id or null, role], in the same statement."""
    pair = func.jsonb_build_array(Grant.site_id, Grant.role)
    return (
        select(func.jsonb_agg(aggregate_order_by(pair, Grant.id), type_=JSONB))
        .where(Grant.user_id == User.id)
        .scalar_subquery()
        .label("grants")
    )


def _grants_by_site(pairs: list[Any]) -> dict[int, frozenset[Role]]:
    collected: dict[int, set[Role]] = {}
    for site_id, role in pairs:
        collected.setdefault(site_id or PLATFORM_SITE, set()).add(Role(role))
    return {site: frozenset(roles) for site, roles in collected.items()}


def _user(row: Any) -> UserRow:
    grants = tuple(GrantRow(site_id, role) for site_id, role in row.grants or [])
    return UserRow(row.id, row.login, row.name, row.is_applicant, row.is_active, row.office_phone, grants)
