"""Personal data over the API: masked until asked for, who looked, one's own copy and deletion, the keeping of cases."""

import io
import json
import zipfile
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from PIL import Image
from sqlalchemy import select

from domain.actors import SYSTEM
from domain.cases.models import Case, CaseSubject, Leg, Task
from domain.deadlines.models import Policy
from domain.identity import service as identity
from domain.identity.models import Grant, User
from domain.items.models import Item
from domain.materials import files
from domain.materials.models import File, Material
from domain.notifications.models import Notification
from scheduler import jobs
from tests.api.browser import Browser, assert_problem
from tests.support import models
from tests.support.world import World

LogIn = Callable[[str], Browser]
ID_NO = "532622201506010001"
ASK = {"purpose": "REVIEW", "reason": "审查迁移条件", "sensitive": False}


@pytest.fixture
def opened(world: World) -> World:
    """A main leg with a task for the clerk, a partner's leg with one for the handler."""
    world.deploy(models.joint())
    world.submit()
    world.complete("clerk", "prepare", reason="投靠父母")
    jobs.run_due(world.platform)
    return world


def number(world: World, pool: str = "P_partner") -> str:
    return world.legs()[pool].case_no


def received(browser: Browser, case_no: str) -> Any:
    return browser.get(f"/cases/{case_no}").json["received"]["movers"][0]["idNo"]


def test_data_is_shown_after_asking_and_masked_again_by_itself(opened: World, log_in: LogIn) -> None:
    case_no, partner = number(opened), log_in("partner")
    assert received(partner, case_no) == "5326**********0001"
    assert ID_NO not in partner.get(f"/cases/{case_no}").text
    privacy = partner.get(f"/cases/{case_no}").json["privacy"]
    assert (privacy["mayAsk"], privacy["needsSecond"], privacy["shownUntil"]) == (True, False, None)
    assert [each["code"] for each in privacy["purposes"]] == ["IDENTITY", "REVIEW", "CONTACT", "DELIVERY", "DOCUMENT"]
    answer = partner.post(f"/cases/{case_no}/unmask", ASK)
    assert (answer.status_code, answer.json["state"]) == (201, "given")
    assert received(partner, case_no) == ID_NO
    opened.pass_time("PT9M")
    assert received(partner, case_no) == ID_NO
    opened.pass_time("PT2M")
    assert received(partner, case_no) == "5326**********0001"


def test_the_time_can_be_ended_early_and_is_for_one_person_and_case(opened: World, log_in: LogIn) -> None:
    case_no, partner = number(opened), log_in("partner")
    partner.post(f"/cases/{case_no}/unmask", ASK)
    assert received(partner, case_no) == ID_NO
    main = log_in("approver").get(f"/cases/{case_no}")
    assert ID_NO not in main.text
    assert partner.post(f"/cases/{case_no}/mask").status_code == 204
    assert received(partner, case_no) == "5326**********0001"


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({**ASK, "purpose": "SUPERVISION"}, "/purpose"),
        ({**ASK, "purpose": "NONSENSE"}, "/purpose"),
        ({**ASK, "reason": "  看 "}, "/reason"),
        ({"purpose": "REVIEW"}, "/reason"),
    ],
)
def test_without_purpose_and_reason_nothing_is_shown(
    opened: World, log_in: LogIn, body: dict[str, Any], pointer: str
) -> None:
    answer = log_in("partner").post(f"/cases/{number(opened)}/unmask", body)
    assert (
        answer.status_code,
        answer.json["pointer"],
    ) == (422, pointer)


def test_who_has_no_step_and_who_administrates_is_not_shown_anything(opened: World, log_in: LogIn) -> None:
    case_no = number(opened, "P_main")
    assert_problem(log_in("clerk").post(f"/cases/{case_no}/unmask", ASK), 403, "unmask-not-needed")
    assert log_in("clerk").get(f"/cases/{case_no}").json["privacy"]["mayAsk"] is False
    assert_problem(log_in("siteadmin").post(f"/cases/{case_no}/unmask", ASK), 403, "forbidden")
    assert_problem(log_in("far").post(f"/cases/{case_no}/unmask", ASK), 404, "not-found")
    assert log_in("approver").post(f"/cases/{case_no}/unmask", ASK).status_code == 201


