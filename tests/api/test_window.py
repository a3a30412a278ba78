from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select

from domain.actors import SYSTEM, Role
from domain.base import get_seal
from domain.cases.models import Case
from domain.channels import people as channels
from domain.channels.models import PersonChannel
from domain.identity import service as identity
from domain.sites import service as sites
from tests.api.browser import APPLICANT_ID_NO, Browser, assert_problem
from tests.api.conftest import FAR_SITE
from tests.support import models
from tests.support.world import World

LogIn = Callable[[str], Browser]
SEEN = {"appeared": "APPLICANT", "paper": "ID_CARD", "idNo": APPLICANT_ID_NO}


def asking() -> bytes:
    """The applicant is asked something, then the window goes on."""
    body = (
        models.node("startEvent", "start", ext='<lianban:status code="RECEIVED" on="leave"/>')
        + models.user("supplement", role="APPLICANT", ext='<lianban:document code="SJPZ" on="enter" to="applicant"/>')
        + models.user("review")
        + models.node("endEvent", "done")
        + models.chain("start", "supplement", "review", "done")
    )
    return models.collaboration({"main": (models.pool("P_main", "main", "main", models.MAIN_SITE), body)})


def hand_in(world: World, model: bytes) -> str:
    """At the window of the main site, for somebody who cannot log in."""
    world.deploy(model)
    world.submit()
    with world.platform.transaction(SYSTEM) as ctx:
        case = ctx.session.get_one(Case, world.case().id)
        case.source, case.window_site_id = "1", case.main_site_id
        applicant = identity.find_user(ctx, "applicant")
        assert applicant is not None
        applicant.login = f"{identity.WINDOW_LOGIN}0"
        applicant.id_no_blind = get_seal().blind(APPLICANT_ID_NO)
        far = identity.find_user(ctx, "far")
        assert far is not None
        identity.grant(ctx, far, Role.RECV_CLERK, sites.get_site(ctx, FAR_SITE))
        return case.case_no


@pytest.fixture
def at_window(world: World) -> str:
    return hand_in(world, asking())


def test_the_window_finds_its_cases_and_nobody_else_does(at_window: str, world: World, log_in: LogIn) -> None:
    clerk = log_in("clerk")
    waiting: Any = clerk.get("/window/cases").json
    assert [(row["caseNo"], row["openTaskCount"]) for row in waiting["items"]] == [(at_window, 1)]
    for words in (at_window, world.case().query_code, APPLICANT_ID_NO):
        found: Any = clerk.post("/window/cases/search", {"q": words}).json
        assert [row["caseNo"] for row in found["items"]] == [at_window]
    none: Any = clerk.post("/window/cases/search", {"q": APPLICANT_ID_NO[:14]}).json
    assert none["items"] == []
    page: Any = clerk.get(f"/cases/{at_window}").json
    assert page["window"] == {"siteName": "砚山县公安局", "phone": "", "hasAccount": False, "mayServe": True}
    approver: Any = log_in("approver").get(f"/cases/{at_window}").json
    assert approver["window"]["mayServe"] is False
    far = log_in("far")
    other: Any = far.post("/window/cases/search", {"q": at_window}).json
    assert other["items"] == []
    for path in (f"/window/cases/{at_window}", f"/window/cases/{at_window}/documents/1"):
        assert_problem(far.get(path), 404, "not-found")
        assert_problem(log_in("stranger").get(path), 404, "not-found")
        assert_problem(log_in("approver").get(path), 403, "forbidden")
    assert_problem(far.post(f"/window/cases/{at_window}/identify", SEEN), 404, "not-found")


