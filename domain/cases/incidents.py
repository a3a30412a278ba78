"""Incidents: what failed in a leg and waits for an administrator; opened and resolved with the engine's."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import cast

from sqlalchemy import Table, insert, select, update

from domain.audit import service as audit
from domain.cases.models import IncidentRow
from domain.cases.rows import LegRow
from domain.context import Context
from engine.contract import Advance

INCIDENTS = cast("Table", IncidentRow.__table__)
MESSAGE_LENGTH = 600


@dataclass(frozen=True, slots=True)
class Trouble:
    """One thing that failed. ``incident_id`` is the engine's, or ``message:…`` / ``work:…`` for the platform's own."""

    incident_id: str
    element_id: str
    code: str
    message: str
    work_id: int | None = None
    attempts: int = 1


def project(ctx: Context, leg: LegRow, advance: Advance) -> None:
    """Resolve what the engine resolved, open what it opened."""
    tried: dict[str, int] = {}
    if advance.resolved_incidents:
        tried = resolve(ctx, leg, list(advance.resolved_incidents))
    for each in advance.incidents:
        attempts = tried.get(each.element_id, 0) + 1
        open_one(ctx, leg, Trouble(each.id, each.element_id, each.code, each.message, attempts=attempts))


def open_one(ctx: Context, leg: LegRow, trouble: Trouble) -> None:
    """Open an incident on the leg and record it (code only: the text may quote a model's expression)."""
    ctx.session.execute(
        insert(INCIDENTS).values(
            incident_id=trouble.incident_id,
            case_id=leg.case_id,
            leg_id=leg.id,
            site_id=leg.site_id,
            element_id=trouble.element_id,
            code=trouble.code[:60],
            message=trouble.message[:MESSAGE_LENGTH],
            attempts=trouble.attempts,
            work_id=trouble.work_id,
            opened_at=ctx.clock.now(),
        )
    )
    _record(ctx, leg, "incident.opened", trouble.element_id, trouble.code)


def list_open(ctx: Context, leg_id: int) -> Sequence[IncidentRow]:
    """The open incidents of a leg, oldest first."""
    query = select(IncidentRow).where(IncidentRow.leg_id == leg_id, IncidentRow.resolved_at.is_(None))
    return ctx.session.scalars(query.order_by(IncidentRow.id)).all()


def resolve(ctx: Context, leg: LegRow, incident_ids: list[str]) -> dict[str, int]:
    """Close incidents of the leg by their ids. Returns how often each element had been tried."""
    closed = ctx.session.execute(
        update(INCIDENTS)
        .where(
            INCIDENTS.c.leg_id == leg.id,
            INCIDENTS.c.incident_id.in_(incident_ids),
            INCIDENTS.c.resolved_at.is_(None),
        )
        .values(resolved_at=ctx.clock.now(), resolved_by=ctx.actor.user_id or None)
        .returning(INCIDENTS.c.element_id, INCIDENTS.c.code, INCIDENTS.c.attempts)
    ).all()
    for element_id, code, _ in closed:
        _record(ctx, leg, "incident.resolved", element_id, code)
    return {element_id: attempts for element_id, _, attempts in closed}


def _record(ctx: Context, leg: LegRow, kind: str, element_id: str, code: str) -> None:
    audit.record_of(ctx, leg, kind, element_id=element_id, data={"code": code})
