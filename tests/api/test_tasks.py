from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select

from domain.actors import SYSTEM
from domain.audit.models import AuditRead
from tests.api.browser import Browser, assert_problem
from tests.support import models
from tests.support.world import World

LogIn = Callable[[str], Browser]


def only(browser: Browser, **query: str) -> dict[str, Any]:
    found = browser.post("/tasks/search", query) if "q" in query else browser.get("/tasks", query_string=query)
    rows: Any = found.json
    assert len(rows["items"]) == 1, rows
    row: dict[str, Any] = rows["items"][0]
    return row


@pytest.mark.usefixtures("submitted")
def test_the_inbox_shows_a_task_with_its_deadline(log_in: LogIn) -> None:
    row = only(log_in("clerk"))
    assert row["name"] == "review"
    assert row["subject"] == "测*"
    assert row["roleName"] == "窗口人员"
    assert row["due"]["state"] in {"soon", "today", "ok"}
    assert row["caseStatusName"] == "已收件"
    assert row["dueAt"].endswith("Z")
    approver: Any = log_in("approver").get("/tasks").json
    assert approver["items"] == []


@pytest.mark.usefixtures("submitted")
def test_claiming_moves_a_task_from_the_group_to_mine(log_in: LogIn) -> None:
    clerk = log_in("clerk")
    task = only(clerk)
    counts: Any = clerk.get("/tasks/counts").json
    assert (counts["group"], counts["mine"]) == (1, 0)
    detail: Any = clerk.post(f"/tasks/{task['id']}/claim").json
    assert detail["task"]["assigneeName"] == "clerk"
    assert only(clerk, view="mine")["id"] == task["id"]
    other = log_in("clerk2")
    found: Any = other.get("/tasks").json
    assert found["items"] == []
    seen: Any = other.get(f"/tasks/{task['id']}").json
    assert seen["mayComplete"] is False
    assert "clerk" in seen["why"]
    assert_problem(other.post(f"/tasks/{task['id']}/complete", {"action": "ACCEPT", "data": {}}), 409, "task-claimed")


@pytest.mark.usefixtures("submitted")
def test_a_task_page_has_form_buttons_and_case(log_in: LogIn) -> None:
    clerk = log_in("clerk")
    answer = clerk.get(f"/tasks/{only(clerk)['id']}")
    detail: Any = answer.json
    assert detail["form"]["formId"] == "test-form"
    assert [action["value"] for action in detail["actions"]] == ["ACCEPT", "RETURN"]
    assert detail["mayComplete"] is True
    assert detail["task"]["plainText"] == "正在预审"
    assert "工作日" in detail["task"]["policyText"] or "wd" in detail["task"]["policyText"]
    assert detail["case"]["definitionVersion"] == 1
    assert answer.headers["ETag"]


@pytest.mark.usefixtures("submitted")
def test_completing_leads_on_and_a_second_completion_is_refused(log_in: LogIn) -> None:
    clerk = log_in("clerk")
    task = only(clerk)
    path = f"/tasks/{task['id']}/complete"
    done: Any = clerk.post(path, {"action": "ACCEPT", "data": {"note": "齐全"}}).json
    assert done["task"]["state"] == "completed"
    assert [each["name"] for each in done["nextTasks"]] == ["approve"]
    assert done["nextTasks"][0]["mayComplete"] is False
    refused = assert_problem(clerk.post(path, {"action": "ACCEPT", "data": {}}), 409, "task-not-open")
    assert "clerk" in refused["detail"]
    assert only(clerk, view="done")["id"] == task["id"]


def test_the_same_key_gives_the_same_answer_once(submitted: World, log_in: LogIn) -> None:
    clerk = log_in("clerk")
    task = only(clerk)["id"]
    path = f"/tasks/{task}/complete"
    key = {"Idempotency-Key": "0123456789abcdef"}
    body = {"action": "ACCEPT", "data": {}}
    first = clerk.post(path, body, headers=key)
    again = clerk.post(path, body, headers=key)
    assert (again.status_code, again.json) == (first.status_code, first.json)
    assert again.headers["Idempotency-Replayed"] == "true"
    with submitted.platform.transaction(SYSTEM) as ctx:
        seen = ctx.session.scalars(select(AuditRead.data).where(AuditRead.kind == "answer.repeated")).all()
    assert seen == [{"command": "tasks.complete", "task_id": task}]
    other = clerk.post(path, {"action": "RETURN", "data": {}}, headers=key)
    assert_problem(other, 422, "idempotency-key-reused")
    assert_problem(clerk.post(path, body, headers={"Idempotency-Key": "short"}), 400, "bad-idempotency-key")


