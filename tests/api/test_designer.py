from collections.abc import Callable
from typing import Any

from tests.api.browser import Browser, assert_problem
from tests.support import models
from tests.support.world import World

LogIn = Callable[[str], Browser]


def get(browser: Browser, path: str) -> Any:
    answer = browser.get(path)
    assert answer.status_code == 200, answer.text
    return answer.json


def test_a_model_is_checked_deployed_and_versioned(world: World, log_in: LogIn) -> None:
    designer = log_in("designer")
    source = models.simple().decode()
    checked: Any = designer.post("/definitions/check", {"xml": source}).json
    assert checked["deployable"] is True
    assert [pool["id"] for pool in checked["model"]["participants"]] == ["P_main"]
    assert checked["model"]["formIds"] == ["test-form"]
    made = designer.post("/definitions", {"key": "test-item", "xml": source, "note": "第一版"})
    assert made.status_code == 201, made.text
    assert made.json is not None
    assert (made.json["version"], made.json["deployedByName"]) == (1, "designer")
    world.submit()
    changed = source.replace('name="review"', 'name="预审"')
    assert designer.post("/definitions", {"key": "test-item", "xml": changed}).status_code == 201
    versions = get(designer, "/definitions/test-item/versions")["items"]
    assert [(row["version"], row["runningCases"]) for row in versions] == [(2, 0), (1, 1)]
    row = get(designer, "/definitions")["items"][0]
    assert (row["latest"]["version"], row["runningCases"], row["draft"]) == (2, 1, None)
    xml = designer.get(f"/definitions/versions/{versions[1]['id']}/xml")
    assert (xml.mimetype, xml.text) == ("text/xml", source)
    assert_problem(designer.get("/definitions/nothing/versions"), 404, "not-found")
    assert_problem(designer.get("/definitions/versions/999/xml"), 404, "not-found")
    assert [form["formId"] for form in get(designer, "/forms")["items"]] == ["test-form"]


def test_running_cases_keep_the_version_they_started_on(world: World, log_in: LogIn) -> None:
    world.deploy(models.simple())
    number = world.submit().case_no
    world.deploy(models.simple().replace(b'name="review"', 'name="预审"'.encode()))
    clerk = log_in("clerk")
    assert get(clerk, f"/cases/{number}")["summary"]["definitionVersion"] == 1
    assert get(clerk, f"/cases/{number}/diagram")["definitionVersion"] == 1
    other = world.submit(subject="532622201506010028").case_no
    assert get(clerk, f"/cases/{other}")["summary"]["definitionVersion"] == 2


def test_only_designers_deploy(world: World, log_in: LogIn) -> None:
    body = {"key": "test-item", "xml": models.simple().decode(), "note": ""}
    for login in ("approver", "siteadmin", "clerk"):
        assert_problem(log_in(login).post("/definitions", body), 403, "forbidden")
    assert_problem(log_in("designer").post("/definitions", {**body, "key": "Bad Key"}), 422, "bad-definition-key")
    assert world.count("definitions") == 0


def test_running_cases_move_to_a_new_version_after_a_look(world: World, log_in: LogIn) -> None:
    world.deploy(models.simple())
    number = world.submit().case_no
    other = world.submit(subject="532622201506010028").case_no
    old = world.legs()["P_main"].definition_id
    source = models.simple().replace(b'"review"', b'"inspect"')
    to = world.deploy(source.replace(b"f_start_review", b"f_a").replace(b"f_review_decided", b"f_b"))
    admin = log_in("admin")
    path = f"/definitions/versions/{old}/moves"
    seen: Any = admin.post(f"{path}/preview", {"to": to}).json
    assert (seen["cases"], seen["movable"], sorted(seen["refused"])) == (2, [], sorted([number, other]))
    assert [(e["elementId"], e["count"], e["findings"][0]["rule"]) for e in seen["elements"]] == [
        ("review", 2, "moveTargetMissing")
    ]
    body = {"to": to, "mapping": {"review": "inspect"}, "reason": "节点改名", "caseNos": [number]}
    assert admin.post(f"{path}/preview", {"to": to, "mapping": body["mapping"]}).json["refused"] == []
    assert admin.post(path, {**body, "mapping": {}}).json["refused"][0]["caseNo"] == number
    assert admin.post(path, body).json == {"moved": [number], "refused": []}
    clerk = log_in("clerk")
    assert get(clerk, f"/cases/{number}")["summary"]["definitionVersion"] == 2
    assert get(clerk, f"/cases/{other}")["summary"]["definitionVersion"] == 1
    told = get(clerk, f"/cases/{number}/timeline")["events"]
    assert "迁移到流程新版本" in [event["title"] for event in told]
    assert_problem(admin.post(path, body), 422, "move-invalid")
    assert_problem(admin.post(path, {**body, "reason": ""}), 422, "invalid-fields")
    assert_problem(log_in("designer").post(path, body), 403, "forbidden")
