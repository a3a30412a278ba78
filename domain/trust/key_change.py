"""更换机构签名密钥: partners are told of the next key first; when all know it the site signs with it; the former stays good for a while.

The notice is signed with the present key, and the next key signs it too, so that nobody announces a key that is not theirs. A partner takes
both from then on until the day that the notice names. Messages that were signed before the change and arrive after it are good.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from domain.audit import service as audit
from domain.context import Context
from domain.errors import Conflict
from domain.outbox import work
from domain.outbox.models import Work
from domain.outbox.work import MESSAGE, NewWork, Outside
from domain.sites import keys
from domain.sites.models import FormerSiteKey, Site, SiteKey
from domain.trust import notes
from domain.trust.errors import KeyChangeOpen, NoteRefused, NoteUnreadable
from domain.trust.models import KeyNotice
from domain.trust.notes import Note

KIND: Final = "site-key"
JOB: Final = "site-key.announce"
OVERLAP: Final = 14
"""Days that the former key is taken after a change, unless the administrator says otherwise."""
LONGEST: Final = 92


@dataclass(frozen=True, slots=True)
class State:
    """How a site's key stands: fingerprints, and for a change that goes on who knows the next key."""

    site: Site
    next_key: str | None
    notices: Sequence[tuple[KeyNotice, Site]]
    former: Sequence[FormerSiteKey]


def begin(ctx: Context, site: Site, *, overlap_days: int = OVERLAP) -> State:
    """Make the site's next key and tell every partner that has an address. Raises :class:`KeyChangeOpen`, :class:`NoSigningKey`."""
    row = _own(ctx, site)
    if row.next_private_key is not None:
        raise KeyChangeOpen(f"{site.name}的密钥正在更换。", f"The key of {site.code} is being changed.")
    if not 1 <= overlap_days <= LONGEST:
        raise Conflict(f"重叠期为 1 至 {LONGEST} 天。", f"The overlap is 1 to {LONGEST} days.")
    row.next_private_key, row.next_public_key = keys.make_pair()
    row.overlap_days = overlap_days
    now = ctx.clock.now()
    partners = ctx.session.scalars(select(Site).where(Site.is_local.is_(False), Site.endpoint.is_not(None))).all()
    told = [
        KeyNotice(site_id=site.id, partner_id=partner.id, public_key=row.next_public_key, created_at=now)
        for partner in partners
    ]
    ctx.session.add_all(told)
    ctx.session.flush()
    work.add(ctx, [NewWork(JOB, str(notice.id), now, queue=MESSAGE) for notice in told])
    data = {"site": site.code, "key": keys.fingerprint(row.next_public_key), "partners": len(told)}
    audit.record(ctx, "site.key-announced", site_id=site.id, data=data)
    if not told:
        finish(ctx, site)
    return state_of(ctx, site)


def finish(ctx: Context, site: Site) -> None:
    """Sign with the next key from now on. Partners that do not know it yet refuse the site's messages until they do."""
    row = _own(ctx, site)
    if row.next_private_key is None or row.next_public_key is None or site.public_key is None:
        raise Conflict("没有正在进行的密钥更换。", "No change of the key is going on.")
    until = ctx.clock.now() + timedelta(days=row.overlap_days or OVERLAP)
    keep_former(ctx, site, site.public_key, until)
    data = {
        "site": site.code,
        "old": keys.fingerprint(site.public_key),
        "new": keys.fingerprint(row.next_public_key),
        "oldUntil": until.isoformat(),
    }
    row.private_key, site.public_key, row.created_at = row.next_private_key, row.next_public_key, ctx.clock.now()
    row.next_private_key, row.next_public_key, row.overlap_days = None, None, None
    ctx.session.flush()
    audit.record(ctx, "site.key-changed", site_id=site.id, data=data)


def state_of(ctx: Context, site: Site) -> State:
    """How the key of a site stands."""
    row = ctx.session.get(SiteKey, site.id)
    next_key = row.next_public_key if row is not None else None
    told = ctx.session.execute(
        select(KeyNotice, Site)
        .join(Site, Site.id == KeyNotice.partner_id)
        .where(KeyNotice.site_id == site.id, KeyNotice.public_key == next_key)
        .order_by(KeyNotice.id)
    )
    former = select(FormerSiteKey).where(FormerSiteKey.site_id == site.id).order_by(FormerSiteKey.id)
    return State(site, next_key, [(pair[0], pair[1]) for pair in told], list(ctx.session.scalars(former)))


