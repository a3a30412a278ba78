"""Items of this deployment: entering them from a file, their editions, and the process that serves an item."""

from __future__ import annotations

from typing import Any

from marshmallow import fields, validate
from sqlalchemy import select

from api.auth import guard
from api.entry import Routes
from api.schemas import Answer, CamelSchema, Free, Moment, many, text
from bootstrap.item_sources import read_item
from domain.applications.guide import is_available
from domain.context import Context
from domain.definitions import offering
from domain.definitions import queries as definitions
from domain.definitions.models import Form
from domain.identity.queries import names_of
from domain.items import queries as items
from domain.items.models import Item
from domain.registry import catalogue

routes = Routes("item-register", "事项登记 Items of this deployment")
MOST_CHARACTERS = 300_000


class RegisteredItem(Answer):
    """An item. ``edition`` 0: it comes with the product. ``available``: it can be applied for here."""

    code = fields.String(required=True)
    name = fields.String(required=True)
    name_en = fields.String(required=True)
    edition = fields.Integer(required=True)
    definition_key = fields.String(required=True, allow_none=True)
    apply_form_id = fields.String(required=True, allow_none=True)
    linkable = fields.Boolean(required=True)
    available = fields.Boolean(required=True)


class ItemRegister(Answer):
    """All items, and the deployed processes and published forms that may serve one."""

    items = many(RegisteredItem)
    processes = fields.List(fields.String(), required=True)
    forms = fields.List(fields.String(), required=True)


class ItemSource(CamelSchema):
    """A file's text (YAML or JSON). ``after``: the edition that it changes (null: a new item); ``trial``: only check it."""

    source = fields.String(
        required=True, validate=validate.Length(1, MOST_CHARACTERS, error=f"length|1|{MOST_CHARACTERS}")
    )
    after = fields.Integer(load_default=None, allow_none=True)
    note = text(0, 300, required=False, load_default="")
    trial = fields.Boolean(required=True)


class EnteredItem(Answer):
    """What was entered (or, tried only, would be)."""

    code = fields.String(required=True)
    edition = fields.Integer(required=True)
    applied = fields.Boolean(required=True)


class EditionLine(Answer):
    """An edition of an own item, as its file said it."""

    edition = fields.Integer(required=True)
    note = fields.String(required=True)
    publisher = fields.String(required=True)
    published_at = Moment(required=True)
    content = Free(required=True)


class Editions(Answer):
    """Newest first; none of an item that comes with the product."""

    items = many(EditionLine)
    next = fields.String(required=True, allow_none=True)


class ProcessBody(CamelSchema):
    """The process and the form that serve the item; both null: it cannot be applied for any more."""

    definition_key = text(1, 60, required=True, allow_none=True)
    apply_form_id = text(1, 80, required=True, allow_none=True)


@routes.on("GET", "/admin/items", answer=ItemRegister)
@guard("item:read")
def list_registered_items(ctx: Context) -> dict[str, Any]:
    """事项 All items of this deployment, where they come from and what serves them."""
    deployed = definitions.deployed_keys(ctx.session)
    return {
        "items": [_told(item, deployed) for item in items.list_items(ctx.session)],
        "processes": sorted(deployed),
        "forms": list(ctx.session.scalars(select(Form.form_id).distinct().order_by(Form.form_id))),
    }


@routes.on("POST", "/admin/items", body=ItemSource, answer=EnteredItem)
@guard("item:register")
def enter_item(ctx: Context, body: dict[str, Any]) -> dict[str, Any]:
    """登记事项 Enter an item from a file, or the next edition of one that was entered here; nothing is written over unseen."""
    content = read_item(body["source"].encode())
    row = catalogue.put_item(ctx, content, after=body["after"], note=body["note"], trial=body["trial"])
    if row is None:
        return {"code": content["code"], "edition": (body["after"] or 0) + 1, "applied": False}
    if content.get("definitionKey"):
        offering.link(ctx, row.code, content["definitionKey"], content.get("applyFormId"))
    return {"code": row.code, "edition": row.edition, "applied": True}


@routes.on("GET", "/admin/items/<code>/editions", answer=Editions)
@guard("item:read")
def list_item_editions(ctx: Context, code: str) -> dict[str, Any]:
    """事项版本 The editions of an item that was entered here."""
    rows = catalogue.list_editions(ctx.session, code)
    names = names_of(ctx.session, {row.published_by for row in rows if row.published_by})
    lines = [
        {
            "edition": row.edition,
            "note": row.note,
            "publisher": names.get(row.published_by or 0, ""),
            "published_at": row.published_at,
            "content": row.content,
        }
        for row in rows
    ]
    return {"items": lines, "next": None}


@routes.on("PUT", "/admin/items/<code>/process", body=ProcessBody, answer=RegisteredItem)
@guard("item:register")
def link_item_process(ctx: Context, body: dict[str, str | None], code: str) -> dict[str, Any]:
    """关联流程 Which deployed process and published form serve the item from the next application on."""
    row = offering.link(ctx, code, body["definition_key"], body["apply_form_id"])
    return _told(row, definitions.deployed_keys(ctx.session))


def _told(item: Item, deployed: frozenset[str]) -> dict[str, Any]:
    return {
        "code": item.code,
        "name": item.name,
        "name_en": item.name_en,
        "edition": item.edition,
        "definition_key": item.definition_key,
        "apply_form_id": item.apply_form_id,
        "linkable": not offering.is_shipped(item.code),
        "available": is_available(item, deployed),
    }
