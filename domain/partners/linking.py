"""Entries of the contact book that were made without accounts: which accounts their names may mean, and linking them."""

from __future__ import annotations

from dataclasses import replace

from domain.audit import service as audit
from domain.context import Context
from domain.identity import service as identity
from domain.identity.models import User
from domain.partners import contacts
from domain.partners.errors import BadEntry
from domain.partners.models import Contact
from domain.sites.models import Site


def suggest(ctx: Context, line: contacts.Line) -> contacts.Line:
    """The line with the accounts that its names may mean: notices go to them only after somebody linked them."""
    row = line.contact
    wanted = [name if user_id is None else "" for name, user_id in _named(row)]
    if not any(wanted):
        return line
    by_name: dict[str, list[User]] = {}
    for user, _ in identity.list_staff(ctx, line.site.id):
        by_name.setdefault(user.name.strip(), []).append(user)
    taken = {user_id for _, user_id in _named(row)}
    person, deputy = (
        found[0] if name and len(found := by_name.get(name.strip(), [])) == 1 and found[0].id not in taken else None
        for name in wanted
    )
    return replace(line, suggested=person, suggested_deputy=None if deputy is person else deputy)


def _named(row: Contact) -> tuple[tuple[str, int | None], tuple[str, int | None]]:
    return (row.name, row.user_id), (row.deputy_name, row.deputy_user_id)


def link(ctx: Context, contact_id: int, user_id: int | None, deputy_user_id: int | None) -> Contact:
    """Name the accounts of an entry that was made without them; None leaves one as it is. Raises :class:`BadEntry`, :class:`NotFound`."""
    row = contacts.kept(ctx, contact_id, "contact:change")
    site = ctx.session.get_one(Site, row.site_id)
    person, deputy = (
        contacts.account_of(ctx, site, user_id, "/userId"),
        contacts.account_of(ctx, site, deputy_user_id, "/deputyUserId"),
    )
    if person is None and deputy is None:
        raise BadEntry("没有选择账号。", "No account is chosen.", pointer="/userId")
    if person is not None:
        row.user_id, row.name = person.id, person.name
    if deputy is not None:
        row.deputy_user_id, row.deputy_name = deputy.id, deputy.name
    if row.user_id == row.deputy_user_id:
        raise BadEntry("替补应为另一人。", "The deputy is somebody else.", pointer="/deputyUserId")
    row.updated_at = ctx.clock.now()
    ctx.session.flush()
    audit.record(ctx, "contact.linked", site_id=row.site_id, data={"itemCode": row.item_code})
    return row
