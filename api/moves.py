"""Moving running cases to another version of their process: look first, then move."""

from __future__ import annotations

from typing import Any

from marshmallow import fields, validate

from api.auth import guard
from api.definitions import finding_row
from api.entry import Routes
from api.openapi import FindingAnswer
from api.schemas import Answer, CamelSchema, many, text
from domain.cases import moving
from domain.cases.errors import MoveRefused
from domain.context import Context

routes = Routes("moves", "版本迁移 Moving cases")
MOST_CASES = 200
"""Cases that one request moves; the caller repeats for more."""


class MapBody(CamelSchema):
    """Another version of the process, and the elements and flows that are called otherwise there (old id → new id)."""

    to = fields.Integer(required=True, strict=True)
    mapping = fields.Dict(
        keys=fields.String(validate=validate.Length(1, 120)),
        values=fields.String(validate=validate.Length(1, 120)),
        load_default=dict,
        validate=validate.Length(max=1000),
    )


class MoveBody(MapBody):
    """Which cases to move, and why."""

    case_nos = fields.List(
        fields.String(validate=validate.Length(1, 40)), required=True, validate=validate.Length(1, MOST_CASES)
    )
    reason = text(1, 300)


class MovedElementAnswer(Answer):
    """An element where tokens are now."""

    element_id = fields.String(required=True)
    name = fields.String(required=True)
    type = fields.String(required=True)
    count = fields.Integer(required=True)
    target_id = fields.String(required=True)
    target_name = fields.String(required=True, allow_none=True)
    findings = fields.List(fields.Nested(FindingAnswer), required=True)


class MovePreviewAnswer(Answer):
    """What a move would do."""

    cases = fields.Integer(required=True)
    legs = fields.Integer(required=True)
    elements = many(MovedElementAnswer)
    movable = fields.List(fields.String(), required=True)
    refused = fields.List(fields.String(), required=True)
    more = fields.Boolean(required=True)


class RefusedCase(Answer):
    """A case that stayed where it was."""

    case_no = fields.String(required=True)
    findings = fields.List(fields.Nested(FindingAnswer), required=True)


class MoveAnswer(Answer):
    """What became of each case."""

    moved = fields.List(fields.String(), required=True)
    refused = many(RefusedCase)


@routes.on("POST", "/definitions/versions/<int:version_id>/moves/preview", body=MapBody, answer=MovePreviewAnswer)
@guard("migrate:propose", "migrate:approve", "migrate:execute")
def preview(ctx: Context, body: dict[str, Any], version_id: int) -> dict[str, Any]:
    """迁移预览 What moving the open cases of a version to another one would do; nothing is changed."""
    found = moving.preview(ctx, version_id, body["to"], body["mapping"])
    told = {name: getattr(found, name) for name in found.__slots__}
    return told | {"elements": [_element(each) for each in found.elements]}


@routes.on("POST", "/definitions/versions/<int:version_id>/moves", body=MoveBody, answer=MoveAnswer)
@guard("migrate:execute", recent=True)
def move(ctx: Context, body: dict[str, Any], version_id: int) -> dict[str, Any]:
    """迁移 Move cases to another version. Each moves whole or stays; what stays says why."""
    moved, refused = [], []
    for number in dict.fromkeys(body["case_nos"]):
        try:
            with ctx.session.begin_nested():
                moving.move(ctx, number, body["to"], body["mapping"], body["reason"], source_id=version_id)
            moved.append(number)
        except MoveRefused as refusal:
            refused.append({"case_no": number, "findings": [finding_row(each) for each in refusal.findings]})
    return {"moved": moved, "refused": refused}


def _element(element: moving.MovedElement) -> dict[str, Any]:
    told = {name: getattr(element, name) for name in element.__slots__}
    return told | {"findings": [finding_row(each) for each in element.findings]}
