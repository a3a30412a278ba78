"""A moved date is written where people read it: the case's columns, which every list, page and document shows."""

from __future__ import annotations

from typing import Final

from sqlalchemy import column, table, update

from domain.context import Context
from domain.deadlines.models import ClockRow

_CASES = table("cases", *(column(name) for name in ("id", "legal_due_at", "promise_due_at")))
_COLUMNS: Final = {"STATUTORY": "legal_due_at", "PROMISE": "promise_due_at"}


def publish(ctx: Context, clock: ClockRow) -> None:
    """Write a clock's due date to its case, for changes that are no step of a process (a step writes its case itself)."""
    if clock.subject == "case":
        values = {_COLUMNS[clock.kind]: clock.due_at}
        ctx.session.execute(update(_CASES).where(_CASES.c.id == clock.case_id).values(values))
