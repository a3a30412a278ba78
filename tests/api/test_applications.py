import io
from collections.abc import Callable
from typing import Any

import pytest

from domain.actors import SYSTEM
from domain.notifications.models import Notification
from tests.api.browser import APPLICANT_ID_NO, Browser, assert_problem
from tests.support import models
from tests.support.world import ITEM, World

LogIn = Callable[[str], Browser]
PDF = b"%PDF-1.4\n" + b"x" * 200


@pytest.fixture
def closed(world: World) -> World:
    return world.with_closed_case()


def get(browser: Browser, path: str, **query: str) -> Any:
    answer = browser.get(path, query_string=query)
    assert answer.status_code == 200, answer.text
    return answer.json


def test_the_catalogue_is_public(world: World, visitor: Browser) -> None:
    world.deploy(models.simple())
    row = get(visitor, "/items")["items"][0]
    assert (row["code"], row["available"], row["modeName"], row["promiseDays"]) == (ITEM, True, "多地联办", 20)
    item = get(visitor, f"/items/{ITEM}")
    promise = next(entry for entry in item["guide"]["deadlines"] if entry["key"] == "clock.promise")
    assert promise["text"] == "20 个工作日"
    assert promise["source"]
    assert get(visitor, "/forms/test-form")["schema"]["id"] == "test-form"
    assert_problem(visitor.get("/forms/nothing"), 404, "not-found")
    assert_problem(visitor.get("/items/nothing"), 404, "not-found")
    assert {row["code"] for row in get(visitor, "/sites", region="530000")["items"]} >= {models.MAIN_SITE}
    assert [row["code"] for row in get(visitor, "/regions")["items"]] == ["310000", "440000", "530000"]
    assert get(visitor, "/code-tables")["statuses"]


def test_the_applicant_reads_the_case_in_plain_words(world: World, log_in: LogIn) -> None:
    world.deploy(models.simple())
    number = world.submit().case_no
    citizen = log_in("applicant")
    assert [row["caseNo"] for row in get(citizen, "/my/cases")["items"]] == [number]
    case = get(citizen, f"/my/cases/{number}")
    assert case["plainText"] == "正在预审"
    assert [(step["key"], step["state"]) for step in case["steps"]][:3] == [
        ("submit", "done"),
        ("accept", "current"),
        ("review", "todo"),
    ]
    assert case["events"][-1]["title"].startswith("申请已提交")
    assert case["mayWithdraw"] is False
    assert case["withdrawNote"]
    assert case["application"]["secret"] == "only for the main site"
    assert "clerk" not in citizen.get(f"/my/cases/{number}").text
    assert_problem(log_in("stranger").get(f"/my/cases/{number}"), 404, "not-found")
    assert_problem(log_in("clerk").get("/my/cases"), 403, "forbidden")


def test_a_closed_case_is_rated_once_by_site(closed: World, log_in: LogIn) -> None:
    number = closed.case().case_no
    citizen = log_in("applicant")
    case = get(citizen, f"/my/cases/{number}")
    assert (case["resultName"], case["mayRate"]) == ("出证办结", True)
    assert {step["state"] for step in case["steps"]} <= {"done", "todo"}
    assert case["steps"][-1]["state"] == "done"
    body = {"ratings": [{"siteCode": models.MAIN_SITE, "level": "SATISFIED", "comment": "很快"}]}
    rated = citizen.post(f"/my/cases/{number}/ratings", body)
    assert rated.status_code == 200, rated.text
    assert rated.json is not None
    assert (rated.json["rated"], rated.json["mayRate"]) == (True, False)
    assert citizen.post(f"/my/cases/{number}/ratings", body).status_code in {409, 422}
    wrong = {"ratings": [{"siteCode": models.MAIN_SITE, "level": "GREAT"}]}
    answer = assert_problem(citizen.post(f"/my/cases/{number}/ratings", wrong), 422, "invalid-fields")
    assert answer["pointer"] == "/ratings/0/level"


def test_withdrawal_when_the_process_hears_it(world: World, log_in: LogIn) -> None:
    world.deploy(models.joint())
    number = world.submit().case_no
    citizen = log_in("applicant")
    assert get(citizen, f"/my/cases/{number}")["mayWithdraw"] is True
    case: Any = citizen.post(f"/my/cases/{number}/withdraw", {"reason": "改去外地"}).json
    assert (case["status"], case["mayWithdraw"]) == ("WITHDRAWN", False)
    again = citizen.post(f"/my/cases/{number}/withdraw", {"reason": "改去外地"})
    assert_problem(again, 409, "withdrawal-refused")


