"""A case, its leg and site as one locked row: plain data that a step reads and changes, written back by the projection.

Core statements, no ORM: this is the hot path. Every road locks in the same order (case, leg, task), so steps never deadlock.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field, fields
from datetime import datetime
from typing import TYPE_CHECKING, Any, cast

import orjson
from sqlalchemy import (
    BigInteger,
    LargeBinary,
    Select,
    SelectLabelStyle,
    Table,
    TextClause,
    any_,
    bindparam,
    select,
    text,
    type_coerce,
)
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Session

from domain import reach
from domain.base import get_seal
from domain.cases.models import Case, Leg, Task
from domain.context import Context
from domain.deadlines import rules
from domain.errors import NotFound
from domain.sites.models import Site
from domain.statements import Statement
from engine.contract import Advance

if TYPE_CHECKING:
    from domain.cases.writes import Writes

CASES = cast("Table", Case.__table__)
LEGS = cast("Table", Leg.__table__)
TASKS = cast("Table", Task.__table__)
SITES = cast("Table", Site.__table__)


@dataclass(slots=True)
class SiteRow:
    """The site where a leg runs."""

    id: int
    code: str
    name: str
    short_name: str
    region_code: str
    province_code: str
    sector: str
    uscc: str | None
    is_local: bool
    document_word: str
    phone: str
    address: str


@dataclass(slots=True)
class CaseRow:
    """A case under lock. Attributes changed in a step are written back at its end (those in ``CASE_CHANGES``)."""

    id: int
    collab_no: str
    case_no: str
    query_code: str
    item_code: str
    definition_id: int
    main_site_id: int
    partner_code: str
    applicant_user_id: int | None
    subject_masked: str
    sealed_application: bytes
    status: str
    flags: list[Any]
    result_code: str | None
    plain_text: str
    plain_text_en: str
    supplement_rounds: int
    past_return: bool
    submitted_at: datetime
    accepted_at: datetime | None
    closed_at: datetime | None
    legal_due_at: datetime | None
    promise_due_at: datetime | None
    audit_seq: int
    audit_head: bytes | None

    @property
    def application(self) -> dict[str, Any]:
        """What the applicant handed in (main site only)."""
        return cast("dict[str, Any]", _open(self.sealed_application, "cases.application"))


@dataclass(slots=True)
class LegRow:
    """A leg under lock, with its case and site. ``variables`` are set once the engine has run; ``advance`` is its last step."""

    id: int
    case_id: int
    site_id: int
    participant_id: str
    participant_name: str
    process_id: str
    role: str
    definition_id: int
    case_no: str
    status: str
    result_code: str | None
    sealed_state: bytes
    sealed_received: bytes | None
    active_elements: list[Any]
    active_since: dict[str, Any]
    visited: list[Any]
    taken: list[Any]
    version: int
    past_return: bool
    is_suspended: bool
    started_at: datetime
    ended_at: datetime | None
    case: CaseRow = field(init=False)
    site: SiteRow = field(init=False)
    variables: dict[str, Any] = field(init=False, default_factory=dict)
    advance: Advance | None = field(init=False, default=None)
    loaded: dict[str, Any] = field(init=False, default_factory=dict)
    writes: Writes = field(init=False)
    """What the running step writes at its end; rows of higher rooms may join (``leg.writes.insert``)."""

    @property
    def state(self) -> bytes:
        """The engine's state."""
        return get_seal().unseal(self.sealed_state, "legs.state")

    @property
    def received(self) -> dict[str, Any]:
        """The contract part of the application that came with the opening message (partner leg)."""
        return cast("dict[str, Any]", _open(self.sealed_received, "legs.received")) if self.sealed_received else {}

    @property
    def application(self) -> dict[str, Any]:
        """The application as this leg may see it: all of it in the main leg, the contract part in a partner leg."""
        return self.case.application if self.role == "main" else self.received


