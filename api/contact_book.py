"""The contact book 联络员通讯录: its public part, and its entries as staff see and keep them."""

from __future__ import annotations

from typing import Any

from marshmallow import fields

from api.auth import guard, public
from api.entry import Routes
from api.schemas import Answer, CamelSchema, Moment, choice, many, text
from domain.audit import service as audit
from domain.context import Context
from domain.identity import functions
from domain.identity import service as identity
from domain.identity.roles import role_name
from domain.partners import contacts, linking
from domain.partners.contacts import Line
from domain.sites import service as sites

routes = Routes("contact-book", "通讯录 Contact book")


class PublicContact(Answer):
    """The public part of an entry: no names, no mobiles."""

    region_name = fields.String(required=True)
    site_name = fields.String(required=True)
    item_code = fields.String(required=True)
    office_phone = fields.String(required=True)
    duty_time = fields.String(required=True)
    confirmed_at = Moment(required=True)


class PublicContacts(Answer):
    """The public contact book."""

    items = many(PublicContact)
    next = fields.String(required=True, allow_none=True)


class ContactAccount(Answer):
    """An account at the site whose name is that of an entry without one."""

    id = fields.Integer(required=True)
    login = fields.String(required=True)


class ContactRow(PublicContact):
    """An entry as staff see it; mobiles only at the own site. ``account``: whether notices reach the person's account here.

    ``suggested``: what may be linked (to who keeps the entry).
    """

    id = fields.Integer(required=True)
    site_id = fields.Integer(required=True)
    site_code = fields.String(required=True)
    name = fields.String(required=True)
    deputy_name = fields.String(required=True)
    deputy_phone = fields.String(required=True)
    mobile = fields.String(required=True)
    deputy_mobile = fields.String(required=True)
    is_public = fields.Boolean(required=True)
    confirm_by = Moment(required=True)
    stale = fields.Boolean(required=True)
    may_change = fields.Boolean(required=True)
    updated_at = Moment(required=True)
    user_id = fields.Integer(required=True, allow_none=True)
    deputy_user_id = fields.Integer(required=True, allow_none=True)
    account = choice(contacts.ACCOUNTS, required=True)
    deputy_account = choice(contacts.ACCOUNTS, required=True)
    suggested = fields.Nested(ContactAccount, required=True, allow_none=True)
    suggested_deputy = fields.Nested(ContactAccount, required=True, allow_none=True)


class ContactPerson(Answer):
    """Somebody who works at the site and may be chosen for its contact book."""

    id = fields.Integer(required=True)
    name = fields.String(required=True)
    login = fields.String(required=True)
    office_phone = fields.String(required=True)
    role_names = fields.List(fields.String(), required=True)
    role_names_en = fields.List(fields.String(), required=True)


class ContactPeople(Answer):
    """The people of a site, by name."""

    items = many(ContactPerson)
    next = fields.String(required=True, allow_none=True)


class SiteQuery(CamelSchema):
    """Of which site."""

    site_id = fields.Integer(required=True)


class ContactList(Answer):
    """Entries."""

    items = many(ContactRow)
    next = fields.String(required=True, allow_none=True)


class ContactBody(CamelSchema):
    """An entry of a site and item (empty: all items). ``user_id``, ``deputy_user_id``: their accounts; then the accounts' names count."""

    site_id = fields.Integer(required=True)
    item_code = text(0, 60, required=False, load_default="")
    user_id = fields.Integer(required=False, allow_none=True, load_default=None)
    deputy_user_id = fields.Integer(required=False, allow_none=True, load_default=None)
    name = text(1, 60)
    office_phone = text(3, 40)
    duty_time = text(1, 120)
    deputy_name = text(0, 60, required=False, load_default="")
    deputy_phone = text(0, 40, required=False, load_default="")
    mobile = text(0, 40, required=False, load_default="")
    deputy_mobile = text(0, 40, required=False, load_default="")
    is_public = fields.Boolean(required=True)


class ContactLinkBody(CamelSchema):
    """Accounts that work at the entry's site; null leaves one as it is."""

    user_id = fields.Integer(required=False, allow_none=True, load_default=None)
    deputy_user_id = fields.Integer(required=False, allow_none=True, load_default=None)


@routes.on("GET", "/contacts", answer=PublicContacts)
@public("guide:read")
def list_public_contacts(ctx: Context) -> dict[str, Any]:
    """通讯录公开部分 Units, office phones and duty times."""
    rows = [_public(line) for line in contacts.list_contacts(ctx) if line.contact.is_public]
    return {"items": rows, "next": None}


