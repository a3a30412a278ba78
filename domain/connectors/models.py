"""Who may be called, how the hosts are doing, and what was called."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from domain.base import Base


class AllowedHost(Base):
    """A host that connectors of a site (None: of every site) may call, with who allowed it and why. Nothing else is called."""

    __tablename__ = "allowed_hosts"
    __table_args__ = (UniqueConstraint("site_id", "host", "port", postgresql_nulls_not_distinct=True),)

    id: Mapped[int] = mapped_column(primary_key=True)
    site_id: Mapped[int | None] = mapped_column(ForeignKey("sites.id"))
    host: Mapped[str] = mapped_column(String(253))
    port: Mapped[int]
    is_internal: Mapped[bool] = mapped_column(default=False)
    """Its address may be private or loopback: a decision of the platform's administrator."""
    is_plain: Mapped[bool] = mapped_column(default=False)
    """http without TLS; only for internal hosts."""
    secrets: Mapped[list[Any]]
    """Names of the secrets that may be sent there; no other secret leaves for this host."""
    most_at_once: Mapped[int] = mapped_column(default=8)
    """Calls that may run there at the same time, of all nodes together."""
    failures_to_open: Mapped[int] = mapped_column(default=5)
    """Failures in a row after which the host is left alone for ``pause_seconds``."""
    pause_seconds: Mapped[int] = mapped_column(default=60)
    reason: Mapped[str] = mapped_column(String(300))
    changed_at: Mapped[datetime]
    changed_by: Mapped[str] = mapped_column(String(60))


class HostState(Base):
    """Failures of a host in a row; after too many it is left alone until ``open_until`` and jobs wait without losing tries."""

    __tablename__ = "host_states"

    host: Mapped[str] = mapped_column(String(260), primary_key=True)
    """``name:port``."""
    failures: Mapped[int] = mapped_column(default=0)
    open_until: Mapped[datetime | None]
    changed_at: Mapped[datetime]


class HttpCall(Base):
    """One try of a call: method, host, path template, status, duration, sizes. Never a value, header or body."""

    __tablename__ = "http_calls"
    __table_args__ = (
        Index("ix_http_calls_running", "host", postgresql_where=text("state = 'running'")),
        Index("ix_http_calls_site", "site_id", "id"),
    )

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    site_id: Mapped[int | None]
    case_id: Mapped[int | None]
    leg_id: Mapped[int | None]
    element_id: Mapped[str] = mapped_column(String(120), default="")
    key: Mapped[str] = mapped_column(String(120))
    """The job's stable key: equal for all tries."""
    method: Mapped[str] = mapped_column(String(8))
    host: Mapped[str] = mapped_column(String(260))
    path: Mapped[str] = mapped_column(String(300))
    state: Mapped[str] = mapped_column(String(10))
    """running, answered, failed, or abandoned: nobody waits for the answer any more (the case moved on, the node died)."""
    status: Mapped[int | None]
    milliseconds: Mapped[int | None]
    sent_bytes: Mapped[int] = mapped_column(default=0)
    received_bytes: Mapped[int | None]
    error_code: Mapped[str | None] = mapped_column(String(60))
    started_at: Mapped[datetime]
