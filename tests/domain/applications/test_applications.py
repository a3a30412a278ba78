import json
from collections.abc import Callable
from copy import deepcopy
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from bootstrap.expressions import EngineExpressions
from bootstrap.settings import ROOT
from bootstrap.wiring import make_handlers
from domain.actors import Role
from domain.applications import rules
from domain.applications import service as applications
from domain.applications.errors import (
    ApplicationRejected,
    AuthorityUnchanged,
    CertificateNotUsable,
    NoAuthority,
    NotEligible,
    NotForYou,
    RatingRefused,
    SameProvince,
)
from domain.applications.models import ApplicationDraft, Rating
from domain.cases.errors import DuplicateApplication, ItemNotAvailable
from domain.cases.models import Case
from domain.cases.rows import LegRow
from domain.certificates import service as certificates
from domain.clock import FixedClock
from domain.context import Context
from domain.definitions import service as definitions
from domain.definitions import store
from domain.identity import service as identity
from domain.identity.models import User
from domain.items import service as items
from domain.materials import service as materials
from domain.materials.errors import MaterialsMissing
from domain.materials.models import Material
from domain.notifications.models import Notification
from domain.sites import service as sites
from domain.sites.models import Site
from engine.facade import Engine
from forms.kernel import Kernel
from tests.support import models

PARENT, CHILD = "532622198502030000", "44060620180601000X"
DATA: dict[str, Any] = {
    "consentCross": True,
    "applicantRole": "PARENT",
    "applicantName": "测试父",
    "applicantIdNo": PARENT,
    "applicantMobile": "13800000001",
    "applicantRegion": "532622",
    "applicantAddr": "江那镇测试路8号",
    "movers": [
        {"name": "测试女", "idNo": CHILD, "sex": "2", "ethnic": "01", "relToApplicant": "30", "relToTarget": "DAUGHTER"}
    ],
    "reasonCode": "JOIN_PARENTS",
    "moveOutRegion": "440606",
    "moveOutAddr": "大良街道测试路1号",
    "moveInRegion": "532622",
    "moveInAddr": "江那镇测试路8号",
    "targetName": "测试父",
    "targetIdNo": PARENT,
    "targetHouseNo": "000000008",
    "housing": "OWN",
    "parentsStatus": "WIDOWED",
    "minorConsent": True,
    "otherParentConsent": True,
    "deliveryMode": "PICKUP",
    "bookReturn": "WINDOW",
}
HUKOU, WATER = "hukou-join-parents", "water-safety-change"
PDF = b"%PDF-1.4 test"
CERT: dict[str, Any] = {
    "certClass": "B",
    "holderName": "测试工",
    "holderIdNo": "451002198806120000",
    "holderMobile": "13800000003",
    "newOrgUscc": "91530000DEM000002A",
    "newOrgQualGrade": "GRADE2",
}


@pytest.fixture
def desk(ctx: Context, kernel: Kernel, regions: None) -> Context:
    """The platform with both police sites, the items, the shipped application form and a small model."""
    del regions
    sites.register_regions(ctx, [("532623", "西畴县", "532600"), ("450000", "广西壮族自治区", None)])
    engine = Engine(EngineExpressions(kernel), source=lambda number: store.load_xml(ctx.session, int(number)))
    full = replace(ctx, forms=kernel, engine=engine, handlers=make_handlers())
    for region, name in (("532622", "砚山"), ("440606", "顺德"), ("532623", "西畴")):
        sites.register_site(full, f"{region}-police", region, "police", f"{name}公安", name)
    for region, name in (("530000", "云南水利"), ("450000", "广西水利")):
        sites.register_site(full, f"{region}-water", region, "water", f"{name}厅", name, phone="0771-0000001")
    items.load_items(full)
    form = json.loads((ROOT / "workflows" / HUKOU / "forms" / "apply.form").read_text(encoding="utf-8"))
    definitions.publish_form(full, form["id"], form)
    definitions.publish_form(full, "test-form", {"type": "default", "id": "test-form", "components": []})
    source = models.simple().replace(models.MAIN_SITE.encode(), b"=application.moveInOrg")
    definitions.deploy(full, HUKOU, source)
    return full


