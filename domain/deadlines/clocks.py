"""The two clocks of a case, statutory and promised (DOMAIN §3.3): receive, start, stop, resume, extend, end.

Working days of the main site's calendar. Only listed reasons stop a clock; waiting for a partner site is none of them. Every
change is a :class:`ClockEvent` and an event of the record. Invariant: used + remaining = total.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, time
from typing import Any, Final, Protocol

from sqlalchemy import DateTime, column, func, select, table

from domain.actors import Role
from domain.audit import service as audit
from domain.clock import CHINA
from domain.context import Context
from domain.deadlines import counting, grounds, journal, ladder, policies
from domain.deadlines.calendar import Calendar, load
from domain.deadlines.counting import DONE, HELD, RUNNING, STOPPED, WAITING
from domain.deadlines.due import Hours
from domain.deadlines.errors import ClockNotInState, ExtensionRefused, StopReasonNotAllowed
from domain.deadlines.journal import PROMISE, Change, Why
from domain.deadlines.models import ClockRow

STATUTORY: Final = "STATUTORY"
DEEMED: Final = "DEEMED"
"""Reason of a start that is dated back to the day of receipt (行政许可法 art. 32)."""
EXTENSION: Final = "EXTENSION"
NOTICES: Final = {"SUPPLEMENT": ("YCGZ",)}
"""The written notice behind a stop; every other reason is told by 特别程序告知书."""
SPECIAL_NOTICE: Final = ("TBCX",)
_TASKS = table(
    "tasks", column("case_id"), column("role"), column("state"), column("closed_at", DateTime(timezone=True))
)
_DOCUMENTS = table("documents", column("id"), column("case_id"), column("code"))


class CaseLike(Protocol):
    """What clocks read and write of a case under lock."""

    id: int
    item_code: str
    flags: list[Any]
    submitted_at: datetime
    accepted_at: datetime | None
    legal_due_at: datetime | None
    promise_due_at: datetime | None


class LegLike(Protocol):
    """A leg of a case under lock (:class:`domain.cases.rows.LegRow`)."""

    id: int
    case_id: int
    site_id: int
    role: str

    @property
    def case(self) -> CaseLike:
        """Its case."""

    @property
    def site(self) -> Any:
        """Its site: code, region_code, province_code."""


@dataclass(frozen=True, slots=True)
class Measure:
    """What one action counts by: policy values, the calendar and hours of the site that must act, now."""

    values: Mapping[str, str]
    calendar: Calendar
    hours: Hours
    now: datetime

    @classmethod
    def of(cls, ctx: Context, leg: LegLike) -> Measure:
        """Of a leg's site: two statements."""
        values = policies.deadlines_for(ctx, leg.site, leg.case.item_code, leg.site if leg.role != "main" else None)
        return cls(values, load(ctx.session, leg.site.region_code), Hours.of(values), ctx.clock.now())

    def effective(self, moment: datetime) -> datetime:
        """That moment, or the beginning of the next working day when the office was closed."""
        day = self.calendar.effective_start(moment, self.hours.office_end)
        return moment if day == moment.astimezone(CHINA).date() else datetime.combine(day, time(0), CHINA)


def receive(ctx: Context, leg: LegLike) -> None:
    """The application was received: the clocks exist and wait. Received out of office hours counts as the next workday."""
    if not list_of_case(ctx, leg.case_id):
        measure = Measure.of(ctx, leg)
        _open(ctx, leg, measure, measure.now)


def start(ctx: Context, leg: LegLike, reason: str = "") -> None:
    """Acceptance: the clocks run; with reason ``DEEMED`` from the day of receipt. A stopped clock goes on, a running one runs on."""
    measure = Measure.of(ctx, leg)
    found = list_of_case(ctx, leg.case_id)
    clocks = found or _open(ctx, leg, measure, _handed_in(ctx, leg) if reason == DEEMED else measure.now)
    changes: list[Change] = []
    for clock in clocks:
        before = clock.due_at
        if clock.state == STOPPED:
            counting.run(clock, measure.now, measure.calendar, measure.hours)
            changes.append(Change(clock, "resume", before, Why(reason)))
        elif clock.state in {WAITING, HELD}:
            since = clock.running_since if reason == DEEMED else None
            counting.run(clock, since or measure.effective(measure.now), measure.calendar, measure.hours)
            changes.append(Change(clock, "start", before, Why(reason, legal_ground=grounds.of(reason or "START"))))
            if reason == DEEMED:
                leg.case.accepted_at = since
        elif clock.state == DONE:
            raise ClockNotInState("计时已经结束，不能重新开始。", "The clock has ended and cannot start again.")
    _settle(ctx, leg, clocks, changes)
    if reason == DEEMED:
        _record(ctx, leg, "acceptance.deemed", {"alert": "RED"})
        ladder.mark_missed_notice(ctx, leg.id, "acceptNotice")


