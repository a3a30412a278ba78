"""Idempotency keys: the same POST again gives the first answer again."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import Index, String, delete
from sqlalchemy.orm import Mapped, mapped_column

from domain.base import Base, SealedBytes
from domain.context import Context

LIFETIME: Final = timedelta(days=2)
"""How long a request may be repeated and still gets its first answer."""


class IdempotencyKey(Base):
    """Remembered answer of a request: (user, key) with the request's digest, so that a reuse for another request is refused."""

    __tablename__ = "idempotency_keys"
    __table_args__ = (Index("ix_idempotency_keys_created", "created_at", postgresql_using="brin"),)

    user_id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(String(80), primary_key=True)
    request_digest: Mapped[str] = mapped_column(String(64))
    status: Mapped[int]
    body: Mapped[bytes] = mapped_column(SealedBytes("idempotency_keys.body"))
    location: Mapped[str | None] = mapped_column(String(300))
    created_at: Mapped[datetime]


def drop_old(ctx: Context) -> int:
    """Delete answers that nobody waits for any more. Returns how many."""
    old = delete(IdempotencyKey).where(IdempotencyKey.created_at < ctx.clock.now() - LIFETIME)
    return ctx.session.connection().execute(old).rowcount
