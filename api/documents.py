"""Documents (文书) of a case, to read and print."""

from __future__ import annotations

from typing import Any

import flask
from marshmallow import fields

from api import case_views
from api.auth import guard
from api.entry import Routes
from api.schemas import Answer, Moment, many
from domain.audit import service as audit
from domain.cases import queries as cases
from domain.context import Context
from domain.documents import queries as documents
from domain.errors import NotFound

routes = Routes("documents", "文书 Documents")


class Paragraph(Answer):
    """A labelled paragraph."""

    label = fields.String(required=True)
    text = fields.String(required=True)


class DocumentAnswer(Answer):
    """A document to read and print."""

    title = fields.String(required=True)
    number = fields.String(required=True)
    issued_at = Moment(required=True)
    site_name = fields.String(required=True)
    seal = fields.String(required=True, allow_none=True)
    paragraphs = many(Paragraph)
    remedies = fields.String(required=True, allow_none=True)
    legal_basis = fields.List(fields.String(), required=True)


@routes.on("GET", "/cases/<case_no>/documents/<int:document_id>", answer=DocumentAnswer)
@guard("case:content", "case:own")
def get_document(ctx: Context, case_no: str, document_id: int) -> dict[str, Any]:
    """文书 An issued document."""
    if flask.g.login.actor.is_applicant:
        from domain.applications import queries as applications

        case_id, readable = applications.get_my_case_id(ctx, case_no), documents.for_applicant()
    else:
        frame = cases.get_frame(ctx, case_no)
        if not frame.view.shows_papers:
            raise NotFound("没有这份文书。", "There is no such document.")
        case_id, readable = frame.case.id, case_views.readable(ctx, frame)
    return page_of(ctx, case_id, documents.get_document(ctx.session, case_id, document_id, readable), document_id)


def page_of(ctx: Context, case_id: int, sheet: documents.Sheet, document_id: int) -> dict[str, Any]:
    """A document's page; who reads it is on record."""
    audit.record_read(ctx, "document.read", case_id=case_id, fields=["documents"], data={"document": document_id})
    basis = sheet.content.get("legalBasis") or []
    return {
        "title": sheet.title,
        "number": sheet.number,
        "issued_at": sheet.issued_at,
        "site_name": sheet.site_name,
        "seal": sheet.content.get("seal"),
        "paragraphs": sheet.content.get("paragraphs", []),
        "remedies": sheet.content.get("remedies"),
        "legal_basis": [basis] if isinstance(basis, str) else basis,
    }
