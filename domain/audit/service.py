"""Recording what happened: one hash chain per case, its head on the case row that every step locks anyway."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Table, insert, select, update

from domain.audit.canonical import digest, event_bytes
from domain.audit.models import AuditEvent
from domain.audit.origin import APPLICANT_NAME, actor_of, origin_of
from domain.audit.reads import record_read
from domain.audit.verifying import CASES, Verification
from domain.audit.verifying import verify_case as verify
from domain.context import Context
from domain.locked import LockedLeg

EVENTS: Table = AuditEvent.__table__  # type: ignore[assignment]  # declared as FromClause, is a Table
_CHAINS = "audit.chains"
CASE = "audit.case"
"""Key in ``session.info``: the id of the case that the transaction wrote about (for logs and traces)."""
RECORDED = "audit.recorded"
"""Key in ``session.info``: how many events the transaction recorded (for metrics)."""
__all__ = [
    "APPLICANT_NAME",
    "CASE",
    "EVENTS",
    "RECORDED",
    "Chain",
    "Verification",
    "collected",
    "digest",
    "flush",
    "joined_chain",
    "locked_chain",
    "record",
    "record_read",
    "verify",
]


@dataclass(slots=True)
class Chain:
    """The open end of a case's chain while its row is locked; ``pending`` rows are written together by :func:`flush`."""

    case_id: int
    seq: int
    head: bytes | None
    pending: list[dict[str, Any]] = field(default_factory=list)


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
        row = event | {"seq": None, "canonical": event_bytes(event), "prev_hash": None, "hash": None}
        # Who is not known yet may add to the record and not read it.
        ctx.session.execute(insert(EVENTS).inline(), [row])
        return
    chain = _open_chains(ctx).get(case_id)
    if chain is not None:
        _append(chain, event)
        return
    with locked_chain(ctx, case_id) as own:
        _append(own, event)


def record_of(
    ctx: Context, leg: LockedLeg, kind: str, *, element_id: str | None = None, data: Mapping[str, Any] | None = None
) -> None:
    """Write down a fact about a leg, at its site."""
    record(ctx, kind, case_id=leg.case_id, leg_id=leg.id, site_id=leg.site_id, element_id=element_id, data=data)


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


def _open_chains(ctx: Context) -> dict[int, Chain]:
    chains: dict[int, Chain] = ctx.session.info.setdefault(_CHAINS, {})
    return chains


def _event(
    ctx: Context, kind: str, *, data: Mapping[str, Any] | None, site_id: int | None, **place: Any
) -> dict[str, Any]:
    return {
        **place,
        "site_id": site_id,
        "kind": kind,
        **actor_of(ctx),
        "at": ctx.clock.now(),
        "data": dict(data or {}),
        "origin": origin_of(ctx, site_id),
    }


def _append(chain: Chain, event: dict[str, Any]) -> None:
    chain.seq += 1
    event["seq"] = chain.seq
    event["canonical"] = event_bytes(event)
    event["prev_hash"] = chain.head
    event["hash"] = chain.head = digest(chain.head, event["canonical"])
    chain.pending.append(event)
