"""Accounts over the API: two steps, step-up, sessions that end everywhere at once, forced changes, one-time codes."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import flask
import pyotp
import pytest
from sqlalchemy import select, update

from api.app import create_app
from domain.actors import SYSTEM
from domain.clock import HOST, FixedClock
from domain.identity import login as login_room
from domain.identity import second_factor
from domain.identity.models import LoginSession, User
from tests.api.browser import PASSWORD, Browser, assert_problem
from tests.support.world import World

LogIn = Callable[[str], Browser]
NEW = "river mountain lamp"
STEP = timedelta(seconds=30)


@pytest.fixture
def host(monkeypatch: pytest.MonkeyPatch) -> FixedClock:
    """The authenticators' time stands still until it is moved."""
    clock = FixedClock(HOST.now())
    checked, finished = second_factor.check, second_factor.finish
    monkeypatch.setattr(second_factor, "check", lambda ctx, user, code, **_: checked(ctx, user, code, clock=clock))
    monkeypatch.setattr(
        second_factor, "finish", lambda ctx, user, code, cost, **_: finished(ctx, user, code, cost=cost, clock=clock)
    )
    return clock


def enrol(browser: Browser, host: FixedClock) -> tuple[pyotp.TOTP, list[str]]:
    secret = browser.post("/account/second-factor").json
    assert secret is not None
    generator = pyotp.TOTP(secret["secret"])
    answer = browser.post("/account/second-factor/confirm", {"code": generator.at(host.at)})
    assert answer.status_code == 200, answer.text
    assert answer.json is not None
    host.advance(STEP)
    return generator, answer.json["codes"]


def age(world: World, by: timedelta) -> None:
    with world.platform.transaction(SYSTEM) as ctx:
        ctx.session.execute(update(LoginSession).values(authenticated_at=LoginSession.authenticated_at - by))


def test_enrolling_and_logging_in_with_two_steps(app: flask.Flask, log_in: LogIn, host: FixedClock) -> None:
    generator, codes = enrol(log_in("siteadmin"), host)
    assert len(codes) == 10
    browser = Browser(app)
    browser.session()
    half = browser.post("/session", {"login": "siteadmin", "password": PASSWORD}).json
    assert half is not None
    assert (half["user"], half["pending"]) == (None, "second-factor")
    browser.csrf = half["csrfToken"]
    assert_problem(browser.get("/tasks/counts"), 403, "second-factor-required")
    assert browser.get("/session").json["user"] is None  # type: ignore[index]
    assert_problem(browser.post("/session/second-factor", {"code": "000000"}), 403, "code-refused")
    code = generator.at(host.at)
    whole = browser.post("/session/second-factor", {"code": code}).json
    assert whole is not None
    assert (whole["user"]["login"], whole["pending"], whole["methods"]) == ("siteadmin", None, ["pwd", "otp"])
    assert whole["stepUp"] == "code"
    assert browser.get("/account").status_code == 200
    again = Browser(app)
    again.session()
    again.csrf = again.post("/session", {"login": "siteadmin", "password": PASSWORD}).json["csrfToken"]  # type: ignore[index]
    assert_problem(again.post("/session/second-factor", {"code": code}), 403, "code-refused")
    assert again.post("/session/second-factor", {"code": codes[0]}).status_code == 200


def test_what_is_sensitive_asks_again_and_the_same_request_goes_through(world: World, log_in: LogIn) -> None:
    admin = log_in("siteadmin")
    with world.platform.transaction(SYSTEM) as ctx:
        clerk = ctx.session.scalar(select(User.id).where(User.login == "clerk"))
    age(world, timedelta(minutes=11))
    request = (f"/admin/users/{clerk}/password-reset", {"reason": "忘记密码"})
    assert_problem(admin.post(*request), 403, "step-up-required")
    assert_problem(admin.post("/session/step-up", {"password": "wrong"}), 403, "password-refused")
    before = admin.client.get_cookie("lianban_session")
    assert admin.post("/session/step-up", {"password": PASSWORD}).status_code == 200
    after = admin.client.get_cookie("lianban_session")
    assert before is not None
    assert after is not None
    assert before.value != after.value
    answer = admin.post(*request)
    assert answer.status_code == 201, answer.text
    code = answer.json["code"]  # type: ignore[index]
    visitor = Browser(admin.client.application)
    visitor.session()
    body = {"login": "clerk", "code": code, "password": NEW}
    assert visitor.post("/session/reset", body).status_code == 204
    assert_problem(visitor.post("/session/reset", body), 403, "reset-refused")
    visitor.log_in("clerk", NEW)


