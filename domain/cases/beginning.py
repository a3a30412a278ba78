"""The first rows of a case and of a leg: numbers, subjects, the row itself; the process is started after it (:mod:`.runtime`)."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, cast

from sqlalchemy import Table, func, select
from sqlalchemy.dialects.postgresql import insert as upsert

from domain import reach
from domain.base import get_seal
from domain.cases import rows, writes
from domain.cases.errors import DuplicateApplication
from domain.cases.models import CaseSubject
from domain.cases.rows import CASES, LEGS, CaseRow, LegRow, SiteRow
from domain.context import Context
from domain.deadlines import rules
from domain.definitions.store import Deployed
from domain.sites import numbering
from domain.sites.models import Site
from domain.statements import Statement
from engine.contract import Participant

_GIVEN = (*rows.names(CaseRow), reach.HOLD.format("cases.id"))
"""A new case is held at once: its first step writes what belongs to it."""
SUBJECTS = cast("Table", CaseSubject.__table__)
_OFFERED = Statement(
    """
    select items.code, items.no, items.implementation_code, latest.id from items, lateral (
        select id from definitions where key = coalesce(%(key)s::varchar, items.definition_key) order by version desc limit 1
    ) latest where items.code = %(code)s
    """
)


@dataclass(frozen=True, slots=True)
class NewCase:
    """An application to open a case for. ``subjects`` are (kind, value) pairs that no other open case may be about.

    ``definition_key`` defaults to the item's. ``source`` is 申报来源代码 (GB/T 39046 A.5),
    ``window_sites`` where the clerk who hands it in has a window: the main site's counts first.
    """

    item_code: str
    application: Mapping[str, Any]
    applicant_user_id: int | None
    subject_masked: str = ""
    subjects: Sequence[tuple[str, str]] = ()
    source: str = "2"
    window_sites: Collection[int] = ()
    definition_key: str | None = None


class Offered(NamedTuple):
    """An item that a case can be opened for: what numbers need of it, and the version that serves new cases."""

    code: str
    no: int
    implementation_code: str | None
    definition_id: int


def find_offered(ctx: Context, new: NewCase) -> Offered | None:
    """The item with the definition deployed last; None when there is no such item or nothing is deployed for it."""
    row = _OFFERED.row(ctx.session, {"code": new.item_code, "key": new.definition_key})
    return None if row is None else Offered(*row)


def submit(ctx: Context, new: NewCase, item: Offered, site: SiteRow, partner_code: str = "") -> CaseRow:
    """Write the case of an application, with its numbers."""
    now = ctx.clock.now()
    # A SiteRow has what numbers need of a site; the hot path loads no entity for it.
    case_no, collab_no = numbering.opening_numbers(ctx, item, cast("Site", site), now)
    values: dict[str, Any] = {
        "collab_no": collab_no,
        "case_no": case_no,
        "item_code": item.code,
        "definition_id": item.definition_id,
        "main_site_id": site.id,
        "partner_code": partner_code,
        "applicant_user_id": new.applicant_user_id,
        "subject_masked": new.subject_masked,
        "application": dict(new.application),
        "source": new.source,
        "window_site_id": _window(new, site),
        "submitted_at": now,
    }
    found = None
    while found is None:  # twelve random digits are hardly ever taken
        whole = _just_submitted(ctx, {**values, "query_code": numbering.query_code()})
        found = writes.insert_free(ctx.session, CASES, whole, _GIVEN, "query_code")
    return CaseRow(*found[:-1])


def _window(new: NewCase, main: SiteRow) -> int | None:
    return main.id if main.id in new.window_sites else min(new.window_sites, default=None)


def insert_case(ctx: Context, values: Mapping[str, Any]) -> CaseRow:
    """Write a case that was just submitted and return it as a row of this step."""
    return CaseRow(*writes.insert_one(ctx.session, CASES, _just_submitted(ctx, values), _GIVEN)[:-1])


def _just_submitted(ctx: Context, values: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "partner_code": "",
        **values,
        "status": "SUBMITTED",
        "flags": [],
        "plain_text": "",
        "plain_text_en": "",
        "supplement_rounds": 0,
        "past_return": False,
        "updated_at": ctx.clock.now(),
        "audit_seq": 0,
    }


def claim_subjects(ctx: Context, case: CaseRow, subjects: Sequence[tuple[str, str]]) -> None:
    """One open case per subject (mover, certificate): the partial unique index decides also between two at once."""
    seal = get_seal()
    for kind, value in subjects:
        blind, *earlier = seal.blinds(value)
        # While the index is being rebuilt the unique index does not see the same subject in another version.
        if earlier:
            _require_free(ctx, kind, earlier, seal.mark(value))
        claim = upsert(SUBJECTS).values(case_id=case.id, kind=kind, blind=blind, is_open=True)
        done = ctx.session.execute(
            claim.on_conflict_do_nothing(index_elements=["kind", "blind"], index_where=SUBJECTS.c.is_open).returning(
                SUBJECTS.c.id
            )
        ).scalar_one_or_none()
        if done is None:
            raise _duplicate(ctx, kind, [blind])


def _require_free(ctx: Context, kind: str, blinds: Sequence[str], mark: str) -> None:
    ctx.session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(f"subject:{kind}:{mark}", 0))))
    with reach.for_platform(ctx.session):  # whosever case it is
        taken = _open_case(ctx, kind, blinds) is not None
    if taken:
        raise _duplicate(ctx, kind, blinds)


def _open_case(ctx: Context, kind: str, blinds: Sequence[str]) -> str | None:
    same = (SUBJECTS.c.kind == kind) & SUBJECTS.c.blind.in_(blinds) & SUBJECTS.c.is_open
    query = select(CASES.c.case_no).join(SUBJECTS, SUBJECTS.c.case_id == CASES.c.id).where(same)
    found: str | None = ctx.session.execute(query.limit(1)).scalar_one_or_none()
    return found


def _duplicate(ctx: Context, kind: str, blinds: Sequence[str]) -> DuplicateApplication:
    case_no = _open_case(ctx, kind, blinds)
    if case_no is None:  # somebody else's: that there is one is told, which is not
        return DuplicateApplication("同一对象已有未办结的办件。", "The same subject has an open case.")
    return DuplicateApplication(
        f"同一对象已有未办结的办件：{case_no}。", f"The same subject has an open case: {case_no}."
    )


def insert_leg(
    ctx: Context,
    case: CaseRow,
    definition: Deployed,
    participant: Participant,
    site: Site | SiteRow,
    case_no: str,
    *,
    received: Mapping[str, Any] | None = None,
) -> LegRow:
    """Write a leg that has not begun, as a row of this step."""
    now = ctx.clock.now()
    values: dict[str, Any] = {
        "case_id": case.id,
        "site_id": site.id,
        "participant_id": participant.id,
        "participant_name": participant.name,
        "process_id": participant.process_id,
        "role": participant.role,
        "definition_id": definition.id,
        "case_no": case_no,
        "status": "SUBMITTED" if participant.role == "main" else "RECEIVED",
        "state": b"",
        "variables": {},
        "received": None if received is None else dict(received),
        "active_elements": [],
        "active_since": {},
        "visited": [],
        "taken": [],
        "version": 0,
        "past_return": False,
        "is_suspended": False,
        "suspend_note": "",
        "started_at": now,
        "updated_at": now,
    }
    *row, edition = writes.insert_one(ctx.session, LEGS, values, (*rows.names(LegRow), rules.PRESENT))
    rules.learn(ctx.session, edition)
    leg = LegRow(*row)
    return rows.attach(leg, case, SiteRow(*(getattr(site, name) for name in rows.names(SiteRow))))
