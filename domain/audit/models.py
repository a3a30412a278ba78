"""The record: what was done (a chain per case and per site) and what was read (chains of its own); SM3."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from domain.base import Base, SealedBytes


class AuditEvent(Base):
    """Something that happened, e.g. ``task.completed``. ``data`` never holds personal data.

    ``canonical`` are the very bytes that were hashed: ``hash = SM3(prev_hash | canonical)``; ``seq`` counts per case from 1.
    Events outside a case (deployments, policies, log-ins) are chained per site soon after (:mod:`domain.audit.sealing`): until then
    they have no ``seq`` and ``hash``, and their ``canonical`` has no number. ``origin``: role, node, session, on whose behalf.
    """

    __tablename__ = "audit_events"
    __table_args__ = (
        Index("ix_audit_events_case_seq", "case_id", "seq", unique=True),
        Index("ix_audit_events_unsealed", "id", postgresql_where=text("hash is null and canonical is not null")),
        Index("ix_audit_events_site_kind", "site_id", "kind", "id"),
        Index("ix_audit_events_actor", "actor_id", "id"),
    )

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    case_id: Mapped[int | None] = mapped_column(BigInteger)
    seq: Mapped[int | None]
    leg_id: Mapped[int | None] = mapped_column(BigInteger)
    site_id: Mapped[int | None] = mapped_column(ForeignKey("sites.id"))
    kind: Mapped[str] = mapped_column(String(60))
    element_id: Mapped[str | None] = mapped_column(String(120))
    actor_id: Mapped[int | None]
    actor_name: Mapped[str] = mapped_column(String(60), default="")
    at: Mapped[datetime]
    data: Mapped[dict[str, Any]]
    origin: Mapped[dict[str, Any] | None]
    """None: recorded before origins were."""
    canonical: Mapped[bytes | None]
    prev_hash: Mapped[bytes | None]
    hash: Mapped[bytes | None]


class AuditRead(Base):
    """Personal data was read: by whom, for whom, at which site, of which case and person, which kinds of data, what for.

    Never what was read. Written in the transaction of the read, chained soon after (:mod:`domain.audit.sealing`): reads of a case in
    the case's own chain of reads, others (searches) in their site's, so that reading never waits for work on the case.
    """

    __tablename__ = "audit_reads"
    __table_args__ = (
        Index("ix_audit_reads_case", "case_id", "id"),
        Index("ix_audit_reads_site", "site_id", "id"),
        Index("ix_audit_reads_actor", "actor_id", "id"),
        Index("ix_audit_reads_subject", "subject_id", "id"),
        Index("ix_audit_reads_unsealed", "id", postgresql_where=text("hash is null")),
    )

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    case_id: Mapped[int | None] = mapped_column(BigInteger)
    leg_id: Mapped[int | None] = mapped_column(BigInteger)
    site_id: Mapped[int | None] = mapped_column(BigInteger)
    """The reader's site; None: platform-wide roles and applicants."""
    subject_id: Mapped[int | None] = mapped_column(BigInteger)
    """The user whose data it is, where the platform knows one."""
    kind: Mapped[str] = mapped_column(String(40))
    purpose: Mapped[str] = mapped_column(String(20))
    fields: Mapped[list[Any]]
    actor_id: Mapped[int | None] = mapped_column(BigInteger)
    actor_name: Mapped[str] = mapped_column(String(60), default="")
    at: Mapped[datetime]
    data: Mapped[dict[str, Any]]
    origin: Mapped[dict[str, Any]]
    canonical: Mapped[bytes]
    seq: Mapped[int | None]
    prev_hash: Mapped[bytes | None]
    hash: Mapped[bytes | None]


class AuditChain(Base):
    """The end of a chain that is sealed in batches, and how far every chain (also of cases) was anchored.

    ``name``: ``case:ID`` (acts of a case; its end lies on the case row), ``reads:ID`` (reads of a case), ``site:ID`` (acts outside
    cases) and ``lookups:ID`` (reads outside cases) of a site, 0 for the deployment.
    """

    __tablename__ = "audit_chains"
    __table_args__ = (Index("ix_audit_chains_moved", "name", postgresql_where=text("seq <> anchored_seq")),)

    name: Mapped[str] = mapped_column(String(40), primary_key=True)
    seq: Mapped[int]
    head: Mapped[bytes | None]
    anchored_seq: Mapped[int] = mapped_column(default=0)
    anchored_head: Mapped[bytes | None]
    anchor_number: Mapped[int | None]
    """The newest anchor that holds this chain."""


class AuditAnchor(Base):
    """A signed statement over the ends of chains (docs/evidence.md); ``hash`` chains the anchors. ``at`` is the database's own time."""

    __tablename__ = "audit_anchors"
    __table_args__ = (Index("ix_audit_anchors_at", "at"),)

    number: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    at: Mapped[datetime]
    statement: Mapped[bytes]
    """The very bytes that were signed."""
    hash: Mapped[bytes]
    signature: Mapped[bytes]
    key_id: Mapped[str] = mapped_column(String(32))
    leaf_count: Mapped[int]
    events_up_to: Mapped[int]
    """The newest event that was looked at."""
    is_whole: Mapped[bool] = mapped_column(default=False)
    """Every case was looked at, not only those with new events."""
    timestamp_token: Mapped[bytes | None]
    """RFC 3161 token of a time-stamping authority over the statement."""
    published_at: Mapped[datetime | None]


class AuditAnchorLeaf(Base):
    """The end of a chain in an anchor."""

    __tablename__ = "audit_anchor_leaves"
    __table_args__ = (Index("ix_audit_anchor_leaves_chain", "chain", "anchor_number"),)

    anchor_number: Mapped[int] = mapped_column(ForeignKey("audit_anchors.number"), primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True)
    chain: Mapped[str] = mapped_column(String(40))
    seq: Mapped[int]
    head: Mapped[bytes]


class AuditKey(Base):
    """A key that signs anchors and packages (Ed25519); ``id`` is the fingerprint of its public part."""

    __tablename__ = "audit_keys"

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    public_key: Mapped[bytes]
    private_key: Mapped[bytes] = mapped_column(SealedBytes("audit_keys.private_key"))
    created_at: Mapped[datetime]
    retired_at: Mapped[datetime | None]
