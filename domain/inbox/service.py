"""Messages from sites: signature, once only, contract; then the leg hears it, it opens the leg, or it is parked."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select

from domain.audit import service as audit
from domain.cases import beginning, environment, routing, rows, runtime
from domain.cases.outgoing import digest
from domain.cases.projection import Cause
from domain.cases.rows import CaseRow, LegRow
from domain.context import Context
from domain.deadlines import due
from domain.definitions import store
from domain.definitions.store import Deployed
from domain.inbox import filing, rejections, senders
from domain.inbox.filing import Receipt
from domain.inbox.rejections import BadSignature, OutsideContract, Rejected, SenderUnknown
from domain.items import contracts
from domain.items.contracts import Crossing
from domain.items.models import Item
from domain.outbox import envelope as envelopes
from domain.outbox import work
from domain.outbox.contract import ContractFieldMissing, cut, within
from domain.outbox.envelope import Envelope
from domain.outbox.models import Message
from domain.outbox.work import NewWork
from domain.sites import keys
from domain.sites.models import Site
from engine.contract import Advance, Environment, MessageFlow, Model
from engine.facade import Engine

PARKED_FOR = "message.parked"
"""Policy: how long an early message waits for somebody who wants it."""


@dataclass(frozen=True, slots=True)
class Incoming:
    """A message that was let in: its row and its ends."""

    row_id: int
    envelope: Envelope
    receiver: Site


def receive(ctx: Context, raw: bytes, signature: str) -> Receipt:
    """Take a signed envelope. The same message again changes nothing and gives the first answer.

    Raises :class:`EnvelopeUnreadable`, :class:`SenderUnknown`, :class:`BadSignature`; anything else wrong is a receipt
    with state ``rejected`` and a code, which the sender keeps.
    """
    envelope = envelopes.read(raw)
    sender = _site(ctx, envelope.sender.site)
    if sender is None or not sender.public_key:
        raise SenderUnknown("发送单位不存在或没有登记公钥（-42）。", "The sender has no key here (-42).")
    if not keys.verify_of(ctx, sender, raw, signature):
        raise BadSignature("报文签名与发送单位不符（-50）。", "The signature is not the sender's (-50).")
    row_id = filing.note(ctx, envelope, raw, signature)
    if row_id is None:
        return filing.first_answer(ctx, envelope)
    savepoint = ctx.session.begin_nested()
    try:
        receiver = _site(ctx, envelope.receiver.site)
        if receiver is None or not receiver.is_local:
            raise Rejected(rejections.RECEIVER_UNKNOWN)  # noqa: TRY301 -- one place turns refusals into receipts
        state = _take(ctx, Incoming(row_id, envelope, receiver))
        savepoint.commit()
    except Rejected as refusal:
        savepoint.rollback()
        return filing.reject(ctx, row_id, envelope, refusal)
    return Receipt(envelope.message_id, state)


def replay(ctx: Context, message_row_id: int) -> str:
    """Give a parked message another try, because somebody waits for it now. Returns its state."""
    message = ctx.session.get_one(Message, message_row_id)
    if message.state != "parked" or message.leg_id is None:
        return message.state
    leg = rows.lock_leg(ctx, message.leg_id)
    state = _hear(ctx, leg, Incoming(message.id, filing.again(message), _receiver(ctx, message)), message.payload)
    if state == "delivered":
        work.cancel(ctx, leg_id=leg.id, refs=[str(message.id)])
    return state


def expire(ctx: Context, message_row_id: int) -> None:
    """A parked message that nobody wanted in time is rejected and recorded."""
    message = ctx.session.get_one(Message, message_row_id)
    if message.state == "parked":
        filing.set_state(
            ctx, message.id, "rejected", rejection_code=rejections.BAD_DATA, last_error="nobody waited for it"
        )
        _record(ctx, message.case_id, message.leg_id, "message.rejected", {"name": message.name})


def _take(ctx: Context, incoming: Incoming) -> str:
    """Find the leg, or the pool that the message starts."""
    envelope = incoming.envelope
    case = rows.find_case(ctx, envelope.collab_no)
    leg = rows.find_leg(ctx, envelope.collab_no, envelope.receiver.participant) if case else None
    definition = _definition(ctx, leg, case, envelope)
    if case is not None:
        main = routing.main_participant(definition.model).id
        senders.require_part(ctx, case, envelope.sender, is_main=envelope.sender.participant == main)
    crossing = _crossing(ctx, definition.model, envelope, case.submitted_at if case else ctx.clock.now())
    payload = _contract_part(definition.model, envelope, crossing)
    if leg is not None:
        if leg.site_id != incoming.receiver.id:
            raise Rejected(rejections.RECEIVER_UNKNOWN)
        return _hear(ctx, leg, incoming, payload)
    pool = next((each for each in definition.model.participants if each.id == envelope.receiver.participant), None)
    process = None if pool is None else next((p for p in definition.model.processes if p.id == pool.process_id), None)
    if pool is None or process is None or envelope.name not in process.message_starts:
        raise Rejected(rejections.UNKNOWN_COLLABORATION)
    frame = case or _frame(ctx, definition, envelope)
    opening = runtime.Opening(pool, incoming.receiver, envelope.name, payload, {"messageId": envelope.message_id})
    started = runtime.start_leg(ctx, frame, definition, opening)
    _arrived(ctx, started, incoming, payload)
    return "delivered"


def _hear(ctx: Context, leg: LegRow, incoming: Incoming, payload: dict[str, Any]) -> str:
    """Deliver to the leg, or park: it is suspended, or nobody waits yet. An ended leg hears nothing any more."""
    envelope = incoming.envelope
    if leg.ended_at is not None:
        raise Rejected(rejections.BAD_DATA, "：收件方分办件已经结束", "the receiving leg has ended")
    if leg.is_suspended:
        return _park(ctx, leg, incoming, payload)

    def command(engine: Engine, definition_id: str, state: bytes, env: Environment) -> Advance | None:
        return engine.deliver_message(
            definition_id, state, envelope.name, payload, env, correlation_key=envelope.correlation_key
        )

    runtime.step(ctx, leg, command, cause=Cause("message.received", None, filing.facts(envelope)))
    if leg.advance is None:
        return _park(ctx, leg, incoming, payload)
    _arrived(ctx, leg, incoming, payload)
    return "delivered"


def _arrived(ctx: Context, leg: LegRow, incoming: Incoming, payload: dict[str, Any]) -> None:
    filing.set_state(
        ctx,
        incoming.row_id,
        "delivered",
        delivered_at=ctx.clock.now(),
        case_id=leg.case_id,
        leg_id=leg.id,
        definition_id=leg.definition_id,
        payload=payload,
    )
    if incoming.envelope.manifest and ctx.handlers.take_materials is not None:
        model = store.load_definition(ctx.session, leg.definition_id).model
        manifest = _manifest(model, incoming.envelope, _crossing(ctx, model, incoming.envelope, leg.case.submitted_at))
        ctx.handlers.take_materials(ctx, leg, manifest)


def _park(ctx: Context, leg: LegRow, incoming: Incoming, payload: dict[str, Any]) -> str:
    """Keep an early message until somebody waits for it, at most as long as the policy says."""
    expires_at = _parked_until(ctx, leg)
    filing.set_state(
        ctx,
        incoming.row_id,
        "parked",
        case_id=leg.case_id,
        leg_id=leg.id,
        definition_id=leg.definition_id,
        payload=payload,
        expires_at=expires_at,
    )
    work.add(
        ctx,
        [
            NewWork(
                "message.expire",
                str(incoming.row_id),
                expires_at,
                case_id=leg.case_id,
                leg_id=leg.id,
                queue="message",
            )
        ],
    )
    _record(ctx, leg.case_id, leg.id, "message.parked", filing.facts(incoming.envelope), site_id=leg.site_id)
    return "parked"


def _parked_until(ctx: Context, leg: LegRow) -> datetime:
    values = environment.effective_policies(ctx, leg)
    schedule = due.scheduler(ctx.session, leg.site.region_code, due.Hours.of(values))
    return schedule(values[PARKED_FOR], ctx.clock.now())


def _definition(ctx: Context, leg: LegRow | None, case: CaseRow | None, envelope: Envelope) -> Deployed:
    """The version that is meant: the running leg's, the case's, else the item's newest."""
    if leg is not None:
        return store.load_definition(ctx.session, leg.definition_id)
    if case is not None:
        return store.load_definition(ctx.session, case.definition_id)
    item = ctx.session.get(Item, envelope.item_code)
    found = store.find_latest(ctx.session, item.definition_key) if item and item.definition_key else None
    if found is None:
        raise Rejected(rejections.UNKNOWN_COLLABORATION)
    return found


