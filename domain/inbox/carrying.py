"""The delivery job: a message to a site of this deployment goes straight into its inbox; to another one it is posted."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from typing import Any

from sqlalchemy import select

from domain.audit import service as audit
from domain.cases import incidents, rows
from domain.cases.incidents import Trouble
from domain.context import Context
from domain.deadlines import due, policies
from domain.inbox import service as inbox
from domain.outbox import delivery, work
from domain.outbox.delivery import Receipt
from domain.outbox.models import Message, Work
from domain.outbox.posting import ReceiverUnreachable
from domain.outbox.work import NewWork, Outside, Postponed
from domain.sites.models import Site

ACK_POLICY = "dispatch.ack"
ORDER_PAUSE = timedelta(seconds=2)
"""How long a message waits before it looks again whether the earlier one of its case has gone."""


def deliver(ctx: Context, item: Work) -> Outside | None:
    """Carry a queued message. Raises :class:`Postponed` while an earlier one of the case is still on its way."""
    message = ctx.session.get_one(Message, int(item.ref), with_for_update=True)
    if message.state != "queued":
        return None
    if delivery.waits_for_earlier(ctx, message):
        raise Postponed(ctx.clock.now() + ORDER_PAUSE)
    raw, signature = delivery.sealed_envelope(ctx, message)
    message.attempts += 1
    ctx.session.flush()
    receiver = ctx.session.execute(select(Site).where(Site.code == message.receiver_code)).scalar_one()
    if receiver.is_local:
        answer = inbox.receive(ctx, raw, signature)
        _settle(ctx, message, Receipt(answer.state, answer.code))
        return None
    if not receiver.endpoint:
        raise ReceiverUnreachable(f"{receiver.name}没有登记接收地址。", f"The site {receiver.code} has no endpoint.")
    if item.attempts == 0:
        _watch(ctx, message, receiver)
    line = delivery.line_to(ctx, receiver, receiver.endpoint)
    call = partial(delivery.post, line, raw, signature, message.sender_code)
    return Outside(call, _answered)


def check_acknowledged(ctx: Context, item: Work) -> None:
    """The technical acknowledgement is late: an incident, so that a liaison sends it again by hand or telephones."""
    message = ctx.session.get_one(Message, int(item.ref.removeprefix("ack:")))
    if message.state != "queued" or message.leg_id is None:
        return
    leg = rows.lock_leg(ctx, message.leg_id)
    incidents.open_one(
        ctx,
        leg,
        Trouble(
            f"message:{message.id}",
            message.element_id,
            "message-not-acknowledged",
            f"消息“{message.name}”发往 {message.receiver_code} 后未在时限内收到技术确认。",
        ),
    )


def _answered(ctx: Context, item: Work, receipt: Any) -> None:
    message = ctx.session.get_one(Message, int(item.ref), with_for_update=True)
    if message.state == "queued":
        _settle(ctx, message, receipt)


def _settle(ctx: Context, message: Message, receipt: Receipt) -> None:
    """Keep the answer; a rejection is an incident of the sending leg."""
    delivery.settle(ctx, message, receipt)
    ctx.session.expire(message)
    if message.leg_id is None:
        return
    work.cancel(ctx, leg_id=message.leg_id, refs=[f"ack:{message.id}"])
    leg = rows.lock_leg(ctx, message.leg_id)
    if receipt.state == "rejected":
        text = f"消息“{message.name}”被 {message.receiver_code} 拒收（{receipt.code}）。"
        incidents.open_one(ctx, leg, Trouble(f"message:{message.id}", message.element_id, "message-rejected", text))
        return
    if message.attempts > 1:
        incidents.resolve(ctx, leg, [f"message:{message.id}"])
    audit.record(
        ctx,
        "message.acknowledged",
        case_id=message.case_id,
        leg_id=leg.id,
        site_id=leg.site_id,
        data={"name": message.name, "messageId": message.message_id, "to": message.receiver_participant},
    )


def _watch(ctx: Context, message: Message, receiver: Site) -> None:
    """The acknowledgement timer of a message that leaves the deployment."""
    values = policies.deadlines_for(ctx, receiver, message.item_code, receiver)
    schedule = due.scheduler(ctx.session, receiver.region_code, due.Hours.of(values))
    at = schedule(values[ACK_POLICY], ctx.clock.now())
    duty = NewWork(
        "message.ack", f"ack:{message.id}", at, case_id=message.case_id, leg_id=message.leg_id, queue="message"
    )
    work.add(ctx, [duty])
