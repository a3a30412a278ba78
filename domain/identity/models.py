"""People who log in: staff and applicants, their roles, their sessions, what they prove themselves with, who acts for whom.

Times of log-ins, sessions and factors are the host's, never the training clock's; a delegation's are the deployment's.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint, false, func, text
from sqlalchemy.orm import Mapped, mapped_column

from domain.base import Base, NameText, SealedBytes, SealedJSON, SealedName, SealedText


class User(SealedName, Base):
    """A person with an account. ``person`` (sealed): idNo, mobile; ``id_no_blind`` finds an applicant by ID number."""

    __tablename__ = "users"
    __table_args__ = (Index("ix_users_plain_name", "id", postgresql_where=text("name <> ''")),)
    name_place = "users.sealed_name"

    id: Mapped[int] = mapped_column(primary_key=True)
    login: Mapped[str] = mapped_column(String(60), unique=True)
    plain_name: Mapped[str] = mapped_column("name", String(60), default="")
    sealed_name: Mapped[str | None] = mapped_column(SealedText("users.sealed_name"))
    password_hash: Mapped[str] = mapped_column(String(200))
    is_applicant: Mapped[bool] = mapped_column(default=False)
    is_active: Mapped[bool] = mapped_column(default=True)
    person: Mapped[Any | None] = mapped_column(SealedJSON("users.person"))
    id_no_blind: Mapped[str | None] = mapped_column(String(32), index=True)
    office_phone: Mapped[str] = mapped_column(String(40), default="")
    failed_logins: Mapped[int] = mapped_column(default=0)
    locked_until: Mapped[datetime | None]
    created_at: Mapped[datetime]
    must_change_password: Mapped[bool] = mapped_column(default=False, server_default=false())
    password_changed_at: Mapped[datetime | None]
    second_factor_due_at: Mapped[datetime | None]
    """Until when a second factor has to be set up (host time); None: nobody asked for it yet."""


def open_name(stored: bytes) -> str:
    """The name of an account as a bare statement reads it."""
    return NameText(User.name_place).process_result_value(bytes(stored), None) or ""


class Grant(Base):
    """A role held at a site; platform-wide roles have no site."""

    __tablename__ = "grants"
    __table_args__ = (UniqueConstraint("user_id", "site_id", "role", postgresql_nulls_not_distinct=True),)

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), index=True)
    site_id: Mapped[int | None] = mapped_column(ForeignKey("sites.id"))
    role: Mapped[str] = mapped_column(String(20))


class RoleException(Base):
    """一人兼岗: a person holds, by exception, a role whose steps another role of theirs at the site is kept apart from.

    In no leg does the person do both (:mod:`domain.identity.separation`); the exception only lets the site have one person for
    both. It has a reason and a last day, after which the role is taken back.
    """

    __tablename__ = "role_exceptions"
    __table_args__ = (
        Index(
            "uq_role_exceptions_open",
            "user_id",
            "site_id",
            "role",
            unique=True,
            postgresql_where=text("ended_at is null"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    site_id: Mapped[int] = mapped_column(ForeignKey("sites.id"))
    role: Mapped[str] = mapped_column(String(20))
    reason: Mapped[str] = mapped_column(String(300))
    ends_on: Mapped[date]
    given_by: Mapped[int]
    given_name: Mapped[str] = mapped_column(String(80))
    given_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]


class LoginSession(Base):
    """A log-in; only the SHA-256 of its token is kept. All times are the host's clock, never the training clock.

    ``number`` names it to people and other tables and stays when the token changes. ``expires_at`` slides with use and never
    passes ``ends_at``. ``methods`` are those proved so far (RFC 8176: pwd, otp, …), newest proof at ``authenticated_at``;
    ``level`` is how surely the identity is known (:class:`domain.identity.sessions.Level`). ``must``: what is left to do before
    the session is good for anything else (:class:`domain.identity.sessions.Must`).
    """

    __tablename__ = "login_sessions"
    __table_args__ = (Index("uq_login_sessions_number", "number", unique=True),)

    token_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), index=True)
    csrf_token: Mapped[str] = mapped_column(String(64))
    created_at: Mapped[datetime]
    last_seen_at: Mapped[datetime]
    expires_at: Mapped[datetime] = mapped_column(index=True)
    user_agent: Mapped[str] = mapped_column(String(200), default="")
    number: Mapped[UUID] = mapped_column(server_default=func.gen_random_uuid())
    authenticated_at: Mapped[datetime | None]
    ends_at: Mapped[datetime | None]
    level: Mapped[str] = mapped_column(String(20), default="", server_default="")
    methods: Mapped[list[Any]] = mapped_column(server_default=text("'[\"pwd\"]'"))
    address: Mapped[str] = mapped_column(String(64), default="", server_default="")
    """Coarse: the network, not the machine (:func:`domain.identity.sessions.coarse_address`)."""
    must: Mapped[str | None] = mapped_column(String(20))


class FormerPassword(Base):
    """Hash of a password that was used before, so that it is not taken again soon."""

    __tablename__ = "password_history"
    __table_args__ = (Index("ix_password_history_user", "user_id", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    password_hash: Mapped[str] = mapped_column(String(200))
    set_at: Mapped[datetime]


class LoginFailures(Base):
    """Failures in a row by log-in name (known or not) or by address; ``key`` is a keyed fingerprint, not the name."""

    __tablename__ = "login_failures"
    __table_args__ = (Index("ix_login_failures_last", "last_at"),)

    kind: Mapped[str] = mapped_column(String(10), primary_key=True)
    key: Mapped[str] = mapped_column(String(64), primary_key=True)
    failures: Mapped[int]
    closed_until: Mapped[datetime | None]
    last_at: Mapped[datetime]


class SecondFactor(Base):
    """A person's time-based code generator (RFC 6238); ``last_step`` is the newest step whose code was taken."""

    __tablename__ = "second_factors"

    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), primary_key=True, autoincrement=False)
    secret: Mapped[bytes] = mapped_column(SealedBytes("second_factors.secret"))
    created_at: Mapped[datetime]
    confirmed_at: Mapped[datetime | None]
    last_step: Mapped[int | None]