def test_progress_without_log_in(world: World, visitor: Browser) -> None:
    world.deploy(models.simple())
    world.submit()
    code = world.case().query_code
    visitor.session()
    found: Any = visitor.post("/progress", {"queryCode": code, "idLast4": APPLICANT_ID_NO[-4:]}).json
    assert (found["plainText"], found["statusName"]) == ("正在预审", "已收件")
    assert APPLICANT_ID_NO not in str(found)
    wrong = visitor.post("/progress", {"queryCode": code, "idLast4": "9999"})
    unknown = visitor.post("/progress", {"queryCode": "999999999999", "idLast4": "9999"})
    first = assert_problem(wrong, 404, "progress-unknown")
    second = assert_problem(unknown, 404, "progress-unknown")
    assert {**first, "requestId": ""} == {**second, "requestId": ""}
    for _ in range(100):  # tokens come back to a slow machine
        answer = visitor.post("/progress", {"queryCode": code, "idLast4": "9999"})
        if answer.status_code == 429:
            break
    assert_problem(answer, 429, "too-many-requests")


def test_files_are_recognised_by_content_and_kept_from_others(log_in: LogIn) -> None:
    citizen = log_in("applicant")
    stored = citizen.post("/files", data={"file": (io.BytesIO(PDF), "户口簿 首页.pdf")})
    assert stored.status_code == 201, stored.text
    assert stored.json is not None
    assert (stored.json["mediaType"], stored.json["size"]) == ("application/pdf", len(PDF))
    path = f"/files/{stored.json['id']}"
    back = citizen.get(path)
    assert back.data == PDF
    assert back.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert "no-store" in back.headers["Cache-Control"]
    assert_problem(log_in("stranger").get(path), 404, "not-found")
    assert_problem(log_in("clerk").get(path), 404, "not-found")
    script = citizen.post("/files", data={"file": (io.BytesIO(b"<script>alert(1)</script>"), "a.pdf")})
    assert script.status_code == 422
    assert_problem(citizen.post("/files", data={"other": "x"}), 415, "unsupported-media-type")
    assert_problem(citizen.post("/files", data={"other": "x"}, content_type="multipart/form-data"), 422, "file-missing")
    head = b'--x\r\nContent-Disposition: form-data; name="file"; filename="big.pdf"\r\n\r\n'
    big = head + PDF + b"x" * (21 * 1024 * 1024) + b"\r\n--x--\r\n"
    sent = citizen.post("/files", data=big, content_type="multipart/form-data; boundary=x")
    assert_problem(sent, 413, "too-large")
    assert_problem(citizen.post("/files", {"file": "x"}), 415, "unsupported-media-type")


def test_a_draft_is_kept_for_its_owner(world: World, log_in: LogIn) -> None:
    world.deploy(models.simple())
    citizen = log_in("applicant")
    path = f"/items/{ITEM}/draft"
    empty = {"data": {}, "materials": [], "revision": 0, "updatedAt": None, "expiresAt": None}
    assert get(citizen, path) == empty
    saved = citizen.put(path, {"data": {"note": "明天再填"}, "materials": []})
    assert saved.status_code == 200, saved.text
    assert get(citizen, path)["data"]["note"] == "明天再填"
    assert get(log_in("stranger"), path) == empty
    assert citizen.send("DELETE", path).status_code == 204
    assert get(citizen, path) == empty


def test_applying_twice_with_one_key_opens_one_case(world: World, log_in: LogIn) -> None:
    world.deploy(models.simple())
    citizen = log_in("applicant")
    body = {"itemCode": ITEM, "data": {"note": "申请"}, "materials": []}
    key = {"Idempotency-Key": "apply-0123456789"}
    first = citizen.post("/applications", body, headers=key)
    assert first.status_code == 201, first.text
    again = citizen.post("/applications", body, headers=key)
    assert again.json == first.json
    assert again.headers["Location"] == first.headers["Location"]
    assert world.count("cases") == 1
    long = {**body, "data": {"reason": "x" * 30}}
    refused = citizen.post("/applications", long)
    assert refused.status_code == 422
    assert refused.json is not None
    assert refused.json["errors"][0]["pointer"] == "/data/reason"
    assert refused.json["errors"][0]["messageEn"]


def test_messages_to_the_person_are_read_by_that_person(closed: World, log_in: LogIn) -> None:
    person = closed.people["applicant"].user_id
    with closed.platform.transaction(SYSTEM) as ctx:
        for number in (1, 2):
            notice = {"user_id": person, "title": f"通知{number}", "text": "", "created_at": ctx.clock.now()}
            ctx.session.add(Notification(case_id=closed.case().id, template="", **notice))
    citizen = log_in("applicant")
    page = get(citizen, "/my/notifications", limit="1")
    assert [row["title"] for row in page["items"]] == ["通知2"]
    assert page["items"][0]["caseNo"] == closed.case().case_no
    rest = get(citizen, "/my/notifications", after=page["next"])
    assert "通知1" in {row["title"] for row in rest["items"]}
    path = f"/my/notifications/{page['items'][0]['id']}/read"
    assert_problem(log_in("stranger").post(path), 404, "not-found")
    assert citizen.post(path).status_code == 204
    assert get(citizen, "/my/notifications", limit="1")["items"][0]["readAt"]
