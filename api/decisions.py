"""Designer: decision models (DMN), their versions, checks, deployment and trying them out."""

from __future__ import annotations

from typing import Any

import flask
from marshmallow import fields, validate

from api.auth import guard
from api.definitions import finding_row
from api.entry import Routes
from api.openapi import FindingAnswer
from api.schemas import Answer, CamelSchema, Free, Moment, many, text
from domain.context import Context
from domain.decisions import queries, service
from engine.decisions.contract import Decided

routes = Routes("decisions", "决策设计 Decisions")
_MOST_XML = 900_000


class DecisionInputAnswer(Answer):
    """An input of a decision model. `allowed` are unary tests that its values pass."""

    id = fields.String(required=True)
    name = fields.String(required=True)
    type = fields.String(required=True)
    allowed = fields.String(required=True)


class DecisionAnswer(Answer):
    """A decision or decision service: how it is made, and the ids of inputs and decisions it needs."""

    id = fields.String(required=True)
    name = fields.String(required=True)
    kind = fields.String(required=True)
    type = fields.String(required=True)
    question = fields.String(required=True)
    hit_policy = fields.String(required=True)
    version_tag = fields.String(required=True)
    inputs = fields.List(fields.String(), required=True)
    requires = fields.List(fields.String(), required=True)


class DecisionModelAnswer(Answer):
    """What a decision model says."""

    name = fields.String(required=True)
    namespace = fields.String(required=True)
    version = fields.String(required=True)
    decisions = many(DecisionAnswer)
    services = many(DecisionAnswer)
    inputs = many(DecisionInputAnswer)
    imports = fields.List(fields.String(), required=True)


class DecisionVersionAnswer(Answer):
    """A deployed version of a decision model."""

    id = fields.Integer(required=True)
    key = fields.String(required=True)
    version = fields.Integer(required=True)
    name = fields.String(required=True)
    model = fields.Nested(DecisionModelAnswer, required=True)
    deployed_at = Moment(required=True)
    deployed_by_name = fields.String(required=True)
    note = fields.String(required=True)
    digest = fields.String(required=True)
    findings = fields.List(fields.Nested(FindingAnswer), required=True)


class DecisionList(Answer):
    """Decision models."""

    items = many(DecisionVersionAnswer)
    next = fields.String(required=True, allow_none=True)


class DecisionCheckAnswer(Answer):
    """What there is to say about a decision model."""

    findings = fields.List(fields.Nested(FindingAnswer), required=True)
    deployable = fields.Boolean(required=True)
    model = fields.Nested(DecisionModelAnswer, required=True, allow_none=True)


class DecisionStepAnswer(Answer):
    """What one decision made. `rules` are the numbers of the matched table rules, from 1; null without a table."""

    id = fields.String(required=True)
    name = fields.String(required=True)
    value = fields.Raw(required=True, allow_none=True)
    rules = fields.List(fields.Integer(), required=True, allow_none=True)
    inputs = fields.List(fields.Raw(allow_none=True), required=True)


class DecisionProblemAnswer(Answer):
    """Why something became null: the decision and the element where it happened."""

    code = fields.String(required=True)
    message = fields.String(required=True)
    decision = fields.String(required=True, allow_none=True)
    element = fields.String(required=True, allow_none=True)


class DecidedAnswer(Answer):
    """The answer of a decision with everything that led to it."""

    value = fields.Raw(required=True, allow_none=True)
    trace = many(DecisionStepAnswer)
    errors = many(DecisionProblemAnswer)
    warnings = many(DecisionProblemAnswer)


class DecisionCheckBody(CamelSchema):
    """A decision model to check; `key` is that of the model it would be a version of."""

    xml = text(1, _MOST_XML)
    key = text(1, 60, required=False, load_default=None)


class DecisionDeployBody(CamelSchema):
    """A decision model to deploy."""

    key = text(1, 60)
    xml = text(1, _MOST_XML)
    note = text(0, 400, required=False, load_default="")


