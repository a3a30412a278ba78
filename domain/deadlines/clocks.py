"""The two clocks of a case, statutory and promised (DOMAIN §3.3): receive, start, stop, resume, extend, end.

Working days of the main site's calendar. Only listed reasons stop a clock; waiting for a partner site is none of them. Every
change is a :class:`ClockEvent` and an event of the record. Invariant: used + remaining = total.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, time
from typing import Any, Final, Protocol

from sqlalchemy import DateTime, column, func, select, table

from domain.actors import Role
from domain.audit import service as audit
from domain.clock import CHINA
from domain.context import Context
from domain.deadlines import ladder, policies
from domain.deadlines.calendar import Calendar, load
from domain.deadlines.due import Hours, end_of
from domain.deadlines.errors import ClockNotInState, ExtensionRefused, StopReasonNotAllowed
from domain.deadlines.models import CaseClock, ClockEvent

STATUTORY: Final = "STATUTORY"
PROMISE: Final = "PROMISE"
KINDS: Final = {STATUTORY: "clock.legal", PROMISE: "clock.promise"}
DEEMED: Final = "DEEMED"
"""Reason of a start that is dated back to the day of receipt (行政许可法 art. 32)."""
WAITING, HELD, RUNNING, STOPPED, DONE = "WAITING", "HELD", "RUNNING", "STOPPED", "DONE"
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
    """The main leg of a case under lock (:class:`domain.cases.rows.LegRow`)."""

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


def receive(ctx: Context, leg: LegLike) -> None:
    """The application was received: the clocks exist and wait. Received out of office hours counts as the next workday."""
    if not _clocks(ctx, leg):
        _open(ctx, leg, ctx.clock.now())


def start(ctx: Context, leg: LegLike, reason: str = "") -> None:
    """Acceptance: the clocks run; with reason ``DEEMED`` from the day of receipt. A stopped clock goes on, a running one runs on."""
    now = ctx.clock.now()
    for clock in _clocks(ctx, leg) or _open(ctx, leg, _handed_in(ctx, leg) if reason == DEEMED else now):
        if clock.state == STOPPED:
            _run(ctx, leg, clock, now, "resume", reason)
        elif clock.state in {WAITING, HELD}:
            since = clock.running_since if reason == DEEMED else None
            _run(ctx, leg, clock, since or _effective(ctx, leg, now), "start", reason)
            if reason == DEEMED:
                leg.case.accepted_at = since
        elif clock.state == DONE:
            raise ClockNotInState("计时已经结束，不能重新开始。", "The clock has ended and cannot start again.")
    if reason == DEEMED:
        _record(ctx, leg, "acceptance.deemed", {"alert": "RED"})
        ladder.mark_missed_notice(ctx, leg.id, "acceptNotice")


def stop(ctx: Context, leg: LegLike, reason: str) -> None:
    """Stop both clocks from now. Raises :class:`StopReasonNotAllowed`; clocks already stopped stay so."""
    allowed = policies.effective(ctx, "clock.stopReasons", leg.site, leg.case.item_code).value.split(",")
    if reason not in allowed:
        raise StopReasonNotAllowed(f"“{reason[:40]}”不是停表事由。", f"'{reason[:40]}' does not stop a clock.")
    now = ctx.clock.now()
    for clock in _clocks(ctx, leg) or _open(ctx, leg, now):
        before = clock.due_at
        if clock.state == RUNNING:
            clock.used_days += _used_since(ctx, clock, now)
            clock.state, clock.running_since, clock.due_at = STOPPED, None, None
        elif clock.state == WAITING:
            clock.state = HELD
        else:
            continue
        clock.stop_reason = reason
        _log(ctx, leg, clock, "stop", reason, before)
    _publish(ctx, leg)


def resume(ctx: Context, leg: LegLike, reason: str = "") -> None:
    """The reason is gone: the remaining days count from now. Clocks that run or have not started are left alone."""
    now = ctx.clock.now()
    for clock in _clocks(ctx, leg):
        if clock.state == STOPPED:
            _run(ctx, leg, clock, now, "resume", reason or clock.stop_reason)
        elif clock.state == HELD:
            clock.state, clock.stop_reason = WAITING, ""
            _log(ctx, leg, clock, "resume", reason, None)


def end(ctx: Context, leg: LegLike, reason: str = "") -> None:
    """The clocks are over; what was used stands."""
    now = ctx.clock.now()
    for clock in _clocks(ctx, leg):
        if clock.state == DONE:
            continue
        before = clock.due_at
        if clock.state == RUNNING:
            clock.used_days += _used_since(ctx, clock, now)
        clock.state, clock.running_since, clock.stop_reason = DONE, None, ""
        _log(ctx, leg, clock, "end", reason, before)


def extend(ctx: Context, leg: LegLike, reason: str, approved_by: int | None) -> None:
    """Lengthen both clocks by ``clock.extension`` (art. 42): once, before the deadline, with a reason and an approver.

    Raises :class:`ExtensionRefused`.
    """
    if not reason.strip() or approved_by is None:
        raise ExtensionRefused("没有理由或批准人。", "The reason or the approver is missing.")
    values = policies.deadlines_for(ctx, leg.site, leg.case.item_code)
    days, now = policies.number(values, "clock.extension"), ctx.clock.now()
    clocks = _clocks(ctx, leg)
    if not clocks or any(clock.state not in {RUNNING, STOPPED} for clock in clocks):
        raise ExtensionRefused("计时没有在进行。", "The clock is not running.")
    if any(clock.extended_days for clock in clocks):
        raise ExtensionRefused("已经延期过一次。", "It was extended once already.")
    if any(clock.kind == STATUTORY and clock.due_at is not None and clock.due_at < now for clock in clocks):
        raise ExtensionRefused("法定时限已经届满。", "The statutory time is over.")
    for clock in clocks:
        before = clock.due_at
        clock.total_days += days
        clock.extended_days = days
        if clock.state == RUNNING:
            _set_due(ctx, clock, values)
        _log(ctx, leg, clock, "extend", "EXTENSION", before)
    if "EXTENDED" not in leg.case.flags:
        leg.case.flags = [*leg.case.flags, "EXTENDED"]
    _publish(ctx, leg)


def remaining_days(clock: CaseClock, now: datetime, calendar: Calendar) -> int:
    """Working days left; negative when overdue. ``used + remaining = total`` at every moment."""
    return clock.total_days - clock.used_days - (_span(clock, now, calendar) if clock.state == RUNNING else 0)


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


def _clocks(ctx: Context, leg: LegLike) -> list[CaseClock]:
    found = select(CaseClock).where(CaseClock.case_id == leg.case_id).order_by(CaseClock.id)
    return list(ctx.session.scalars(found))


def _handed_in(ctx: Context, leg: LegLike) -> datetime:
    """When the applicant last handed something in: the day of receipt of an application that nobody ever looked at."""
    mine = (_TASKS.c.case_id == leg.case_id, _TASKS.c.role == Role.APPLICANT, _TASKS.c.state == "completed")
    answered: datetime | None = ctx.session.execute(select(func.max(_TASKS.c.closed_at)).where(*mine)).scalar()
    return max(leg.case.submitted_at, answered or leg.case.submitted_at)


def _open(ctx: Context, leg: LegLike, received_at: datetime) -> list[CaseClock]:
    clocks: list[CaseClock] = []
    received = _effective(ctx, leg, received_at)
    for kind, key in KINDS.items():
        value = policies.effective(ctx, key, leg.site, leg.case.item_code)
        clock = CaseClock(
            case_id=leg.case_id,
            kind=kind,
            total_days=policies.number({key: value.value}, key),
            used_days=0,
            extended_days=0,
            stop_reason="",
            is_provisional=False,
            state=WAITING,
            region_code=leg.site.region_code,
            running_since=received,
            source=value.source,
        )
        ctx.session.add(clock)
        clocks.append(clock)
    ctx.session.flush()
    for clock in clocks:
        _log(ctx, leg, clock, "receive", "", None)
    return clocks


def _run(ctx: Context, leg: LegLike, clock: CaseClock, since: datetime, action: str, reason: str) -> None:
    before = clock.due_at
    clock.state, clock.running_since, clock.stop_reason = RUNNING, since, ""
    _set_due(ctx, clock, policies.deadlines_for(ctx, leg.site, leg.case.item_code))
    _log(ctx, leg, clock, action, reason, before)
    _publish(ctx, leg)


def _set_due(ctx: Context, clock: CaseClock, values: Mapping[str, str]) -> None:
    if clock.running_since is None:
        raise ClockNotInState("计时没有在进行。", "The clock is not running.")
    calendar = load(ctx.session, clock.region_code)
    since = clock.running_since.astimezone(CHINA).date()
    day = calendar.add(since, clock.total_days - clock.used_days)
    clock.due_at, clock.is_provisional = end_of(day, Hours.of(values)), calendar.is_provisional(day)


def _effective(ctx: Context, leg: LegLike, moment: datetime) -> datetime:
    hours = Hours.of(policies.deadlines_for(ctx, leg.site, leg.case.item_code))
    day = load(ctx.session, leg.site.region_code).effective_start(moment, hours.office_end)
    return moment if day == moment.astimezone(CHINA).date() else datetime.combine(day, time(0), CHINA)


def _used_since(ctx: Context, clock: CaseClock, now: datetime) -> int:
    return _span(clock, now, load(ctx.session, clock.region_code))


def _span(clock: CaseClock, now: datetime, calendar: Calendar) -> int:
    if clock.running_since is None:
        return 0
    return calendar.used(clock.running_since.astimezone(CHINA).date(), now.astimezone(CHINA).date())


def _publish(ctx: Context, leg: LegLike) -> None:
    """The case carries the dates that lists sort by; a stopped clock has none."""
    for clock in _clocks(ctx, leg):
        if clock.kind == STATUTORY:
            leg.case.legal_due_at = clock.due_at
        else:
            leg.case.promise_due_at = clock.due_at


def _log(ctx: Context, leg: LegLike, clock: CaseClock, action: str, reason: str, before: datetime | None) -> None:
    codes = NOTICES.get(reason, SPECIAL_NOTICE)
    notice = select(_DOCUMENTS.c.id).where(_DOCUMENTS.c.case_id == leg.case_id, _DOCUMENTS.c.code.in_(codes))
    document = ctx.session.scalar(notice.order_by(_DOCUMENTS.c.id.desc()).limit(1)) if action == "stop" else None
    ctx.session.add(
        ClockEvent(
            case_id=leg.case_id,
            kind=clock.kind,
            action=action,
            reason=reason,
            document_id=document,
            at=ctx.clock.now(),
            due_before=before,
            due_after=clock.due_at,
            used_days=clock.used_days,
        )
    )
    ctx.session.flush()
    if clock.kind == PROMISE:
        dates = {"dueBefore": _iso(before), "dueAfter": _iso(clock.due_at), "usedDays": clock.used_days}
        _record(ctx, leg, f"clock.{action}", {"reason": reason, **dates})


def _iso(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat()


def _record(ctx: Context, leg: LegLike, kind: str, data: dict[str, Any]) -> None:
    audit.record(ctx, kind, case_id=leg.case_id, leg_id=leg.id, site_id=leg.site_id, data=data)
