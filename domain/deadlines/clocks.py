"""The clocks of a case and of a partner's leg (DOMAIN §3.3): receive, start, stop, resume, extend, end.

A case has two, statutory and promised, in working days of the main site's calendar; only its main leg moves them. A partner's
leg has one of its own, by a policy its process names. Only listed reasons stop a clock, and only with a written notice;
waiting for another site is none. Every change is a :class:`ClockEvent` and an event of the record. Used + remaining = total.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, Final

from sqlalchemy import DateTime, column, func, select, table

from domain.actors import Role
from domain.audit import service as audit
from domain.clock import CHINA
from domain.context import Context
from domain.deadlines import counting, dates, grounds, holding, joint, journal, ladder, policies, written
from domain.deadlines.counting import DONE, HELD, RUNNING, STOPPED, WAITING
from domain.deadlines.due import end_of, schedule
from domain.deadlines.errors import ClockNotInState, ExtensionRefused, StopReasonNotAllowed
from domain.deadlines.holding import WAITS_FOR_APPLICANT, Scope
from domain.deadlines.journal import PROMISE, Change, Why
from domain.deadlines.models import ClockRow
from domain.deadlines.subjects import MAIN, STATUTORY, Measure, list_of, open_case, open_leg
from domain.locked import LockedLeg

DEEMED: Final = "DEEMED"
"""Reason of a start that is dated back to the day of receipt (行政许可法 art. 32)."""
EXTENSION: Final = "EXTENSION"
ON_RECEIPT: Final = "ON_RECEIPT"
"""Reason of a start at the receipt itself (收件即受理, R-05.2)."""
_TASKS = table(
    "tasks", column("case_id"), column("role"), column("state"), column("closed_at", DateTime(timezone=True))
)


def receive(ctx: Context, leg: LockedLeg) -> None:
    """The application was received: the clocks exist and wait. Received out of office hours counts as the next workday.

    With ``clock.acceptOnReceipt`` (收件即受理) they run from the receipt; the one-time notice is still possible in its time.
    """
    if list_of(ctx, leg):
        return
    measure = Measure.of(ctx, leg)
    clocks = open_case(ctx, leg, measure, measure.now)
    if measure.values["clock.acceptOnReceipt"] != "on":
        return
    why = Why(
        ON_RECEIPT,
        legal_ground=policies.effective(
            ctx, "clock.acceptOnReceipt", leg.site, leg.case.item_code, policies.partner_of(leg)
        ).source,
    )
    for clock in clocks:
        leg.case.accepted_at = clock.running_since or measure.now
        measure.run(clock, leg.case.accepted_at)
    _flag(leg, "ACCEPTED_ON_RECEIPT")
    _settle(ctx, leg, measure, clocks, [Change(clock, "start", None, why) for clock in clocks])


def start(ctx: Context, leg: LockedLeg, reason: str = "", policy: str = "") -> None:
    """Acceptance: the clocks run; with reason ``DEEMED`` from the day of receipt. A stopped clock goes on, a running one runs on.

    In a partner's leg its own clock begins, by ``policy``.
    """
    measure = Measure.of(ctx, leg)
    clocks = list_of(ctx, leg)
    if not clocks and leg.role != MAIN:
        clocks = [open_leg(ctx, leg, measure, policy)]
    elif not clocks:
        clocks = open_case(ctx, leg, measure, _handed_in(ctx, leg) if reason == DEEMED else measure.now)
    changes: list[Change] = []
    for clock in clocks:
        before = clock.due_at
        if clock.state == STOPPED and counting.drop(clock, reason):
            measure.run(clock, measure.now)
            changes.append(Change(clock, "resume", before, Why(reason)))
        elif clock.state in {WAITING, HELD}:
            since = clock.running_since if reason == DEEMED else None
            measure.run(clock, since or measure.effective(measure.now))
            changes.append(Change(clock, "start", before, Why(reason, legal_ground=grounds.of(reason or "START"))))
            if reason == DEEMED:
                leg.case.accepted_at = since
        elif clock.state == DONE:
            raise ClockNotInState("计时已经结束，不能重新开始。", "The clock has ended and cannot start again.")
    _settle(ctx, leg, measure, clocks, changes)
    if reason == DEEMED:
        audit.record_of(ctx, leg, "acceptance.deemed", data={"alert": "RED"})
        ladder.mark_missed_notice(ctx, leg.id, "acceptNotice")


def stop(ctx: Context, leg: LockedLeg, reason: str, *, note: str = "", days: int | None = None) -> None:
    """Stop the clocks from now, and what hangs on them. ``days``: for how many working days, as the notice says.

    Raises :class:`StopReasonNotAllowed`, :class:`StopNeedsNotice`. A clock that stands still already has one reason more.
    """
    measure = Measure.of(ctx, leg)
    if reason not in measure.values["clock.stopReasons"].split(","):
        raise StopReasonNotAllowed(f"“{reason[:40]}”不是停表事由。", f"'{reason[:40]}' does not stop a clock.")
    clocks = list_of(ctx, leg)
    if not clocks and leg.role == MAIN:
        clocks = open_case(ctx, leg, measure, measure.now)
    stopping = [clock for clock in clocks if clock.state != DONE and reason not in counting.reasons(clock)]
    if not stopping:
        return
    document = written.require(ctx, leg.case_id, leg.id, reason, measure.now)
    why = Why(reason, note, grounds.of(reason), document)
    expected = _expected(measure, reason, days)
    changes: list[Change] = []
    for clock in stopping:
        before = clock.due_at
        counting.stop(clock, measure.now, measure.calendar, reason)
        clock.resume_expected_at = max(filter(None, (clock.resume_expected_at, expected)), default=None)
        changes.append(Change(clock, "stop", before, why))
    changes += holding.hold(ctx, _scope(leg, reason), why)
    _settle(ctx, leg, measure, clocks, changes)


def resume(ctx: Context, leg: LockedLeg, reason: str = "", *, note: str = "") -> None:
    """The reason is gone: the remaining days count from now, unless another reason still stops them.

    Without a reason all of them are gone. Clocks that run or have not started are left alone.
    """
    measure = Measure.of(ctx, leg)
    clocks = list_of(ctx, leg)
    changes: list[Change] = []
    held = [clock for clock in clocks if clock.state in {STOPPED, HELD}]
    for clock in held:
        why = Why(reason or clock.stop_reason, note)
        if not counting.drop(clock, reason):
            continue
        if clock.state == STOPPED:
            measure.run(clock, measure.now)
        else:
            clock.state = WAITING
        changes.append(Change(clock, "resume", None, why))
    if changes:
        changes += holding.release(ctx, _scope(leg, reason), changes[0].why)
    _settle(ctx, leg, measure, clocks, changes)


def end(ctx: Context, leg: LockedLeg, reason: str = "") -> None:
    """The clocks are over; what was used stands, and what hung on them goes on."""
    measure = Measure.of(ctx, leg)
    changes: list[Change] = []
    stood = False
    clocks = list_of(ctx, leg)
    for clock in clocks:
        if clock.state != DONE:
            before, stood = clock.due_at, stood or clock.state in {STOPPED, HELD}
            counting.finish(clock, measure.now, measure.calendar)
            changes.append(Change(clock, "end", before, Why(reason)))
    if stood:
        changes += holding.release(ctx, _scope(leg, ""), Why(reason))
    journal.write(ctx, leg.site_id, leg.id, changes)
    if leg.role != MAIN:
        _remind(ctx, measure, clocks, leg.id)


def extend(ctx: Context, leg: LockedLeg, reason: str, approved_by: int | None) -> None:
    """Lengthen both clocks by ``clock.extension`` (art. 42): once, before the deadline, with a reason and an approver.

    Raises :class:`ExtensionRefused`.
    """
    if not reason.strip() or approved_by is None:
        raise ExtensionRefused("没有理由或批准人。", "The reason or the approver is missing.")
    measure = Measure.of(ctx, leg)
    clocks = list_of(ctx, leg)
    refusal = find_extension_refusal(clocks, measure.now)
    if refusal is not None:
        raise refusal
    days = joint.extension_days(measure.values)
    changes: list[Change] = []
    for clock in clocks:
        before = clock.due_at
        counting.lengthen(clock, days, measure.calendar, measure.hours)
        why = Why(EXTENSION, note=reason.strip(), legal_ground=grounds.of(EXTENSION))
        changes.append(Change(clock, "extend", before, why))
    _flag(leg, "EXTENDED")
    _settle(ctx, leg, measure, clocks, changes)


def find_extension_refusal(clocks: Iterable[ClockRow], now: datetime) -> ExtensionRefused | None:
    """Why the clocks of a case cannot be lengthened now; None when they can."""
    rows = list(clocks)
    if not rows or any(clock.state not in {RUNNING, STOPPED} for clock in rows):
        return ExtensionRefused("计时没有在进行。", "The clock is not running.")
    if any(clock.extended_days for clock in rows):
        return ExtensionRefused("已经延期过一次。", "It was extended once already.")
    if any(clock.kind == STATUTORY and _is_over(clock, now) for clock in rows):
        return ExtensionRefused("法定时限已经届满。", "The statutory time is over.")
    return None


def _is_over(clock: ClockRow, now: datetime) -> bool:
    """Whether the time has run out; one that stands still has no date, but had used up all its days before."""
    return clock.used_days > clock.total_days if clock.due_at is None else clock.due_at < now


def leg_ended(ctx: Context, leg: LockedLeg, thing: Any) -> None:
    """Listener of ``leg.ended``: a partner leg's own clock ends with it."""
    del thing
    if leg.role != MAIN:
        end(ctx, leg)


