"""The parts of an evidence package that are not chains: the case, its messages, documents and materials, public keys."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

import orjson
from sqlalchemy import select

from domain.audit import keys
from domain.cases.queries import Frame
from domain.context import Context
from domain.documents.models import Document
from domain.evidence.rights import Grant
from domain.materials.models import File, Material
from domain.outbox.models import Message
from domain.sites.models import FormerSiteKey, Site
from domain.trust import countersigning

if TYPE_CHECKING:
    from domain.evidence.package import Package


def add_case(ctx: Context, package: Package, frame: Frame, grant: Grant) -> None:
    """The case and its legs; the application where the exporter may see it."""
    del ctx
    case = frame.case
    told: dict[str, Any] = {
        "caseNo": case.case_no,
        "collabNo": case.collab_no,
        "itemCode": case.item_code,
        "status": case.status,
        "resultCode": case.result_code,
        "subjectMasked": case.subject_masked,
        "submittedAt": case.submitted_at,
        "acceptedAt": case.accepted_at,
        "closedAt": case.closed_at,
        "legs": [
            {
                "id": leg.id,
                "caseNo": leg.case_no,
                "site": frame.sites[leg.site_id].code,
                "siteName": frame.sites[leg.site_id].name,
                "role": leg.role,
                "status": leg.status,
                "startedAt": leg.started_at,
                "endedAt": leg.ended_at,
            }
            for leg in frame.legs
        ],
        "sites": [{"id": site.id, "code": site.code, "name": site.name} for site in frame.sites.values()],
    }
    if grant.content:
        told["application"] = case.application
    package.add_json("case/case.json", told)


def add_messages(ctx: Context, package: Package, frame: Frame, grant: Grant) -> None:
    """Messages of the case: hash and signature of the very envelope, which lies beside where the exporter may see it."""
    rows = ctx.session.scalars(select(Message).where(Message.case_id == frame.case.id).order_by(Message.id))
    index: list[dict[str, Any]] = []
    envelopes = []
    for number, row in enumerate(rows, start=1):
        raw = bytes(row.raw) if row.raw is not None else b""
        name = f"messages/{number:04d}.json" if grant.content and raw else None
        index.append(
            {
                "messageId": row.message_id,
                "name": row.name,
                "direction": row.direction,
                "sender": row.sender_code,
                "receiver": row.receiver_code,
                "state": row.state,
                "createdAt": row.created_at,
                "acknowledgedAt": row.acknowledged_at,
                "sha256": hashlib.sha256(raw).hexdigest() if raw else None,
                "signature": row.signature,
                "materials": row.manifest,
                "file": name,
            }
        )
        if name is not None:
            envelopes.append((name, raw))
    package.add_json("messages/index.json", index)
    for name, raw in envelopes:
        package.add(name, raw)


def add_documents(ctx: Context, package: Package, frame: Frame, grant: Grant) -> None:
    """Issued documents."""
    rows = ctx.session.scalars(select(Document).where(Document.case_id == frame.case.id).order_by(Document.id))
    package.add_json(
        "documents/documents.json",
        [
            {
                "id": row.id,
                "code": row.code,
                "title": row.title,
                "number": row.number,
                "issuedAt": row.issued_at,
                **({"content": row.content} if grant.content else {}),
            }
            for row in rows
        ],
    )


def add_materials(ctx: Context, package: Package, frame: Frame, grant: Grant, *, with_files: bool) -> None:
    """Materials with the hashes of their files; the files themselves if asked for."""
    query = (
        select(Material, File.name, File.sha256, File.size, File.media_type)
        .outerjoin(File, File.id == Material.file_id)
        .where(Material.case_id == frame.case.id)
        .order_by(Material.id)
    )
    index: list[dict[str, Any]] = []
    wanted: dict[str, str] = {}
    for row in ctx.session.execute(query):
        material: Material = row.Material
        name = None
        if with_files and grant.content and material.file_id:
            name = wanted.setdefault(material.file_id, f"materials/{len(wanted) + 1:04d}.bin")
        index.append(
            {
                "code": material.code,
                "name": material.name,
                "state": material.state,
                "leg": material.leg_id,
                "verifiedAt": material.verified_at,
                "fileName": row.name if grant.content else None,
                "mediaType": row.media_type,
                "size": row.size,
                "sha256": row.sha256,
                "file": name,
            }
        )
    package.add_json("materials/index.json", index)
    for file_id, name in wanted.items():
        package.add(name, ctx.session.get_one(File, file_id).content)


def add_countersignatures(ctx: Context, package: Package, numbers: list[int]) -> None:
    """What partners put their name under: anchors of this package."""
    lines = [
        orjson.dumps(
            {
                "number": row.anchor_number,
                "by": partner.code,
                "byName": partner.name,
                "key": row.partner_key,
                "statement": bytes(row.statement or b"").decode(),
                "signature": row.signature,
            },
            option=orjson.OPT_SORT_KEYS,
        )
        for row, partner in countersigning.list_of(ctx, numbers)
    ]
    package.add("anchors/countersignatures.jsonl", b"".join(line + b"\n" for line in lines))


def add_keys(ctx: Context, package: Package) -> None:
    """Public keys: the platform's, which signs anchors and packages, and those of sites, which sign messages."""
    sites = ctx.session.execute(
        select(Site.id, Site.code, Site.name, Site.public_key).where(Site.public_key.is_not(None)).order_by(Site.code)
    )
    former: dict[int, list[dict[str, Any]]] = {}
    for row in ctx.session.scalars(select(FormerSiteKey).order_by(FormerSiteKey.id)):
        former.setdefault(row.site_id, []).append({"publicKey": row.public_key, "until": row.accepted_until})
    package.add_json(
        "keys.json",
        {
            "platform": [
                {
                    "id": key.id,
                    "algorithm": keys.ALGORITHM,
                    "publicKey": bytes(key.public_key).hex(),
                    "from": key.created_at,
                    "to": key.retired_at,
                }
                for key in keys.list_keys(ctx)
            ],
            "sites": [
                {
                    "code": row.code,
                    "name": row.name,
                    "publicKey": row.public_key,
                    "former": former.get(row.id, []),
                }
                for row in sites
            ],
        },
    )
