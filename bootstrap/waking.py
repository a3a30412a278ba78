"""Promoting due work from any process: looks of the scheduler, and at once after a commit that made work due now."""

from __future__ import annotations

import heapq
import threading
import time
from typing import Any, Final

import structlog

from bootstrap.container import Platform
from domain.outbox.promotion import MOST, promote_some, seconds_to_next
from domain.outbox.work import DUE_IN, DUE_NOW

log = structlog.get_logger(__name__)
ENDING_SECONDS: Final = 5


def promote(platform: Platform) -> int:
    """Hand all work that is due by the deployment's clock to the queue; each statement is a transaction of its own. How many."""
    total = 0
    while True:
        with platform.on_duty() as connection:
            some = promote_some(connection, training=platform.settings.training)
        total += some
        if some < MOST:
            return total


def promote_due(platform: Platform) -> float | None:
    """Promote when something is due. Returns the seconds until the next is: 0.0 when something was, None when nothing waits."""
    with platform.on_duty() as connection:
        ahead = seconds_to_next(connection, training=platform.settings.training)
    if ahead is None or ahead > 0:
        return ahead
    promote(platform)
    return 0.0


class Waker:
    """Promotes in a thread of its own as soon as a commit of this process made work due, outside the user's transaction.

    Requests do not wait for it, and any number of commits meanwhile make one promotion. Work that is due in a moment is promoted
    then, for the schedulers might look too late. When it fails (the database is away) nothing is lost: the rows wait for the next
    look of any scheduler.
    """

    def __init__(self, platform: Platform) -> None:
        self._platform = platform
        self._moments: list[float] = []
        self._changed = threading.Condition()
        self._ending = False
        self._thread = threading.Thread(target=self._run, name="waker", daemon=True)

    def start(self) -> None:
        """Listen to the commits of this process."""
        self._thread.start()
        self._platform.after_commit.append(self._nudge)

    def stop(self) -> None:
        """Promote what was asked for, then end."""
        self._platform.after_commit.remove(self._nudge)
        with self._changed:
            self._ending = True
            self._changed.notify()
        self._thread.join(ENDING_SECONDS)

    def _nudge(self, info: dict[str, Any]) -> None:
        if info.get(DUE_NOW):
            self._note(0.0)
        if DUE_IN in info:
            self._note(info[DUE_IN])

    def _note(self, seconds: float) -> None:
        with self._changed:
            heapq.heappush(self._moments, time.monotonic() + seconds)
            self._changed.notify()

    def _wait(self) -> bool:
        """Until a promotion was asked for or is to be made now; False when this is the end."""
        with self._changed:
            while not self._ending:
                now = time.monotonic()
                if self._moments and self._moments[0] <= now:
                    break
                self._changed.wait(self._moments[0] - now if self._moments else None)
            now = time.monotonic()
            while self._moments and self._moments[0] <= now:
                heapq.heappop(self._moments)
            return not self._ending

    def _run(self) -> None:
        going = True
        while going:
            going = self._wait()
            try:
                promote(self._platform)
            except Exception as error:  # noqa: BLE001 -- a scheduler's look promotes the rows
                log.info("waker.failed", reason=type(error).__name__)
