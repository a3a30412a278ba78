"""Secrets that administrators keep for calls to the outside."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from domain.base import Base, SealedBytes


class Secret(Base):
    """A named value, sealed; ``site_id`` None: of the whole platform. Nothing of the value is ever shown again."""

    __tablename__ = "secrets"
    __table_args__ = (UniqueConstraint("site_id", "name", postgresql_nulls_not_distinct=True),)

    id: Mapped[int] = mapped_column(primary_key=True)
    site_id: Mapped[int | None] = mapped_column(ForeignKey("sites.id"))
    name: Mapped[str] = mapped_column(String(60))
    value: Mapped[bytes] = mapped_column(SealedBytes("secrets.value"))
    note: Mapped[str] = mapped_column(String(200), default="")
    created_at: Mapped[datetime]
    changed_at: Mapped[datetime]
    changed_by: Mapped[str] = mapped_column(String(60))
