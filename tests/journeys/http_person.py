"""A person who speaks to a served deployment over HTTP, with a session of their own."""

from __future__ import annotations

import contextlib
import http.client
import json
import uuid
from http import HTTPStatus
from typing import Any

from bootstrap.demo.people import PASSWORD

PAPER = b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"
BOUNDARY = "lianban-journey"


class Refused(AssertionError):
    """An answer of 400 or more, with its problem document."""

    def __init__(self, status: int, problem: dict[str, Any]) -> None:
        super().__init__(f"{status} {problem.get('code')}: {problem.get('detailEn')} {problem.get('errors')}")
        self.status = status
        self.problem = problem


class HttpPerson:
    """Logs in on the first request; survives restarts of the server because sessions are in the database."""

    def __init__(self, port: int, login: str) -> None:
        self._port = port
        self._headers: dict[str, str] = {}
        self._csrf = ""
        self.login = login
        answer = self.get("/session")
        self._csrf = answer["csrfToken"]
        self._csrf = self.post("/session", {"login": login, "password": PASSWORD})["csrfToken"]

    def get(self, path: str) -> Any:
        return self.send("GET", path, None, {})

    def post(self, path: str, body: Any = None, *, key: str = "") -> Any:
        headers = {"Content-Type": "application/json", "Idempotency-Key": key or uuid.uuid4().hex}
        return self.send("POST", path, json.dumps(body or {}).encode(), headers)

    def upload(self, name: str) -> str:
        head = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\n\r\n'
        body = head.encode() + PAPER + f"\r\n--{BOUNDARY}--\r\n".encode()
        headers = {"Content-Type": f"multipart/form-data; boundary={BOUNDARY}"}
        return str(self.send("POST", "/files", body, headers)["id"])

    def send(self, method: str, path: str, body: Any, headers: dict[str, str]) -> Any:
        sent = {**self._headers, **headers, "X-CSRF-Token": self._csrf} if method != "GET" else dict(self._headers)
        with contextlib.closing(http.client.HTTPConnection("127.0.0.1", self._port, timeout=120)) as connection:
            connection.request(method, f"/api/v1{path}", body, sent)
            with connection.getresponse() as response:
                content = json.loads(response.read() or b"null")
                for cookie in response.headers.get_all("Set-Cookie") or ():
                    self._headers["Cookie"] = cookie.split(";")[0]
                status = response.status
        if status >= HTTPStatus.BAD_REQUEST:
            raise Refused(status, content or {})
        return content