@pytest.fixture
def mine(desk: Context, applicant: User) -> Context:
    return replace(desk, actor=identity.actor_for(desk.session, applicant))


def papers(ctx: Context, *codes: str) -> list[dict[str, str]]:
    return [{"code": code, "fileId": materials.store_file(ctx, f"{code}.pdf", PDF).id} for code in codes]


def submit(ctx: Context, **changes: Any) -> LegRow:
    return applications.submit(ctx, HUKOU, deepcopy(DATA) | changes, papers(ctx, "M2", "M5", "M8"))


def test_an_application_becomes_a_case_with_materials_and_a_receipt(mine: Context, applicant: User) -> None:
    leg = submit(mine)
    case = mine.session.get_one(Case, leg.case_id)
    assert leg.site.code == "532622-police"
    assert (case.applicant_user_id, case.source, case.subject_masked) == (applicant.id, "2", "测*")
    assert case.application["movers"][0]["idNo"] == CHILD
    rows = {m.code: m.state for m in mine.session.scalars(select(Material))}
    assert rows["M1"] == "SUPPLIED"
    assert rows["M3"] == "MISSING"
    assert rows["M4"] == "SHARED"
    assert rows["M5"] == "SUPPLIED"
    notice = mine.session.scalars(select(Notification).where(Notification.template == "application.received")).one()
    assert case.query_code in notice.text
    assert CHILD not in notice.text


def test_the_second_application_for_a_child_names_the_first(mine: Context) -> None:
    first = submit(mine)
    with pytest.raises(DuplicateApplication) as refusal:
        submit(mine)
    assert first.case.case_no in refusal.value.fact_zh


def test_all_mistakes_of_the_form_are_named(mine: Context) -> None:
    with pytest.raises(ApplicationRejected) as refusal:
        submit(mine, applicantIdNo="532622198502030001", applicantMobile="123", targetName="")
    pointers = {error.pointer for error in refusal.value.errors}
    assert {"/data/applicantIdNo", "/data/applicantMobile", "/data/targetName"} <= pointers
    assert all(error.message_zh and error.message_en for error in refusal.value.errors)
    assert "532622198502030001" not in refusal.value.fact_zh + str(refusal.value)


def test_missing_materials_are_named(mine: Context) -> None:
    with pytest.raises(MaterialsMissing) as refusal:
        applications.submit(mine, HUKOU, deepcopy(DATA), papers(mine, "M2"))
    assert {error.pointer for error in refusal.value.errors} == {"/materials/M5", "/materials/M8"}
    assert mine.session.scalars(select(Case)).all() == []


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"consentCross": False}, NotEligible),
        ({"moveOutOrg": "532623-police", "moveOutRegion": "532623"}, SameProvince),
        ({"moveOutOrg": "nowhere"}, sites.SiteNotFound),
        ({"moveInOrg": "530000-water", "moveInRegion": "530000"}, NotEligible),
        ({"moveInRegion": "440606"}, NotEligible),
        ({"movers": [{"idNo": CHILD}, {"idNo": CHILD}]}, NotEligible),
        ({"movers": []}, None),
    ],
)
def test_rules_of_the_household_move(desk: Context, changes: dict[str, Any], error: type[Exception] | None) -> None:
    whole = deepcopy(DATA) | {"moveInOrg": "532622-police", "moveOutOrg": "440606-police"} | changes
    if error is None:
        assert rules.route(desk, HUKOU, whole).subjects == ()
        return
    with pytest.raises(error):
        rules.route(desk, HUKOU, whole)


