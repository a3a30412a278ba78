from typing import Any

import pytest
from sqlalchemy import select

from domain.audit.models import AuditEvent
from domain.cases.rows import LegRow
from domain.context import Context
from domain.documents import service as documents
from domain.documents.content import DocumentIncomplete, UnknownDocument, day, told
from domain.documents.models import Document
from domain.items.models import Item
from engine.contract import Effect, Job, ServiceError

ENTRIES = [{"target": "M5", "defect": "出生医学证明第二页缺失", "rule": "办事指南", "cure": "补传第二页"}]
WHOLE: dict[str, dict[str, Any]] = {
    "SJPZ": {},
    "YCGZ": {"notice": {"entries": ENTRIES}},
    "SLTZ": {"acceptance": {"handlerName": "测试员", "handlerPhone": "0876-1"}},
    "BYSL": {
        "refusal": {"reason": "不属于本机关职权", "legalBasis": "行政许可法第三十二条", "rightAuthority": "某机关"}
    },
    "RQSL": {"gap": {"materials": ["M6"], "promise": "五日内补交"}},
    "GZCN": {"commitment": {"duty": "告知内容", "promise": "承诺属实"}},
    "TBCX": {"special": {"reason": "亲子鉴定", "days": 10}},
    "YQTZ": {"extension": {"reason": "案情复杂"}},
    "ZYJD": {"decision": {"kind": "GRANT"}, "settled": {"settledOn": "2026-03-20", "address": "某处"}},
    "ZBH": {"permit": {"number": "砚公户准迁〔2026〕1号"}},
    "HSJY": {"minutes": {"participants": ["甲", {"name": "乙"}], "questions": "户籍档案", "conclusion": "同意补充"}},
    "YJQD": {"archiveManifest": [{"name": "常住人口登记表", "pages": 2, "hash": "ab"}]},
    "CXSQ": {},
    "SDHZ": {"delivered": {"mode": "EXPRESS", "at": "2026-03-25T10:00:00+08:00", "trackingNo": "E1"}},
    "CBD": {"urge": {"number": "532622U2026030200001", "ask": "请签收"}},
    "DBD": {"supervision": {"number": "532622S2026030200001", "ask": "限期办理", "rule": "partner.work"}},
    "ZGFK": {"rectification": {"rating": "不满意", "finding": "属实", "measure": "整改"}},
}
LACKING: list[tuple[str, dict[str, Any], str]] = [
    ("YCGZ", {}, "/data/entries"),
    ("YCGZ", {"notice": {"entries": [{"defect": "不清楚"}]}}, "/data/target"),
    ("BYSL", {"refusal": {"legalBasis": "法"}}, "/data/reason"),
    ("BYSL", {"refusal": {"reason": "不属于"}}, "/data/legalBasis"),
    ("RQSL", {"gap": {}}, "/data/gapMaterials"),
    ("TBCX", {"special": {"days": 3}}, "/data/reason"),
    ("YQTZ", {}, "/data/reason"),
    ("ZYJD", {"decision": {"kind": "REFUSE", "legalBasis": "法"}}, "/data/reason"),
    ("ZYJD", {"decision": {"kind": "REFUSE", "reason": "不符合条件", "legalBasis": " "}}, "/data/legalBasis"),
    ("HSJY", {}, "/data/conclusion"),
    ("YJQD", {}, "/data/manifest"),
    ("CBD", {}, "/data/number"),
    ("ZGFK", {"rectification": {"rating": "差"}}, "/data/finding"),
]


def paragraphs(document: Document) -> dict[str, str]:
    return {row["label"]: row["text"] for row in document.content["paragraphs"]}


@pytest.fixture(autouse=True)
def guide(ctx: Context, main_leg: LegRow) -> None:
    item = ctx.session.get_one(Item, main_leg.case.item_code)
    item.sheet = {"guide": {"legalBasis": ["《中华人民共和国户口登记条例》"]}}
    ctx.session.flush()


def test_all_seventeen_documents_can_be_issued_and_no_other(ctx: Context, main_leg: LegRow) -> None:
    assert set(WHOLE) == set(documents.kinds())
    for code, variables in WHOLE.items():
        document = documents.issue(ctx, main_leg, code, to="applicant", variables=variables)
        assert documents.kinds()[code].title in document.title
        assert document.number.startswith("砚公户")
        assert all(row["label"] and row["text"] for row in document.content["paragraphs"]), code
        assert (document.to_applicant, document.to_partner) == (True, False)
    with pytest.raises(UnknownDocument):
        documents.issue(ctx, main_leg, "XXXX")


