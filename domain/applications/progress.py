"""Where a case stands, for the citizen: steps of the way, what happened in plain words, the promise and why it moved."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select

from domain.applications.queries import MyCase
from domain.audit.models import AuditEvent
from domain.cases import events as told_events
from domain.cases import labels
from domain.context import Context
from domain.deadlines import asking, counting
from domain.deadlines import queries as deadlines
from domain.deadlines.models import ClockEvent, ClockRow
from domain.definitions import store
from domain.procedures import queries as procedures

STEPS: tuple[tuple[str, str, frozenset[str]], ...] = (
    ("submit", "提交申请", frozenset({"SUBMITTED"})),
    (
        "accept",
        "收件受理",
        frozenset(
            {
                "PRECHECK", "PRECHECK_RETURNED", "RECEIVED", "SUPPLEMENT_NOTIFIED", "SUPPLEMENT_SUBMITTED",
                "NOT_ACCEPTED", "FORWARDED",
            }
        ),
    ),
    ("review", "审查", frozenset({"ACCEPTED", "ACCEPTED_GAP", "IN_REVIEW", "SPECIAL", "PENDING_DECISION"})),
    (
        "partner",
        "协办地办理",
        frozenset({"DISPATCHED", "PARTNER_PROCESSING", "PARTNER_OBJECTED", "CONFERENCE", "PARTNER_REFUSED"}),
    ),
    ("finish", "决定与办理结果", frozenset({"PARTNER_AGREED", "DECIDED_GRANTED", "DECIDED_REFUSED", "FULFILMENT"})),
    ("close", "办结送达", frozenset({"CLOSED", "DELIVERING", "DELIVERED", "DELIVERY_FAILED"})),
)  # fmt: skip
"""The way of a joint case: key, title, the main leg's statuses of that stretch."""
_PARTNER, _REVIEW, _FINISH = 3, 2, 4
_TOLD = ("case.opened", "status.changed", "leg.started", "leg.ended", "case.closed", "case.withdrawn")


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """A stretch of the way; ``at`` is when it was done, or when it began while it is current."""

    key: str
    title: str
    site_name: str
    state: str
    at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PlainEvent:
    """Something that happened, without names of staff."""

    at: datetime
    site_name: str
    title: str
    title_en: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """Why the promise stands still, what is waited for until when, and what the applicant is asked to do."""

    reasons: list[str]
    reason_names: list[str]
    reason_names_en: list[str]
    note: str
    applicant_does: str
    legal_ground: str
    document_id: int | None
    since: datetime | None
    expected_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PromiseView:
    """The promised date, and every change of it with its reason."""

    due_at: datetime | None
    days_left: int | None
    state: str
    total_days: int
    used_days: int
    paused_days: int
    source: str
    provisional: bool
    waiting: Waiting | None
    history: list[dict[str, Any]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What the applicant asked, of which site, and what it answered; of who answered the citizen hears the authority."""

    number: str
    kind: str
    kind_name: str
    kind_name_en: str
    site_name: str
    note: str
    raised_at: datetime
    answer_due_at: datetime | None
    answer: str | None
    answered_at: datetime | None


def asked_of(ctx: Context, mine: MyCase) -> list[Asked]:
    """Questions and urges of the applicant with their answers, newest first."""
    return [
        Asked(
            number=row.number,
            kind=row.kind,
            kind_name=labels.name_of(labels.LADDER, row.kind),
            kind_name_en=labels.name_en_of(labels.LADDER, row.kind),
            site_name=row.responsible,
            note=row.note,
            raised_at=row.raised_at,
            answer_due_at=row.answer_due_at,
            answer=row.answer,
            answered_at=row.answered_at,
        )
        for row in asking.list_asked(ctx, mine.case.id)
    ]


def history_of(ctx: Context, mine: MyCase) -> list[Any]:
    """The facts of the record that a citizen is told, oldest first."""
    return list(
        ctx.session.execute(
            select(AuditEvent.at, AuditEvent.leg_id, AuditEvent.kind, AuditEvent.data)
            .where(AuditEvent.case_id == mine.case.id, AuditEvent.kind.in_(_TOLD))
            .order_by(AuditEvent.seq)
        )
    )


def steps_of(ctx: Context, mine: MyCase, history: Sequence[Any]) -> list[Step]:
    """The steps of the way with the present one; a case that ended early leaves the rest undone."""
    main = next((leg for leg in mine.legs if leg.role == "main"), None)
    entered: dict[int, datetime] = {0: mine.case.submitted_at}
    for row in history:
        if row.kind == "status.changed" and main is not None and row.leg_id == main.id:
            place = _place(str(row.data.get("to", "")), _PARTNER in entered)
            if place is not None:
                entered.setdefault(place, row.at)
    ended = mine.case.closed_at is not None
    present = len(STEPS) if ended else (_place(mine.case.status, _PARTNER in entered) or max(entered))
    sites = _sites(ctx, mine)
    steps = []
    for number, (key, title, _) in enumerate(STEPS):
        reached = number in entered or (ended and key == "close")
        state = "current" if number == present else ("done" if number < present and reached else "todo")
        steps.append(
            Step(key=key, title=title, site_name=sites[number], state=state, at=_at(mine, entered, number, state))
        )
    return steps


def events_of(mine: MyCase, history: Sequence[Any], documents: Sequence[Any]) -> list[PlainEvent]:
    """What happened, in plain words, newest first."""
    sites = {leg.id: mine.sites[leg.site_id].name for leg in mine.legs}
    main_site = mine.sites[mine.case.main_site_id].name
    main_ids = {leg.id for leg in mine.legs if leg.role == "main"}
    lines = []
    for row in history:
        if row.kind == "status.changed" and row.leg_id not in main_ids:
            continue
        if row.kind == "leg.ended" and row.leg_id in main_ids:
            continue
        told = told_events.tell(row.kind, row.data, {})
        if row.kind == "status.changed":
            status = str(row.data.get("to", ""))
            zh, en = labels.name_of(labels.STATUSES, status), labels.name_en_of(labels.STATUSES, status)
            told = told._replace(title=zh, title_en=en)
        lines.append(
            PlainEvent(
                at=row.at,
                site_name=sites.get(row.leg_id, main_site),
                title=told.title,
                title_en=told.title_en,
                text="",
            )
        )
    lines += [
        PlainEvent(
            at=document.issued_at,
            site_name=document.site_name,
            title=f"签发《{document.title}》",
            title_en=f"Document issued: {labels.name_en_of(labels.DOCUMENTS, document.code)}",
            text=document.number,
        )
        for document in documents
    ]
    return sorted(lines, key=lambda line: line.at, reverse=True)


def promise_of(ctx: Context, mine: MyCase) -> PromiseView | None:
    """The promise clock as the citizen reads it: why it is this date."""
    clock = next((each for each in deadlines.list_clocks(ctx.session, mine.case.id) if each.kind == "PROMISE"), None)
    if clock is None:
        return None
    events = [event for event in deadlines.list_clock_events(ctx.session, mine.case.id) if event.kind == "PROMISE"]
    read = deadlines.reading(ctx.session, clock, ctx.clock.now())
    states = {"RUNNING": "running", "DONE": "done", "OVERDUE": "overdue"}
    return PromiseView(
        due_at=clock.due_at,
        days_left=None if clock.state == "DONE" else read.remaining,
        state=states.get(read.state, "stopped"),
        total_days=read.total,
        used_days=read.used,
        paused_days=read.paused,
        source=clock.source,
        provisional=clock.is_provisional,
        waiting=_waiting(ctx, mine, clock, events),
        history=[_change(mine, event) for event in events],
    )


def _waiting(ctx: Context, mine: MyCase, clock: ClockRow, events: Sequence[ClockEvent]) -> Waiting | None:
    reasons = counting.reasons(clock)
    if not reasons:
        return None
    stop = next((event for event in reversed(events) if event.action == "stop"), None)
    asked = [row.applicant_does for row in procedures.list_procedures(ctx, mine.case.id) if row.state == "RUNNING"]
    return Waiting(
        reasons=reasons,
        reason_names=[labels.name_of(labels.STOP_REASONS, each) for each in reasons],
        reason_names_en=[labels.name_en_of(labels.STOP_REASONS, each) for each in reasons],
        note="" if stop is None else stop.note,
        applicant_does="；".join(each for each in asked if each),
        legal_ground="" if stop is None else stop.legal_ground,
        document_id=None if stop is None else stop.document_id,
        since=clock.stopped_at or (None if stop is None else stop.at),
        expected_at=clock.resume_expected_at,
    )


def _change(mine: MyCase, event: ClockEvent) -> dict[str, Any]:
    """A change in plain words; of who did it the citizen hears the authority, not the person."""
    return {
        "at": event.at,
        "action": event.action,
        "action_name": labels.name_of(labels.CLOCK_ACTIONS, event.action.upper()),
        "action_name_en": labels.name_en_of(labels.CLOCK_ACTIONS, event.action.upper()),
        "reason_name": labels.name_of(labels.STOP_REASONS, event.reason) or None,
        "reason_name_en": labels.name_en_of(labels.STOP_REASONS, event.reason) or None,
        "note": event.note,
        "legal_ground": event.legal_ground,
        "document_id": event.document_id,
        "by": "" if event.actor_id is None else _who(mine, event),
        "due_before": event.due_before,
        "due_after": event.due_after,
    }


def _who(mine: MyCase, event: ClockEvent) -> str:
    return event.actor_name if event.actor_name == "申请人" else mine.sites[mine.case.main_site_id].name


def _place(status: str, partner_reached: bool) -> int | None:
    """Which stretch a status belongs to; a decision after the partner's answer is the finish, before it the review."""
    if status == "PENDING_DECISION":
        return _FINISH if partner_reached else _REVIEW
    return next((number for number, (_, _, statuses) in enumerate(STEPS) if status in statuses), None)


def _at(mine: MyCase, entered: dict[int, datetime], number: int, state: str) -> datetime | None:
    if state == "todo":
        return None
    if state == "current":
        return entered.get(number)
    later = [at for place, at in entered.items() if place > number]
    return min(later) if later else mine.case.closed_at


def _sites(ctx: Context, mine: MyCase) -> list[str]:
    """The site of each step; a partner that has no leg yet is named by its pool."""
    main = mine.sites[mine.case.main_site_id].name
    partner = next((mine.sites[leg.site_id].name for leg in mine.legs if leg.role != "main"), None)
    if partner is None:
        model = store.load_definition(ctx.session, mine.case.definition_id).model
        partner = next((pool.name for pool in model.participants if pool.role != "main"), main)
    return [partner if key == "partner" else main for key, _, _ in STEPS]