@routes.on("GET", "/admin/contacts", answer=ContactList)
@guard("contact:read")
def list_contacts(ctx: Context) -> dict[str, Any]:
    """通讯录 The contact book; mobile numbers only of the own sites."""
    audit.record_read(ctx, "contact.list", fields=["name", "officePhone"])
    return {"items": [_contact(ctx, line) for line in contacts.list_contacts(ctx)], "next": None}


@routes.on("GET", "/admin/contacts/people", query=SiteQuery, answer=ContactPeople)
@guard("contact:change")
def list_contact_people(ctx: Context, query: dict[str, int]) -> dict[str, Any]:
    """可选联络员 The people of an own site, to choose a contact and a deputy from."""
    functions.require(ctx.actor, "contact:change", site_id=query["site_id"])
    audit.record_read(ctx, "staff.list", fields=["name"])
    people = identity.list_staff(ctx, query["site_id"])
    items = [
        {
            "id": user.id,
            "name": user.name,
            "login": user.login,
            "office_phone": user.office_phone,
            "role_names": [role_name(role)[0] for role in held],
            "role_names_en": [role_name(role)[1] for role in held],
        }
        for user, held in people
    ]
    return {"items": items, "next": None}


@routes.on("PUT", "/admin/contacts", body=ContactBody, answer=ContactRow)
@guard("contact:change")
def put_contact(ctx: Context, body: dict[str, Any]) -> dict[str, Any]:
    """维护联络员 Add or change the entry of a site and item; saving confirms it."""
    site = sites.get_site_by_id(ctx, body["site_id"])
    return _one(ctx, contacts.put(ctx, site, body["item_code"], body).id)


@routes.on("POST", "/admin/contacts/<int:contact_id>/link", body=ContactLinkBody, answer=ContactRow)
@guard("contact:change")
def link_contact(ctx: Context, body: dict[str, Any], contact_id: int) -> dict[str, Any]:
    """关联账号 Name the accounts of an entry that was made without them."""
    return _one(ctx, linking.link(ctx, contact_id, body["user_id"], body["deputy_user_id"]).id)


@routes.on("POST", "/admin/contacts/<int:contact_id>/confirm", answer=ContactRow)
@guard("contact:confirm")
def confirm_contact(ctx: Context, contact_id: int) -> dict[str, Any]:
    """确认 The entry is still right."""
    return _one(ctx, contacts.confirm(ctx, contact_id).id)


@routes.on("DELETE", "/admin/contacts/<int:contact_id>", status=204)
@guard("contact:change")
def delete_contact(ctx: Context, contact_id: int) -> None:
    """删除 Take an entry out."""
    contacts.remove(ctx, contact_id)


def _public(line: Line) -> dict[str, Any]:
    return {
        "region_name": line.region_name,
        "site_name": line.site.name,
        "item_code": line.contact.item_code,
        "office_phone": line.contact.office_phone,
        "duty_time": line.contact.duty_time,
        "confirmed_at": line.contact.confirmed_at,
    }


def _contact(ctx: Context, line: Line) -> dict[str, Any]:
    row = line.contact
    own = functions.sites_where(ctx.actor, "contact:change")
    mine = own is None or row.site_id in own
    private = (row.private or {}) if mine else {}
    may_change = functions.may(ctx.actor, "contact:change", site_id=row.site_id)
    line = linking.suggest(ctx, line) if may_change else line
    return _public(line) | {
        "id": row.id,
        "site_id": row.site_id,
        "site_code": line.site.code,
        "name": row.name,
        "deputy_name": row.deputy_name,
        "deputy_phone": row.deputy_phone,
        "mobile": private.get("mobile", ""),
        "deputy_mobile": private.get("deputyMobile", ""),
        "is_public": row.is_public,
        "confirm_by": line.confirm_by,
        "stale": line.stale,
        "may_change": may_change,
        "updated_at": row.updated_at,
        "user_id": row.user_id if mine else None,
        "deputy_user_id": row.deputy_user_id if mine else None,
        "account": line.account,
        "deputy_account": line.deputy_account,
        "suggested": line.suggested,
        "suggested_deputy": line.suggested_deputy,
    }


def _one(ctx: Context, contact_id: int) -> dict[str, Any]:
    row = contacts.get(ctx, contact_id)
    line = next(each for each in contacts.list_contacts(ctx, site_ids=[row.site_id]) if each.contact.id == row.id)
    return _contact(ctx, line)
