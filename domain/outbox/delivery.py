"""Carrying a queued message: build and sign its envelope; to a site of another deployment, post it.

Nothing leaves unless the receiving site has an endpoint; :mod:`domain.outbox.posting` speaks HTTP.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, cast

import orjson
from sqlalchemy import Table, select, update

from domain.context import Context
from domain.definitions.models import Definition
from domain.outbox.envelope import End, Envelope
from domain.outbox.models import Message
from domain.outbox.posting import Line, ReceiverUnreachable, post_bytes
from domain.secrets import service as secrets
from domain.sites import keys
from domain.sites.models import Site

MESSAGES = cast("Table", Message.__table__)
ACCEPTED = range(200, 300)


@dataclass(frozen=True, slots=True)
class Receipt:
    """The receiver's answer: the state of the message there, and the rejection code if it was refused."""

    state: str
    code: str | None = None


def sealed_envelope(ctx: Context, message: Message) -> tuple[bytes, str]:
    """The signed envelope of a queued message: built once, then sent again byte for byte."""
    if message.raw is not None:
        return message.raw, message.signature
    definition = ctx.session.get(Definition, message.definition_id) if message.definition_id else None
    sender = ctx.session.execute(select(Site).where(Site.code == message.sender_code)).scalar_one()
    envelope = Envelope(
        message_id=message.message_id,
        name=message.name,
        collab_no=message.collab_no,
        item_code=message.item_code,
        sender=End(message.sender_code, message.sender_participant),
        receiver=End(message.receiver_code, message.receiver_participant),
        sent_at=message.created_at.isoformat(),
        body=message.payload,
        manifest=list(message.manifest),
        correlation_key=message.correlation_key,
        definition="" if definition is None else f"{definition.key}:{definition.version}",
    )
    message.raw = envelope.to_bytes()
    message.signature = keys.sign(ctx, sender.id, message.raw)
    return message.raw, message.signature


def waits_for_earlier(ctx: Context, message: Message) -> bool:
    """Whether an earlier message of the case to the same pool was not handed over yet: order is kept per case."""
    earlier = select(MESSAGES.c.id).where(
        MESSAGES.c.case_id == message.case_id,
        MESSAGES.c.direction == "out",
        MESSAGES.c.receiver_participant == message.receiver_participant,
        MESSAGES.c.state == "queued",
        MESSAGES.c.id < message.id,
    )
    return ctx.session.execute(earlier.limit(1)).first() is not None


def settle(ctx: Context, message: Message, receipt: Receipt) -> None:
    """Write down what became of an outgoing message."""
    now = ctx.clock.now()
    refused = receipt.state == "rejected"
    ctx.session.execute(
        update(MESSAGES)
        .where(MESSAGES.c.id == message.id)
        .values(
            state="failed" if refused else "acknowledged",
            sent_at=now,
            acknowledged_at=None if refused else now,
            rejection_code=receipt.code,
        )
    )


def line_to(ctx: Context, receiver: Site, endpoint: str) -> Line:
    """How to reach a site of another deployment at one of its addresses."""
    pins = tuple(pin for pin in receiver.endpoint_pins.split(",") if pin)
    return Line(endpoint, pins, ctx.outward.ca_file, secrets.of_setting(ctx, ctx.outward.proxy))


def post(line: Line, raw: bytes, signature: str, sender_code: str) -> Receipt:
    """Hand an envelope to another deployment. Raises :class:`ReceiverUnreachable` for anything but an answer of its inbox."""
    status, body = post_bytes(line, raw, {"X-Lianban-Key": sender_code, "X-Lianban-Signature": signature})
    if status not in ACCEPTED:
        raise ReceiverUnreachable("接收方没有正常应答。", f"The receiver did not answer: status {status}.")
    try:
        content: Any = orjson.loads(body)
    except ValueError:
        content = None
    if isinstance(content, dict) and isinstance(content.get("state"), str):
        return Receipt(content["state"], content.get("code"))
    raise ReceiverUnreachable("接收方的应答无法识别。", "The receiver's answer cannot be read.")
