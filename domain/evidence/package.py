"""An evidence package: everything that was recorded of a case, so that others can check it without us (docs/evidence.md)."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import orjson
from sqlalchemy import select

from domain import reach
from domain.audit import anchors, keys
from domain.audit import service as audit
from domain.audit.models import AuditAnchor, AuditChain, AuditEvent, AuditRead
from domain.audit.reads import write_reads
from domain.cases.queries import Frame
from domain.context import Context
from domain.errors import Busy
from domain.evidence import contents, primitives, verifier
from domain.evidence.readme import README
from domain.evidence.rights import Grant
from domain.trust.models import Countersignature

MOST_PROOFS: Final = 3
"""Anchors that are proved for each chain: the newest ones."""
LONGEST_WAY: Final = 1000
"""Anchors between one that holds a case and the next that was countersigned: more are not carried along."""
TRIES: Final = 50
"""Anchors that are taken until the case is in one (each holds 20,000 chains)."""


@dataclass(slots=True)
class Package:
    """Files of a package in their order."""

    files: list[tuple[str, bytes]] = field(default_factory=list)

    def add(self, name: str, content: bytes) -> None:
        """One more file."""
        self.files.append((name, content))

    def add_json(self, name: str, content: Any) -> None:
        """One more file, readable for people."""
        self.add(name, orjson.dumps(content, option=orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS, default=str))


def export(ctx: Context, frame: Frame, grant: Grant, *, with_files: bool = False) -> bytes:
    """The package as a ZIP archive. The export itself is on record in it. Raises :class:`domain.errors.Busy`."""
    case = frame.case
    audit.record_read(
        ctx,
        "case.export",
        case_id=case.id,
        site_id=grant.site_id,
        subject_id=case.applicant_user_id,
        fields=["application", "materials", "documents", "messages"] if grant.content else ["record"],
        reason=grant.order_no,
        data={"orderNo": grant.order_no, "files": with_files and grant.content},
    )
    write_reads(ctx.session)
    with reach.for_platform(ctx.session):  # the whole case: the grant says who may have it
        return _pack(ctx, frame, grant, with_files=with_files)


def _pack(ctx: Context, frame: Frame, grant: Grant, *, with_files: bool) -> bytes:
    case = frame.case
    newest = _anchor(ctx, case.id)
    package = Package()
    package.add("README.txt", README.encode())
    contents.add_case(ctx, package, frame, grant)
    contents.add_messages(ctx, package, frame, grant)
    contents.add_documents(ctx, package, frame, grant)
    contents.add_materials(ctx, package, frame, grant, with_files=with_files)
    _add_chains(ctx, package, case.id)
    contents.add_keys(ctx, package)
    return _sealed(ctx, package, frame, grant, newest)


def _anchor(ctx: Context, case_id: int) -> AuditAnchor:
    """Anchor until the case's newest link is held."""
    for _ in range(TRIES):
        anchor = anchors.take(ctx, wait=True) or anchors.find_newest(ctx)
        if anchor is not None and _anchored(ctx, f"case:{case_id}") and _anchored(ctx, f"reads:{case_id}"):
            return anchor
    raise Busy("锚定尚未完成，请稍后再导出。", "The case is not anchored yet; export again shortly.")


def _anchored(ctx: Context, chain: str) -> int:
    query = select(AuditChain.anchored_seq).where(AuditChain.name == chain)
    return ctx.session.scalar(query) or 0


def _add_chains(ctx: Context, package: Package, case_id: int) -> None:
    """Both chains of the case as far as they are anchored, tables beside them, anchors and the proof that they hold the chains."""
    proofs, numbers = [], set()
    for file, chain, model in (
        ("record/events", f"case:{case_id}", AuditEvent),
        ("record/reads", f"reads:{case_id}", AuditRead),
    ):
        rows = ctx.session.execute(
            select(model.hash, model.canonical)
            .where(model.case_id == case_id, model.seq <= _anchored(ctx, chain))
            .order_by(model.seq)
        )
        lines = [row.hash.hex().encode() + b" " + row.canonical for row in rows]
        package.add(f"{file}.jsonl", b"".join(line + b"\n" for line in lines))
        package.add(f"{file}.csv", verifier.table_of(lines))
        leaves = _proofs(ctx, chain)
        numbers |= {leaf["anchor"] for leaf in leaves}
        proofs.append({"file": f"{file}.jsonl", "chain": chain, "leaves": leaves})
    numbers |= _up_to_countersigned(ctx, numbers)
    told = ctx.session.scalars(select(AuditAnchor).where(AuditAnchor.number.in_(numbers)).order_by(AuditAnchor.number))
    lines = [orjson.dumps(anchors.published(anchor), option=orjson.OPT_SORT_KEYS) for anchor in told]
    package.add("anchors/anchors.jsonl", b"".join(line + b"\n" for line in lines))
    package.add_json("anchors/proofs.json", proofs)
    contents.add_countersignatures(ctx, package, sorted(numbers))


def _up_to_countersigned(ctx: Context, numbers: set[int]) -> set[int]:
    """The anchors that lead from one of these to the next that a partner countersigned: each names the one before it.

    A case that stood still is in no newer anchor, and what partners signed since stands for it all the same.
    """
    signed = select(Countersignature.anchor_number).where(Countersignature.signature.is_not(None))
    for number in sorted(numbers, reverse=True):
        after = signed.where(Countersignature.anchor_number >= number).order_by(Countersignature.anchor_number).limit(1)
        found = ctx.session.scalar(after)
        if found is not None:
            return set(range(number, found + 1)) if found - number <= LONGEST_WAY else set()
    return set()


def _proofs(ctx: Context, chain: str) -> list[dict[str, Any]]:
    found = []
    for number in anchors.numbers_of(ctx, chain)[-MOST_PROOFS:]:
        leaves = anchors.leaves_of(ctx, number)
        place = next(place for place, leaf in enumerate(leaves) if leaf.chain == chain)
        leaf = leaves[place]
        way = anchors.tree_of(leaves).path(place)
        found.append({"anchor": number, "seq": leaf.seq, "head": leaf.head.hex(), "path": way})
    return found


def _sealed(ctx: Context, package: Package, frame: Frame, grant: Grant, newest: AuditAnchor) -> bytes:
    """The manifest over all files, signed, in front of them."""
    key = keys.current_key(ctx)
    manifest = orjson.dumps(
        {
            "format": verifier.FORMAT,
            "caseNo": frame.case.case_no,
            "collabNo": frame.case.collab_no,
            "exportedAt": newest.at.isoformat(),
            "exportedBy": {"id": ctx.actor.user_id, "name": ctx.actor.name},
            "orderNo": grant.order_no,
            "withContent": grant.content,
            "newestAnchor": newest.number,
            "key": key.id,
            "files": [_listed(name, content) for name, content in package.files],
        },
        option=orjson.OPT_INDENT_2,
    )
    seal = {"algorithm": keys.ALGORITHM, "key": key.id, "signature": keys.sign(key, manifest).hex()}
    head: Sequence[tuple[str, bytes]] = [("manifest.json", manifest), ("manifest.sig", orjson.dumps(seal))]
    return verifier.write_container([*head, *package.files])


def _listed(name: str, content: bytes) -> dict[str, Any]:
    return {
        "name": name,
        "size": len(content),
        "sha256": hashlib.sha256(content).hexdigest(),
        "sm3": primitives.sm3(content).hex(),
    }
