"""Keeping people: who registers, deactivates and gives roles to whom (DOMAIN §5.2 “Users, roles, delegation”).

A site's administrator keeps the own site's people; the platform administrator appoints administrators and gives the platform's own
roles. Nobody changes the own roles.
"""

from __future__ import annotations

import re
import secrets
from typing import Final

from sqlalchemy import func, select

from domain.actors import Role
from domain.audit import service as audit
from domain.audit.changes import changes
from domain.context import Context
from domain.errors import Conflict, DomainError, Forbidden
from domain.identity import exceptions, functions
from domain.identity import service as identity
from domain.identity.models import Grant, User
from domain.identity.roles import PLATFORM_ROLES, role_name
from domain.sites.models import Site

LOGIN: Final = re.compile(r"^[a-z][a-z0-9._-]{2,59}$")
APPOINTED: Final = PLATFORM_ROLES | {Role.SITE_ADMIN, Role.SUPERVISOR}
"""Roles that the platform administrator gives."""
AT_SITES: Final = frozenset({Role.RECV_CLERK, Role.HANDLER, Role.APPROVER, Role.LIAISON, Role.SITE_ADMIN, Role.AGENT})
"""Roles that a site's administrator gives; at a supervision site also the supervisor."""
_LETTERS: Final = "abcdefghjkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789"


class BadLogin(DomainError):
    """A log-in name is a slug of its own."""

    code = "bad-login"
    title_zh = "登录名不符合要求"
    title_en = "The log-in name is not usable"
    next_zh = "请用小写字母开头，3–60 位小写字母、数字、点、下划线或连字符。"
    next_en = "Begin with a lower-case letter; 3-60 lower-case letters, digits, dots, underscores or hyphens."


class LoginTaken(Conflict):
    """Somebody has this log-in name."""

    code = "login-taken"
    title_zh = "登录名已被使用"
    title_en = "The log-in name is taken"
    next_zh = "请换一个登录名。"
    next_en = "Choose another one."


class NotYourPeople(Forbidden):
    """Not within what the actor administers."""

    code = "not-your-people"
    title_zh = "不在您的管理范围内"
    title_en = "Not within what you administer"
    next_zh = "请由该机构的站点管理员或平台管理员办理。"
    next_en = "Ask the administrator of that site or of the platform."


class LastAdministrator(Conflict):
    """The platform keeps one administrator."""

    code = "last-administrator"
    title_zh = "这是最后一名平台管理员"
    title_en = "The last platform administrator"
    next_zh = "请先任命另一名平台管理员。"
    next_en = "Appoint another one first."


def register(ctx: Context, login: str, name: str, office_phone: str, role: Role, site: Site | None) -> tuple[User, str]:
    """A new person with a first role; the initial password is told once, never kept in clear, and changed at the first log-in."""
    login = login.strip().lower()
    require_giver(ctx, role, site)
    if not LOGIN.match(login):
        raise BadLogin(pointer="/login")
    if identity.find_user(ctx, login) is not None:
        raise LoginTaken(pointer="/login")
    password = initial_password()
    phone = office_phone.strip()
    user = identity.register_user(ctx, login, name.strip(), password, office_phone=phone, must_change_password=True)
    _record(ctx, "user.registered", user, site, role)
    _give(ctx, user, role, site)
    return user, password


def change(ctx: Context, user: User, name: str, office_phone: str) -> None:
    """Correct a name or office phone."""
    _require_keeper(ctx, user)
    before = _told(user)
    user.name, user.office_phone = name.strip(), office_phone.strip()
    ctx.session.flush()
    audit.record(ctx, "user.changed", data={"login": user.login, "changes": changes(before, _told(user))})


def set_active(ctx: Context, user: User, *, active: bool, reason: str = "") -> None:
    """Disable an account (its sessions end with the next request) or let it in again. Not the own, not the last administrator's."""
    if active:
        _require_other(ctx, user)
        _require_keeper(ctx, user)
    else:
        require_closable(ctx, user)
    user.is_active = active
    ctx.session.flush()
    audit.record(ctx, "user.enabled" if active else "user.disabled", data={"login": user.login, "reason": reason})


def require_closable(ctx: Context, user: User) -> None:
    """Raise what :func:`set_active` would refuse when it closes the account."""
    _require_other(ctx, user)
    _require_keeper(ctx, user)
    if Role.PLATFORM_ADMIN in {role for role, _ in _held(ctx, user)}:
        _require_another(ctx, user)


def give(
    ctx: Context, user: User, role: Role, site: Site | None, exceptional: exceptions.Exceptional | None = None
) -> None:
    """Give a role. Raises :class:`NotYourPeople`, ``RolesApart``, ``ExceptionNeeded``."""
    _require_other(ctx, user)
    require_giver(ctx, role, site)
    if user.is_applicant and role is not Role.AGENT:
        raise NotYourPeople("申请人账号不能担任工作人员角色。", "An applicant's account holds no role of staff.")
    exceptions.require_exception(ctx, user, role, site, exceptional)
    needed = bool(exceptions.foresee(ctx, user, role, site).apart)
    _give(ctx, user, role, site)
    if needed and exceptional is not None and site is not None:
        exceptions.enter(ctx, user, role, site, exceptional)