def test_the_clerk_identifies_answers_and_prints_for_the_applicant(at_window: str, log_in: LogIn) -> None:
    clerk, base = log_in("clerk"), f"/window/cases/{at_window}"
    page: Any = clerk.get(base).json
    assert (page["visit"], page["person"]["hasAccount"], page["mayRate"]) == (None, False, False)
    assert page["person"]["idNo"].startswith("5326")
    assert APPLICANT_ID_NO not in str(page)
    task = f"{base}/tasks/{page['tasks'][0]['id']}"
    body = {"action": "SUBMIT", "data": {"note": "已补齐"}, "papers": "PAPER"}
    assert_problem(clerk.get(task), 409, "identity-not-checked")
    assert_problem(clerk.post(f"{task}/complete", body), 409, "identity-not-checked")
    wrong = clerk.post(f"{base}/identify", SEEN | {"idNo": "53262219850203001X"})
    assert assert_problem(wrong, 422, "identity-mismatch")["pointer"] == "/idNo"
    guardian = clerk.post(f"{base}/identify", SEEN | {"appeared": "GUARDIAN"})
    assert_problem(guardian, 422, "agent-incomplete")
    checked: Any = clerk.post(f"{base}/identify", SEEN).json
    assert (checked["visit"]["clerkName"], checked["visit"]["paperName"]) == ("clerk", "居民身份证原件")
    assert_problem(log_in("clerk2").get(task), 409, "identity-not-checked")
    detail: Any = clerk.get(task).json
    assert (detail["mayComplete"], detail["form"]["formId"]) == (True, "test-form")
    assert clerk.put(f"{task}/draft", {"data": {"note": "写了一半"}}).status_code == 200
    assert assert_problem(clerk.post(f"{task}/complete", {"data": {}}), 422, "invalid-fields")["pointer"] == "/papers"
    refused = clerk.post(f"{task}/complete", body | {"data": {"reason": "x" * 30}})
    assert assert_problem(refused, 422, "form-rejected")["pointer"] == "/data/reason"
    assert clerk.post(f"{task}/complete", body).status_code == 200
    inbox: Any = clerk.get("/tasks", query_string={"view": "done"}).json
    assert [(row["name"], row["onBehalfOf"]) for row in inbox["items"]] == [("supplement", "申请人")]
    after: Any = clerk.get(base).json
    assert (after["tasks"], after["documents"][0]["code"]) == ([], "SJPZ")
    proof: Any = clerk.post(f"{base}/documents/{after['documents'][0]['id']}/hand-over").json
    sheet: Any = clerk.get(f"{base}/documents/{proof['documentId']}").json
    assert (sheet["title"], sheet["paragraphs"][-1]["label"]) == ("送达回证", "签名")
    timeline: Any = clerk.get(f"/cases/{at_window}/timeline").json
    told = {event["kind"]: (event["title"], event["actorName"]) for event in timeline["events"]}
    assert told["window.refused"][0] == "窗口身份核验不一致，未代办"
    assert told["window.identified"] == ("窗口核验申请人身份：申请人本人，居民身份证原件", "clerk")
    assert told["task.completed"][1] == "clerk 窗口代 申请人"


def test_urging_and_withdrawing_at_the_window_follow_the_applicants_rules(world: World, log_in: LogIn) -> None:
    number = hand_in(world, models.joint())
    clerk, base = log_in("clerk"), f"/window/cases/{number}"
    assert_problem(clerk.post(f"{base}/withdraw", {"reason": "不办了", "isKept": True}), 409, "identity-not-checked")
    page: Any = clerk.post(f"{base}/identify", SEEN).json
    assert (page["mayUrge"], page["urgeKind"], page["mayWithdraw"]) == (True, "INQUIRE", True)
    asked: Any = clerk.post(f"{base}/urge", {"note": "办到哪一步了"}).json["asked"]
    assert [(row["kind"], row["note"], row["answer"]) for row in asked] == [("INQUIRE", "办到哪一步了", None)]
    assert_problem(clerk.post(f"{base}/urge", {"note": "请快一点"}), 409, "urge-too-early")
    unsigned = assert_problem(clerk.post(f"{base}/withdraw", {"reason": "不办了"}), 422, "signature-missing")
    assert unsigned["pointer"] == "/fileId"
    done: Any = clerk.post(f"{base}/withdraw", {"reason": "不办了", "isKept": True}).json
    assert (done["status"], done["mayWithdraw"]) == ("WITHDRAWN", False)


def test_who_follows_a_case_without_a_log_in_is_asked_to_the_window(
    at_window: str, world: World, visitor: Browser
) -> None:
    visitor.session()
    asked = {"queryCode": world.case().query_code, "idLast4": APPLICANT_ID_NO[-4:]}
    found: Any = visitor.post("/progress", asked).json
    assert (found["caseNo"], found["waitsForApplicant"], found["window"]["siteName"]) == (
        at_window,
        True,
        "砚山县公安局",
    )


def test_the_applicant_may_be_told_by_text_message(at_window: str, world: World, log_in: LogIn) -> None:
    clerk, base = log_in("clerk"), f"/window/cases/{at_window}"
    sms = {"mobile": "13800000000", "consent": True}
    assert_problem(clerk.put(f"{base}/sms", sms), 409, "identity-not-checked")
    clerk.post(f"{base}/identify", SEEN)
    assert_problem(clerk.put(f"{base}/sms", sms | {"consent": False}), 422, "channel-consent")
    asked: Any = clerk.put(f"{base}/sms", sms).json
    assert (asked["sms"]["address"], asked["sms"]["isConfirmed"]) == ("138****0000", False)
    assert_problem(clerk.post(f"{base}/sms/confirmation", {"code": "x"}), 422, "channel-code")
    with world.platform.transaction(SYSTEM) as ctx:
        row = ctx.session.scalars(select(PersonChannel)).one()
        assert row.user_id == world.people["applicant"].user_id
        code = channels.code_of(row)
    done: Any = clerk.post(f"{base}/sms/confirmation", {"code": code}).json
    assert done["sms"]["isConfirmed"] is True
    own: Any = clerk.get("/my/channels").json
    assert {row["address"] for row in own["items"]} == {""}
    ended: Any = clerk.send("DELETE", f"{base}/sms").json
    assert (ended["sms"]["address"], ended["sms"]["isConfirmed"]) == ("", False)
