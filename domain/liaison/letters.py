"""Writing to the other site of a case, and what was written: on record, with a receipt when the other side has read it (R-03.6)."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import select

from domain import reach
from domain.actors import Role
from domain.audit import service as audit
from domain.cases.models import Task
from domain.cases.queries import Frame
from domain.context import Context
from domain.identity import functions
from domain.liaison import unread
from domain.liaison.errors import BadLetter, NotOfYourSite
from domain.liaison.models import ContactMessage
from domain.liaison.unread import DESK
from domain.notifications import service as notifications
from domain.partners import contacts
from domain.partners.contacts import Reached

LONGEST: Final = 500
MOST: Final = 200
"""Messages of one case that its page shows, the newest."""
WRITERS: Final = "liaison:write"
LIAISON: Final = "liaison"
TO: Final = (DESK, LIAISON)


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """A message as its reader may see it. ``mine``: one of the reader's sites sent it."""

    id: int
    from_site_name: str
    to_site_name: str
    sender_name: str
    told: str
    told_name: str
    text: str
    sent_at: datetime
    read_name: str
    read_at: datetime | None
    mine: bool
    read_by_at: datetime | None
    passed_at: datetime | None
    passed: str
    passed_name: str


def write(ctx: Context, frame: Frame, to_site_id: int, text: str, to: str = DESK) -> Letter:
    """Write to another site of the case, to be read there within the hours of policy ``liaison.unread``.

    ``to``: ``desk``, whoever has a task of the case in hand there hears of it (its 联络员 when nobody has, or when it stays unread);
    ``liaison`` (一键联系): the 联络员 hears of it at once as well. Raises :class:`BadLetter`, :class:`NotOfYourSite`.
    """
    sites = case_sites(frame)
    if to_site_id not in sites:
        raise BadLetter("该机构没有参与这个办件。", "That site takes no part in the case.", pointer="/toSiteId")
    if not text.strip():
        raise BadLetter("没有内容。", "The message is empty.", pointer="/text")
    own = writing_site(ctx, frame, to_site_id)
    if own is None:
        raise NotOfYourSite
    reach.hold(ctx.session, frame.case.id)
    busy = _at_work(ctx, frame.case.id, to_site_id)
    reached = contacts.reached(ctx, to_site_id, frame.case.item_code)
    if to == DESK and busy:
        reached = Reached(DESK, "", ())
    row = ContactMessage(
        case_id=frame.case.id,
        from_site_id=own,
        to_site_id=to_site_id,
        sender_id=ctx.actor.user_id,
        sender_name=ctx.actor.name,
        told=reached.state,
        told_name=reached.name,
        text={"text": text.strip()[:LONGEST]},
        sent_at=ctx.clock.now(),
    )
    ctx.session.add(row)
    ctx.session.flush()
    unread.plan(ctx, frame.case, row)
    _tell(ctx, frame, row, [*reached.user_ids, *busy])
    _record(ctx, frame, row, "liaison.written", own)
    return _line(ctx, frame, row)


def list_letters(ctx: Context, frame: Frame) -> list[Letter]:
    """The messages that concern the reader's side, oldest first; the lead site reads all of them."""
    rows = ctx.session.scalars(
        select(ContactMessage)
        .where(ContactMessage.case_id == frame.case.id)
        .order_by(ContactMessage.id.desc())
        .limit(MOST)
    ).all()
    return [_line(ctx, frame, row) for row in reversed(rows) if _shows(ctx, frame, row)]


def mark_read(ctx: Context, frame: Frame) -> int:
    """Somebody of the addressed site has read what came there: each message once. How many."""
    mine = [site for site in case_sites(frame) if functions.may(ctx.actor, WRITERS, site_id=site)]
    if not mine:
        return 0
    reach.hold(ctx.session, frame.case.id)
    rows = ctx.session.scalars(
        select(ContactMessage).where(
            ContactMessage.case_id == frame.case.id,
            ContactMessage.to_site_id.in_(mine),
            ContactMessage.read_at.is_(None),
        )
    ).all()
    for row in rows:
        row.read_by, row.read_name, row.read_at = ctx.actor.user_id, ctx.actor.name, ctx.clock.now()
        _record(ctx, frame, row, "liaison.read", row.to_site_id)
    ctx.session.flush()
    return len(rows)


def writing_site(ctx: Context, frame: Frame, to_site_id: int) -> int | None:
    """The site for which the actor writes to another one; None: the actor may not."""
    own = [site for site in case_sites(frame) if site != to_site_id]
    own.sort(key=lambda site: site != frame.case.main_site_id)
    return next((site for site in own if functions.may(ctx.actor, WRITERS, site_id=site)), None)


def case_sites(frame: Frame) -> list[int]:
    """The sites that take part in the case, the lead site first."""
    return list(dict.fromkeys([frame.case.main_site_id, *(leg.site_id for leg in frame.legs)]))


def _shows(ctx: Context, frame: Frame, row: ContactMessage) -> bool:
    if frame.case.main_site_id in ctx.actor.site_ids:
        return True
    return bool({row.from_site_id, row.to_site_id} & set(ctx.actor.site_ids))


def _at_work(ctx: Context, case_id: int, site_id: int) -> list[int]:
    """Who has the case in hand at the other site: told, never shown."""
    query = select(Task.assignee_id).where(
        Task.case_id == case_id,
        Task.site_id == site_id,
        Task.state == "open",
        Task.role != Role.APPLICANT,
        Task.assignee_id.is_not(None),
    )
    with reach.for_platform(ctx.session):
        return [each for each in ctx.session.scalars(query) if each is not None]


def _tell(ctx: Context, frame: Frame, row: ContactMessage, readers: Iterable[int]) -> None:
    legs = {leg.site_id: leg.case_no for leg in frame.legs}
    values = {
        "caseNo": legs.get(row.to_site_id, frame.case.case_no),
        "siteName": frame.sites[row.from_site_id].name,
        "senderName": row.sender_name,
    }
    notifications.send(ctx, readers, "liaison.written", values, case_id=frame.case.id, site_id=row.to_site_id)


def _record(ctx: Context, frame: Frame, row: ContactMessage, kind: str, site_id: int) -> None:
    """The record keeps who wrote to whom and the digest of the words, not the words."""
    content = (row.text or {}).get("text", "")
    data = {
        "messageId": row.id,
        "fromSite": frame.sites[row.from_site_id].name,
        "toSite": frame.sites[row.to_site_id].name,
        "told": row.told,
        "digest": hashlib.sha256(content.encode()).hexdigest(),
    }
    leg = next((leg.id for leg in frame.legs if leg.site_id == site_id), None)
    audit.record(ctx, kind, case_id=frame.case.id, leg_id=leg, site_id=site_id, data=data)


def _line(ctx: Context, frame: Frame, row: ContactMessage) -> Letter:
    return Letter(
        id=row.id,
        from_site_name=frame.sites[row.from_site_id].name,
        to_site_name=frame.sites[row.to_site_id].name,
        sender_name=row.sender_name,
        told=row.told,
        told_name=row.told_name,
        text=str((row.text or {}).get("text", "")),
        sent_at=row.sent_at,
        read_name=row.read_name,
        read_at=row.read_at,
        mine=row.from_site_id in ctx.actor.site_ids,
        read_by_at=row.read_by_at,
        passed_at=row.passed_at,
        passed=row.passed,
        passed_name=row.passed_name,
    )
