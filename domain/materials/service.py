"""Materials of a case: handed in, verified, handed over to a partner leg by contract."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from sqlalchemy import select

from domain.actors import Role
from domain.audit import service as audit
from domain.cases import labels
from domain.cases.rows import LegRow
from domain.context import Context
from domain.errors import FieldError
from domain.items.models import Item
from domain.materials import requirements
from domain.materials.errors import MaterialNotFound, MaterialsMissing
from domain.materials.files import store_file
from domain.materials.models import File, Material, SupplementNotice
from domain.materials.requirements import Requirement

MISSING, SUPPLIED, VERIFIED, DEFECT, PROMISED, SHARED = (
    "MISSING",
    "SUPPLIED",
    "VERIFIED",
    "DEFECT",
    "PROMISED",
    "SHARED",
)
AT_WINDOW = ("WINDOW_PAPER", "WINDOW_FILE")
"""Origins of what a clerk handed in for an applicant at a window: a partner is told."""
METHODS = frozenset({"ORIGINAL", "SHARED_DATA", "ELECTRONIC", "PARTNER"})


def check(ctx: Context, item: Item, data: Mapping[str, Any], handed: Mapping[str, str]) -> list[Requirement]:
    """The item's materials for this application, all that must be there is there.

    Raises :class:`MaterialsMissing` with a pointer per material. What may follow later (容缺) is left to the clerk's decision.
    """
    needed = requirements.list_requirements(ctx, item, data)
    known = {each.code for each in needed}
    errors = [
        FieldError(
            f"/materials/{code}", "unknown_material", f"没有材料 {code[:20]}。", f"There is no material {code[:20]}."
        )
        for code in handed
        if code not in known
    ]
    errors += [
        FieldError(f"/materials/{each.code}", "required", f"请提交“{each.name}”。", f"Hand in {each.code}.")
        for each in needed
        if each.required and each.source == "UPLOAD" and not each.gap and each.code not in handed
    ]
    errors += [
        FieldError(
            f"/materials/{code}", "file_unknown", "没有找到上传的文件，请重新上传。", "The uploaded file was not found."
        )
        for code, file_id in handed.items()
        if code in known and _own_file(ctx, file_id) is None
    ]
    if errors:
        raise MaterialsMissing(
            f"有 {len(errors)} 项材料需要处理。",
            f"{len(errors)} materials need attention.",
            pointer=errors[0].pointer,
            errors=tuple(errors),
        )
    return needed


def open_rows(
    ctx: Context, case_id: int, needed: Sequence[Requirement], handed: Mapping[str, str], *, origin: str
) -> None:
    """The case's material rows: handed in, shared, made by the system, or missing. What is not needed and not handed in has none."""
    for each in needed:
        file_id = handed.get(each.code)
        if not each.required and file_id is None:
            continue
        if file_id is not None:
            state, source = SUPPLIED, origin
        elif each.source in {"SYSTEM", "SHARED"}:
            state, source = SHARED if each.source == "SHARED" else SUPPLIED, each.source
        else:
            state, source = MISSING, ""
        ctx.session.add(
            Material(
                case_id=case_id,
                code=each.code,
                name=each.name,
                is_required=each.required,
                state=state,
                file_id=file_id,
                origin=source,
                method="",
                note="",
                updated_at=ctx.clock.now(),
            )
        )
    ctx.session.flush()


def supply(ctx: Context, leg: LegRow, code: str, file_id: str, *, origin: str) -> Material:
    """Hand in a file for a material of the case (also one that was asked for later).

    Raises :class:`FileUnknown`, :class:`MaterialNotFound`.
    """
    if _own_file(ctx, file_id) is None:
        raise MaterialNotFound(
            "没有找到上传的文件。", "The uploaded file was not found.", pointer=f"/materials/{code[:20]}"
        )
    row = _find(ctx, leg.case_id, code)
    if row is None:
        row = _asked_later(ctx, leg, code)
    row.file_id, row.state, row.origin = file_id, SUPPLIED, origin
    row.verified_by, row.verified_at, row.method = None, None, ""
    row.updated_at = ctx.clock.now()
    ctx.session.flush()
    audit.record_of(ctx, leg, "material.supplied", data={"code": code, "origin": origin})
    return row


