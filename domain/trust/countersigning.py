"""联署锚点: the partners of this deployment's cases put their name under its newest anchor, and cannot be talked out of it later.

Once a period the newest anchor goes to every partner that shares a case which moved; the partner's site signs that it saw the statement,
and refuses another one of the same number for ever. Nothing about people or cases is in it.
"""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta
from functools import partial
from typing import Any, Final

import orjson
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from sqlalchemy import func, or_, select, text
from sqlalchemy.dialects.postgresql import insert

from domain.audit import anchors
from domain.audit import service as audit
from domain.audit.canonical import digest, moment, to_bytes
from domain.audit.models import AuditAnchor, AuditKey
from domain.context import Context
from domain.outbox import work
from domain.outbox.models import Work
from domain.outbox.work import MESSAGE, NewWork, Outside
from domain.sites import keys
from domain.sites.models import FormerSiteKey, Site
from domain.trust import notes
from domain.trust.errors import NoteRefused, NoteUnreadable
from domain.trust.models import Countersignature, ForeignAnchor
from domain.trust.notes import Note

KIND: Final = "anchor"
JOB: Final = "anchor.countersign"
VERSION: Final = 1
_SHARED: Final = text(
    """
    select distinct messages.sender_code, messages.receiver_code from audit_anchor_leaves
    join messages on messages.case_id = substring(audit_anchor_leaves.chain from 6)::bigint
    where audit_anchor_leaves.anchor_number > :since and audit_anchor_leaves.chain like 'case:%'
    """
)


def ask(ctx: Context, every: timedelta) -> int:
    """Ask the partners for their name under the newest anchor, when a period is over; how many are asked."""
    now = _now(ctx)
    last = ctx.session.execute(
        select(Countersignature.anchor_number, Countersignature.asked_at).order_by(Countersignature.id.desc()).limit(1)
    ).first()
    newest = anchors.find_newest(ctx)
    if newest is None or (last is not None and (now - last.asked_at < every or last.anchor_number >= newest.number)):
        return 0
    pairs = _partners(ctx, last.anchor_number if last is not None else 0)
    rows = [
        Countersignature(anchor_number=newest.number, site_id=own, partner_id=partner, asked_at=now)
        for partner, own in pairs.items()
    ]
    ctx.session.add_all(rows)
    ctx.session.flush()
    work.add(ctx, [NewWork(JOB, str(row.id), ctx.clock.now(), queue=MESSAGE) for row in rows])
    return len(rows)


def send(ctx: Context, item: Work) -> Outside | None:
    """Job ``anchor.countersign``: bring one partner the anchor, until it has answered."""
    row = ctx.session.get(Countersignature, int(item.ref))
    if row is None or row.answered_at is not None:
        return None
    site, partner = ctx.session.get_one(Site, row.site_id), ctx.session.get_one(Site, row.partner_id)
    anchor = ctx.session.scalars(select(AuditAnchor).where(AuditAnchor.number == row.anchor_number)).one()
    key = ctx.session.get_one(AuditKey, anchor.key_id)
    told = anchors.published(anchor)
    content = {name: told[name] for name in ("statement", "signature", "key")}
    raw = notes.write(ctx, KIND, site, partner, {**content, "publicKey": bytes(key.public_key).hex()})
    return Outside(partial(notes.post, notes.line(ctx, partner), raw, keys.sign(ctx, site.id, raw)), _answered)


def give(ctx: Context, note: Note) -> dict[str, Any]:
    """Countersign an anchor of a partner, or say that it contradicts what was countersigned before. Raises :class:`NoteUnreadable`."""
    try:
        statement = str(note.content["statement"]).encode()
        signature = bytes.fromhex(note.content["signature"])
        public = bytes.fromhex(note.content["publicKey"])
        told = orjson.loads(statement)
        number, previous, key_id = int(told["number"]), str(told["previous"]), str(told["key"])
        Ed25519PublicKey.from_public_bytes(public).verify(signature, statement)
    except (KeyError, ValueError, TypeError):
        raise NoteUnreadable("锚点缺少必需的内容。", "The anchor lacks what it must have.") from None
    except InvalidSignature:
        raise NoteRefused("锚点的签名不符。", "The anchor's signature is wrong.") from None
    if key_id != hashlib.sha256(public).hexdigest()[:32] or not 0 < number < 2**62:
        raise NoteRefused("锚点的密钥编号不符。", "The anchor names another key.")
    ctx.session.get_one(Site, note.sender.id, with_for_update=True)
    seen = _seen(ctx, note.sender, number)
    same = next((row for row in seen if row.number == number), None)
    if same is not None and bytes(same.statement) == statement:
        return {"kind": KIND, "state": "countersigned", **orjson.loads(bytes(same.countersignature))}
    if same is not None or _contradicts(seen, number, previous):
        data = {"site": note.sender.code, "number": number, "key": key_id}
        audit.record(ctx, "anchor.contradicted", site_id=note.receiver.id, data=data)
        return {"kind": KIND, "state": "contradicts", "number": number}
    if any(row.number > number for row in seen):
        return {"kind": KIND, "state": "superseded", "number": number}
    return {"kind": KIND, "state": "countersigned", **_sign(ctx, note, number, key_id, statement, signature)}


