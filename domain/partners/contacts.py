"""The contact book 联络员通讯录 (R-08.2): kept by each unit, confirmed every 90 days, always with somebody to call."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from domain.actors import Role
from domain.audit import service as audit
from domain.audit.changes import changes, hidden
from domain.context import Context
from domain.deadlines import policies
from domain.deadlines.calendar import NATION, load
from domain.deadlines.due import schedule
from domain.errors import NotFound
from domain.identity import functions
from domain.identity import service as identity
from domain.identity.models import Grant, User
from domain.items.models import Item
from domain.notifications import service as notifications
from domain.partners.errors import BadEntry
from domain.partners.models import Contact
from domain.sites.models import Region, Site

CONFIRM: Final = "contact.confirm"
STATES: Final = ("contact", "unlinked", "stale", "none")
"""How the contact book knows who is told at a site (:class:`Reached`)."""
LINKED: Final = "linked"
GONE: Final = "gone"
NONE: Final = "none"
ACCOUNTS: Final = (LINKED, GONE, NONE)
"""An entry's account: it works at the site; it was closed or has no role there any more; nobody chose one."""
FIELDS: Final = ("name", "office_phone", "duty_time", "deputy_name", "deputy_phone", "is_public")


@dataclass(frozen=True, slots=True)
class Line:
    """An entry with its place, until when its confirmation is good, and its accounts: linked, gone, none (of the deputy too)."""

    contact: Contact
    site: Site
    region_name: str
    confirm_by: datetime
    stale: bool
    account: str = NONE
    deputy_account: str = NONE
    suggested: User | None = None
    suggested_deputy: User | None = None
    """Of who has no account in the entry: the one account at the site whose name is the same; whoever keeps the entry decides."""


@dataclass(frozen=True, slots=True)
class Callee:
    """Whom to call about a site: ``kind`` is contact, liaison, admin or office (nobody is named: the unit's own number)."""

    kind: str
    name: str
    phone: str
    duty_time: str
    deputy_name: str
    deputy_phone: str
    stale: bool
    confirmed_at: datetime | None = None
    linked: bool = True


@dataclass(frozen=True, slots=True)
class Reached:
    """Whose accounts a notice to a site goes to.

    ``state``: ``contact`` the account of the contact book's 联络员 (``name``) or of the deputy; ``unlinked``: the entry has no account
    that works there, so it goes to who holds that role; ``stale`` or ``none``: nobody confirmed who that is, so it goes to the site's
    administrators as well.
    """

    state: str
    name: str
    user_ids: tuple[int, ...]


def confirm_by(ctx: Context, confirmed_at: datetime) -> datetime:
    """Until when a confirmation is good: policy ``contact.confirm``."""
    value = policies.effective(ctx, CONFIRM, None, None).value
    return schedule(value, confirmed_at, load(ctx.session, NATION))


def confirm_days(ctx: Context) -> int:
    """For how many days a confirmation is good."""
    now = ctx.clock.now()
    return (confirm_by(ctx, now) - now).days


def list_contacts(ctx: Context, *, site_ids: Collection[int] | None = None, stale: bool | None = None) -> list[Line]:
    """The entries of these sites (None: of all) by region, unit and item."""
    query = (
        select(Contact, Site, Region.name)
        .join(Site, Site.id == Contact.site_id)
        .join(Region, Region.code == Site.region_code)
        .order_by(Site.region_code, Site.code, Contact.item_code)
    )
    if site_ids is not None:
        query = query.where(Contact.site_id.in_(list(site_ids)))
    now = ctx.clock.now()
    until: dict[datetime, datetime] = {}
    lines = []
    for contact, site, region in ctx.session.execute(query):
        last = until.setdefault(contact.confirmed_at, confirm_by(ctx, contact.confirmed_at))
        lines.append(Line(contact, site, region, last, last < now))
    lines = _with_accounts(ctx, lines)
    return [line for line in lines if stale is None or line.stale is stale]


def _with_accounts(ctx: Context, lines: list[Line]) -> list[Line]:
    named = {each for line in lines for each in (line.contact.user_id, line.contact.deputy_user_id) if each is not None}
    here = select(Grant.site_id, Grant.user_id).join(User, User.id == Grant.user_id)
    working = {(at, who) for at, who in ctx.session.execute(here.where(User.id.in_(named), User.is_active))}

    def state(line: Line, user_id: int | None) -> str:
        if user_id is None:
            return NONE
        return LINKED if (line.site.id, user_id) in working else GONE

    return [
        replace(
            line,
            account=state(line, line.contact.user_id),
            deputy_account=state(line, line.contact.deputy_user_id),
        )
        for line in lines
    ]


