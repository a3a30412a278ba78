"""The clock of a transaction: the database's time, so that skew between nodes changes nothing."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Protocol

from sqlalchemy.orm import Session

from domain import reach
from domain.reach import Reach
from domain.statements import Statement


@dataclass(frozen=True, slots=True)
class DatabaseClock:
    """Reads on from the moment the database named when the transaction began."""

    started: datetime
    _mark: float = field(default_factory=time.monotonic)

    def now(self) -> datetime:
        """Now, in UTC."""
        return self.started + timedelta(seconds=time.monotonic() - self._mark)


_NOW = Statement(f"select clock_timestamp(), {reach.SETTING}")
_NOW_AND_OFFSET = Statement(
    f"select clock_timestamp(), (select offset_seconds from training_clock where id = 1), {reach.SETTING}"  # noqa: S608 -- a constant
)


class First(Protocol):
    """The first statement of a transaction: it tells the time, and may bring more on the way."""

    def __call__(self, session: Session, *, training: bool) -> datetime:
        """The database's time, in training mode moved by the adjustable clock's offset."""


def read_database_time(session: Session, whose: Reach, *, training: bool) -> datetime:
    """One statement: the database's time, in training mode moved by the adjustable clock's offset; it tells who acts on the way."""
    if not training:
        [(moment, *_)] = _NOW.rows(session, whose.values())
        seconds = 0
    else:
        [(moment, seconds, *_)] = _NOW_AND_OFFSET.rows(session, whose.values())
    now: datetime = moment.astimezone(UTC) + timedelta(seconds=seconds or 0)
    return now
