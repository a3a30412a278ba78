"""Personal data: one's own copy and its deletion; the keeping of cases, for administrators."""

from __future__ import annotations

import html
import io
import zipfile
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote

import flask
import orjson
from marshmallow import fields, validate

from api.auth import guard
from api.entry import Routes
from api.limits import Rate
from api.schemas import Answer, CamelSchema, Moment, choice, many, text
from domain.clock import CHINA
from domain.context import Context
from domain.privacy import holds, materials, persons, retention
from domain.privacy.holds import Held
from domain.privacy.persons import CopiedFile

routes = Routes("privacy", "个人信息 Privacy")
OWN = Rate("own-data", burst=5, seconds=600.0)
"""Copies and deletions: each reads everything."""


class ReasonBody(CamelSchema):
    """Why."""

    reason = text(2, 200)


class HoldBody(ReasonBody):
    """Why, and until which day (the end of it, in China); without one until it is released."""

    until = fields.Date(load_default=None, allow_none=True)


class HoldAnswer(Answer):
    """A case that is kept from deletion: asked (it holds already, a second person has to agree), held, release-asked, released, lapsed."""

    id = fields.Integer(required=True)
    case_no = fields.String(required=True)
    state = fields.String(required=True, metadata={"enum": ["asked", "held", "release-asked", "released", "lapsed"]})
    mine = fields.Boolean(
        required=True, metadata={"description": "The reader asked what is open: another person answers."}
    )
    reason = fields.String(required=True)
    held_by = fields.String(required=True)
    held_at = Moment(required=True)
    until_at = Moment(required=True, allow_none=True)
    agreed_by = fields.String(required=True)
    agreed_at = Moment(required=True, allow_none=True)
    release_reason = fields.String(required=True)
    release_asked_by = fields.String(required=True)
    release_asked_at = Moment(required=True, allow_none=True)
    released_by = fields.String(required=True)
    released_at = Moment(required=True, allow_none=True)


class HoldList(Answer):
    """Those in force first, then the newest."""

    items = many(HoldAnswer)
    next = fields.String(required=True, allow_none=True)


class FateAnswer(Answer):
    """Why a case stays: open, for-ever, kept (until), held; with the rule's source."""

    case_no = fields.String(required=True)
    item_name = fields.String(required=True)
    item_name_en = fields.String(required=True)
    why = fields.String(required=True, metadata={"enum": ["open", "for-ever", "kept", "held"]})
    until = Moment(required=True, allow_none=True)
    source = fields.String(required=True)


class FateList(Answer):
    """One's cases."""

    items = many(FateAnswer)
    next = fields.String(required=True, allow_none=True)


class DeletedAnswer(Answer):
    """What went and what stays."""

    drafts = fields.Integer(required=True)
    channels = fields.Integer(required=True)
    account_closed = fields.Boolean(required=True)
    cases = many(FateAnswer)


class SiteQuery(CamelSchema):
    """Of which site."""

    site_id = fields.Integer(required=True)


class DueQuery(SiteQuery):
    """Of which site, and what will be due in so many days as well."""

    ahead = fields.Integer(load_default=0, validate=validate.Range(0, 3660))


class KeptAnswer(Answer):
    """How long cases of an item are kept (0: for ever)."""

    item_code = fields.String(required=True)
    item_name = fields.String(required=True)
    years = fields.Integer(required=True)
    source = fields.String(required=True)


class MaterialKept(Answer):
    """How long a class of an item's materials is kept (0: as the case)."""

    item_name = fields.String(required=True)
    name = fields.String(required=True)
    name_en = fields.String(required=True)
    years = fields.Integer(required=True)
    source = fields.String(required=True)
    materials = fields.List(fields.String(), required=True)


class KeptList(Answer):
    """By item, and by class of materials."""

    items = many(KeptAnswer)
    materials = many(MaterialKept)
    next = fields.String(required=True, allow_none=True)


class DueCase(Answer):
    """A case whose time of keeping is over; ``held`` says why it stays."""

    case_no = fields.String(required=True)
    item_name = fields.String(required=True)
    subject = fields.String(required=True)
    closed_at = Moment(required=True)
    due_at = Moment(required=True)
    held = fields.String(required=True)
    source = fields.String(required=True)


class DueMaterialRow(Answer):
    """A file whose class has passed its time."""

    case_no = fields.String(required=True)
    item_name = fields.String(required=True)
    closed_at = Moment(required=True)
    due_at = Moment(required=True)
    held = fields.String(required=True)
    source = fields.String(required=True)
    name = fields.String(required=True)
    kind = fields.String(required=True)
    kind_en = fields.String(required=True)


