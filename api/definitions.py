"""Designer: process definitions, versions, drafts, checks, deployment; published forms."""

from __future__ import annotations

from typing import Any

import flask
from marshmallow import fields
from marshmallow.validate import Length, OneOf

from api.auth import guard
from api.entry import Routes
from api.openapi import FindingAnswer
from api.problems import ApiError, Problem, finding_json
from api.schemas import Answer, CamelSchema, Moment, many, text
from domain.context import Context
from domain.definitions import importing, queries, service
from domain.definitions.errors import DraftConflict
from domain.definitions.models import Draft
from domain.errors import NotFound
from domain.identity.queries import names_of

routes = Routes("definitions", "流程设计 Designer")
MOST_XML = 900_000


class VersionAnswer(Answer):
    """A deployed version."""

    id = fields.Integer(required=True)
    key = fields.String(required=True)
    version = fields.Integer(required=True)
    name = fields.String(required=True)
    deployed_at = Moment(required=True)
    deployed_by_name = fields.String(required=True)
    note = fields.String(required=True)
    digest = fields.String(required=True)
    running_cases = fields.Integer(required=True)
    finding_count = fields.Integer(required=True)
    findings = fields.List(fields.Nested(FindingAnswer), required=True)


class VersionHead(Answer):
    """The newest version."""

    id = fields.Integer(required=True)
    version = fields.Integer(required=True)
    deployed_at = Moment(required=True)
    deployed_by_name = fields.String(required=True)
    note = fields.String(required=True)
    finding_count = fields.Integer(required=True)


class DraftMarkAnswer(Answer):
    """That somebody works on a draft."""

    revision = fields.Integer(required=True)
    saved_at = Moment(required=True)
    saved_by_name = fields.String(required=True)


class DefinitionRow(Answer):
    """A process."""

    key = fields.String(required=True)
    name = fields.String(required=True)
    latest = fields.Nested(VersionHead, required=True, allow_none=True)
    draft = fields.Nested(DraftMarkAnswer, required=True, allow_none=True)
    running_cases = fields.Integer(required=True)


class DefinitionList(Answer):
    """All processes."""

    items = many(DefinitionRow)
    next = fields.String(required=True, allow_none=True)


class VersionList(Answer):
    """The versions of a process, newest first."""

    items = many(VersionAnswer)
    next = fields.String(required=True, allow_none=True)


class ModelDraftAnswer(Answer):
    """A draft; its ETag is its revision."""

    key = fields.String(required=True)
    name = fields.String(required=True)
    xml = fields.String(required=True)
    revision = fields.Integer(required=True)
    based_on_version = fields.Integer(required=True, allow_none=True)
    saved_at = Moment(required=True)
    saved_by_name = fields.String(required=True)


class ParticipantAnswer(Answer):
    """A pool."""

    id = fields.String(required=True)
    name = fields.String(required=True)
    process_id = fields.String(required=True, allow_none=True)
    role = fields.String(required=True)
    site_source = fields.String(required=True)


class ProcessAnswer(Answer):
    """An executable process."""

    id = fields.String(required=True)
    name = fields.String(required=True)


class MessageFlowAnswer(Answer):
    """A message flow between two pools."""

    id = fields.String(required=True)
    name = fields.String(required=True)
    message = fields.String(required=True)
    source_participant = fields.String(required=True)
    target_participant = fields.String(required=True)


class ModelAnswer(Answer):
    """What a model says."""

    participants = many(ParticipantAnswer)
    processes = many(ProcessAnswer)
    message_flows = many(MessageFlowAnswer)
    form_ids = fields.List(fields.String(), required=True)
    policies = fields.List(fields.String(), required=True)


class CheckAnswer(Answer):
    """What there is to say about a model."""

    findings = fields.List(fields.Nested(FindingAnswer), required=True)
    deployable = fields.Boolean(required=True)
    model = fields.Nested(ModelAnswer, required=True, allow_none=True)


class FormRow(Answer):
    """A published form."""

    form_id = fields.String(required=True)
    version = fields.Integer(required=True)
    title = fields.String(required=True)
    published_at = Moment(required=True)


class FormList(Answer):
    """All published forms."""

    items = many(FormRow)
    next = fields.String(required=True, allow_none=True)


class ModelDraftBody(CamelSchema):
    """A draft to save."""

    name = text(1, 200)
    xml = text(1, MOST_XML)


class CheckBody(CamelSchema):
    """A model to check."""

    xml = text(1, MOST_XML)


class XmlQuery(CamelSchema):
    """How a version is written: as it was drawn, or as plain BPMN; ``keep`` names extensions that stay in plain BPMN."""

    as_ = fields.String(data_key="as", load_default="drawn", validate=OneOf(["drawn", "plain"]))
    keep = fields.String(load_default="", validate=Length(max=100))


class DeployBody(CamelSchema):
    """A model to deploy."""

    key = text(1, 60)
    xml = text(1, MOST_XML)
    note = text(0, 400, required=False, load_default="")


class StaleDraft(ApiError):
    """The draft was saved by somebody else since (412)."""

    def __init__(self) -> None:
        super().__init__(Problem(412, "draft-changed", "", ""))


class IfMatchMissing(ApiError):
    """A PUT without If-Match (428)."""

    def __init__(self) -> None:
        super().__init__(Problem(428, "precondition-required", "", ""))