def stop(ctx: Context, leg: LegLike, reason: str) -> None:
    """Stop both clocks from now. Raises :class:`StopReasonNotAllowed`; clocks already stopped stay so."""
    measure = Measure.of(ctx, leg)
    if reason not in measure.values["clock.stopReasons"].split(","):
        raise StopReasonNotAllowed(f"“{reason[:40]}”不是停表事由。", f"'{reason[:40]}' does not stop a clock.")
    clocks = list_of_case(ctx, leg.case_id) or _open(ctx, leg, measure, measure.now)
    why = Why(reason, legal_ground=grounds.of(reason), document_id=_notice(ctx, leg, reason))
    changes: list[Change] = []
    for clock in clocks:
        if clock.state in {RUNNING, WAITING}:
            before = clock.due_at
            counting.stop(clock, measure.now, measure.calendar, reason)
            changes.append(Change(clock, "stop", before, why))
    _settle(ctx, leg, clocks, changes)


def resume(ctx: Context, leg: LegLike, reason: str = "") -> None:
    """The reason is gone: the remaining days count from now. Clocks that run or have not started are left alone."""
    measure = Measure.of(ctx, leg)
    clocks = list_of_case(ctx, leg.case_id)
    changes: list[Change] = []
    for clock in clocks:
        before, why = clock.due_at, Why(reason or clock.stop_reason)
        if clock.state == STOPPED:
            counting.run(clock, measure.now, measure.calendar, measure.hours)
            changes.append(Change(clock, "resume", before, why))
        elif clock.state == HELD:
            clock.state, clock.stop_reason = WAITING, ""
            changes.append(Change(clock, "resume", None, why))
    _settle(ctx, leg, clocks, changes)


def end(ctx: Context, leg: LegLike, reason: str = "") -> None:
    """The clocks are over; what was used stands."""
    measure = Measure.of(ctx, leg)
    changes: list[Change] = []
    for clock in list_of_case(ctx, leg.case_id):
        if clock.state != DONE:
            before = clock.due_at
            counting.finish(clock, measure.now, measure.calendar)
            changes.append(Change(clock, "end", before, Why(reason)))
    journal.write(ctx, leg.site_id, leg.id, changes)


def extend(ctx: Context, leg: LegLike, reason: str, approved_by: int | None) -> None:
    """Lengthen both clocks by ``clock.extension`` (art. 42): once, before the deadline, with a reason and an approver.

    Raises :class:`ExtensionRefused`.
    """
    if not reason.strip() or approved_by is None:
        raise ExtensionRefused("没有理由或批准人。", "The reason or the approver is missing.")
    measure = Measure.of(ctx, leg)
    clocks = list_of_case(ctx, leg.case_id)
    refusal = find_extension_refusal(clocks, measure.now)
    if refusal is not None:
        raise refusal
    days = policies.number(measure.values, "clock.extension")
    changes: list[Change] = []
    for clock in clocks:
        before = clock.due_at
        counting.lengthen(clock, days, measure.calendar, measure.hours)
        why = Why(EXTENSION, note=reason.strip(), legal_ground=grounds.of(EXTENSION))
        changes.append(Change(clock, "extend", before, why))
    if "EXTENDED" not in leg.case.flags:
        leg.case.flags = [*leg.case.flags, "EXTENDED"]
    _settle(ctx, leg, clocks, changes)


def find_extension_refusal(clocks: Iterable[ClockRow], now: datetime) -> ExtensionRefused | None:
    """Why the clocks of a case cannot be lengthened now; None when they can."""
    rows = list(clocks)
    if not rows or any(clock.state not in {RUNNING, STOPPED} for clock in rows):
        return ExtensionRefused("计时没有在进行。", "The clock is not running.")
    if any(clock.extended_days for clock in rows):
        return ExtensionRefused("已经延期过一次。", "It was extended once already.")
    if any(clock.kind == STATUTORY and clock.due_at is not None and clock.due_at < now for clock in rows):
        return ExtensionRefused("法定时限已经届满。", "The statutory time is over.")
    return None


