"""Messages between the people of a case's sites."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from domain.base import Base, SealedJSON


class ContactMessage(Base):
    """一封工作联络: from one site of a case to another. ``text`` (sealed) is what was written; the record keeps its digest.

    ``told``: whom the notice went to: who has the case in hand there (desk), or the site's 联络员 as the contact book knows it
    (``TOLD``). ``read_by_at``: until when it is to be read, in working hours of the receiving site; unread then, it was passed on:
    ``passed_at``, ``passed`` and ``passed_name`` say when, to whom and in what state of the contact book.
    """

    __tablename__ = "contact_messages"
    __table_args__ = (Index("ix_contact_messages_case", "case_id", "id"),)

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("cases.id"))
    from_site_id: Mapped[int] = mapped_column(ForeignKey("sites.id"))
    to_site_id: Mapped[int] = mapped_column(ForeignKey("sites.id"))
    sender_id: Mapped[int]
    sender_name: Mapped[str] = mapped_column(String(80))
    told: Mapped[str] = mapped_column(String(10))
    told_name: Mapped[str] = mapped_column(String(80), default="")
    text: Mapped[Any | None] = mapped_column(SealedJSON("contact_messages.text"))
    sent_at: Mapped[datetime]
    read_by: Mapped[int | None]
    read_name: Mapped[str] = mapped_column(String(80), default="")
    read_at: Mapped[datetime | None]
    read_by_at: Mapped[datetime | None]
    passed_at: Mapped[datetime | None]
    passed: Mapped[str] = mapped_column(String(10), default="", server_default="")
    passed_name: Mapped[str] = mapped_column(String(80), default="", server_default="")
