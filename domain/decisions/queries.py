"""Deployed decision models, read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import Session

from domain.decisions.models import DecisionVersion
from domain.errors import NotFound
from domain.identity.queries import names_of

_COLUMNS = (
    DecisionVersion.id,
    DecisionVersion.key,
    DecisionVersion.version,
    DecisionVersion.name,
    DecisionVersion.model,
    DecisionVersion.deployed_at,
    DecisionVersion.deployed_by,
    DecisionVersion.note,
    DecisionVersion.digest,
    DecisionVersion.findings,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class VersionLine:
    """A deployed version of a decision model."""

    id: int
    key: str
    version: int
    name: str
    model: dict[str, Any]
    deployed_at: datetime
    deployed_by_name: str
    note: str
    digest: str
    findings: list[Any]


def list_decisions(session: Session) -> list[VersionLine]:
    """The newest version of every decision model, by key."""
    newest = (
        select(*_COLUMNS)
        .ext(distinct_on(DecisionVersion.key))
        .order_by(DecisionVersion.key, DecisionVersion.version.desc())
    )
    return _lines(session, session.execute(newest).all())


def list_versions(session: Session, key: str) -> list[VersionLine]:
    """The versions of a decision model, newest first. Raises :class:`NotFound`."""
    query = select(*_COLUMNS).where(DecisionVersion.key == key).order_by(DecisionVersion.version.desc())
    lines = _lines(session, session.execute(query).all())
    if not lines:
        raise NotFound("没有部署过这个决策模型。", "No version of this decision model was deployed.")
    return lines


def get_version_source(session: Session, version_id: int) -> bytes:
    """The DMN file of a version as it was drawn. Raises :class:`NotFound`."""
    source = session.scalar(select(DecisionVersion.source).where(DecisionVersion.id == version_id))
    if source is None:
        raise NotFound("没有这个决策版本。", "There is no such decision version.")
    return source


def _lines(session: Session, rows: Sequence[Row[Any]]) -> list[VersionLine]:
    people = names_of(session, {row.deployed_by for row in rows})
    return [
        VersionLine(
            id=row.id,
            key=row.key,
            version=row.version,
            name=row.name,
            model=row.model,
            deployed_at=row.deployed_at,
            deployed_by_name=people.get(row.deployed_by, "系统"),
            note=row.note,
            digest=row.digest,
            findings=row.findings,
        )
        for row in rows
    ]
