"""Data contracts: what may cross between the sites of an item, field by field, and on what ground."""

from __future__ import annotations

from typing import Any

from marshmallow import fields

from api.auth import guard
from api.entry import Routes
from api.schemas import Answer, CamelSchema, Free, Moment, choice, many, text
from domain.cases import labels
from domain.context import Context
from domain.deadlines import policies
from domain.definitions import sides
from domain.errors import NotFound
from domain.identity import functions
from domain.identity.queries import names_of
from domain.items import contracts
from domain.items.models import DataContract, Item
from domain.items.queries import get_item, item_names
from domain.partners import agreed, editions
from domain.partners.models import ContractDraft
from domain.sites import service as sites
from domain.sites.queries import sites_by_id

routes = Routes("contracts", "数据契约 Data contracts")
ACCESS = "partner.access"
NONE = DataContract(version=0, content=editions.EMPTY)
"""Stands for the edition before the first."""


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
    sender = fields.String(required=True, metadata={"enum": list(contracts.SIDES)})
    purpose = fields.String(required=True)
    crossing = many(ContractFieldAnswer)
    materials = many(ContractMaterial)


class ContractVersionAnswer(Answer):
    """An edition of the contract. ``state``: past, in-force (for new cases) or coming."""

    version = fields.Integer(required=True)
    note = fields.String(required=True)
    published_at = Moment(required=True)
    in_force_from = Moment(required=True)
    state = fields.String(required=True, metadata={"enum": ["past", "in-force", "coming"]})


class ContractDifference(Answer):
    """What a draft changes. ``widens``: more crosses than before."""

    what = fields.String(required=True, metadata={"enum": list(agreed.KINDS)})
    kind = fields.String(required=True, metadata={"enum": ["added", "removed", "changed"]})
    subject = fields.String(required=True)
    message = fields.String(required=True)
    sender = fields.String(required=True)
    before = fields.String(required=True)
    after = fields.String(required=True)
    widens = fields.Boolean(required=True)


class ContractApproval(Answer):
    """A side that agreed."""

    side = fields.String(required=True, metadata={"enum": list(contracts.SIDES)})
    site_id = fields.Integer(required=True)
    site_name = fields.String(required=True)
    person = fields.String(required=True)
    at = Moment(required=True)


class ContractDraftAnswer(Answer):
    """An edition that waits for both sides; ``differences`` to the newest edition."""

    revision = fields.Integer(required=True)
    based_on = fields.Integer(required=True)
    note = fields.String(required=True)
    in_force_on = fields.Date(required=True)
    drafter = fields.String(required=True)
    drafted_at = Moment(required=True)
    content = Free(required=True)
    differences = many(ContractDifference)
    approvals = many(ContractApproval)


class ContractDraftBody(CamelSchema):
    """A draft: the whole content, the edition and revision that it was drawn from (0: none), and from which day it is to be in force."""

    content = Free(required=True)
    note = text(1, 300)
    in_force_on = fields.Date(required=True)
    based_on = fields.Integer(required=True)
    revision = fields.Integer(required=True)


class ContractApprovalBody(CamelSchema):
    """For which site and side, and which revision was read."""

    site_id = fields.Integer(required=True)
    side = choice(contracts.SIDES, required=True)
    revision = fields.Integer(required=True)


class ContractRefusalBody(CamelSchema):
    """For which site, why, and which revision was read."""

    site_id = fields.Integer(required=True)
    reason = text(4, 300)
    revision = fields.Integer(required=True)


class ContractApprover(Answer):
    """A site of the reader that acts on these sides of the item and may agree for one of them."""

    site_id = fields.Integer(required=True)
    site_name = fields.String(required=True)
    sides = fields.List(choice(contracts.SIDES), required=True)


class ContractFlow(Answer):
    """A message that a model of the item sends between its sides, with what it takes along."""

    message = fields.String(required=True)
    name = fields.String(required=True)
    sender = fields.String(required=True, metadata={"enum": list(contracts.SIDES)})
    crossing = many(ContractFieldAnswer)
    materials = fields.List(fields.String(), required=True)


class ContractAnswer(Answer):
    """An item's contract in force, what of the item never crosses, and the edition that is being agreed on.

    ``flows``: what the item's deployed model sends now, to choose from; ``drafted_flows``: what the designer's saved draft of it is
    to send, for whoever draws contracts up; ``item_materials``: all materials of the item; ``known_documents``: all documents there are.
    ``approvers``: for which of the reader's sites and sides the reader may agree.
    """

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
    content = Free(required=True)
    draft = fields.Nested(ContractDraftAnswer, required=True, allow_none=True)
    approvers = many(ContractApprover)
    flows = many(ContractFlow)
    drafted_flows = many(ContractFlow)
    item_materials = many(ContractMaterial)
    known_documents = many(ContractMaterial)


@routes.on("GET", "/contracts", answer=ContractList)
@guard("item:read")
def list_contracts(ctx: Context) -> dict[str, Any]:
    """数据契约 The contracts in force, by item."""
    rows = contracts.list_contracts(ctx.session, ctx.clock.now())
    names = item_names(ctx.session, [row.item_code for row in rows])
    return {"items": [_line(row, names.get(row.item_code, "")) for row in rows]}


