"""People: registration, their roles, who holds which. Log-in: :mod:`domain.identity.login`; passwords: ``credentials``."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from domain.actors import Actor, Role
from domain.base import get_seal
from domain.context import Context
from domain.errors import NotFound
from domain.identity import separation
from domain.identity.models import Grant, User
from domain.identity.passwords import hash_password
from domain.sites.models import Site

SUPERVISION_SECTOR = "supervision"
"""Sites of this sector (政务服务管理局) supervise every site of their region."""


class RolesApart(separation.DutiesApart):
    """These two roles are not held by one person."""

    code = "roles-apart"
    title_zh = "职责分离：不能由同一人担任"
    title_en = "Separation of duties: not held by one person"
    next_zh = "请把角色授予另一人，或先收回原有角色。"
    next_en = "Give the role to somebody else, or take the other one back first."


WINDOW_LOGIN = "window-"
"""How log-ins of people begin whom a window registered; nobody can log in with one (docs/identity.md)."""


def find_user(ctx: Context, login: str) -> User | None:
    """The user with this log-in name."""
    return ctx.session.scalar(select(User).where(User.login == login.strip().lower()))


def find_applicant(ctx: Context, id_no: str) -> User | None:
    """The applicant with this 公民身份号码."""
    found = select(User).where(User.id_no_blind.in_(get_seal().blinds(id_no)), User.is_applicant)
    return ctx.session.scalar(found.order_by(User.id).limit(1))


def get_user(ctx: Context, user_id: int) -> User:
    """The user with this id. Raises :class:`NotFound`."""
    user = ctx.session.get(User, user_id)
    if user is None:
        raise no_such_user()
    return user


def no_such_user() -> NotFound:
    """The one answer for who is not there and for who is not the reader's business."""
    return NotFound("没有这个用户。", "There is no such user.")


def register_user(
    ctx: Context,
    login: str,
    name: str,
    password: str,
    *,
    is_applicant: bool = False,
    person: dict[str, Any] | None = None,
    office_phone: str = "",
    password_hash: str | None = None,
    must_change_password: bool = False,
) -> User:
    """Add a person, or bring an existing one up to date (the password stays). ``person``: {idNo, mobile, …}.

    ``password_hash`` is the password's hash where it was made before: hashing is slow on purpose. ``must_change_password``: a new
    person chooses another one at the first log-in.
    """
    user = find_user(ctx, login)
    if user is None:
        hashed = password_hash or hash_password(password)
        user = User(
            login=login.strip().lower(),
            password_hash=hashed,
            must_change_password=must_change_password,
            created_at=ctx.clock.now(),
        )
        ctx.session.add(user)
    user.name, user.is_applicant, user.office_phone = name, is_applicant, office_phone
    user.person = person
    user.id_no_blind = get_seal().blind(person["idNo"]) if person and person.get("idNo") else None
    ctx.session.flush()
    return user


def grant(ctx: Context, user: User, role: Role, site: Site | None = None) -> None:
    """Give a role at a site (or platform-wide). Raises :class:`Forbidden` where duties must be separate (DOMAIN §5.2)."""
    held = ctx.session.execute(select(Grant.role, Grant.site_id).where(Grant.user_id == user.id)).all()
    rule = separation.role_rule([(Role(other), place) for other, place in held], role, site.id if site else None)
    if rule is not None:
        raise RolesApart(f"{rule.zh}。", f"{rule.en}.")
    statement = insert(Grant).values(user_id=user.id, site_id=site.id if site else None, role=str(role))
    ctx.session.execute(statement.on_conflict_do_nothing())


def revoke(ctx: Context, user: User, role: Role, site: Site | None = None) -> None:
    """Take a role back."""
    where = Grant.site_id.is_(None) if site is None else Grant.site_id == site.id
    ctx.session.execute(delete(Grant).where(Grant.user_id == user.id, Grant.role == str(role), where))


def actor_for(session: Session, user: User) -> Actor:
    """The actor a person is: platform-wide roles under site 0; a supervisor supervises every site of the region."""
    rows = session.execute(
        select(Grant.role, Grant.site_id, Site.region_code, Site.sector)
        .outerjoin(Site, Site.id == Grant.site_id)
        .where(Grant.user_id == user.id)
    ).all()
    grants: dict[int, set[Role]] = {}
    for row in rows:
        grants.setdefault(row.site_id or 0, set()).add(Role(row.role))
    for region in {r.region_code for r in rows if r.role == Role.SUPERVISOR and r.sector == SUPERVISION_SECTOR}:
        for site_id in session.scalars(select(Site.id).where(Site.region_code.startswith(_region_prefix(region)))):
            grants.setdefault(site_id, set()).add(Role.SUPERVISOR)
    frozen = {site_id: frozenset(roles) for site_id, roles in grants.items()}
    return Actor(user_id=user.id, name=user.name, grants=frozen, is_applicant=user.is_applicant)


def list_holders(ctx: Context, site_id: int, roles: Collection[str]) -> list[int]:
    """Ids of the active people who hold one of the roles at a site."""
    query = (
        select(User.id)
        .join(Grant, Grant.user_id == User.id)
        .where(Grant.site_id == site_id, Grant.role.in_([str(role) for role in roles]), User.is_active)
    )
    return list(ctx.session.scalars(query.distinct().order_by(User.id)))


def list_platform_holders(ctx: Context, role: Role) -> list[int]:
    """Ids of the active people who hold a platform-wide role."""
    query = select(User.id).join(Grant, Grant.user_id == User.id)
    return list(ctx.session.scalars(query.where(Grant.role == role, Grant.site_id.is_(None), User.is_active)))


def list_working(ctx: Context, site_id: int, user_ids: Collection[int | None]) -> list[int]:
    """Which of these accounts are active and hold a role at the site, in the order given."""
    wanted = [user_id for user_id in user_ids if user_id is not None]
    if not wanted:
        return []
    query = select(User.id).join(Grant, Grant.user_id == User.id)
    query = query.where(Grant.site_id == site_id, User.id.in_(wanted), User.is_active, User.is_applicant.is_(False))
    found = set(ctx.session.scalars(query))
    return [user_id for user_id in dict.fromkeys(wanted) if user_id in found]


def list_staff(ctx: Context, site_id: int) -> list[tuple[User, tuple[Role, ...]]]:
    """The active people with a role at the site and their roles there, by name."""
    query = select(User, Grant.role).join(Grant, Grant.user_id == User.id)
    query = query.where(Grant.site_id == site_id, User.is_active, User.is_applicant.is_(False)).order_by(Grant.id)
    held: dict[int, tuple[User, tuple[Role, ...]]] = {}
    for user, role in ctx.session.execute(query):
        held[user.id] = (user, (*held.get(user.id, (user, ()))[1], Role(role)))
    return sorted(held.values(), key=lambda each: (each[0].name, each[0].id))


def list_supervisors(ctx: Context, region_code: str) -> list[int]:
    """Ids of the supervisors responsible for a region: its county, its prefecture, its province."""
    six = region_code[:6]
    line = {six, f"{six[:4]}00", f"{six[:2]}0000"}
    query = (
        select(User.id)
        .join(Grant, Grant.user_id == User.id)
        .join(Site, Site.id == Grant.site_id)
        .where(Grant.role == Role.SUPERVISOR, Site.sector == SUPERVISION_SECTOR, Site.region_code.in_(line))
    )
    return list(ctx.session.scalars(query.where(User.is_active).distinct().order_by(User.id)))


def _region_prefix(region_code: str) -> str:
    six = region_code[:6]
    if six.endswith("0000"):
        return six[:2]
    return six[:4] if six.endswith("00") else six