def list_of(ctx: Context, numbers: list[int]) -> list[tuple[Countersignature, Site]]:
    """The countersignatures that were given to these anchors."""
    rows = ctx.session.execute(
        select(Countersignature, Site)
        .join(Site, Site.id == Countersignature.partner_id)
        .where(Countersignature.anchor_number.in_(numbers), Countersignature.signature.is_not(None))
        .order_by(Countersignature.anchor_number, Site.code)
    )
    return [(row[0], row[1]) for row in rows]


def _answered(ctx: Context, item: Work, answer: Any) -> None:
    row = ctx.session.get_one(Countersignature, int(item.ref), with_for_update=True)
    partner = ctx.session.get_one(Site, row.partner_id)
    now, state = _now(ctx), str(answer.get("state"))
    if state == "contradicts":
        data = {"site": partner.code, "number": row.anchor_number}
        audit.record(ctx, "anchor.contradicted", site_id=row.site_id, data=data)
    if state in {"contradicts", "superseded"}:
        row.answered_at = now
        return
    anchor = ctx.session.scalars(select(AuditAnchor).where(AuditAnchor.number == row.anchor_number)).one()
    statement, signature = str(answer.get("statement")).encode(), str(answer.get("signature"))
    key = next((key for key in _keys_of(ctx, partner) if keys.verify(key, statement, signature)), None)
    if key is None or not _says(statement, anchor, partner):
        raise NoteRefused("对方的联署与锚点不符。", "The countersignature does not fit the anchor.")
    row.statement, row.signature, row.partner_key, row.answered_at = statement, signature[:100], key, now
    ctx.session.flush()
    audit.record(
        ctx, "anchor.countersigned", site_id=row.site_id, data={"site": partner.code, "number": row.anchor_number}
    )


def _sign(ctx: Context, note: Note, number: int, key_id: str, statement: bytes, signature: bytes) -> dict[str, Any]:
    now = _now(ctx)
    said = to_bytes(
        {
            "v": VERSION,
            "kind": "countersignature",
            "by": note.receiver.code,
            "for": note.sender.code,
            "number": number,
            "key": key_id,
            "digest": digest(None, statement).hex(),
            "at": moment(now),
        }
    )
    given = {"statement": said.decode(), "signature": keys.sign(ctx, note.receiver.id, said)}
    values = {
        "site_id": note.sender.id,
        "key_id": key_id,
        "number": number,
        "statement": statement,
        "signature": signature,
        "countersignature": orjson.dumps(given),
        "received_at": now,
    }
    ctx.session.execute(insert(ForeignAnchor).values(values))
    audit.record(
        ctx, "anchor.countersigned-for", site_id=note.receiver.id, data={"site": note.sender.code, "number": number}
    )
    return given


def _contradicts(seen: list[ForeignAnchor], number: int, previous: str) -> bool:
    """Whether the anchor that goes before this one was another one when it was seen."""
    before = next((row for row in seen if row.number == number - 1), None)
    if before is None:
        return False
    earlier = bytes.fromhex(str(orjson.loads(bytes(before.statement))["previous"]))
    return digest(earlier or None, bytes(before.statement)).hex() != previous


def _seen(ctx: Context, sender: Site, number: int) -> list[ForeignAnchor]:
    """Of the sender's anchors the one of this number, the one before, and the newest."""
    newest = select(func.max(ForeignAnchor.number)).where(ForeignAnchor.site_id == sender.id).scalar_subquery()
    wanted = or_(ForeignAnchor.number.in_([number, number - 1]), ForeignAnchor.number == newest)
    return list(ctx.session.scalars(select(ForeignAnchor).where(ForeignAnchor.site_id == sender.id, wanted)))


def _partners(ctx: Context, since: int) -> dict[int, int]:
    """Sites of other deployments with an address that shared a case which moved → the site here that shared it."""
    pairs = ctx.session.execute(_SHARED, {"since": since}).all()
    codes = {code for pair in pairs for code in pair}
    sites = {site.code: site for site in ctx.session.scalars(select(Site).where(Site.code.in_(codes)))}
    found: dict[int, int] = {}
    for pair in sorted(tuple(pair) for pair in pairs):
        ends = [sites[code] for code in pair if code in sites]
        here = next((site for site in ends if site.is_local), None)
        there = next((site for site in ends if not site.is_local and site.endpoint), None)
        if here is not None and there is not None:
            found.setdefault(there.id, here.id)
    return found


def _says(statement: bytes, anchor: AuditAnchor, partner: Site) -> bool:
    """Whether the partner's statement is about this anchor."""
    try:
        told = orjson.loads(statement)
    except ValueError:
        return False
    wanted = {"by": partner.code, "number": anchor.number, "digest": digest(None, bytes(anchor.statement)).hex()}
    return isinstance(told, dict) and all(told.get(name) == value for name, value in wanted.items())


def _keys_of(ctx: Context, partner: Site) -> list[str]:
    former = select(FormerSiteKey.public_key).where(FormerSiteKey.site_id == partner.id)
    return [*([partner.public_key] if partner.public_key else []), *ctx.session.scalars(former)]


def _now(ctx: Context) -> datetime:
    """The database's own time: a training clock must not date signatures."""
    now: datetime = ctx.session.scalar(select(func.clock_timestamp()))  # type: ignore[assignment]  # always a moment
    return now