def test_a_supervisor_needs_a_second_person(opened: World, log_in: LogIn) -> None:
    case_no, chief = number(opened, "P_main"), log_in("overseer")
    answer = chief.post(f"/cases/{case_no}/unmask", {"purpose": "SUPERVISION", "reason": "核查超期原因"})
    assert (answer.status_code, answer.json["state"], answer.json["expiresAt"]) == (201, "waiting", None)
    assert chief.get(f"/cases/{case_no}").json["application"] is None
    assert_problem(chief.post(f"/unmask-requests/{answer.json['id']}/decision", {"agrees": True}), 403, "forbidden")
    approver = log_in("approver")
    [row] = approver.get("/unmask-requests").json["items"]
    assert (row["id"], row["purpose"]) == (answer.json["id"], "督办检查")
    assert approver.post(f"/unmask-requests/{row['id']}/decision", {"agrees": True}).json["state"] == "given"
    assert chief.get(f"/cases/{case_no}").json["application"]["movers"][0]["idNo"] == ID_NO
    assert_problem(approver.post(f"/unmask-requests/{row['id']}/decision", {"agrees": True}), 409, "unmask-decided")


def test_an_auditor_names_the_order(opened: World, log_in: LogIn) -> None:
    case_no, auditor = number(opened, "P_main"), log_in("auditor")
    body = {"purpose": "AUDIT", "reason": "年度检查抽查"}
    assert_problem(auditor.post(f"/cases/{case_no}/unmask", body), 422, "unmask-reason")
    assert auditor.post(f"/cases/{case_no}/unmask", {**body, "orderNo": "审〔2026〕1号"}).status_code == 201


def test_the_citizen_reads_who_looked_but_not_the_clerks_name(opened: World, log_in: LogIn) -> None:
    log_in("partner").post(f"/cases/{number(opened)}/unmask", ASK)
    looks = log_in("applicant").get("/my/looks").json["items"]
    [look] = [each for each in looks if each["what"] == "查看原文"]
    assert (look["siteName"], look["purpose"], look["reason"], look["by"]) == (
        "顺德区公安局",
        "审查审批",
        "审查迁移条件",
        "",
    )
    assert log_in("stranger").get("/my/looks").json["items"] == []
    told = log_in("approver").get(f"/cases/{number(opened, 'P_main')}/timeline").json["events"]
    assert [event["title"] for event in told if event["kind"] == "data.unmasked"] == ["查看个人信息原文：审查审批"]


def test_too_many_looks_are_told_to_the_administrator(opened: World, log_in: LogIn) -> None:
    with opened.platform.transaction(SYSTEM) as ctx:
        ctx.session.add(
            Policy(
                key="unmask.hourly",
                scope="platform",
                scope_ref="",
                item_code="",
                value="3",
                source="测试",
                updated_at=ctx.clock.now(),
            )
        )
    approver, case_no = log_in("approver"), number(opened, "P_main")
    for _ in range(4):
        assert approver.post(f"/cases/{case_no}/unmask", ASK).status_code == 201
    with opened.platform.transaction(SYSTEM) as ctx:
        readers = set(
            ctx.session.scalars(
                select(User.login)
                .join(Notification, Notification.user_id == User.id)
                .where(Notification.template == "unmask.alert")
            )
        )
    assert readers == {"siteadmin", "auditor"}
    [row] = log_in("siteadmin").get("/unmask-alerts").json["items"]
    assert (row["lastHour"], row["limit"]) == (4, 3)


@pytest.mark.usefixtures("opened")
def test_a_task_shows_data_whole_to_who_has_it(log_in: LogIn) -> None:
    partner = log_in("partner")
    task = partner.get("/tasks").json["items"][0]["id"]
    before = partner.get(f"/tasks/{task}")
    assert ID_NO not in before.text
    mine = partner.post(f"/tasks/{task}/claim").json
    assert mine["context"].keys() == before.json["context"].keys()


