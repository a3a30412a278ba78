"""Chaining in batches what must not wait for a lock when it is written: acts outside of cases and all reads.

A row is written with its canonical bytes in the transaction of the act or read. One runner at a time (advisory lock) then gives rows
their place in the chain of their site or case, in the order of their ids among those that are visible. Between the two lies the
pause of the tick (seconds); from there on a changed, dropped or moved row breaks its chain.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from domain.audit.canonical import digest
from domain.context import Context
from domain.errors import Busy
from domain.statements import Statement

LOCK: Final = 0x4C42_4155
"""Advisory lock of whoever seals or anchors."""
MOST: Final = 2000
"""Rows of one kind that one transaction seals."""
_EVENTS: Final = Statement(
    """
    select id, 'site:' || coalesce(site_id, 0), canonical from audit_events
    where hash is null and canonical is not null and case_id is null order by id limit %(most)s
    """
)
_READS: Final = Statement(
    """
    select id, case when case_id is null then 'lookups:' || coalesce(site_id, 0) else 'reads:' || case_id end, canonical
    from audit_reads where hash is null order by id limit %(most)s
    """
)
_CHAINS: Final = Statement("select name, seq, head from audit_chains where name = any(%(names)s) for update")
_KEEP: Final = Statement(
    """
    insert into audit_chains (name, seq, head, anchored_seq)
    select *, 0 from unnest(%(names)s::varchar[], %(seqs)s::bigint[], %(heads)s::bytea[])
    on conflict (name) do update set seq = excluded.seq, head = excluded.head
    """
)


@dataclass(slots=True)
class _End:
    seq: int = 0
    head: bytes | None = None


def seal(ctx: Context) -> int:
    """Seal a batch; how many rows. 0 also when another node does it now."""
    if not try_lock(ctx.session):
        return 0
    return _seal(ctx.session, _EVENTS, "audit_events") + _seal(ctx.session, _READS, "audit_reads")


def seal_all(ctx: Context) -> int:
    """Seal everything that is there; the caller holds the lock."""
    total = 0
    while sealed := _seal(ctx.session, _EVENTS, "audit_events") + _seal(ctx.session, _READS, "audit_reads"):
        total += sealed
    return total


def try_lock(session: Session) -> bool:
    """Become the only one who seals, until the end of the transaction."""
    return bool(session.scalar(select(func.pg_try_advisory_xact_lock(LOCK))))


def lock(session: Session) -> None:
    """The same, waiting for whoever does it now (bounded by ``lock_timeout``)."""
    session.execute(select(func.pg_advisory_xact_lock(LOCK)))


def _seal(session: Session, waiting: Statement, table: str) -> int:
    rows = waiting.rows(session, {"most": MOST})
    if not rows:
        return 0
    ends = _ends(session, {name for _, name, _ in rows})
    links: list[tuple[int, int, bytes | None, bytes]] = []
    for row_id, name, canonical in rows:
        end = ends[name]
        previous, end.seq, end.head = end.head, end.seq + 1, digest(end.head, canonical)
        links.append((row_id, end.seq, previous, end.head))
    _write(session, table, links)
    _KEEP.run(
        session,
        {
            "names": list(ends),
            "seqs": [end.seq for end in ends.values()],
            "heads": [end.head for end in ends.values()],
        },
    )
    return len(rows)


def _ends(session: Session, names: set[str]) -> dict[str, _End]:
    ends = {name: _End() for name in sorted(names)}
    for name, seq, head in _CHAINS.rows(session, {"names": sorted(names)}):
        ends[name] = _End(seq, None if head is None else bytes(head))
    return ends


def _write(session: Session, table: str, links: Sequence[tuple[int, int, bytes | None, bytes]]) -> None:
    ids, seqs, previous, heads = zip(*links, strict=True)
    values: dict[str, Any] = {"ids": list(ids), "seqs": list(seqs), "previous": list(previous), "heads": list(heads)}
    if len(_LINK[table].rows(session, values)) != len(links):
        raise Busy("记录暂时无法封链。", "Some rows of the record cannot be chained now.")


_LINK: Final = {
    table: Statement(
        f"""
        update {table} as row set seq = link.seq, prev_hash = link.previous, hash = link.head
        from unnest(%(ids)s::bigint[], %(seqs)s::bigint[], %(previous)s::bytea[], %(heads)s::bytea[])
            as link (id, seq, previous, head)
        where row.id = link.id
        returning row.id
        """  # noqa: S608 -- our own tables
    )
    for table in ("audit_events", "audit_reads")
}
__all__ = ["lock", "seal", "seal_all", "try_lock"]