def effect(ctx: Context, leg: LockedLeg, effect: Any, variables: Mapping[str, Any]) -> None:
    """Handler of ``<lianban:clock action reason policy from="receipt">``: the main leg moves the case's clocks, a partner's its own."""
    action, reason = effect.attributes.get("action", ""), effect.attributes.get("reason", "")
    if leg.role != MAIN and action in {"receive", "extend"}:
        raise ClockNotInState(
            "协办地的流程不能改变办件的计时。", "A partner's process cannot change the clocks of the case."
        )
    if effect.attributes.get("from") == "receipt":
        reason = DEEMED
    if action == "stop":
        special = variables.get("special")
        told = special if isinstance(special, Mapping) and reason not in WAITS_FOR_APPLICANT else {}
        stop(ctx, leg, reason, note=str(told.get("reason") or ""), days=_whole(told.get("days")))
    elif action == "extend":
        asked = variables.get("extension") or {}
        extend(ctx, leg, str(asked.get("reason", "")), ctx.actor.user_id or None)
    elif action == "start":
        start(ctx, leg, reason, effect.attributes.get("policy", ""))
    elif action in {"resume", "end"}:
        {"resume": resume, "end": end}[action](ctx, leg, reason)
    elif action == "receive":
        receive(ctx, leg)
    else:
        raise ClockNotInState(f"没有计时动作“{action[:20]}”。", f"There is no clock action '{action[:20]}'.")


