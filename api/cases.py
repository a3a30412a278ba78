"""Cases: the list, found by what stands in them, and one case's page."""

from __future__ import annotations

from typing import Any

from marshmallow import fields

from api import case_views, paging
from api.auth import guard
from api.case_shapes import CaseDetailAnswer
from api.entry import Routes
from api.limits import SEARCH
from api.reading import case_read, search_read
from api.schemas import Answer, CamelSchema, choice, cursor, limit, many, text
from api.shapes import CaseRowAnswer
from domain.cases import queries as cases
from domain.cases import search
from domain.context import Context
from domain.deadlines.queries import DueState

routes = Routes("cases", "办件 Cases")


class CasePage(Answer):
    """A page of cases."""

    items = many(CaseRowAnswer)
    next = fields.String(required=True, allow_none=True)


class CaseQuery(CamelSchema):
    """Which cases. Search words go into a body: they may name a person, and an address must not."""

    item = text(1, 60, required=False, load_default=None)
    status = text(1, 30, required=False, load_default=None)
    site_id = fields.Integer(load_default=None)
    state = choice(("open", "closed", "all"), load_default="open")
    due = choice(("overdue", "today", "soon"), load_default=None)
    after = cursor()
    limit = limit()


class CaseSearch(CaseQuery):
    """Which cases, with search words."""

    q = text(1, 80, required=False, load_default=None)


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


def _page(ctx: Context, query: dict[str, Any]) -> dict[str, Any]:
    after = paging.decode(query.pop("after"))
    size = query.pop("limit")
    due = query.pop("due")
    wanted = search.Filter(**query, due=DueState(due) if due else None)
    lines, following = search.list_cases(ctx, wanted, before_id=int(after[0]) if after else None, limit=size)
    return {"items": lines, "next": paging.encode(following)}


@routes.on("GET", "/cases/<case_no>", answer=CaseDetailAnswer)
@guard("case:read", "case.state:read")
def get_case(ctx: Context, case_no: str) -> dict[str, Any]:
    """办件 A case by any leg's number, as its reader may see it."""
    frame = cases.get_frame(ctx, case_no)
    case_read(ctx, frame, "case.page")
    return case_views.detail(ctx, frame)
