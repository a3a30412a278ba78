"""Time is a dependency: nothing in this product asks the host for the time but the real clock here."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Protocol
from zoneinfo import ZoneInfo

CHINA = ZoneInfo("Asia/Shanghai")
"""Civil time of every Chinese region (one time zone by law)."""


class Clock(Protocol):
    """Gives the present moment, UTC-aware."""

    def now(self) -> datetime:
        """Now."""


@dataclass(frozen=True, slots=True)
class SystemClock:
    """The host's clock, plus the offset of a deployment in training mode."""

    offset: timedelta = timedelta(0)

    def now(self) -> datetime:
        """Now, in UTC."""
        return datetime.now(UTC) + self.offset


HOST = SystemClock()
"""The host's clock, never moved by training mode: log-ins and their expiry."""


@dataclass(slots=True)
class FixedClock:
    """A clock that stands until it is set: for tests and replays."""

    at: datetime

    def now(self) -> datetime:
        """The time it was set to."""
        return self.at

    def advance(self, by: timedelta) -> None:
        """Move forward."""
        self.at += by
