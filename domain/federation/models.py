"""Tables of log-ins by a provider: whom its subjects are here, which sessions hang on it, what was used once, how it is doing."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from domain.base import Base, SealedJSON


class IdentityLink(Base):
    """Whom a subject of an issuer is here. A staff link may wait for its subject and know only the number (工号) that will come.

    ``subject_blind`` and ``number_blind`` find it; ``about`` (sealed) is what they are of: sub, employeeNo, and for a legal person
    the operator's name and number.
    """

    __tablename__ = "identity_links"
    __table_args__ = (
        UniqueConstraint("issuer", "subject_blind"),
        UniqueConstraint("issuer", "number_blind"),
        Index("ix_identity_links_user_id", "user_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    issuer: Mapped[str] = mapped_column(String(300))
    subject_blind: Mapped[str | None] = mapped_column(String(32))
    number_blind: Mapped[str | None] = mapped_column(String(32))
    about: Mapped[Any] = mapped_column(SealedJSON("identity_links.about"))
    created_at: Mapped[datetime]
    created_by: Mapped[int | None]
    """The administrator who made it; None: the person at the first log-in."""
    used_at: Mapped[datetime | None]


class FederatedSession(Base):
    """A session here that a provider's log-in opened or strengthened: its own log-out ends this one, and the other way round."""

    __tablename__ = "federated_sessions"
    __table_args__ = (
        Index("ix_federated_sessions_subject", "issuer", "subject_blind"),
        Index("ix_federated_sessions_sid", "issuer", "sid_blind"),
    )

    number: Mapped[UUID] = mapped_column(ForeignKey("login_sessions.number", ondelete="CASCADE"), primary_key=True)
    provider: Mapped[str] = mapped_column(String(40), primary_key=True)
    issuer: Mapped[str] = mapped_column(String(300))
    link_id: Mapped[int] = mapped_column(ForeignKey("identity_links.id", ondelete="CASCADE"), index=True)
    subject_blind: Mapped[str] = mapped_column(String(32))
    sid_blind: Mapped[str | None] = mapped_column(String(32))
    hint: Mapped[Any | None] = mapped_column(SealedJSON("federated_sessions.hint"))
    """The ID token with which the provider recognises the session at log-out; None when it holds personal data."""


class SpentToken(Base):
    """Something good for one use, used: the state of a log-in, the jti of a log-out notice. Kept until it is too old anyway."""

    __tablename__ = "spent_tokens"

    digest: Mapped[str] = mapped_column(String(64), primary_key=True)
    ends_at: Mapped[datetime] = mapped_column(index=True)


class ProviderState(Base):
    """How a provider did when a node last asked it."""

    __tablename__ = "provider_states"

    provider: Mapped[str] = mapped_column(String(40), primary_key=True)
    checked_at: Mapped[datetime]
    reachable: Mapped[bool]
    problem: Mapped[str] = mapped_column(String(40), default="")
    note: Mapped[str] = mapped_column(String(300), default="")
    note_en: Mapped[str] = mapped_column(String(300), default="")
    keys_at: Mapped[datetime | None]
    key_count: Mapped[int] = mapped_column(default=0)
