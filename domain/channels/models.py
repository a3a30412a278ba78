"""Where notices go outside the platform, and what became of each."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from domain.base import Base, SealedJSON


class PersonChannel(Base):
    """A person's own address, given with consent and confirmed by a code sent there. ``categories``: what the person wants."""

    __tablename__ = "person_channels"
    __table_args__ = (UniqueConstraint("user_id", "channel"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    channel: Mapped[str] = mapped_column(String(10))
    """email or sms."""
    address: Mapped[Any] = mapped_column(SealedJSON("person_channels.address"))
    categories: Mapped[list[Any]]
    consent_at: Mapped[datetime]
    confirmed_at: Mapped[datetime | None]
    code_tries: Mapped[int] = mapped_column(default=0)
    code_sent_at: Mapped[datetime]
    leave_token: Mapped[str] = mapped_column(String(64), unique=True)
    """Ends the channel without a log-in (List-Unsubscribe)."""


class SiteChannel(Base):
    """A robot of a site's group, or an SMS gateway; ``site_id`` None: of the platform. Its address is a secret (``secret_name``)."""

    __tablename__ = "site_channels"
    __table_args__ = (Index("ix_site_channels_site", "site_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    site_id: Mapped[int | None] = mapped_column(ForeignKey("sites.id"))
    kind: Mapped[str] = mapped_column(String(10))
    """robot or sms."""
    name: Mapped[str] = mapped_column(String(60))
    provider: Mapped[str] = mapped_column(String(30))
    """What the library calls the service: dingtalk, wecombot, feishu, json, …."""
    secret_name: Mapped[str] = mapped_column(String(60))
    categories: Mapped[list[Any]]
    is_enabled: Mapped[bool] = mapped_column(default=True)
    changed_at: Mapped[datetime]
    changed_by: Mapped[str] = mapped_column(String(60))


class ChannelRule(Base):
    """A site's (or with None the platform's) value of a rule of ``data/rules.json``, with who set it and why."""

    __tablename__ = "channel_rules"
    __table_args__ = (UniqueConstraint("site_id", "key", postgresql_nulls_not_distinct=True),)

    id: Mapped[int] = mapped_column(primary_key=True)
    site_id: Mapped[int | None] = mapped_column(ForeignKey("sites.id"))
    key: Mapped[str] = mapped_column(String(60))
    value: Mapped[str] = mapped_column(String(60))
    reason: Mapped[str] = mapped_column(String(300))
    changed_at: Mapped[datetime]
    changed_by: Mapped[str] = mapped_column(String(60))


class Delivery(Base):
    """One notice to one target: queued → sent | failed, or suppressed (the same was just sent, or the target is gone). No content."""

    __tablename__ = "deliveries"
    __table_args__ = (
        Index("ix_deliveries_site", "site_id", "id"),
        Index("ix_deliveries_recent", "target", "template", "case_id", "created_at"),
        Index("ix_deliveries_failed", "id", postgresql_where=text("state = 'failed'")),
    )

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    notification_id: Mapped[int | None]
    target: Mapped[str] = mapped_column(String(30))
    """``person:<id of the person's channel>`` or ``site:<id of the site's channel>``."""
    channel: Mapped[str] = mapped_column(String(10))
    """email, sms or robot."""
    site_id: Mapped[int | None]
    case_id: Mapped[int | None]
    case_no: Mapped[str] = mapped_column(String(64), default="")
    template: Mapped[str] = mapped_column(String(60))
    state: Mapped[str] = mapped_column(String(12))
    attempts: Mapped[int] = mapped_column(default=0)
    error_code: Mapped[str | None] = mapped_column(String(60))
    created_at: Mapped[datetime]
    due_at: Mapped[datetime]
    sent_at: Mapped[datetime | None]