def test_several_movers_are_counted_in_the_masked_subject(desk: Context) -> None:
    movers = [{"name": "测试一", "idNo": "1"}, {"name": "测试二", "idNo": "2"}]
    whole = deepcopy(DATA) | {"moveInOrg": "532622-police", "moveOutOrg": "440606-police", "movers": movers}
    routed = rules.route(desk, HUKOU, whole)
    assert routed.subject_masked == "测*等2人"
    assert routed.subjects == (("mover", "1"), ("mover", "2"))


def test_a_window_clerk_applies_for_somebody_without_an_account(desk: Context) -> None:
    clerk = identity.register_user(desk, "clerk", "窗口", "Lianban-2026")
    window = replace(desk, actor=identity.actor_for(desk.session, clerk))
    with pytest.raises(NotForYou):
        submit(window)
    identity.grant(desk, clerk, Role.RECV_CLERK, sites.get_site(desk, "532622-police"))
    window = replace(desk, actor=identity.actor_for(desk.session, clerk))
    leg = submit(window)
    case = desk.session.get_one(Case, leg.case_id)
    assert case.source == "1"
    person = identity.find_applicant(desk, PARENT)
    assert person is not None
    assert person.id == case.applicant_user_id
    origins = {m.origin for m in desk.session.scalars(select(Material).where(Material.file_id.is_not(None)))}
    assert origins == {"WINDOW"}


def test_items_that_are_not_offered(mine: Context) -> None:
    with pytest.raises(ItemNotAvailable):
        applications.submit(mine, "tax-payment-certificate", {}, [])
    with pytest.raises(ItemNotAvailable):
        applications.submit(mine, WATER, {}, [])


def test_drafts_are_kept_for_thirty_days(mine: Context, clock: FixedClock) -> None:
    file = papers(mine, "M2")
    first = applications.save_draft(mine, HUKOU, {"applicantName": "测试父", "applicantMobile": "12"}, file)
    assert (first.revision, first.materials) == (1, file)
    assert first.expires_at - clock.now() == timedelta(days=30)
    second = applications.save_draft(mine, HUKOU, {"applicantName": "测试"}, [])
    assert (second.id, second.revision, second.data["applicantName"]) == (first.id, 2, "测试")
    with pytest.raises(ApplicationRejected):
        applications.save_draft(mine, HUKOU, {"noSuchField": 1}, [])
    assert applications.drop_expired_drafts(mine) == 0
    clock.advance(timedelta(days=31))
    assert applications.drop_expired_drafts(mine) == 1
    applications.save_draft(mine, HUKOU, {}, [])
    applications.discard_draft(mine, HUKOU)
    assert mine.session.scalars(select(ApplicationDraft)).all() == []


def test_submitting_ends_the_draft(mine: Context) -> None:
    applications.save_draft(mine, HUKOU, {"applicantName": "测试父"}, [])
    submit(mine)
    assert mine.session.scalars(select(ApplicationDraft)).all() == []


def close(ctx: Context, leg: LegRow) -> Case:
    case = ctx.session.get_one(Case, leg.case_id, populate_existing=True)
    case.closed_at = ctx.clock.now()
    ctx.session.flush()
    return case


def test_each_site_is_rated_once_within_the_window(mine: Context, desk: Context, clock: FixedClock) -> None:
    leg = submit(mine)
    rating = {"site_code": "532622-police", "level": "DISSATISFIED", "comment": "等得太久"}
    with pytest.raises(RatingRefused):
        applications.rate(mine, leg.case_id, [rating])
    case = close(mine, leg)
    admin = identity.register_user(desk, "admin", "管理", "Lianban-2026")
    identity.grant(desk, admin, Role.SITE_ADMIN, sites.get_site(desk, "532622-police"))
    with pytest.raises(RatingRefused):
        applications.rate(mine, leg.case_id, [{**rating, "site_code": "440606-police"}])
    with pytest.raises(RatingRefused):
        applications.rate(desk, leg.case_id, [rating])
    applications.rate(mine, leg.case_id, [rating])
    assert "EVALUATED" in case.flags
    assert [row.level for row in mine.session.scalars(select(Rating))] == ["DISSATISFIED"]
    bad = mine.session.scalars(select(Notification).where(Notification.template == "bad.rating")).all()
    assert [notice.user_id for notice in bad] == [admin.id]
    with pytest.raises(RatingRefused):
        applications.rate(mine, leg.case_id, [rating])
    clock.advance(timedelta(days=16))
    with pytest.raises(RatingRefused):
        applications.rate(mine, leg.case_id, [rating])


