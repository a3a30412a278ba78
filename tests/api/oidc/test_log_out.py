"""Logging out here, at the provider, and everywhere."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import flask
import pytest
from werkzeug.serving import make_server

from tests.api.browser import Browser
from tests.api.oidc.conftest import Person
from tests.support.oidc import Server, Visitor

pytestmark = pytest.mark.network


@pytest.fixture
def served(app: flask.Flask, server: Server) -> Iterator[None]:
    http = make_server("127.0.0.1", urlsplit(server.home).port or 0, app, threaded=True)
    thread = threading.Thread(target=http.serve_forever, daemon=True)
    thread.start()
    yield
    http.shutdown()
    thread.join()
    http.server_close()


def test_logging_out_ends_the_providers_session_which_ends_all_others_here(
    person: Person, app: flask.Flask, served: None, server: Server
) -> None:
    del served
    elsewhere = Person(Browser(app), person.there)  # a second log-in of the same provider session
    assert person.log_in("yn-7f3a01").status_code == 303
    assert elsewhere.log_in("yn-7f3a01").status_code == 303
    person.browser.session()
    out: Any = person.browser.post("/session/sign-out", {}).json
    assert person.browser.session()["user"] is None
    assert elsewhere.browser.session()["user"] is not None
    there = person.browser.client.get(out["address"])
    assert there.status_code == 303
    where = there.headers["Location"]
    assert where.startswith(f"{server.issuer}/session/end?")
    assert "id_token_hint=eyJ" in where
    _, _, page = person.there.open(where)
    xsrf = page.split('name="xsrf" value="')[1].split('"')[0]
    status, back, _ = person.there.open(f"{server.issuer}/session/end/confirm", {"xsrf": xsrf, "logout": "yes"})
    assert (status, back.split("?")[0]) == (303, f"{server.home}/oidc/people/signed-out")
    assert elsewhere.browser.session()["user"] is None


def test_a_log_out_notice_that_does_not_stand_up_ends_nothing(person: Person) -> None:
    assert person.log_in("yn-7f3a01").status_code == 303
    for token in ("", "a.b.c", "eyJhbGciOiJub25lIn0.e30."):
        answer = person.browser.client.post("/oidc/people/backchannel-logout", data={"logout_token": token})
        assert answer.status_code == 400
        assert answer.json["error"] == "invalid_request"  # type: ignore[index]
        assert answer.headers["Cache-Control"] == "no-store"
    assert person.browser.session()["user"] is not None


def test_logging_out_everywhere_ends_every_session_of_the_person(
    person: Person, app: flask.Flask, server: Server
) -> None:
    other = Person(Browser(app), Visitor(server.home))
    assert person.log_in("yn-7f3a01").status_code == 303
    assert other.log_in("yn-7f3a01").status_code == 303
    person.browser.session()
    assert person.browser.post("/session/sign-out", {"everywhere": True}).status_code == 200
    assert other.browser.session()["user"] is None
