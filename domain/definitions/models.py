"""Process definitions: deployed versions (never changed) and drafts (the designers' work)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from domain.base import Base


class Definition(Base):
    """A deployed version. ``key`` is the item code or any slug; the highest active version serves new cases.

    ``source`` is what the designer drew (opened again in the designer), ``xml`` the normalised model that runs,
    ``model`` its :class:`engine.contract.Model` as JSON, ``forms`` maps form id to the form version used, ``decisions`` the ids
    of decisions that are bound at deployment to the decision then newest.
    """

    __tablename__ = "definitions"
    __table_args__ = (UniqueConstraint("key", "version"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(String(60))
    version: Mapped[int]
    name: Mapped[str] = mapped_column(String(200))
    source: Mapped[bytes]
    xml: Mapped[bytes]
    digest: Mapped[str] = mapped_column(String(64))
    model: Mapped[dict[str, Any]]
    forms: Mapped[dict[str, Any]]
    decisions: Mapped[dict[str, Any]] = mapped_column(default=dict)
    findings: Mapped[list[Any]]
    note: Mapped[str] = mapped_column(String(400), default="")
    deployed_by: Mapped[int]
    deployed_at: Mapped[datetime]


class Draft(Base):
    """A model somebody works on. ``revision`` guards against lost updates (ETag)."""

    __tablename__ = "definition_drafts"

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(String(60), unique=True)
    name: Mapped[str] = mapped_column(String(200))
    source: Mapped[bytes]
    based_on: Mapped[int | None] = mapped_column(ForeignKey("definitions.id"))
    revision: Mapped[int] = mapped_column(default=1)
    saved_by: Mapped[int]
    saved_at: Mapped[datetime]


class Form(Base):
    """A published form version (form-js schema). ``kernel_digest`` names the kernel it was checked with."""

    __tablename__ = "forms"
    __table_args__ = (UniqueConstraint("form_id", "version"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    form_id: Mapped[str] = mapped_column(String(80))
    version: Mapped[int]
    schema: Mapped[dict[str, Any]]
    digest: Mapped[str] = mapped_column(String(64))
    kernel_digest: Mapped[str] = mapped_column(String(64))
    published_at: Mapped[datetime]