def effect(ctx: Context, leg: LegLike, effect: Any, variables: Mapping[str, Any]) -> None:
    """Handler of ``<lianban:clock action reason from="receipt">``: the clocks belong to the case, so only its main leg moves them."""
    action, reason = effect.attributes.get("action", ""), effect.attributes.get("reason", "")
    if leg.role != "main":
        raise ClockNotInState(
            "协办地的流程不能改变办件的计时。", "A partner's process cannot change the clocks of the case."
        )
    if effect.attributes.get("from") == "receipt":
        reason = DEEMED
    if action == "stop":
        stop(ctx, leg, reason)
    elif action == "extend":
        asked = variables.get("extension") or {}
        extend(ctx, leg, str(asked.get("reason", "")), ctx.actor.user_id or None)
    elif action in {"start", "resume", "end"}:
        {"start": start, "resume": resume, "end": end}[action](ctx, leg, reason)
    elif action == "receive":
        receive(ctx, leg)
    else:
        raise ClockNotInState(f"没有计时动作“{action[:20]}”。", f"There is no clock action '{action[:20]}'.")


def list_of_case(ctx: Context, case_id: int) -> list[ClockRow]:
    """The case's own clocks, statutory first."""
    mine = select(ClockRow).where(ClockRow.case_id == case_id, ClockRow.leg_id.is_(None), ClockRow.task_id.is_(None))
    return list(ctx.session.scalars(mine.order_by(ClockRow.id)))


def _handed_in(ctx: Context, leg: LegLike) -> datetime:
    """When the applicant last handed something in: the day of receipt of an application that nobody ever looked at."""
    mine = (_TASKS.c.case_id == leg.case_id, _TASKS.c.role == Role.APPLICANT, _TASKS.c.state == "completed")
    answered: datetime | None = ctx.session.execute(select(func.max(_TASKS.c.closed_at)).where(*mine)).scalar()
    return max(leg.case.submitted_at, answered or leg.case.submitted_at)


def _open(ctx: Context, leg: LegLike, measure: Measure, received_at: datetime) -> list[ClockRow]:
    received = measure.effective(received_at)
    clocks: list[ClockRow] = []
    for kind, key in ((STATUTORY, "clock.legal"), (PROMISE, "clock.promise")):
        clock = ClockRow(
            case_id=leg.case_id,
            kind=kind,
            policy=key,
            total_days=policies.number(measure.values, key),
            used_days=0,
            paused_days=0,
            extended_days=0,
            stop_reason="",
            is_provisional=False,
            state=WAITING,
            region_code=leg.site.region_code,
            running_since=received,
            source=policies.effective(ctx, key, leg.site, leg.case.item_code).source,
        )
        ctx.session.add(clock)
        clocks.append(clock)
    journal.write(ctx, leg.site_id, leg.id, [Change(clock, "receive", None, Why()) for clock in clocks])
    return clocks


def _settle(ctx: Context, leg: LegLike, clocks: Iterable[ClockRow], changes: list[Change]) -> None:
    """Write the changes down; the case carries the dates that lists sort by. A stopped clock has none."""
    for clock in clocks:
        if clock.kind == STATUTORY:
            leg.case.legal_due_at = clock.due_at
        else:
            leg.case.promise_due_at = clock.due_at
    journal.write(ctx, leg.site_id, leg.id, changes)


def _notice(ctx: Context, leg: LegLike, reason: str) -> int | None:
    codes = NOTICES.get(reason, SPECIAL_NOTICE)
    notice = select(_DOCUMENTS.c.id).where(_DOCUMENTS.c.case_id == leg.case_id, _DOCUMENTS.c.code.in_(codes))
    found: int | None = ctx.session.scalar(notice.order_by(_DOCUMENTS.c.id.desc()).limit(1))
    return found


def _record(ctx: Context, leg: LegLike, kind: str, data: dict[str, Any]) -> None:
    audit.record(ctx, kind, case_id=leg.case_id, leg_id=leg.id, site_id=leg.site_id, data=data)