def _crossing(ctx: Context, model: Model, envelope: Envelope, began_at: datetime) -> Crossing | None:
    """What the item's contract lets in with this message, as it was when the case began; None: the item has no contract of its own."""
    contract = contracts.find_contract(ctx.session, envelope.item_code, began_at)
    if contract is None:
        return None
    main = routing.main_participant(model).id
    return contract.crossing(envelope.name, "main" if envelope.sender.participant == main else "partner")


def _manifest(model: Model, envelope: Envelope, crossing: Crossing | None) -> list[dict[str, Any]]:
    """Materials outside of the contract are not taken, whoever sends them."""
    codes = [code for code in _flow(model, envelope).materials if crossing is None or code in crossing.materials]
    return [dict(entry) for entry in envelope.manifest if entry.get("code") in codes]


def _contract_part(model: Model, envelope: Envelope, crossing: Crossing | None) -> dict[str, Any]:
    """Nothing that the contract does not list is let in; what it requires must be there."""
    flow = _flow(model, envelope)
    _require_inside(flow, envelope, crossing)
    try:
        return cut(within(flow.fields, crossing), envelope.body)
    except ContractFieldMissing as error:
        raise Rejected(rejections.BAD_DATA, f"：{error.fact_zh}", error.fact_en) from error


def _require_inside(flow: MessageFlow, envelope: Envelope, crossing: Crossing | None) -> None:
    """A field or material that was not agreed on refuses the whole message; of what is not ours nothing is kept but how much it was."""
    paths = [row.path for row in flow.fields] if crossing is None else crossing.paths
    codes = set(flow.materials) if crossing is None else crossing.materials
    fields = contracts.outside(envelope.body, paths)
    materials = [entry for entry in envelope.manifest if entry.get("code") not in codes]
    if fields or materials:
        raise OutsideContract(len(fields), len(materials))


