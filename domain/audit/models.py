"""The record: one hash chain per case (SM3); timelines are read from it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from domain.base import Base


class AuditEvent(Base):
    """Something that happened, e.g. ``task.completed``. ``data`` never holds personal data.

    ``canonical`` are the very bytes that were hashed: ``hash = SM3(prev_hash | canonical)``; ``seq`` counts per case from 1.
    Events outside a case (deployments, log-ins) have no ``case_id`` and no chain.
    """

    __tablename__ = "audit_events"
    __table_args__ = (Index("ix_audit_events_case_seq", "case_id", "seq", unique=True),)

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    case_id: Mapped[int | None] = mapped_column(BigInteger)
    seq: Mapped[int | None]
    leg_id: Mapped[int | None] = mapped_column(BigInteger)
    site_id: Mapped[int | None] = mapped_column(ForeignKey("sites.id"))
    kind: Mapped[str] = mapped_column(String(60))
    element_id: Mapped[str | None] = mapped_column(String(120))
    actor_id: Mapped[int | None]
    actor_name: Mapped[str] = mapped_column(String(60), default="")
    at: Mapped[datetime]
    data: Mapped[dict[str, Any]]
    canonical: Mapped[bytes | None]
    prev_hash: Mapped[bytes | None]
    hash: Mapped[bytes | None]
