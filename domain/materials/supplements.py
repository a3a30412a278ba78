"""一次性告知 (DOMAIN §3.4): one notice with everything; a further round only for what could not be said the first time."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import func, select

from domain.actors import Role
from domain.audit import service as audit
from domain.cases.rows import CASES, LegRow
from domain.context import Context
from domain.deadlines import policies
from domain.deadlines.calendar import load
from domain.deadlines.due import Hours, schedule
from domain.items.models import Item
from domain.materials.errors import NoticeRefused, TooManyRounds
from domain.materials.models import BY_NOTICE, Material, SupplementNotice
from domain.notifications import service as notifications
from domain.sites.models import Site

NEW_FACT, NEW_DEFECT, LAW_CHANGE = "NEW_FACT", "NEW_DEFECT", "LAW_CHANGE"
OVERRIDE: Final = "OVERRIDE"
"""None of the reasons of §3.4: whoever approves answers for it; recorded and counted apart (R-03.7)."""
REASONS: Final = frozenset({NEW_FACT, NEW_DEFECT, LAW_CHANGE, OVERRIDE})
APPROVING: Final = (Role.APPROVER, Role.SUPERVISOR)


def effect(ctx: Context, leg: LegRow, effect: Any, variables: Mapping[str, Any]) -> None:
    """Handler of ``<lianban:supplement source="notice"/>``: the notice in that variable is given, or the step is refused."""
    source = effect.attributes.get("source", "notice")
    notice = variables.get(source)
    give(ctx, leg, dict(notice) if isinstance(notice, Mapping) else {})


def give(ctx: Context, leg: LegRow, notice: Mapping[str, Any]) -> SupplementNotice:
    """Give a notice: {entries: [{target, defect, rule, cure}], reasonCode, newFact, approvedBy}.

    Raises :class:`NoticeRefused`, :class:`TooManyRounds`.
    """
    entries = _entries(notice)
    earlier = list(
        ctx.session.scalars(
            select(SupplementNotice).where(SupplementNotice.case_id == leg.case_id).order_by(SupplementNotice.round)
        )
    )
    site = ctx.session.get_one(Site, leg.site_id)
    values = policies.of_leg(ctx, leg)
    number = len(earlier) + 1
    if number > policies.number(values, "supplement.maxRounds"):
        raise TooManyRounds(f"已经告知 {len(earlier)} 次。", f"{len(earlier)} notices were given.")
    if earlier:
        _require_reason(ctx, leg, notice, entries, earlier)
    now = ctx.clock.now()
    due_at = schedule(values["supplement.applicant"], now, load(ctx.session, site.region_code), Hours.of(values))
    row = SupplementNotice(
        case_id=leg.case_id,
        round=number,
        entries=entries,
        reason_code=str(notice.get("reasonCode") or "")[:20] or None if earlier else None,
        new_fact=str(notice.get("newFact") or "") or None,
        is_override=bool(earlier) and notice.get("reasonCode") == OVERRIDE,
        written_by=None if earlier else ctx.actor.user_id or None,
        approved_by=ctx.actor.user_id or None if earlier else None,
        notified_at=now,
        due_at=due_at,
    )
    ctx.session.add(row)
    leg.case.supplement_rounds = number
    _mark(ctx, leg, entries)
    ctx.session.flush()
    _tell(ctx, leg, row, site)
    return row


@dataclass(frozen=True, slots=True)
class Figure:
    """How often supplements were asked for in an item: ``average`` rounds per case that had any."""

    item_code: str
    item_name: str
    cases: int
    rounds: int
    further_rounds: int
    overrides: int
    average: float


def list_figures(ctx: Context) -> list[Figure]:
    """Supplements by item in the reader's sites (all sites for those who watch the platform), most further rounds first."""
    cases_, notices = CASES, SupplementNotice
    query = (
        select(
            Item.code,
            Item.name,
            func.count(notices.case_id.distinct()).label("cases"),
            func.count().label("rounds"),
            func.count().filter(notices.round > 1).label("further"),
            func.count().filter(notices.is_override).label("overrides"),
        )
        .select_from(notices)
        .join(cases_, cases_.c.id == notices.case_id)
        .join(Item, Item.code == cases_.c.item_code)
        .group_by(Item.code, Item.name)
    )
    if not any(ctx.actor.has(role, 0) for role in (Role.PLATFORM_ADMIN, Role.AUDITOR)):
        query = query.where(cases_.c.main_site_id.in_(ctx.actor.site_ids))
    rows = ctx.session.execute(query).all()
    figures = [
        Figure(row[0], row[1], row.cases, row.rounds, row.further, row.overrides, round(row.rounds / row.cases, 2))
        for row in rows
    ]
    return sorted(figures, key=lambda figure: (-figure.further_rounds, -figure.rounds, figure.item_code))


