"""Deployed decision models (never changed) and the decisions they hold."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from domain.base import Base


class DecisionVersion(Base):
    """A deployed version of a DMN file. ``key`` is a slug; the highest version is the latest.

    ``source`` is what the designer drew, ``plan`` what the kernel evaluates (imported models included as they were then),
    ``model`` what the file says of itself (:class:`engine.decisions.contract.DecisionModel` as JSON).
    """

    __tablename__ = "decision_versions"
    __table_args__ = (UniqueConstraint("key", "version"), Index("ix_decision_versions_namespace", "namespace", "id"))

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(String(60))
    version: Mapped[int]
    name: Mapped[str] = mapped_column(String(200))
    namespace: Mapped[str] = mapped_column(String(600))
    source: Mapped[bytes]
    digest: Mapped[str] = mapped_column(String(64))
    model: Mapped[dict[str, Any]]
    plan: Mapped[dict[str, Any]]
    plan_digest: Mapped[str] = mapped_column(String(64))
    findings: Mapped[list[Any]]
    note: Mapped[str] = mapped_column(String(400), default="")
    deployed_by: Mapped[int]
    deployed_at: Mapped[datetime]


class Decision(Base):
    """A decision or decision service of a version, as processes name it: by its id, perhaps with a version tag."""

    __tablename__ = "decisions"
    __table_args__ = (Index("ix_decisions_decision_id", "decision_id", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    version_id: Mapped[int] = mapped_column(ForeignKey("decision_versions.id", ondelete="CASCADE"), index=True)
    decision_id: Mapped[str] = mapped_column(String(255))
    plan_key: Mapped[str] = mapped_column(String(900))
    name: Mapped[str] = mapped_column(String(200))
    version_tag: Mapped[str] = mapped_column(String(100), default="")
