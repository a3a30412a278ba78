"""Carrying a queued message: build and sign its envelope; to a site of another deployment, post it.

The only place of the domain that speaks HTTP. Nothing leaves unless the receiving site has an endpoint.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, cast
from urllib.error import URLError
from urllib.parse import urlsplit
from urllib.request import HTTPRedirectHandler, Request, build_opener  # noqa: TID251 -- this is the delivery module

import orjson
from sqlalchemy import Table, select, update

from domain.context import Context
from domain.definitions.models import Definition
from domain.errors import Conflict
from domain.outbox.envelope import End, Envelope
from domain.outbox.models import Message
from domain.sites import keys
from domain.sites.models import Site

MESSAGES = cast("Table", Message.__table__)
TIMEOUT_SECONDS = 10
LONGEST_ANSWER = 65536
ACCEPTED = range(200, 300)


class ReceiverUnreachable(Conflict):
    """The other deployment did not take the message; it is tried again."""

    code = "receiver-unreachable"
    title_zh = "接收方暂时无法送达"
    title_en = "The receiver cannot be reached"


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


class _Stays(HTTPRedirectHandler):
    """A partner's answer must not send us on, for example to an address inside of our own network."""

    def redirect_request(self, *_: object) -> None:
        """Follow nothing: the redirect is then an error of the receiver."""


_OPENER = build_opener(_Stays())


def post(endpoint: str, raw: bytes, signature: str, sender_code: str) -> Receipt:
    """Hand an envelope to another deployment. Raises :class:`ReceiverUnreachable` for anything but an answer of its inbox."""
    address = urlsplit(endpoint)
    if address.scheme != "https" and (address.scheme, address.hostname) != ("http", "127.0.0.1"):
        raise ReceiverUnreachable("接收方地址不是 https。", "The receiver's endpoint is not https.")
    request = Request(  # noqa: S310 -- the scheme was checked
        endpoint,
        data=raw,
        method="POST",
        headers={
            "Content-Type": "application/json",
            "X-Lianban-Key": sender_code,
            "X-Lianban-Signature": signature,
        },
    )
    try:
        with _OPENER.open(request, timeout=TIMEOUT_SECONDS) as answer:
            content: Any = orjson.loads(answer.read(LONGEST_ANSWER))
            if answer.status in ACCEPTED and isinstance(content, dict) and isinstance(content.get("state"), str):
                return Receipt(content["state"], content.get("code"))
    except (URLError, OSError, ValueError) as error:
        raise ReceiverUnreachable(
            "接收方没有正常应答。", f"The receiver did not answer: {type(error).__name__}."
        ) from error
    raise ReceiverUnreachable("接收方的应答无法识别。", "The receiver's answer cannot be read.")
