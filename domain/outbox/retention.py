"""Finished work goes after a while: what happened stands in the record of the case, the row only said that it was done."""

from __future__ import annotations

from datetime import datetime
from typing import Final, NamedTuple

from domain.context import Context
from domain.statements import Statement

MOST: Final = 10_000
"""Rows looked at by one statement."""
_DROP: Final = Statement(
    """
    with old as (
        select id, state, created_at, coalesce(done_at, created_at) as ended_at from work
        where id > %(after)s order by id limit %(most)s
    ), gone as (
        delete from work using old where work.id = old.id and old.state in ('done', 'cancelled')
        and work.state in ('done', 'cancelled') and old.ended_at < %(before)s
        returning work.id
    )
    select max(id), count(*) filter (where created_at < %(before)s), (select count(*) from gone) from old
    """
)


class Dropped(NamedTuple):
    """What one statement did: how many rows went, and after which id the next one goes on (None: that was all)."""

    rows: int
    after: int | None


def drop_finished(ctx: Context, before: datetime, *, after: int = 0) -> Dropped:
    """Delete rows that were done or cancelled before ``before``, among the next :data:`MOST` by id; failed ones stay.

    Ids grow with the time of creation, so that the first stretch of younger rows ends the search: no index is needed for it.
    """
    row = _DROP.row(ctx.session, {"after": after, "before": before, "most": MOST})
    last, older, gone = (None, 0, 0) if row is None else row
    return Dropped(gone, last if older else None)
