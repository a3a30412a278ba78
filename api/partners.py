"""Partners: items opened between regions, lists of responsibilities."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import flask
from marshmallow import fields, validate

from api.auth import guard, public
from api.entry import Routes
from api.schemas import Answer, CamelSchema, Moment, many, text
from api.spreadsheets import FormQuery, spreadsheet
from domain.applications import guide
from domain.context import Context
from domain.definitions import queries as definitions
from domain.identity.queries import names_of
from domain.identity.roles import role_name
from domain.items import queries as items
from domain.liaison import duties
from domain.partners import openings, responsibilities
from domain.sheets.files import write_csv, write_xlsx

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


def _list(ctx: Context, code: str) -> dict[str, Any]:
    told = responsibilities.as_answer(responsibilities.newest(ctx.session, code))
    author = told.pop("published_by")
    return told | {"publisher": names_of(ctx.session, {author}).get(author, "")}
