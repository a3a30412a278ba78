"""Checking everything: every case, every other chain, every anchor, and whether a case or chain is gone."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from sqlalchemy import func, select

from domain.audit import anchors, keys
from domain.audit.canonical import digest
from domain.audit.models import AuditAnchor, AuditAnchorLeaf
from domain.audit.verifying import CASES, Finding, chain_names, verify_case, verify_sealed
from domain.context import Context

PAGE = 500


@dataclass(frozen=True, slots=True)
class Whole:
    """How much was checked, and the first thing of each chain that is not as it was."""

    cases: int
    chains: int
    events: int
    anchors: int
    findings: tuple[Finding, ...]


def verify_all(
    ctx: Context,
    *,
    known: Sequence[Mapping[str, Any]] = (),
    most: int = 100,
    tell: Callable[[int], None] | None = None,
) -> Whole:
    """Check the whole database; stops at ``most`` findings. ``known``: anchors as they were published, to compare with."""
    findings = list(_anchors(ctx, known))
    cases = events = chains = after = 0
    while ids := _cases(ctx, after):
        for case_id in ids:
            state = verify_case(ctx, case_id)
            cases, events = cases + 1, events + state.events
            findings += [state.finding] if state.finding else []
        after = ids[-1]
        if tell is not None:
            tell(cases)
        if len(findings) >= most:
            break
    findings += _gone(ctx)
    for name in list(chain_names(ctx)):
        state = verify_sealed(ctx, name)
        chains, events = chains + 1, events + state.events
        findings += [state.finding] if state.finding else []
    count = ctx.session.scalar(select(func.count()).select_from(AuditAnchor)) or 0
    return Whole(cases, chains, events, count, tuple(findings[:most]))


def _cases(ctx: Context, after: int) -> list[int]:
    query = select(CASES.c.id).where(CASES.c.id > after).order_by(CASES.c.id).limit(PAGE)
    return list(ctx.session.scalars(query))


def _gone(ctx: Context) -> list[Finding]:
    """Cases that anchors hold and that are not there any more."""
    name = func.concat("case:", CASES.c.id)
    gone = (
        select(AuditAnchorLeaf.chain)
        .where(AuditAnchorLeaf.chain.like("case:%"), ~select(CASES.c.id).where(name == AuditAnchorLeaf.chain).exists())
        .distinct()
        .order_by(AuditAnchorLeaf.chain)
    )
    return [
        Finding(chain, None, None, f"办件（链 {chain}）整件缺失。", f"The whole case (chain {chain}) is missing.")
        for chain in ctx.session.scalars(gone)
    ]


def _anchors(ctx: Context, known: Sequence[Mapping[str, Any]]) -> list[Finding]:
    public = {key.id: key.public_key for key in keys.list_keys(ctx)}
    findings: list[Finding] = []
    head: bytes | None = None
    stored: dict[int, bytes] = {}
    for number, anchor in enumerate(ctx.session.scalars(select(AuditAnchor).order_by(AuditAnchor.number)), start=1):
        fault = _fault(ctx, anchor, number, head, public)
        if fault is not None:
            findings.append(_said(anchor.number, *fault))
            break
        head = anchor.hash
        stored[anchor.number] = anchor.statement
    for told in known:
        statement = str(told["statement"]).encode()
        at = int(orjson.loads(statement)["number"])
        if stored.get(at) != statement:
            findings.append(
                _said(at, "statement", "与已公布的锚点不一致或已缺失", "is not what was published, or is missing")
            )
            break
    return findings


def _fault(
    ctx: Context, anchor: AuditAnchor, number: int, head: bytes | None, public: Mapping[str, bytes]
) -> tuple[str, str, str] | None:
    if anchor.number != number:
        return "number", "之前有锚点缺失", "follows a missing one"
    if anchor.hash != digest(head, anchor.statement):
        return "hash", "被改动或与前一个不相接", "was changed or does not follow the one before"
    if not _signed(public.get(anchor.key_id), anchor):
        return "signature", "的签名不符", "has a wrong signature"
    content = orjson.loads(anchor.statement)
    leaves = anchors.leaves_of(ctx, anchor.number)
    if content["leaves"] != len(leaves) or anchors.tree_of(leaves).root.hex() != content["root"]:
        return "root", "的叶子被改动、增删或调换", "has leaves that were changed, added, dropped or moved"
    return None


def _signed(key: bytes | None, anchor: AuditAnchor) -> bool:
    if key is None:
        return False
    try:
        Ed25519PublicKey.from_public_bytes(key).verify(anchor.signature, anchor.statement)
    except (InvalidSignature, ValueError):
        return False
    return True


def _said(number: int, field: str, zh: str, en: str) -> Finding:
    return Finding("anchors", number, field, f"锚点 {number} {zh}（{field}）。", f"Anchor {number} {en} ({field}).")