class DueList(Answer):
    """Cases and files, the oldest first, at most 1,000 each; with ``ahead`` also what will be due."""

    items = many(DueCase)
    materials = many(DueMaterialRow)
    next = fields.String(required=True, allow_none=True)


class ErasureBody(CamelSchema):
    """Delete what is due at a site now."""

    site_id = fields.Integer(required=True, strict=True)
    reason = text(2, 200)
    what = choice(("cases", "materials"), load_default="cases")


class ErasureAnswer(Answer):
    """A deletion: asked, refused, running, done."""

    id = fields.Integer(required=True)
    site_id = fields.Integer(required=True)
    state = fields.String(required=True, metadata={"enum": ["asked", "refused", "running", "done"]})
    what = fields.String(required=True, metadata={"enum": ["cases", "materials"]})
    cases = fields.Integer(required=True)
    done = fields.Integer(required=True)
    kept = fields.Integer(required=True)
    reason = fields.String(required=True)
    asked_name = fields.String(required=True)
    asked_at = Moment(required=True)
    decided_name = fields.String(required=True)
    decided_at = Moment(required=True, allow_none=True)
    finished_at = Moment(required=True, allow_none=True)
    mine = fields.Boolean(dump_default=False)


class ErasureList(Answer):
    """Newest first."""

    items = many(ErasureAnswer)
    next = fields.String(required=True, allow_none=True)


class AgreesBody(CamelSchema):
    """What the second person says."""

    agrees = fields.Boolean(required=True)


@routes.on("GET", "/my/kept", answer=FateList)
@guard("own-data:read")
def list_fates(ctx: Context) -> dict[str, Any]:
    """我的办件保存多久 Why each of one's cases is kept, and until when."""
    return {"items": persons.fates(ctx), "next": None}


@routes.on("POST", "/my/copy", answer=None, content_type="application/zip")
@guard("own-data:own", rate=OWN, recent=True, remember=False)
def copy(ctx: Context) -> flask.Response:
    """导出我的信息 Everything about oneself: a zip with JSON, a page to read and the files."""
    data, files = persons.copy_of(ctx)
    response = flask.Response(_packed(data, files), mimetype="application/zip")
    name = quote("我的信息.zip", safe="")
    response.headers["Content-Disposition"] = f"attachment; filename*=UTF-8''{name}"
    response.headers["Cache-Control"] = "private, no-store"
    return response


@routes.on("POST", "/my/erasure", answer=DeletedAnswer)
@guard("own-data:own", rate=OWN, recent=True, remember=False)
def erase(ctx: Context) -> Any:
    """删除我的信息 Drafts and addresses go at once, without cases the account too; each case that stays has its reason."""
    return persons.erase(ctx)


@routes.on("GET", "/retention/rules", answer=KeptList)
@guard("retention:read")
def list_rules(ctx: Context) -> dict[str, Any]:
    """保存期限 How long cases of each item are kept."""
    kept = [
        {
            "item_name": rule.item_name,
            "name": rule.kind.name,
            "name_en": rule.kind.name_en,
            "years": rule.years,
            "source": rule.source,
            "materials": [f"{code} {name}" for code, name in rule.materials],
        }
        for rule in materials.list_rules(ctx)
    ]
    return {"items": retention.list_rules(ctx), "materials": kept, "next": None}


@routes.on("GET", "/retention/due", answer=DueList, query=DueQuery)
@guard("retention:due")
def list_due(ctx: Context, query: dict[str, int]) -> dict[str, Any]:
    """到期办件和材料 Cases and materials of a site whose time of keeping is over, or will be."""
    site_id, ahead = query["site_id"], timedelta(days=query["ahead"])
    files = [
        {
            "case_no": each.case_no,
            "item_name": each.item_name,
            "name": f"{each.code} {each.name}",
            "kind": each.kind.name,
            "kind_en": each.kind.name_en,
            "closed_at": each.closed_at,
            "due_at": each.due_at,
            "held": each.held,
            "source": each.source,
        }
        for each in materials.list_due(ctx, site_id, ahead=ahead)
    ]
    return {"items": retention.list_due(ctx, site_id, ahead=ahead), "materials": files, "next": None}


@routes.on("GET", "/retention/erasures", answer=ErasureList, query=SiteQuery)
@guard("retention:approve")
def list_erasures(ctx: Context, query: dict[str, int]) -> dict[str, Any]:
    """删除记录 Deletions of a site."""
    return {"items": [_shown(ctx, row) for row in retention.list_erasures(ctx, query["site_id"])], "next": None}