@pytest.mark.usefixtures("submitted")
def test_a_refused_request_may_be_repeated_with_its_key(log_in: LogIn) -> None:
    clerk = log_in("clerk")
    path = f"/tasks/{only(clerk)['id']}/complete"
    key = {"Idempotency-Key": "0123456789abcdef"}
    refused = clerk.post(path, {"action": "ACCEPT", "data": {"reason": "x" * 30}}, headers=key)
    body = assert_problem(refused, 422, "form-rejected")
    assert body["pointer"] == "/data/reason"
    assert clerk.post(path, {"action": "ACCEPT", "data": {}}, headers=key).status_code == 200


@pytest.mark.usefixtures("submitted")
def test_an_unknown_button_is_named(log_in: LogIn) -> None:
    clerk = log_in("clerk")
    answer = clerk.post(f"/tasks/{only(clerk)['id']}/complete", {"action": "GRANT", "data": {}})
    assert assert_problem(answer, 422, "action-unknown")["pointer"] == "/action"


def test_another_sites_staff_find_nothing(submitted: World, log_in: LogIn) -> None:
    task_id = submitted.task("review").id
    for login in ("far", "partner"):
        stranger = log_in(login)
        assert_problem(stranger.get(f"/tasks/{task_id}"), 404, "not-found")
        for act in ("claim", "release", "complete"):
            assert_problem(
                stranger.post(f"/tasks/{task_id}/{act}", {"data": {}} if act == "complete" else None), 404, "not-found"
            )
    assert submitted.open_tasks() == ["review"]


def test_separation_of_duties_is_told_beforehand(world: World, log_in: LogIn) -> None:
    world.deploy(models.simple().replace(b'"APPROVER"', b'"RECV_CLERK"'))
    world.submit()
    clerk = log_in("clerk")
    clerk.post(f"/tasks/{only(clerk)['id']}/complete", {"action": "ACCEPT", "data": {}})
    approve = only(clerk)
    detail: Any = clerk.get(f"/tasks/{approve['id']}").json
    assert detail["mayComplete"] is False
    assert "职责分离" in detail["why"]
    assert detail["separation"] == [{"elementName": "review", "by": "clerk"}]
    refused = clerk.post(f"/tasks/{approve['id']}/complete", {"data": {}})
    assert_problem(refused, 403, "separation-of-duties")


@pytest.mark.usefixtures("submitted")
def test_a_draft_is_kept_and_a_colleague_can_take_over(log_in: LogIn) -> None:
    clerk = log_in("clerk")
    task_id = only(clerk)["id"]
    assert clerk.put(f"/tasks/{task_id}/draft", {"data": {"note": "先记下"}}).status_code == 200
    detail: Any = clerk.get(f"/tasks/{task_id}").json
    assert detail["data"]["note"] == "先记下"
    assignees: Any = clerk.get(f"/tasks/{task_id}/assignees").json
    names = {row["name"]: row["id"] for row in assignees["items"]}
    assert set(names) == {"clerk", "clerk2"}
    assert clerk.post(f"/tasks/{task_id}/assign", {"userId": names["clerk2"]}).status_code == 200
    assert only(log_in("clerk2"), view="mine")["id"] == task_id


def test_pages_follow_each_other_and_cursors_are_signed(world: World, log_in: LogIn) -> None:
    world.deploy(models.simple())
    for number in range(5):
        world.submit(subject=f"53262220150601000{number}")
    clerk = log_in("clerk")
    seen: list[str] = []
    after = None
    while True:
        query = {"limit": "2"} | ({"after": after} if after else {})
        page: Any = clerk.get("/tasks", query_string=query).json
        seen += [row["id"] for row in page["items"]]
        after = page["next"]
        if after is None:
            break
    assert len(seen) == len(set(seen)) == 5
    assert_problem(clerk.get("/tasks", query_string={"after": "AAAAAAAAAAAAAAAAAAAAAA"}), 422, "bad-cursor")
    late: Any = clerk.get("/tasks", query_string={"due": "overdue"}).json
    assert late["items"] == []
    assert_problem(clerk.get("/tasks", query_string={"due": "whenever"}), 422, "invalid-fields")


@pytest.mark.usefixtures("submitted")
def test_search_finds_chinese_and_numbers(log_in: LogIn) -> None:
    clerk = log_in("clerk")
    number = only(clerk)["caseNo"]
    assert only(clerk, q="试事")["caseNo"] == number
    assert only(clerk, q=number[-8:])["caseNo"] == number
    assert only(clerk, q="532622201506010001")["caseNo"] == number
    none: Any = clerk.post("/tasks/search", {"q": "%"}).json
    assert none["items"] == []
