"""Rate limits: a bucket of tokens for each caller, for the whole deployment; a flood of one caller cannot starve the others.

Each process keeps its own count in memory, which costs nothing and stops a flood at once; what passes it is counted in the database
(``Platform.take_token``), where all processes and nodes meet. Rates that every request counts for (``chunk`` above 1) are told to the
database after every ``chunk`` requests of a caller, so that ordinary use costs no statement and no process lets more than that through.
"""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from api.problems import ApiError, Problem


@dataclass(frozen=True, slots=True)
class Rate:
    """``burst`` at once, then one every ``seconds``; counted with the other processes after every ``chunk``."""

    name: str
    burst: int
    seconds: float
    chunk: int = 1


def set_rate(name: str, burst: int, seconds: float) -> Rate:
    """A rate of a setting; a caller who stays below a twentieth of it never costs the database anything."""
    return Rate(name, burst, seconds, max(1, burst // 20))


LOGIN = Rate("login", burst=40, seconds=1.0)
PROGRESS = Rate("progress", burst=10, seconds=6.0)
UPLOAD = Rate("upload", burst=60, seconds=1.0)
CLIENT = Rate("client", burst=200, seconds=0.02)
BAD_TOKEN = Rate("bad-token", burst=20, seconds=1.0)
EXCHANGE = Rate("exchange", burst=300, seconds=0.02)
READ, WRITE, SEARCH, APPLY, ADDRESS = (Rate(name, 1, 1.0) for name in ("read", "write", "search", "apply", "address"))
"""Of every route without a rate of its own, of searches, of applications, and of all requests of one network address: their numbers
are settings (``LIANBAN_READ_RATE``, …), without which they do not count."""
_SETTABLE = frozenset(rate.name for rate in (READ, WRITE, SEARCH, APPLY, ADDRESS))


class TooManyRequests(ApiError):
    """The bucket is empty (429)."""

    def __init__(self, wait_seconds: float) -> None:
        wait = max(1, math.ceil(wait_seconds))
        super().__init__(
            Problem(
                429,
                "too-many-requests",
                "",
                "",
                next=f"请等待 {wait} 秒后再试；已填写的内容不会丢失。",
                next_en=f"Wait {wait} s and try again; nothing that you entered is lost.",
                headers={"Retry-After": str(wait)},
            )
        )


@dataclass(slots=True)
class Buckets:
    """All buckets. ``shared`` counts for the whole deployment: (rate, who, burst, seconds) → seconds to wait, 0: taken.

    ``now`` gives the monotonic seconds of the process's own count; full buckets are forgotten.
    """

    shared: Callable[[str, str, int, float], float] | None = None
    now: Callable[[], float] = time.monotonic
    most: int = 10_000
    settings: Mapping[str, Rate] = field(default_factory=dict)
    """The rates that settings give, by name; one of these that is not here is not counted."""
    _levels: dict[tuple[str, str], tuple[float, float, int]] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def take(self, rate: Rate, who: str) -> None:
        """Take one token. Raises :class:`TooManyRequests`."""
        if rate.name in _SETTABLE:
            found = self.settings.get(rate.name)
            if found is None:
                return
            rate = found
        if not self._take_here(rate, who) or self.shared is None:
            return
        wait = self.shared(rate.name, who, rate.burst // rate.chunk, rate.seconds * rate.chunk)
        if wait > 0 and rate.chunk > 1:
            wait = self.shared(rate.name, who, rate.burst, rate.seconds)
            self._owe(rate, who)
        if wait > 0:
            raise TooManyRequests(wait)

    def _take_here(self, rate: Rate, who: str) -> bool:
        """Count in this process; whether the other processes are to be told now."""
        with self._lock:
            at = self.now()
            level, since, owed = self._levels.get((rate.name, who), (float(rate.burst), at, 0))
            level = min(float(rate.burst), level + (at - since) / rate.seconds)
            if level < 1.0:
                raise TooManyRequests((1.0 - level) * rate.seconds)
            if len(self._levels) >= self.most:
                self._levels.clear()
            owed = 1 if level >= rate.burst else owed + 1
            due = owed >= rate.chunk
            self._levels[rate.name, who] = (level - 1.0, at, 0 if due else owed)
            return due

    def _owe(self, rate: Rate, who: str) -> None:
        """The deployment's bucket is nearly empty: the next request asks it too."""
        with self._lock:
            level, since, _ = self._levels[rate.name, who]
            self._levels[rate.name, who] = (level, since, rate.chunk - 1)
