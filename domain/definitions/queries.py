"""Definitions, drafts and forms, read."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Integer, String, column, func, select, table
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import Session, load_only

from domain import reach
from domain.definitions.models import Definition, Draft, Form
from domain.errors import NotFound
from domain.identity.queries import names_of

CASES = table(
    "cases",
    column("id", BigInteger),
    column("definition_id", Integer),
    column("closed_at", String),
)
"""Cases lie in a higher room; counting the running ones needs no more than this."""


@dataclass(frozen=True, slots=True)
class DraftMark:
    """That somebody works on a draft."""

    revision: int
    saved_at: datetime
    saved_by_name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class VersionLine:
    """A deployed version."""

    id: int
    key: str
    version: int
    name: str
    deployed_at: datetime
    deployed_by_name: str
    note: str
    digest: str
    running_cases: int
    findings: list[Any]

    @property
    def finding_count(self) -> int:
        """How many warnings the version was deployed with."""
        return len(self.findings)


@dataclass(frozen=True, slots=True)
class KeyLine:
    """A process: its newest version, its draft, and how many cases run on any of its versions."""

    key: str
    name: str
    latest: VersionLine | None
    draft: DraftMark | None
    running_cases: int


@dataclass(frozen=True, slots=True)
class FormLine:
    """The newest version of a form."""

    form_id: str
    version: int
    title: str
    published_at: datetime


def deployed_keys(session: Session) -> frozenset[str]:
    """Keys that have a deployed version."""
    return frozenset(session.scalars(select(Definition.key).distinct()))


def list_definitions(session: Session) -> list[KeyLine]:
    """Every process with a version or a draft, by key."""
    versions: dict[str, list[VersionLine]] = {}
    for version in _versions(session, None):
        versions.setdefault(version.key, []).append(version)
    drafts = {
        draft.key: draft
        for draft in session.scalars(
            select(Draft).options(load_only(Draft.key, Draft.name, Draft.revision, Draft.saved_at, Draft.saved_by))
        )
    }
    people = names_of(session, {draft.saved_by for draft in drafts.values()})
    lines = []
    for key in sorted({*versions, *drafts}):
        mine, draft = versions.get(key, []), drafts.get(key)
        mark = DraftMark(draft.revision, draft.saved_at, people.get(draft.saved_by, "")) if draft else None
        name = draft.name if draft and not mine else mine[0].name
        running = sum(version.running_cases for version in mine)
        lines.append(KeyLine(key, name, mine[0] if mine else None, mark, running))
    return lines


def list_versions(session: Session, key: str) -> list[VersionLine]:
    """The versions of a process, newest first. Raises :class:`NotFound`."""
    lines = _versions(session, key)
    if not lines:
        raise NotFound("没有部署过这个流程。", "No version of this process was deployed.")
    return lines


def get_version_source(session: Session, definition_id: int) -> bytes:
    """The model as its designer drew it. Raises :class:`NotFound`."""
    source = session.scalar(select(Definition.source).where(Definition.id == definition_id))
    if source is None:
        raise NotFound("没有这个流程版本。", "There is no such definition.")
    return source


def get_draft(session: Session, key: str) -> Draft:
    """The draft of a process. Raises :class:`NotFound`."""
    draft = session.scalar(select(Draft).where(Draft.key == key))
    if draft is None:
        raise NotFound("没有这个草稿。", "There is no such draft.")
    return draft


def find_version_number(session: Session, definition_id: int | None) -> int | None:
    """The version number of a definition id."""
    if definition_id is None:
        return None
    return session.scalar(select(Definition.version).where(Definition.id == definition_id))


def get_form(session: Session, form_id: str) -> Form:
    """The newest published version of a form. Raises :class:`NotFound`."""
    form = session.scalar(select(Form).where(Form.form_id == form_id).order_by(Form.version.desc()).limit(1))
    if form is None:
        raise NotFound("没有这个表单。", "There is no such form.")
    return form


def list_forms(session: Session) -> list[FormLine]:
    """The newest version of every form, by id."""
    rows = session.execute(
        select(Form.form_id, Form.version, Form.schema["title"].as_string().label("title"), Form.published_at)
        .ext(distinct_on(Form.form_id))
        .order_by(Form.form_id, Form.version.desc())
    )
    return [FormLine(row.form_id, row.version, row.title or row.form_id, row.published_at) for row in rows]


def _versions(session: Session, key: str | None) -> list[VersionLine]:
    running = (
        select(func.count())
        .select_from(CASES)
        .where(CASES.c.definition_id == Definition.id, CASES.c.closed_at.is_(None))
        .correlate(Definition)
        .scalar_subquery()
        .label("running")
    )
    query = select(
        Definition.id,
        Definition.key,
        Definition.version,
        Definition.name,
        Definition.deployed_at,
        Definition.deployed_by,
        Definition.note,
        Definition.digest,
        Definition.findings,
        running,
    ).order_by(Definition.key, Definition.version.desc())
    with reach.for_platform(session):  # of the cases only their number is told
        rows = session.execute(query if key is None else query.where(Definition.key == key)).all()
    people = names_of(session, {row.deployed_by for row in rows})
    return [
        VersionLine(
            id=row.id,
            key=row.key,
            version=row.version,
            name=row.name,
            deployed_at=row.deployed_at,
            deployed_by_name=people.get(row.deployed_by, "系统"),
            note=row.note,
            digest=row.digest,
            running_cases=row.running,
            findings=row.findings,
        )
        for row in rows
    ]
