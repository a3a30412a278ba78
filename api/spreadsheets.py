"""Spreadsheets: templates, import (tried first, then all or nothing), export."""

from __future__ import annotations

import base64
import binascii
from typing import Any
from urllib.parse import quote

import flask
from marshmallow import fields, validate

from api.auth import guard, require_recent
from api.entry import Routes
from api.schemas import Answer, CamelSchema, choice, many
from domain.context import Context
from domain.registry import importing
from domain.sheets.files import MOST_BYTES, SheetUnreadable
from domain.tasks import leaving

routes = Routes("spreadsheets", "表格导入导出 Spreadsheets")
FORMS = ("xlsx", "csv")


class FormQuery(CamelSchema):
    """xlsx or csv."""

    form = choice(FORMS, load_default="xlsx")


class SheetBody(CamelSchema):
    """The file in base64; ``trial``: look only."""

    content = fields.String(
        required=True, validate=validate.Length(1, MOST_BYTES * 4 // 3 + 4, error="length|1|933336")
    )
    trial = fields.Boolean(required=True)


class CellErrorRow(Answer):
    """One thing wrong, by row and column."""

    row = fields.Integer(required=True)
    column = fields.String(required=True)
    text = fields.String(required=True)
    text_en = fields.String(required=True)


class InitialPassword(Answer):
    """A new person's first password, told once."""

    login = fields.String(required=True)
    name = fields.String(required=True)
    password = fields.String(required=True)


class SheetReport(Answer):
    """What came of the file."""

    rows = fields.Integer(required=True)
    added = fields.Integer(required=True)
    changed = fields.Integer(required=True)
    applied = fields.Boolean(required=True)
    errors = many(CellErrorRow)
    passwords = many(InitialPassword)


@routes.on("GET", "/admin/sheets/<kind>/template", query=FormQuery, content_type="application/octet-stream")
@guard("users:read", "contact:change")
def get_template(ctx: Context, query: dict[str, str], kind: str) -> flask.Response:
    """模板 The headings with one example."""
    del ctx
    return _file(importing.template(kind, query["form"]), kind, "template", query["form"])


@routes.on("GET", "/admin/sheets/<kind>", query=FormQuery, content_type="application/octet-stream")
@guard("users:change", "users:sites", "contact:change", recent=True)
def export(ctx: Context, query: dict[str, str], kind: str) -> flask.Response:
    """导出 What can be imported again; texts that look like formulas are made harmless."""
    return _file(importing.export(ctx, kind, query["form"]), kind, "export", query["form"])


@routes.on("POST", "/admin/sheets/<kind>", body=SheetBody, answer=SheetReport)
@guard("users:change", "users:sites", "contact:change", remember=False)
def import_sheet(ctx: Context, body: dict[str, Any], kind: str) -> importing.Report:
    """导入 Try a file (every error by row and column), or take it in: all of it or nothing."""
    if not body["trial"]:
        require_recent()
    try:
        content = base64.b64decode(body["content"], validate=True)
    except (binascii.Error, ValueError) as wrong:
        raise SheetUnreadable("文件内容不是 base64。", "The content is not base64.", pointer="/content") from wrong
    report = importing.import_sheet(ctx, kind, content, trial=body["trial"])
    for user_id in report.closed:
        leaving.give_back(ctx, user_id)
    return report


def _file(content: bytes, kind: str, what: str, form: str) -> flask.Response:
    return spreadsheet(content, f"{kind}-{what}.{form}", form)


def spreadsheet(content: bytes, name: str, form: str) -> flask.Response:
    """A file to download."""
    response = flask.Response(content, mimetype=importing.TYPES[form].partition(";")[0])
    response.headers["Content-Disposition"] = f"attachment; filename={quote(name)}"
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response
