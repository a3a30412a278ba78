"""Messages that leave a pool: routed by the message flow, cut to its data contract, put into the outbox."""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import orjson
from sqlalchemy import Table, insert

from domain.audit import service as audit
from domain.cases import routing
from domain.cases.errors import PlatformDutyUnknown, SiteUnresolved
from domain.cases.rows import LegRow
from domain.context import Context
from domain.items import contracts
from domain.outbox.contract import ContractFieldMissing, cut, within
from domain.outbox.models import Message
from domain.outbox.work import MESSAGE, SERVICE, NewWork
from domain.sites.models import Site
from engine.contract import MessageFlow, MessageOut, Model

MESSAGES: Table = Message.__table__  # type: ignore[assignment]  # declared as FromClause, is a Table
BLOCKED = "blocked"
"""State of an outgoing message whose contract could not be met: an incident waits for an administrator."""


@dataclass(frozen=True, slots=True)
class Queued:
    """What became of a thrown message: work to deliver it, or why it was held back (``code``, ``reason``)."""

    message_id: int
    work: NewWork | None
    code: str = ""
    reason: str = ""


def queue(ctx: Context, leg: LegRow, model: Model, out: MessageOut) -> Queued:
    """Put one thrown message into the outbox. Raises :class:`PlatformDutyUnknown` when no message flow carries it."""
    flow = flow_of(model, leg.participant_id, out)
    row = _row(ctx, leg, flow, out)
    allowed = contracts.find_contract(ctx.session, leg.case.item_code, leg.case.submitted_at)
    crossing = None if allowed is None else allowed.crossing(flow.message, leg.role)
    try:
        payload = cut(within(flow.fields, crossing), out.payload)
        site = receiver(ctx, leg, model, flow, out.payload)
        row["receiver_code"] = site.code
        _remember(leg, model, flow, site)
    except (ContractFieldMissing, SiteUnresolved) as error:
        message_id = _insert(ctx, row, dict(out.payload), BLOCKED)
        return Queued(message_id, None, error.code, error.fact_zh)
    codes = [code for code in flow.materials if crossing is None or code in crossing.materials]
    if codes and ctx.handlers.offer_materials is not None:
        row["manifest"] = ctx.handlers.offer_materials(ctx, leg, codes)
    message_id = _insert(ctx, row, payload, "queued")
    audit.record_of(
        ctx,
        leg,
        "message.sent",
        element_id=out.element_id,
        data={
            "name": out.message,
            "messageId": row["message_id"],
            "to": flow.target_participant,
            "toSite": row["receiver_code"],
        },
    )
    return Queued(message_id, delivery(ctx, leg, message_id, is_local=site.is_local))


def _row(ctx: Context, leg: LegRow, flow: MessageFlow, out: MessageOut) -> dict[str, Any]:
    """The message as it is kept, before its receiver and what may cross are known."""
    return {
        "message_id": uuid.uuid4().hex,
        "direction": "out",
        "name": out.message,
        "collab_no": leg.case.collab_no,
        "item_code": leg.case.item_code,
        "sender_code": leg.site.code,
        "receiver_code": "",
        "sender_participant": leg.participant_id,
        "receiver_participant": flow.target_participant,
        "definition_id": leg.definition_id,
        "case_id": leg.case_id,
        "leg_id": leg.id,
        "manifest": [],
        "element_id": out.element_id,
        "correlation_key": out.correlation_key,
        "attempts": 0,
        "created_at": ctx.clock.now(),
    }


def _remember(leg: LegRow, model: Model, flow: MessageFlow, site: Site) -> None:
    """With whom the case is handled: whose agreements count at the main site from now on."""
    partner = routing.first_partner(model)
    if leg.role == "main" and partner is not None and partner.id == flow.target_participant:
        leg.case.partner_code = site.code


def delivery(ctx: Context, leg: LegRow, message_id: int, *, is_local: bool = True) -> NewWork:
    """The work that carries a queued message, due now.

    To another deployment it goes with the calls of services, so that one that does not answer holds up nothing at home.
    """
    queue = MESSAGE if is_local else SERVICE
    now = ctx.clock.now()
    return NewWork("message.deliver", str(message_id), now, case_id=leg.case_id, leg_id=leg.id, queue=queue)


def receiver(ctx: Context, leg: LegRow, model: Model, flow: MessageFlow, payload: Mapping[str, Any]) -> Site:
    """The site that runs the receiving pool. Raises :class:`SiteUnresolved`."""
    return routing.receiver_site(ctx, leg, routing.participant_of(model, flow.target_participant), payload)


def receiver_code(ctx: Context, leg: LegRow, model: Model, flow: MessageFlow, payload: Mapping[str, Any]) -> str:
    """Its code. Raises :class:`SiteUnresolved`."""
    return receiver(ctx, leg, model, flow, payload).code


def flow_of(model: Model, participant_id: str, out: MessageOut) -> MessageFlow:
    """The message flow that starts at the throwing element, else the pool's only flow with this message name."""
    flows = [
        flow
        for flow in model.message_flows
        if flow.source_participant == participant_id and flow.message == out.message
    ]
    for flow in flows:
        if flow.source_element == out.element_id:
            return flow
    if not flows:
        raise PlatformDutyUnknown(
            f"消息“{out.message}”没有从本泳池发出的消息流。",
            f"No message flow carries '{out.message}' out of this pool.",
        )
    return flows[0]


def digest(payload: Mapping[str, Any]) -> str:
    """SHA-256 over the canonical JSON of a payload."""
    return hashlib.sha256(orjson.dumps(payload, option=orjson.OPT_SORT_KEYS)).hexdigest()


def _insert(ctx: Context, row: dict[str, Any], payload: dict[str, Any], state: str) -> int:
    values = row | {"payload": payload, "payload_digest": digest(payload), "state": state}
    return int(ctx.session.execute(insert(MESSAGES).values(values).returning(MESSAGES.c.id)).scalar_one())
