"""Who was told of a new key; anchors of partners that were countersigned here, and countersignatures of ours."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from domain.base import Base


class KeyNotice(Base):
    """A partner that has to know a site's next key. ``answered_at``: when it took it."""

    __tablename__ = "key_notices"
    __table_args__ = (Index("ix_key_notices_open", "site_id", postgresql_where=text("answered_at is null")),)

    id: Mapped[int] = mapped_column(primary_key=True)
    site_id: Mapped[int] = mapped_column(ForeignKey("sites.id"))
    partner_id: Mapped[int] = mapped_column(ForeignKey("sites.id"))
    public_key: Mapped[str] = mapped_column(String(60))
    created_at: Mapped[datetime]
    answered_at: Mapped[datetime | None]


class ForeignAnchor(Base):
    """An anchor of another deployment that a site of ours countersigned: the same number never with another statement."""

    __tablename__ = "foreign_anchors"
    __table_args__ = (UniqueConstraint("site_id", "number"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    site_id: Mapped[int] = mapped_column(ForeignKey("sites.id"))
    """The site there that sent it."""
    key_id: Mapped[str] = mapped_column(String(32))
    number: Mapped[int]
    statement: Mapped[bytes]
    signature: Mapped[bytes]
    countersignature: Mapped[bytes]
    """The answer that was given (canonical JSON), given again when the same anchor comes again."""
    received_at: Mapped[datetime]


class Countersignature(Base):
    """A partner's word that it saw an anchor of ours: ``statement`` (canonical JSON) signed with the partner site's key."""

    __tablename__ = "countersignatures"
    __table_args__ = (UniqueConstraint("anchor_number", "partner_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    anchor_number: Mapped[int]
    site_id: Mapped[int] = mapped_column(ForeignKey("sites.id"))
    """The site of ours that asked."""
    partner_id: Mapped[int] = mapped_column(ForeignKey("sites.id"))
    partner_key: Mapped[str | None] = mapped_column(String(60))
    statement: Mapped[bytes | None]
    signature: Mapped[str | None] = mapped_column(String(100))
    asked_at: Mapped[datetime]
    answered_at: Mapped[datetime | None]
