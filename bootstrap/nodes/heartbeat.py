"""Heartbeats: a thread that writes this node's row every few seconds over a connection of its own, and removes it at the end."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

import structlog
from sqlalchemy import Engine, create_engine
from sqlalchemy.exc import SQLAlchemyError

from domain.nodes import service as nodes
from domain.nodes.service import BEAT, Beat

log = structlog.get_logger(__name__)
_OPTIONS = "-c statement_timeout=3000 -c lock_timeout=1000 -c timezone=UTC"


@contextmanager
def heartbeats(url: str, say: Callable[[], Beat]) -> Iterator[Callable[[], None]]:
    """Write what ``say`` says every BEAT during the block. Yields a call that writes at once (the node begins to drain)."""
    sql = create_engine(
        url,
        pool_size=1,
        max_overflow=0,
        pool_pre_ping=True,
        connect_args={"options": _OPTIONS, "connect_timeout": 3, "application_name": "lianban-node"},
    )
    ending, wake = threading.Event(), threading.Event()

    def run() -> None:
        failing = False
        while not ending.is_set():
            failing = _beat(sql, say(), failing=failing)
            wake.wait(BEAT.total_seconds())
            wake.clear()

    thread = threading.Thread(target=run, name="heartbeat", daemon=True)
    thread.start()
    try:
        yield wake.set
    finally:
        ending.set()
        wake.set()
        thread.join(BEAT.total_seconds())
        with suppress(SQLAlchemyError), sql.begin() as connection:
            nodes.leave(connection, say().id)
        sql.dispose()


def _beat(sql: Engine, said: Beat, *, failing: bool) -> bool:
    """Whether it failed now; the first failure in a row is logged."""
    try:
        with sql.begin() as connection:
            nodes.beat(connection, said)
    except SQLAlchemyError as error:
        if not failing:
            log.warning("heartbeat.failed", reason=type(error).__name__)
        return True
    return False
