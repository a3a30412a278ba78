"""What service jobs carried goes after a while: the record of the case says what was asked of whom and what came back."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from sqlalchemy import delete, select

from domain.cases.jobs import ServiceJob
from domain.context import Context
from domain.jobs.models import TopicFetch

MOST: Final = 5_000
"""Rows that one call deletes; the next hour goes on."""
ENDED: Final = ("done", "cancelled")


def drop_ended(ctx: Context, before: datetime) -> int:
    """Delete jobs that ended before ``before``, with their sealed arguments, and what was asked for by name until then. How many."""
    old = select(ServiceJob.id).where(ServiceJob.state.in_(ENDED), ServiceJob.closed_at < before).limit(MOST)
    jobs = ctx.session.execute(delete(ServiceJob).where(ServiceJob.id.in_(old)).returning(ServiceJob.id)).all()
    asked = ctx.session.execute(delete(TopicFetch).where(TopicFetch.at < before).returning(TopicFetch.topic)).all()
    return len(jobs) + len(asked)
