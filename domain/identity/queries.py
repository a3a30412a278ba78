"""People, their roles and their log-ins, read."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Select, and_, column, func, select, table
from sqlalchemy.dialects.postgresql import JSONB, aggregate_order_by
from sqlalchemy.orm import Session

from domain.actors import Actor, Behalf, Role
from domain.identity.models import Grant, User
from domain.identity.service import SUPERVISION_SECTOR, WINDOW_LOGIN
from domain.identity.sessions import Must
from domain.sites.models import Site

PLATFORM_SITE = 0
"""Platform-wide roles sit under this number in an actor's grants."""


_LINKS = table("identity_links", column("user_id"))
"""Links to identity providers lie in a higher room."""
NO_SESSION = UUID(int=0)
NEVER = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Login:
    """Somebody who is logged in: the actor, and the session.

    ``number`` names the session; ``authenticated_at`` is the newest proof (host time), ``authenticated_for`` how long ago that
    was; ``level`` and ``methods`` say what was proved; ``must``: what has to be done before anything else.
    """

    actor: Actor
    login: str
    csrf_token: str
    number: UUID = NO_SESSION
    authenticated_at: datetime = NEVER
    authenticated_for: timedelta = timedelta.max
    level: str = ""
    methods: tuple[str, ...] = ()
    must: Must | None = None


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
    waits: bool = False
    """Whether the initial password still has to be changed."""


def list_users(session: Session, *, site_id: int | None = None, sites: tuple[int, ...] | None = None) -> list[UserRow]:
    """Staff accounts by log-in, of one site and of none but ``sites`` (None: everywhere)."""
    query: Select[Any] = (
        select(
            User.id,
            User.login,
            User.name,
            User.is_applicant,
            User.is_active,
            User.office_phone,
            _grants(),
            and_(User.must_change_password, User.password_changed_at.is_(None)).label("waits"),
        )
        .where(User.is_applicant.is_(False))
        .order_by(User.login)
    )
    for wanted in ((site_id,) if site_id is not None else None, sites):
        if wanted is not None:
            query = query.where(User.id.in_(select(Grant.user_id).where(Grant.site_id.in_(wanted))))
    return [replace(_user(row), waits=row.waits) for row in session.execute(query)]


def list_assignees(session: Session, *, site_id: int, role: str) -> list[UserRow]:
    """Active staff who hold the role at the site, by name."""
    query = (
        select(User.id, User.login, User.name, User.is_applicant, User.is_active, User.office_phone, _grants())
        .where(
            User.is_active,
            User.id.in_(select(Grant.user_id).where(Grant.site_id == site_id, Grant.role == role)),
        )
        .order_by(User.id)
    )
    return sorted((_user(row) for row in session.execute(query)), key=lambda person: person.name)


def grants_of(session: Session, user_id: int) -> list[GrantRow]:
    """The roles that a person holds."""
    rows = session.execute(select(Grant.site_id, Grant.role).where(Grant.user_id == user_id).order_by(Grant.id))
    return [GrantRow(site_id, role) for site_id, role in rows]


def logins_of(session: Session, user_ids: Collection[int]) -> dict[int, str]:
    """Log-ins by account."""
    rows = session.execute(select(User.id, User.login).where(User.id.in_(list(user_ids))))
    return dict(rows.all())


def names_of(session: Session, user_ids: set[int]) -> dict[int, str]:
    """Names of people by id."""
    wanted = {user_id for user_id in user_ids if user_id}
    if not wanted:
        return {}
    return dict(session.execute(select(User.id, User.name).where(User.id.in_(wanted))).all())


def without_account(session: Session, user_ids: Collection[int]) -> set[int]:
    """Of these people, applicants whom a window registered and who cannot log in: no identity provider is linked to them."""
    linked = select(_LINKS.c.user_id).where(_LINKS.c.user_id == User.id)
    rows = select(User.id).where(User.id.in_(user_ids), User.login.startswith(WINDOW_LOGIN), ~linked.exists())
    return set(session.scalars(rows)) if user_ids else set()


def _grants() -> Any:
    """The person's grants as a JSON list of [site id, role, region, sector], in the same statement."""
    entry = func.jsonb_build_array(Grant.site_id, Grant.role, Site.region_code, Site.sector)
    return (
        select(func.jsonb_agg(aggregate_order_by(entry, Grant.id), type_=JSONB))
        .select_from(Grant)
        .outerjoin(Site, Site.id == Grant.site_id)
        .where(Grant.user_id == User.id)
        .correlate(User)
        .scalar_subquery()
        .label("grants")
    )


def actor_of(session: Session, row: Any) -> Actor:
    """Platform-wide roles under site 0; who supervises from a supervision site supervises every site of its region."""
    grants: dict[int, set[Role]] = {}
    regions = set()
    for site_id, role, region, sector in row.grants or []:
        grants.setdefault(site_id or PLATFORM_SITE, set()).add(Role(role))
        if role == Role.SUPERVISOR and sector == SUPERVISION_SECTOR:
            regions.add(region)
    for region in regions:
        within = select(Site.id).where(Site.region_code.startswith(_within(region), autoescape=True))
        for site_id in session.scalars(within):
            grants.setdefault(site_id, set()).add(Role.SUPERVISOR)
    frozen = {site_id: frozenset(roles) for site_id, roles in grants.items()}
    behalf = tuple(
        Behalf(number, person, name, site_id, Role(role), None if items is None else frozenset(items))
        for number, site_id, role, items, person, name in getattr(row, "delegations", None) or []
    )
    return Actor(row.id, row.name, frozen, is_applicant=row.is_applicant, behalf=behalf)


def _within(region_code: str) -> str:
    """What all codes within a region begin with: 532600 → 5326, 530000 → 53 (GB/T 2260)."""
    code = region_code[:6]
    while len(code) > 2 and code.endswith("00"):  # noqa: PLR2004 -- a province is two digits
        code = code[:-2]
    return code


def _user(row: Any) -> UserRow:
    grants = tuple(GrantRow(site_id, role) for site_id, role, *_ in row.grants or [])
    return UserRow(row.id, row.login, row.name, row.is_applicant, row.is_active, row.office_phone, grants)