@pytest.mark.usefixtures("opened")
def test_a_person_gets_a_copy_of_everything(log_in: LogIn) -> None:
    applicant = log_in("applicant")
    answer = applicant.post("/my/copy")
    assert (answer.status_code, answer.mimetype) == (200, "application/zip")
    with zipfile.ZipFile(io.BytesIO(answer.data)) as archive:
        data = json.loads(archive.read("data.json"))
        page = archive.read("index.html").decode()
    assert data["cases"][0]["application"]["movers"][0]["idNo"] == ID_NO
    assert ID_NO in page
    assert "<script" not in page


def test_deletion_tells_what_stays_and_why(opened: World, log_in: LogIn) -> None:
    applicant = log_in("applicant")
    done = applicant.post("/my/erasure").json
    assert (done["accountClosed"], [case["why"] for case in done["cases"]]) == (False, ["open"])
    stranger = log_in("stranger")
    assert stranger.post("/my/erasure").json["accountClosed"] is True
    assert stranger.get("/my/looks").status_code == 401, "the session is gone"
    with opened.platform.transaction(SYSTEM) as ctx:
        assert identity.find_user(ctx, "stranger") is None


def closed_long_ago(world: World, years: int) -> None:
    with world.platform.transaction(SYSTEM) as ctx:
        for case in ctx.session.scalars(select(Case)):
            case.closed_at = ctx.clock.now() - timedelta(days=years * 366)
        for item in ctx.session.scalars(select(Item)):
            ctx.session.add(
                Policy(
                    key="retention.caseYears",
                    scope="item",
                    scope_ref="",
                    item_code=item.code,
                    value="10",
                    source="测试",
                    updated_at=ctx.clock.now(),
                )
            )


def test_cases_go_when_their_time_is_over_and_two_people_agree(opened: World, log_in: LogIn) -> None:
    admin, approver = log_in("siteadmin"), log_in("approver")
    with opened.platform.transaction(SYSTEM) as ctx:
        site = ctx.session.scalars(select(Case.main_site_id)).one()
        assert (
            ctx.session.scalar(
                select(Grant.site_id).join(User, User.id == Grant.user_id).where(User.login == "siteadmin")
            )
            == site
        )
    assert_problem(admin.post("/retention/erasures", {"siteId": site, "reason": "到期"}), 409, "nothing-due")
    closed_long_ago(opened, 11)
    [due] = admin.get("/retention/due", query_string={"siteId": site}).json["items"]
    assert (due["subject"], due["held"]) == ("测*", "")
    case_no = due["caseNo"]
    assert admin.post(f"/cases/{case_no}/hold", {"reason": "行政复议"}).status_code == 204
    assert_problem(admin.post("/retention/erasures", {"siteId": site, "reason": "到期"}), 409, "nothing-due")
    assert admin.post(f"/cases/{case_no}/release", {"reason": "复议已结束"}).status_code == 204
    [held] = approver.get("/retention/holds", query_string={"siteId": site}).json["items"]
    assert (held["caseNo"], held["state"], held["mine"]) == (case_no, "release-asked", False)
    assert_problem(admin.post("/retention/erasures", {"siteId": site, "reason": "到期"}), 409, "nothing-due")
    assert_problem(admin.post(f"/retention/holds/{held['id']}/decision", {"agrees": True}), 403, "privacy-not-yours")
    assert approver.post(f"/retention/holds/{held['id']}/decision", {"agrees": True}).json["state"] == "released"
    asked = admin.post("/retention/erasures", {"siteId": site, "reason": "保存期满"}).json
    assert (asked["state"], asked["cases"], asked["mine"]) == ("asked", 1, True)
    assert_problem(
        admin.post(f"/retention/erasures/{asked['id']}/decision", {"agrees": True}), 403, "privacy-not-yours"
    )
    assert approver.post(f"/retention/erasures/{asked['id']}/decision", {"agrees": True}).json["state"] == "running"
    jobs.run_due(opened.platform)
    [done] = approver.get("/retention/erasures", query_string={"siteId": site}).json["items"]
    assert (done["state"], done["done"], done["kept"]) == ("done", 1, 0)
    detail = approver.get(f"/cases/{case_no}").json
    assert (detail["application"], detail["summary"]["subject"]) == ({}, "测*")
    assert detail["privacy"]["erasedAt"]
    assert approver.get(f"/cases/{case_no}/timeline").status_code == 200
    with opened.platform.transaction(SYSTEM) as ctx:
        assert ctx.session.scalars(select(CaseSubject)).all() == []
        for leg in ctx.session.scalars(select(Leg)):
            assert (leg.variables, leg.received, leg.state) == ({}, None, b"")
        assert {task.context for task in ctx.session.scalars(select(Task))} == {None}


