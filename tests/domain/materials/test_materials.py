import io
import zipfile
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import select

from domain.audit import service as audit
from domain.audit.models import AuditEvent
from domain.cases.rows import LegRow
from domain.clock import FixedClock
from domain.context import Context
from domain.deadlines import layers
from domain.identity import service as identity
from domain.identity.models import User
from domain.items.models import Item
from domain.materials import files, requirements
from domain.materials import service as materials
from domain.materials.errors import FileTooLarge, FileTypeRefused, MaterialNotFound, MaterialsMissing
from domain.materials.models import File, Material, SupplementNotice
from forms.kernel import Kernel

PDF = b"%PDF-1.7\n1 0 obj\n"
SHEET = [
    {"code": "M1", "name": "申请表", "need": "必要", "source": "SYSTEM", "partner": True},
    {"code": "M2", "name": "身份证", "need": "必要", "source": "UPLOAD", "partner": True},
    {"code": "M3", "name": "户口簿", "need": "必要", "source": "UPLOAD", "gap": True, "partner": True},
    {"code": "M4", "name": "被投靠人户口簿", "need": "必要", "source": "SHARED"},
    {
        "code": "M7",
        "name": "住所证明",
        "need": "情形",
        "needIf": '=housing != null and housing = "RENTED"',
        "source": "UPLOAD",
    },
    {"code": "M8", "name": "监护关系", "need": "情形", "needIf": "=isMinor = true", "source": "UPLOAD"},
]


def ofd() -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("OFD.xml", "<ofd/>")
    return buffer.getvalue()


@pytest.fixture
def mine(ctx: Context, applicant: User, kernel: Kernel) -> Context:
    return replace(ctx, actor=identity.actor_for(ctx.session, applicant), forms=kernel)


@pytest.fixture
def item(ctx: Context, main_leg: LegRow) -> Item:
    found = ctx.session.get_one(Item, main_leg.case.item_code)
    found.sheet = {"materials": SHEET}
    ctx.session.flush()
    return found


def upload(ctx: Context, name: str = "a.pdf", content: bytes = PDF) -> File:
    return materials.store_file(ctx, name, content)


def states(ctx: Context) -> dict[str, str]:
    rows = ctx.session.scalars(select(Material).where(Material.leg_id.is_(None)).order_by(Material.code))
    return {row.code: row.state for row in rows}


@pytest.mark.parametrize(
    ("content", "media_type"),
    [
        (PDF, "application/pdf"),
        (b"\xff\xd8\xff\xe0rest", "image/jpeg"),
        (b"\x89PNG\r\n\x1a\nrest", "image/png"),
        (ofd(), "application/ofd"),
    ],
)
def test_files_are_recognised_by_content(mine: Context, content: bytes, media_type: str) -> None:
    file = upload(mine, "whatever.txt", content)
    assert file.media_type == media_type
    assert len(file.sha256) == 64
    stored = mine.session.connection().exec_driver_sql("select content from files").scalar_one()
    assert content not in bytes(stored)


@pytest.mark.parametrize("content", [b"", b"MZ\x90", b"<html>", b"PK\x03\x04broken", b" %PDF-"])
def test_other_files_are_refused(mine: Context, content: bytes) -> None:
    with pytest.raises(FileTypeRefused):
        upload(mine, "a.pdf", content)


def test_a_zip_that_is_no_ofd_is_refused(mine: Context) -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("evil.exe", "x")
    with pytest.raises(FileTypeRefused):
        upload(mine, "a.ofd", buffer.getvalue())


def test_the_size_limit_is_a_policy(mine: Context) -> None:
    layers.put(mine, "files.maxBytes", "1024", "测试", scope="platform")
    with pytest.raises(FileTooLarge):
        upload(mine, content=PDF + b"x" * 1024)


@pytest.mark.parametrize(
    ("name", "safe"),
    [
        ("../../etc/passwd.pdf", "passwd.pdf"),
        ("C:\\x\\a.pdf", "a.pdf"),
        ("a\u202efdp.exe", "afdp.exe"),
        ("a\u200b\ufeff\u061cb\x85.pdf", "ab.pdf"),
        ("", "file"),
        ("\x00", "file"),
    ],
)
def test_names_are_harmless(name: str, safe: str) -> None:
    assert files.safe_name(name) == safe


@pytest.mark.parametrize(
    ("name", "media_type", "kept"),
    [
        ("证明.PDF", "application/pdf", "证明.PDF"),
        ("photo.jpeg", "image/jpeg", "photo.jpeg"),
        ("notice.hta", "application/pdf", "notice.hta.pdf"),
        ("a.pdf.bat", "image/png", "a.pdf.bat.png"),
        ("x" * 200, "application/ofd", "x" * 196 + ".ofd"),
    ],
)
def test_names_end_as_their_content_does(name: str, media_type: str, kept: str) -> None:
    assert files.fitting_name(name, media_type) == kept


def test_conditions_decide_what_is_needed(mine: Context, item: Item) -> None:
    def needed(**data: Any) -> set[str]:
        return {each.code for each in requirements.list_requirements(mine, item, data) if each.required}

    assert needed(isMinor=True, housing="OWNED") == {"M1", "M2", "M3", "M4", "M8"}
    assert needed(isMinor=False, housing="RENTED") == {"M1", "M2", "M3", "M4", "M7"}
    assert needed() == {"M1", "M2", "M3", "M4"}


