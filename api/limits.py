"""Rate limits: a bucket of tokens for each caller, for the whole deployment; a flood of one caller cannot starve the others.

Each process keeps its own count in memory, which costs nothing and stops a flood at once; what passes it is counted in the database
(``Platform.take_token``), where all processes and nodes meet. Only routes that declare a rate pay that statement.
"""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from api.problems import ApiError, Problem


@dataclass(frozen=True, slots=True)
class Rate:
    """``burst`` at once, then one every ``seconds``."""

    name: str
    burst: int
    seconds: float


LOGIN = Rate("login", burst=40, seconds=1.0)
PROGRESS = Rate("progress", burst=10, seconds=6.0)
UPLOAD = Rate("upload", burst=60, seconds=1.0)
CLIENT = Rate("client", burst=200, seconds=0.02)
BAD_TOKEN = Rate("bad-token", burst=20, seconds=1.0)
EXCHANGE = Rate("exchange", burst=300, seconds=0.02)


class TooManyRequests(ApiError):
    """The bucket is empty (429)."""

    def __init__(self, wait_seconds: float) -> None:
        headers = {"Retry-After": str(max(1, math.ceil(wait_seconds)))}
        super().__init__(Problem(429, "too-many-requests", "", "", headers=headers))


@dataclass(slots=True)
class Buckets:
    """All buckets. ``shared`` counts for the whole deployment: (rate, who, burst, seconds) → seconds to wait, 0: taken.

    ``now`` gives the monotonic seconds of the process's own count; full buckets are forgotten.
    """

    shared: Callable[[str, str, int, float], float] | None = None
    now: Callable[[], float] = time.monotonic
    most: int = 10_000
    _levels: dict[tuple[str, str], tuple[float, float]] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def take(self, rate: Rate, who: str) -> None:
        """Take one token. Raises :class:`TooManyRequests`."""
        self._take_here(rate, who)
        wait = self.shared(rate.name, who, rate.burst, rate.seconds) if self.shared else 0.0
        if wait > 0:
            raise TooManyRequests(wait)

    def _take_here(self, rate: Rate, who: str) -> None:
        with self._lock:
            at = self.now()
            level, since = self._levels.get((rate.name, who), (float(rate.burst), at))
            level = min(float(rate.burst), level + (at - since) / rate.seconds)
            if level < 1.0:
                raise TooManyRequests((1.0 - level) * rate.seconds)
            if len(self._levels) >= self.most:
                self._levels.clear()
            self._levels[rate.name, who] = (level - 1.0, at)
