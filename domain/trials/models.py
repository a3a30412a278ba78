"""Trials: a designer's private run of models. Nothing here touches cases; everything goes when the trial goes."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from domain.base import Base, SealedBytes, SealedJSON

_OF_TRIAL = "trials.id"


class Trial(Base):
    """A trial of one owner. Its clock stands at ``now`` until it is moved; ``services`` is ``complete`` or ``hold``.

    ``results`` are canned results of service tasks by type or element id; ``constants`` overrule what expressions of our
    dialect see of a case (site, deadlines, …); ``stores`` are the data stores by name. ``last_seq`` numbers the history,
    ``deployments`` the sets of resources.
    """

    __tablename__ = "trials"
    __table_args__ = (Index("ix_trials_owner_id_id", "owner_id", "id"), Index("ix_trials_expires_at", "expires_at"))

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    owner_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    name: Mapped[str] = mapped_column(String(200))
    region_code: Mapped[str] = mapped_column(String(12))
    services: Mapped[str] = mapped_column(String(10))
    results: Mapped[Any] = mapped_column(SealedJSON("trials.results"))
    constants: Mapped[Any] = mapped_column(SealedJSON("trials.constants"))
    stores: Mapped[Any] = mapped_column(SealedJSON("trials.stores"))
    now: Mapped[datetime]
    last_seq: Mapped[int] = mapped_column(default=0)
    deployments: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]


class TrialDefinition(Base):
    """A resource of a trial. ``source`` is shown, ``xml`` runs; the engine knows it by ``digest`` (of ``xml``).

    ``kind`` is ``bpmn`` or ``dmn``; ``dialect`` says what the file was written for; ``changes`` is the importer's report,
    ``forms`` are the forms that it made, by id.
    """

    __tablename__ = "trial_definitions"
    __table_args__ = (Index("ix_trial_definitions_digest", "digest"),)

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    trial_id: Mapped[int] = mapped_column(ForeignKey(_OF_TRIAL, ondelete="CASCADE"), index=True)
    deployment: Mapped[int]
    name: Mapped[str] = mapped_column(String(200))
    kind: Mapped[str] = mapped_column(String(10))
    dialect: Mapped[str] = mapped_column(String(20))
    source: Mapped[bytes]
    xml: Mapped[bytes]
    digest: Mapped[str] = mapped_column(String(64))
    model: Mapped[dict[str, Any]]
    findings: Mapped[list[Any]]
    changes: Mapped[list[Any]]
    forms: Mapped[dict[str, Any]]
    deployed_at: Mapped[datetime]


class TrialInstance(Base):
    """A process instance of a trial. ``state`` is the engine's; ``open`` what it waits for (:class:`engine.contract.Snapshot`).

    ``open_ids`` are the ids of its open tasks, jobs and incidents; ``group_id`` is the instance that set a collaboration going:
    messages along message flows stay inside the group.
    """

    __tablename__ = "trial_instances"
    __table_args__ = (
        Index("ix_trial_instances_trial_id_status", "trial_id", "status"),
        Index("ix_trial_instances_open_ids", "open_ids", postgresql_using="gin"),
    )

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    trial_id: Mapped[int] = mapped_column(ForeignKey(_OF_TRIAL, ondelete="CASCADE"))
    definition_id: Mapped[int] = mapped_column(ForeignKey("trial_definitions.id", ondelete="CASCADE"))
    process_id: Mapped[str] = mapped_column(String(255))
    parent_id: Mapped[int | None]
    group_id: Mapped[int | None]
    status: Mapped[str] = mapped_column(String(10))
    state: Mapped[bytes] = mapped_column(SealedBytes("trial_instances.state"))
    open: Mapped[Any] = mapped_column(SealedJSON("trial_instances.open"))
    open_ids: Mapped[list[Any]]
    application: Mapped[Any] = mapped_column(SealedJSON("trial_instances.application"))
    next_due_at: Mapped[datetime | None]
    incident_count: Mapped[int]
    started_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]


class TrialEvent(Base):
    """One line of a trial's history; ``kind`` as in docs/trials.md. ``definition_id`` is the resource that has the element."""

    __tablename__ = "trial_events"
    __table_args__ = (Index("ix_trial_events_instance_id", "instance_id"),)

    trial_id: Mapped[int] = mapped_column(ForeignKey(_OF_TRIAL, ondelete="CASCADE"), primary_key=True)
    seq: Mapped[int] = mapped_column(primary_key=True)
    instance_id: Mapped[int | None]
    at: Mapped[datetime]
    kind: Mapped[str] = mapped_column(String(30))
    definition_id: Mapped[int | None]
    element_id: Mapped[str | None] = mapped_column(String(255))
    element_type: Mapped[str | None] = mapped_column(String(40))
    element_name: Mapped[str | None] = mapped_column(String(300))
    data: Mapped[Any | None] = mapped_column(SealedJSON("trial_events.data"))


class TrialMessage(Base):
    """A message that came to a trial or was thrown in it; ``state`` is delivered, started, buffered, discarded or expired.

    ``message_id`` is the sender's (a second one is a duplicate); ``target_process`` and ``group_id`` bind one that goes along a
    message flow, ``only_instance_id`` one that was addressed to an instance.
    """

    __tablename__ = "trial_messages"
    __table_args__ = (
        UniqueConstraint("trial_id", "message_id"),
        Index(
            "ix_trial_messages_buffered",
            "trial_id",
            "id",
            postgresql_where=text("state = 'buffered'"),
        ),
    )

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    trial_id: Mapped[int] = mapped_column(ForeignKey(_OF_TRIAL, ondelete="CASCADE"))
    message_id: Mapped[str | None] = mapped_column(String(100))
    name: Mapped[str] = mapped_column(String(255))
    correlation_key: Mapped[str | None] = mapped_column(String(255))
    payload: Mapped[Any] = mapped_column(SealedJSON("trial_messages.payload"))
    state: Mapped[str] = mapped_column(String(12))
    instance_id: Mapped[int | None]
    only_instance_id: Mapped[int | None]
    target_process: Mapped[str | None] = mapped_column(String(255))
    group_id: Mapped[int | None]
    sender_id: Mapped[int | None]
    sent_at: Mapped[datetime]
    expires_at: Mapped[datetime]


class TrialStart(Base):
    """A timer start event that waits: when it is due next, and for a cycle its interval and how often it comes again."""

    __tablename__ = "trial_starts"

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    trial_id: Mapped[int] = mapped_column(ForeignKey(_OF_TRIAL, ondelete="CASCADE"), index=True)
    definition_id: Mapped[int] = mapped_column(ForeignKey("trial_definitions.id", ondelete="CASCADE"))
    process_id: Mapped[str] = mapped_column(String(255))
    element_id: Mapped[str] = mapped_column(String(255))
    due_at: Mapped[datetime]
    interval: Mapped[str | None] = mapped_column(String(60))
    remaining: Mapped[int | None]
