import dataclasses
import re
from pathlib import Path

import flask
import pytest

from api.app import create_app
from bootstrap.container import Platform, make_sql_engine
from bootstrap.settings import Settings
from tests.api.browser import assert_problem
from tests.support.world import World

HTML = '<!doctype html><meta name="csp-nonce" content="__CSP_NONCE__" /><script type="module" src="/assets/a-12345678.js"></script>'


@pytest.fixture
def built(world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> flask.Flask:
    for name in ("portal", "staff", "admin", "designer"):
        (tmp_path / f"{name}.html").write_text(HTML.replace("<!doctype html>", f"<!doctype html><title>{name}</title>"))
    (tmp_path / "assets").mkdir()
    (tmp_path / "assets" / "a-12345678.js").write_text("export {}")
    (tmp_path / "favicon.svg").write_text("<svg/>")
    monkeypatch.setattr(Settings, "web_dist", property(lambda _: tmp_path))
    return create_app(world.platform)


def test_each_page_has_its_own_policy_and_history_fallback(built: flask.Flask) -> None:
    client = built.test_client()
    for path, title in {
        "/": "portal",
        "/guide/hukou": "portal",
        "/staff/": "staff",
        "/staff/tasks/12": "staff",
        "/admin/stuck": "admin",
        "/designer/models/x": "designer",
    }.items():
        answer = client.get(path)
        policy = answer.headers["Content-Security-Policy"]
        assert f"<title>{title}</title>" in answer.text, path
        assert "script-src 'self';" in policy
        assert "unsafe-eval" not in policy
        assert ("style-src-attr 'unsafe-inline'" in policy) == (title == "designer")
        nonce = re.search(r"'nonce-([^']+)'", policy)
        if title == "portal":
            assert nonce is None
        else:
            assert nonce is not None
            assert f'content="{nonce[1]}"' in answer.text
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Cache-Control"] == "no-store"


def test_nonces_are_never_repeated(built: flask.Flask) -> None:
    client = built.test_client()
    assert client.get("/staff/").text != client.get("/staff/").text


def test_hashed_files_are_kept_for_ever_and_others_are_not(built: flask.Flask) -> None:
    client = built.test_client()
    assert "immutable" in client.get("/assets/a-12345678.js", buffered=True).headers["Cache-Control"]
    assert client.get("/favicon.svg", buffered=True).headers["Cache-Control"] == "public, no-cache"
    assert client.get("/staff").headers["Location"].endswith("/staff/")


def test_nothing_outside_the_built_files_is_served(built: flask.Flask) -> None:
    client = built.test_client()
    for path in ("/assets/../../pyproject.toml", "/assets/%2e%2e/%2e%2e/pyproject.toml", "/nothing.js", "/staff.html"):
        assert_problem(client.get(path), 404, "not-found")


def test_a_server_without_pages_says_how_to_build_them(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Settings, "web_dist", property(lambda _: tmp_path))
    answer = create_app(world.platform).test_client().get("/staff/")
    assert answer.status_code == 503
    assert "make build" in answer.text


@pytest.mark.network
def test_health_and_readiness(app: flask.Flask, platform: Platform) -> None:
    client = app.test_client()
    assert client.get("/healthz").json == {"status": "ok"}
    assert client.get("/readyz").status_code == 200
    settings = dataclasses.replace(platform.settings)
    nowhere = Platform(settings, make_sql_engine(settings, "postgresql+psycopg://nobody@127.0.0.1:1/none"))
    away = create_app(nowhere).test_client()
    assert away.get("/healthz").status_code == 200
    assert_problem(away.get("/readyz"), 503, "database-away")
    assert_problem(away.get("/api/v1/items"), 503, "database-away")
    nowhere.close()


def test_every_answer_has_a_request_id_and_strict_headers(app: flask.Flask) -> None:
    client = app.test_client()
    given = client.get("/api/v1/items", headers={"X-Request-Id": "abcdef-1234"})
    assert given.headers["X-Request-Id"] == "abcdef-1234"
    other = client.get("/api/v1/items", headers={"X-Request-Id": "bad id\tx"})
    assert re.fullmatch(r"[0-9a-f]{16}", other.headers["X-Request-Id"])
    closed = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    for path in ("/api/v1/items", "/api/v1/nothing", "/healthz", "/assets/nothing.js"):
        assert client.get(path).headers["Content-Security-Policy"] == closed, path
    assert other.headers["X-Frame-Options"] == "DENY"


def test_unchanged_public_answers_are_not_sent_again(app: flask.Flask) -> None:
    client = app.test_client()
    first = client.get("/api/v1/items")
    again = client.get("/api/v1/items", headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")