@routes.on("GET", "/definitions", answer=DefinitionList)
@guard("design:read")
def list_definitions(ctx: Context) -> dict[str, Any]:
    """流程清单 Every process with its newest version, its draft and its running cases."""
    return {"items": queries.list_definitions(ctx.session), "next": None}


@routes.on("GET", "/definitions/<key>/versions", answer=VersionList)
@guard("design:read")
def list_versions(ctx: Context, key: str) -> dict[str, Any]:
    """版本 The versions of a process, newest first."""
    rows = queries.list_versions(ctx.session, key)
    return {"items": [_version(row) for row in rows], "next": None}


@routes.on("GET", "/definitions/versions/<int:version_id>/xml", query=XmlQuery, content_type="text/xml")
@guard("design:read", "case:read")
def get_version_xml(ctx: Context, query: dict[str, str], version_id: int) -> flask.Response:
    """模型 The BPMN file of a version as it was drawn; `as=plain` leaves the extensions of ours and other engines out."""
    if query["as_"] == "plain":
        keep = [name.strip() for name in query["keep"].split(",") if name.strip()]
        return flask.Response(importing.plain(ctx, version_id, keep), mimetype="text/xml")
    return flask.Response(queries.get_version_source(ctx.session, version_id), mimetype="text/xml")


@routes.on("GET", "/drafts/<key>", answer=ModelDraftAnswer)
@guard("design:read")
def get_draft(ctx: Context, key: str) -> tuple[dict[str, Any], int, dict[str, str]]:
    """草稿 A draft with its ETag."""
    return _draft(ctx, queries.get_draft(ctx.session, key))


@routes.on("PUT", "/drafts/<key>", body=ModelDraftBody, answer=ModelDraftAnswer)
@guard("design:draft")
def put_draft(ctx: Context, body: dict[str, str], key: str) -> tuple[dict[str, Any], int, dict[str, str]]:
    """保存草稿 Save a draft. If-Match is its ETag; `*` makes a new one or takes the place of whatever is there."""
    revision = _expected(ctx, key)
    try:
        draft = service.save_draft(ctx, key, body["name"], body["xml"].encode(), revision=revision)
    except DraftConflict:
        raise StaleDraft from None
    return _draft(ctx, draft)


@routes.on("DELETE", "/drafts/<key>", status=204)
@guard("design:draft")
def delete_draft(ctx: Context, key: str) -> None:
    """删除草稿 Throw a draft away."""
    service.discard_draft(ctx, key)


@routes.on("POST", "/definitions/check", body=CheckBody, answer=CheckAnswer)
@guard("design:read")
def check(ctx: Context, body: dict[str, str]) -> dict[str, Any]:
    """检查 Everything there is to say about a model; nothing is kept."""
    checked = service.check(ctx, body["xml"].encode())
    return {
        "findings": [finding_row(finding) for finding in checked.findings],
        "deployable": checked.deployable,
        "model": checked.model,
    }


@routes.on("POST", "/definitions", body=DeployBody, answer=VersionAnswer, status=201)
@guard("deploy:request", "deploy:publish", recent=True)
def deploy(ctx: Context, body: dict[str, str]) -> dict[str, Any]:
    """部署 Deploy a new version for new cases; running cases keep theirs."""
    made = service.deploy(ctx, body["key"], body["xml"].encode(), body["note"])
    row = next(row for row in queries.list_versions(ctx.session, made.key) if row.id == made.id)
    return _version(row)


@routes.on("GET", "/forms", answer=FormList)
@guard("design:read")
def list_forms(ctx: Context) -> dict[str, Any]:
    """表单清单 The newest version of every form."""
    return {"items": queries.list_forms(ctx.session), "next": None}


def _version(row: queries.VersionLine) -> dict[str, Any]:
    named = {name: getattr(row, name) for name in row.__slots__}
    return named | {"finding_count": row.finding_count, "findings": [finding_row(entry) for entry in row.findings]}


def finding_row(finding: Any) -> dict[str, Any]:
    """A stored finding for the schema."""
    told = finding_json(finding)
    return {
        "rule": told["rule"],
        "severity": told["severity"],
        "element_id": told["elementId"],
        "line": told["line"],
        "message": told["message"],
        "message_en": told["messageEn"],
        "hint": told["hint"],
        "hint_en": told["hintEn"],
    }


def _draft(ctx: Context, draft: Draft) -> tuple[dict[str, Any], int, dict[str, str]]:
    answer = {
        "key": draft.key,
        "name": draft.name,
        "xml": draft.source.decode(),
        "revision": draft.revision,
        "based_on_version": queries.find_version_number(ctx.session, draft.based_on),
        "saved_at": draft.saved_at,
        "saved_by_name": names_of(ctx.session, {draft.saved_by}).get(draft.saved_by, ""),
    }
    return answer, 200, {"ETag": f'"{draft.revision}"'}


def _expected(ctx: Context, key: str) -> int | None:
    """The revision that If-Match names."""
    match = flask.request.headers.get("If-Match", "").strip()
    if not match:
        raise IfMatchMissing
    if match == "*":
        try:
            return queries.get_draft(ctx.session, key).revision
        except NotFound:
            return None
    number = match.removeprefix("W/").strip('"')
    if not number.isdigit():
        raise StaleDraft
    return int(number)
