"""People who log in: staff and applicants, their roles, their sessions."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from domain.base import Base, SealedJSON


class User(Base):
    """A person with an account. ``person`` (sealed): idNo, mobile; ``id_no_blind`` finds an applicant by ID number."""

    __tablename__ = "users"

    id: Mapped[int] = mapped_column(primary_key=True)
    login: Mapped[str] = mapped_column(String(60), unique=True)
    name: Mapped[str] = mapped_column(String(60))
    password_hash: Mapped[str] = mapped_column(String(200))
    is_applicant: Mapped[bool] = mapped_column(default=False)
    is_active: Mapped[bool] = mapped_column(default=True)
    person: Mapped[Any | None] = mapped_column(SealedJSON("users.person"))
    id_no_blind: Mapped[str | None] = mapped_column(String(32), index=True)
    office_phone: Mapped[str] = mapped_column(String(40), default="")
    failed_logins: Mapped[int] = mapped_column(default=0)
    locked_until: Mapped[datetime | None]
    created_at: Mapped[datetime]


class Grant(Base):
    """A role held at a site; platform-wide roles have no site."""

    __tablename__ = "grants"
    __table_args__ = (UniqueConstraint("user_id", "site_id", "role", postgresql_nulls_not_distinct=True),)

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), index=True)
    site_id: Mapped[int | None] = mapped_column(ForeignKey("sites.id"))
    role: Mapped[str] = mapped_column(String(20))


class LoginSession(Base):
    """A log-in; only the SHA-256 of its token is kept. ``expires_at`` uses the host's clock, never the training clock."""

    __tablename__ = "login_sessions"

    token_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), index=True)
    csrf_token: Mapped[str] = mapped_column(String(64))
    created_at: Mapped[datetime]
    last_seen_at: Mapped[datetime]
    expires_at: Mapped[datetime] = mapped_column(index=True)
    user_agent: Mapped[str] = mapped_column(String(200), default="")
