"""Buckets of rate limits: one small row for each caller and rate that is not full."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import LargeBinary
from sqlalchemy.orm import Mapped, mapped_column

from domain.base import Base


class RateBucket(Base):
    """A bucket by the digest of rate and caller: nobody's address or name lies here. ``full_at``: when it is full again.

    Unlogged: taking a token writes nothing to the log of the database; after a crash all buckets are full.
    """

    __tablename__ = "rate_buckets"
    __table_args__ = {"prefixes": ["UNLOGGED"]}  # noqa: RUF012 -- SQLAlchemy reads this as a plain class attribute

    key: Mapped[bytes] = mapped_column(LargeBinary(16), primary_key=True)
    full_at: Mapped[datetime]
