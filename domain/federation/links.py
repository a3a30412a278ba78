"""Whose account a log-in opens: by the link of issuer and subject; else an applicant by number, a member of staff by 工号.

Nobody gets a role by logging in. Whatever leads to two different accounts is refused.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError

from domain.audit import service as audit
from domain.base import get_seal
from domain.clock import CHINA, HOST
from domain.context import Context
from domain.federation.attempts import Found
from domain.federation.errors import AccountClosed, IdentityIncomplete, LinkContradicts, NotLinked, UnknownProvider
from domain.federation.models import IdentityLink
from domain.federation.providers import Audience, Provider
from domain.identity import service as identity
from domain.identity.models import User
from forms.checks import find_idcard_fault, find_mobile_fault, find_uscc_fault, normalise_code

_LOCK: Final = 7_310_051


@dataclass(frozen=True, slots=True)
class Owner:
    """The account of a log-in, and by which link."""

    user: User
    link: IdentityLink


def blind(issuer: str, kind: str, value: str) -> str:
    """The fingerprint of a subject or number: the same number at two issuers does not look the same. Case counts in it."""
    return get_seal().mark(f"{issuer}|{kind}|{value.encode().hex()}")


def owner_of(ctx: Context, provider: Provider, found: Found) -> Owner:
    """Find or make the account, and remember the link.

    Raises :class:`IdentityIncomplete`, :class:`NotLinked`, :class:`LinkContradicts`, :class:`AccountClosed`.
    """
    person = _checked(provider, found.person)
    subject = blind(found.issuer, "sub", found.subject)
    _one_at_a_time(ctx, subject, person)
    link = ctx.session.scalar(
        select(IdentityLink).where(IdentityLink.issuer == found.issuer, IdentityLink.subject_blind == subject)
    )
    by_number = _by_number(ctx, provider, found, person)
    if link is None:
        link = _first(ctx, provider, found, person, by_number)
    elif by_number is not None and by_number.id != link.user_id:
        raise _contradiction(ctx, link)
    user = ctx.session.get_one(User, link.user_id, with_for_update=True, populate_existing=True)
    if user.is_applicant != provider.audience.is_applicant:
        raise _contradiction(ctx, link)
    if not user.is_active:
        raise AccountClosed("该账号已停用。", "The account is disabled.")
    _refresh(ctx, provider, user, link, person)
    link.used_at = HOST.now()
    ctx.session.flush()
    return Owner(user, link)


def _checked(provider: Provider, person: Mapping[str, str]) -> dict[str, str]:
    """The person's data as they are kept. Raises :class:`IdentityIncomplete`, naming the field and nothing of its content."""
    found = dict(person)
    for name in ("idNo", "uscc"):
        if name in found:
            found[name] = normalise_code(found[name])
    today = HOST.now().astimezone(CHINA).date()
    faults = {
        "idNo": find_idcard_fault(found["idNo"], today) if "idNo" in found else None,
        "uscc": find_uscc_fault(found["uscc"]) if "uscc" in found else None,
    }
    needed = {
        Audience.NATURAL: ("idNo", "name"),
        Audience.LEGAL: ("uscc", "organisation"),
        Audience.STAFF: (),
    }[provider.audience]
    for name in needed:
        if not found.get(name):
            raise IdentityIncomplete(f"缺少{_NAMES[name][0]}。", f"The {_NAMES[name][1]} is missing.")
    for name, fault in faults.items():
        if fault is not None:
            raise IdentityIncomplete(
                f"{_NAMES[name][0]}不正确（{fault}）。", f"The {_NAMES[name][1]} is wrong ({fault})."
            )
    if "mobile" in found and find_mobile_fault(found["mobile"]) is not None:
        del found["mobile"]
    return found


_NAMES: Final = {
    "idNo": ("公民身份号码", "identity number"),
    "name": ("姓名", "name"),
    "uscc": ("统一社会信用代码", "unified social credit code"),
    "organisation": ("单位名称", "name of the organisation"),
}


def _by_number(ctx: Context, provider: Provider, found: Found, person: Mapping[str, str]) -> User | None:
    """The account that the number of the claims leads to, whoever is linked to it."""
    if provider.audience is Audience.STAFF:
        number = person.get("employeeNo")
        if not number:
            return None
        waiting = select(User).join(IdentityLink, IdentityLink.user_id == User.id)
        return ctx.session.scalar(
            waiting.where(
                IdentityLink.issuer == found.issuer,
                IdentityLink.number_blind == blind(found.issuer, "employeeNo", number),
            )
        )
    return identity.find_applicant(ctx, person["uscc" if provider.audience is Audience.LEGAL else "idNo"])