@pytest.mark.parametrize(("code", "variables", "pointer"), LACKING)
def test_what_the_law_asks_for_must_be_there(
    ctx: Context, main_leg: LegRow, code: str, variables: dict[str, Any], pointer: str
) -> None:
    with pytest.raises(DocumentIncomplete) as refusal:
        documents.issue(ctx, main_leg, code, variables=variables)
    assert refusal.value.pointer == pointer


def test_a_refusal_names_reason_basis_and_remedies(ctx: Context, main_leg: LegRow) -> None:
    variables = {"decision": {"kind": "REFUSE", "reason": "住所不符合规定", "legalBasis": "省户口迁移办法第八条"}}
    document = documents.issue(ctx, main_leg, "ZYJD", variables=variables)
    assert document.title == "不予决定书"
    assert paragraphs(document)["理由"] == "住所不符合规定"
    assert document.content["legalBasis"] == "省户口迁移办法第八条"
    assert "60日" in document.content["remedies"]
    assert "6个月" in document.content["remedies"]


def test_a_partners_refusal_is_passed_on_with_its_reason(ctx: Context, main_leg: LegRow) -> None:
    decision = {"kind": "PARTNER_REFUSED", "reason": "正在服兵役", "unit": "顺德公安", "phone": "0757"}
    document = documents.issue(ctx, main_leg, "ZYJD", variables={"decision": decision})
    assert paragraphs(document)["理由"] == "正在服兵役"
    assert "顺德公安" in str(document.content)
    assert document.content["legalBasis"]
    assert document.content["remedies"]


def test_the_notice_before_acceptance_uses_the_precheck_points(ctx: Context, main_leg: LegRow) -> None:
    main_leg.status = "PRECHECK_RETURNED"
    document = documents.issue(ctx, main_leg, "YCGZ", variables={"precheck": {"entries": ENTRIES}})
    assert "出生医学证明" in paragraphs(document)["第1项"]
    assert "15个工作日" in paragraphs(document)["补正期限"]


def test_numbers_run_per_unit_kind_and_year(ctx: Context, main_leg: LegRow, partner_leg: LegRow) -> None:
    first = documents.issue(ctx, main_leg, "SJPZ")
    second = documents.issue(ctx, main_leg, "SJPZ")
    other = documents.issue(ctx, partner_leg, "HSJY", to="partner", variables=WHOLE["HSJY"])
    assert (first.number, second.number) == ("砚公户收〔2026〕1号", "砚公户收〔2026〕2号")
    assert other.number == "顺公户会〔2026〕1号"
    assert other.to_partner


def test_the_effect_and_the_service(ctx: Context, main_leg: LegRow) -> None:
    documents.effect(ctx, main_leg, Effect("document", "enter", {"code": "SJPZ", "to": "applicant"}), {})
    result = documents.issue_service(
        ctx, main_leg, Job("j", "e", "document.issue", {"code": "TBCX", "data": WHOLE["TBCX"]})
    )
    assert result["number"] == "砚公户特〔2026〕1号"
    with pytest.raises(ServiceError):
        documents.issue_service(ctx, main_leg, Job("j", "e", "document.issue", {"code": "TBCX"}))
    events = ctx.session.scalars(select(AuditEvent.data).where(AuditEvent.kind == "document.issued")).all()
    assert [event["code"] for event in events] == ["SJPZ", "TBCX"]


def test_contents_are_sealed_and_the_record_holds_no_name(ctx: Context, main_leg: LegRow) -> None:
    documents.issue(ctx, main_leg, "SJPZ", variables={})
    stored = ctx.session.connection().exec_driver_sql("select content from documents").scalar_one()
    assert "测试父".encode() not in bytes(stored)
    assert "测试父" not in str(ctx.session.scalars(select(AuditEvent.data)).all())


@pytest.mark.parametrize(
    ("value", "expected"),
    [("2026-03-02", "2026年3月2日"), ("2026-03-02T17:00:00Z", "2026年3月3日"), ("", ""), (None, ""), ("明天", "明天")],
)
def test_days_are_written_in_chinese(value: Any, expected: str) -> None:
    assert day(value) == expected


def test_literals_are_told_in_words() -> None:
    assert [told("15wd"), told("P40D"), told("PT4H")] == ["15个工作日", "40日", "PT4H"]
