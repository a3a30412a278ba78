"""Access tokens of this process, kept until shortly before they end: one request for all who wait, in memory alone."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from threading import Lock
from typing import Final

from domain.connectors.errors import CallFailed, TokenUnavailable
from domain.connectors.oauth import LIMITS, Fetch, Grant, fetch
from domain.connectors.wire import Answer, Request, exchange

SPARE_SECONDS: Final = 60
"""So long before its end a token is used no more; of a short one a fifth of its life."""
SILENT_SECONDS: Final = 5.0
"""So long a token endpoint that just failed is not asked again: many jobs share one failure."""
MOST_KEPT: Final = 1000


@dataclass(slots=True)
class _Shelf:
    """The token of one grant, and the failure that was just seen."""

    lock: Lock = field(default_factory=Lock)
    token: str = field(default="", repr=False)
    ends_at: float = 0.0
    failure: CallFailed | None = None
    failed_at: float = 0.0


@dataclass(slots=True)
class Tokens:
    """Access tokens of this process, by grant. ``now`` gives monotonic seconds; ``told`` hears every token that is fetched."""

    now: Callable[[], float] = time.monotonic
    send: Callable[[Request], Answer] = exchange
    told: Callable[[str], None] | None = None
    _shelves: dict[str, _Shelf] = field(default_factory=dict, repr=False)
    _lock: Lock = field(default_factory=Lock)

    def has(self, grant: Grant) -> bool:
        """Whether a token is here, so that nobody need be asked."""
        shelf = self._shelves.get(grant.name)
        return shelf is not None and bool(shelf.token) and self.now() < shelf.ends_at

    def take(self, grant: Grant, fetches: list[Fetch], *, refused: str = "") -> str:
        """A token, the kept one or a new one; ``refused`` is one that the host did not take. Requests made are added to ``fetches``.

        One request for all who wait. Raises :class:`TokenUnavailable`, :class:`TokenRefused`, :class:`BadCall`.
        """
        shelf = self._shelf(grant.name)
        if not shelf.lock.acquire(timeout=LIMITS.total_seconds + LIMITS.connect_seconds):
            raise TokenUnavailable("正在等待令牌服务的应答。", "The token endpoint's answer is being waited for.")
        try:
            if shelf.token and shelf.token != refused and self.now() < shelf.ends_at:
                return shelf.token
            if shelf.failure is not None and self.now() - shelf.failed_at < SILENT_SECONDS:
                raise type(shelf.failure)(shelf.failure.fact_zh, shelf.failure.fact_en)
            shelf.token = ""
            try:
                token, seconds = fetch(grant, self.send, fetches)
            except CallFailed as failure:
                shelf.failure, shelf.failed_at = failure, self.now()
                raise
            if self.told is not None:
                self.told(token)
            shelf.failure = None
            shelf.token, shelf.ends_at = token, self.now() + seconds - min(SPARE_SECONDS, seconds / 5)
            return token
        finally:
            shelf.lock.release()

    def _shelf(self, name: str) -> _Shelf:
        with self._lock:
            if len(self._shelves) >= MOST_KEPT and name not in self._shelves:
                self._shelves = {
                    kept: shelf
                    for kept, shelf in self._shelves.items()
                    if shelf.lock.locked() or self.now() < shelf.ends_at
                }
            return self._shelves.setdefault(name, _Shelf())
