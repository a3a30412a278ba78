from collections.abc import Callable
from typing import Any

import pytest

from domain.monitor import happenings
from scheduler import jobs
from tests.api.browser import Browser, assert_problem
from tests.support import models
from tests.support.world import World

LogIn = Callable[[str], Browser]


def get(browser: Browser, path: str, **query: str) -> Any:
    answer = browser.get(path, query_string=query)
    assert answer.status_code == 200, answer.text
    return answer.json


@pytest.fixture
def late(world: World) -> World:
    world.deploy(models.simple())
    world.submit()
    world.pass_time("3wd")
    return world


@pytest.mark.usefixtures("late")
def test_an_overdue_task_is_stuck_and_says_whom_it_waits_for(log_in: LogIn) -> None:
    admin = log_in("admin")
    row = get(admin, "/admin/stuck")["items"][0]
    assert row["reason"] == "overdue"
    assert row["waitsFor"] == {
        "siteName": "砚山县公安局",
        "what": "review",
        "role": "RECV_CLERK",
        "roleName": "窗口人员",
        "roleNameEn": "Window clerk",
        "person": None,
    }
    assert row["sinceWorkdays"] >= 1
    assert row["due"]["state"] == "overdue"
    assert row["subject"] == ""
    assert "催办" in row["suggestion"]
    assert row["suggestionEn"]
    overview = get(admin, "/admin/overview")
    assert (overview["open"], overview["stuck"], overview["overdue"], overview["incidents"]) == (1, 1, 1, 0)
    assert get(log_in("overseer"), "/admin/stuck")["items"][0]["subject"] == "测*"
    assert get(log_in("overseer"), "/admin/stuck", reason="incident")["items"] == []
    assert get(log_in("clerk"), "/cases")["items"][0]["stuck"] is True


def test_an_unclaimed_task_is_stuck_before_it_is_overdue(world: World, log_in: LogIn) -> None:
    world.deploy(models.simple(deadline="partner.work"))
    world.submit()
    assert get(log_in("admin"), "/admin/stuck")["items"] == []
    world.pass_time("2wd")
    row = get(log_in("admin"), "/admin/stuck")["items"][0]
    assert (row["reason"], row["due"]["state"]) == ("unclaimed", "ok")


def test_an_incident_can_be_retried_by_the_administrator(world: World, log_in: LogIn) -> None:
    world.deploy(models.joint())
    world.submit()
    world.complete("clerk", "prepare")
    admin = log_in("admin")
    row = get(admin, "/admin/stuck")["items"][0]
    assert row["reason"] == "incident"
    incident = get(admin, "/admin/incidents")["items"][0]
    assert (incident["code"], incident["id"]) == ("contract-field-missing", row["incidentId"])
    assert "补全" in incident["nextAction"]
    assert incident["nextActionEn"]
    refused = admin.post(f"/admin/incidents/{incident['id']}/retry")
    assert refused.status_code in {409, 422}, refused.text
    assert_problem(log_in("clerk").post(f"/admin/incidents/{incident['id']}/retry"), 403, "forbidden")
    assert_problem(admin.post("/admin/incidents/999/retry"), 404, "not-found")
    case_no = world.legs()["P_main"].case_no
    assert get(log_in("clerk"), f"/cases/{case_no}")["incidents"][0]["elementName"] == "ask"
    assert get(log_in("clerk"), f"/cases/{case_no}/diagram")["legs"][0]["incidents"] == ["ask"]


def test_stuck_things_page_worst_first(late: World, log_in: LogIn) -> None:
    for number in range(1, 4):
        late.submit(subject=f"53262220150601000{number + 1}")
    late.pass_time("3wd")
    admin = log_in("admin")
    seen: list[str] = []
    after = ""
    while True:
        page = get(admin, "/admin/stuck", limit="2", **({"after": after} if after else {}))
        seen += [row["caseNo"] for row in page["items"]]
        after = page["next"]
        if not after:
            break
    assert len(seen) == len(set(seen)) == 4


def test_messages_work_and_the_record(world: World, log_in: LogIn) -> None:
    world.deploy(models.joint())
    world.submit()
    world.complete("clerk", "prepare", reason="投靠父母")
    admin = log_in("admin")
    message = get(admin, "/admin/messages")["items"][0]
    assert (message["from"], message["to"], message["state"]) == ("砚山公安", "顺德公安", "queued")
    assert get(admin, "/admin/work", kind="message.deliver")["items"][0]["state"] == "pending"
    assert get(admin, "/admin/overview")["messagesPending"] == 1
    assert admin.post(f"/admin/messages/{message['id']}/resend").json == {"id": message["id"], "state": "queued"}
    jobs.run_due(world.platform)
    assert_problem(admin.post(f"/admin/messages/{message['id']}/resend"), 409, "message-not-resendable")
    assert world.count("legs") == 2
    assert_problem(admin.get("/admin/audit", query_string={"caseNo": message["caseNo"]}), 403, "forbidden")
    record = get(log_in("auditor"), "/admin/audit", caseNo=world.legs()["P_main"].case_no)
    assert record["verified"] is True
    assert [row["seq"] for row in record["items"]] == list(range(1, len(record["items"]) + 1))
    assert "投靠父母" not in str(record)


