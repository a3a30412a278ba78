"""听证、检验、检测、鉴定、专家评审… and 延期 as acts of people on a running case (行政许可法 art. 42, 45; DOMAIN §5.2).

A handler asks, a leader decides, both of the main site and never the same person. Approval issues the written notice to the
applicant and moves the clocks in the same transaction; the process itself is not touched. Silence ends nothing: when the told
time has passed the site is reminded.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final, cast

from sqlalchemy import Table, bindparam, or_, select, update

from domain.actors import Role
from domain.audit import service as audit
from domain.cases import labels, rows
from domain.cases.errors import CaseClosed
from domain.cases.models import Case
from domain.cases.rows import CASES, LegRow
from domain.clock import CHINA
from domain.context import Context
from domain.deadlines import clocks, grounds, joint, policies, subjects
from domain.deadlines.errors import StopReasonNotAllowed
from domain.documents import service as documents
from domain.errors import NotFound
from domain.identity import functions
from domain.identity import service as identity
from domain.notifications import service as notifications
from domain.outbox import work
from domain.outbox.work import NewWork
from domain.procedures.errors import NotTheDecider, ProcedureRefused
from domain.procedures.models import Procedure
from domain.sites.models import Site
from domain.statements import Statement

EXTENSION: Final = clocks.EXTENSION
ASKED, REFUSED, RUNNING, DONE = "ASKED", "REFUSED", "RUNNING", "DONE"
ASK, DECIDE = "procedure:propose", "procedure:approve"
EXPECTED: Final = "procedure.expected"
REF: Final = "procedure:"
NOT_SPECIAL: Final = frozenset({"SUPPLEMENT"})
"""Reasons that stop a clock by a way of their own: a supplement has its notice, its rounds and the applicant's task."""
_TABLE: Final = cast("Table", Procedure.__table__)
_END_ALL: Final = Statement(
    update(_TABLE)
    .where(_TABLE.c.case_id == bindparam("of_case"), or_(_TABLE.c.state == ASKED, _TABLE.c.state == RUNNING))
    .values(state=DONE, ended_at=bindparam("at"), conclusion="办件已经办结")
)


def ask(ctx: Context, case_id: int, kind: str, reason: str, *, days: int | None, applicant_does: str = "") -> Procedure:
    """A handler (or leader) of the main site asks. ``days``: working days the procedure takes; an extension has those of the law.

    Raises :class:`NotTheDecider`, :class:`ProcedureRefused`, :class:`StopReasonNotAllowed`, the clock's own refusals.
    """
    leg = rows.lock_main_leg(ctx, case_id)
    _require(ctx, leg, ASK)
    values = _values(ctx, leg)
    _check(ctx, leg, kind, values)
    if kind == EXTENSION:
        days = joint.extension_days(values)
    elif days is None:
        raise ProcedureRefused("没有写明需要多少个工作日。", "The number of working days is missing.", pointer="/days")
    row = Procedure(
        case_id=case_id,
        leg_id=leg.id,
        kind=kind,
        state=ASKED,
        days=days,
        reason=reason.strip(),
        applicant_does=applicant_does.strip(),
        legal_ground=grounds.of(kind) or policies.effective(ctx, "clock.stopReasons", _site(ctx, leg)).source[:200],
        asked_by=ctx.actor.user_id,
        asked_name=ctx.actor.name,
        asked_at=ctx.clock.now(),
    )
    ctx.session.add(row)
    ctx.session.flush()
    _record(ctx, leg, "procedure.asked", row)
    deciders = [each for each in identity.list_holders(ctx, leg.site_id, [Role.APPROVER]) if each != ctx.actor.user_id]
    _tell(ctx, leg, deciders, "procedure.asked", row)
    return row


def decide(ctx: Context, procedure_id: int, *, approve: bool, opinion: str) -> Procedure:
    """A leader decides: refused with his reason; or the notice is issued to the applicant, and the clocks stop or get longer."""
    row, leg = _locked(ctx, procedure_id)
    _require(ctx, leg, DECIDE)
    if row.state != ASKED:
        raise ProcedureRefused("这项申请已经处理。", "This request was decided already.")
    if row.asked_by == ctx.actor.user_id:
        raise NotTheDecider("提出人不能批准自己的申请。", "Nobody decides what he asked for himself.")
    row.decided_by, row.decided_name, row.decided_at = ctx.actor.user_id, ctx.actor.name, ctx.clock.now()
    row.opinion = opinion.strip()
    if not approve:
        row.state = REFUSED
        _record(ctx, leg, "procedure.refused", row)
    else:
        _check(ctx, leg, row.kind, _values(ctx, leg), but=row.id)
        if row.kind == EXTENSION:
            _extend(ctx, leg, row)
        else:
            _begin(ctx, leg, row)
        _save(ctx, leg)
    ctx.session.flush()
    _tell(ctx, leg, [row.asked_by], "procedure.decided", row)
    return row


