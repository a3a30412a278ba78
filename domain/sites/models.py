"""Regions, organisations, sites and the agreed data about them."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from domain.base import Base, SealedBytes


class Region(Base):
    """行政区划 (GB/T 2260): six digits."""

    __tablename__ = "regions"

    code: Mapped[str] = mapped_column(String(12), primary_key=True)
    name: Mapped[str] = mapped_column(String(100))
    parent_code: Mapped[str | None] = mapped_column(ForeignKey("regions.code"))


class Organisation(Base):
    """单位: who stands behind sites, by its 统一社会信用代码 (GB 32100)."""

    __tablename__ = "organisations"

    uscc: Mapped[str] = mapped_column(String(18), primary_key=True)
    name: Mapped[str] = mapped_column(String(200))
    region_code: Mapped[str | None] = mapped_column(ForeignKey("regions.code"))
    phone: Mapped[str] = mapped_column(String(40), default="")
    address: Mapped[str] = mapped_column(String(200), default="")
    is_active: Mapped[bool] = mapped_column(default=True)
    updated_at: Mapped[datetime]


class Site(Base):
    """机构 that acts in cases: a window, a police station, a bureau. ``code`` is what models and messages name."""

    __tablename__ = "sites"

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(String(40), unique=True)
    name: Mapped[str] = mapped_column(String(200))
    short_name: Mapped[str] = mapped_column(String(40))
    region_code: Mapped[str] = mapped_column(ForeignKey("regions.code"))
    province_code: Mapped[str] = mapped_column(String(6))
    sector: Mapped[str] = mapped_column(String(40))
    """Line of business: police, water, …: which items it can act in."""
    uscc: Mapped[str | None] = mapped_column(String(18))
    phone: Mapped[str] = mapped_column(String(40), default="")
    address: Mapped[str] = mapped_column(String(200), default="")
    document_word: Mapped[str] = mapped_column(String(40), default="")
    """机关代字 of document numbers."""
    public_key: Mapped[str | None] = mapped_column(String(60))
    """Ed25519 public key (base64) that signs this site's messages."""
    is_local: Mapped[bool] = mapped_column(default=True)
    """Served by this deployment; otherwise reached over the exchange."""
    endpoint: Mapped[str | None] = mapped_column(String(300))
    """Where another deployment takes this site's messages (https://…/api/v1/exchange/messages); None: none is sent."""
    endpoint_pins: Mapped[str] = mapped_column(String(200), default="", server_default="")
    """SHA-256 of the keys that the endpoint's certificate may have (base64, commas between); empty: any valid certificate."""
    created_at: Mapped[datetime]


class SiteKey(Base):
    """A local site's Ed25519 private key (raw 32 bytes), sealed under the deployment's data key; never leaves this table unsealed."""

    __tablename__ = "site_keys"

    site_id: Mapped[int] = mapped_column(ForeignKey("sites.id"), primary_key=True)
    private_key: Mapped[bytes] = mapped_column(SealedBytes("site_keys.private_key"))
    created_at: Mapped[datetime]
    next_private_key: Mapped[bytes | None] = mapped_column(SealedBytes("site_keys.next_private_key"))
    """The key that takes over when all partners know it (:mod:`domain.trust.key_change`)."""
    next_public_key: Mapped[str | None] = mapped_column(String(60))
    overlap_days: Mapped[int | None]


class FormerSiteKey(Base):
    """A public key that a site signed with before: taken until ``accepted_until``, and kept for what it signed."""

    __tablename__ = "former_site_keys"
    __table_args__ = (UniqueConstraint("site_id", "public_key"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    site_id: Mapped[int] = mapped_column(ForeignKey("sites.id"))
    public_key: Mapped[str] = mapped_column(String(60))
    replaced_at: Mapped[datetime]
    accepted_until: Mapped[datetime]


class Counter(Base):
    """Running numbers: (name, period) → last value, taken under a row lock."""

    __tablename__ = "counters"

    name: Mapped[str] = mapped_column(String(120), primary_key=True)
    period: Mapped[str] = mapped_column(String(10), primary_key=True)
    value: Mapped[int]