@dataclass(slots=True)
class TaskRow:
    """A user task under lock."""

    id: str
    leg_id: int
    site_id: int
    element_id: str
    name: str
    role: str
    form_id: str
    sealed_context: bytes | None
    state: str
    assignee_id: int | None
    closed_at: datetime | None
    completed_by: int | None
    completed_for: int | None
    version: int
    done_roles: frozenset[str] = field(default=frozenset(), init=False)
    """Roles of the tasks that the actor completed in this leg (separation of duties)."""

    @property
    def context(self) -> dict[str, Any]:
        """The form's read-only context."""
        return cast("dict[str, Any]", _open(self.sealed_context, "tasks.context")) if self.sealed_context else {}


CASE_CHANGES = (
    "partner_code",
    "status",
    "flags",
    "result_code",
    "plain_text",
    "plain_text_en",
    "supplement_rounds",
    "past_return",
    "accepted_at",
    "closed_at",
    "legal_due_at",
    "promise_due_at",
)


def names(row: type[Any]) -> tuple[str, ...]:
    """The names of the columns of a row's fields, in their order."""
    return tuple(each.name.removeprefix("sealed_") for each in fields(row) if each.init)


def _columns(row: type[Any], table: Table) -> list[Any]:
    """The table's columns in the order of the dataclass; ``sealed_…`` ones come as stored, unsealed only when read."""
    columns: list[Any] = []
    for each in fields(row):
        if not each.init:
            continue
        name = each.name
        if name.startswith("sealed_"):
            columns.append(
                type_coerce(table.c[name.removeprefix("sealed_")], LargeBinary).label(f"{table.name}_{name}")
            )
        else:
            columns.append(table.c[name])
    return columns


_CASE = _columns(CaseRow, CASES)
_LEG = _columns(LegRow, LEGS)
_SITE = _columns(SiteRow, SITES)
_TASK = _columns(TaskRow, TASKS)
_ENDS = (len(_CASE), len(_CASE) + len(_LEG), len(_CASE) + len(_LEG) + len(_SITE))
_JOINED = LEGS.join(CASES, CASES.c.id == LEGS.c.case_id).join(SITES, SITES.c.id == LEGS.c.site_id)
_HOLD = text(reach.HOLD.format("cases.id"))
_LEG_ROW: Select[Any] = select(*_CASE, *_LEG, *_SITE).select_from(_JOINED).with_for_update(of=[CASES, LEGS])
_LEG_BASE: Select[Any] = select(*_CASE, *_LEG, *_SITE, _HOLD).select_from(_JOINED).with_for_update(of=[CASES, LEGS])
_CASE_BASE: Select[Any] = select(*_CASE, _HOLD).select_from(CASES).with_for_update(of=CASES)
_SITE_BY_CODE = Statement(select(*_SITE).where(SITES.c.code == bindparam("code")))


_DONE_ROLES = text(
    "(select string_agg(distinct done.role, ' ') from tasks done where done.leg_id = locked.legs_id"
    " and done.state = 'completed' and done.completed_by = :person)"
)


def _with_edition(locking: Select[Any], *more: TextClause) -> Statement:
    """A statement that locks, and then reads the edition of the rules: a CTE that locks is run as it stands, row by row."""
    locked = locking.set_label_style(SelectLabelStyle.LABEL_STYLE_TABLENAME_PLUS_COL).cte("locked")
    return Statement(select(locked, *more, text(rules.PRESENT), text(reach.HOLD.format("cases_id"))))


_BY_LEG = _with_edition(_LEG_ROW.where(LEGS.c.id == bindparam("id")))
_BY_PARTICIPANT = Statement(
    _LEG_BASE.where(CASES.c.collab_no == bindparam("collab_no"), LEGS.c.participant_id == bindparam("participant_id"))
)
_BY_MAIN = Statement(_LEG_BASE.where(LEGS.c.case_id == bindparam("id"), LEGS.c.role == "main"))
_BY_CASE = Statement(_CASE_BASE.where(CASES.c.id == bindparam("id")))
_BY_COLLAB = Statement(_CASE_BASE.where(CASES.c.collab_no == bindparam("collab_no")))
_FREE_BY_LEGS = Statement(
    select(*_CASE, *_LEG, *_SITE, _HOLD)
    .select_from(_JOINED)
    .where(LEGS.c.id == any_(bindparam("ids", type_=ARRAY(BigInteger))))
    .order_by(CASES.c.id, LEGS.c.id)
    .with_for_update(of=[CASES, LEGS], skip_locked=True)
)
_BY_TASK = _with_edition(
    select(*_CASE, *_LEG, *_SITE, *_TASK)
    .select_from(_JOINED.join(TASKS, TASKS.c.leg_id == LEGS.c.id))
    .where(TASKS.c.id == bindparam("id"))
    .with_for_update(of=[CASES, LEGS, TASKS]),
    _DONE_ROLES,
)