def _entries(notice: Mapping[str, Any]) -> list[dict[str, Any]]:
    given = notice.get("entries")
    if not isinstance(given, list) or not given:
        raise NoticeRefused("没有写明需要补正的内容。", "The notice has no entries.", pointer="/data/entries")
    entries = [dict(entry) if isinstance(entry, Mapping) else {} for entry in given]
    for number, entry in enumerate(entries):
        for key, label in (("target", "补正对象"), ("defect", "缺陷")):
            if not str(entry.get(key) or "").strip():
                raise NoticeRefused(
                    f"第 {number + 1} 项没有写明{label}。",
                    f"Entry {number + 1} lacks its {key}.",
                    pointer=f"/data/entries/{number}/{key}",
                )
    return entries


def _require_reason(
    ctx: Context,
    leg: LegRow,
    notice: Mapping[str, Any],
    entries: list[dict[str, Any]],
    earlier: list[SupplementNotice],
) -> None:
    """A later round: a listed reason with its text, approved by somebody who decides and did not write the first notice."""
    reason = str(notice.get("reasonCode") or "")
    asked_before = {str(entry.get("target")) for row in earlier for entry in row.entries}
    fresh = [str(entry["target"])[:60] for entry in entries if str(entry["target"]) not in asked_before]
    if reason not in REASONS:
        what = f"“{'、'.join(fresh)}”首次告知时未提出" if fresh else "再次补正没有写明理由"
        raise NoticeRefused(f"{what}。", "A further round needs a listed reason.", pointer="/data/reasonCode")
    if not str(notice.get("newFact") or "").strip():
        raise NoticeRefused("没有写明新事实或变化。", "The new fact is not described.", pointer="/data/newFact")
    if reason == NEW_DEFECT and fresh:
        raise NoticeRefused(
            f"“{'、'.join(fresh)}”不是上次补正的材料，其缺陷应在首次告知时提出。",
            "A defect may be new only in what was supplied after the last notice.",
            pointer="/data/entries",
        )
    if not notice.get("approvedBy"):
        raise NoticeRefused(
            "再次补正没有经负责人核准。", "A further round was not approved.", pointer="/data/approvedBy"
        )
    if ctx.actor.user_id and not any(ctx.actor.has(role, leg.site_id) for role in APPROVING):
        raise NoticeRefused(
            "再次补正须由审批人或督办员核准。", "A leader or supervisor must approve.", pointer="/data/approvedBy"
        )
    if ctx.actor.user_id and any(row.written_by == ctx.actor.user_id for row in earlier):
        raise NoticeRefused(
            "核准人不能是告知人本人。", "The approver may not be the writer.", pointer="/data/approvedBy"
        )


def _mark(ctx: Context, leg: LegRow, entries: list[dict[str, Any]]) -> None:
    """Materials that the notice names count as defective until supplied again; missing ones stay missing."""
    named = [str(entry["target"]) for entry in entries]
    rows = ctx.session.scalars(
        select(Material).where(Material.case_id == leg.case_id, Material.leg_id.is_(None), Material.code.in_(named))
    )
    for row in rows:
        row.state = "MISSING" if row.file_id is None and row.state == "MISSING" else "DEFECT"
        row.note, row.updated_at = BY_NOTICE, ctx.clock.now()


def _tell(ctx: Context, leg: LegRow, row: SupplementNotice, site: Site) -> None:
    targets = [str(entry["target"])[:60] for entry in row.entries]
    audit.record_of(
        ctx, leg, "supplement.requested", data={"round": row.round, "targets": targets, "reason": row.reason_code}
    )
    if leg.case.applicant_user_id is not None:
        values = {"caseNo": leg.case.case_no, "siteName": site.name}
        notifications.send(
            ctx, [leg.case.applicant_user_id], "supplement.requested", values, case_id=leg.case_id, site_id=leg.site_id
        )
