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


def read_database_clock(session: Session, *, training: bool) -> DatabaseClock:
    """One statement: the database's time, in training mode moved by the adjustable clock's offset."""
    now = text("clock_timestamp()")
    if not training:
        moment: datetime = session.execute(select(now)).scalar_one()
        return DatabaseClock(moment.astimezone(UTC))
    offset = select(TrainingClock.offset_seconds).where(TrainingClock.id == 1).scalar_subquery()
    moment, seconds = session.execute(select(now, offset)).one()
    return DatabaseClock(moment.astimezone(UTC) + timedelta(seconds=seconds or 0))
