"""Anchors: a signed statement over the ends of all chains that moved since the anchor before, itself a link in a chain of anchors.

Whoever cuts the end off a chain, or takes a whole case away, contradicts the newest anchor that holds it; whoever changes the leaves
contradicts the root; whoever makes a root anew lacks the key; and whoever has key and database contradicts what was published.
Only chains that moved are in an anchor, so that its cost follows the work done and not the number of cases.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import func, select

from domain import reach
from domain.audit import keys, sealing
from domain.audit.canonical import digest, moment, to_bytes
from domain.audit.merkle import Tree, leaf_bytes
from domain.audit.models import AuditAnchor, AuditAnchorLeaf, AuditEvent
from domain.context import Context
from domain.statements import Statement

VERSION: Final = 1
MOST_LEAVES: Final = 20_000
"""Chains of one anchor; what is left goes into the next."""
LONGEST_TRANSACTION: Final = timedelta(minutes=30)
"""Events whose transaction was longer on its way than this are found by the daily anchor that looks at every case."""
HEARTBEAT: Final = timedelta(days=1)
"""An anchor is taken at least this often, also when nothing moved, and looks at every case."""
_MOVED_CASES: Final = Statement(
    """
    select 'case:' || cases.id, cases.audit_seq, cases.audit_head from cases
    left join audit_chains on audit_chains.name = 'case:' || cases.id
    where cases.audit_seq > 0 and cases.audit_head is distinct from audit_chains.anchored_head
        and (%(whole)s or cases.id in (select case_id from audit_events where id > %(since)s and case_id is not null))
    order by cases.id limit %(most)s
    """
)
_MOVED_CHAINS: Final = Statement(
    """
    select name, seq, head from audit_chains
    where seq <> anchored_seq and name not like 'case:%%' order by name limit %(most)s
    """
)
_LEAVES: Final = Statement(
    """
    insert into audit_anchor_leaves (anchor_number, position, chain, seq, head)
    select %(number)s, place - 1, chain, seq, head
    from unnest(%(names)s::varchar[], %(seqs)s::bigint[], %(heads)s::bytea[]) with ordinality
        as leaf (chain, seq, head, place)
    """
)
_ANCHORED: Final = Statement(
    """
    insert into audit_chains (name, seq, head, anchored_seq, anchored_head, anchor_number)
    select name, seq, head, seq, head, %(number)s
    from unnest(%(names)s::varchar[], %(seqs)s::bigint[], %(heads)s::bytea[]) as ends (name, seq, head)
    on conflict (name) do update set anchored_seq = excluded.seq, anchored_head = excluded.head,
        anchor_number = excluded.anchor_number,
        seq = greatest(audit_chains.seq, excluded.seq),
        head = case when excluded.seq >= audit_chains.seq then excluded.head else audit_chains.head end
    """
)


@dataclass(frozen=True, slots=True)
class Leaf:
    """The end of a chain as an anchor holds it."""

    chain: str
    seq: int
    head: bytes


def take(ctx: Context, *, wait: bool = False) -> AuditAnchor | None:
    """Seal what waits and anchor what moved. None: nothing moved, or another node does it now (``wait``: wait for it)."""
    with reach.for_platform(ctx.session):
        return _take(ctx, wait=wait)


def _take(ctx: Context, *, wait: bool) -> AuditAnchor | None:
    if wait:
        sealing.lock(ctx.session)
    elif not sealing.try_lock(ctx.session):
        return None
    keys.current_key(ctx)  # a new one is on record, and in this anchor
    sealing.seal_all(ctx)
    now: datetime = ctx.session.scalar(select(func.clock_timestamp()))  # type: ignore[assignment]  # always a moment
    last = find_newest(ctx)
    since, whole = _since(ctx, now, last)
    newest_event = ctx.session.scalar(select(func.max(AuditEvent.id))) or 0
    leaves = _moved(ctx, since, whole=whole)
    if not leaves and last is not None and now - last.at < HEARTBEAT:
        return None
    cut = len(leaves) >= MOST_LEAVES
    return _write(ctx, last, leaves, now, events_up_to=since if cut else newest_event, whole=whole and not cut)


def find_newest(ctx: Context) -> AuditAnchor | None:
    """The newest anchor."""
    return ctx.session.scalar(select(AuditAnchor).order_by(AuditAnchor.number.desc()).limit(1))


def leaves_of(ctx: Context, number: int) -> list[Leaf]:
    """The leaves of an anchor in the order of its tree."""
    rows = ctx.session.execute(
        select(AuditAnchorLeaf.chain, AuditAnchorLeaf.seq, AuditAnchorLeaf.head)
        .where(AuditAnchorLeaf.anchor_number == number)
        .order_by(AuditAnchorLeaf.position)
    )
    return [Leaf(row.chain, row.seq, row.head) for row in rows]


def numbers_of(ctx: Context, chain: str) -> list[int]:
    """The anchors that hold a chain, oldest first."""
    query = select(AuditAnchorLeaf.anchor_number).where(AuditAnchorLeaf.chain == chain)
    return list(ctx.session.scalars(query.order_by(AuditAnchorLeaf.anchor_number)))


def tree_of(leaves: list[Leaf]) -> Tree:
    """The tree over leaves."""
    return Tree([leaf_bytes(leaf.chain, leaf.seq, leaf.head) for leaf in leaves])


def published(anchor: AuditAnchor) -> dict[str, Any]:
    """An anchor as it is published: nothing in it is about people or cases."""
    return {
        "statement": bytes(anchor.statement).decode(),
        "signature": bytes(anchor.signature).hex(),
        "key": anchor.key_id,
        "hash": bytes(anchor.hash).hex(),
        "timestamp": bytes(anchor.timestamp_token).hex() if anchor.timestamp_token else None,
    }


def _since(ctx: Context, now: datetime, last: AuditAnchor | None) -> tuple[int, bool]:
    """From which event on to look for cases that moved, and whether to look at all cases."""
    if last is None:
        return 0, True
    whole_at = ctx.session.scalar(select(func.max(AuditAnchor.at)).where(AuditAnchor.is_whole))
    if whole_at is None or now - whole_at >= HEARTBEAT:
        return 0, True
    early = select(func.max(AuditAnchor.events_up_to)).where(AuditAnchor.at < now - LONGEST_TRANSACTION)
    return ctx.session.scalar(early) or 0, False


def _moved(ctx: Context, since: int, *, whole: bool) -> list[Leaf]:
    chains = _MOVED_CHAINS.rows(ctx.session, {"most": MOST_LEAVES})
    room = MOST_LEAVES - len(chains)
    cases = _MOVED_CASES.rows(ctx.session, {"since": since, "whole": whole, "most": room}) if room else []
    return [Leaf(name, seq, bytes(head)) for name, seq, head in [*cases, *chains]]


def _write(
    ctx: Context, last: AuditAnchor | None, leaves: list[Leaf], now: datetime, *, events_up_to: int, whole: bool
) -> AuditAnchor:
    number = last.number + 1 if last else 1
    key = keys.current_key(ctx)
    statement = to_bytes(
        {
            "v": VERSION,
            "number": number,
            "at": moment(now),
            "root": tree_of(leaves).root.hex(),
            "leaves": len(leaves),
            "previous": bytes(last.hash).hex() if last else "",
            "key": key.id,
        }
    )
    anchor = AuditAnchor(
        number=number,
        at=now,
        statement=statement,
        hash=digest(last.hash if last else None, statement),
        signature=keys.sign(key, statement),
        key_id=key.id,
        leaf_count=len(leaves),
        events_up_to=events_up_to,
        is_whole=whole,
    )
    ctx.session.add(anchor)
    ctx.session.flush()
    if leaves:
        _write_leaves(ctx, number, leaves)
    return anchor


def _write_leaves(ctx: Context, number: int, leaves: list[Leaf]) -> None:
    ends = {
        "number": number,
        "names": [leaf.chain for leaf in leaves],
        "seqs": [leaf.seq for leaf in leaves],
        "heads": [leaf.head for leaf in leaves],
    }
    _LEAVES.run(ctx.session, ends)
    _ANCHORED.run(ctx.session, ends)