def foresee(ctx: Context, user: User, role: Role, site: Site | None) -> exceptions.Foreseen:
    """What giving the role would mean. Raises :class:`NotYourPeople` where the actor may not give it."""
    _require_other(ctx, user)
    require_giver(ctx, role, site)
    return exceptions.foresee(ctx, user, role, site)


def take(ctx: Context, user: User, role: Role, site: Site | None) -> None:
    """Take a role back. Raises :class:`NotYourPeople`, :class:`LastAdministrator`."""
    _require_other(ctx, user)
    require_giver(ctx, role, site)
    if role is Role.PLATFORM_ADMIN:
        _require_another(ctx, user)
    identity.revoke(ctx, user, role, site)
    if site is not None:
        exceptions.settle(ctx, user.id, site.id)
    _record(ctx, "role.revoked", user, site, role)


def require_giver(ctx: Context, role: Role, site: Site | None) -> None:
    """Raise :class:`NotYourPeople` unless the actor may give (and take) this role there."""
    if role in (Role.SYSTEM, Role.APPLICANT) or (role in PLATFORM_ROLES) != (site is None):
        raise NotYourPeople(f"“{role_name(role)[0]}”不能这样授予。", f"{role} is not given like this.", pointer="/role")
    own = site is not None and functions.may(ctx.actor, "users:change", site_id=site.id)
    if own and (role in AT_SITES or (role is Role.SUPERVISOR and site and site.sector == identity.SUPERVISION_SECTOR)):
        return
    if role in APPOINTED and functions.may(ctx.actor, "users:appoint"):
        return
    raise NotYourPeople(
        f"您不能在这里授予“{role_name(role)[0]}”。", f"You do not give the role {role} there.", pointer="/role"
    )


def get_known(ctx: Context, user_id: int) -> User:
    """A person whom the actor may know of. Raises :class:`NotFound`.

    For a site's administrator who works at other sites only and who applies are as if they were not. Staff without any role is
    known, so that somebody can give it one.
    """
    user = identity.get_user(ctx, user_id)
    if not knows(ctx, user):
        raise identity.no_such_user()
    return user


def knows(ctx: Context, user: User) -> bool:
    """Whether the actor may know of the person (:func:`get_known`)."""
    if functions.may(ctx.actor, "users:appoint"):
        return True
    places = [place for _, place in _held(ctx, user)]
    own = any(place is not None and functions.may(ctx.actor, "users:change", site_id=place) for place in places)
    return own or not (places or user.is_applicant)


def may_keep(ctx: Context, user: User) -> bool:
    """Whether the actor keeps this person: all roles at own sites, or the platform administrator."""
    if functions.may(ctx.actor, "users:appoint"):
        return True
    held = _held(ctx, user)
    return bool(held) and all(
        place is not None and functions.may(ctx.actor, "users:change", site_id=place) for _, place in held
    )


def initial_password() -> str:
    """Sixteen letters and digits without look-alikes."""
    return "-".join("".join(secrets.choice(_LETTERS) for _ in range(4)) for _ in range(4))


def _give(ctx: Context, user: User, role: Role, site: Site | None) -> None:
    identity.grant(ctx, user, role, site)
    _record(ctx, "role.granted", user, site, role)


def _told(user: User) -> dict[str, str]:
    return {"name": user.name, "officePhone": user.office_phone}


def _held(ctx: Context, user: User) -> list[tuple[Role, int | None]]:
    rows = ctx.session.execute(select(Grant.role, Grant.site_id).where(Grant.user_id == user.id))
    return [(Role(role), place) for role, place in rows]


def _require_keeper(ctx: Context, user: User) -> None:
    if user.is_applicant or not may_keep(ctx, user):
        raise NotYourPeople("该人员不在您管理的机构，或同时在其他机构任职。", "The person is (also) at another site.")


def _require_other(ctx: Context, user: User) -> None:
    if user.id == ctx.actor.user_id:
        raise NotYourPeople("不能修改本人的角色和状态。", "Nobody changes the own roles and state.")


def _require_another(ctx: Context, user: User) -> None:
    """Under a lock, so that two administrators do not remove each other."""
    ctx.session.execute(select(func.pg_advisory_xact_lock(0x11A2BA5)))
    others = (
        select(User.id)
        .join(Grant, Grant.user_id == User.id)
        .where(Grant.role == Role.PLATFORM_ADMIN, User.is_active, User.id != user.id)
        .limit(1)
    )
    if ctx.session.scalar(others) is None:
        raise LastAdministrator


def _record(ctx: Context, kind: str, user: User, site: Site | None, role: Role) -> None:
    data = {"login": user.login, "role": str(role), "siteCode": site.code if site else None}
    audit.record(ctx, kind, site_id=site.id if site else None, data=data)
