"""Requests to see personal data, given or refused."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from domain.base import Base


class Disclosure(Base):
    """查看原文: one person, one case, one purpose, until ``expires_at``. ``state``: waiting (for a second person), given, refused.

    ``reason`` is the reader's own sentence; the applicant reads it, so it names nobody. ``is_sensitive``: the group 敏感 too.
    """

    __tablename__ = "disclosures"
    __table_args__ = (
        Index("ix_disclosures_case", "case_id", "asked_at"),
        Index("ix_disclosures_user", "user_id", "asked_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("cases.id"))
    site_id: Mapped[int] = mapped_column(ForeignKey("sites.id"))
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    user_name: Mapped[str] = mapped_column(String(60))
    purpose: Mapped[str] = mapped_column(String(20))
    reason: Mapped[str] = mapped_column(String(200))
    order_no: Mapped[str] = mapped_column(String(60), default="")
    is_sensitive: Mapped[bool] = mapped_column(default=False)
    state: Mapped[str] = mapped_column(String(10))
    asked_at: Mapped[datetime]
    decided_by: Mapped[int | None]
    decided_name: Mapped[str] = mapped_column(String(60), default="")
    decided_at: Mapped[datetime | None]
    expires_at: Mapped[datetime | None]
