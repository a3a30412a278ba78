import json
import subprocess
import sys
from collections.abc import Callable
from itertools import count
from typing import Any

import flask
from openapi_spec_validator import OpenAPIV31SpecValidator

from api.app import create_app
from api.auth import Access, access_of
from api.entry import Routes, Unguarded
from api.limits import Buckets
from bootstrap.settings import ROOT
from domain.actors import Actor, Role
from domain.identity.functions import may
from tests.api.browser import Browser, assert_problem
from tests.support.world import World

CITIZEN = Actor(1, "", is_applicant=True)
PUBLIC = {
    "session.get_session",
    "session.log_in",
    "session.reset_password",
    "session.log_out",
    "session.list_demo_logins",
    "catalogue.list_items",
    "catalogue.get_item",
    "catalogue.get_form",
    "catalogue.list_regions",
    "catalogue.list_sites",
    "catalogue.check_certificate",
    "catalogue.get_progress",
    "catalogue.get_code_tables",
    "partners.get_opening",
    "partners.get_responsibilities",
    "contact-book.list_public_contacts",
    "clock.get_clock",
    "channels.leave_channel",
    "exchange.receive",
    "exchange.receive_note",
    "evidence.list_anchors",
    "evidence.list_keys",
    "evidence.get_verifier",
    "providers.list_providers",
    "oidc_log_in",
    "oidc_callback",
    "oidc_log_out",
    "oidc_signed_out",
    "oidc_notice",
    "health",
    "ready",
    "openapi",
    "docs",
    "asset",
    "metrics",
    "portal",
    "page",
}


def test_every_route_is_guarded(app: flask.Flask) -> None:
    open_to_all = set()
    for rule in app.url_map.iter_rules():
        access = access_of(app.view_functions[rule.endpoint])
        assert isinstance(access, Access), f"{rule.rule} has no guard"
        if access.anonymous:
            open_to_all.add(rule.endpoint)
    assert open_to_all == PUBLIC


def test_only_signed_messages_go_without_csrf(app: flask.Flask) -> None:
    """And API clients, whose token no browser sends by itself."""
    without = {
        rule.endpoint
        for rule in app.url_map.iter_rules()
        if (access := access_of(app.view_functions[rule.endpoint])) and not access.csrf and access.scope is None
    }
    assert without == {
        "exchange.receive",
        "exchange.receive_note",
        "oidc_notice",
        "channels.leave_channel",
    }  # signed, or a token in a letter of ours


def test_a_view_without_guard_cannot_be_declared() -> None:
    routes = Routes("test", "test")
    try:
        routes.on("GET", "/test")(lambda ctx: ctx)
    except Unguarded:
        return
    raise AssertionError("declared")


def test_no_role_of_watchers_writes_in_cases(app: flask.Flask) -> None:
    deciding = {"tasks.complete", "tasks.claim", "tasks.assign", "tasks.save_draft", "applications.apply"}
    for endpoint in deciding:
        access = access_of(app.view_functions[endpoint])
        assert access is not None
        for role in (Role.PLATFORM_ADMIN, Role.AUDITOR, Role.SUPERVISOR, Role.SITE_ADMIN):
            assert not any(may(Actor(1, "", {1: frozenset({role})}), name) for name in access.functions)


def test_the_description_is_valid_openapi(app: flask.Flask) -> None:
    answer = app.test_client().get("/api/v1/openapi.json")
    document: Any = answer.json
    OpenAPIV31SpecValidator(document).validate()
    operations = [
        operation for path in document["paths"].values() for method, operation in path.items() if method != "parameters"
    ]
    ids = [operation["operationId"] for operation in operations]
    assert len(ids) == len(set(ids)) > 60
    assert all(operation["summary"] for operation in operations)
    assert "application/problem+json" in document["components"]["responses"]["DEFAULT_ERROR"]["content"]


def test_the_committed_description_is_current() -> None:
    printed = subprocess.run(
        [sys.executable, "-m", "api.openapi"], cwd=ROOT, capture_output=True, check=True, timeout=240
    ).stdout
    committed = (ROOT / "web" / "src" / "api" / "openapi.json").read_text(encoding="utf-8")
    assert json.loads(printed) == json.loads(committed)


def test_the_page_of_all_operations_needs_no_script(app: flask.Flask) -> None:
    answer = app.test_client().get("/api/docs")
    assert answer.status_code == 200
    assert "/api/v1/tasks/{task_id}/complete" in answer.text
    assert "<script" not in answer.text


def test_nobody_enters_a_guarded_route_without_log_in(world: World) -> None:
    """With an hour between two requests: how fast this machine asks is not the question."""
    app = create_app(world.platform, buckets=Buckets(now=count(0.0, 3600.0).__next__))
    visitor = Browser(app)
    visitor.session()
    for rule in app.url_map.iter_rules():
        access = access_of(app.view_functions[rule.endpoint])
        if access is None or access.anonymous:
            continue
        path = rule.rule.removeprefix("/api/v1")
        for name in rule.arguments:
            path = path.replace(f"<int:{name}>", "1").replace(f"<{name}>", "1")
        refusal = "not-logged-in" if access.scope is None else "token-invalid"
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}:
            assert_problem(visitor.send(method, path), 401, refusal)


def test_applicants_enter_no_route_of_staff(app: flask.Flask, log_in: Callable[[str], Browser]) -> None:
    citizen = log_in("applicant")
    for rule in app.url_map.iter_rules():
        access = access_of(app.view_functions[rule.endpoint])
        if access is None or access.anonymous or access.scope or any(may(CITIZEN, name) for name in access.functions):
            continue
        path = rule.rule.removeprefix("/api/v1")
        for name in rule.arguments:
            path = path.replace(f"<int:{name}>", "1").replace(f"<{name}>", "1")
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}:
            assert_problem(citizen.send(method, path), 403, "forbidden")
