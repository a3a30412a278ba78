"""Service items (事项): what a citizen can apply for, with guide, fields, materials and routing."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, String, UniqueConstraint, func
from sqlalchemy.orm import Mapped, mapped_column

from domain.base import Base


class Item(Base):
    """One item of the plan. ``code`` is the slug used by definitions (``hukou-join-parents``); ``sheet`` its sheet as in items.json.

    ``apply_form_id`` and ``definition_key`` are set when the item can be applied for here.
    ``implementation_code`` is the 31-digit 实施编码 when one is official; otherwise numbers are provisional (DOMAIN §3.6).
    """

    __tablename__ = "items"

    code: Mapped[str] = mapped_column(String(60), primary_key=True)
    no: Mapped[int] = mapped_column(unique=True)
    name: Mapped[str] = mapped_column(String(200))
    name_en: Mapped[str] = mapped_column(String(200))
    mode: Mapped[str] = mapped_column(String(20))
    sector: Mapped[str] = mapped_column(String(40), default="")
    definition_key: Mapped[str | None] = mapped_column(String(60))
    apply_form_id: Mapped[str | None] = mapped_column(String(80))
    implementation_code: Mapped[str | None] = mapped_column(String(50))
    sheet: Mapped[dict[str, Any]]
    """items.json entry plus ``guide`` (texts), ``materials`` (code, name, need, gap, needIf FEEL, partner) and ``routing``."""
    edition: Mapped[int] = mapped_column(default=0, server_default="0")
    """Of an item that was entered here; 0: it comes with the product."""


class ItemEdition(Base):
    """An edition of an item that was entered here, as its file said it. None is ever changed; the newest is the item."""

    __tablename__ = "item_editions"
    __table_args__ = (UniqueConstraint("item_code", "edition"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    item_code: Mapped[str] = mapped_column(ForeignKey("items.code"))
    edition: Mapped[int]
    content: Mapped[dict[str, Any]]
    note: Mapped[str] = mapped_column(String(300), default="")
    published_by: Mapped[int | None]
    published_at: Mapped[datetime]


class DataContract(Base):
    """An edition of an item's data contract: what may cross between its sites (DOMAIN §5.3). None is ever changed.

    The newest whose time has come is in force for new cases; a case keeps the one that was in force when it began.

    ``content``: {basis, messages: [{message, name, from: main | partner, purpose, fields: [{path, name}], materials: [code]}],
    documents: [{code, name}]}.
    """

    __tablename__ = "data_contracts"
    __table_args__ = (UniqueConstraint("item_code", "version"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    item_code: Mapped[str] = mapped_column(ForeignKey("items.code"))
    version: Mapped[int]
    content: Mapped[dict[str, Any]]
    note: Mapped[str] = mapped_column(String(300), default="")
    published_by: Mapped[int | None]
    """None: came with the product."""
    published_at: Mapped[datetime]
    in_force_from: Mapped[datetime] = mapped_column(server_default=func.now())
    """Never before that of the edition before."""
