"""Documents (文书) issued in a case."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from domain.base import Base, SealedJSON


class Document(Base):
    """An issued document: its number, what it says (sealed), who may read it."""

    __tablename__ = "documents"
    __table_args__ = (Index("ix_documents_case", "case_id", "id"),)

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("cases.id"))
    leg_id: Mapped[int] = mapped_column(ForeignKey("legs.id"))
    site_id: Mapped[int] = mapped_column(ForeignKey("sites.id"))
    code: Mapped[str] = mapped_column(String(10))
    title: Mapped[str] = mapped_column(String(100))
    number: Mapped[str] = mapped_column(String(80), unique=True)
    content: Mapped[Any] = mapped_column(SealedJSON("documents.content"))
    """{paragraphs: [{label, text}], legalBasis, remedies, …}: rendered by the web and printable."""
    to_applicant: Mapped[bool] = mapped_column(default=False)
    to_partner: Mapped[bool] = mapped_column(default=False)
    issued_at: Mapped[datetime]
    issued_by: Mapped[int | None]