def test_ending_a_session_is_felt_by_every_process_at_once(world: World, log_in: LogIn) -> None:
    here, there = log_in("clerk"), Browser(create_app(world.platform)).log_in("clerk")
    rows = here.get("/account/sessions").json["items"]  # type: ignore[index]
    assert sorted(row["current"] for row in rows) == [False, True]
    assert {row["address"] for row in rows} == {"127.0.0.0/24"}
    [other] = [row["number"] for row in rows if not row["current"]]
    assert there.get("/tasks/counts").status_code == 200
    assert here.post(f"/account/sessions/{other}/end").status_code == 204
    assert_problem(there.get("/tasks/counts"), 401, "not-logged-in")
    assert_problem(here.post(f"/account/sessions/{other}/end"), 404, "not-found")
    assert_problem(here.post("/account/sessions/nonsense/end"), 404, "not-found")
    third = log_in("clerk")
    assert here.post("/account/sessions/end-others").json == {"count": 1}
    assert_problem(third.get("/tasks/counts"), 401, "not-logged-in")


def test_a_stranger_ends_nobodys_session(log_in: LogIn) -> None:
    clerk, approver = log_in("clerk"), log_in("approver")
    [number] = [row["number"] for row in clerk.get("/account/sessions").json["items"]]  # type: ignore[index]
    assert_problem(approver.post(f"/account/sessions/{number}/end"), 404, "not-found")
    assert clerk.get("/tasks/counts").status_code == 200


def test_a_password_that_must_be_changed(world: World, app: flask.Flask) -> None:
    with world.platform.transaction(SYSTEM) as ctx:
        ctx.session.execute(update(User).where(User.login == "clerk").values(must_change_password=True))
    clerk = Browser(app).log_in("clerk")
    assert clerk.session()["pending"] == "change-password"
    assert_problem(clerk.get("/tasks"), 403, "change-password-required")
    assert_problem(clerk.post("/account/password", {"old": PASSWORD, "password": "short"}), 422, "weak-password")
    answer = clerk.post("/account/password", {"old": PASSWORD, "password": NEW})
    assert answer.json["pending"] is None  # type: ignore[index]
    assert clerk.get("/tasks").status_code == 200


def test_absolute_and_idle_ends(world: World, log_in: LogIn) -> None:
    clerk = log_in("clerk")
    with world.platform.transaction(SYSTEM) as ctx:
        row = ctx.session.scalars(select(LoginSession)).one()
        assert row.ends_at is not None
        assert row.ends_at - row.created_at == world.platform.settings.session_lifetime
        row.ends_at = HOST.now() + timedelta(seconds=30)
        row.last_seen_at -= timedelta(minutes=2)
    assert clerk.get("/tasks/counts").status_code == 200
    with world.platform.transaction(SYSTEM) as ctx:
        row = ctx.session.scalars(select(LoginSession)).one()
        assert row.expires_at == row.ends_at


def test_cookies_under_https(world: World) -> None:
    settings = replace(world.platform.settings, public_url="https://lianban.example")
    visitor = Browser(create_app(replace(world.platform, settings=settings)))
    answer = visitor.get("/session")
    cookie = next(value for name, value in answer.headers if name == "Set-Cookie")
    assert cookie.startswith("__Host-lianban_csrf=")
    assert {"Secure", "HttpOnly", "Path=/", "SameSite=Lax"} <= {part.strip() for part in cookie.split(";")}
    assert "Domain" not in cookie


def test_outside_of_a_demo_its_password_is_refused(world: World) -> None:
    settings = replace(world.platform.settings, demo=False)
    assert settings.identity.public_password == "lianban-demo"
    assert {role.value for role in settings.identity.second_factor_roles} >= {"SITE_ADMIN", "PLATFORM_ADMIN"}
    assert login_room.PLAIN.public_password is None