@routes.on("GET", "/contracts/<item_code>", answer=ContractAnswer)
@guard("item:read")
def get_contract(ctx: Context, item_code: str) -> dict[str, Any]:
    """数据契约 Which fields, materials and documents may cross in which direction, and on what ground."""
    return _contract(ctx, item_code)


@routes.on("PUT", "/contracts/<item_code>/draft", body=ContractDraftBody, answer=ContractAnswer)
@guard("contract:draft")
def put_contract_draft(ctx: Context, body: dict[str, Any], item_code: str) -> dict[str, Any]:
    """起草新版本 Draw up the next edition; a change takes back all approvals."""
    editions.put_draft(ctx, item_code, body.pop("content"), **body)
    return _contract(ctx, item_code)


@routes.on("DELETE", "/contracts/<item_code>/draft", status=204)
@guard("contract:draft")
def drop_contract_draft(ctx: Context, item_code: str) -> None:
    """撤回草案 Take the draft back."""
    editions.drop(ctx, item_code)


@routes.on("POST", "/contracts/<item_code>/draft/approval", body=ContractApprovalBody, answer=ContractAnswer)
@guard("contract:approve", recent=True)
def approve_contract_draft(ctx: Context, body: dict[str, Any], item_code: str) -> dict[str, Any]:
    """批准草案 One side agrees; the second side's approval publishes the edition."""
    editions.approve(ctx, item_code, **body, acts=_acts(ctx, item_code, body["site_id"]))
    return _contract(ctx, item_code)


@routes.on("POST", "/contracts/<item_code>/draft/refusal", body=ContractRefusalBody, status=204)
@guard("contract:approve")
def refuse_contract_draft(ctx: Context, body: dict[str, Any], item_code: str) -> None:
    """不同意草案 One side does not agree: the draft is closed with the reason."""
    editions.refuse(ctx, item_code, **body, acts=_acts(ctx, item_code, body["site_id"]))


def _contract(ctx: Context, item_code: str) -> dict[str, Any]:
    versions, now = contracts.list_versions(ctx.session, item_code), ctx.clock.now()
    draft = editions.find_draft(ctx.session, item_code)
    if not versions and draft is None:
        raise NotFound("这个事项没有数据契约。", "This item has no data contract.")
    present = next((row for row in versions if row.in_force_from <= now), versions[-1] if versions else NONE)
    newest = versions[0] if versions else NONE
    item = get_item(ctx.session, item_code)
    named = {row["code"]: row["name"] for row in item.sheet.get("materials", ())}
    crossing = {code for message in present.content["messages"] for code in message["materials"]}
    access = policies.effective(ctx, ACCESS, None, item_code)
    return {
        "item_code": item_code,
        "item_name": item.name,
        "version": present.version,
        "basis": present.content["basis"],
        "messages": [_message(row, named) for row in present.content["messages"]],
        "documents": present.content["documents"],
        "withheld": [{"code": code, "name": name} for code, name in named.items() if code not in crossing],
        "access_after_end": access.value,
        "access_source": access.source,
        "versions": [_version(row, present) for row in versions],
        "content": newest.content,
        "draft": None if draft is None else _draft(ctx, draft, newest),
        "approvers": _approvers(ctx, item),
        "flows": sides.list_flows(ctx, item),
        "drafted_flows": sides.list_drafted_flows(ctx, item) if functions.may(ctx.actor, "contract:draft") else [],
        "item_materials": [{"code": code, "name": name} for code, name in named.items()],
        "known_documents": [{"code": code, "name": label.name} for code, label in labels.DOCUMENTS.items()],
    }


def _approvers(ctx: Context, item: Item) -> list[dict[str, Any]]:
    """The reader's sites that may agree for a side of the item."""
    mine = [site for site in ctx.actor.site_ids if functions.may(ctx.actor, "contract:approve", site_id=site)]
    rows = []
    for site in sites_by_id(ctx.session, set(mine)).values():
        acts = sides.sides_of(ctx, item, site)
        if acts:
            own = [side for side in contracts.SIDES if side in acts]
            rows.append({"site_id": site.id, "site_name": site.name, "sides": own})
    return sorted(rows, key=lambda row: str(row["site_name"]))


def _acts(ctx: Context, item_code: str, site_id: int) -> frozenset[str]:
    return sides.sides_of(ctx, get_item(ctx.session, item_code), sites.get_site_by_id(ctx, site_id))


def _version(row: DataContract, present: DataContract) -> dict[str, Any]:
    state = "in-force" if row is present else "past" if row.version < present.version else "coming"
    facts = {name: getattr(row, name) for name in ("version", "note", "published_at", "in_force_from")}
    return facts | {"state": state}


def _draft(ctx: Context, row: ContractDraft, newest: DataContract) -> dict[str, Any]:
    people = names_of(ctx.session, {row.drafted_by, *(each["userId"] for each in row.approvals)})
    places = sites_by_id(ctx.session, {each["siteId"] for each in row.approvals})
    kept = ("revision", "based_on", "note", "in_force_on", "drafted_at", "content")
    return {name: getattr(row, name) for name in kept} | {
        "drafter": people.get(row.drafted_by, "命令行"),
        "differences": agreed.differences(newest.content, row.content),
        "approvals": [
            {
                "side": each["side"],
                "site_id": each["siteId"],
                "site_name": places[each["siteId"]].name,
                "person": people.get(each["userId"], ""),
                "at": each["at"],
            }
            for each in row.approvals
        ],
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