def end(ctx: Context, procedure_id: int, conclusion: str) -> Procedure:
    """A special procedure is over: the clocks go on with what was left."""
    row, leg = _locked(ctx, procedure_id)
    _require(ctx, leg, ASK, DECIDE)
    if row.state != RUNNING:
        raise ProcedureRefused("这项程序没有在进行。", "This procedure is not running.")
    _finish(ctx, row, conclusion)
    clocks.resume(ctx, leg, row.kind, note=row.conclusion)
    _drop_flag(ctx, leg)
    _record(ctx, leg, "procedure.ended", row)
    _save(ctx, leg)
    _tell(ctx, leg, _applicant(leg), "procedure.ended", row)
    return row


def expected(ctx: Context, job: Any) -> None:
    """Job ``procedure.expected``: the time that was told has passed and nobody ended the procedure; the site hears of it."""
    row = ctx.session.get(Procedure, int(str(job.ref).removeprefix(REF)))
    if row is None or row.state != RUNNING:
        return
    leg = rows.lock_leg(ctx, row.leg_id)
    _record(ctx, leg, "procedure.overdue", row)
    _tell(ctx, leg, identity.list_holders(ctx, leg.site_id, [Role.HANDLER, Role.LIAISON]), "procedure.overdue", row)


def case_closed(ctx: Context, leg: LegRow, thing: Any) -> None:
    """Listener of ``case.closed``: what was asked or still ran is over with the case."""
    del thing
    _END_ALL.run(ctx.session, {"of_case": leg.case_id, "at": ctx.clock.now()})


def _begin(ctx: Context, leg: LegRow, row: Procedure) -> None:
    special = {
        "kindName": labels.name_of(labels.STOP_REASONS, row.kind),
        "reason": row.reason,
        "days": row.days,
        "applicantDoes": row.applicant_does,
    }
    document = documents.issue(ctx, leg, "TBCX", to="applicant", variables={"special": special})
    clocks.stop(ctx, leg, row.kind, note=row.reason, days=row.days)
    stopped = subjects.list_of(ctx, leg)
    row.state, row.document_id = RUNNING, document.id
    row.expected_end_at = max(each.resume_expected_at for each in stopped if each.resume_expected_at is not None)
    if "SPECIAL" not in leg.case.flags:
        leg.case.flags = [*leg.case.flags, "SPECIAL"]
    _record(ctx, leg, "procedure.begun", row)
    reminder = NewWork(EXPECTED, _ref(row), row.expected_end_at, case_id=leg.case_id, leg_id=leg.id)
    work.add(ctx, [reminder])
    _tell(ctx, leg, _applicant(leg), "procedure.begun", row)


def _extend(ctx: Context, leg: LegRow, row: Procedure) -> None:
    clocks.extend(ctx, leg, row.reason, ctx.actor.user_id)
    document = documents.issue(ctx, leg, "YQTZ", to="applicant", variables={"extension": {"reason": row.reason}})
    row.state, row.document_id, row.ended_at = DONE, document.id, row.decided_at
    _record(ctx, leg, "procedure.extended", row)
    _tell(ctx, leg, _applicant(leg), "procedure.extended", row)


def _check(ctx: Context, leg: LegRow, kind: str, values: dict[str, str], but: int | None = None) -> None:
    """Whether the case's time may change so now."""
    if leg.case.closed_at is not None or leg.ended_at is not None:
        raise CaseClosed("办件已经办结。", "The case is closed.")
    mine = subjects.list_of(ctx, leg)
    if kind == EXTENSION:
        refusal = clocks.find_extension_refusal(mine, ctx.clock.now())
        if refusal is not None:
            raise refusal
    else:
        if kind in NOT_SPECIAL or kind not in values["clock.stopReasons"].split(","):
            raise StopReasonNotAllowed(
                f"“{kind[:20]}”不是特别程序的种类。", f"'{kind[:20]}' is no special procedure.", pointer="/kind"
            )
        if not mine or any(each.state != "RUNNING" for each in mine):
            raise ProcedureRefused("计时没有在进行。", "The clock is not running.")
    same = select(Procedure.id).where(
        Procedure.case_id == leg.case_id, Procedure.kind == kind, Procedure.state.in_((ASKED, RUNNING))
    )
    if any(found != but for found in ctx.session.scalars(same)):
        raise ProcedureRefused("同一种程序已经提出或正在进行。", "One of this kind was asked for or is running.")


