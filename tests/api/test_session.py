from collections.abc import Callable

from api.app import create_app
from api.limits import LOGIN, Buckets
from tests.api.browser import PASSWORD, Browser, assert_problem
from tests.support.world import World


def test_a_visitor_gets_a_csrf_token_and_the_mode(visitor: Browser) -> None:
    found = visitor.session()
    assert found["user"] is None
    assert found["csrfToken"]
    assert found["mode"]["training"] is True
    assert found["mode"]["now"].endswith("Z")


def test_logging_in_shows_roles_and_logging_out_ends_it(visitor: Browser) -> None:
    visitor.log_in("clerk")
    user = visitor.session()["user"]
    assert user["login"] == "clerk"
    assert [(role["siteCode"], role["role"], role["roleName"]) for role in user["roles"]] == [
        ("test-yanshan-police", "RECV_CLERK", "窗口人员")
    ]
    assert visitor.get("/tasks").status_code == 200
    assert visitor.send("DELETE", "/session").status_code == 200
    assert_problem(visitor.get("/tasks"), 401, "not-logged-in")


def test_the_session_cookie_is_closed_to_scripts(visitor: Browser) -> None:
    visitor.session()
    answer = visitor.post("/session", {"login": "clerk", "password": PASSWORD})
    cookie = next(value for name, value in answer.headers if name == "Set-Cookie" and "lianban_session" in value)
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie


def test_a_wrong_password_is_refused_and_counted(visitor: Browser) -> None:
    visitor.session()
    for _ in range(5):
        answer = visitor.post("/session", {"login": "clerk", "password": "wrong password"})
        assert_problem(answer, 403, "login-refused")
    answer = visitor.post("/session", {"login": "clerk", "password": PASSWORD})
    assert_problem(answer, 403, "account-locked")


def test_without_csrf_token_nothing_happens(visitor: Browser, log_in: Callable[[str], Browser]) -> None:
    answer = visitor.client.post("/api/v1/session", json={"login": "clerk", "password": PASSWORD})
    assert_problem(answer, 403, "csrf-token")
    clerk = log_in("clerk")
    clerk.csrf = "somebody else's"
    assert_problem(clerk.post("/tasks/x/claim"), 403, "csrf-token")


def test_a_request_from_another_website_is_refused(log_in: Callable[[str], Browser]) -> None:
    clerk = log_in("clerk")
    answer = clerk.post("/tasks/x/claim", headers={"Origin": "https://evil.example"})
    assert_problem(answer, 403, "csrf-token")


def test_too_many_logins_are_slowed_down(world: World) -> None:
    now = 0.0
    visitor = Browser(create_app(world.platform, buckets=Buckets(now=lambda: now)))
    visitor.session()
    answers = [visitor.post("/session", {"login": f"nobody{n}", "password": "x"}) for n in range(LOGIN.burst + 1)]
    assert_problem(answers[-2], 403, "login-refused")
    assert_problem(answers[-1], 429, "too-many-requests")
    assert answers[-1].headers["Retry-After"] == "1"
    now = LOGIN.seconds
    assert_problem(visitor.post("/session", {"login": "anybody", "password": "x"}), 403, "login-refused")


def test_demo_logins(visitor: Browser) -> None:
    found = visitor.get("/demo/logins").json
    assert found is not None
    assert {"login", "password", "name", "siteName", "roleNames", "roleNamesEn", "hint"} == set(found["items"][0])