def put(ctx: Context, site: Site, item_code: str, values: Mapping[str, Any]) -> Contact:
    """Add or change the entry of a site and item (empty: all items); saving it confirms it.

    ``values``: name, office_phone, duty_time, deputy_name, deputy_phone, is_public, mobile, deputy_mobile, and of who has an account
    here user_id, deputy_user_id (then the account's name counts). Raises :class:`BadEntry`, ``FunctionRefused``.
    """
    functions.require(ctx.actor, "contact:change", site_id=site.id)
    if item_code and ctx.session.get(Item, item_code) is None:
        raise BadEntry("没有这个事项。", "There is no such item.", pointer="/itemCode")
    person = account_of(ctx, site, values.get("user_id"), "/userId")
    deputy = account_of(ctx, site, values.get("deputy_user_id"), "/deputyUserId")
    if person is not None and deputy is person:
        raise BadEntry("替补应为另一人。", "The deputy is somebody else.", pointer="/deputyUserId")
    if deputy is None and not values.get("deputy_name") and not values.get("deputy_phone"):
        raise BadEntry(
            "必须填写替补联络员或替补电话。", "A deputy or a deputy's phone is needed.", pointer="/deputyName"
        )
    row = find(ctx.session, site.id, item_code)
    before, private = ({}, None) if row is None else (_told(row), row.private)
    if row is None:
        row = Contact(site_id=site.id, item_code=item_code)
        ctx.session.add(row)
    for name in FIELDS:
        setattr(row, name, values[name])
    row.user_id, row.deputy_user_id = (each.id if each else None for each in (person, deputy))
    row.name, row.deputy_name = person.name if person else row.name, deputy.name if deputy else row.deputy_name
    row.private = {"mobile": values.get("mobile") or "", "deputyMobile": values.get("deputy_mobile") or ""}
    row.updated_at = ctx.clock.now()
    _confirmed(ctx, row)
    ctx.session.flush()
    done = changes(before, _told(row)) | hidden(private, row.private)
    audit.record(ctx, "contact.changed", site_id=site.id, data={"itemCode": item_code, "changes": done})
    return row


def account_of(ctx: Context, site: Site, user_id: int | None, pointer: str) -> User | None:
    """The account that was chosen, if it works at the site. Raises :class:`BadEntry`."""
    if user_id is None:
        return None
    if not identity.list_working(ctx, site.id, [user_id]):
        raise not_of_the_site(pointer)
    return ctx.session.get_one(User, user_id)


def not_of_the_site(pointer: str) -> BadEntry:
    """The refusal of an account that does not work at the entry's site, or is none."""
    return BadEntry(
        "请选择在该机构任职的人员账号。", "Choose the account of somebody who works at this site.", pointer=pointer
    )


def confirm(ctx: Context, contact_id: int) -> Contact:
    """Say that an entry is still right. Raises :class:`NotFound`, also for an entry that is not the actor's to keep."""
    row = kept(ctx, contact_id, "contact:confirm")
    _confirmed(ctx, row)
    ctx.session.flush()
    audit.record(ctx, "contact.confirmed", site_id=row.site_id, data={"itemCode": row.item_code})
    return row


def remove(ctx: Context, contact_id: int) -> None:
    """Take an entry out. Raises :class:`NotFound`, also for an entry that is not the actor's to keep."""
    row = kept(ctx, contact_id, "contact:change")
    ctx.session.execute(delete(Contact).where(Contact.id == row.id))
    audit.record(ctx, "contact.removed", site_id=row.site_id, data={"itemCode": row.item_code})


def get(ctx: Context, contact_id: int) -> Contact:
    """One entry. Raises :class:`NotFound`."""
    row = ctx.session.get(Contact, contact_id)
    if row is None:
        raise _no_such_contact()
    return row


def kept(ctx: Context, contact_id: int, function: str) -> Contact:
    """An entry that the actor may do this with. Raises :class:`NotFound`."""
    row = get(ctx, contact_id)
    if not functions.may(ctx.actor, function, site_id=row.site_id):
        raise _no_such_contact()
    return row


def _no_such_contact() -> NotFound:
    return NotFound("没有这条通讯录。", "There is no such contact.")


def find(session: Session, site_id: int, item_code: str) -> Contact | None:
    """The entry of a site and item."""
    return session.scalar(select(Contact).where(Contact.site_id == site_id, Contact.item_code == item_code))


