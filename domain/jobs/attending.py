"""Who attends to a topic: when workers last asked for its tasks."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any, Final, cast

from sqlalchemy import Table, func, select
from sqlalchemy.dialects.postgresql import insert

from domain.clients.models import ApiClient
from domain.clients.scopes import Client
from domain.context import Context
from domain.jobs.models import TopicFetch

FETCHES = cast("Table", TopicFetch.__table__)
CLIENTS = cast("Table", ApiClient.__table__)
TOUCH_EVERY: Final = timedelta(seconds=30)
"""A visit is written down at most this often, so that polling is not a write."""


def note(ctx: Context, client: Client, topics: Collection[str]) -> None:
    """A client asks for these topics now."""
    now = ctx.clock.now()
    rows: list[dict[str, Any]] = [
        {"topic": topic, "client_id": client.id, "at": now} for topic in sorted(frozenset(topics))
    ]
    visit = insert(FETCHES).values(rows)
    ctx.session.execute(
        visit.on_conflict_do_update(
            index_elements=[FETCHES.c.topic, FETCHES.c.client_id],
            set_={"at": visit.excluded.at},
            where=FETCHES.c.at < visit.excluded.at - TOUCH_EVERY,
        )
    )


def last_asked(ctx: Context, topics: Collection[str]) -> dict[tuple[str, int | None], datetime]:
    """(topic, site of the client or None for all) → when it was last asked for."""
    query = (
        select(FETCHES.c.topic, CLIENTS.c.site_id, func.max(FETCHES.c.at).label("at"))
        .join(CLIENTS, CLIENTS.c.id == FETCHES.c.client_id)
        .where(FETCHES.c.topic.in_(list(topics)))
        .group_by(FETCHES.c.topic, CLIENTS.c.site_id)
    )
    return {(row.topic, row.site_id): row.at for row in ctx.session.execute(query)}


def asked_at(asked: dict[tuple[str, int | None], datetime], topic: str, site_id: int) -> datetime | None:
    """When a client that may have the tasks of this site last asked for the topic; None: never."""
    times = [at for at in (asked.get((topic, site_id)), asked.get((topic, None))) if at is not None]
    return max(times) if times else None
