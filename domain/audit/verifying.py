"""Checking chains in the database: against the columns that people read, the stored ends, and the anchors."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

import orjson
from sqlalchemy import Row, Select, column, func, select, table

from domain.audit.canonical import digest, event_bytes, read_bytes
from domain.audit.models import AuditAnchorLeaf, AuditChain, AuditEvent, AuditRead
from domain.context import Context

CASES: Final = table("cases", column("id"), column("audit_seq"), column("audit_head"))
PAGE: Final = 2000
"""Rows that are fetched at a time."""


@dataclass(frozen=True, slots=True)
class Finding:
    """The first thing in a chain that is not as it was: which link, which field, in words."""

    chain: str
    seq: int | None
    field: str | None
    zh: str
    en: str


@dataclass(frozen=True, slots=True)
class Verification:
    """Result of checking a chain: how many links, and the number of the first that does not fit."""

    verified: bool
    events: int
    broken_at: int | None = None
    finding: Finding | None = None


@dataclass(frozen=True, slots=True)
class End:
    """Where a chain must end."""

    seq: int
    head: bytes | None


def verify_case(ctx: Context, case_id: int) -> Verification:
    """Recompute a case's chain of acts from the stored bytes and compare them with the columns that people read."""
    row = ctx.session.execute(select(CASES.c.audit_seq, CASES.c.audit_head).where(CASES.c.id == case_id)).one()
    where = select(AuditEvent.__table__).where(AuditEvent.case_id == case_id)
    return check(
        ctx, f"case:{case_id}", where.order_by(AuditEvent.seq), event_bytes, End(row.audit_seq, row.audit_head)
    )


def verify_sealed(ctx: Context, name: str) -> Verification:
    """The same for a chain that is sealed in batches; rows that are not sealed yet do not count."""
    kind, _, number = name.partition(":")
    end = ctx.session.execute(select(AuditChain.seq, AuditChain.head).where(AuditChain.name == name)).one_or_none()
    stored = End(end.seq, end.head) if end else End(0, None)
    acts = kind == "site"
    return check(ctx, name, _rows_of(kind, int(number)), event_bytes if acts else read_bytes, stored)


def check(
    ctx: Context, chain: str, rows: Select[Any], canonical: Callable[[Mapping[Any, Any]], bytes], end: End
) -> Verification:
    """Walk a chain from its first link."""
    anchored = _anchored(ctx, chain)
    head: bytes | None = None
    number = 0
    finding: Finding | None = None
    with ctx.session.execute(rows.execution_options(yield_per=PAGE)) as links:
        for number, row in enumerate(links, start=1):
            finding = _misfit(chain, number, head, row, canonical)
            head = row.hash
            if finding is None and anchored.get(number, head) != head:
                finding = _said(
                    chain, number, "hash", "与已锚定的哈希不一致", "does not have the hash that was anchored"
                )
            if finding is not None:
                break
    if finding is not None:
        return _broken(ctx, rows, number, finding)
    last = max(anchored, default=0)
    if (number, head) != (end.seq, end.head) or last > number:
        ends = max(end.seq, last)
        if ends > number:
            finding = _said(chain, number + 1, None, "缺失：链尾被删去", "is missing: the end of the chain was cut off")
        else:
            finding = _said(
                chain, number, "hash", "之后的链尾记录不一致", "is not where the stored end of the chain is"
            )
        return Verification(verified=False, events=number, broken_at=number + 1, finding=finding)
    return Verification(verified=True, events=number)


def _misfit(
    chain: str, number: int, head: bytes | None, row: Row[Any], canonical: Callable[[Mapping[Any, Any]], bytes]
) -> Finding | None:
    if row.seq != number:
        return _said(chain, number, "seq", "缺失或次序被调换", "is missing or out of order")
    told = canonical(row._mapping)  # noqa: SLF001 -- a row's dict
    if told != row.canonical:
        field = _first_difference(row.canonical, told)
        return _said(chain, number, field, "的内容被改动", "was changed")
    if row.prev_hash != head:
        return _said(chain, number, "prev_hash", "与前一条不相接", "does not follow the one before")
    if row.hash != digest(head, row.canonical):
        return _said(chain, number, "hash", "的内容或哈希被改动", "or its hash was changed")
    return None


def _first_difference(stored: bytes, told: bytes) -> str | None:
    try:
        before, after = orjson.loads(stored), orjson.loads(told)
    except orjson.JSONDecodeError:
        return None
    if not isinstance(before, dict):
        return None
    return next((name for name in sorted(before.keys() | after.keys()) if before.get(name) != after.get(name)), None)


def _broken(ctx: Context, rows: Select[Any], number: int, finding: Finding) -> Verification:
    total = ctx.session.scalar(select(func.count()).select_from(rows.order_by(None).subquery())) or number
    return Verification(verified=False, events=total, broken_at=number, finding=finding)


def _said(chain: str, seq: int, field: str | None, zh: str, en: str) -> Finding:
    where_zh, where_en = (f"的 {field}", f", field {field},") if field else ("", "")
    return Finding(
        chain, seq, field, f"链 {chain} 第 {seq} 条{where_zh}{zh}。", f"Chain {chain}, link {seq}{where_en} {en}."
    )


def _anchored(ctx: Context, chain: str) -> dict[int, bytes]:
    """What anchors say of a chain: number of the link → its hash."""
    query = select(AuditAnchorLeaf.seq, AuditAnchorLeaf.head).where(AuditAnchorLeaf.chain == chain)
    return {row.seq: row.head for row in ctx.session.execute(query)}


def _rows_of(kind: str, number: int) -> Select[Any]:
    if kind == "site":
        acts = AuditEvent.__table__
        at = func.coalesce(AuditEvent.site_id, 0) == number
        return (
            select(acts).where(AuditEvent.case_id.is_(None), AuditEvent.hash.is_not(None), at).order_by(AuditEvent.seq)
        )
    reads = select(AuditRead.__table__).where(AuditRead.hash.is_not(None)).order_by(AuditRead.seq)
    if kind == "reads":
        return reads.where(AuditRead.case_id == number)
    return reads.where(AuditRead.case_id.is_(None), func.coalesce(AuditRead.site_id, 0) == number)


def chain_names(ctx: Context) -> Iterator[str]:
    """All chains that are sealed in batches, and those that only anchors know any more."""
    sealed = set(ctx.session.scalars(select(AuditChain.name).where(AuditChain.name.not_like("case:%"))))
    anchored = select(AuditAnchorLeaf.chain).where(AuditAnchorLeaf.chain.not_like("case:%")).distinct()
    yield from sorted(sealed | set(ctx.session.scalars(anchored)))