def _locked(ctx: Context, procedure_id: int) -> tuple[Procedure, LegRow]:
    found = ctx.session.get(Procedure, procedure_id)
    if found is None or not set(ctx.actor.site_ids) & _sites(ctx, found.leg_id):
        raise NotFound("没有这项特别程序。", "There is no such procedure.")
    leg = rows.lock_leg(ctx, found.leg_id)
    ctx.session.refresh(found)
    return found, leg


def _sites(ctx: Context, leg_id: int) -> set[int]:
    return set(ctx.session.execute(select(rows.LEGS.c.site_id).where(rows.LEGS.c.id == leg_id)).scalars())


def _require(ctx: Context, leg: LegRow, *wanted: str) -> None:
    """One of the functions at the main site."""
    if not any(functions.may(ctx.actor, name, site_id=leg.site_id) for name in wanted):
        zh, en = functions.refusal(wanted[0])
        raise NotTheDecider(
            f"您在主办地没有这项权限。{zh}", f"You do not hold the role for this at the main site. {en}"
        )


def _finish(ctx: Context, row: Procedure, conclusion: str) -> None:
    row.state, row.conclusion = DONE, conclusion.strip()
    row.ended_by, row.ended_name, row.ended_at = ctx.actor.user_id, ctx.actor.name, ctx.clock.now()
    ctx.session.flush()
    work.cancel(ctx, leg_id=row.leg_id, refs=[_ref(row)])


def _ref(row: Procedure) -> str:
    return f"{REF}{row.id}"


def _drop_flag(ctx: Context, leg: LegRow) -> None:
    running = select(Procedure.id).where(Procedure.case_id == leg.case_id, Procedure.state == RUNNING)
    if ctx.session.scalars(running).first() is None:
        leg.case.flags = [flag for flag in leg.case.flags if flag != "SPECIAL"]


def _save(ctx: Context, leg: LegRow) -> None:
    """What was changed of the case under lock is written; the process and its version stay as they are."""
    changed = {
        name: getattr(leg.case, name) for name in rows.CASE_CHANGES if getattr(leg.case, name) != leg.loaded[name]
    }
    ctx.session.execute(update(CASES).where(CASES.c.id == leg.case_id).values(updated_at=ctx.clock.now(), **changed))
    for entity in list(ctx.session.identity_map.values()):
        if isinstance(entity, Case):
            ctx.session.expire(entity)


def _site(ctx: Context, leg: LegRow) -> Site:
    return ctx.session.get_one(Site, leg.site_id)


def _values(ctx: Context, leg: LegRow) -> dict[str, str]:
    return policies.of_leg(ctx, leg)


def _applicant(leg: LegRow) -> list[int]:
    return [] if leg.case.applicant_user_id is None else [leg.case.applicant_user_id]


def _tell(ctx: Context, leg: LegRow, readers: Iterable[int], template: str, row: Procedure) -> None:
    table = labels.STOP_REASONS
    values = {
        "caseNo": leg.case.case_no,
        "siteName": leg.site.name,
        "kindName": labels.name_of(table, row.kind),
        "days": row.days,
        "due": _day(leg.case.promise_due_at),
        "expected": _day(row.expected_end_at),
        "result": "未批准" if row.state == REFUSED else "已批准",
    }
    notifications.send(ctx, readers, template, values, case_id=leg.case_id, site_id=leg.site_id)


def _day(moment: Any) -> str:
    return "" if moment is None else str(moment.astimezone(CHINA).date())


def _record(ctx: Context, leg: LegRow, kind: str, row: Procedure) -> None:
    data = {"procedureId": row.id, "reason": row.kind, "days": row.days, "documentId": row.document_id}
    audit.record_of(ctx, leg, kind, data=data)
