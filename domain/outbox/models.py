"""Everything that must happen later or elsewhere is a row of work; messages between legs are rows too."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from domain.base import Base, SealedBytes, SealedJSON


class Work(Base):
    """A job: written in the transaction that caused it, promoted when due, done exactly once.

    ``kind``: timer.fire, message.deliver, deadline.step, certificate.expire, … (docs/architecture.md); ``ref`` is the thing it is
    about (timer id, message id, …). ``state``: pending → promoted → done | cancelled | failed (incident); held while its leg is
    suspended.
    """

    __tablename__ = "work"
    __table_args__ = (
        Index("ix_work_due", "due_at", "id", postgresql_where=text("state = 'pending'")),
        Index("ix_work_promoted", "promoted_at", postgresql_where=text("state = 'promoted'")),
        # "is not null": else a statement by ids and states, planned on old statistics, walks through the whole of it.
        Index(
            "ix_work_leg_open",
            "leg_id",
            postgresql_where=text("leg_id is not null and state in ('pending', 'promoted', 'held')"),
        ),
    )

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    kind: Mapped[str] = mapped_column(String(40))
    queue: Mapped[str] = mapped_column(String(20), default="timer")
    ref: Mapped[str] = mapped_column(String(120))
    case_id: Mapped[int | None]
    leg_id: Mapped[int | None]
    due_at: Mapped[datetime]
    state: Mapped[str] = mapped_column(String(12), default="pending")
    attempts: Mapped[int] = mapped_column(default=0)
    data: Mapped[dict[str, Any]]
    last_error: Mapped[str | None] = mapped_column(String(400))
    created_at: Mapped[datetime]
    promoted_at: Mapped[datetime | None]
    done_at: Mapped[datetime | None]
    trace: Mapped[str | None] = mapped_column(String(64))
    """The trace of the command that caused it (W3C traceparent), when traces are kept."""


class Message(Base):
    """A message between legs, kept by sender and receiver alike. Unique per (direction, sender site, message id): three deliveries are one.

    ``state`` out: queued → acknowledged | failed, or blocked (contract not met: incident); in: received → delivered | parked | rejected.
    """

    __tablename__ = "messages"
    __table_args__ = (
        UniqueConstraint("direction", "sender_code", "message_id"),
        Index("ix_messages_leg", "leg_id"),
        Index("ix_messages_parked", "collab_no", postgresql_where=text("state = 'parked'")),
    )

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    message_id: Mapped[str] = mapped_column(String(64))
    direction: Mapped[str] = mapped_column(String(3))
    name: Mapped[str] = mapped_column(String(80))
    collab_no: Mapped[str] = mapped_column(String(64), index=True)
    item_code: Mapped[str] = mapped_column(String(60))
    sender_code: Mapped[str] = mapped_column(String(40))
    receiver_code: Mapped[str] = mapped_column(String(40))
    sender_participant: Mapped[str] = mapped_column(String(120))
    receiver_participant: Mapped[str] = mapped_column(String(120))
    definition_id: Mapped[int | None]
    case_id: Mapped[int | None]
    leg_id: Mapped[int | None]
    """The leg on this side: the sender's for out, the receiver's for in."""
    payload: Mapped[Any] = mapped_column(SealedJSON("messages.payload"))
    payload_digest: Mapped[str] = mapped_column(String(64))
    manifest: Mapped[list[Any]]
    """Materials that cross with it: [{code, name, sha256, …}]."""
    element_id: Mapped[str] = mapped_column(String(120), default="")
    correlation_key: Mapped[str | None] = mapped_column(String(200))
    raw: Mapped[bytes | None] = mapped_column(SealedBytes("messages.raw"))
    """The signed envelope exactly as sent or received; None until it was built."""
    signature: Mapped[str] = mapped_column(String(120), default="")
    rejection_code: Mapped[str | None] = mapped_column(String(10))
    """−901 and the like (DOMAIN §1.2.5)."""
    state: Mapped[str] = mapped_column(String(16))
    attempts: Mapped[int] = mapped_column(default=0)
    last_error: Mapped[str | None] = mapped_column(String(400))
    created_at: Mapped[datetime]
    sent_at: Mapped[datetime | None]
    acknowledged_at: Mapped[datetime | None]
    delivered_at: Mapped[datetime | None]
    expires_at: Mapped[datetime | None]
    """A parked message is rejected after this moment."""
