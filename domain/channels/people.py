"""A person's own addresses for notices: given with consent, confirmed by a code that was sent there, ended at any time."""

from __future__ import annotations

import secrets as randomness
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from hmac import compare_digest
from typing import Final

from sqlalchemy import insert, select

from domain import reach
from domain.audit import service as audit
from domain.base import get_seal
from domain.channels import rules
from domain.channels.errors import BadAddress, ChannelRefused, ConsentMissing, WrongCode
from domain.channels.models import PersonChannel, SiteChannel
from domain.channels.spreading import DELIVERIES, plan
from domain.clock import HOST
from domain.connectors.mail import is_address, mask_address
from domain.context import Context
from domain.errors import NotFound
from domain.identity.masking import mask_mobile

CHANNELS: Final = ("email", "sms")
CODE: Final = "channel.code"
"""Template of the message with the code; it is written by the sending, and never kept."""
CODE_LASTS: Final = timedelta(minutes=30)
CODE_PAUSE: Final = timedelta(minutes=1)
MOST_TRIES: Final = 5
_MOBILE_DIGITS: Final = 11


class CodeTooEarly(ChannelRefused):
    """A code was sent a moment ago."""

    code = "channel-code-early"
    title_zh = "验证码刚刚发送过"
    title_en = "A code was sent a moment ago"
    next_zh = "请一分钟后再试。"
    next_en = "Try again in a minute."


@dataclass(frozen=True, slots=True)
class OwnChannel:
    """A channel as its owner sees it: the address masked."""

    channel: str
    address: str
    is_confirmed: bool
    categories: tuple[str, ...]
    is_offered: bool


def list_own(ctx: Context) -> list[OwnChannel]:
    """The actor's channels, also those that are not used; ``is_offered``: this deployment can send there."""
    query = select(PersonChannel).where(PersonChannel.user_id == _owner(ctx))
    found = {row.channel: row for row in ctx.session.scalars(query)}
    return [_shown(ctx, channel, found.get(channel)) for channel in CHANNELS]


def put(ctx: Context, channel: str, address: str, categories: Sequence[str], *, consent: bool) -> OwnChannel:
    """Keep the actor's address, or only what is wanted there when the address is empty. A new address gets a code.

    Raises :class:`BadAddress`, :class:`ConsentMissing`, :class:`CodeTooEarly`, ``NotFound``.
    """
    row = _find(ctx, channel)
    wanted = [category.key for category in rules.categories() if category.key in categories]
    if not address.strip() and row is not None:
        row.categories = wanted
        ctx.session.flush()
        return _shown(ctx, channel, row)
    if not consent:
        raise ConsentMissing(pointer="/consent")
    known = _address(channel, address)
    now = ctx.clock.now()
    if row is None:
        row = PersonChannel(user_id=_owner(ctx), channel=channel, code_tries=0)
        ctx.session.add(row)
    elif row.confirmed_at is not None and row.address == known:
        row.categories = wanted
        ctx.session.flush()
        return _shown(ctx, channel, row)
    elif HOST.now() - row.code_sent_at < CODE_PAUSE:
        raise CodeTooEarly
    row.address, row.categories, row.consent_at = known, wanted, now
    row.confirmed_at, row.code_tries, row.code_sent_at = None, 0, HOST.now()
    row.leave_token = randomness.token_urlsafe(32)
    ctx.session.flush()
    _send_code(ctx, row, now)
    audit.record(ctx, "channel.consented", data={"channel": channel, "user": _owner(ctx)})
    return _shown(ctx, channel, row)


def confirm(ctx: Context, channel: str, given: str) -> bool:
    """Whether the code was right; the address is used from now on. A wrong one is counted, so the caller commits before it refuses."""
    row = _find(ctx, channel)
    if row is None:
        raise NotFound("没有这个通知方式。", "There is no such channel.")
    row.code_tries += 1
    ctx.session.flush()
    if row.code_tries > MOST_TRIES or HOST.now() - row.code_sent_at > CODE_LASTS:
        return False
    if not compare_digest(code_of(row).encode(), given.strip().encode()):
        return False
    row.confirmed_at = ctx.clock.now()
    ctx.session.flush()
    return True


def remove(ctx: Context, channel: str) -> None:
    """Forget the actor's address: consent is withdrawn as easily as it was given (PIPL art. 15)."""
    row = _find(ctx, channel)
    if row is not None:
        ctx.session.delete(row)
        ctx.session.flush()
        audit.record(ctx, "channel.withdrawn", data={"channel": channel, "user": _owner(ctx)})


def leave(ctx: Context, token: str) -> None:
    """End the channel that a message was sent to, by the token in that message; an unknown one changes nothing and is not told."""
    with reach.for_platform(ctx.session):  # the token says whose it is
        _leave(ctx, token)


def _leave(ctx: Context, token: str) -> None:
    row = ctx.session.scalar(select(PersonChannel).where(PersonChannel.leave_token == token))
    if row is not None:
        user, channel = row.user_id, row.channel
        ctx.session.delete(row)
        ctx.session.flush()
        audit.record(ctx, "channel.withdrawn", data={"channel": channel, "user": user})


def code_of(row: PersonChannel) -> str:
    """The six digits for this address and moment: derived from the deployment's key, so that they lie nowhere."""
    mark = get_seal().mark(f"channel|{row.id}|{row.code_sent_at.isoformat()}")
    return f"{int(mark, 16) % 1_000_000:06d}"


def refused() -> WrongCode:
    """What to tell after :func:`confirm` gave False."""
    return WrongCode(pointer="/code")


def _send_code(ctx: Context, row: PersonChannel, now: datetime) -> None:
    delivery_id = ctx.session.execute(
        insert(DELIVERIES)
        .values(
            target=f"person:{row.id}",
            channel=row.channel,
            case_no="",
            template=CODE,
            state="queued",
            attempts=0,
            created_at=now,
            due_at=now,
        )
        .returning(DELIVERIES.c.id)
    ).scalar_one()
    plan(ctx, [delivery_id], now)


def _owner(ctx: Context) -> int:
    """Whose address it is: the actor's, or that of the applicant who stands before the actor at a window."""
    served = ctx.actor.principal if ctx.actor.is_at_window else None
    return ctx.actor.user_id if served is None else served.user_id


def _find(ctx: Context, channel: str) -> PersonChannel | None:
    if channel not in CHANNELS:
        raise NotFound("没有这个通知方式。", "There is no such channel.")
    query = select(PersonChannel).where(PersonChannel.user_id == _owner(ctx), PersonChannel.channel == channel)
    return ctx.session.scalar(query.with_for_update())


def _address(channel: str, text: str) -> str:
    known = text.strip()
    good = is_address(known) if channel == "email" else _is_mobile(known)
    if not good:
        raise BadAddress(pointer="/address")
    return known


def _is_mobile(text: str) -> bool:
    return len(text) == _MOBILE_DIGITS and text.isascii() and text.isdigit() and text.startswith("1")


def _shown(ctx: Context, channel: str, row: PersonChannel | None) -> OwnChannel:
    if channel == "email":
        offered = bool(ctx.outward.smtp_url and ctx.outward.mail_from)
    else:
        gateway = select(SiteChannel.id).where(SiteChannel.kind == "sms", SiteChannel.is_enabled).limit(1)
        offered = ctx.session.execute(gateway).first() is not None
    if row is None:
        return OwnChannel(channel, "", is_confirmed=False, categories=(), is_offered=offered)
    shown = mask_address(row.address) if channel == "email" else mask_mobile(row.address)
    return OwnChannel(channel, shown, row.confirmed_at is not None, tuple(row.categories), offered)