def _flow(model: Model, envelope: Envelope) -> MessageFlow:
    for flow in model.message_flows:
        ends = (flow.source_participant, flow.target_participant)
        if flow.message == envelope.name and ends == (envelope.sender.participant, envelope.receiver.participant):
            return flow
    raise Rejected(rejections.BAD_DATA, "：没有这样的消息流", "there is no such message flow")


def _frame(ctx: Context, definition: Deployed, envelope: Envelope) -> CaseRow:
    """The frame of another deployment's case, for our leg of it: no applicant, no application."""
    main_site = _site(ctx, envelope.sender.site)
    if main_site is None or routing.main_participant(definition.model).id != envelope.sender.participant:
        raise Rejected(rejections.UNKNOWN_COLLABORATION)
    return beginning.insert_case(
        ctx,
        {
            "collab_no": envelope.collab_no,
            "case_no": envelope.collab_no,
            "query_code": f"P{digest({'collabNo': envelope.collab_no})[:11]}",
            "item_code": envelope.item_code,
            "definition_id": definition.id,
            "main_site_id": main_site.id,
            "applicant_user_id": None,
            "subject_masked": "",
            "application": {},
            "source": "9",
            "submitted_at": ctx.clock.now(),
        },
    )


def _site(ctx: Context, code: str) -> Site | None:
    return ctx.session.execute(select(Site).where(Site.code == code)).scalar_one_or_none()


def _receiver(ctx: Context, message: Message) -> Site:
    return ctx.session.execute(select(Site).where(Site.code == message.receiver_code)).scalar_one()


def _record(
    ctx: Context,
    case_id: int | None,
    leg_id: int | None,
    kind: str,
    data: dict[str, Any],
    *,
    site_id: int | None = None,
) -> None:
    audit.record(ctx, kind, case_id=case_id, leg_id=leg_id, site_id=site_id, data=data)


__all__ = ["Receipt", "expire", "receive", "replay"]
