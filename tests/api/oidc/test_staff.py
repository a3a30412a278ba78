"""Staff from a real provider, and who links them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import flask
import pytest
from sqlalchemy import select
from werkzeug.test import TestResponse

from bootstrap.processes import free_port
from domain.actors import SYSTEM
from domain.identity.models import LoginSession, User
from domain.notifications.models import Notification
from tests.api.browser import PASSWORD, Browser, assert_problem
from tests.api.oidc.conftest import LEE, Person, assert_page, configured, link
from tests.support.oidc import SECRET, Server
from tests.support.world import World

pytestmark = pytest.mark.network


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
    with world.platform.transaction(SYSTEM) as ctx:
        told = select(Notification.user_id).where(Notification.template == "security.link-set")
        assert people["handler"] in ctx.session.scalars(told).all()
    for other in ("far", "admin", "designer"):
        assert_problem(ask(local, other, "YS-0003"), 404, "not-found")
    assert_problem(ask(admin, "far", "YS-0001"), 422, "sso-bad-link")
    assert_problem(ask(admin, "applicant", "YS-0005"), 422, "sso-bad-link")
    assert_problem(ask(admin, "far", "YS-0005", "people"), 422, "sso-bad-link")
    assert_problem(ask(Browser(app).log_in("clerk"), "clerk", "YS-0005"), 403, "forbidden")
    assert {row["login"] for row in local.get("/admin/identity-links").json["items"]} == {"clerk", "handler"}  # type: ignore[index]


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
    away = configured(world, server, issuer=f"http://127.0.0.1:{free_port()}")
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