def test_a_suspended_leg_is_stuck_until_it_is_resumed(world: World, log_in: LogIn) -> None:
    world.deploy(models.simple())
    leg = world.submit().id
    admin = log_in("siteadmin")
    assert admin.post(f"/admin/legs/{leg}/suspend", {"note": "等待上级答复"}).status_code == 200
    row = get(admin, "/admin/stuck")["items"][0]
    assert (row["reason"], row["legId"]) == ("suspended", leg)
    task = world.task("review").id
    refused = log_in("clerk").post(f"/tasks/{task}/complete", {"action": "ACCEPT", "data": {}})
    assert_problem(refused, 409, "case-suspended")
    assert admin.post(f"/admin/legs/{leg}/resume").status_code == 200
    assert get(admin, "/admin/stuck")["items"] == []


def test_people_sites_calendar_and_policies(log_in: LogIn) -> None:
    admin = log_in("admin")
    assert {row["code"] for row in get(admin, "/admin/sites")["items"]} >= {models.MAIN_SITE, models.PARTNER_SITE}
    people = get(admin, "/admin/users")["items"]
    assert "applicant" not in {row["login"] for row in people}
    own = {row["login"] for row in get(log_in("siteadmin"), "/admin/users")["items"]}
    assert own == {"approver", "chief", "clerk", "clerk2", "handler", "siteadmin"}
    days = get(admin, "/admin/calendar", region="532622", year="2026")
    kinds = {row["day"]: row["kind"] for row in days["days"]}
    assert (kinds["2026-02-14"], kinds["2026-02-17"], kinds["2026-03-02"]) == ("adjusted", "holiday", "work")
    changed = admin.put("/admin/calendar/532622/2026-04-01", {"isWorkday": False, "reason": "州庆"})
    assert (changed.status_code, changed.json and changed.json["kind"]) == (200, "override")
    assert_problem(admin.put("/admin/calendar/532622/tomorrow", {"isWorkday": False, "reason": "x"}), 422, "bad-day")
    other = log_in("siteadmin").put("/admin/calendar/440606/2026-04-01", {"isWorkday": False, "reason": "x"})
    assert_problem(other, 403, "forbidden")
    assert admin.send("DELETE", "/admin/calendar/532622/2026-04-01").status_code == 204
    body = {"key": "precheck", "scope": "site", "scopeRef": models.MAIN_SITE, "value": "2wd", "source": "本县规定"}
    assert admin.put("/admin/policies", body).status_code == 200
    values = {row["key"]: row for row in get(admin, "/policies", site=models.MAIN_SITE)["items"]}
    assert (values["precheck"]["value"], values["precheck"]["layer"]) == ("2wd", "site")
    assert "本县规定" in values["precheck"]["explanation"]
    assert_problem(admin.put("/admin/policies", {**body, "value": "soon"}), 422, "bad-policy-value")


def test_what_comes_next_and_what_came_of_a_move(world: World, log_in: LogIn) -> None:
    world.deploy(models.simple())
    world.submit()
    admin = log_in("admin")
    coming = get(admin, "/clock/next")["items"]
    assert 0 < len(coming) <= 5
    assert {row["titleEn"] for row in coming} <= {label.name_en for label in happenings.KINDS.values()}
    assert world.case().case_no in {row["caseNo"] for row in coming}
    assert [row["at"] for row in coming] == sorted(row["at"] for row in coming)
    moved = admin.post("/clock/advance", {"at": coming[0]["at"]}).json
    assert moved["now"] == coming[0]["at"]
    moved = admin.post("/clock/advance", {"by": "3wd"}).json
    before = get(admin, "/clock/happened", mark=str(moved["mark"]))
    assert (before["waiting"] > 0, before["items"]) == (True, [])
    jobs.run_due(world.platform)
    after = get(admin, "/clock/happened", mark=str(moved["mark"]))
    assert after["waiting"] == 0
    assert after["items"][0]["caseNo"] == world.case().case_no
    assert_problem(admin.post("/clock/advance", {"at": "2020-01-01T00:00:00"}), 409, "clock-only-forward")
    assert_problem(admin.post("/clock/advance", {"by": "1wd", "to": "next"}), 422, "invalid-fields")
    assert_problem(log_in("clerk").get("/clock/next"), 403, "forbidden")


def test_in_production_the_clock_is_the_real_one(world: World, log_in: LogIn, monkeypatch: pytest.MonkeyPatch) -> None:
    admin = log_in("admin")
    monkeypatch.setattr(type(world.platform.settings), "training", False)
    assert get(admin, "/clock")["training"] is False
    for method, path, body in (
        ("POST", "/clock/advance", {"by": "1wd"}),
        ("POST", "/clock/reset", None),
        ("GET", "/clock/next", None),
        ("GET", "/clock/happened?mark=0", None),
    ):
        assert_problem(admin.send(method, path, body), 403, "not-in-training")


def test_every_kind_of_work_has_words(world: World) -> None:
    assert jobs.known_kinds(world.platform) <= set(happenings.KINDS)


def test_the_training_clock(world: World, log_in: LogIn) -> None:
    admin = log_in("admin")
    before = get(admin, "/clock")
    assert before["training"] is True
    moved = admin.post("/clock/advance", {"by": "5wd"})
    assert moved.status_code == 200, moved.text
    assert get(admin, "/clock")["now"] > before["now"]
    assert_problem(admin.post("/clock/advance", {"by": "soon"}), 422, "bad-duration")
    assert_problem(admin.post("/clock/advance", {}), 422, "invalid-fields")
    assert_problem(log_in("clerk").post("/clock/advance", {"by": "5wd"}), 403, "forbidden")
    assert admin.post("/clock/reset").json["offsetSeconds"] == 0  # type: ignore[index]
    world.deploy(models.simple())
    world.submit()
    world.pass_time("1wd")
    assert_problem(admin.post("/clock/reset"), 409, "clock-only-forward")
