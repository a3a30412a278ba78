"""保存期限: which cases are due, asking and agreeing to their deletion, doing it in batches, holding it up."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import select

from domain.actors import Role
from domain.audit import service as audit
from domain.cases.models import Case
from domain.context import Context
from domain.deadlines import policies
from domain.deadlines.policies import Value
from domain.errors import Conflict, NotFound
from domain.items.models import Item
from domain.outbox import work
from domain.outbox.work import BATCH, NewWork
from domain.privacy import holds, materials
from domain.privacy.erasing import erase_case
from domain.privacy.errors import NothingDue, NotYours
from domain.privacy.holds import require_keeper
from domain.privacy.models import Erasure, LegalHold
from domain.privacy.years import years_after, years_before
from domain.sites.models import Site

KIND: Final = "privacy.erase"
ASKED, REFUSED, RUNNING, DONE = "asked", "refused", "running", "done"
PREVIEW: Final = 1000
"""Cases of one deletion."""
STEP: Final = 20
FOR_EVER: Final = 0
NOW: Final = timedelta(0)
CASES, MATERIALS = "cases", "materials"


@dataclass(frozen=True, slots=True)
class Kept:
    """How long cases of an item are kept: years (0: for ever) and the source."""

    item_code: str
    item_name: str
    years: int
    source: str


@dataclass(frozen=True, slots=True)
class Due:
    """A case whose time of keeping is over. ``held``: why it stays nevertheless."""

    id: int
    case_no: str
    item_name: str
    subject: str
    closed_at: datetime
    due_at: datetime
    held: str
    source: str


def list_rules(ctx: Context, site: Site | None = None) -> list[Kept]:
    """How long cases of each item are kept at a site, with the source."""
    found = []
    for item in ctx.session.scalars(select(Item).order_by(Item.no)):
        value = policies.effective(ctx, "retention.caseYears", site, item.code)
        found.append(Kept(item.code, item.name, int(value.value), value.source))
    return found


def list_due(ctx: Context, site_id: int, *, ahead: timedelta = NOW) -> list[Due]:
    """Closed cases led by the site whose time is over, or will be before ``ahead`` has passed, the oldest first.

    Held ones come with the reason of the hold.
    """
    require_keeper(ctx, site_id)
    now = ctx.clock.now()
    found: list[Due] = []
    for rule in list_rules(ctx, ctx.session.get(Site, site_id)):
        if rule.years == FOR_EVER:
            continue
        hold = select(LegalHold.reason).where(LegalHold.case_id == Case.id, holds.in_force(now))
        rows = ctx.session.execute(
            select(Case.id, Case.case_no, Case.subject_masked, Case.closed_at, hold.limit(1).scalar_subquery())
            .where(
                Case.main_site_id == site_id,
                Case.item_code == rule.item_code,
                Case.closed_at <= years_before(now + ahead, rule.years),
                Case.erased_at.is_(None),
            )
            .order_by(Case.closed_at)
            .limit(PREVIEW)
        )
        found += [
            Due(
                row[0],
                row[1],
                rule.item_name,
                row[2],
                row[3],
                years_after(row[3], rule.years),
                row[4] or "",
                rule.source,
            )
            for row in rows
        ]
    return sorted(found, key=lambda each: each.closed_at)[:PREVIEW]


def ask(ctx: Context, site_id: int, reason: str, *, what: str = CASES) -> Erasure:
    """Ask for the deletion of what is due now, cases or materials. Raises :class:`NothingDue`, :class:`NotYours`."""
    if what == MATERIALS:
        due = [each.id for each in materials.list_due(ctx, site_id) if not each.held]
    else:
        due = [each.id for each in list_due(ctx, site_id) if not each.held]
    if not due:
        raise NothingDue("没有超过保存期限的办件或材料。", "Nothing has passed its time of keeping.")
    row = Erasure(
        site_id=site_id,
        state=ASKED,
        what=what,
        case_ids=due,
        reason=reason[:200],
        asked_by=ctx.actor.user_id,
        asked_name=ctx.actor.name[:60],
        asked_at=ctx.clock.now(),
    )
    ctx.session.add(row)
    ctx.session.flush()
    audit.record(ctx, "erasure.asked", site_id=site_id, data={"erasureId": row.id, what: len(due)})
    return row


def decide(ctx: Context, erasure_id: int, *, agrees: bool) -> Erasure:
    """The second person's answer; agreeing starts the work. Raises :class:`NotFound`, :class:`NotYours`, :class:`Conflict`."""
    row = ctx.session.get(Erasure, erasure_id, with_for_update=True)
    if row is None or not _may_decide(ctx, row.site_id):
        raise NotFound("没有这次删除。", "There is no such deletion.")
    if row.asked_by == ctx.actor.user_id:
        raise NotYours("本人不能批准自己提出的删除。", "You cannot agree to what you asked for.")
    if row.state != ASKED:
        raise Conflict("这次删除已经处理。", "This deletion was answered before.")
    now = ctx.clock.now()
    row.state = RUNNING if agrees else REFUSED
    row.decided_by, row.decided_name, row.decided_at = ctx.actor.user_id, ctx.actor.name[:60], now
    ctx.session.flush()
    kind = "erasure.approved" if agrees else "erasure.refused"
    audit.record(ctx, kind, site_id=row.site_id, data={"erasureId": row.id, row.what: len(row.case_ids)})
    if agrees:
        work.add(ctx, [NewWork(KIND, str(row.id), now, data={"from": 0}, queue=BATCH)])
    return row