def find_site(session: Session, code: str) -> SiteRow | None:
    """The site with this code."""
    row = _SITE_BY_CODE.row(session, {"code": code})
    return None if row is None else SiteRow(*row)


def lock_leg(ctx: Context, leg_id: int) -> LegRow:
    """Lock a leg and its case. Raises :class:`NotFound`; a lock held elsewhere for too long becomes ``Busy`` at the entry point."""
    row = _BY_LEG.row(ctx.session, {"id": leg_id})
    if row is None:
        raise NotFound("没有这个分办件。", "There is no such leg.")
    rules.learn(ctx.session, row[-2])
    return _leg(row)


def lock_free_legs(ctx: Context, ids: Collection[int]) -> dict[int, LegRow]:
    """Lock these legs and their cases as far as nobody holds them: one statement that waits for nobody."""
    found = _FREE_BY_LEGS.rows(ctx.session, {"ids": sorted(set(ids))}) if ids else []
    return {leg.id: leg for leg in map(_leg, found)}


def find_leg(ctx: Context, collab_no: str, participant_id: str) -> LegRow | None:
    """Lock the leg of a collaboration number and participant, if there is one here."""
    ends = {"collab_no": collab_no, "participant_id": participant_id}
    row = _BY_PARTICIPANT.row(ctx.session, ends)
    return None if row is None else _leg(row)


def lock_main_leg(ctx: Context, case_id: int) -> LegRow:
    """Lock a case by its main leg. Raises :class:`NotFound`."""
    row = _BY_MAIN.row(ctx.session, {"id": case_id})
    if row is None:
        raise NotFound("没有这个办件。", "There is no such case.")
    return _leg(row)


def lock_task(ctx: Context, task_id: str) -> tuple[LegRow, TaskRow]:
    """Lock a task with its leg and case: one statement. Raises :class:`NotFound`."""
    row = _BY_TASK.row(ctx.session, {"id": task_id, "person": ctx.actor.user_id})
    if row is None:
        raise NotFound("没有这个任务。", "There is no such task.")
    rules.learn(ctx.session, row[-2])
    task = TaskRow(*row[_ENDS[2] : -3])
    task.done_roles = frozenset((row[-3] or "").split())
    return _leg(row), task


def lock_case(ctx: Context, case_id: int) -> CaseRow:
    """Lock a case alone. Raises :class:`NotFound`."""
    row = _BY_CASE.row(ctx.session, {"id": case_id})
    if row is None:
        raise NotFound("没有这个办件。", "There is no such case.")
    return CaseRow(*row[:-1])


def find_case(ctx: Context, collab_no: str) -> CaseRow | None:
    """Lock the case of a collaboration number, if it is known here."""
    row = _BY_COLLAB.row(ctx.session, {"collab_no": collab_no})
    return None if row is None else CaseRow(*row[:-1])


def attach(leg: LegRow, case: CaseRow, site: SiteRow) -> LegRow:
    """Bind a leg to its case and site and remember the case as it was."""
    leg.case, leg.site = case, site
    leg.loaded = {name: getattr(case, name) for name in CASE_CHANGES}
    leg.loaded["flags"] = list(case.flags)
    return leg


def _leg(row: tuple[Any, ...]) -> LegRow:
    leg = LegRow(*row[_ENDS[0] : _ENDS[1]])
    return attach(leg, CaseRow(*row[: _ENDS[0]]), SiteRow(*row[_ENDS[1] : _ENDS[2]]))


def _open(sealed: bytes, place: str) -> Any:
    return orjson.loads(get_seal().unseal(sealed, place))
