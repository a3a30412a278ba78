"""Incidents, work, messages and the record as operators see them: no content, within the actor's scope."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from domain.actors import Role
from domain.audit.models import AuditEvent
from domain.cases import events, labels, outgoing, rows, scope
from domain.cases import service as cases
from domain.cases.models import Case, IncidentRow, Leg
from domain.cases.open_things import incident_line
from domain.cases.queries import Frame
from domain.context import Context
from domain.definitions import store
from domain.errors import Conflict, NotFound
from domain.identity import functions
from domain.outbox import work
from domain.outbox.models import Message, Work
from domain.sites.models import Site


class NotResendable(Conflict):
    """Only a message of our own that has not arrived can be sent again."""

    code = "message-not-resendable"
    title_zh = "该报文不需要补发"
    title_en = "This message need not be sent again"
    next_zh = "只有未送达的发出报文可以补发。"
    next_en = "Only outgoing messages that have not arrived can be sent again."


def list_incidents(
    ctx: Context, state: str, *, before_id: int | None, limit: int
) -> tuple[list[dict[str, Any]], list[Any] | None]:
    """Incidents, newest first."""
    query = (
        select(IncidentRow, Leg.case_no, Leg.definition_id, Site.name)
        .join(Case, Case.id == IncidentRow.case_id)
        .join(Leg, Leg.id == IncidentRow.leg_id)
        .join(Site, Site.id == IncidentRow.site_id)
        .where(scope.visible(ctx.actor))
        .order_by(IncidentRow.id.desc())
        .limit(limit + 1)
    )
    if state != "all":
        query = query.where(
            IncidentRow.resolved_at.is_(None) if state == "open" else IncidentRow.resolved_at.is_not(None)
        )
    if before_id is not None:
        query = query.where(IncidentRow.id < before_id)
    found = ctx.session.execute(query).all()
    lines = [
        incident_line(incident, store.load_elements(ctx.session, definition_id))
        | {
            "case_no": case_no,
            "site_name": site,
            "may_correct": Role.SITE_ADMIN in ctx.actor.roles_at(incident.site_id),
        }
        for incident, case_no, definition_id, site in found[:limit]
    ]
    return lines, [lines[-1]["id"]] if len(found) > limit else None


def list_messages(
    ctx: Context, state: str | None, *, before_id: int | None, limit: int
) -> tuple[list[dict[str, Any]], list[Any] | None]:
    """Messages between sites, newest first, without content."""
    query = (
        select(
            Message.id, Message.name, Message.direction, Message.sender_code, Message.receiver_code, Message.collab_no,
            Message.state, Message.created_at, Message.attempts, Message.last_error, Case.case_no,
        )
        .join(Case, Case.id == Message.case_id)
        .where(scope.visible(ctx.actor))
        .order_by(Message.id.desc())
        .limit(limit + 1)
    )  # fmt: skip
    if state is not None:
        query = query.where(Message.state == state)
    if before_id is not None:
        query = query.where(Message.id < before_id)
    found = ctx.session.execute(query).all()
    codes = {row.sender_code for row in found} | {row.receiver_code for row in found}
    names = dict(ctx.session.execute(select(Site.code, Site.short_name).where(Site.code.in_(codes))).all())
    lines = [
        {
            "id": row.id,
            "name": row.name,
            "direction": row.direction,
            "sender": names.get(row.sender_code, row.sender_code),
            "receiver": names.get(row.receiver_code, row.receiver_code),
            "collab_no": row.collab_no,
            "case_no": row.case_no,
            "state": row.state,
            "state_name": labels.name_of(labels.MESSAGE_STATES, row.state),
            "state_name_en": labels.name_en_of(labels.MESSAGE_STATES, row.state),
            "at": row.created_at,
            "attempts": row.attempts,
            "last_error": row.last_error,
        }
        for row in found[:limit]
    ]
    return lines, [lines[-1]["id"]] if len(found) > limit else None


def list_record(ctx: Context, frame: Frame) -> list[dict[str, Any]]:
    """Every event of a case with its hash."""
    sites = {leg.id: frame.sites[leg.site_id].name for leg in frame.legs}
    return [
        {
            "seq": row.seq,
            "at": row.at,
            "kind": row.kind,
            "title": events.tell(row.kind, row.data, {}).title,
            "site_name": sites.get(row.leg_id or 0, ""),
            "actor_name": row.actor_name,
            "element_id": row.element_id,
            "data": {name: value for name, value in row.data.items() if name != "sealed"},
            "hash": row.hash.hex() if row.hash else None,
        }
        for row in ctx.session.scalars(
            select(AuditEvent).where(AuditEvent.case_id == frame.case.id).order_by(AuditEvent.seq)
        )
    ]


def require_incident(ctx: Context, incident_id: int) -> None:
    """Raise :class:`NotFound` unless the incident is in the actor's scope."""
    query = (
        select(IncidentRow.id)
        .join(Case, Case.id == IncidentRow.case_id)
        .where(IncidentRow.id == incident_id, scope.visible(ctx.actor))
    )
    if ctx.session.scalar(query) is None:
        raise NotFound("没有这个异常。", "There is no such incident.")


def require_leg(ctx: Context, leg_id: int) -> None:
    """Raise :class:`NotFound` unless the leg is in the actor's scope."""
    query = select(Leg.id).join(Case, Case.id == Leg.case_id).where(Leg.id == leg_id, scope.visible(ctx.actor))
    if ctx.session.scalar(query) is None:
        raise NotFound("没有这个分办件。", "There is no such leg.")


def resend(ctx: Context, message_id: int) -> None:
    """Send an outgoing message again: through its incident when there is one, otherwise by new delivery work.

    Raises :class:`NotFound`, :class:`NotResendable`.
    """
    message = ctx.session.execute(
        select(Message.id, Message.direction, Message.state, Message.leg_id)
        .join(Case, Case.id == Message.case_id)
        .where(Message.id == message_id, scope.visible(ctx.actor))
    ).one_or_none()
    if message is None:
        raise NotFound("没有这个报文。", "There is no such message.")
    if message.direction != "out" or message.state == "acknowledged" or message.leg_id is None:
        raise NotResendable("该报文已送达或不是本方发出的。", "It has arrived, or is not ours.")
    site_id = ctx.session.scalar(select(Leg.site_id).where(Leg.id == message.leg_id))
    functions.require(ctx.actor, "replay:resend", site_id=site_id)
    incident = ctx.session.scalar(
        select(IncidentRow.id).where(
            IncidentRow.leg_id == message.leg_id,
            IncidentRow.resolved_at.is_(None),
            (IncidentRow.incident_id == f"message:{message_id}")
            | IncidentRow.work_id.in_(
                select(Work.id).where(Work.kind == "message.deliver", Work.ref == str(message_id))
            ),
        )
    )
    if incident is not None:
        cases.retry_incident(ctx, incident, "replay:resend")
        return
    leg = rows.lock_leg(ctx, message.leg_id)
    work.cancel(ctx, leg_id=leg.id, refs=[str(message_id)])
    work.add(ctx, [outgoing.delivery(ctx, leg, message_id)])
