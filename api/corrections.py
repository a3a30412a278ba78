"""Correcting variables of a leg that something failed in."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from marshmallow import fields, validate

from api.auth import guard
from api.entry import Routes
from api.schemas import Answer, CamelSchema, many, text
from domain.cases import correcting, incidents
from domain.context import Context
from domain.monitor import operations

routes = Routes("corrections", "更正数据 Corrections")
MOST_NAMES = 20
"""Variables that one request corrects."""
NAME = r"^[^\W\d][\w ]{0,119}$"


class VariableAnswer(Answer):
    """A variable; texts are masked, ``named`` ones are read by the failing expression."""

    name = fields.String(required=True)
    type = fields.String(
        required=True, metadata={"enum": ["string", "number", "boolean", "null", "list", "object", "missing"]}
    )
    masked = fields.Raw(
        required=True, allow_none=True, metadata={"description": "Any JSON value of the same shape, texts masked"}
    )
    named = fields.Boolean(required=True)


class VariablesAnswer(Answer):
    """The variables of a leg where something failed."""

    leg_id = fields.Integer(required=True)
    version = fields.Integer(required=True)
    variables = many(VariableAnswer)


class VariablesQuery(CamelSchema):
    """Where to look from: an open incident of the leg; without one the process."""

    incident_id = fields.Integer(load_default=None)


class CorrectionBody(CamelSchema):
    """The new values by name, why, the incident to try again, and the version of the leg that was looked at."""

    values = fields.Dict(
        keys=fields.String(validate=validate.Regexp(NAME)),
        values=fields.Raw(allow_none=True),
        required=True,
        validate=validate.Length(1, MOST_NAMES),
    )
    reason = text(1, 300)
    retry_incident_id = fields.Integer(load_default=None, allow_none=True, strict=True)
    version = fields.Integer(load_default=None, allow_none=True, strict=True)


class StillOpenAnswer(Answer):
    """An incident that the leg has now."""

    id = fields.Integer(required=True)
    element_id = fields.String(required=True)
    code = fields.String(required=True)
    message = fields.String(required=True)


class CorrectedAnswer(Answer):
    """What came of it: the incidents that are open now."""

    leg_id = fields.Integer(required=True)
    version = fields.Integer(required=True)
    incidents = many(StillOpenAnswer)


@routes.on("GET", "/admin/legs/<int:leg_id>/variables", answer=VariablesAnswer, query=VariablesQuery)
@guard("correction:read")
def list_variables(ctx: Context, query: dict[str, Any], leg_id: int) -> dict[str, Any]:
    """变量 The variables of a leg that something failed in: names, types, masked values."""
    operations.require_leg(ctx, leg_id)
    return asdict(correcting.list_variables(ctx, leg_id, query["incident_id"]))


@routes.on("PUT", "/admin/legs/<int:leg_id>/variables", body=CorrectionBody, answer=CorrectedAnswer)
@guard("correction:change", recent=True)
def correct(ctx: Context, body: dict[str, Any], leg_id: int) -> dict[str, Any]:
    """更正数据 Correct variables with a reason and try again what failed (administrator of the leg's site)."""
    operations.require_leg(ctx, leg_id)
    leg = correcting.correct(
        ctx,
        leg_id,
        body["values"],
        body["reason"],
        incident_row_id=body["retry_incident_id"],
        version=body["version"],
    )
    return {"leg_id": leg.id, "version": leg.version, "incidents": incidents.list_open(ctx, leg.id)}