def callee(ctx: Context, site: Site, item_code: str) -> Callee:
    """Whom to call: the item's contact, the unit's, a liaison, the site's administrator, at last the unit's own number."""
    entry = find(ctx.session, site.id, item_code) or find(ctx.session, site.id, "")
    if entry is not None:
        return Callee(
            "contact",
            entry.name,
            entry.office_phone,
            entry.duty_time,
            entry.deputy_name,
            entry.deputy_phone,
            stale=confirm_by(ctx, entry.confirmed_at) < ctx.clock.now(),
            confirmed_at=entry.confirmed_at,
            linked=bool(_linked(ctx, entry)),
        )
    for kind, role in (("liaison", Role.LIAISON), ("admin", Role.SITE_ADMIN)):
        holders = identity.list_holders(ctx, site.id, [role])
        if holders:
            first = ctx.session.get_one(User, holders[0])
            deputy = ctx.session.get_one(User, holders[1]) if len(holders) > 1 else None
            return Callee(
                kind,
                first.name,
                first.office_phone or site.phone,
                "",
                deputy.name if deputy else "",
                deputy.office_phone if deputy else "",
                stale=False,
            )
    return Callee("office", "", site.phone, "", "", "", stale=False)


def public_line(ctx: Context, site: Site, item_code: str) -> tuple[str, str]:
    """Office phone and duty time that anybody may know: of a public entry, else the unit's own number."""
    entry = find(ctx.session, site.id, item_code) or find(ctx.session, site.id, "")
    return (entry.office_phone, entry.duty_time) if entry is not None and entry.is_public else (site.phone, "")


def public_phones(ctx: Context, sites: Collection[Site], item_code: str) -> dict[int, str]:
    """The office phone of :func:`public_line` for many sites, by the site's id, in one statement."""
    query = select(Contact).where(
        Contact.site_id.in_([site.id for site in sites]), Contact.item_code.in_(["", item_code])
    )
    # An item's own entry comes after the unit's and takes its place.
    entries = {row.site_id: row for row in ctx.session.scalars(query.order_by(Contact.item_code))}
    public = {site_id: row.office_phone for site_id, row in entries.items() if row.is_public}
    return {site.id: public.get(site.id, site.phone) for site in sites}


def reached(ctx: Context, site_id: int, item_code: str) -> Reached:
    """Who at the site is told about a case of the item: whom the contact book names (and the deputy), while somebody confirms it.

    They are told by their accounts, never found by their names: an entry without an account that works at the site stands for the
    site's liaisons. Without an entry, with a stale one, or when nobody is a liaison, the site's administrators are told as well, so
    that a step always finds somebody and somebody mends the book.
    """
    entry = find(ctx.session, site_id, item_code) or find(ctx.session, site_id, "")
    linked = () if entry is None else _linked(ctx, entry)
    fresh = entry is not None and confirm_by(ctx, entry.confirmed_at) >= ctx.clock.now()
    if entry is not None and fresh and linked:
        name = entry.name if entry.user_id in linked else entry.deputy_name
        return Reached("contact", name, linked)
    liaisons = identity.list_holders(ctx, site_id, [Role.LIAISON])
    if entry is not None and fresh and liaisons:
        return Reached("unlinked", entry.name, tuple(liaisons))
    state, name = ("none", "") if entry is None else ("unlinked" if fresh else "stale", entry.name)
    return Reached(state, name, tuple(dict.fromkeys([*linked, *liaisons, *list_menders(ctx, site_id)])))


def list_menders(ctx: Context, site_id: int) -> list[int]:
    """Who keeps the contact book of a site and hears of what reached nobody: its administrators."""
    return identity.list_holders(ctx, site_id, [Role.SITE_ADMIN])


def _linked(ctx: Context, entry: Contact) -> tuple[int, ...]:
    return tuple(identity.list_working(ctx, entry.site_id, [entry.user_id, entry.deputy_user_id]))


def remind(ctx: Context) -> int:
    """Housekeeping: units whose entries were not confirmed in time hear of it, once in each period. How many entries."""
    now = ctx.clock.now()
    told = 0
    for line in list_contacts(ctx, stale=True):
        last = line.contact.reminded_at
        if last is not None and confirm_by(ctx, last) > now:
            continue
        readers = identity.list_holders(ctx, line.site.id, [Role.LIAISON, Role.SITE_ADMIN])
        since = line.contact.confirmed_at.date().isoformat()
        values = {"siteName": line.site.name, "since": since}
        notifications.send(ctx, readers, "contact.stale", values, site_id=line.site.id)
        line.contact.reminded_at = now
        told += 1
    ctx.session.flush()
    return told


def _told(row: Contact) -> dict[str, Any]:
    return {name: getattr(row, name) for name in (*FIELDS, "user_id", "deputy_user_id")}


def _confirmed(ctx: Context, row: Contact) -> None:
    row.confirmed_by, row.confirmed_at, row.reminded_at = ctx.actor.user_id, ctx.clock.now(), None