def _handed_in(ctx: Context, leg: LockedLeg) -> datetime:
    """When the applicant last handed something in: the day of receipt of an application that nobody ever looked at."""
    mine = (_TASKS.c.case_id == leg.case_id, _TASKS.c.role == Role.APPLICANT, _TASKS.c.state == "completed")
    answered: datetime | None = ctx.session.execute(select(func.max(_TASKS.c.closed_at)).where(*mine)).scalar()
    return max(leg.case.submitted_at, answered or leg.case.submitted_at)


def _flag(leg: LockedLeg, code: str) -> None:
    if code not in leg.case.flags:
        leg.case.flags = [*leg.case.flags, code]


def _settle(ctx: Context, leg: LockedLeg, measure: Measure, clocks: Iterable[ClockRow], changes: list[Change]) -> None:
    """Write the changes down; the case carries the dates that lists sort by. A stopped clock has none."""
    for clock in clocks:
        if clock.kind == STATUTORY:
            leg.case.legal_due_at = clock.due_at
        elif clock.kind == PROMISE:
            leg.case.promise_due_at = clock.due_at
    journal.write(ctx, leg.site_id, leg.id, changes)
    if leg.role != MAIN and changes:
        _remind(ctx, measure, clocks, leg.id)


def _remind(ctx: Context, measure: Measure, clocks: Iterable[ClockRow], leg_id: int) -> None:
    for clock in clocks:
        dates.remind(ctx, clock, measure.values, leg_id)


def _scope(leg: LockedLeg, reason: str) -> Scope:
    """Everything that hangs on the clocks this leg moves; tasks that the present step closes are left out."""
    step = getattr(leg, "advance", None)
    closing = [] if step is None else [task.id for task in step.closed_tasks]
    everywhere = leg.role == MAIN and (not reason or reason in WAITS_FOR_APPLICANT)
    return Scope(leg.case_id, leg.case, leg.id, closing, everywhere)


def _expected(measure: Measure, reason: str, days: int | None) -> datetime | None:
    """Until when a stop is expected to hold: what the notice says, or the applicant's time."""
    if days is not None:
        day = measure.calendar.add(measure.now.astimezone(CHINA).date(), days)
        return end_of(day, measure.hours)
    if reason != "SUPPLEMENT":
        return None
    return schedule(measure.values["supplement.applicant"], measure.now, measure.calendar, measure.hours)


def _whole(value: Any) -> int | None:
    number = str(value).removesuffix(".0") if value is not None else ""
    return int(number) if number.isascii() and number.isdigit() and len(number) <= 4 else None  # noqa: PLR2004
