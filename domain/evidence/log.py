"""The auditor's view of the record: acts, reads, anchors; newest first, by keyset. Within the actor's scope (DOMAIN §5.2 “Audit log”)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, Select, false, func, select, true

from domain import reach
from domain.actors import Role
from domain.audit.models import AuditAnchor, AuditChain, AuditEvent, AuditRead
from domain.audit.reads import FIELDS, KINDS, PURPOSES
from domain.audit.verifying import Verification, verify_case, verify_sealed
from domain.cases.models import Case
from domain.cases.queries import Frame
from domain.context import Context
from domain.evidence.words import title_of
from domain.identity.roles import role_name
from domain.sites.queries import sites_by_id

Row = AuditEvent | AuditRead
R = TypeVar("R", AuditEvent, AuditRead)


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """Which lines. ``kind`` matches from its beginning (``policy.``); ``config``: only what is outside of cases."""

    case_no: str | None = None
    actor: str | None = None
    site_id: int | None = None
    kind: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    config: bool = False


@dataclass(frozen=True, slots=True)
class State:
    """How the record of a case stands: both chains, and how far they are anchored."""

    events: Verification
    reads: Verification
    reads_waiting: int
    anchored_seq: int
    anchor_number: int | None
    anchored_at: datetime | None


def list_events(
    ctx: Context, wanted: Filter, *, before_id: int | None, limit: int
) -> tuple[list[dict[str, Any]], int | None]:
    """Acts, newest first; the id to go on from."""
    query = _where(ctx, select(AuditEvent), AuditEvent, wanted)
    rows, following = _page(ctx, query, AuditEvent, before_id, limit)
    numbers, sites = _names(ctx, rows)
    return [_event(row, numbers, sites) for row in rows], following


def list_reads(
    ctx: Context, wanted: Filter, *, before_id: int | None, limit: int
) -> tuple[list[dict[str, Any]], int | None]:
    """Reads of personal data, newest first; the id to go on from."""
    query = _where(ctx, select(AuditRead), AuditRead, wanted)
    rows, following = _page(ctx, query, AuditRead, before_id, limit)
    numbers, sites = _names(ctx, rows)
    return [_read(row, numbers, sites) for row in rows], following


def list_anchors(ctx: Context, *, before: int | None, limit: int) -> tuple[list[AuditAnchor], int | None]:
    """Anchors, newest first."""
    query = select(AuditAnchor).order_by(AuditAnchor.number.desc()).limit(limit + 1)
    rows = list(ctx.session.scalars(query if before is None else query.where(AuditAnchor.number < before)))
    return rows[:limit], rows[limit - 1].number if len(rows) > limit else None


def state_of(ctx: Context, frame: Frame) -> State:
    """Check the chains of one case now: as a whole, whoever asks; only the verdict is told."""
    with reach.for_platform(ctx.session):
        return _state_of(ctx, frame)


def _state_of(ctx: Context, frame: Frame) -> State:
    case_id = frame.case.id
    waiting = select(func.count()).where(AuditRead.case_id == case_id, AuditRead.hash.is_(None))
    end = ctx.session.execute(
        select(AuditChain.anchored_seq, AuditChain.anchor_number, AuditAnchor.at)
        .outerjoin(AuditAnchor, AuditAnchor.number == AuditChain.anchor_number)
        .where(AuditChain.name == f"case:{case_id}")
    ).one_or_none()
    return State(
        events=verify_case(ctx, case_id),
        reads=verify_sealed(ctx, f"reads:{case_id}"),
        reads_waiting=ctx.session.scalar(waiting) or 0,
        anchored_seq=end.anchored_seq if end else 0,
        anchor_number=end.anchor_number if end else None,
        anchored_at=end.at if end else None,
    )


def _where(ctx: Context, query: Select[R], model: type[R], wanted: Filter) -> Select[R]:
    conditions: list[ColumnElement[bool]] = [_scope(ctx, model)]
    if wanted.case_no:
        conditions.append(model.case_id == select(Case.id).where(Case.case_no == wanted.case_no).scalar_subquery())
    if wanted.actor:
        conditions.append(model.actor_name == wanted.actor)
    if wanted.site_id is not None:
        conditions.append(model.site_id == wanted.site_id)
    if wanted.kind:
        conditions.append(model.kind.startswith(wanted.kind, autoescape=True))
    if wanted.since is not None:
        conditions.append(model.at >= wanted.since)
    if wanted.until is not None:
        conditions.append(model.at < wanted.until)
    if wanted.config:
        conditions.append(model.case_id.is_(None))
    return query.where(*conditions)


def _scope(ctx: Context, model: type[R]) -> ColumnElement[bool]:
    """Auditors: everything. Platform administrators: what is outside of cases. Supervisors: their region's sites."""
    actor = ctx.actor
    if actor.has(Role.AUDITOR):
        return true()
    if actor.has(Role.PLATFORM_ADMIN):
        return model.case_id.is_(None)
    sites = [site for site, roles in actor.grants.items() if site and Role.SUPERVISOR in roles]
    return model.site_id.in_(sites) if sites else false()


