"""A node's heartbeat. Its commit does not wait for the disk: a lost heartbeat is followed by the next."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Final, cast

from sqlalchemy import BigInteger, Connection, String, Table, delete, func, select, text
from sqlalchemy import cast as as_type
from sqlalchemy.dialects.postgresql import insert

from domain.nodes.models import Node

NODES = cast("Table", Node.__table__)
BEAT: Final = timedelta(seconds=5)
SILENT: Final = timedelta(seconds=20)
"""A node that was not heard of for so long is shown as silent: it fell, hangs, or cannot reach the database."""
THIS_TRANSACTION: Final = as_type(as_type(func.pg_current_xact_id(), String), BigInteger)
"""The number of the transaction that asks (it gets one by asking)."""
FORGOTTEN: Final = timedelta(days=1)
"""The rows of fallen nodes go after this time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Beat:
    """What a node says of itself."""

    id: str
    name: str
    role: str
    version: str
    pid: int
    queues: Sequence[str] = ()
    is_draining: bool = False
    busy: int = 0
    capacity: int = 0
    key_id: int | None = None
    blind_version: int | None = None


def beat(connection: Connection, said: Beat) -> int:
    """Write one heartbeat in the caller's transaction. Returns the measured skew of this host's clock in milliseconds."""
    connection.execute(text("set local synchronous_commit = off"))
    before = time.time()
    now: datetime = connection.execute(select(func.clock_timestamp())).scalar_one()
    skew: int = round(((before + time.time()) / 2 - now.timestamp()) * 1000)
    values = {
        **asdict(said),
        "queues": list(said.queues),
        "heartbeat_at": now,
        "skew_ms": skew,
        "written_in": THIS_TRANSACTION,
    }
    write = insert(NODES).values(started_at=now, **values)
    connection.execute(write.on_conflict_do_update(index_elements=[NODES.c.id], set_=values))
    connection.execute(delete(NODES).where(NODES.c.heartbeat_at < now - FORGOTTEN))
    return skew


def leave(connection: Connection, node_id: str) -> None:
    """The node stops in order: nobody shall wonder why it is silent."""
    connection.execute(delete(NODES).where(NODES.c.id == node_id))
