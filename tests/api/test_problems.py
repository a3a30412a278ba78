import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import flask
import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from api.app import create_app
from api.problem_texts import BY_STATUS
from api.problems import problem_of
from domain import errors as domain_errors
from engine.contract import Finding, Severity
from engine.errors import DefinitionRefused, TaskNotOpen
from tests.api.browser import APPLICANT_ID_NO, CHINESE, Browser, assert_problem
from tests.support import models
from tests.support.hasty import hasty
from tests.support.world import World

LogIn = Callable[[str], Browser]
DEEP = "[" * 60 + "]" * 60
BAD_BODIES: dict[str, tuple[bytes, str, int, str]] = {
    "not JSON at all": (b"{action:", "application/json", 400, "invalid-json"),
    "not UTF-8": (b'{"action": "\xff"}', "application/json", 400, "invalid-json"),
    "NaN": (b'{"data": {"n": NaN}}', "application/json", 400, "invalid-number"),
    "a number beyond 2^53": (b'{"data": {"n": 12345678901234567890}}', "application/json", 400, "invalid-number"),
    "an infinite number": (b'{"data": {"n": 1e999}}', "application/json", 400, "invalid-number"),
    "a NUL character": (b'{"data": {"note": "a\\u0000b"}}', "application/json", 400, "invalid-text"),
    "an override of direction": (b'{"data": {"note": "a\\u202eb"}}', "application/json", 400, "invalid-text"),
    "half a surrogate pair": (b'{"data": {"note": "\\ud800"}}', "application/json", 400, "invalid-text"),
    "sixty levels": (b'{"data": {"n": ' + DEEP.encode() + b"}}", "application/json", 400, "too-deep"),
    "a form": (b"action=ACCEPT", "application/x-www-form-urlencoded", 415, "unsupported-media-type"),
    "XML": (b"<a/>", "text/xml", 415, "unsupported-media-type"),
    "nothing": (b"", "application/json", 422, "invalid-fields"),
    "a list": (b"[]", "application/json", 422, "invalid-fields"),
    "an unknown member": (b'{"data": {}, "extra": 1}', "application/json", 422, "invalid-fields"),
    "a wrong type": (b'{"data": "text"}', "application/json", 422, "invalid-fields"),
    "ten megabytes": (b'{"data": {"note": "' + b"x" * 10_000_000 + b'"}}', "application/json", 413, "too-large"),
}


def test_bad_bodies_are_named_and_harm_nothing(submitted: World, log_in: LogIn) -> None:
    clerk = log_in("clerk")
    path = f"/tasks/{submitted.task('review').id}/complete"
    for name, (body, media_type, status, code) in BAD_BODIES.items():
        answer = clerk.post(path, data=body, content_type=media_type)
        problem = assert_problem(answer, status, code)
        assert "Traceback" not in answer.text, name
        if status == 422:
            assert problem["errors"], name
    assert submitted.open_tasks() == ["review"]
    assert clerk.post(path, {"action": "ACCEPT", "data": {}}).status_code == 200


@pytest.mark.usefixtures("submitted")
def test_the_place_of_a_syntax_error_is_told(log_in: LogIn) -> None:
    answer = log_in("clerk").post("/tasks/x/complete", data=b'{"data":\n {,}}', content_type="application/json")
    assert "第 2 行" in assert_problem(answer, 400, "invalid-json")["detail"]


def test_deep_brackets_inside_text_are_only_text(submitted: World, log_in: LogIn) -> None:
    path = f"/tasks/{submitted.task('review').id}/complete"
    answer = log_in("clerk").post(path, {"action": "ACCEPT", "data": {"note": DEEP}})
    assert answer.status_code == 200, answer.text


def test_unknown_addresses_and_methods(visitor: Browser) -> None:
    visitor.session()
    assert_problem(visitor.get("/nothing/here"), 404, "not-found")
    answer = visitor.send("PATCH", "/session", {})
    assert_problem(answer, 405, "method-not-allowed")
    assert "POST" in answer.headers["Allow"]
    assert_problem(visitor.client.post("/readyz"), 405, "method-not-allowed")
    for path in ("/certificates/%00", "/items?x=%00"):
        assert_problem(visitor.get(path), 400, "invalid-text")


def test_numbers_that_no_row_can_hold(log_in: LogIn) -> None:
    admin = log_in("admin")
    for path in ("/cases", "/admin/users", "/admin/stuck"):
        assert_problem(admin.get(f"{path}?siteId={2**63}"), 422, "invalid-fields")


def test_a_broken_model_is_refused_with_findings(world: World, log_in: LogIn) -> None:
    designer = log_in("designer")
    for source in ("<bpmn", "<!DOCTYPE a><a/>", models.simple().decode().replace("RECV_CLERK", "NOBODY")):
        answer = designer.post("/definitions", {"key": "test-item", "xml": source, "note": ""})
        problem = assert_problem(answer, 422, "definition-refused")
        finding = problem["findings"][0]
        assert finding["rule"]
        assert CHINESE.search(finding["message"])
        assert finding["messageEn"]
    assert world.count("definitions") == 0


