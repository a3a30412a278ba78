"""The way to a real provider and back: what fits, what does not, and what happens while it is away."""

from __future__ import annotations

from typing import Any

import flask
import pytest
from sqlalchemy import select

from bootstrap.processes import free_port
from domain.actors import SYSTEM
from domain.identity.models import LoginSession
from tests.api.browser import PASSWORD, Browser, assert_problem
from tests.api.oidc.conftest import Person, assert_page, configured
from tests.support.oidc import Server, Visitor
from tests.support.world import World

pytestmark = pytest.mark.network


def test_an_answer_is_good_once_in_the_browser_that_asked(person: Person, app: flask.Flask) -> None:
    url = person.begin()
    found = person.there.log_in(url, "yn-7f3a01")
    victim = Browser(app)
    assert_page(victim.client.get("/oidc/people/callback", query_string=found), 422, "sso-attempt-unknown")
    cookie = next(each for each in person.browser.client._cookies.values() if "oidc_" in each.key)  # type: ignore[union-attr]
    assert person.browser.client.get("/oidc/people/callback", query_string=found).status_code == 303
    person.browser.client.set_cookie(cookie.key, cookie.value, path="/oidc/")
    assert_page(person.browser.client.get("/oidc/people/callback", query_string=found), 409, "sso-attempt-spent")


def test_answers_that_do_not_fit_are_pages(person: Person) -> None:
    client = person.browser.client
    assert_page(client.get("/oidc/people/callback"), 422, "sso-attempt-unknown")
    assert_page(client.get("/oidc/people/callback?state=x&code=y"), 422, "sso-attempt-unknown")
    assert_page(client.get("/oidc/nobody/log-in"), 404, "sso-unknown-provider")
    assert_page(person.answer(person.begin(), "yn-7f3a01", iss="https://evil.example"), 422, "sso-wrong-issuer")
    url = person.begin()
    refused = Visitor(person.there.home).log_in(url, "", refuse=True)
    assert_page(client.get("/oidc/people/callback", query_string=refused), 403, "sso-access-denied")
    assert_page(person.answer(person.begin("people"), "yn-7f3a01", key="firms"), 422, "sso-attempt-unknown")
    assert_page(person.answer(person.begin(), "yn-7f3a01", code="stolen"), 403, "sso-refused")


def test_only_pages_of_ours_are_returned_to(person: Person) -> None:
    for evil in ("//evil.example", "https://evil.example", "/\\evil.example", "/api/v1/session"):
        assert person.log_in("yn-7f3a01", **{"return": evil}).headers["Location"] == "/"


def test_a_session_from_before_is_replaced(person: Person, world: World) -> None:
    person.browser.log_in("clerk")
    before = person.browser.client.get_cookie("lianban_session")
    assert person.log_in("yn-7f3a01").status_code == 303
    after = person.browser.client.get_cookie("lianban_session")
    assert before is not None
    assert after is not None
    assert before.value != after.value
    with world.platform.transaction(SYSTEM) as ctx:
        assert len(ctx.session.scalars(select(LoginSession)).all()) == 1


def test_while_the_provider_is_down_local_accounts_get_in(world: World, server: Server) -> None:
    app = configured(world, server, issuer=f"http://127.0.0.1:{free_port()}")
    assert_page(Browser(app).client.get("/oidc/people/log-in"), 503, "sso-away")
    assert Browser(app).log_in("admin").session()["user"]["login"] == "admin"


def test_a_deployment_may_close_passwords_to_all_but_administrators(world: World, server: Server) -> None:
    app = configured(world, server, local="administrators")
    clerk = Browser(app)
    clerk.session()
    assert_problem(clerk.post("/session", {"login": "clerk", "password": PASSWORD}), 403, "local-login-closed")
    assert clerk.get("/tasks").status_code == 401
    assert Browser(app).log_in("siteadmin").session()["user"]["login"] == "siteadmin"
    found: Any = clerk.get("/providers").json
    assert found["localLogin"] == "administrators"
    assert [each["audience"] for each in found["items"]] == ["natural", "legal", "staff"]
