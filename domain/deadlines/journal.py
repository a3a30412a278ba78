"""Every change of a clock is written down: who, when, why, by which law and document, and the date before and after."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, cast

from sqlalchemy import Table, insert

from domain.audit import service as audit
from domain.context import Context
from domain.deadlines.models import ClockEvent, ClockRow

PROMISE: Final = "PROMISE"
EVENTS = cast("Table", ClockEvent.__table__)
NO_REASON: Final = ""


@dataclass(frozen=True, slots=True)
class Why:
    """Why a clock changes: the code of the reason, its words, the law, the document that told the applicant."""

    reason: str = NO_REASON
    note: str = ""
    legal_ground: str = ""
    document_id: int | None = None


@dataclass(frozen=True, slots=True)
class Change:
    """One change of one clock; ``before`` is the due date it had."""

    clock: ClockRow
    action: str
    before: datetime | None
    why: Why


def write(ctx: Context, site_id: int, leg_id: int | None, changes: Iterable[Change]) -> None:
    """Write the changes: one statement; the record of the case gets what moves a date people were told."""
    listed = list(changes)
    if not listed:
        return
    ctx.session.flush()
    ctx.session.execute(insert(EVENTS).returning(EVENTS.c.id), [_row(ctx, change) for change in listed])
    for change in listed:
        clock = change.clock
        if clock.kind == PROMISE or clock.subject == "leg":
            data = {
                "reason": change.why.reason,
                "subject": clock.subject,
                "dueBefore": _iso(change.before),
                "dueAfter": _iso(clock.due_at),
                "usedDays": clock.used_days,
                "documentId": change.why.document_id,
            }
            kind = f"clock.{change.action}" if clock.subject == "case" else f"clock.leg.{change.action}"
            audit.record(ctx, kind, case_id=clock.case_id, leg_id=clock.leg_id or leg_id, site_id=site_id, data=data)


def _row(ctx: Context, change: Change) -> dict[str, Any]:
    clock, why = change.clock, change.why
    return {
        "case_id": clock.case_id,
        "leg_id": clock.leg_id,
        "task_id": clock.task_id,
        "kind": clock.kind,
        "action": change.action,
        "reason": why.reason,
        "note": why.note[:400],
        "legal_ground": why.legal_ground[:200],
        "document_id": why.document_id,
        "actor_id": ctx.actor.user_id or None,
        "actor_name": "申请人" if ctx.actor.is_applicant else ctx.actor.name[:80],
        "at": ctx.clock.now(),
        "due_before": change.before,
        "due_after": clock.due_at,
        "used_days": clock.used_days,
        "paused_days": clock.paused_days,
    }


def _iso(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat()
