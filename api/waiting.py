"""Long polling: requests that wait for external tasks, without holding a connection or a transaction.

A waiting request keeps a thread but no place at work (:mod:`api.places`); ``most`` wait in a process (settings ``poll_waiters``), who comes
after them is answered at once with Retry-After. One thread looks for all of them: at once after a commit of this process that opened tasks,
and every half second for those that other processes opened. Whoever has waited longest is woken first, one for each look and topic.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from typing import Any, Final

import structlog

from domain.cases.jobs import OPENED
from domain.jobs.external import Want

log = structlog.get_logger(__name__)
LOOK_SECONDS: Final = 0.5


@dataclass(slots=True, eq=False)
class _Waiter:
    wants: frozenset[Want]
    woken: threading.Event = field(default_factory=threading.Event)


class Waiters:
    """The waiting requests of one process. ``look(wants)`` tells which of them could be served now.

    When ``ending()`` says that the node is about to stop, everybody is answered and nobody waits any more.
    """

    def __init__(
        self,
        look: Callable[[Collection[Want]], set[Want]],
        most: int,
        *,
        ending: Callable[[], bool] = lambda: False,
    ) -> None:
        self._look = look
        self._most = most
        self._ending = ending
        self._queue: list[_Waiter] = []
        self._change = threading.Condition()
        self._nudged = False
        self._closed = False
        self._watcher: threading.Thread | None = None

    def wait(self, wants: Collection[Want], seconds: float) -> bool | None:
        """Wait until one of these may be there: True when it is worth looking, False when the time is over, None when there is no place."""
        mine = _Waiter(frozenset(wants))
        with self._change:
            if self._closed or len(self._queue) >= self._most:
                return None
            self._queue.append(mine)
            if self._watcher is None:
                self._watcher = threading.Thread(target=self._watch, name="waiters", daemon=True)
                self._watcher.start()
            self._nudged = True  # a task may have come between the caller's own look and now
            self._change.notify_all()
        try:
            return mine.woken.wait(max(seconds, 0.0))
        finally:
            with self._change:
                if mine in self._queue:
                    self._queue.remove(mine)

    @property
    def waiting(self) -> int:
        """How many wait now."""
        with self._change:
            return len(self._queue)

    def committed(self, info: dict[str, Any]) -> None:
        """After a commit of this process: look at once when it opened external tasks."""
        if info.get(OPENED):
            with self._change:
                self._nudged = True
                self._change.notify_all()

    def close(self) -> None:
        """The process ends: everybody is answered now, nobody waits any more."""
        with self._change:
            self._closed = True
            for waiter in self._queue:
                waiter.woken.set()
            self._change.notify_all()

    def _watch(self) -> None:
        while True:
            if self._ending():
                self.close()
            with self._change:
                if not self._nudged:
                    self._change.wait(LOOK_SECONDS)
                self._nudged = False
                if self._closed or not self._queue:
                    self._watcher = None
                    return
                wants = frozenset().union(*(waiter.wants for waiter in self._queue))
            try:
                found = self._look(wants)
            except Exception as error:  # noqa: BLE001 -- the database is away: the next look tries again
                log.warning("waiters.look_failed", reason=type(error).__name__)
                time.sleep(LOOK_SECONDS)
                continue
            self._wake(found)

    def _wake(self, found: set[Want]) -> None:
        """One request for each topic that has something, the longest waiting first; it leaves the queue by being woken."""
        with self._change:
            for waiter in list(self._queue):
                served = waiter.wants & found
                if served:
                    found -= served
                    self._queue.remove(waiter)
                    waiter.woken.set()