@routes.on("POST", "/retention/erasures", body=ErasureBody, answer=ErasureAnswer, status=201)
@guard("retention:ask", recent=True)
def ask(ctx: Context, body: dict[str, Any]) -> Any:
    """提出删除 Ask for the deletion of what is due; another person must agree."""
    return _shown(ctx, retention.ask(ctx, body["site_id"], body["reason"], what=body["what"]))


@routes.on("POST", "/retention/erasures/<int:erasure_id>/decision", body=AgreesBody, answer=ErasureAnswer)
@guard("retention:approve", recent=True)
def decide(ctx: Context, body: dict[str, bool], erasure_id: int) -> Any:
    """批准删除 The second person's answer; the work begins at once."""
    return _shown(ctx, retention.decide(ctx, erasure_id, agrees=body["agrees"]))


@routes.on("GET", "/retention/holds", answer=HoldList, query=SiteQuery)
@guard("retention:approve")
def list_holds(ctx: Context, query: dict[str, int]) -> dict[str, Any]:
    """暂停删除的办件 Cases of a site that are kept from deletion, and were."""
    return {"items": [_held(each) for each in holds.list_of(ctx, query["site_id"])], "next": None}


@routes.on("POST", "/retention/holds/<int:hold_id>/decision", body=AgreesBody, answer=HoldAnswer)
@guard("retention:approve", recent=True)
def decide_hold(ctx: Context, body: dict[str, bool], hold_id: int) -> dict[str, Any]:
    """批准暂停或解除 The second person's answer to a hold, or to its release."""
    return _held(holds.decide(ctx, hold_id, agrees=body["agrees"]))


@routes.on("POST", "/cases/<case_no>/hold", body=HoldBody, status=204)
@guard("retention:hold", recent=True)
def hold(ctx: Context, body: dict[str, Any], case_no: str) -> None:
    """暂停删除 Keep a case from deletion (lawsuit, review, audit): at once, and another person is asked to agree."""
    day = body["until"]
    until = None if day is None else datetime.combine(day + timedelta(days=1), datetime.min.time(), CHINA)
    holds.hold(ctx, case_no, body["reason"], until)


@routes.on("POST", "/cases/<case_no>/release", body=ReasonBody, status=204)
@guard("retention:hold", recent=True)
def release(ctx: Context, body: dict[str, str], case_no: str) -> None:
    """申请解除暂停 Ask that a held case may go its way again; another person agrees."""
    holds.ask_release(ctx, case_no, body["reason"])


def _held(each: Held) -> dict[str, Any]:
    columns = {column.key: getattr(each.row, column.key) for column in each.row.__table__.columns}
    return columns | {"case_no": each.case_no, "state": each.state, "mine": each.mine}


def _shown(ctx: Context, row: Any) -> dict[str, Any]:
    columns = {column.key: getattr(row, column.key) for column in row.__table__.columns}
    return columns | {"mine": row.asked_by == ctx.actor.user_id, "cases": len(row.case_ids)}


def _packed(data: dict[str, Any], files: list[CopiedFile]) -> bytes:
    whole = io.BytesIO()
    with zipfile.ZipFile(whole, "w", zipfile.ZIP_DEFLATED) as archive:
        listed = [{"path": file.path, "included": file.content is not None} for file in files]
        text = orjson.dumps({**data, "files": listed}, option=orjson.OPT_INDENT_2, default=str)
        archive.writestr("data.json", text)
        archive.writestr("index.html", _page({**data, "files": listed}))
        for file in files:
            if file.content is not None:
                archive.writestr(file.path, file.content)
    return whole.getvalue()


def _page(data: dict[str, Any]) -> str:
    """The same to read: nested lists, everything escaped."""
    return (
        '<!doctype html><html lang="zh-CN"><meta charset="utf-8"><title>我的信息 My data</title>'
        "<style>body{font:16px/1.6 sans-serif;max-width:60rem;margin:2rem auto}dt{font-weight:bold}</style>"
        f"<h1>我的信息 My data</h1>{_tree(data)}</html>"
    )


def _tree(value: Any) -> str:
    if isinstance(value, dict):
        pairs = "".join(f"<dt>{html.escape(str(name))}</dt><dd>{_tree(each)}</dd>" for name, each in value.items())
        return f"<dl>{pairs}</dl>"
    if isinstance(value, list | tuple):
        return "<ol>" + "".join(f"<li>{_tree(each)}</li>" for each in value) + "</ol>"
    return html.escape("—" if value is None else str(value))