def keep_signed(ctx: Context, case_id: int, code: str, name: str, file_id: str, *, origin: str) -> Material:
    """Keep the scan of a paper that the applicant signed with the case's materials; a newer one takes its place.

    Raises :class:`MaterialNotFound` for a file that the actor did not upload.
    """
    if _own_file(ctx, file_id) is None:
        raise MaterialNotFound("没有找到上传的文件。", "The uploaded file was not found.", pointer="/fileId")
    row = _find(ctx, case_id, code)
    if row is None:
        row = Material(case_id=case_id, code=code, name=name, is_required=False, method="", note="")
        ctx.session.add(row)
    row.file_id, row.state, row.origin, row.updated_at = file_id, SUPPLIED, origin, ctx.clock.now()
    ctx.session.flush()
    return row


def verify(ctx: Context, leg: LegRow, code: str, method: str, *, note: str = "", defective: bool = False) -> Material:
    """核验: who compared which way. Raises :class:`MaterialNotFound` for a material or method that does not exist."""
    row = _find(ctx, leg.case_id, code)
    if row is None or method not in METHODS:
        raise MaterialNotFound("没有这项材料或核验方式。", "There is no such material or method.", pointer="/originals")
    row.state = DEFECT if defective else VERIFIED
    row.method, row.note = method, note[:400]
    row.verified_by, row.verified_at = ctx.actor.user_id or None, ctx.clock.now()
    row.updated_at = ctx.clock.now()
    ctx.session.flush()
    audit.record_of(ctx, leg, "material.verified", data={"code": code, "method": method, "defective": defective})
    return row


def from_task(ctx: Context, leg: LegRow, role: str, data: Mapping[str, Any]) -> None:
    """What a completed task's form says about materials.

    ``materials`` [{code, fileId}] or [{code, files: [{id}]}] hands files in; ``originals`` [{code, method?, ok?, note?} or code] by
    staff are verifications.
    An applicant's answer closes the open supplement notice. Called before the step of a locked leg, which continues the record.
    """
    if leg.role != "main":
        return
    chain = audit.Chain(leg.case_id, leg.case.audit_seq, leg.case.audit_head)
    with audit.joined_chain(ctx, chain):
        _take_over(ctx, leg, role, data)
    leg.case.audit_seq, leg.case.audit_head = chain.seq, chain.head


def _take_over(ctx: Context, leg: LegRow, role: str, data: Mapping[str, Any]) -> None:
    by_applicant = role == Role.APPLICANT
    origin = _origin(ctx, by_applicant=by_applicant)
    for entry in _rows(data.get("materials")):
        for file_id in _file_ids(entry):
            supply(ctx, leg, str(entry.get("code", "")), file_id, origin=origin)
    if by_applicant:
        _answer_notice(ctx, leg)
        return
    for entry in _rows(data.get("originals")):
        if _find(ctx, leg.case_id, str(entry.get("code", ""))) is not None:
            method = str(entry.get("method") or "ORIGINAL")
            verify(
                ctx,
                leg,
                str(entry["code"]),
                method,
                note=str(entry.get("note") or ""),
                defective=entry.get("ok") is False,
            )


def _origin(ctx: Context, *, by_applicant: bool) -> str:
    """Who brought the papers of a task, and how: what an applicant hands over at a window says whether it was paper."""
    visit = None if ctx.actor.principal is None else ctx.actor.principal.visit
    if by_applicant and visit is not None:
        return visit.origin
    return "APPLICANT" if by_applicant else "WINDOW"


def offer(ctx: Context, leg: LegRow, codes: Collection[str]) -> list[dict[str, Any]]:
    """The manifest of what crosses with a message: only codes of the contract, only what was handed in."""
    side = Material.leg_id.is_(None) if leg.role == "main" else Material.leg_id == leg.id
    rows = ctx.session.execute(
        select(Material.code, Material.name, Material.state, File.sha256, File.size, File.media_type, Material.origin)
        .outerjoin(File, File.id == Material.file_id)
        .where(Material.case_id == leg.case_id, side, Material.code.in_(list(codes)), Material.state != MISSING)
        .order_by(Material.code)
    ).all()
    return [
        {
            "code": code,
            "name": name,
            "state": state,
            "sha256": sha256,
            "size": size,
            "mediaType": media_type,
        }
        | ({"origin": origin} if origin in AT_WINDOW else {})
        for code, name, state, sha256, size, media_type, origin in rows
    ]