def test_an_unknown_site_code_is_told(log_in: LogIn) -> None:
    designer = log_in("designer")
    source = models.simple().decode().replace(models.MAIN_SITE, "no-such-site")
    checked: Any = designer.post("/definitions/check", {"xml": source}).json
    assert any("no-such-site" in finding["message"] for finding in checked["findings"])


def test_stale_and_missing_if_match(log_in: LogIn) -> None:
    designer = log_in("designer")
    draft = {"name": "草稿", "xml": models.simple().decode()}
    assert_problem(designer.put("/drafts/my-model", draft), 428, "precondition-required")
    first = designer.put("/drafts/my-model", draft, headers={"If-Match": "*"})
    assert first.status_code == 200, first.text
    etag = first.headers["ETag"]
    assert designer.put("/drafts/my-model", draft, headers={"If-Match": etag}).status_code == 200
    assert_problem(designer.put("/drafts/my-model", draft, headers={"If-Match": etag}), 412, "draft-changed")
    read = designer.get("/drafts/my-model")
    assert read.headers["ETag"] == '"2"'
    assert designer.send("DELETE", "/drafts/my-model").status_code == 204
    assert_problem(designer.get("/drafts/my-model"), 404, "not-found")


def test_no_personal_data_in_errors(log_in: LogIn) -> None:
    citizen = log_in("applicant")
    wrong = "532622198502030001"
    answer = citizen.post("/applications", {"itemCode": "no-such-item", "data": {"idNo": wrong}, "materials": []})
    assert_problem(answer, 404, "not-found")
    answers = [
        answer,
        citizen.post("/progress", {"queryCode": "123456789012", "idLast4": "0000"}),
        citizen.get(f"/cases/{APPLICANT_ID_NO}"),
        citizen.post("/applications", {"itemCode": "test-item", "data": {"note": 1, wrong: wrong}, "materials": []}),
    ]
    for each in answers:
        assert each.status_code >= 400
        assert wrong not in each.text.replace(f"/data/{wrong}", "")
        assert "张" not in each.text


def test_an_internal_error_says_nothing_internal(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    from domain.items import queries

    def fail(*_: object) -> None:
        raise RuntimeError("secret path /etc/passwd 532622198502030000")

    monkeypatch.setattr(queries, "list_items", fail)
    browser = Browser(create_app(world.platform))
    answer = browser.get("/items")
    assert_problem(answer, 500, "internal-error")
    assert "passwd" not in answer.text
    assert "RuntimeError" not in answer.text


def test_a_lock_held_elsewhere_is_busy_and_says_when_to_retry(submitted: World) -> None:
    path = f"/tasks/{submitted.task('review').id}/claim"
    with (
        Session(submitted.platform.sql) as other,
        hasty(submitted.platform, lock_timeout=timedelta(seconds=1)) as platform,
    ):
        clerk = Browser(create_app(platform)).log_in("clerk")
        other.execute(text("select id from legs for update"))
        answer = clerk.post(path)
        assert_problem(answer, 503, "busy")
        assert int(answer.headers["Retry-After"]) >= 1
        other.rollback()
        assert clerk.post(path).status_code == 200


def _subclasses(kind: type[Exception]) -> set[type[Exception]]:
    return {kind} | {each for child in kind.__subclasses__() for each in _subclasses(child)}


def test_every_refusal_has_both_languages(app: flask.Flask) -> None:
    with app.test_request_context():
        for kind in _subclasses(domain_errors.DomainError):
            if kind.__init__ is not domain_errors.DomainError.__init__:
                continue
            body = problem_of(kind()).document("x")
            for member in ("title", "detail", "next"):
                assert CHINESE.search(body[member]), (kind, member)
                assert body[f"{member}En"], (kind, member)
                assert not CHINESE.search(body[f"{member}En"]), (kind, member)
            assert body["code"] == kind().code
            assert body["status"] in {403, 404, 409, 422, 503}
    for status, texts in BY_STATUS.items():
        assert all(CHINESE.search(part) for part in (texts.title, texts.detail, texts.next)), status
        assert not any(CHINESE.search(part) for part in (texts.title_en, texts.detail_en, texts.next_en)), status


def test_engine_refusals() -> None:
    finding = Finding("flow-target", Severity.ERROR, "缺少目标", "no target", element_id="f1", line=3)
    body = problem_of(DefinitionRefused([finding])).document("x")
    assert (body["status"], body["code"]) == (422, "definition-refused")
    assert body["findings"][0] == {
        "rule": "flow-target",
        "severity": "error",
        "elementId": "f1",
        "line": 3,
        "message": "缺少目标",
        "messageEn": "no target",
        "hint": "",
        "hintEn": "",
    }
    assert problem_of(TaskNotOpen()).status == 409
    assert json.dumps(body)
