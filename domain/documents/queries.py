"""Issued documents (文书), read."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, false, or_, select, true
from sqlalchemy.orm import Session

from domain.documents.models import Document
from domain.errors import NotFound
from domain.sites.models import Site


@dataclass(frozen=True, slots=True)
class DocumentLine:
    """A document in a list."""

    id: int
    code: str
    title: str
    number: str
    issued_at: datetime
    site_name: str
    to_applicant: bool


@dataclass(frozen=True, slots=True)
class Sheet:
    """A document to read and print."""

    title: str
    number: str
    issued_at: datetime
    site_name: str
    content: dict[str, Any]


def for_applicant() -> ColumnElement[bool]:
    """What the applicant may read."""
    return Document.to_applicant.is_(True)


def for_partner(leg_ids: Collection[int], codes: Collection[str] | None = None) -> ColumnElement[bool]:
    """What a partner site may read: its own legs' documents and those meant for it that the item's contract lists (None: all)."""
    meant = Document.to_partner if codes is None else and_(Document.to_partner, Document.code.in_(codes))
    return or_(Document.leg_id.in_(leg_ids), meant)


def for_nobody() -> ColumnElement[bool]:
    """What somebody may read whose access has ended: nothing."""
    return false()


def for_lead() -> ColumnElement[bool]:
    """What the lead site may read."""
    return true()


def list_documents(session: Session, case_id: int, readable: ColumnElement[bool]) -> list[DocumentLine]:
    """The documents of a case, oldest first."""
    rows = session.execute(
        select(
            Document.id,
            Document.code,
            Document.title,
            Document.number,
            Document.issued_at,
            Site.name,
            Document.to_applicant,
        )
        .join(Site, Site.id == Document.site_id)
        .where(Document.case_id == case_id, readable)
        .order_by(Document.id)
    )
    return [DocumentLine(*row) for row in rows]


def get_document(session: Session, case_id: int, document_id: int, readable: ColumnElement[bool]) -> Sheet:
    """A document of a case. Raises :class:`NotFound`."""
    row = session.execute(
        select(Document, Site.name)
        .join(Site, Site.id == Document.site_id)
        .where(Document.case_id == case_id, Document.id == document_id, readable)
    ).one_or_none()
    if row is None:
        raise NotFound("没有这份文书。", "There is no such document.")
    document: Document = row.Document
    return Sheet(document.title, document.number, document.issued_at, row.name, dict(document.content or {}))
