"""Household registrations (常住人口登记) as this platform mirrors them: enough for the saga's invariant."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from domain.base import Base, SealedJSON


class Registration(Base):
    """A person's registration at a site. Exactly one is ACTIVE per person outside a transfer window.

    ``state``: ACTIVE → MOVE_OUT_PENDING (迁出待落户) → CANCELLED | ACTIVE (恢复户口).
    """

    __tablename__ = "registrations"
    __table_args__ = (
        Index("ix_registrations_active", "person_blind", unique=True, postgresql_where=text("state = 'ACTIVE'")),
        Index("ix_registrations_pending", "since", postgresql_where=text("state = 'MOVE_OUT_PENDING'")),
    )

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    person_blind: Mapped[str] = mapped_column(String(32), index=True)
    person: Mapped[Any] = mapped_column(SealedJSON("registrations.person"))
    site_id: Mapped[int] = mapped_column(ForeignKey("sites.id"))
    state: Mapped[str] = mapped_column(String(20))
    case_id: Mapped[int | None]
    since: Mapped[datetime]
    updated_at: Mapped[datetime]