def test_a_case_that_is_held_meanwhile_stays(opened: World, log_in: LogIn) -> None:
    closed_long_ago(opened, 11)
    admin = log_in("siteadmin")
    with opened.platform.transaction(SYSTEM) as ctx:
        site = ctx.session.scalars(select(Case.main_site_id)).one()
    asked = admin.post("/retention/erasures", {"siteId": site, "reason": "保存期满"}).json
    admin.post(f"/cases/{number(opened, 'P_main')}/hold", {"reason": "诉讼"})
    log_in("approver").post(f"/retention/erasures/{asked['id']}/decision", {"agrees": True})
    jobs.run_due(opened.platform)
    [done] = admin.get("/retention/erasures", query_string={"siteId": site}).json["items"]
    assert (done["state"], done["done"], done["kept"]) == ("done", 0, 1)


def test_a_hold_has_two_people_and_an_end(opened: World, log_in: LogIn) -> None:
    closed_long_ago(opened, 11)
    admin, approver, case_no = log_in("siteadmin"), log_in("approver"), number(opened, "P_main")
    with opened.platform.transaction(SYSTEM) as ctx:
        site, now = ctx.session.scalars(select(Case.main_site_id)).one(), ctx.clock.now()
    assert_problem(admin.post(f"/cases/{case_no}/hold", {"reason": "诉讼", "until": "2020-01-01"}), 409, "conflict")
    until = (now + timedelta(days=10)).date().isoformat()
    assert admin.post(f"/cases/{case_no}/hold", {"reason": "行政诉讼", "until": until}).status_code == 204
    shown = approver.get(f"/cases/{case_no}").json["privacy"]["held"]
    assert (shown["reason"], shown["heldBy"]) == ("行政诉讼", "siteadmin")
    assert log_in("partner").get(f"/cases/{number(opened)}").json["privacy"]["held"] is None
    [held] = admin.get("/retention/holds", query_string={"siteId": site}).json["items"]
    assert (held["state"], held["mine"]) == ("asked", True)
    path = f"/retention/holds/{held['id']}/decision"
    assert approver.post(path, {"agrees": True}).json["state"] == "held"
    assert_problem(approver.post(path, {"agrees": True}), 409, "conflict")
    assert_problem(log_in("far").post(path, {"agrees": True}), 403, "forbidden")
    [due] = admin.get("/retention/due", query_string={"siteId": site}).json["items"]
    assert due["held"] == "行政诉讼"
    opened.pass_time("P11D")
    [due] = admin.get("/retention/due", query_string={"siteId": site}).json["items"]
    assert due["held"] == ""
    assert admin.post(f"/cases/{case_no}/hold", {"reason": "审计"}).status_code == 204
    states = [each["state"] for each in admin.get("/retention/holds", query_string={"siteId": site}).json["items"]]
    assert states == ["asked", "lapsed"]
    again = admin.get("/retention/holds", query_string={"siteId": site}).json["items"][0]
    refused = approver.post(f"/retention/holds/{again['id']}/decision", {"agrees": False})
    assert refused.json["state"] == "released"


