"""Cases, their legs, and what is open in them. Tasks, subscriptions and incidents are the projection of engine advances."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from domain.base import Base, SealedBytes, SealedJSON


class Case(Base):
    """办件: one application. ``status`` follows the main leg. ``applicant`` and ``application`` are sealed.

    ``subject_masked`` is for lists (张*).
    """

    __tablename__ = "cases"
    __table_args__ = (
        Index("ix_cases_site_open", "main_site_id", "id", postgresql_where=text("closed_at is null")),
        Index("ix_cases_applicant", "applicant_user_id", "id"),
        Index("ix_cases_window", "window_site_id", "id", postgresql_where=text("window_site_id is not null")),
        Index(
            "ix_cases_text",
            "case_no",
            "collab_no",
            "subject_masked",
            postgresql_using="gin",
            postgresql_ops=dict.fromkeys(("case_no", "collab_no", "subject_masked"), "gin_trgm_ops"),
        ),
    )

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    collab_no: Mapped[str] = mapped_column(String(64), unique=True)
    case_no: Mapped[str] = mapped_column(String(60), unique=True)
    query_code: Mapped[str] = mapped_column(String(12), unique=True)
    item_code: Mapped[str] = mapped_column(ForeignKey("items.code"))
    definition_id: Mapped[int] = mapped_column(ForeignKey("definitions.id"))
    main_site_id: Mapped[int] = mapped_column(ForeignKey("sites.id"))
    partner_code: Mapped[str] = mapped_column(String(40), default="", server_default="")
    """The site this case is handled with, as far as it is known: its agreements count at the main site too."""
    applicant_user_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    """None: the case is another deployment's; here it is only the frame of a partner leg."""
    subject_masked: Mapped[str] = mapped_column(String(80), default="")
    application: Mapped[Any] = mapped_column(SealedJSON("cases.application"))
    source: Mapped[str] = mapped_column(String(1), default="2")
    """申报来源代码 (GB/T 39046 A.5)."""
    window_site_id: Mapped[int | None] = mapped_column(ForeignKey("sites.id"))
    """At whose window it was handed in (source 1): there the applicant is served until the end. None: not at a window here."""
    status: Mapped[str] = mapped_column(String(30))
    flags: Mapped[list[Any]]
    result_code: Mapped[str | None] = mapped_column(String(1))
    plain_text: Mapped[str] = mapped_column(String(300), default="")
    plain_text_en: Mapped[str] = mapped_column(String(300), default="")
    supplement_rounds: Mapped[int] = mapped_column(default=0)
    past_return: Mapped[bool] = mapped_column(default=False)
    """The point of no return was passed in any leg."""
    submitted_at: Mapped[datetime]
    accepted_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]
    legal_due_at: Mapped[datetime | None]
    promise_due_at: Mapped[datetime | None]
    updated_at: Mapped[datetime]
    audit_seq: Mapped[int] = mapped_column(default=0)
    audit_head: Mapped[bytes | None]
    erased_at: Mapped[datetime | None]
    """When its personal data was taken out: the time of keeping was over."""


class CaseSubject(Base):
    """Who or what a case is about (mover ID, certificate number), as blind index: the duplicate guard and exact search."""

    __tablename__ = "case_subjects"
    __table_args__ = (
        Index("ix_case_subjects_open", "kind", "blind", unique=True, postgresql_where=text("is_open")),
        Index("ix_case_subjects_blind", "blind"),
    )

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("cases.id"), index=True)
    kind: Mapped[str] = mapped_column(String(40))
    blind: Mapped[str] = mapped_column(String(32))
    is_open: Mapped[bool] = mapped_column(default=True)


class Leg(Base):
    """分办件: one running pool at one site. The row lock of every step is taken here. ``number`` of a partner leg is its own 办件编号."""

    __tablename__ = "legs"
    __table_args__ = (
        UniqueConstraint("case_id", "participant_id"),
        Index("ix_legs_site", "site_id", "id"),
        Index("ix_legs_site_case", "site_id", "case_id"),
        Index("ix_legs_site_open", "site_id", "case_id", postgresql_where=text("ended_at is null")),
        Index("ix_legs_text", "case_no", postgresql_using="gin", postgresql_ops={"case_no": "gin_trgm_ops"}),
    )

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("cases.id"))
    site_id: Mapped[int] = mapped_column(ForeignKey("sites.id"))
    participant_id: Mapped[str] = mapped_column(String(120))
    participant_name: Mapped[str] = mapped_column(String(200))
    process_id: Mapped[str] = mapped_column(String(120))
    role: Mapped[str] = mapped_column(String(10))
    definition_id: Mapped[int] = mapped_column(ForeignKey("definitions.id"))
    case_no: Mapped[str] = mapped_column(String(60), unique=True)
    status: Mapped[str] = mapped_column(String(30), default="")
    result_code: Mapped[str | None] = mapped_column(String(1))
    state: Mapped[bytes] = mapped_column(SealedBytes("legs.state"))
    variables: Mapped[Any] = mapped_column(SealedJSON("legs.variables"))
    received: Mapped[Any | None] = mapped_column(SealedJSON("legs.received"))
    """Partner leg: the contract part of the application that came with the opening message."""
    active_elements: Mapped[list[Any]]
    """Ids of the elements where tokens are."""
    active_since: Mapped[dict[str, Any]]
    """Element id → since when (ISO 8601)."""
    visited: Mapped[list[Any]]
    """Ids of the elements that were entered, first time first: the path on the diagram."""
    taken: Mapped[list[Any]]
    """Ids of the sequence flows that were taken."""
    version: Mapped[int] = mapped_column(default=1)
    past_return: Mapped[bool] = mapped_column(default=False)
    is_suspended: Mapped[bool] = mapped_column(default=False)
    suspend_note: Mapped[str] = mapped_column(String(300), default="")
    started_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    updated_at: Mapped[datetime]