def _page(
    ctx: Context, query: Select[R], model: type[R], before_id: int | None, limit: int
) -> tuple[list[R], int | None]:
    if before_id is not None:
        query = query.where(model.id < before_id)
    rows = list(ctx.session.scalars(query.order_by(model.id.desc()).limit(limit + 1)))
    return rows[:limit], rows[limit - 1].id if len(rows) > limit else None


def _names(ctx: Context, rows: list[R]) -> tuple[dict[int, str], dict[int, str]]:
    ids = {row.case_id for row in rows if row.case_id is not None}
    found = ctx.session.execute(select(Case.id, Case.case_no).where(Case.id.in_(ids))) if ids else ()
    sites = sites_by_id(ctx.session, {row.site_id for row in rows if row.site_id is not None})
    return {row[0]: row[1] for row in found}, {site.id: site.name for site in sites.values()}


def _line(row: Row, numbers: dict[int, str], sites: dict[int, str]) -> dict[str, Any]:
    origin = row.origin or {}
    stood_in = origin.get("for") or {}
    roles = [role_name(code) for code in str(origin.get("role", "")).split(",") if code]
    return {
        "id": row.id,
        "seq": row.seq,
        "at": row.at,
        "kind": row.kind,
        "case_no": numbers.get(row.case_id or 0),
        "site_name": sites.get(row.site_id or 0, ""),
        "actor_name": row.actor_name,
        "for_name": stood_in.get("name"),
        "role": origin.get("role", ""),
        "role_name": "、".join(name for name, _ in roles),
        "role_name_en": ", ".join(name for _, name in roles),
        "node": origin.get("node", ""),
        "session": origin.get("session", ""),
        "data": {name: value for name, value in row.data.items() if name != "sealed"},
        "hash": row.hash.hex() if row.hash else None,
    }


def _event(row: AuditEvent, numbers: dict[int, str], sites: dict[int, str]) -> dict[str, Any]:
    title, title_en = title_of(row.kind, row.data)
    return _line(row, numbers, sites) | {"title": title, "title_en": title_en}


def _read(row: AuditRead, numbers: dict[int, str], sites: dict[int, str]) -> dict[str, Any]:
    title, title_en = KINDS.get(row.kind, (row.kind, row.kind))
    purpose, purpose_en = PURPOSES.get(row.purpose, (row.purpose, row.purpose))
    shown = [FIELDS.get(each, (each, each)) for each in row.fields]
    return _line(row, numbers, sites) | {
        "title": title,
        "title_en": title_en,
        "purpose": purpose,
        "purpose_en": purpose_en,
        "fields": row.fields,
        "field_names": [name for name, _ in shown],
        "field_names_en": [name for _, name in shown],
    }
