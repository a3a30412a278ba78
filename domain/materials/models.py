"""Materials of a case, files and supplement notices."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from domain.base import Base, SealedBytes, SealedJSON, SealedName, SealedText


class File(SealedName, Base):
    """An uploaded file: sniffed type, SHA-256 over the plain bytes; name and content are sealed."""

    __tablename__ = "files"
    __table_args__ = (Index("ix_files_plain_name", "id", postgresql_where=text("name <> ''")),)
    name_place = "files.sealed_name"

    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    plain_name: Mapped[str] = mapped_column("name", String(200), default="")
    sealed_name: Mapped[str | None] = mapped_column(SealedText("files.sealed_name"))
    media_type: Mapped[str] = mapped_column(String(80))
    size: Mapped[int]
    sha256: Mapped[str] = mapped_column(String(64))
    content: Mapped[bytes] = mapped_column(SealedBytes("files.content"))
    uploaded_by: Mapped[int]
    uploaded_at: Mapped[datetime]


class Material(Base):
    """材料 M1…: a requirement of the item in this case and what was handed in for it.

    ``state``: MISSING, SUPPLIED, VERIFIED (原件核验), DEFECT, PROMISED (承诺/容缺), SHARED (数据共享).
    """

    __tablename__ = "materials"
    __table_args__ = (
        Index("ix_materials_case", "case_id"),
        Index("ix_materials_file", "file_id", postgresql_where=text("file_id is not null")),
    )

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("cases.id"))
    leg_id: Mapped[int | None]
    """None: the case's main side; otherwise handed over to that leg."""
    code: Mapped[str] = mapped_column(String(20))
    name: Mapped[str] = mapped_column(String(200))
    is_required: Mapped[bool]
    state: Mapped[str] = mapped_column(String(10))
    file_id: Mapped[str | None] = mapped_column(ForeignKey("files.id"))
    origin: Mapped[str] = mapped_column(String(20), default="")
    method: Mapped[str] = mapped_column(String(20), default="")
    """核验方式: ORIGINAL 原件, SHARED_DATA 数据比对, ELECTRONIC 电子证照, PARTNER 协办地确认."""
    verified_by: Mapped[int | None]
    verified_at: Mapped[datetime | None]
    note: Mapped[str] = mapped_column(String(400), default="")
    updated_at: Mapped[datetime]


BY_NOTICE = "见一次性告知"
"""The note of a material that a notice names: what is wrong is said there, sealed."""


class SupplementNotice(Base):
    """一次性告知: round n with all its entries {target (material code or field), defect, rule, cure}."""

    __tablename__ = "supplement_notices"
    __table_args__ = (UniqueConstraint("case_id", "round"),)

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("cases.id"))
    round: Mapped[int]
    entries: Mapped[Any] = mapped_column(SealedJSON("supplement_notices.entries"))
    reason_code: Mapped[str | None] = mapped_column(String(20))
    new_fact: Mapped[Any | None] = mapped_column(SealedJSON("supplement_notices.new_fact"))
    """Round 2 and later: the text that justifies it."""
    is_override: Mapped[bool] = mapped_column(default=False)
    """A further round without a listed reason, allowed by a leader or supervisor who answers for it."""
    written_by: Mapped[int | None]
    approved_by: Mapped[int | None]
    notified_at: Mapped[datetime]
    due_at: Mapped[datetime | None]
    answered_at: Mapped[datetime | None]
