"""Deletion that was asked for, and what stops it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from domain.base import Base


class LegalHold(Base):
    """A case that must not be deleted (a lawsuit, a review, an audit) until it is released or its day has come.

    It holds from the moment one person asks; a second one agrees (``agreed_at``) or refuses, which releases it. Releasing it earlier is
    asked for by one person (``release_asked_at``) and agreed to by another.
    """

    __tablename__ = "legal_holds"
    __table_args__ = (
        Index("ix_legal_holds_open", "case_id", unique=True, postgresql_where=text("released_at is null")),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("cases.id"))
    site_id: Mapped[int] = mapped_column(ForeignKey("sites.id"))
    reason: Mapped[str] = mapped_column(String(200))
    held_by: Mapped[str] = mapped_column(String(60))
    held_by_id: Mapped[int | None]
    held_at: Mapped[datetime]
    until_at: Mapped[datetime | None]
    agreed_by: Mapped[str] = mapped_column(String(60), default="", server_default="")
    agreed_at: Mapped[datetime | None]
    release_reason: Mapped[str] = mapped_column(String(200), default="", server_default="")
    release_asked_by: Mapped[str] = mapped_column(String(60), default="", server_default="")
    release_asked_by_id: Mapped[int | None]
    release_asked_at: Mapped[datetime | None]
    released_by: Mapped[str] = mapped_column(String(60), default="")
    released_at: Mapped[datetime | None]


class Erasure(Base):
    """Cases or materials of a site whose time of keeping is over: asked for by one person, agreed to by another, done in batches.

    ``state``: asked, refused, running, done. ``case_ids``: what the second person saw; each is looked at again before it goes.
    ``what``: cases, or materials, of which then ``case_ids`` are the numbers.
    """

    __tablename__ = "erasures"
    __table_args__ = (Index("ix_erasures_site", "site_id", "asked_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    site_id: Mapped[int] = mapped_column(ForeignKey("sites.id"))
    state: Mapped[str] = mapped_column(String(10))
    what: Mapped[str] = mapped_column(String(10), default="cases", server_default="cases")
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
