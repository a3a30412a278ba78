"""Applications: drafts before submission, ratings after the end."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from domain.base import Base, SealedJSON


class ApplicationDraft(Base):
    """An application that is still being filled in."""

    __tablename__ = "application_drafts"
    __table_args__ = (UniqueConstraint("user_id", "item_code"),)

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), index=True)
    item_code: Mapped[str] = mapped_column(ForeignKey("items.code"))
    data: Mapped[Any] = mapped_column(SealedJSON("application_drafts.data"))
    materials: Mapped[list[Any]]
    """[{code, fileId}]"""
    revision: Mapped[int] = mapped_column(default=1)
    updated_at: Mapped[datetime]
    expires_at: Mapped[datetime]


class Rating(Base):
    """好差评: one per case and rated site; ``level`` is an enum name (1 and 5 mean opposite things in the interfaces)."""

    __tablename__ = "ratings"
    __table_args__ = (UniqueConstraint("case_id", "site_id"),)

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("cases.id"))
    site_id: Mapped[int] = mapped_column(ForeignKey("sites.id"))
    level: Mapped[str] = mapped_column(String(20))
    comment: Mapped[Any | None] = mapped_column(SealedJSON("ratings.comment"))
    rated_at: Mapped[datetime]
