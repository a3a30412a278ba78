"""Cases read: the list, one case's frame, what every page about it needs. Always within the actor's scope."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import ARRAY, BigInteger, Select, any_, bindparam, column, exists, func, literal, or_, select
from sqlalchemy.orm import Session, load_only

from domain.cases import labels, scope
from domain.cases.models import Case, IncidentRow, Leg, Task
from domain.cases.scope import Sight, View
from domain.context import Context
from domain.deadlines import policies
from domain.deadlines.calendar import NATION, load
from domain.deadlines.due import schedule
from domain.deadlines.queries import Due, horizon, not_yet_counting
from domain.definitions.models import Definition
from domain.errors import NotFound
from domain.items.queries import ItemNames, names_in_both
from domain.outbox.models import Message
from domain.row_functions import COARSE
from domain.sites.models import Site
from domain.sites.queries import sites_by_id

ACCESS = "partner.access"
"""Policy: for how long after its leg's end a partner still reads what came to it."""
STUCK_MESSAGES = ("failed", "rejected", "blocked")
LIST_COLUMNS = (
    Case.id,
    Case.collab_no,
    Case.case_no,
    Case.item_code,
    Case.main_site_id,
    Case.subject_masked,
    Case.status,
    Case.flags,
    Case.result_code,
    Case.submitted_at,
    Case.closed_at,
    Case.promise_due_at,
    Case.definition_id,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseLine:
    """One case in a list, as its reader may see it. ``case_no`` is the number at the reader's own site."""

    case_no: str
    collab_no: str
    item_code: str
    item_name: str
    item_name_en: str
    subject: str
    main_site_name: str
    partner_site_names: list[str]
    leg_role: str
    status: str
    status_name: str
    status_name_en: str
    flags: list[dict[str, str]]
    submitted_at: datetime
    promise_due_at: datetime | None
    due: Due
    closed_at: datetime | None
    result_code: str | None
    result_name: str | None
    result_name_en: str | None
    stuck: bool


@dataclass(frozen=True, slots=True)
class Frame:
    """A case with its legs, sites and the reader's view: what each page about it starts from."""

    case: Case
    legs: Sequence[Leg]
    sites: dict[int, Site]
    view: View

    @property
    def main(self) -> Leg | None:
        """The main leg (None where only a partner leg runs here)."""
        return next((leg for leg in self.legs if leg.role == "main"), None)

    @property
    def own(self) -> Leg | None:
        """The leg through which the reader looks at the case."""
        mine = [leg for leg in self.legs if leg.site_id in self.view.my_sites]
        if self.view.at_main and self.main is not None:
            return self.main
        return mine[0] if mine else self.main

    def leg_of(self, participant_id: str) -> Leg | None:
        """The leg of a pool."""
        return next((leg for leg in self.legs if leg.participant_id == participant_id), None)


def lines_of(ctx: Context, cases: Sequence[Case]) -> list[CaseLine]:
    """The rows of a page: five statements for all of them."""
    if not cases:
        return []
    ids = [case.id for case in cases]
    legs = legs_of(ctx.session, ids)
    sites = sites_by_id(
        ctx.session, {leg.site_id for each in legs.values() for leg in each} | {case.main_site_id for case in cases}
    )
    names = names_in_both(ctx.session, {case.item_code for case in cases})
    stuck = stuck_among(ctx.session, ids, ctx.clock.now())
    begins = not_yet_counting(ctx.session, ids, ctx.clock.now())
    lines = []
    for case in cases:
        view = scope.view_of(ctx.actor, case.main_site_id, [leg.site_id for leg in legs[case.id]])
        if view is not None:
            frame = Frame(case, legs[case.id], sites, view)
            item = names.get(case.item_code) or ItemNames(case.item_code, case.item_code)
            lines.append(line_of(ctx, frame, item, stuck=case.id in stuck, begins_at=begins.get(case.id)))
    return lines


def lines_by_id(ctx: Context, case_ids: Collection[int]) -> dict[int, tuple[CaseLine, int]]:
    """Lines of cases by id with the definition each runs on; cases outside the actor's scope are left out."""
    if not case_ids:
        return {}
    rows = ctx.session.scalars(
        select(Case).options(load_only(*LIST_COLUMNS, raiseload=True)).where(Case.id.in_(case_ids)).order_by(Case.id)
    ).all()
    visible = {line.collab_no: line for line in lines_of(ctx, rows)}
    return {case.id: (visible[case.collab_no], case.definition_id) for case in rows if case.collab_no in visible}


def line_of(ctx: Context, frame: Frame, item: ItemNames, *, stuck: bool, begins_at: datetime | None = None) -> CaseLine:
    """One case as its reader may see it; ``begins_at``: the effective start of a promise that does not count yet."""
    case, view, own = frame.case, frame.view, frame.own
    partner_side = view.is_partner and own is not None
    status = own.status if partner_side and own else case.status
    ended = own.ended_at if partner_side and own else case.closed_at
    result = own.result_code if partner_side and own else case.result_code
    site = frame.sites.get(case.main_site_id)
    return CaseLine(
        case_no=own.case_no if partner_side and own else case.case_no,
        collab_no=case.collab_no,
        item_code=case.item_code,
        item_name=item.name,
        item_name_en=item.name_en,
        subject=case.subject_masked if view.shows_subject else "",
        main_site_name=site.name if site else "",
        partner_site_names=[
            frame.sites[leg.site_id].name for leg in frame.legs if leg.role != "main" and leg.site_id in frame.sites
        ],
        leg_role=own.role if own is not None else "main",
        status=status,
        status_name=labels.name_of(labels.STATUSES, status),
        status_name_en=labels.name_en_of(labels.STATUSES, status),
        flags=[] if partner_side else flag_names(case.flags),
        submitted_at=case.submitted_at,
        promise_due_at=case.promise_due_at,
        due=horizon(ctx).judge(None if ended else case.promise_due_at, site.region_code if site else "CN", begins_at),
        closed_at=ended,
        result_code=result,
        result_name=labels.name_of(labels.RESULTS, result) or None,
        result_name_en=labels.name_en_of(labels.RESULTS, result) or None,
        stuck=stuck,
    )


def get_frame(ctx: Context, number: str) -> Frame:
    """A case by any of its numbers (办件编号 of any leg, 业务协同编号). Raises :class:`NotFound`, also when it is not for this actor."""
    case_id = ctx.session.scalar(
        select(Case.id)
        .where(or_(Case.case_no == number, Case.collab_no == number, Case.id.in_(_by_leg_number(number))))
        .limit(1)
    )
    frame = frame_of(ctx, case_id) if case_id is not None else None
    if frame is None:
        raise NotFound("没有这个办件。", "There is no such case.")
    return frame


def frame_of(ctx: Context, case_id: int) -> Frame | None:
    """A case by id, None when it is not for this actor."""
    case = ctx.session.get(Case, case_id)
    if case is None:
        return None
    legs = legs_of(ctx.session, [case_id])[case_id]
    view = scope.view_of(ctx.actor, case.main_site_id, [leg.site_id for leg in legs])
    if view is None:
        return None
    if view.sight is Sight.PARTNER and _is_over(ctx, case, [leg for leg in legs if leg.site_id in view.my_sites]):
        view = replace(view, sight=Sight.SUMMARY)
    sites = sites_by_id(ctx.session, {case.main_site_id, *(leg.site_id for leg in legs)})
    return Frame(case, legs, sites, view)


def _is_over(ctx: Context, case: Case, own: Sequence[Leg]) -> bool:
    """Whether a partner's access to the content has ended: a while after its last leg did (DOMAIN §5.3)."""
    ends = [leg.ended_at for leg in own if leg.role != "main"]
    last = max((end for end in ends if end is not None), default=None)
    if last is None or None in ends:
        return False
    return access_is_over(ctx, case.item_code, last)


def access_is_over(ctx: Context, item_code: str, ended_at: datetime) -> bool:
    """Whether a partner whose last leg ended then may not read the content any more."""
    literal = policies.effective(ctx, ACCESS, None, item_code).value
    return ctx.clock.now() > schedule(literal, ended_at, load(ctx.session, NATION))


_LEG_COLUMNS = (
    Leg.id,
    Leg.case_id,
    Leg.site_id,
    Leg.participant_id,
    Leg.participant_name,
    Leg.role,
    Leg.case_no,
    Leg.status,
    Leg.result_code,
    Leg.definition_id,
    Leg.active_elements,
    Leg.active_since,
    Leg.visited,
    Leg.taken,
    Leg.is_suspended,
    Leg.suspend_note,
    Leg.started_at,
    Leg.ended_at,
    Leg.updated_at,
)


def legs_of(session: Session, case_ids: Collection[int]) -> dict[int, list[Leg]]:
    """The legs of cases, main leg first, without their sealed state.

    Another site's leg of a case that the actor only takes part in comes coarse: state and dates, no positions, no content.
    """
    wanted = bindparam("cases", list(case_ids), ARRAY(BigInteger))
    known = func.lianban_coarse_legs(wanted).table_valued(*(column(name) for name in COARSE)).render_derived(name="c")
    coarse = [
        known.c[each.key] if each.key in COARSE else literal(_COARSE_VALUES.get(each.key), each.type).label(each.key)
        for each in _LEG_COLUMNS
    ]
    rows = session.scalars(
        select(Leg).from_statement(
            select(*_LEG_COLUMNS)
            .where(Leg.case_id == any_(wanted))
            .union_all(select(*coarse).where(~exists(select(Leg.id).where(Leg.id == known.c.id))))
        )
    )
    found: dict[int, list[Leg]] = {case_id: [] for case_id in case_ids}
    for leg in sorted(rows, key=lambda leg: (leg.case_id, leg.role, leg.id)):
        found[leg.case_id].append(leg)
    return found


_COARSE_VALUES: dict[str, Any] = {
    "active_elements": [],
    "active_since": {},
    "visited": [],
    "taken": [],
    "suspend_note": "",
}


def stuck_among(session: Session, case_ids: Collection[int], now: datetime) -> set[int]:
    """Which of these cases do not move: overdue task, open incident, suspended leg, undelivered message. One statement."""
    parts: list[Select[Any]] = [
        select(Task.case_id).where(Task.case_id.in_(case_ids), Task.state == "open", Task.due_at < now),
        select(IncidentRow.case_id).where(IncidentRow.case_id.in_(case_ids), IncidentRow.resolved_at.is_(None)),
        select(Leg.case_id).where(Leg.case_id.in_(case_ids), Leg.is_suspended, Leg.ended_at.is_(None)),
        select(Message.case_id).where(Message.case_id.in_(case_ids), Message.state.in_(STUCK_MESSAGES)),
    ]
    union = parts[0].union(*parts[1:])
    return {row[0] for row in session.execute(union)}


def flag_names(flags: Iterable[Any]) -> list[dict[str, str]]:
    """Flags with their names."""
    return [
        {"code": code, "name": labels.name_of(labels.FLAGS, code), "name_en": labels.name_en_of(labels.FLAGS, code)}
        for code in flags
    ]


def definition_of(session: Session, definition_id: int) -> tuple[str, int]:
    """(key, version) of a deployed definition."""
    row = session.execute(select(Definition.key, Definition.version).where(Definition.id == definition_id)).one()
    return row.key, row.version


def _by_leg_number(number: str) -> Select[Any]:
    return select(Leg.case_id).where(Leg.case_no == number)
