"""Log-in by a real provider, over the addresses that browsers and the provider visit."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

import flask
import pytest
from sqlalchemy import select, text
from werkzeug.serving import make_server
from werkzeug.test import TestResponse

from api.app import create_app
from bootstrap.container import Platform
from domain.actors import SYSTEM
from domain.audit.models import AuditEvent
from domain.base import get_seal
from domain.federation.models import FederatedSession, IdentityLink
from domain.identity import service as identity
from domain.identity.models import LoginSession, User
from tests.api.browser import PASSWORD, Browser, assert_problem
from tests.support import oidc
from tests.support.oidc import SECRET, Server, Visitor
from tests.support.world import ITEM, World

pytestmark = pytest.mark.network
LEE = "532622198502030000"
SUBMIT: dict[str, Any] = {"itemCode": ITEM, "data": {}, "materials": []}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with oidc.running(tmp_path_factory.mktemp("oidc"), f"http://127.0.0.1:{oidc.free_port()}") as found:
        yield found


def configured(world: World, server: Server, **more: Any) -> flask.Flask:
    own = world.platform
    settings = replace(
        own.settings, public_url=server.home, providers=server.providers(**more), secrets={"OIDC_TEST": SECRET}
    )
    return create_app(Platform(settings, own.sql))


@pytest.fixture
def app(world: World, server: Server) -> flask.Flask:
    with world.platform.transaction(SYSTEM) as ctx:
        lee = ctx.session.scalars(select(User).where(User.login == "applicant")).one()
        lee.id_no_blind = get_seal().blind(LEE)
    return configured(world, server)


@dataclass
class Person:
    """A browser here and at the provider."""

    browser: Browser
    there: Visitor

    def begin(self, key: str = "people", **query: str) -> str:
        answer = self.browser.client.get(f"/oidc/{key}/log-in", query_string=query)
        assert answer.status_code == 303, answer.text
        return answer.headers["Location"]

    def answer(self, url: str, sub: str, level: str = "account", key: str = "people", **changed: str) -> TestResponse:
        found = self.there.log_in(url, sub, level) | changed
        return self.browser.client.get(f"/oidc/{key}/callback", query_string=found)

    def log_in(self, sub: str, level: str = "account", key: str = "people", **query: str) -> TestResponse:
        return self.answer(self.begin(key, **query), sub, level, key)


@pytest.fixture
def person(app: flask.Flask, server: Server) -> Person:
    return Person(Browser(app), Visitor(server.home))


def link(world: World, app: flask.Flask, login: str, number: str) -> None:
    admin = Browser(app).log_in("admin")
    with world.platform.transaction(SYSTEM) as ctx:
        user = identity.find_user(ctx, login)
        assert user is not None
    answer = admin.put("/admin/identity-links", {"provider": "office", "userId": user.id, "number": number})
    assert answer.status_code == 200, answer.text


def assert_page(answer: TestResponse, status: int, code: str) -> None:
    """A refusal a person can read in both languages, without anything of a token in it."""
    assert answer.status_code == status, answer.text
    assert f'data-code="{code}"' in answer.text
    assert answer.text.count("<h1>") == 1
    assert '<section lang="en">' in answer.text
    assert answer.headers["Cache-Control"] == "no-store"
    assert "script" not in answer.headers["Content-Security-Policy"]
    assert "eyJ" not in answer.text


# --- applicants


def test_an_applicant_is_found_by_number_and_comes_back_to_the_page(person: Person, world: World) -> None:
    answer = person.log_in("yn-7f3a01", "real-name", **{"return": "/items/x/apply?step=review"})
    assert answer.status_code == 303
    assert answer.headers["Location"] == "/items/x/apply?step=review"
    found = person.browser.session()
    assert found["user"]["login"] == "applicant"
    assert found["user"]["name"] == "岑美玲"
    assert found["level"] == "real-name"
    assert found["methods"] == ["fed", "pwd"]
    with world.platform.transaction(SYSTEM) as ctx:
        row = ctx.session.scalars(select(IdentityLink)).one()
        assert row.about == {"sub": "yn-7f3a01"}
        kept = ctx.session.execute(text("select about from identity_links")).scalar_one()
        assert b"yn-7f3a01" not in bytes(kept)
        event = ctx.session.scalars(select(AuditEvent).where(AuditEvent.kind == "login.succeeded")).all()[-1]
        assert event.data["level"] == "real-name"


def test_an_applicant_who_was_never_here_gets_an_account_without_roles(person: Person, world: World) -> None:
    assert person.log_in("yn-7f3a02").status_code == 303
    assert person.log_in("yn-7f3a02").status_code == 303
    found = person.browser.session()["user"]
    assert found["isApplicant"] is True
    assert found["roles"] == []
    with world.platform.transaction(SYSTEM) as ctx:
        users = [
            user for user in ctx.session.scalars(select(User)) if user.name == "王建国"
        ]  # sealed: no query finds it
        assert len(users) == 1
        assert users[0].person["idNo"] == "44010619870415000X"


def test_operators_of_an_enterprise_act_for_the_enterprise(person: Person, app: flask.Flask, server: Server) -> None:
    other = Person(Browser(app), Visitor(server.home))
    assert person.log_in("yn-c10001", key="firms").status_code == 303
    assert other.log_in("yn-c10002", key="firms").status_code == 303
    mine, theirs = person.browser.session()["user"], other.browser.session()["user"]
    assert mine["name"] == "砚山测试水利工程有限公司"
    assert mine["id"] == theirs["id"]


@pytest.mark.parametrize("sub", ["yn-7f3a03", "yn-7f3a04"])
def test_a_number_that_is_wrong_or_missing_makes_no_account(person: Person, sub: str) -> None:
    assert_page(person.log_in(sub), 403, "sso-identity-incomplete")
    assert person.browser.session()["user"] is None


def test_links_that_contradict_are_refused(person: Person, world: World) -> None:
    assert person.log_in("yn-7f3a01").status_code == 303
    with world.platform.transaction(SYSTEM) as ctx:
        mine = ctx.session.scalars(select(IdentityLink)).one()
        other = identity.register_user(ctx, "another", "某某", PASSWORD, is_applicant=True)
        mine.user_id = other.id
    assert_page(person.log_in("yn-7f3a01"), 409, "sso-link-contradicts")
    with world.platform.transaction(SYSTEM) as ctx:
        row = ctx.session.scalars(select(IdentityLink)).one()
        row.user_id = ctx.session.scalars(select(User.id).where(User.login == "applicant")).one()
        row.subject_blind = "0" * 32  # somebody else came with this number before
    assert_page(person.log_in("yn-7f3a01"), 409, "sso-link-contradicts")


def test_who_is_disabled_here_does_not_get_in(person: Person, world: World) -> None:
    with world.platform.transaction(SYSTEM) as ctx:
        ctx.session.scalars(select(User).where(User.login == "applicant")).one().is_active = False
    assert_page(person.log_in("yn-7f3a01"), 403, "sso-account-closed")


# --- the way there and back


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
    app = configured(world, server, issuer=f"http://127.0.0.1:{oidc.free_port()}")
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


# --- staff


def test_staff_get_in_when_an_administrator_linked_them(person: Person, app: flask.Flask, world: World) -> None:
    assert_page(person.log_in("gov-0001", key="office"), 403, "sso-not-linked")
    link(world, app, "clerk", "YS-0001")
    answer = person.log_in("gov-0001", "real-person", key="office")
    assert answer.headers["Location"] == "/staff/"
    found = person.browser.session()
    assert found["user"]["login"] == "clerk"
    assert [role["role"] for role in found["user"]["roles"]] == ["RECV_CLERK"]
    assert found["pending"] is None
    admin = Browser(app).log_in("admin")
    [row] = admin.get("/admin/identity-links").json["items"]  # type: ignore[index]
    assert (row["login"], row["number"], row["bound"], row["provider"]) == ("clerk", "***0001", True, "office")
    assert admin.send("DELETE", f"/admin/identity-links/{row['id']}").status_code == 204
    assert person.browser.session()["user"] is None
    assert_page(person.log_in("gov-0001", key="office"), 403, "sso-not-linked")


def test_who_came_from_a_provider_proves_it_there_again(person: Person, app: flask.Flask, world: World) -> None:
    link(world, app, "approver", "YS-0001")
    assert person.log_in("gov-0001", "real-person", key="office").status_code == 303
    found = person.browser.session()
    assert found["stepUp"] == "provider"
    assert found["stepUpProvider"]["key"] == "office"
    with world.platform.transaction(SYSTEM) as ctx:
        [row] = ctx.session.scalars(select(LoginSession).join(User).where(User.login == "approver"))
        row.authenticated_at -= timedelta(minutes=11)
    body = {"delegateId": 1, "siteId": 1, "role": "APPROVER", "startsAt": "2030-01-01T00:00:00Z"}
    asked = ("/delegations", {**body, "endsAt": "2030-01-02T00:00:00Z", "reason": "出差"})
    assert_problem(person.browser.post(*asked), 403, "step-up-required")
    refused = person.browser.post("/session/step-up", {"password": PASSWORD})
    assert_problem(refused, 403, "step-up-at-provider")
    back = {"again": "1", "return": "/signed-in"}
    assert person.log_in("gov-0001", "real-person", key="office", **back).headers["Location"] == "/signed-in"
    person.browser.session()
    assert person.browser.post(*asked).status_code == 201


def test_links_are_made_by_who_looks_after_the_account(app: flask.Flask, world: World) -> None:
    link(world, app, "clerk", "YS-0001")
    admin, local = Browser(app).log_in("admin"), Browser(app).log_in("siteadmin")
    with world.platform.transaction(SYSTEM) as ctx:
        people = {user.login: user.id for user in ctx.session.scalars(select(User))}

    def ask(browser: Browser, login: str, number: str, provider: str = "office") -> TestResponse:
        body = {"provider": provider, "userId": people[login], "number": number}
        return browser.put("/admin/identity-links", body)

    assert ask(local, "handler", "YS-0002").status_code == 200
    for other in ("far", "admin", "designer"):
        assert_problem(ask(local, other, "YS-0003"), 404, "not-found")
    assert_problem(ask(admin, "far", "YS-0001"), 422, "sso-bad-link")
    assert_problem(ask(admin, "applicant", "YS-0005"), 422, "sso-bad-link")
    assert_problem(ask(admin, "far", "YS-0005", "people"), 422, "sso-bad-link")
    assert_problem(ask(Browser(app).log_in("clerk"), "clerk", "YS-0005"), 403, "forbidden")
    assert {row["login"] for row in local.get("/admin/identity-links").json["items"]} == {"clerk", "handler"}  # type: ignore[index]


# --- levels


def test_submitting_asks_for_a_level_and_the_step_up_keeps_the_person(
    person: Person, app: flask.Flask, world: World, server: Server
) -> None:
    admin = Browser(app).log_in("admin")
    rule = {
        "key": "assurance.apply",
        "value": "real-name",
        "source": "测试",
        "scope": "item",
        "itemCode": ITEM,
        "reason": "测试",
    }
    changed = admin.put("/admin/policies", rule)
    assert changed.status_code == 200, changed.text
    assert person.log_in("yn-7f3a01").status_code == 303
    person.browser.session()
    refused = assert_problem(person.browser.post("/applications", SUBMIT), 403, "level-too-low")
    assert (refused["level"], refused["provider"]) == ("real-name", "people")
    other = Visitor(server.home)
    url = person.begin(again="1", level="real-name")
    found = other.log_in(url, "yn-7f3a02", "real-name")
    assert_page(person.browser.client.get("/oidc/people/callback", query_string=found), 409, "sso-other-person")
    before = person.browser.session()
    url = person.begin(again="1", level="real-name", **{"return": "/signed-in"})
    answer = person.answer(url, "yn-7f3a01", "real-name")
    assert answer.headers["Location"] == "/signed-in"
    after = person.browser.session()
    assert after["user"] == before["user"]
    assert after["level"] == "real-name"
    assert person.browser.post("/applications", SUBMIT).json["code"] != "level-too-low"  # type: ignore[index]
    with world.platform.transaction(SYSTEM) as ctx:
        assert len(ctx.session.scalars(select(FederatedSession)).all()) == 1


# --- log-out


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


# --- administrators


def test_administrators_see_how_providers_are(app: flask.Flask, world: World, server: Server) -> None:
    admin = Browser(app).log_in("admin")
    assert admin.client.post("/api/v1/admin/providers/people/check").status_code == 403
    assert Browser(app).post("/admin/providers/people/check").status_code == 401
    assert admin.post("/admin/providers/people/check").status_code == 204
    found: Any = admin.get("/admin/providers").json
    row = found["items"][0]
    assert (row["key"], row["reachable"], row["keyCount"], row["problem"]) == ("people", True, 1, "")
    assert row["levels"] == ["real-name", "real-person"]
    assert SECRET not in str(found)
    away = configured(world, server, issuer=f"http://127.0.0.1:{oidc.free_port()}")
    admin = Browser(away).log_in("admin")
    assert admin.post("/admin/providers/people/check").status_code == 204
    row = admin.get("/admin/providers").json["items"][0]  # type: ignore[index]
    assert (row["reachable"], row["problem"]) == (False, "sso-away")
    assert row["keysAt"]


def test_roles_are_checked(app: flask.Flask) -> None:
    auditor = Browser(app).log_in("auditor")
    assert auditor.get("/admin/providers").status_code == 200
    assert_problem(auditor.post("/admin/identity-links/search", {"number": LEE}), 403, "forbidden")
    admin = Browser(app).log_in("admin")
    assert admin.post("/admin/identity-links/search", {"number": LEE}).json == {"items": []}
    assert [row["reachable"] for row in admin.get("/admin/providers").json["items"]] == [None, None, None]  # type: ignore[index]
