"""Partners: items opened between regions, the contact book, lists of responsibilities."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import flask
from marshmallow import fields, validate

from api.auth import guard, public
from api.entry import Routes
from api.schemas import Answer, CamelSchema, Moment, choice, many, text
from api.spreadsheets import FormQuery, spreadsheet
from domain.applications import guide
from domain.audit import service as audit
from domain.context import Context
from domain.definitions import queries as definitions
from domain.identity import functions
from domain.identity import service as identity
from domain.identity.queries import names_of
from domain.identity.roles import role_name
from domain.items import queries as items
from domain.liaison import duties
from domain.partners import contacts, openings, responsibilities
from domain.partners.contacts import Line
from domain.registry.rows import own_sites
from domain.sheets.files import write_csv, write_xlsx
from domain.sites import service as sites

routes = Routes("partners", "协作 Partners")


class PartnershipBody(CamelSchema):
    """A partnership: regions that opened items to each other."""

    name = text(1, 120)
    agreement = text(1, 200)
    regions = fields.List(text(2, 12), required=True, validate=validate.Length(1, 400, error="count|1|400"))
    items = fields.List(text(1, 60), required=True, validate=validate.Length(1, 100, error="count|1|100"))
    valid_from = fields.Date(required=True)
    valid_until = fields.Date(required=False, allow_none=True, load_default=None)


class PartnershipRow(Answer):
    """A partnership as it is kept."""

    id = fields.Integer(required=True)
    name = fields.String(required=True)
    agreement = fields.String(required=True)
    regions = fields.List(fields.String(), required=True)
    items = fields.List(fields.String(), required=True)
    valid_from = fields.Date(required=True)
    valid_until = fields.Date(required=True, allow_none=True)
    updated_at = Moment(required=True)


class PartnershipList(Answer):
    """All partnerships."""

    items = many(PartnershipRow)
    next = fields.String(required=True, allow_none=True)


class OpenRegion(Answer):
    """A region that an item is open to."""

    code = fields.String(required=True)
    name = fields.String(required=True)


class OpenSite(Answer):
    """A site of the item's sector, whether the item is open there, and its public phone."""

    code = fields.String(required=True)
    name = fields.String(required=True)
    region_name = fields.String(required=True)
    open = fields.Boolean(required=True)
    phone = fields.String(required=True)


class OpeningAnswer(Answer):
    """Where an item is open. ``regions`` empty: everywhere (when ``available``)."""

    available = fields.Boolean(required=True)
    restricted = fields.Boolean(required=True)
    regions = fields.List(fields.String(), required=True)
    named_regions = many(OpenRegion)
    sites = many(OpenSite)


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


class ContactRow(PublicContact):
    """An entry as staff see it; mobiles only at the own site. ``account``: whether notices reach the person's account here."""

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


class EntryBody(CamelSchema):
    """A line of the list of responsibilities."""

    stage = text(1, 60)
    leg = text(1, 10)
    role = text(1, 20)
    duty = text(1, 300)
    basis = text(0, 200, required=False, load_default="")


class EntryRow(Answer):
    """A line of the list of responsibilities."""

    stage = fields.String(required=True)
    leg = fields.String(required=True)
    role = fields.String(required=True)
    duty = fields.String(required=True)
    basis = fields.String(required=True)


class ResponsibilityBody(CamelSchema):
    """A new version; ``after`` is the one it was drawn from."""

    after = fields.Integer(required=True)
    note = text(0, 400, required=False, load_default="")
    entries = fields.List(fields.Nested(EntryBody), required=True, validate=validate.Length(1, 60, error="count|1|60"))


class ResponsibilityDraft(Answer):
    """Lines to begin with; ``after`` is the version in force."""

    after = fields.Integer(required=True)
    entries = many(EntryRow)


class ResponsibilityAnswer(Answer):
    """The list in force; version 0: there is none yet."""

    version = fields.Integer(required=True)
    note = fields.String(required=True)
    published_at = Moment(required=True, allow_none=True)
    publisher = fields.String(required=True)
    entries = many(EntryRow)


@routes.on("GET", "/admin/partnerships", answer=PartnershipList)
@guard("item:read")
def list_partnerships(ctx: Context) -> dict[str, Any]:
    """协作关系 Which items are open between which regions."""
    return {"items": openings.list_partnerships(ctx.session), "next": None}


@routes.on("POST", "/admin/partnerships", body=PartnershipBody, answer=PartnershipRow, status=201)
@guard("users:sites")
def add_partnership(ctx: Context, body: dict[str, Any]) -> Any:
    """新增协作关系 Open items between regions by an agreement."""
    return openings.put(ctx, None, **body)