class Task(Base):
    """A user task. ``id`` is the engine's. ``draft`` keeps what was typed and not yet submitted."""

    __tablename__ = "tasks"
    __table_args__ = (
        Index("ix_tasks_leg", "leg_id"),
        Index("ix_tasks_done", "completed_by", "closed_at", "id", postgresql_where=text("state = 'completed'")),
        Index("ix_tasks_assignee_open", "assignee_id", "due_at", postgresql_where=text("state = 'open'")),
    )

    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("cases.id"), index=True)
    leg_id: Mapped[int] = mapped_column(ForeignKey("legs.id"))
    site_id: Mapped[int] = mapped_column(ForeignKey("sites.id"))
    element_id: Mapped[str] = mapped_column(String(120))
    name: Mapped[str] = mapped_column(String(200))
    role: Mapped[str] = mapped_column(String(20))
    form_id: Mapped[str] = mapped_column(String(80))
    context: Mapped[Any | None] = mapped_column(SealedJSON("tasks.context"))
    state: Mapped[str] = mapped_column(String(12), default="open")
    assignee_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    claimed_at: Mapped[datetime | None]
    policy: Mapped[str | None] = mapped_column(String(60))
    due_literal: Mapped[str | None] = mapped_column(String(60))
    """What ``due_at`` was reckoned from at ``opened_at``: the policy's value then, or the model's own literal."""
    due_at: Mapped[datetime | None]
    opened_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]
    completed_by: Mapped[int | None]
    completed_for: Mapped[int | None]
    """For whom it was done under a delegation (代理)."""
    action: Mapped[str | None] = mapped_column(String(40))
    draft: Mapped[Any | None] = mapped_column(SealedJSON("tasks.draft"))
    version: Mapped[int] = mapped_column(default=1)


class Candidate(Base):
    """The inbox's narrow table: a row per open task, ordered by due date within site and role; a sentinel stands for no due date."""

    __tablename__ = "task_candidates"
    __table_args__ = (
        Index("ix_task_candidates_case", "case_id"),
        Index(
            "ix_task_candidates_free",
            "site_id",
            "role",
            "due_at",
            "task_id",
            postgresql_include=["case_id"],
            postgresql_where=text("assignee_id is null"),
        ),
    )

    site_id: Mapped[int] = mapped_column(primary_key=True)
    role: Mapped[str] = mapped_column(String(20), primary_key=True)
    due_at: Mapped[datetime] = mapped_column(primary_key=True)
    task_id: Mapped[str] = mapped_column(String(40), primary_key=True)
    case_id: Mapped[int]
    assignee_id: Mapped[int | None]


class SubscriptionRow(Base):
    """A leg waits for a message."""

    __tablename__ = "subscriptions"
    __table_args__ = (Index("ix_subscriptions_leg", "leg_id"),)

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    leg_id: Mapped[int] = mapped_column(ForeignKey("legs.id"))
    subscription_id: Mapped[str] = mapped_column(String(60))
    element_id: Mapped[str] = mapped_column(String(120))
    message: Mapped[str] = mapped_column(String(80))
    correlation_key: Mapped[str | None] = mapped_column(String(200))


class DataStoreValue(Base):
    """What a process keeps beyond its cases, by definition and name of the data store."""

    __tablename__ = "data_store_values"

    definition_key: Mapped[str] = mapped_column(String(80), primary_key=True)
    name: Mapped[str] = mapped_column(String(120), primary_key=True)
    value: Mapped[Any | None] = mapped_column(SealedJSON("data_store_values.value"))
    updated_at: Mapped[datetime]
    updated_by_leg_id: Mapped[int | None] = mapped_column(BigInteger)


class IncidentRow(Base):
    """Something failed and waits for an administrator: what, where, how often, what to do next. Never personal data."""

    __tablename__ = "incidents"
    __table_args__ = (Index("ix_incidents_open", "opened_at", postgresql_where=text("resolved_at is null")),)

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    incident_id: Mapped[str] = mapped_column(String(60))
    case_id: Mapped[int] = mapped_column(ForeignKey("cases.id"), index=True)
    leg_id: Mapped[int] = mapped_column(ForeignKey("legs.id"), index=True)
    site_id: Mapped[int]
    element_id: Mapped[str] = mapped_column(String(120))
    code: Mapped[str] = mapped_column(String(60))
    message: Mapped[str] = mapped_column(String(600))
    attempts: Mapped[int] = mapped_column(default=1)
    work_id: Mapped[int | None]
    """The failed work behind it; None: the engine waits at the element."""
    opened_at: Mapped[datetime]
    resolved_at: Mapped[datetime | None]
    resolved_by: Mapped[int | None]
