"""Deletion that was asked for, and what stops it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from domain.base import Base


class LegalHold(Base):
    """A case that must not be deleted (a lawsuit, a review, an audit) until it is released."""

    __tablename__ = "legal_holds"
    __table_args__ = (
        Index("ix_legal_holds_open", "case_id", unique=True, postgresql_where=text("released_at is null")),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("cases.id"))
    site_id: Mapped[int] = mapped_column(ForeignKey("sites.id"))
    reason: Mapped[str] = mapped_column(String(200))
    held_by: Mapped[str] = mapped_column(String(60))
    held_at: Mapped[datetime]
    released_by: Mapped[str] = mapped_column(String(60), default="")
    released_at: Mapped[datetime | None]


class Erasure(Base):
    """Cases of a site whose time of keeping is over: asked for by one person, agreed to by another, done in batches.

    ``state``: asked, refused, running, done. ``case_ids``: what the second person saw; each is looked at again before it goes.
    """

    __tablename__ = "erasures"
    __table_args__ = (Index("ix_erasures_site", "site_id", "asked_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    site_id: Mapped[int] = mapped_column(ForeignKey("sites.id"))
    state: Mapped[str] = mapped_column(String(10))
    case_ids: Mapped[list[Any]]
    done: Mapped[int] = mapped_column(default=0)
    kept: Mapped[int] = mapped_column(default=0)
    reason: Mapped[str] = mapped_column(String(200))
    asked_by: Mapped[int]
    asked_name: Mapped[str] = mapped_column(String(60))
    asked_at: Mapped[datetime]
    decided_by: Mapped[int | None]
    decided_name: Mapped[str] = mapped_column(String(60), default="")
    decided_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]