def test_materials_go_before_their_case(opened: World, log_in: LogIn) -> None:
    """A photograph is kept for a year, the case for ten; what is due is shown before, and a hold stops it."""
    closed_long_ago(opened, 2)
    admin, approver, case_no = log_in("siteadmin"), log_in("approver"), number(opened, "P_main")
    with opened.platform.transaction(SYSTEM) as ctx:
        case = ctx.session.scalars(select(Case)).one()
        site = case.main_site_id
        item = ctx.session.get_one(Item, case.item_code)
        item.sheet = {**item.sheet, "materials": [{"code": "M1", "name": "申请表"}, {"code": "M2", "name": "近期照片"}]}
        for code in ("M1", "M2"):
            file = files.store_file(ctx, f"{code}.pdf", b"%PDF-1.4\n%%EOF\n" + code.encode())
            ctx.session.add(
                Material(
                    case_id=case.id,
                    code=code,
                    name=code,
                    is_required=True,
                    state="SUPPLIED",
                    file_id=file.id,
                    updated_at=ctx.clock.now(),
                )
            )
    rules = admin.get("/retention/rules").json["materials"]
    assert {(each["name"], each["years"]) for each in rules if each["materials"] == ["M2 近期照片"]} == {
        ("照片、人像", 1)
    }
    query = {"siteId": site}
    due = admin.get("/retention/due", query_string=query).json
    assert (due["items"], [each["name"] for each in due["materials"]]) == ([], ["M2 M2"])
    assert due["materials"][0]["source"].startswith("平台默认值")
    ahead = admin.get("/retention/due", query_string={**query, "ahead": 3660}).json
    assert len(ahead["items"]) == 1
    asked = admin.post("/retention/erasures", {**query, "reason": "到期", "what": "materials"}).json
    assert (asked["what"], asked["cases"]) == ("materials", 1)
    admin.post(f"/cases/{case_no}/hold", {"reason": "审计"})
    assert approver.post(f"/retention/erasures/{asked['id']}/decision", {"agrees": True}).status_code == 200
    jobs.run_due(opened.platform)
    assert approver.get("/retention/erasures", query_string=query).json["items"][0]["kept"] == 1
    [held] = approver.get("/retention/holds", query_string=query).json["items"]
    approver.post(f"/retention/holds/{held['id']}/decision", {"agrees": False})
    asked = admin.post("/retention/erasures", {**query, "reason": "到期", "what": "materials"}).json
    approver.post(f"/retention/erasures/{asked['id']}/decision", {"agrees": True})
    jobs.run_due(opened.platform)
    assert approver.get("/retention/erasures", query_string=query).json["items"][0]["done"] == 1
    with opened.platform.transaction(SYSTEM) as ctx:
        sizes = dict(
            ctx.session.execute(select(Material.code, File.size).join(File, File.id == Material.file_id)).all()
        )
        assert sizes["M2"] == 0 < sizes["M1"]
        assert ctx.session.scalars(select(Case.erased_at)).one() is None


def test_photographs_are_blurred_until_somebody_needs_them(opened: World, log_in: LogIn) -> None:
    picture = io.BytesIO()
    Image.effect_noise((300, 400), 90).convert("RGB").save(picture, "PNG")
    with opened.platform.transaction(SYSTEM) as ctx:
        case = ctx.session.scalars(select(Case)).one()
        item = ctx.session.get_one(Item, case.item_code)
        item.sheet = {
            **item.sheet,
            "materials": [{"code": "M1", "name": "本人近期照片"}, {"code": "M2", "name": "申请表"}],
        }
        ids = {}
        for code, content in (("M1", picture.getvalue()), ("M2", picture.getvalue()), ("M1", b"%PDF-1.4\n%%EOF\n")):
            file = files.store_file(ctx, f"{code}.png", content)
            ids[code, file.media_type] = file.id
            row = Material(case_id=case.id, code=code, name=code, is_required=True, state="SUPPLIED", file_id=file.id)
            row.updated_at = ctx.clock.now()
            ctx.session.add(row)
    approver, case_no = log_in("approver"), number(opened, "P_main")
    photo = f"/files/{ids['M1', 'image/png']}"
    masked = approver.get(photo)
    assert (masked.status_code, masked.mimetype) == (200, "image/png")
    assert masked.data != picture.getvalue()
    with Image.open(io.BytesIO(masked.data)) as small:
        assert max(small.size) == 240
    assert_problem(approver.get(f"/files/{ids['M1', 'application/pdf']}"), 403, "file-masked")
    assert approver.get(f"/files/{ids['M2', 'image/png']}").data == picture.getvalue()
    assert log_in("applicant").get(photo).data == picture.getvalue()
    assert approver.post(f"/cases/{case_no}/unmask", ASK).status_code == 201
    assert approver.get(photo).data == picture.getvalue()
