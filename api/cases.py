"""Cases: the list, found by what stands in them, and one case's page."""

from __future__ import annotations

from typing import Any

import flask
from marshmallow import fields

from api import case_views, paging
from api.auth import guard
from api.case_shapes import CaseDetailAnswer
from api.entry import Routes
from api.limits import SEARCH
from api.reading import case_read, search_read
from api.schemas import Answer, CamelSchema, choice, cursor, limit, many, text
from api.shapes import CaseRowAnswer
from api.spreadsheets import FORMS, spreadsheet
from domain.cases import queries as cases
from domain.cases import search, sheets
from domain.context import Context
from domain.deadlines.queries import DueState
from domain.sheets.files import write_csv, write_xlsx

routes = Routes("cases", "办件 Cases")


class CasePage(Answer):
    """A page of cases."""

    items = many(CaseRowAnswer)
    next = fields.String(required=True, allow_none=True)


class CaseChoice(CamelSchema):
    """Which cases."""

    item = text(1, 60, required=False, load_default=None)
    status = text(1, 30, required=False, load_default=None)
    site_id = fields.Integer(load_default=None)
    state = choice(("open", "closed", "all"), load_default="open")
    due = choice(("overdue", "today", "soon"), load_default=None)


class CaseQuery(CaseChoice):
    """A page of them. Search words go into a body: they may name a person, and an address must not."""

    after = cursor()
    limit = limit()


class CaseSearch(CaseQuery):
    """Which cases, with search words."""

    q = text(1, 80, required=False, load_default=None)


class CaseSheet(CaseChoice):
    """Which cases go into the spreadsheet."""

    q = text(1, 80, required=False, load_default=None)
    form = choice(FORMS, load_default="xlsx")


@routes.on("GET", "/cases", answer=CasePage, query=CaseQuery)
@guard("case:read", "case.state:read")
def list_cases(ctx: Context, query: dict[str, Any]) -> dict[str, Any]:
    """办件 Cases in the reader's scope, newest first."""
    return _page(ctx, query)


@routes.on("POST", "/cases/search", answer=CasePage, body=CaseSearch)
@guard("case:read", "case.state:read", rate=SEARCH)
def search_cases(ctx: Context, query: dict[str, Any]) -> dict[str, Any]:
    """办件查询 The same, found by Chinese substrings, numbers or an exact ID number."""
    words = query["q"]
    page = _page(ctx, query)
    search_read(ctx, "case.search", words, len(page["items"]))
    return page


@routes.on("POST", "/cases/export", body=CaseSheet, content_type="application/octet-stream")
@guard("export:export", rate=SEARCH, recent=True, remember=False)
def export_cases(ctx: Context, body: dict[str, Any]) -> flask.Response:
    """导出清单 The list as a spreadsheet, masked as on the page: cases of sites whose data the reader may export."""
    form, words = body.pop("form"), body["q"]
    rows = sheets.rows_of(ctx, _filter(body))
    search_read(ctx, "case.search", words, len(rows) - 1)
    content = write_csv(rows) if form == "csv" else write_xlsx(rows, "办件")
    return spreadsheet(content, f"cases.{form}", form)


def _filter(query: dict[str, Any]) -> search.Filter:
    due = query.pop("due")
    return search.Filter(**query, due=DueState(due) if due else None)


def _page(ctx: Context, query: dict[str, Any]) -> dict[str, Any]:
    after = paging.decode(query.pop("after"))
    size = query.pop("limit")
    lines, following = search.list_cases(ctx, _filter(query), before_id=int(after[0]) if after else None, limit=size)
    return {"items": lines, "next": paging.encode(following)}


@routes.on("GET", "/cases/<case_no>", answer=CaseDetailAnswer)
@guard("case:read", "case.state:read")
def get_case(ctx: Context, case_no: str) -> dict[str, Any]:
    """办件 A case by any leg's number, as its reader may see it."""
    frame = cases.get_frame(ctx, case_no)
    case_read(ctx, frame, "case.page")
    return case_views.detail(ctx, frame)
