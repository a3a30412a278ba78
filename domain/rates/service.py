"""Taking tokens: one statement by the database's clock, the same for all processes and nodes."""

from __future__ import annotations

import hashlib
from typing import Final

from sqlalchemy import Connection, delete, func, text

from domain.context import Context
from domain.rates.models import RateBucket

_TAKE: Final = text(
    """
    insert into rate_buckets as b (key, full_at) values (:key, clock_timestamp() + make_interval(secs => :step))
    on conflict (key) do update set full_at = greatest(b.full_at, clock_timestamp()) + make_interval(secs => :step)
    where b.full_at <= clock_timestamp() + make_interval(secs => :room)
    returning 1
    """
)
"""A bucket with ``burst`` tokens is full again after burst × step seconds at most; room is that less the token that is taken."""
_WAIT: Final = text(
    "select extract(epoch from full_at - clock_timestamp())::float8 - :room from rate_buckets where key = :key"
)


def take(connection: Connection, rate: str, who: str, burst: int, seconds: float) -> float:
    """Take one of ``burst`` tokens, of which one comes back every ``seconds``: 0 when it was taken, else the seconds to wait."""
    key = hashlib.blake2s(f"{rate}\0{who}".encode(), digest_size=16).digest()
    values = {"key": key, "step": seconds, "room": (burst - 1) * seconds}
    if connection.execute(_TAKE, values).first() is not None:
        return 0.0
    wait = connection.execute(_WAIT, {"key": key, "room": values["room"]}).scalar()
    return max(float(wait or 0.0), 0.001)


def drop_full(ctx: Context) -> int:
    """Buckets that are full again say nothing; how many went."""
    gone = delete(RateBucket).where(RateBucket.full_at < func.clock_timestamp())
    return int(ctx.session.execute(gone).rowcount)  # type: ignore[attr-defined]  # a DELETE has a row count
