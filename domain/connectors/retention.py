"""Records of calls go after a while; a call that nobody ends any more is said to be abandoned."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Table, delete, select, update

from domain.connectors.breaker import LONGEST_CALL
from domain.connectors.models import HttpCall
from domain.context import Context

MOST = 10_000
"""Rows that one statement deletes; the next hour takes more."""
CALLS: Table = HttpCall.__table__  # type: ignore[assignment]  # declared as FromClause, is a Table


def end_lost(ctx: Context) -> int:
    """Calls of nodes that died; how many."""
    lost = update(CALLS).where(CALLS.c.state == "running", CALLS.c.started_at < ctx.clock.now() - LONGEST_CALL)
    return len(ctx.session.execute(lost.values(state="abandoned").returning(CALLS.c.id)).all())


def drop_old(ctx: Context, before: datetime) -> int:
    """Delete records of calls made before; how many. Ids grow with time."""
    old = select(CALLS.c.id).where(CALLS.c.started_at < before, CALLS.c.state != "running").order_by(CALLS.c.id)
    statement = delete(CALLS).where(CALLS.c.id.in_(old.limit(MOST))).returning(CALLS.c.id)
    return len(ctx.session.execute(statement).all())