class RecoveryCode(Base):
    """One of ten codes for the day the telephone is lost: the first characters find the row, the rest is hashed."""

    __tablename__ = "recovery_codes"

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    lookup: Mapped[str] = mapped_column(String(8))
    code_hash: Mapped[str] = mapped_column(String(200))
    used_at: Mapped[datetime | None]
    __table_args__ = (Index("ix_recovery_codes_user", "user_id"),)


class FactorRemoval(Base):
    """Somebody lost the second factor: one administrator asks for its removal, having made sure who asks; another one agrees."""

    __tablename__ = "factor_removals"
    __table_args__ = (Index("ix_factor_removals_user", "user_id", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    asked_by: Mapped[int]
    asked_at: Mapped[datetime]
    reason: Mapped[str] = mapped_column(String(200))
    proof: Mapped[str] = mapped_column(String(20))
    """How the asker made sure that it is the person (:class:`domain.identity.factor_removals.IdentityCheck`)."""
    decided_by: Mapped[int | None]
    decided_at: Mapped[datetime | None]
    agreed: Mapped[bool | None]


class KnownDevice(Base):
    """A browser a person logged in with before: only the SHA-256 of person and cookie is kept."""

    __tablename__ = "known_devices"

    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), primary_key=True, autoincrement=False)
    device_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    first_at: Mapped[datetime]
    last_at: Mapped[datetime] = mapped_column(index=True)


class ResetCode(Base):
    """A code with which a person sets a new password once; only its SHA-256 is kept."""

    __tablename__ = "reset_codes"
    __table_args__ = (Index("ix_reset_codes_user", "user_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    code_hash: Mapped[str] = mapped_column(String(64))
    created_by: Mapped[int]
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


class Delegation(Base):
    """代理: one person's role at a site, done by another for a time. ``items`` None: of every item. Times: the deployment's clock.

    ``state``: asked → accepted | declined; either may be ended (``ended_at``, ``ended_by``) before ``ends_at``.
    """

    __tablename__ = "delegations"
    __table_args__ = (
        Index("ix_delegations_delegate", "delegate_id", "ends_at"),
        Index("ix_delegations_delegator", "delegator_id", "ends_at"),
        Index("ix_delegations_site", "site_id", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    delegator_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    delegate_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    site_id: Mapped[int] = mapped_column(ForeignKey("sites.id"))
    role: Mapped[str] = mapped_column(String(20))
    items: Mapped[list[Any] | None]
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    reason: Mapped[str] = mapped_column(String(200))
    state: Mapped[str] = mapped_column(String(12))
    asked_by: Mapped[int]
    asked_at: Mapped[datetime]
    answered_at: Mapped[datetime | None]
    ended_by: Mapped[int | None]
    ended_at: Mapped[datetime | None]
