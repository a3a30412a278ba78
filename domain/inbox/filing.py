"""The receiver's book of messages: written down once, with what became of each."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, cast

from sqlalchemy import Table, select, update
from sqlalchemy.dialects.postgresql import insert

from domain.cases.outgoing import digest
from domain.context import Context
from domain.inbox.rejections import OutsideContract, Rejected
from domain.outbox import envelope as envelopes
from domain.outbox.envelope import Envelope
from domain.outbox.models import Message

MESSAGES = cast("Table", Message.__table__)


@dataclass(frozen=True, slots=True)
class Receipt:
    """What became of a message: delivered, parked or rejected; ``duplicate`` when it had been taken before."""

    message_id: str
    state: str
    code: str | None = None
    duplicate: bool = False


def note(ctx: Context, envelope: Envelope, raw: bytes, signature: str) -> int | None:
    """Write the message down; None when it is here already (two at once wait for each other on the unique key)."""
    statement = insert(MESSAGES).values(
        message_id=envelope.message_id,
        direction="in",
        name=envelope.name,
        collab_no=envelope.collab_no,
        item_code=envelope.item_code,
        sender_code=envelope.sender.site,
        receiver_code=envelope.receiver.site,
        sender_participant=envelope.sender.participant,
        receiver_participant=envelope.receiver.participant,
        payload={},
        payload_digest=digest(envelope.body),
        manifest=list(envelope.manifest),
        element_id="",
        correlation_key=envelope.correlation_key,
        raw=raw,
        signature=signature,
        state="received",
        attempts=0,
        created_at=ctx.clock.now(),
    )
    once = statement.on_conflict_do_nothing(index_elements=["direction", "sender_code", "message_id"])
    return ctx.session.execute(once.returning(MESSAGES.c.id)).scalar_one_or_none()


def first_answer(ctx: Context, envelope: Envelope) -> Receipt:
    """What a duplicate is told: the state of the first."""
    row = ctx.session.execute(
        select(MESSAGES.c.state, MESSAGES.c.rejection_code).where(
            MESSAGES.c.direction == "in",
            MESSAGES.c.sender_code == envelope.sender.site,
            MESSAGES.c.message_id == envelope.message_id,
        )
    ).one()
    return Receipt(envelope.message_id, row.state, row.rejection_code, duplicate=True)


def reject(ctx: Context, row_id: int, envelope: Envelope, refusal: Rejected) -> Receipt:
    """Keep a refusal with its code. What was never agreed on is not kept: of such a message only its digest remains."""
    gone: dict[str, Any] = {"raw": None, "manifest": []} if isinstance(refusal, OutsideContract) else {}
    set_state(ctx, row_id, "rejected", rejection_code=refusal.reason, last_error=refusal.fact_en[:400], **gone)
    return Receipt(envelope.message_id, "rejected", refusal.reason)


def set_state(ctx: Context, row_id: int, state: str, **values: Any) -> None:
    """Write down what became of a message."""
    ctx.session.execute(update(MESSAGES).where(MESSAGES.c.id == row_id).values(state=state, **values))


def again(message: Message) -> Envelope:
    """The envelope of a message that was kept."""
    if message.raw is None:
        raise envelopes.EnvelopeUnreadable("消息原文不存在。", "The raw message is gone.")
    return envelopes.read(message.raw)


def facts(envelope: Envelope) -> dict[str, Any]:
    """What the record says of a message: names and ends, no content."""
    return {
        "name": envelope.name,
        "messageId": envelope.message_id,
        "from": envelope.sender.participant,
        "fromSite": envelope.sender.site,
    }
