"""Recording what happened: one hash chain per case, its head on the case row that every step locks anyway."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import orjson
from cryptography.hazmat.primitives import hashes
from sqlalchemy import Table, column, insert, select, table, update

from domain.audit.models import AuditEvent
from domain.context import Context

EVENTS: Table = AuditEvent.__table__  # type: ignore[assignment]  # declared as FromClause, is a Table
CASES = table("cases", column("id"), column("audit_seq"), column("audit_head"))
_CHAINS = "audit.chains"
CASE = "audit.case"
"""Key in ``session.info``: the id of the case that the transaction wrote about (for logs and traces)."""
RECORDED = "audit.recorded"
"""Key in ``session.info``: how many events the transaction recorded (for metrics)."""
APPLICANT_NAME = "申请人"
"""Stands for a citizen's name in the record, which never holds personal data."""


@dataclass(slots=True)
class Chain:
    """The open end of a case's chain while its row is locked; ``pending`` rows are written together by :func:`flush`."""

    case_id: int
    seq: int
    head: bytes | None
    pending: list[dict[str, Any]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Verification:
    """Result of checking a chain: how many events, and the number of the first that does not fit."""

    verified: bool
    events: int
    broken_at: int | None = None


def record(
    ctx: Context,
    kind: str,
    *,
    case_id: int | None = None,
    leg_id: int | None = None,
    site_id: int | None = None,
    element_id: str | None = None,
    data: Mapping[str, Any] | None = None,
) -> None:
    """Write down a fact such as ``task.completed``. ``data`` is small, JSON-able and never holds personal data.

    Inside a step the event joins the step's chain and is written with it; elsewhere the case row is locked here.
    """
    told = ctx.session.info
    told[RECORDED] = told.get(RECORDED, 0) + 1
    if case_id is not None:
        told[CASE] = case_id
    event = _event(ctx, kind, case_id=case_id, leg_id=leg_id, site_id=site_id, element_id=element_id, data=data)
    if case_id is None:
        ctx.session.execute(insert(EVENTS), [event | {"seq": None, "canonical": None, "prev_hash": None, "hash": None}])
        return
    chain = _open_chains(ctx).get(case_id)
    if chain is not None:
        _append(chain, event)
        return
    with locked_chain(ctx, case_id) as own:
        _append(own, event)


@contextmanager
def locked_chain(ctx: Context, case_id: int) -> Iterator[Chain]:
    """Lock the case's chain, collect events, write them and the new head."""
    row = ctx.session.execute(
        select(CASES.c.audit_seq, CASES.c.audit_head).where(CASES.c.id == case_id).with_for_update()
    ).one()
    with joined_chain(ctx, Chain(case_id, row.audit_seq, row.audit_head)) as chain:
        yield chain
    ctx.session.execute(update(CASES).where(CASES.c.id == case_id).values(audit_seq=chain.seq, audit_head=chain.head))


@contextmanager
def joined_chain(ctx: Context, chain: Chain) -> Iterator[Chain]:
    """Collect every event of the case in one multi-row insert. The caller holds the lock and stores ``seq`` and ``head``."""
    with collected(ctx, chain):
        yield chain
    flush(ctx, chain)


@contextmanager
def collected(ctx: Context, chain: Chain) -> Iterator[Chain]:
    """Collect every event of the case; the caller holds the lock and writes ``pending`` (rows of :data:`EVENTS`), ``seq`` and ``head``."""
    chains = _open_chains(ctx)
    chains[chain.case_id] = chain
    try:
        yield chain
    finally:
        del chains[chain.case_id]


def flush(ctx: Context, chain: Chain) -> None:
    """Write the collected events: one statement."""
    if chain.pending:
        ctx.session.execute(insert(EVENTS).returning(EVENTS.c.id), chain.pending)
        chain.pending = []


def verify(ctx: Context, case_id: int) -> Verification:
    """Recompute a case's chain from the stored bytes and compare them with the columns that people read."""
    rows = ctx.session.execute(select(EVENTS).where(EVENTS.c.case_id == case_id).order_by(EVENTS.c.seq)).all()
    head: bytes | None = None
    for number, row in enumerate(rows, start=1):
        fits = row.seq == number and row.prev_hash == head and row.canonical == _canonical(row._mapping)  # noqa: SLF001
        if not fits or row.hash != digest(head, row.canonical):
            return Verification(verified=False, events=len(rows), broken_at=number)
        head = row.hash
    stored = ctx.session.execute(select(CASES.c.audit_seq, CASES.c.audit_head).where(CASES.c.id == case_id)).one()
    if stored.audit_seq != len(rows) or stored.audit_head != head:
        return Verification(verified=False, events=len(rows), broken_at=len(rows) + 1)
    return Verification(verified=True, events=len(rows))


def digest(previous: bytes | None, canonical: bytes) -> bytes:
    """SM3 (GB/T 32905) over the previous hash and the event's canonical bytes."""
    sm3 = hashes.Hash(hashes.SM3())
    sm3.update(previous or b"")
    sm3.update(canonical)
    return sm3.finalize()


def _open_chains(ctx: Context) -> dict[int, Chain]:
    chains: dict[int, Chain] = ctx.session.info.setdefault(_CHAINS, {})
    return chains


def _event(ctx: Context, kind: str, *, data: Mapping[str, Any] | None, **place: Any) -> dict[str, Any]:
    return {
        **place,
        "kind": kind,
        "actor_id": ctx.actor.user_id or None,
        "actor_name": APPLICANT_NAME if ctx.actor.is_applicant else ctx.actor.name,
        "at": ctx.clock.now(),
        "data": dict(data or {}),
    }


def _append(chain: Chain, event: dict[str, Any]) -> None:
    chain.seq += 1
    event["seq"] = chain.seq
    event["canonical"] = _canonical(event)
    event["prev_hash"] = chain.head
    event["hash"] = chain.head = digest(chain.head, event["canonical"])
    chain.pending.append(event)


def _canonical(event: Mapping[Any, Any]) -> bytes:
    at: datetime = event["at"]
    content = {
        "case": event["case_id"],
        "seq": event["seq"],
        "leg": event["leg_id"],
        "site": event["site_id"],
        "kind": event["kind"],
        "element": event["element_id"],
        "actor": event["actor_id"],
        "actorName": event["actor_name"],
        "at": at.isoformat(timespec="microseconds"),
        "data": event["data"],
    }
    return orjson.dumps(content, option=orjson.OPT_SORT_KEYS)