Issue = Callable[..., str]


@pytest.fixture
def issue(desk: Context) -> Issue:
    def of(state: str = "01", site: str = "450000-water", until: date = date(2028, 5, 1), kind: str = "B") -> str:
        holder = {"idNo": CERT["holderIdNo"], "name": CERT["holderName"]}
        issuer: Site = sites.get_site(desk, site)
        made = certificates.register(desk, issuer, f"water-safety-{kind}", holder, {}, valid_until=until, state=state)
        return made.number

    return of


def test_a_valid_certificate_goes_to_the_authority_of_the_new_employer(desk: Context, issue: Issue) -> None:
    number = issue()
    routed = rules.route(desk, WATER, CERT | {"certNo": number})
    assert routed.computed["oldAuthority"] == "450000-water"
    assert routed.computed["newAuthority"] == "530000-water"
    assert routed.computed["certValidUntil"] == "2028-05-01"
    assert routed.computed["renewOffered"] is False
    assert routed.subjects == (("certificate", number),)
    assert routed.applicant["idNo"] == CERT["holderIdNo"]


@pytest.mark.parametrize("state", ["02", "03", "04", "05", "06", "07"])
def test_other_states_stop_with_reason_and_contact(desk: Context, issue: Issue, state: str) -> None:
    number = issue(state)
    with pytest.raises(CertificateNotUsable) as refusal:
        rules.route(desk, WATER, CERT | {"certNo": number})
    assert "广西水利厅" in refusal.value.fact_zh
    assert "0771-0000001" in refusal.value.fact_zh
    assert refusal.value.pointer == "/data/certNo"


@pytest.mark.parametrize("changes", [{"holderIdNo": PARENT}, {"certClass": "A"}, {"certNo": "none"}])
def test_a_stranger_learns_nothing_about_a_certificate(desk: Context, issue: Issue, changes: dict[str, str]) -> None:
    with pytest.raises(CertificateNotUsable) as refusal:
        rules.route(desk, WATER, CERT | {"certNo": issue()} | changes)
    assert "广西" not in refusal.value.fact_zh


def test_an_expired_certificate_is_not_changed(desk: Context, issue: Issue) -> None:
    number = issue(until=date(2026, 2, 1))
    with pytest.raises(CertificateNotUsable) as refusal:
        rules.route(desk, WATER, CERT | {"certNo": number})
    assert "已过有效期" in refusal.value.fact_zh


def test_renewal_together_is_offered_in_the_last_three_months(desk: Context, issue: Issue) -> None:
    number = issue(until=date(2026, 5, 1))
    for together in (True, False, None):
        routed = rules.route(desk, WATER, CERT | {"certNo": number, "renewTogether": together})
        assert routed.computed["renewOffered"] is True


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"renewTogether": True}, NotEligible),
        ({"siteLock": True}, NotEligible),
        ({"certIdentifier": "1.2.156.3005.2.X"}, CertificateNotUsable),
        ({"newOrgUscc": "91450000DEM000001Q"}, AuthorityUnchanged),
        ({"newOrgUscc": "91110000DEM000001Q"}, NoAuthority),
        ({"newOrgRegion": "450100"}, AuthorityUnchanged),
    ],
)
def test_what_stands_against_a_transfer(
    desk: Context, issue: Issue, changes: dict[str, Any], error: type[Exception]
) -> None:
    with pytest.raises(error):
        rules.route(desk, WATER, CERT | {"certNo": issue()} | changes)