def run(ctx: Context, job: Any) -> None:
    """Job ``privacy.erase``: the next cases of a deletion; each is looked at again (still due, not held) under its lock."""
    row = ctx.session.get(Erasure, int(job.ref), with_for_update=True)
    if row is None or row.state != RUNNING:
        return
    start = int(job.data.get("from", 0))
    goes = materials.erase if row.what == MATERIALS else _erase
    for number in row.case_ids[start : start + STEP]:
        if goes(ctx, int(number)):
            row.done += 1
        else:
            row.kept += 1
    now = ctx.clock.now()
    if start + STEP < len(row.case_ids):
        work.add(ctx, [NewWork(KIND, str(row.id), now, data={"from": start + STEP}, queue=BATCH)])
        return
    row.state, row.finished_at = DONE, now
    audit.record(ctx, "erasure.done", site_id=row.site_id, data={"erasureId": row.id, row.what: row.done})


def _erase(ctx: Context, case_id: int) -> bool:
    case = ctx.session.get(Case, case_id, with_for_update=True, populate_existing=True)
    if case is None or not _is_due(ctx, case):
        return False
    erase_case(ctx, case)
    return True


def list_erasures(ctx: Context, site_id: int) -> Sequence[Erasure]:
    """Deletions of a site, newest first."""
    if not _may_decide(ctx, site_id):
        raise NotFound("没有这个机构。", "There is no such site.")
    query = select(Erasure).where(Erasure.site_id == site_id).order_by(Erasure.id.desc()).limit(50)
    return list(ctx.session.scalars(query))


def kept_until(ctx: Context, case: Case) -> datetime | None:
    """Until when a closed case is kept; None: for ever, or it is still open."""
    years = int(rule_of(ctx, case).value)
    return None if case.closed_at is None or years == FOR_EVER else years_after(case.closed_at, years)


def rule_of(ctx: Context, case: Case) -> Value:
    """For how many years a case is kept, and where that comes from."""
    site = ctx.session.get(Site, case.main_site_id)
    return policies.effective(ctx, "retention.caseYears", site, case.item_code)


def _is_due(ctx: Context, case: Case) -> bool:
    until = kept_until(ctx, case)
    is_over = until is not None and until <= ctx.clock.now()
    return case.erased_at is None and is_over and holds.find_of(ctx, case.id) is None


def _may_decide(ctx: Context, site_id: int) -> bool:
    return bool(ctx.actor.roles_at(site_id) & {Role.SITE_ADMIN, Role.APPROVER})
