"""The list of cases as a spreadsheet: what the list on the page shows, masked as there, of sites whose cases the reader may export."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any, Final

from domain.audit import service as audit
from domain.cases import labels, search
from domain.cases.queries import CaseLine
from domain.cases.search import Filter
from domain.clock import CHINA
from domain.context import Context
from domain.identity import functions

FUNCTION: Final = "export:export"
MOST: Final = 5000
"""Cases of one sheet, the newest; a note in the last row says when there were more."""
PAGE: Final = 200
HEADINGS: Final = (
    "办件编号 case",
    "业务协同编号 collaboration",
    "事项 item",
    "当事人（脱敏） subject",
    "本机构角色 role",
    "主办机构 lead",
    "协办机构 partners",
    "状态 status",
    "提交 submitted",
    "承诺期限 promised",
    "办结 closed",
    "结果 result",
)


def rows_of(ctx: Context, wanted: Filter) -> list[list[str]]:
    """Headings and one row for each case; that it left the platform is on record. Raises ``FunctionRefused``."""
    functions.require(ctx.actor, FUNCTION, site_id=wanted.site_id)
    sites = functions.sites_where(ctx.actor, FUNCTION)
    own = replace(wanted, sites=None if sites is None else frozenset(sites))
    lines: list[CaseLine] = []
    before: int | None = None
    while True:
        page, following = search.list_cases(ctx, own, before_id=before, limit=PAGE)
        lines += page
        if following is None or len(lines) >= MOST:
            break
        before = following[0]
    rows = [list(HEADINGS), *(_row(line) for line in lines)]
    if following is not None:
        rows.append([f"只有最新的 {MOST} 件，请用筛选条件缩小范围。 Only the newest {MOST}: narrow the filters."])
    by = sorted(name for name in ("item", "status", "site_id", "due") if getattr(wanted, name))
    told: dict[str, Any] = {"rows": len(lines), "state": wanted.state, "by": by}
    audit.record_read(ctx, "case.list", fields=["subject"], data=told)
    audit.record(ctx, "sheet.exported", data={"kind": "cases", **told})
    return rows


def _row(line: CaseLine) -> list[str]:
    return [
        line.case_no,
        line.collab_no,
        line.item_name,
        line.subject,
        labels.name_of(labels.LEG_ROLES, line.leg_role),
        line.main_site_name,
        "、".join(line.partner_site_names),
        line.status_name,
        _local(line.submitted_at),
        _local(line.promise_due_at),
        _local(line.closed_at),
        line.result_name or "",
    ]


def _local(moment: datetime | None) -> str:
    return "" if moment is None else f"{moment.astimezone(CHINA):%Y-%m-%d %H:%M}"
