"""What staff ask for and a leader decides about a case's time; the national exchange calls both 特别程序 (GB/T 39046 A.7)."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from domain.base import Base


class Procedure(Base):
    """Asked by one person, decided by another; a special procedure then runs until somebody ends it.

    ``kind``: EXTENSION (延长审批), or the reason that stops the clock (HEARING, TEST, EXPERT, …).
    ``state``: ASKED → REFUSED, or for an extension DONE, or for a special procedure RUNNING → DONE.
    """

    __tablename__ = "procedures"
    __table_args__ = (
        Index("ix_procedures_case", "case_id", "id"),
        Index(
            "ix_procedures_open", "case_id", "kind", unique=True, postgresql_where=text("state in ('ASKED', 'RUNNING')")
        ),
    )

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("cases.id"))
    leg_id: Mapped[int] = mapped_column(ForeignKey("legs.id"))
    kind: Mapped[str] = mapped_column(String(20))
    state: Mapped[str] = mapped_column(String(10))
    days: Mapped[int]
    """Working days: how long it takes, or by how many the time is extended."""
    reason: Mapped[str] = mapped_column(String(400))
    applicant_does: Mapped[str] = mapped_column(String(400), default="")
    """What the applicant is asked to do meanwhile."""
    legal_ground: Mapped[str] = mapped_column(String(200))
    asked_by: Mapped[int]
    asked_name: Mapped[str] = mapped_column(String(80))
    asked_at: Mapped[datetime]
    decided_by: Mapped[int | None]
    decided_name: Mapped[str] = mapped_column(String(80), default="")
    decided_at: Mapped[datetime | None]
    opinion: Mapped[str] = mapped_column(String(400), default="")
    document_id: Mapped[int | None]
    expected_end_at: Mapped[datetime | None]
    ended_by: Mapped[int | None]
    ended_name: Mapped[str] = mapped_column(String(80), default="")
    ended_at: Mapped[datetime | None]
    conclusion: Mapped[str] = mapped_column(String(400), default="")
