"""存证: the record searched and checked, evidence packages taken out, anchors and keys published."""

from __future__ import annotations

from typing import Any

import flask
from marshmallow import fields

from api import paging
from api.auth import guard, public
from api.entry import Routes
from api.limits import PROGRESS
from api.reading import case_read
from api.schemas import Answer, CamelSchema, Moment, cursor, limit, many, text
from domain.audit import anchors, keys
from domain.audit import service as audit
from domain.audit.verifying import Verification
from domain.cases import queries as cases
from domain.context import Context
from domain.errors import Forbidden
from domain.evidence import log, package, rights, single

routes = Routes("evidence", "存证 Evidence")


class LogLine(Answer):
    """A line of the record."""

    id = fields.Integer(required=True)
    seq = fields.Integer(required=True, allow_none=True)
    at = Moment(required=True)
    kind = fields.String(required=True)
    title = fields.String(required=True)
    title_en = fields.String(required=True)
    case_no = fields.String(required=True, allow_none=True)
    site_name = fields.String(required=True)
    actor_name = fields.String(required=True)
    for_name = fields.String(required=True, allow_none=True)
    role = fields.String(required=True)
    role_name = fields.String(required=True)
    role_name_en = fields.String(required=True)
    node = fields.String(required=True)
    session = fields.String(required=True)
    data = fields.Dict(required=True)
    hash = fields.String(required=True, allow_none=True)


class ReadLine(LogLine):
    """A read of personal data."""

    purpose = fields.String(required=True)
    purpose_en = fields.String(required=True)
    fields_read = fields.List(fields.String(), required=True, attribute="fields", data_key="fields")
    field_names = fields.List(fields.String(), required=True)
    field_names_en = fields.List(fields.String(), required=True)


class LogPage(Answer):
    """A page of acts, newest first."""

    items = many(LogLine)
    next = fields.String(required=True, allow_none=True)


class ReadPage(Answer):
    """A page of reads, newest first."""

    items = many(ReadLine)
    next = fields.String(required=True, allow_none=True)


class AnchorAnswer(Answer):
    """An anchor as it is published."""

    number = fields.Integer(required=True)
    at = Moment(required=True)
    leaf_count = fields.Integer(required=True)
    statement = fields.String(required=True)
    signature = fields.String(required=True)
    key = fields.String(required=True)
    hash = fields.String(required=True)


class AnchorPage(Answer):
    """A page of anchors, newest first."""

    items = many(AnchorAnswer)
    next = fields.String(required=True, allow_none=True)


class KeyAnswer(Answer):
    """A public key that signs anchors and packages."""

    id = fields.String(required=True)
    algorithm = fields.String(required=True)
    public_key = fields.String(required=True)
    created_at = Moment(required=True)
    retired_at = Moment(required=True, allow_none=True)


class KeyList(Answer):
    """All public keys, oldest first."""

    items = many(KeyAnswer)


class ChainState(Answer):
    """A chain, checked now."""

    verified = fields.Boolean(required=True)
    events = fields.Integer(required=True)
    broken_at = fields.Integer(required=True, allow_none=True)
    finding = fields.String(required=True, allow_none=True)
    finding_en = fields.String(required=True, allow_none=True)


class EvidenceState(Answer):
    """How the record of a case stands."""

    events = fields.Nested(ChainState, required=True)
    reads = fields.Nested(ChainState, required=True)
    reads_waiting = fields.Integer(required=True)
    anchored_seq = fields.Integer(required=True)
    anchor_number = fields.Integer(required=True, allow_none=True)
    anchored_at = Moment(required=True, allow_none=True)
    may_export = fields.Boolean(required=True)
    needs_order = fields.Boolean(required=True)


class LogQuery(CamelSchema):
    """Which lines; ``kind`` from its beginning."""

    case_no = text(1, 64, required=False, load_default=None)
    actor = text(1, 60, required=False, load_default=None)
    site_id = fields.Integer(load_default=None)
    kind = text(1, 60, required=False, load_default=None)
    since = fields.AwareDateTime(load_default=None)
    until = fields.AwareDateTime(load_default=None)
    config = fields.Boolean(load_default=False)
    after = cursor()
    limit = limit()


class PageQuery(CamelSchema):
    """Where to go on."""

    after = cursor()
    limit = limit()


class PackageBody(CamelSchema):
    """The order by which an auditor takes the evidence, and whether the materials' files go in."""

    order_no = text(0, 80, required=False, load_default="")
    files = fields.Boolean(load_default=False)


@routes.on("GET", "/admin/audit/events", answer=LogPage, query=LogQuery)
@guard("audit:read", "audit:config")
def list_events(ctx: Context, query: dict[str, Any]) -> dict[str, Any]:
    """审计日志 What was done: by person, case, site, kind and time; outside of cases also configuration. Newest first."""
    wanted, before, size = _wanted(query)
    audit.record_read(ctx, "audit.search", fields=["record"], data=_told(query))
    rows, following = log.list_events(ctx, wanted, before_id=before, limit=size)
    return {"items": rows, "next": paging.encode([following] if following else None)}


