"""A person's browser for tests of the API, and what every refusal must look like."""

import re
from typing import Any

import flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

PASSWORD = "Lianban-test-2026"
APPLICANT_ID_NO = "532622198502030000"
CHINESE = re.compile(r"[\u4e00-\u9fff]")


class Browser:
    """Keeps cookies and sends the CSRF token."""

    def __init__(self, app: flask.Flask) -> None:
        self.client: FlaskClient = app.test_client()
        self.csrf = ""

    def get(self, path: str, **more: Any) -> TestResponse:
        return self.client.get(f"/api/v1{path}", **more)

    def send(self, method: str, path: str, json: Any = None, **more: Any) -> TestResponse:
        headers = {"X-CSRF-Token": self.csrf, **more.pop("headers", {})}
        if json is not None:
            more["json"] = json
        return self.client.open(f"/api/v1{path}", method=method, headers=headers, **more)

    def post(self, path: str, json: Any = None, **more: Any) -> TestResponse:
        return self.send("POST", path, json, **more)

    def put(self, path: str, json: Any = None, **more: Any) -> TestResponse:
        return self.send("PUT", path, json, **more)

    def session(self) -> Any:
        found: Any = self.get("/session").json
        self.csrf = found["csrfToken"]
        return found

    def log_in(self, login: str, password: str = PASSWORD) -> "Browser":
        self.session()
        answer = self.post("/session", {"login": login, "password": password})
        assert answer.status_code == 200, answer.text
        body: Any = answer.json
        self.csrf = body["csrfToken"]
        return self


def assert_problem(answer: TestResponse, status: int, code: str) -> dict[str, Any]:
    """A problem document in both languages with a next step and the request's id."""
    assert answer.status_code == status, answer.text
    assert answer.mimetype == "application/problem+json"
    body: Any = answer.json
    assert body["code"] == code, body
    assert body["status"] == status
    for member in ("title", "detail", "next"):
        assert CHINESE.search(body[member]), (member, body)
        assert body[f"{member}En"], (member, body)
        assert not CHINESE.search(body[f"{member}En"]), (member, body)
    assert body["requestId"] == answer.headers["X-Request-Id"]
    for error in body.get("errors", ()):
        assert CHINESE.search(error["message"])
        assert error["messageEn"]
        assert error["pointer"].startswith("/")
    found: dict[str, Any] = body
    return found
