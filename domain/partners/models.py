"""Partnerships, contacts and lists of responsibilities."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from domain.base import Base, SealedJSON


class Partnership(Base):
    """联盟或协作关系: regions that opened items to each other, by an agreement, for a time.

    An item that no partnership in force names is open everywhere; one that is named is open to the regions named with it.
    """

    __tablename__ = "partnerships"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(120), unique=True)
    agreement: Mapped[str] = mapped_column(String(200))
    """文号 or name of the agreement."""
    regions: Mapped[list[Any]]
    """Codes of GB/T 2260; trailing pairs of zeros stand for everything within (530000: the province)."""
    items: Mapped[list[Any]]
    valid_from: Mapped[date]
    valid_until: Mapped[date | None]
    updated_by: Mapped[int]
    updated_at: Mapped[datetime]


class Contact(Base):
    """联络员: who answers for a unit (and an item, empty: all), with a deputy (R-08.2). ``private`` (sealed): mobile numbers.

    ``user_id`` and ``deputy_user_id``: their accounts here, which notices go to; None: nobody chose one (a unit of another
    deployment, or an entry that is to be completed).
    """

    __tablename__ = "contacts"
    __table_args__ = (UniqueConstraint("site_id", "item_code"), Index("ix_contacts_confirmed", "confirmed_at"))

    id: Mapped[int] = mapped_column(primary_key=True)
    site_id: Mapped[int] = mapped_column(ForeignKey("sites.id"))
    item_code: Mapped[str] = mapped_column(String(60), default="")
    user_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    name: Mapped[str] = mapped_column(String(60))
    office_phone: Mapped[str] = mapped_column(String(40))
    duty_time: Mapped[str] = mapped_column(String(120))
    deputy_user_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    deputy_name: Mapped[str] = mapped_column(String(60), default="")
    deputy_phone: Mapped[str] = mapped_column(String(40), default="")
    private: Mapped[Any | None] = mapped_column(SealedJSON("contacts.private"))
    is_public: Mapped[bool] = mapped_column(default=True)
    """The office phone and duty time stand in the public directory; names and mobiles never do."""
    confirmed_by: Mapped[int]
    confirmed_at: Mapped[datetime]
    reminded_at: Mapped[datetime | None]
    updated_at: Mapped[datetime]


class ContractDraft(Base):
    """An edition of a data contract that is not in force yet: drawn up by one person, approved by one site of each side.

    ``content`` as in :class:`domain.items.models.DataContract`. ``approvals``: [{side: main | partner, siteId, userId, at}]; a change of
    the draft takes them all back. ``state``: open, published or dropped; at most one of an item is open.
    """

    __tablename__ = "contract_drafts"
    __table_args__ = (
        Index("uq_contract_drafts_open", "item_code", unique=True, postgresql_where=text("state = 'open'")),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    item_code: Mapped[str] = mapped_column(ForeignKey("items.code"))
    based_on: Mapped[int]
    """The edition that it was drawn from (0: there is none)."""
    content: Mapped[dict[str, Any]]
    note: Mapped[str] = mapped_column(String(300))
    in_force_on: Mapped[date]
    """The day in China from whose beginning it is to be in force; past when it is approved: at once."""
    revision: Mapped[int] = mapped_column(default=1)
    state: Mapped[str] = mapped_column(String(10), default="open")
    approvals: Mapped[list[Any]]
    drafted_by: Mapped[int]
    """0: the command line."""
    drafted_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]
    closing_note: Mapped[str] = mapped_column(String(300), default="")


class ResponsibilityList(Base):
    """权责清单 of an item, versioned (R-03.1). ``entries``: [{stage, stageEn, leg, role, duty, dutyEn, basis}]."""

    __tablename__ = "responsibility_lists"
    __table_args__ = (UniqueConstraint("item_code", "version"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    item_code: Mapped[str] = mapped_column(String(60))
    version: Mapped[int]
    entries: Mapped[list[Any]]
    note: Mapped[str] = mapped_column(String(400))
    published_by: Mapped[int]
    published_at: Mapped[datetime]
