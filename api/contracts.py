"""Data contracts: what may cross between the sites of an item, field by field, and on what ground."""

from __future__ import annotations

from typing import Any

from marshmallow import fields

from api.auth import guard
from api.entry import Routes
from api.schemas import Answer, Moment, many
from domain.context import Context
from domain.deadlines import policies
from domain.errors import NotFound
from domain.items import contracts
from domain.items.models import DataContract
from domain.items.queries import get_item, item_names

routes = Routes("contracts", "数据契约 Data contracts")
ACCESS = "partner.access"


class ContractLine(Answer):
    """An item's contract in a list."""

    item_code = fields.String(required=True)
    item_name = fields.String(required=True)
    version = fields.Integer(required=True)
    messages = fields.Integer(required=True)
    field_count = fields.Integer(required=True)
    published_at = Moment(required=True)


class ContractList(Answer):
    """The contracts in force."""

    items = many(ContractLine)


class ContractFieldAnswer(Answer):
    """A field that crosses: its path and name."""

    path = fields.String(required=True)
    name = fields.String(required=True)


class ContractMaterial(Answer):
    """A material or document that crosses."""

    code = fields.String(required=True)
    name = fields.String(required=True)


class ContractMessage(Answer):
    """A message with what it may take along."""

    message = fields.String(required=True)
    name = fields.String(required=True)
    sender = fields.String(required=True, metadata={"enum": ["main", "partner"]})
    purpose = fields.String(required=True)
    crossing = many(ContractFieldAnswer)
    materials = many(ContractMaterial)


class ContractVersionAnswer(Answer):
    """A version of the contract."""

    version = fields.Integer(required=True)
    note = fields.String(required=True)
    published_at = Moment(required=True)


class ContractAnswer(Answer):
    """An item's contract in force, and what of the item never crosses."""

    item_code = fields.String(required=True)
    item_name = fields.String(required=True)
    version = fields.Integer(required=True)
    basis = fields.String(required=True)
    messages = many(ContractMessage)
    documents = many(ContractMaterial)
    withheld = many(ContractMaterial)
    access_after_end = fields.String(required=True)
    access_source = fields.String(required=True)
    versions = many(ContractVersionAnswer)


@routes.on("GET", "/contracts", answer=ContractList)
@guard("item:read")
def list_contracts(ctx: Context) -> dict[str, Any]:
    """数据契约 The contracts in force, by item."""
    rows = contracts.list_contracts(ctx.session)
    names = item_names(ctx.session, [row.item_code for row in rows])
    return {"items": [_line(row, names.get(row.item_code, "")) for row in rows]}


@routes.on("GET", "/contracts/<item_code>", answer=ContractAnswer)
@guard("item:read")
def get_contract(ctx: Context, item_code: str) -> dict[str, Any]:
    """数据契约 Which fields, materials and documents may cross in which direction, and on what ground."""
    versions = contracts.list_versions(ctx.session, item_code)
    if not versions:
        raise NotFound("这个事项没有数据契约。", "This item has no data contract.")
    newest, item = versions[0], get_item(ctx.session, item_code)
    named = {row["code"]: row["name"] for row in item.sheet.get("materials", ())}
    crossing = {code for message in newest.content["messages"] for code in message["materials"]}
    access = policies.effective(ctx, ACCESS, None, item_code)
    return {
        "item_code": item_code,
        "item_name": item.name,
        "version": newest.version,
        "basis": newest.content["basis"],
        "messages": [_message(row, named) for row in newest.content["messages"]],
        "documents": newest.content["documents"],
        "withheld": [{"code": code, "name": name} for code, name in named.items() if code not in crossing],
        "access_after_end": access.value,
        "access_source": access.source,
        "versions": versions,
    }


def _line(row: DataContract, name: str) -> dict[str, Any]:
    messages = row.content["messages"]
    return {
        "item_code": row.item_code,
        "item_name": name,
        "version": row.version,
        "messages": len(messages),
        "field_count": sum(len(message["fields"]) for message in messages),
        "published_at": row.published_at,
    }


def _message(row: dict[str, Any], named: dict[str, str]) -> dict[str, Any]:
    return {
        "message": row["message"],
        "name": row["name"],
        "sender": row["from"],
        "purpose": row["purpose"],
        "crossing": row["fields"],
        "materials": [{"code": code, "name": named.get(code, "")} for code in row["materials"]],
    }
