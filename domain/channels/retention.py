"""Records of notices outside the platform go after a while, once nothing is to be done for them."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import delete, select

from domain.channels.spreading import DELIVERIES
from domain.context import Context

MOST = 10_000
"""Rows that one statement deletes; the next hour takes more."""


def drop_old(ctx: Context, before: datetime) -> int:
    """Delete records of deliveries planned before that are not waiting; how many. Ids grow with time."""
    columns = DELIVERIES.c
    old = select(columns.id).where(columns.created_at < before, columns.state != "queued").order_by(columns.id)
    statement = delete(DELIVERIES).where(columns.id.in_(old.limit(MOST))).returning(columns.id)
    return len(ctx.session.execute(statement).all())