def _first(
    ctx: Context, provider: Provider, found: Found, person: Mapping[str, str], user: User | None
) -> IdentityLink:
    """The first log-in of a subject."""
    if provider.audience is Audience.STAFF:
        return _claim(ctx, found, person, user)
    if user is not None and provider.audience is Audience.NATURAL:
        other = select(IdentityLink).where(IdentityLink.issuer == found.issuer, IdentityLink.user_id == user.id)
        taken = ctx.session.scalar(other.limit(1))
        if taken is not None:
            raise _contradiction(ctx, taken)
    if user is None:
        user = _register(ctx, provider, person)
    link = IdentityLink(
        user_id=user.id,
        issuer=found.issuer,
        subject_blind=blind(found.issuer, "sub", found.subject),
        about=_about(provider, found, person),
        created_at=HOST.now(),
    )
    ctx.session.add(link)
    _flush(ctx)
    audit.record(ctx, "identity.linked", data={"user": user.id, "provider": provider.key, "by": "first-login"})
    return link


def _claim(ctx: Context, found: Found, person: Mapping[str, str], user: User | None) -> IdentityLink:
    """A staff link that an administrator made by number gets its subject."""
    if user is None:
        raise NotLinked("没有与该身份绑定的工作账号。", "No staff account is linked to this identity.")
    number = blind(found.issuer, "employeeNo", person["employeeNo"])
    link = ctx.session.scalars(
        select(IdentityLink).where(IdentityLink.issuer == found.issuer, IdentityLink.number_blind == number)
    ).one()
    if link.subject_blind is not None:
        raise _contradiction(ctx, link)
    link.subject_blind = blind(found.issuer, "sub", found.subject)
    link.about = {**link.about, "sub": found.subject}
    _flush(ctx)
    audit.record(ctx, "identity.linked", data={"user": link.user_id, "link": link.id, "by": "number"})
    return link


def _register(ctx: Context, provider: Provider, person: Mapping[str, str]) -> User:
    legal = provider.audience is Audience.LEGAL
    kept = {"idNo": person["uscc" if legal else "idNo"]}
    if legal:
        kept |= {"uscc": person["uscc"], "organisation": person["organisation"]}
    elif "mobile" in person:
        kept["mobile"] = person["mobile"]
    name = person["organisation" if legal else "name"][:60]
    login = f"sso-{secrets.token_hex(8)}"
    # Nobody knows this password: the account opens by the provider alone.
    return identity.register_user(ctx, login, name, secrets.token_urlsafe(32), is_applicant=True, person=kept)


def _refresh(ctx: Context, provider: Provider, user: User, link: IdentityLink, person: Mapping[str, str]) -> None:
    """What the provider knows better: an applicant's name, the number of somebody who had none, who acts for an organisation."""
    if provider.audience is Audience.STAFF:
        return
    legal = provider.audience is Audience.LEGAL
    number = person["uscc" if legal else "idNo"]
    known = dict(user.person or {})
    if known.get("idNo") and known["idNo"] != number:
        raise _contradiction(ctx, link)
    name = person["organisation" if legal else "name"][:60]
    if user.name != name:
        user.name = name
        audit.record(ctx, "identity.renamed", data={"user": user.id, "provider": provider.key})
    about = {**(link.about or {}), **_operator(person)} if legal else link.about
    if about != link.about:
        link.about = about


def _about(provider: Provider, found: Found, person: Mapping[str, str]) -> dict[str, Any]:
    return {"sub": found.subject} | (_operator(person) if provider.audience is Audience.LEGAL else {})


def _operator(person: Mapping[str, str]) -> dict[str, str]:
    return {name: person[name] for name in ("name", "idNo") if name in person}


def _contradiction(ctx: Context, link: IdentityLink) -> LinkContradicts:
    del ctx, link
    return LinkContradicts("该身份与平台中已有的账号绑定不一致。", "The identity leads to more than one account here.")


def _one_at_a_time(ctx: Context, subject: str, person: Mapping[str, str]) -> None:
    """Two first log-ins of one person at the same moment must not make two accounts."""
    numbers = [person[name] for name in ("idNo", "uscc", "employeeNo") if name in person]
    for key in sorted({subject, *(get_seal().mark(number) for number in numbers)}):
        ctx.session.execute(select(func.pg_advisory_xact_lock(_LOCK, func.hashtext(key))))


def _flush(ctx: Context) -> None:
    try:
        ctx.session.flush()
    except IntegrityError:
        raise LinkContradicts("该身份刚刚被绑定。", "The identity was linked a moment ago.") from None


def find_provider(every: Any, key: str) -> Provider:
    """The provider with this key. Raises :class:`UnknownProvider`."""
    provider: Provider | None = every.find(key)
    if provider is None:
        raise UnknownProvider("没有这个身份认证系统。", "There is no such identity provider.")
    return provider
