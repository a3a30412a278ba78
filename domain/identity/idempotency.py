"""Idempotency keys: the same POST again gives the first answer again."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from domain.base import Base, SealedBytes


class IdempotencyKey(Base):
    """Remembered answer of a request: (user, key) with the request's digest, so that a reuse for another request is refused."""

    __tablename__ = "idempotency_keys"

    user_id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(String(80), primary_key=True)
    request_digest: Mapped[str] = mapped_column(String(64))
    status: Mapped[int]
    body: Mapped[bytes] = mapped_column(SealedBytes)
    location: Mapped[str | None] = mapped_column(String(300))
    created_at: Mapped[datetime]