def announce(ctx: Context, item: Work) -> Outside | None:
    """Job ``site-key.announce``: tell one partner, until it has answered."""
    notice = ctx.session.get(KeyNotice, int(item.ref))
    site = ctx.session.get_one(Site, notice.site_id) if notice is not None else None
    row = ctx.session.get(SiteKey, site.id) if site is not None else None
    if notice is None or site is None or row is None or notice.answered_at is not None:
        return None
    if row.next_private_key is None or row.next_public_key != notice.public_key:
        return None  # taken into use without this partner: it is told by its own administrator
    partner = ctx.session.get_one(Site, notice.partner_id)
    until = ctx.clock.now() + timedelta(days=row.overlap_days or OVERLAP)
    content = {"key": notice.public_key, "oldKeyUntil": until.isoformat()}
    content["proof"] = keys.sign_with(row.next_private_key, _proven(site, partner, content))
    raw = notes.write(ctx, KIND, site, partner, content)
    return Outside(partial(notes.post, notes.line(ctx, partner), raw, keys.sign(ctx, site.id, raw)), _answered)


def accept(ctx: Context, note: Note) -> dict[str, Any]:
    """A partner's site has a next key: both are taken until the day it names. The same notice again changes nothing.

    Raises :class:`NoteUnreadable`, :class:`NoteRefused`.
    """
    try:
        key, proof = str(note.content["key"]), str(note.content["proof"])
        until = datetime.fromisoformat(note.content["oldKeyUntil"])
        content = {"key": key, "oldKeyUntil": note.content["oldKeyUntil"]}
        soon = until <= ctx.clock.now() + timedelta(days=LONGEST)
        fingerprint = keys.fingerprint(key)
    except (KeyError, ValueError, TypeError):
        raise NoteUnreadable("密钥通知缺少必需的内容。", "The notice lacks what it must have.") from None
    if not keys.verify(key, _proven(note.sender, note.receiver, content), proof):
        raise NoteRefused("新密钥没有证明归发送方所有。", "The new key is not proved to be the sender's.")
    site = ctx.session.get_one(Site, note.sender.id, with_for_update=True)
    answer = {"kind": KIND, "key": fingerprint, "state": "accepted"}
    if site.public_key == key:
        return answer
    if site.public_key is None or not (soon and note.is_present) or _was_before(ctx, site, key):
        raise NoteRefused("该密钥已停用，或重叠期过长。", "The key was retired before, or the overlap is too long.")
    data = {
        "site": site.code,
        "old": keys.fingerprint(site.public_key),
        "new": fingerprint,
        "oldUntil": until.isoformat(),
    }
    keep_former(ctx, site, site.public_key, until)
    site.public_key = key
    ctx.session.flush()
    audit.record(ctx, "site.key-accepted", site_id=note.receiver.id, data=data)
    return answer


def _answered(ctx: Context, item: Work, answer: Any) -> None:
    notice = ctx.session.get_one(KeyNotice, int(item.ref), with_for_update=True)
    if answer.get("key") != keys.fingerprint(notice.public_key):
        raise NoteRefused("对方确认的不是这把密钥。", "The partner confirmed another key.")
    notice.answered_at = ctx.clock.now()
    ctx.session.flush()
    site = ctx.session.get_one(Site, notice.site_id)
    row = _own(ctx, site)  # locked: of two last answers one sees the other
    waiting = select(KeyNotice.id).where(
        KeyNotice.site_id == site.id, KeyNotice.public_key == notice.public_key, KeyNotice.answered_at.is_(None)
    )
    if row.next_public_key == notice.public_key and ctx.session.scalar(waiting.limit(1)) is None:
        finish(ctx, site)


def _own(ctx: Context, site: Site) -> SiteKey:
    row = ctx.session.get(SiteKey, site.id, with_for_update=True)
    if row is None:
        raise keys.NoSigningKey("这里没有该机构的签名密钥。", "There is no signing key of this site here.")
    return row


def keep_former(ctx: Context, site: Site, key: str, until: datetime) -> None:
    """Keep a key that the site signed with for what it signed; what comes under it is taken until then."""
    values = {"site_id": site.id, "public_key": key, "replaced_at": ctx.clock.now(), "accepted_until": until}
    ctx.session.execute(insert(FormerSiteKey).values(values).on_conflict_do_nothing())


def _was_before(ctx: Context, site: Site, key: str) -> bool:
    query = select(FormerSiteKey.id).where(FormerSiteKey.site_id == site.id, FormerSiteKey.public_key == key)
    return ctx.session.scalar(query) is not None


def _proven(site: Site, partner: Site, content: dict[str, str]) -> bytes:
    """What the next key signs: it is this site's, for this partner."""
    return f"lianban site key|{site.code}|{partner.code}|{content['key']}|{content['oldKeyUntil']}".encode()