def test_all_that_is_missing_is_said_at_once(mine: Context, item: Item) -> None:
    with pytest.raises(MaterialsMissing) as refusal:
        materials.check(mine, item, {"isMinor": True}, {"M3": "no-such-file", "M99": "x"})
    assert {(e.pointer, e.code) for e in refusal.value.errors} == {
        ("/materials/M99", "unknown_material"),
        ("/materials/M2", "required"),
        ("/materials/M8", "required"),
        ("/materials/M3", "file_unknown"),
    }


def test_nobody_hands_in_another_persons_file(mine: Context, ctx: Context, item: Item) -> None:
    file = upload(ctx)
    with pytest.raises(MaterialsMissing):
        materials.check(mine, item, {}, {"M2": file.id})


def test_rows_of_a_new_case(mine: Context, item: Item, main_leg: LegRow) -> None:
    handed = {"M2": upload(mine).id}
    needed = materials.check(mine, item, {}, handed)
    materials.open_rows(mine, main_leg.case_id, needed, handed, origin="APPLICANT")
    assert states(mine) == {"M1": "SUPPLIED", "M2": "SUPPLIED", "M3": "MISSING", "M4": "SHARED"}


def test_supplying_and_verifying(mine: Context, ctx: Context, item: Item, main_leg: LegRow) -> None:
    test_rows_of_a_new_case(mine, item, main_leg)
    materials.supply(mine, main_leg, "M3", upload(mine).id, origin="APPLICANT")
    materials.supply(mine, main_leg, "M8", upload(mine).id, origin="APPLICANT")
    row = materials.verify(ctx, main_leg, "M3", "ORIGINAL", note="原件与扫描件一致")
    assert (row.state, row.method, row.verified_at) == ("VERIFIED", "ORIGINAL", ctx.clock.now())
    assert states(ctx)["M8"] == "SUPPLIED"
    for code, method in (("M99", "ORIGINAL"), ("M3", "BY_FEELING")):
        with pytest.raises(MaterialNotFound):
            materials.verify(ctx, main_leg, code, method)
    with pytest.raises(MaterialNotFound):
        materials.supply(mine, main_leg, "M99", upload(mine).id, origin="APPLICANT")


def test_a_completed_task_hands_in_verifies_and_answers(
    mine: Context, ctx: Context, item: Item, main_leg: LegRow, clock: FixedClock
) -> None:
    test_rows_of_a_new_case(mine, item, main_leg)
    notice = SupplementNotice(case_id=main_leg.case_id, round=1, entries=[], notified_at=clock.now())
    ctx.session.add(notice)
    ctx.session.flush()
    answer = {"note": "已补", "materials": [{"code": "M3", "files": [{"id": upload(mine).id, "name": "a.pdf"}]}]}
    materials.from_task(mine, main_leg, "APPLICANT", answer)
    assert notice.answered_at is not None
    materials.from_task(
        ctx, main_leg, "RECV_CLERK", {"originals": ["M2", {"code": "M3", "ok": False, "note": "模糊"}, "M99"]}
    )
    assert (states(ctx)["M2"], states(ctx)["M3"]) == ("VERIFIED", "DEFECT")
    kinds = ctx.session.scalars(select(AuditEvent.kind).order_by(AuditEvent.seq)).all()
    assert kinds == ["material.supplied", "supplement.answered", "material.verified", "material.verified"]
    assert main_leg.case.audit_seq == 4
    assert audit.digest(None, b"") != main_leg.case.audit_head


def test_only_contract_materials_cross_to_the_partner(
    mine: Context, ctx: Context, item: Item, main_leg: LegRow, partner_leg: LegRow
) -> None:
    handed = {"M2": upload(mine).id, "M7": upload(mine, "lease.pdf", PDF + b"7").id}
    needed = materials.check(mine, item, {"housing": "RENTED"}, handed)
    materials.open_rows(mine, main_leg.case_id, needed, handed, origin="APPLICANT")
    manifest = materials.offer(ctx, main_leg, ["M1", "M2", "M3"])
    assert [row["code"] for row in manifest] == ["M1", "M2"]
    materials.take(ctx, partner_leg, manifest)
    materials.take(ctx, partner_leg, manifest)
    rows = ctx.session.scalars(select(Material).where(Material.leg_id == partner_leg.id).order_by(Material.code)).all()
    assert [(row.code, row.file_id, row.origin) for row in rows] == [
        ("M1", None, "PARTNER"),
        ("M2", handed["M2"], "PARTNER"),
    ]
    assert materials.offer(ctx, partner_leg, ["M2"])[0]["sha256"] == manifest[1]["sha256"]


def test_a_file_of_another_deployment_is_known_by_its_hash(ctx: Context, partner_leg: LegRow) -> None:
    materials.take(ctx, partner_leg, [{"code": "M5", "name": "出生医学证明", "sha256": "ab" * 32}])
    row = ctx.session.scalars(select(Material)).one()
    assert row.file_id is None
    assert row.note == "SHA-256 " + "ab" * 32
