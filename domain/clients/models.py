"""Other systems that call this platform's API."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from domain.base import Base


class ApiClient(Base):
    """接口客户端: a system of an integrator. Only the SHA-256 of its token is kept; times are the host's, never the training clock's.

    ``site_id`` None: it serves every site. ``scopes`` say what it may do (:class:`domain.clients.scopes.Scope`), ``topics``
    which external tasks it may fetch (``tax.check``, or ``tax.*`` for all that begin so).
    """

    __tablename__ = "api_clients"
    __table_args__ = (Index("ix_api_clients_site", "site_id", "id"),)

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    name: Mapped[str] = mapped_column(String(50))
    organisation: Mapped[str] = mapped_column(String(120), default="")
    site_id: Mapped[int | None] = mapped_column(ForeignKey("sites.id"))
    scopes: Mapped[list[Any]]
    topics: Mapped[list[Any]]
    items: Mapped[list[Any] | None]
    """Codes of the items whose cases it may see; None: of all."""
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    token_hint: Mapped[str] = mapped_column(String(8))
    """The token's last characters, so that people can tell tokens apart."""
    previous_hash: Mapped[str | None] = mapped_column(String(64), unique=True)
    """The token before the last rotation, good until ``previous_until``: workers change over without a gap."""
    previous_until: Mapped[datetime | None]
    expires_at: Mapped[datetime | None]
    """No token lives longer than the deployment's limit (LIANBAN_API_TOKEN_LONGEST). None (written by an older version): over."""
    created_at: Mapped[datetime]
    created_by: Mapped[int]
    rotated_at: Mapped[datetime | None]
    last_used_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]