@routes.on("PUT", "/admin/partnerships/<int:partnership_id>", body=PartnershipBody, answer=PartnershipRow)
@guard("users:sites")
def put_partnership(ctx: Context, body: dict[str, Any], partnership_id: int) -> Any:
    """修改协作关系 Change a partnership."""
    return openings.put(ctx, partnership_id, **body)


@routes.on("DELETE", "/admin/partnerships/<int:partnership_id>", status=204)
@guard("users:sites")
def delete_partnership(ctx: Context, partnership_id: int) -> None:
    """删除协作关系 End a partnership at once."""
    openings.remove(ctx, partnership_id)


@routes.on("GET", "/items/<code>/opening", answer=OpeningAnswer)
@public("guide:read")
def get_opening(ctx: Context, code: str) -> dict[str, Any]:
    """开通范围 Where an item is open; other regions read 暂未开通."""
    item = items.get_item(ctx.session, code)
    available = guide.is_available(item, definitions.deployed_keys(ctx.session))
    return asdict(openings.opening_of(ctx, item, available=available))


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


@routes.on("GET", "/items/<code>/responsibilities", answer=ResponsibilityAnswer)
@public("guide:read")
def get_responsibilities(ctx: Context, code: str) -> dict[str, Any]:
    """权责清单 Who answers for which stage of an item."""
    return _list(ctx, items.get_item(ctx.session, code).code)


@routes.on("GET", "/items/<code>/responsibilities/draft", answer=ResponsibilityDraft)
@guard("item:read")
def draft_responsibilities(ctx: Context, code: str) -> dict[str, Any]:
    """生成权责清单 The lines as they follow from the item's model, the matrix of roles and its sheet; nothing is published."""
    listed = responsibilities.newest(ctx.session, items.get_item(ctx.session, code).code)
    return {"after": listed.version if listed else 0, "entries": duties.draft(ctx, code)}


@routes.on("GET", "/items/<code>/responsibilities/export", query=FormQuery, content_type="application/octet-stream")
@guard("item:read")
def export_responsibilities(ctx: Context, query: dict[str, str], code: str) -> flask.Response:
    """导出权责清单 The list in force as a spreadsheet; texts that look like formulas are made harmless."""
    item = items.get_item(ctx.session, code)
    told = responsibilities.as_answer(responsibilities.newest(ctx.session, item.code))
    rows = [("序号", "环节", "责任方", "角色", "职责", "依据")]
    sides = {"main": "主办机构", "partner": "协办机构"}
    for number, line in enumerate(told["entries"], start=1):
        role = role_name(line["role"])[0]
        rows.append((str(number), line["stage"], sides[line["leg"]], role, line["duty"], line.get("basis", "")))
    content = write_csv(rows) if query["form"] == "csv" else write_xlsx(rows, f"权责清单第{told['version']}版")
    return spreadsheet(content, f"responsibilities-{item.code}-v{told['version']}.{query['form']}", query["form"])


@routes.on("PUT", "/items/<code>/responsibilities", body=ResponsibilityBody, answer=ResponsibilityAnswer)
@guard("item:edit")
def put_responsibilities(ctx: Context, body: dict[str, Any], code: str) -> dict[str, Any]:
    """发布权责清单 Publish a new version of the list."""
    responsibilities.publish(ctx, code, body["entries"], body["note"], after=body["after"])
    return _list(ctx, code)


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
    own = own_sites(ctx, "contact:change")
    mine = own is None or row.site_id in own
    private = (row.private or {}) if mine else {}
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
        "may_change": functions.may(ctx.actor, "contact:change", site_id=row.site_id),
        "updated_at": row.updated_at,
        "user_id": row.user_id if mine else None,
        "deputy_user_id": row.deputy_user_id if mine else None,
        "account": line.account,
        "deputy_account": line.deputy_account,
    }


def _one(ctx: Context, contact_id: int) -> dict[str, Any]:
    row = contacts.get(ctx, contact_id)
    line = next(each for each in contacts.list_contacts(ctx, site_ids=[row.site_id]) if each.contact.id == row.id)
    return _contact(ctx, line)


def _list(ctx: Context, code: str) -> dict[str, Any]:
    told = responsibilities.as_answer(responsibilities.newest(ctx.session, code))
    author = told.pop("published_by")
    return told | {"publisher": names_of(ctx.session, {author}).get(author, "")}
