"""Promoting due work from any process: ticks of the scheduler, and at once after a commit that made work due now."""

from __future__ import annotations

import threading
from typing import Any, Final

import structlog

from bootstrap.container import Platform
from domain.outbox.promotion import MOST, promote_some
from domain.outbox.work import DUE_NOW

log = structlog.get_logger(__name__)
ENDING_SECONDS: Final = 5


def promote(platform: Platform) -> int:
    """Hand all work that is due by the deployment's clock to the queue; each statement is a transaction of its own. How many."""
    total = 0
    with platform.sql.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        while True:
            some = promote_some(connection, training=platform.settings.training)
            total += some
            if some < MOST:
                return total


class Waker:
    """Promotes in a thread of its own as soon as a commit of this process made work due, outside the user's transaction.

    Requests do not wait for it, and any number of commits meanwhile make one promotion. When it fails (the database is away)
    nothing is lost: the rows wait for the next tick of any scheduler.
    """

    def __init__(self, platform: Platform) -> None:
        self._platform = platform
        self._wake = threading.Event()
        self._ending = threading.Event()
        self._thread = threading.Thread(target=self._run, name="waker", daemon=True)

    def start(self) -> None:
        """Listen to the commits of this process."""
        self._thread.start()
        self._platform.after_commit.append(self._nudge)

    def stop(self) -> None:
        """Promote what was asked for, then end."""
        self._platform.after_commit.remove(self._nudge)
        self._ending.set()
        self._wake.set()
        self._thread.join(ENDING_SECONDS)

    def _nudge(self, info: dict[str, Any]) -> None:
        if info.get(DUE_NOW):
            self._wake.set()

    def _run(self) -> None:
        while True:
            self._wake.wait()
            ending = self._ending.is_set()
            self._wake.clear()
            try:
                promote(self._platform)
            except Exception as error:  # noqa: BLE001 -- a scheduler's tick promotes the rows
                log.info("waker.failed", reason=type(error).__name__)
            if ending:
                return