def take(ctx: Context, leg: LegRow, manifest: Sequence[Mapping[str, Any]]) -> None:
    """The receiving leg gets the materials of a message; a file of this deployment is linked when its SHA-256 fits."""
    for entry in manifest:
        code, sha256 = str(entry.get("code", ""))[:20], entry.get("sha256")
        file_id = None if not sha256 else _handed_over(ctx, leg.case_id, str(sha256))
        row = _side_row(ctx, leg, code)
        if row is None:
            row = Material(
                case_id=leg.case_id,
                leg_id=None if leg.role == "main" else leg.id,
                code=code,
                updated_at=ctx.clock.now(),
            )
        row.name = str(entry.get("name", ""))[:200]
        row.is_required, row.state, row.origin = True, SUPPLIED, "PARTNER"
        row.file_id = file_id
        row.method = ""
        served = labels.name_of(labels.MATERIAL_ORIGINS, entry["origin"]) if entry.get("origin") in AT_WINDOW else ""
        row.note = "；".join(filter(None, [served, "" if file_id or not sha256 else f"SHA-256 {sha256}"]))[:400]
        row.updated_at = ctx.clock.now()
        ctx.session.add(row)
        ctx.session.flush()


def _rows(value: Any) -> list[dict[str, Any]]:
    if not isinstance(value, list):
        return []
    return [dict(row) if isinstance(row, Mapping) else {"code": str(row)} for row in value]


def _file_ids(entry: Mapping[str, Any]) -> list[str]:
    """The file of an entry: ``fileId``, or the last of a file picker's ``files``."""
    if entry.get("fileId"):
        return [str(entry["fileId"])]
    files = entry.get("files")
    picked = [file for file in files if isinstance(file, Mapping) and file.get("id")] if isinstance(files, list) else []
    return [str(picked[-1]["id"])] if picked else []


def _find(ctx: Context, case_id: int, code: str) -> Material | None:
    return ctx.session.scalar(
        select(Material).where(Material.case_id == case_id, Material.leg_id.is_(None), Material.code == code)
    )


def _side_row(ctx: Context, leg: LegRow, code: str) -> Material | None:
    side = Material.leg_id.is_(None) if leg.role == "main" else Material.leg_id == leg.id
    return ctx.session.scalar(select(Material).where(Material.case_id == leg.case_id, side, Material.code == code))


def _asked_later(ctx: Context, leg: LegRow, code: str) -> Material:
    """A material of the item's list that was not needed at first."""
    item = ctx.session.get_one(Item, leg.case.item_code)
    named = {row.get("code"): row.get("name", "") for row in item.sheet.get("materials", ())}
    if code not in named:
        raise MaterialNotFound("没有这项材料。", "There is no such material.", pointer=f"/materials/{code[:20]}")
    row = Material(
        case_id=leg.case_id, code=code, name=named[code], is_required=True, state=MISSING, origin="", method="", note=""
    )
    ctx.session.add(row)
    return row


def _own_file(ctx: Context, file_id: str) -> str | None:
    """The file when the actor uploaded it: nobody hands in another person's file."""
    own = select(File.id).where(File.id == file_id, File.uploaded_by == ctx.actor.user_id)
    return ctx.session.scalar(own)


def _handed_over(ctx: Context, case_id: int, sha256: str) -> str | None:
    same = select(File.id).join(Material, Material.file_id == File.id)
    return ctx.session.scalar(same.where(Material.case_id == case_id, File.sha256 == sha256).limit(1))


def _answer_notice(ctx: Context, leg: LegRow) -> None:
    open_notice = select(SupplementNotice).where(
        SupplementNotice.case_id == leg.case_id, SupplementNotice.answered_at.is_(None)
    )
    for notice in ctx.session.scalars(open_notice):
        notice.answered_at = ctx.clock.now()
        audit.record_of(ctx, leg, "supplement.answered", data={"round": notice.round})
    ctx.session.flush()


__all__ = ["check", "from_task", "offer", "open_rows", "store_file", "supply", "take", "verify"]
