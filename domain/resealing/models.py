"""How far sealing anew has come."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from domain.base import Base


class Resealing(Base):
    """One run over all sealed columns and blind indices, to the key and version that were in use when it began.

    ``fence``: once all nodes said that they use them, a transaction (xid8) that began then. Only what is older may still write
    under another key, so the run ends after it.
    """

    __tablename__ = "resealings"

    id: Mapped[int] = mapped_column(primary_key=True)
    key_id: Mapped[int]
    blind_version: Mapped[int]
    reason: Mapped[str] = mapped_column(String(200), default="")
    started_by: Mapped[str] = mapped_column(String(60))
    started_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]
    fence: Mapped[int | None]


class ResealingPart(Base):
    """One column of it. ``broken`` values did not open; ``after`` is the key of the last row looked at (JSON)."""

    __tablename__ = "resealing_parts"
    __table_args__ = (UniqueConstraint("resealing_id", "place"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    resealing_id: Mapped[int] = mapped_column(ForeignKey("resealings.id"))
    place: Mapped[str] = mapped_column(String(120))
    done: Mapped[int] = mapped_column(default=0)
    broken: Mapped[int] = mapped_column(default=0)
    passes: Mapped[int] = mapped_column(default=0)
    finished_at: Mapped[datetime | None]