@routes.on("GET", "/admin/audit/reads", answer=ReadPage, query=LogQuery)
@guard("audit:read")
def list_reads(ctx: Context, query: dict[str, Any]) -> dict[str, Any]:
    """查看记录 Who read personal data, of which case, what for. Newest first."""
    wanted, before, size = _wanted(query)
    audit.record_read(ctx, "audit.search", fields=["reads"], data=_told(query))
    rows, following = log.list_reads(ctx, wanted, before_id=before, limit=size)
    return {"items": rows, "next": paging.encode([following] if following else None)}


@routes.on("GET", "/anchors", answer=AnchorPage, query=PageQuery)
@public("service:read", rate=PROGRESS)
def list_anchors(ctx: Context, query: dict[str, Any]) -> dict[str, Any]:
    """锚点 Signed statements over the ends of all chains, for whoever wants to keep them. Nothing in them is about people."""
    after = paging.decode(query["after"])
    rows, following = log.list_anchors(ctx, before=int(after[0]) if after else None, limit=query["limit"])
    items = [
        anchors.published(row) | {"number": row.number, "at": row.at, "leaf_count": row.leaf_count} for row in rows
    ]
    return {"items": items, "next": paging.encode([following] if following else None)}


@routes.on("GET", "/anchors/keys", answer=KeyList)
@public("service:read", rate=PROGRESS)
def list_keys(ctx: Context) -> dict[str, Any]:
    """公钥 The public keys that sign anchors and evidence packages, with their fingerprints."""
    rows = [
        {
            "id": key.id,
            "algorithm": keys.ALGORITHM,
            "public_key": key.public_key.hex(),
            "created_at": key.created_at,
            "retired_at": key.retired_at,
        }
        for key in keys.list_keys(ctx)
    ]
    return {"items": rows}


@routes.on("GET", "/anchors/verifier", content_type="text/x-python")
@public("service:read", rate=PROGRESS)
def get_verifier(ctx: Context) -> flask.Response:
    """校验程序 verify.py: one file of plain Python that checks evidence packages."""
    del ctx
    response = flask.Response(single.source(), mimetype="text/x-python")
    response.headers["Content-Disposition"] = 'attachment; filename="verify.py"'
    return response


@routes.on("GET", "/cases/<case_no>/evidence", answer=EvidenceState)
@guard("case:read", "case.state:read", "audit:read")
def get_evidence(ctx: Context, case_no: str) -> dict[str, Any]:
    """存证 Check the chains of a case now, and how far they are anchored."""
    frame = cases.get_frame(ctx, case_no)
    state = log.state_of(ctx, frame)
    needs_order, may_export = False, True
    try:
        rights.grant_of(ctx.actor, frame, "")
    except rights.OrderNumberMissing:
        needs_order = True
    except Forbidden:
        may_export = False
    return {
        "events": _chain(state.events),
        "reads": _chain(state.reads),
        "reads_waiting": state.reads_waiting,
        "anchored_seq": state.anchored_seq,
        "anchor_number": state.anchor_number,
        "anchored_at": state.anchored_at,
        "may_export": may_export,
        "needs_order": needs_order,
    }


@routes.on("POST", "/cases/<case_no>/evidence", body=PackageBody, content_type="application/zip")
@guard("export:export", "audit:read", remember=False, recent=True)
def export_evidence(ctx: Context, body: dict[str, Any], case_no: str) -> flask.Response:
    """导出存证包 The evidence package of a case: by the main site's approver, or by an auditor with an order's number."""
    frame = cases.get_frame(ctx, case_no)
    grant = rights.grant_of(ctx.actor, frame, body["order_no"])
    case_read(ctx, frame, "audit.record", "record")
    content = package.export(ctx, frame, grant, with_files=body["files"])
    response = flask.Response(content, mimetype="application/zip")
    response.headers["Content-Disposition"] = f'attachment; filename="{frame.case.case_no}.zip"'
    response.headers["Cache-Control"] = "private, no-store"
    return response


def _wanted(query: dict[str, Any]) -> tuple[log.Filter, int | None, int]:
    names = ("case_no", "actor", "site_id", "kind", "since", "until", "config")
    after = paging.decode(query["after"])
    return log.Filter(**{name: query[name] for name in names}), int(after[0]) if after else None, query["limit"]


def _told(query: dict[str, Any]) -> dict[str, Any]:
    """What was searched by, without names of people."""
    return {
        "by": sorted(name for name, value in query.items() if value not in (None, False) and name != "limit"),
        "kind": query["kind"],
        "site": query["site_id"],
    }


def _chain(state: Verification) -> dict[str, Any]:
    found = state.finding
    return {
        "verified": state.verified,
        "events": state.events,
        "broken_at": state.broken_at,
        "finding": found.zh if found else None,
        "finding_en": found.en if found else None,
    }
