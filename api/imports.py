"""Import: models of other engines become models of ours, with a report."""

from __future__ import annotations

from typing import Any

from marshmallow import fields

from api.auth import guard
from api.definitions import MOST_XML, finding_row
from api.entry import Routes
from api.openapi import FindingAnswer
from api.schemas import Answer, CamelSchema, many, text
from domain.context import Context
from domain.definitions import importing

routes = Routes("imports", "导入 Import")


class ImportBody(CamelSchema):
    """A model of another engine."""

    name = text(0, 200, required=False, load_default="")
    xml = text(1, MOST_XML)


class ChangeAnswer(Answer):
    """A line of the import report."""

    element_id = fields.String(required=True, allow_none=True)
    line = fields.Integer(required=True, allow_none=True)
    kind = fields.String(required=True, metadata={"enum": ["converted", "repaired", "dropped", "manual"]})
    what = fields.String(required=True)
    before = fields.String(required=True)
    after = fields.String(required=True)
    message = fields.String(required=True)
    message_en = fields.String(required=True)


class MadeForm(Answer):
    """A form made from the form fields of another engine; publish it under its id."""

    form_id = fields.String(required=True)
    form = fields.Dict(required=True)


class ImportAnswer(Answer):
    """A converted model: nothing is kept until it is saved as a draft or deployed."""

    name = fields.String(required=True)
    xml = fields.String(required=True)
    dialect = fields.String(
        required=True, metadata={"enum": ["camunda", "flowable", "activiti", "zeebe", "juel", "plain"]}
    )
    changes = many(ChangeAnswer)
    forms = many(MadeForm)
    findings = fields.List(fields.Nested(FindingAnswer), required=True)
    deployable = fields.Boolean(required=True)


@routes.on("POST", "/definitions/import", body=ImportBody, answer=ImportAnswer)
@guard("design:draft")
def import_model(ctx: Context, body: dict[str, str]) -> dict[str, Any]:
    """导入 Convert a model of Camunda 7 or 8, Flowable, Activiti or plain BPMN, with a report; nothing is kept."""
    made = importing.convert(ctx, importing.as_bytes(body["xml"]))
    return {
        "name": body["name"],
        "xml": made.xml.decode(),
        "dialect": made.dialect,
        "changes": made.changes,
        "forms": [{"form_id": form_id, "form": form} for form_id, form in made.forms.items()],
        "findings": [finding_row(finding) for finding in made.checked.findings],
        "deployable": made.checked.deployable,
    }
