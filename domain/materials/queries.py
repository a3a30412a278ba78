"""Materials, files and supplement notices of a case, read."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import exists, or_, select
from sqlalchemy.orm import Session, load_only

from domain.cases import labels, scope
from domain.cases.models import Case, Leg
from domain.cases.queries import frame_of
from domain.cases.scope import Sight
from domain.context import Context
from domain.errors import NotFound
from domain.identity.queries import names_of
from domain.materials.models import BY_NOTICE, File, Material, SupplementNotice


@dataclass(frozen=True, slots=True, kw_only=True)
class MaterialLine:
    """A material of a case. ``file_id`` is None where nothing was handed in or the reader may not open it."""

    id: int
    code: str
    name: str
    required: bool
    state: str
    state_name: str
    state_name_en: str
    file_id: str | None
    file_name: str | None
    sha256: str | None
    origin: str
    origin_name: str
    origin_name_en: str
    verified_by_name: str | None
    verified_at: datetime | None
    note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NoticeLine:
    """A one-time notice: its round, what it asks for, when it was answered."""

    round: int
    entries: list[Any]
    notified_at: datetime
    due_at: datetime | None
    answered_at: datetime | None


def list_materials(session: Session, case_id: int, *, leg_ids: Iterable[int | None]) -> list[MaterialLine]:
    """The materials on these sides of a case: None is the main side, a leg's id what was handed over to that leg."""
    sides = set(leg_ids)
    where = [Material.leg_id.in_([side for side in sides if side is not None])]
    if None in sides:
        where.append(Material.leg_id.is_(None))
    rows = session.execute(
        select(Material, File.name, File.sha256)
        .outerjoin(File, File.id == Material.file_id)
        .where(Material.case_id == case_id, or_(*where))
        .order_by(Material.id)
    ).all()
    people = names_of(session, {row.Material.verified_by for row in rows if row.Material.verified_by})
    asked = _asked(session, case_id) if any(row.Material.note == BY_NOTICE for row in rows) else {}
    return [_line(row.Material, row[1], row[2], people, asked) for row in rows]


def list_notices(session: Session, case_id: int) -> list[NoticeLine]:
    """The case's supplement notices, first round first."""
    rows = session.scalars(
        select(SupplementNotice).where(SupplementNotice.case_id == case_id).order_by(SupplementNotice.round)
    )
    return [
        NoticeLine(
            round=row.round,
            entries=list(row.entries or ()),
            notified_at=row.notified_at,
            due_at=row.due_at,
            answered_at=row.answered_at,
        )
        for row in rows
    ]


def get_file(ctx: Context, file_id: str) -> File:
    """A file that the actor may open. Raises :class:`NotFound`.

    That is: its uploader, the applicant of its case, the desk of the lead site, and of a partner site what was handed over
    to its leg.
    """
    file = ctx.session.get(File, file_id)
    if file is None or not (file.uploaded_by == ctx.actor.user_id or _reachable(ctx, file_id)):
        raise NotFound("没有这个文件。", "There is no such file.")
    return file


def find_place(ctx: Context, file_id: str) -> tuple[int, int | None, int | None] | None:
    """Where a file belongs, for the record: case, leg and applicant; None for a file of a draft."""
    row = ctx.session.execute(
        select(Material.case_id, Material.leg_id, Case.applicant_user_id)
        .join(Case, Case.id == Material.case_id)
        .where(Material.file_id == file_id)
        .order_by(Material.leg_id.is_not(None))
        .limit(1)
    ).first()
    return None if row is None else (row.case_id, row.leg_id, row.applicant_user_id)


def find_file_marks(session: Session, file_ids: Iterable[str]) -> dict[str, File]:
    """Name, type and size of files, without their content."""
    rows = session.scalars(
        select(File)
        .options(
            load_only(
                File.id,
                File.plain_name,
                File.sealed_name,
                File.media_type,
                File.size,
                File.sha256,
                File.uploaded_by,
            )
        )
        .where(File.id.in_(set(file_ids)))
    )
    return {file.id: file for file in rows}


def _reachable(ctx: Context, file_id: str) -> bool:
    desk = scope.sites_of(ctx.actor, scope.DESK)
    material = select(Material.id).where(Material.file_id == file_id)
    of_main = exists(
        material.join(Case, Case.id == Material.case_id).where(
            or_(
                Case.applicant_user_id == ctx.actor.user_id if ctx.actor.user_id else Case.id.is_(None),
                Case.main_site_id.in_(desk),
            )
        )
    )
    if ctx.session.scalar(select(of_main)):
        return True
    handed = select(Material.case_id).join(Leg, Leg.id == Material.leg_id)
    handed = handed.where(Material.file_id == file_id, Leg.site_id.in_(desk), Leg.role != "main").distinct()
    frames = [frame_of(ctx, case_id) for case_id in ctx.session.scalars(handed)]
    return any(frame is not None and frame.view.sight in (Sight.FULL, Sight.PARTNER) for frame in frames)


def _asked(session: Session, case_id: int) -> dict[str, str]:
    """What the newest notice says of each material; it is kept sealed there, and nowhere else."""
    return {
        str(entry["target"]): str(entry["defect"]) for row in list_notices(session, case_id) for entry in row.entries
    }


def _line(
    material: Material, file_name: str | None, sha256: str | None, people: dict[int, str], asked: dict[str, str]
) -> MaterialLine:
    return MaterialLine(
        id=material.id,
        code=material.code,
        name=material.name,
        required=material.is_required,
        state=material.state,
        state_name=labels.name_of(labels.MATERIAL_STATES, material.state),
        state_name_en=labels.name_en_of(labels.MATERIAL_STATES, material.state),
        file_id=material.file_id,
        file_name=file_name,
        sha256=sha256,
        origin=material.origin,
        origin_name=labels.name_of(labels.MATERIAL_ORIGINS, material.origin),
        origin_name_en=labels.name_en_of(labels.MATERIAL_ORIGINS, material.origin),
        verified_by_name=people.get(material.verified_by) if material.verified_by else None,
        verified_at=material.verified_at,
        note=asked.get(material.code, BY_NOTICE) if material.note == BY_NOTICE else material.note,
    )