class DecisionTryBody(CamelSchema):
    """A decision to make from a model that is being drawn."""

    xml = text(1, _MOST_XML)
    decision_id = text(1, 255)
    inputs = Free(required=True)


class DecisionEvaluateBody(CamelSchema):
    """A deployed decision to make; without `version` by the newest."""

    decision_id = text(1, 255)
    inputs = Free(required=True)
    version = fields.Integer(strict=True, load_default=None, validate=validate.Range(1, 2**31 - 1))


@routes.on("GET", "/decisions", answer=DecisionList)
@guard("design:read")
def list_decisions(ctx: Context) -> dict[str, Any]:
    """决策清单 The newest version of every decision model."""
    return {"items": [_version(row) for row in queries.list_decisions(ctx.session)], "next": None}


@routes.on("GET", "/decisions/<key>/versions", answer=DecisionList)
@guard("design:read")
def list_decision_versions(ctx: Context, key: str) -> dict[str, Any]:
    """版本 The versions of a decision model, newest first."""
    return {"items": [_version(row) for row in queries.list_versions(ctx.session, key)], "next": None}


@routes.on("GET", "/decisions/versions/<int:version_id>/xml", content_type="text/xml")
@guard("design:read")
def get_decision_xml(ctx: Context, version_id: int) -> flask.Response:
    """模型 The DMN file of a version as it was drawn."""
    return flask.Response(queries.get_version_source(ctx.session, version_id), mimetype="text/xml")


@routes.on("POST", "/decisions/check", body=DecisionCheckBody, answer=DecisionCheckAnswer)
@guard("design:read")
def check_decisions(ctx: Context, body: dict[str, Any]) -> dict[str, Any]:
    """检查 Everything there is to say about a decision model; nothing is kept."""
    checked = service.check(ctx, body["xml"].encode(), body["key"])
    return {
        "findings": [finding_row(finding) for finding in checked.findings],
        "deployable": checked.deployable,
        "model": checked.model,
    }


@routes.on("POST", "/decisions", body=DecisionDeployBody, answer=DecisionVersionAnswer, status=201)
@guard("deploy:request", "deploy:publish", recent=True)
def deploy_decisions(ctx: Context, body: dict[str, str]) -> dict[str, Any]:
    """部署 Deploy a new version of a decision model. 422 `decision-refused` lists the findings."""
    made = service.deploy(ctx, body["key"], body["xml"].encode(), body["note"])
    return _version(next(row for row in queries.list_versions(ctx.session, made.key) if row.id == made.id))


@routes.on("POST", "/decisions/try", body=DecisionTryBody, answer=DecidedAnswer)
@guard("design:read")
def try_decision(ctx: Context, body: dict[str, Any]) -> dict[str, Any]:
    """试算 Make a decision of a model that is being drawn; nothing is kept."""
    return _decided(service.attempt(ctx, body["xml"].encode(), body["decision_id"], body["inputs"]))


@routes.on("POST", "/decisions/<key>/evaluate", body=DecisionEvaluateBody, answer=DecidedAnswer)
@guard("design:read")
def evaluate_decision(ctx: Context, body: dict[str, Any], key: str) -> dict[str, Any]:
    """求值 Make a deployed decision; nothing is kept."""
    answer = service.evaluate(ctx, key, body["decision_id"], body["inputs"], version=body["version"])
    return _decided(answer)


def _version(row: queries.VersionLine) -> dict[str, Any]:
    named = {name: getattr(row, name) for name in row.__slots__}
    return named | {"findings": [finding_row(entry) for entry in row.findings]}


def _decided(answer: Decided) -> dict[str, Any]:
    return {
        "value": answer.value,
        "trace": [
            {
                "id": step.id,
                "name": step.name,
                "value": step.value,
                "rules": None if step.rules is None else [index + 1 for index in step.rules],
                "inputs": list(step.inputs),
            }
            for step in answer.trace
        ],
        "errors": answer.errors,
        "warnings": answer.warnings,
    }
