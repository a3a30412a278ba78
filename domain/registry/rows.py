"""How a row of each spreadsheet is applied, and what stands in an export."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from domain.actors import Role
from domain.context import Context
from domain.identity import administration, functions
from domain.identity import queries as people
from domain.identity import service as identity
from domain.partners import contacts, openings
from domain.registry import keeping
from domain.sites import queries as sites
from domain.sites import registry, service
from domain.sites.models import Site

Row = Mapping[str, Any]


@dataclass(slots=True)
class Outcome:
    """What an import did. ``passwords``: (login, name, initial password) of new people, told once. ``closed``: accounts that were open."""

    added: int = 0
    changed: int = 0
    passwords: list[tuple[str, str, str]] = field(default_factory=list)
    closed: list[int] = field(default_factory=list)

    def count(self, *, added: bool) -> None:
        """One row more."""
        self.added, self.changed = self.added + added, self.changed + (not added)


def put_user(ctx: Context, row: Row, outcome: Outcome) -> None:
    """A person with a role: new, or brought up to date."""
    site = service.get_site(ctx, row["site_code"], pointer="/site_code") if row["site_code"] else None
    user = identity.find_user(ctx, row["login"])
    if user is None:
        made = administration.register(ctx, row["login"], row["name"], row["office_phone"], row["role"], site)
        outcome.passwords.append((made[0].login, made[0].name, made[1]))
        outcome.count(added=True)
        return
    if not administration.knows(ctx, user):
        raise administration.LoginTaken(pointer="/login")
    if (user.name, user.office_phone) != (row["name"], row["office_phone"]):
        administration.change(ctx, user, row["name"], row["office_phone"])
    held = {(Role(each.role), each.site_id) for each in people.grants_of(ctx.session, user.id)}
    if (row["role"], site.id if site else None) not in held:
        administration.give(ctx, user, row["role"], site)
    if user.is_active != row["active"]:
        administration.set_active(ctx, user, active=row["active"])
        if not user.is_active:
            outcome.closed.append(user.id)
    outcome.count(added=False)


def list_users(ctx: Context) -> Iterable[list[str]]:
    """One row for each role held at the reader's sites."""
    own = functions.sites_where(ctx.actor, "users:read")
    rows = people.list_users(ctx.session, sites=None if own is None else tuple(own))
    found = sites.sites_by_id(ctx.session, {held.site_id for row in rows for held in row.grants if held.site_id})
    for row in rows:
        for held in row.grants:
            if own is None or held.site_id in own:
                code = found[held.site_id].code if held.site_id in found else ""
                yield [row.login, row.name, row.office_phone, code, held.role, _yes(row.is_active)]


def put_site(ctx: Context, row: Row, outcome: Outcome) -> None:
    """A site, own or a partner's."""
    functions.require(ctx.actor, "users:sites")
    site = sites.find_site(ctx.session, row["code"])
    if site is None:
        keeping.add_site(ctx, row["code"], row)
    else:
        keeping.change_site(ctx, site, row)
    outcome.count(added=site is None)


def list_sites(ctx: Context) -> Iterable[list[str]]:
    """All sites."""
    for site, _ in sites.list_sites(ctx.session):
        values = (site.code, site.name, site.short_name, site.region_code, site.sector, site.uscc or "")
        yield [*values, site.phone, site.address, site.document_word, _yes(site.is_local)]


def put_organisation(ctx: Context, row: Row, outcome: Outcome) -> None:
    """An organisation."""
    functions.require(ctx.actor, "users:sites")
    outcome.count(added=registry.find_organisation(ctx.session, row["uscc"]) is None)
    keeping.put_organisation(ctx, row["uscc"], row)


def list_organisations(ctx: Context) -> Iterable[list[str]]:
    """All organisations."""
    for row in registry.list_organisations(ctx.session):
        yield [row.uscc, row.name, row.region_code or "", row.phone, row.address, _yes(row.is_active)]


def put_region(ctx: Context, row: Row, outcome: Outcome) -> None:
    """A region below one that is known."""
    functions.require(ctx.actor, "users:sites")
    parent = row["parent_code"] or None
    if parent and not sites.region_exists(ctx.session, parent):
        raise registry.BadPlace("没有上级区划。", "The parent is not known.", pointer="/parent_code")
    outcome.count(added=not sites.region_exists(ctx.session, row["code"]))
    service.register_regions(ctx, [(row["code"], row["name"], parent)])


def list_regions(ctx: Context) -> Iterable[list[str]]:
    """All regions."""
    for row in sites.all_regions(ctx.session):
        yield [row.code, row.name, row.parent_code or ""]


def put_contact(ctx: Context, row: Row, outcome: Outcome) -> None:
    """An entry of the contact book."""
    site = service.get_site(ctx, row["site_code"], pointer="/site_code")
    outcome.count(added=contacts.find(ctx.session, site.id, row["item_code"]) is None)
    columns = {"user_id": "login", "deputy_user_id": "deputy_login"}
    accounts = {name: _account(ctx, site, row, column) for name, column in columns.items()}
    contacts.put(ctx, site, row["item_code"], {**row, **accounts})


def _account(ctx: Context, site: Site, row: Row, column: str) -> int | None:
    """The account that a line of the contact book names by its log-in; whether others exist is not told."""
    if not row[column]:
        return None
    user = identity.find_user(ctx, row[column])
    if user is None or not identity.list_working(ctx, site.id, [user.id]):
        raise contacts.not_of_the_site(f"/{column}")
    return user.id


def list_contacts(ctx: Context) -> Iterable[list[str]]:
    """The entries of the reader's sites."""
    lines = contacts.list_contacts(ctx, site_ids=functions.sites_where(ctx.actor, "contact:change"))
    accounts = {each for line in lines for each in (line.contact.user_id, line.contact.deputy_user_id) if each}
    logins = people.logins_of(ctx.session, accounts)
    for line in lines:
        row, private = line.contact, line.contact.private or {}
        phones = (private.get("mobile", ""), private.get("deputyMobile", ""))
        named = (row.name, row.office_phone, row.duty_time, row.deputy_name, row.deputy_phone)
        told = [logins.get(each or 0, "") for each in (row.user_id, row.deputy_user_id)]
        yield [line.site.code, row.item_code, *named, *phones, _yes(row.is_public), *told]


def put_partnership(ctx: Context, row: Row, outcome: Outcome) -> None:
    """A partnership by its name."""
    known = next((each for each in openings.list_partnerships(ctx.session) if each.name == row["name"]), None)
    openings.put(ctx, known.id if known else None, **row)
    outcome.count(added=known is None)


def list_partnerships(ctx: Context) -> Iterable[list[str]]:
    """All partnerships."""
    for row in openings.list_partnerships(ctx.session):
        until = row.valid_until.isoformat() if row.valid_until else ""
        yield [row.name, row.agreement, " ".join(row.regions), " ".join(row.items), row.valid_from.isoformat(), until]


def _yes(value: bool) -> str:
    return "是" if value else "否"
