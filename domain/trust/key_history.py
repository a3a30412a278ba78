"""Every key that a site signed with: from when until when, how long partners take it, and what was signed in that time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, func, select

from domain import reach
from domain.context import Context
from domain.outbox.models import Message
from domain.sites import keys
from domain.sites.models import Site, SiteKey
from domain.trust import key_change
from domain.trust.models import Countersignature


@dataclass(frozen=True, slots=True)
class Signed:
    """What bears the site's signature from a time: messages that it sent (of a partner: that came from it), when the first and the last.

    ``anchors``: of a site of ours the requests for a countersignature, of a partner its countersignatures.
    """

    messages: int
    first_at: datetime | None
    last_at: datetime | None
    anchors: int


@dataclass(frozen=True, slots=True)
class KeySpan:
    """A key: ``state`` is next, present, overlap (former, still taken by partners) or former."""

    public_key: str
    state: str
    began_at: datetime | None = None
    ended_at: datetime | None = None
    accepted_until: datetime | None = None
    signed: Signed | None = None

    @property
    def fingerprint(self) -> str:
        """What people compare."""
        return keys.fingerprint(self.public_key)


def list_keys(ctx: Context, site: Site) -> Sequence[KeySpan]:
    """The keys of a site, the newest first."""
    state, now = key_change.state_of(ctx, site), ctx.clock.now()
    found: list[KeySpan] = []
    began: datetime | None = site.created_at
    for row in state.former:
        name = "overlap" if row.accepted_until > now else "former"
        signed = _signed(ctx, site, began, row.replaced_at)
        found.append(KeySpan(row.public_key, name, began, row.replaced_at, row.accepted_until, signed))
        began = row.replaced_at
    if site.public_key is not None:
        own = ctx.session.get(SiteKey, site.id)
        began = own.created_at if own is not None else began
        found.append(KeySpan(site.public_key, "present", began, signed=_signed(ctx, site, began, None)))
    if state.next_key is not None:
        found.append(KeySpan(state.next_key, "next"))
    return found[::-1]


def _signed(ctx: Context, site: Site, began: datetime | None, ended: datetime | None) -> Signed:
    """Counted for the platform, whoever asks: numbers and days of messages tell nothing of any case."""

    def within(moment: Any) -> list[ColumnElement[bool]]:
        return [*([moment >= began] if began else []), *([moment < ended] if ended else [])]

    direction = "out" if site.is_local else "in"
    own = [Message.sender_code == site.code, Message.direction == direction, Message.signature != ""]
    whose = Countersignature.site_id if site.is_local else Countersignature.partner_id
    when = Countersignature.asked_at if site.is_local else Countersignature.answered_at
    anchors = select(func.count()).select_from(Countersignature).where(whose == site.id, *within(when))
    messages = select(func.count(), func.min(Message.created_at), func.max(Message.created_at))
    with reach.for_platform(ctx.session):
        count, first, last = ctx.session.execute(messages.where(*own, *within(Message.created_at))).one()
        return Signed(count, first, last, ctx.session.execute(anchors).scalar_one())
