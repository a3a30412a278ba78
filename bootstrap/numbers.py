"""Running numbers that may have gaps, drawn in a transaction of their own: nobody waits for another step's commit."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Engine, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.pool import QueuePool

from domain.context import Draw

_DRAW = text(
    """
    with quick as materialized (select set_config('synchronous_commit', 'off', true))
    insert into counters as c (name, period, value)
    select s.name, s.period, 1 from quick, unnest(cast(:names as text[]), cast(:periods as text[])) as s (name, period)
    order by s.name, s.period
    on conflict (name, period) do update set value = c.value + 1
    returning c.name, c.period, c.value
    """
)
"""Not flushed by itself: whatever uses the number commits later, and that flush writes the log up to it, this included."""


def drawing(sql: Engine) -> Draw:
    """Draw over another connection of the pool; None when there is none to be had, for who waits for it holds one already."""

    def draw(series: Sequence[tuple[str, str]]) -> list[int] | None:
        if is_exhausted(sql):
            return None
        try:
            drawn = _draw(sql, series)
        except PoolTimeout:
            return None
        except DBAPIError as error:
            if not error.connection_invalidated:
                raise
            drawn = _draw(sql, series)  # it had died in the pool; a number more or less is no harm
        return [drawn[each] for each in series]

    return draw


def _draw(sql: Engine, series: Sequence[tuple[str, str]]) -> dict[tuple[str, str], int]:
    values = {"names": [name for name, _ in series], "periods": [period for _, period in series]}
    with sql.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        return {(row.name, row.period): row.value for row in connection.execute(_DRAW, values)}


def is_exhausted(sql: Engine) -> bool:
    """Whether every connection of the pool is out: who holds one must not wait for a second."""
    pool = sql.pool
    if not isinstance(pool, QueuePool):
        return False
    most = pool.size() + pool._max_overflow  # noqa: SLF001 -- it tells everything but this
    return pool.checkedout() >= most
