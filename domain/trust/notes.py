"""A note from a site to a site of another deployment: canonical JSON, signed with the sending site's key, answered at once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from urllib.parse import urljoin

import orjson
from sqlalchemy import select

from domain.context import Context
from domain.outbox.delivery import line_to
from domain.outbox.posting import Line, ReceiverUnreachable, post_bytes
from domain.sites import keys
from domain.sites.models import Site
from domain.trust.errors import NoteRefused, NoteUnreadable

LARGEST: Final = 20_000
VERSION: Final = 1
OLDEST: Final = timedelta(days=7)
"""A note that was on its way longer is not believed any more."""
AHEAD: Final = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Note:
    """A note that was read and whose signature is the sender's."""

    kind: str
    sender: Site
    receiver: Site
    sent_at: datetime
    content: Mapping[str, Any]
    is_present: bool
    """Signed with the sender's present key, not with a former one."""


def write(ctx: Context, kind: str, sender: Site, receiver: Site, content: Mapping[str, Any]) -> bytes:
    """The canonical bytes that are signed and sent."""
    header = {"kind": kind, "version": VERSION, "from": sender.code, "to": receiver.code}
    return orjson.dumps(
        {**header, "sentAt": ctx.clock.now().isoformat(), "content": dict(content)}, option=orjson.OPT_SORT_KEYS
    )


def address_of(receiver: Site) -> str:
    """Where the partner takes notes: beside its messages."""
    return urljoin(receiver.endpoint or "", "notes")


def line(ctx: Context, receiver: Site) -> Line:
    """How the partner is reached for notes. Raises :class:`ReceiverUnreachable` when it has no address."""
    if not receiver.endpoint:
        raise ReceiverUnreachable(f"{receiver.name}没有登记接收地址。", f"The site {receiver.code} has no endpoint.")
    return line_to(ctx, receiver, address_of(receiver))


def post(to: Line, raw: bytes, signature: str) -> dict[str, Any]:
    """The partner's answer. Raises :class:`ReceiverUnreachable`, also with the code of a refusal."""
    status, body = post_bytes(to, raw, {"X-Lianban-Signature": signature})
    try:
        answer: Any = orjson.loads(body)
    except ValueError:
        answer = None
    if status == 200 and isinstance(answer, dict):  # noqa: PLR2004 -- the one status of an answer
        return answer
    code = str(answer.get("code", ""))[:60] if isinstance(answer, dict) else ""
    raise ReceiverUnreachable("对方没有接受。", f"The partner did not take it: {status} {code}.")


def read(ctx: Context, raw: bytes, signature: str) -> Note:
    """A note from a known site of another deployment to a site here.

    Raises :class:`NoteUnreadable`, :class:`NoteRefused`.
    """
    if len(raw) > LARGEST:
        raise NoteUnreadable("报文过大。", "The note is too large.")
    try:
        told = orjson.loads(raw)
        kind, version, sent_at = str(told["kind"]), told["version"], datetime.fromisoformat(told["sentAt"])
        codes, content = (str(told["from"]), str(told["to"])), dict(told["content"])
        late = not -AHEAD <= ctx.clock.now() - sent_at <= OLDEST
    except (ValueError, KeyError, TypeError):
        raise NoteUnreadable("报文缺少必需的内容。", "The note lacks what it must have.") from None
    if version != VERSION or "\0" in "".join(codes):
        raise NoteUnreadable("不支持的报文版本。", "The note's version is not supported.")
    sender, receiver = (ctx.session.scalar(select(Site).where(Site.code == code)) for code in codes)
    if sender is None or sender.is_local or receiver is None or not receiver.is_local:
        raise NoteRefused("发送或接收机构不符。", "The sending or receiving site is not right.")
    if not keys.verify_of(ctx, sender, raw, signature):
        raise NoteRefused("签名与发送机构不符。", "The signature is not the sender's.")
    if late:
        raise NoteRefused("报文的时间过早或过晚。", "The note is too old, or from the future.")
    return Note(kind, sender, receiver, sent_at, content, keys.verify(sender.public_key or "", raw, signature))
