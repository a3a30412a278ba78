"""The clock of a transaction: the database's time, so that skew between nodes changes nothing."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Protocol

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from domain.deadlines.models import TrainingClock
from domain.statements import Statement


@dataclass(frozen=True, slots=True)
class DatabaseClock:
    """Reads on from the moment the database named when the transaction began."""

    started: datetime
    _mark: float = field(default_factory=time.monotonic)

    def now(self) -> datetime:
        """Now, in UTC."""
        return self.started + timedelta(seconds=time.monotonic() - self._mark)


_NOW = Statement("select clock_timestamp()")
_NOW_AND_OFFSET = select(
    text("clock_timestamp()"), select(TrainingClock.offset_seconds).where(TrainingClock.id == 1).scalar_subquery()
)


class First(Protocol):
    """The first statement of a transaction: it tells the time, and may bring more on the way."""

    def __call__(self, session: Session, *, training: bool) -> datetime:
        """The database's time, in training mode moved by the adjustable clock's offset."""


def read_database_time(session: Session, *, training: bool) -> datetime:
    """One statement: the database's time, in training mode moved by the adjustable clock's offset."""
    if not training:
        [(moment,)] = _NOW.rows(session, {})
        seconds = 0
    else:
        moment, seconds = session.execute(_NOW_AND_OFFSET).one()
    now: datetime = moment.astimezone(UTC) + timedelta(seconds=seconds or 0)
    return now
