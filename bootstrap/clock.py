"""The clock of a transaction: the database's time, so that skew between nodes changes nothing."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from domain.deadlines.models import TrainingClock


@dataclass(frozen=True, slots=True)
class DatabaseClock:
    """Reads on from the moment the database named when the transaction began."""

    started: datetime
    _mark: float = field(default_factory=time.monotonic)

    def now(self) -> datetime:
        """Now, in UTC."""
        return self.started + timedelta(seconds=time.monotonic() - self._mark)


_NOW = select(text("clock_timestamp()"))
_NOW_AND_OFFSET = select(
    text("clock_timestamp()"), select(TrainingClock.offset_seconds).where(TrainingClock.id == 1).scalar_subquery()
)


def read_database_clock(session: Session, *, training: bool) -> DatabaseClock:
    """One statement: the database's time, in training mode moved by the adjustable clock's offset."""
    if not training:
        moment: datetime = session.execute(_NOW).scalar_one()
        return DatabaseClock(moment.astimezone(UTC))
    moment, seconds = session.execute(_NOW_AND_OFFSET).one()
    return DatabaseClock(moment.astimezone(UTC) + timedelta(seconds=seconds or 0))
