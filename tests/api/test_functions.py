"""The matrix of roles and functions against every route of the application."""

from collections.abc import Callable

import flask
import pytest

from api.auth import Access, access_of, guard
from api.entry import Routes
from domain.actors import Actor, Role
from domain.identity.functions import COLUMNS, UnknownFunction, shipped
from domain.identity.queries import Login
from tests.api.browser import Browser, assert_problem


def guards(app: flask.Flask) -> dict[str, Access]:
    found = {}
    for rule in app.url_map.iter_rules():
        access = access_of(app.view_functions[rule.endpoint])
        assert access is not None, rule.rule
        found[rule.endpoint] = access
    return found


def test_every_route_names_its_function(app: flask.Flask) -> None:
    nameless = [endpoint for endpoint, access in guards(app).items() if not access.functions]
    assert nameless == []
    for endpoint, access in guards(app).items():
        for name in access.functions:
            try:
                function, act = shipped().of(name)
            except UnknownFunction:
                pytest.fail(f"{endpoint}: the matrix has no function {name} (domain/identity/data/functions.json)")
            assert function.holders(act), f"{endpoint}: nobody may do {name}"


def test_an_unknown_function_cannot_be_declared() -> None:
    with pytest.raises(UnknownFunction):
        Routes("test", "test").on("GET", "/test")(guard("nothing:read")(lambda ctx: ctx))


def test_matrix_and_routes_agree_for_every_role(app: flask.Flask) -> None:
    """Generated: 11 roles × all routes; who enters is who has a cell, nobody else."""
    asked = 0
    for endpoint, access in guards(app).items():
        if access.anonymous or access.scope is not None:
            continue
        for role in COLUMNS:
            person = Login(Actor(1, "", {0: frozenset({role})}, is_applicant=role is Role.APPLICANT), "x", "y")
            expected = any(role in shipped().of(name)[0].holders(shipped().of(name)[1]) for name in access.functions)
            assert access.allows(person) is expected, f"{role} at {endpoint}"
            asked += 1
    assert asked > 11 * 140


def test_the_auditor_enters_no_route_that_writes_and_the_platform_none_of_content(app: flask.Flask) -> None:
    own = {"account", "session"}
    for rule in app.url_map.iter_rules():
        access = access_of(app.view_functions[rule.endpoint])
        assert access is not None
        if access.anonymous or access.scope is not None:
            continue
        for name in access.functions:
            function, act = shipped().of(name)
            if function.key in own:
                continue
            if function.acts[act]:
                assert Role.AUDITOR not in function.holders(act), rule.rule
            if function.content:
                assert Role.PLATFORM_ADMIN not in function.holders(act), rule.rule


DECISIVE = {
    "connection:change": "tokens, secrets, hosts",
    "contract:approve": "what crosses to a partner",
    "correction:change": "data of a case changed by hand",
    "deploy:publish": "models, tables, contracts",
    "export:export": "evidence leaves the platform",
    "migrate:execute": "running cases moved",
    "own-data:own": "everything about oneself",
    "parameter:change": "terms and policies",
    "retention:approve": "deletion",
    "retention:ask": "deletion",
    "retention:hold": "legal hold",
    "unmask:approve": "personal data shown",
    "unmask:open": "personal data shown",
    "users:appoint": "roles, accounts, factors",
    "users:change": "roles, accounts, factors",
    "users:delegate": "roles lent to a colleague",
}
WITHOUT_STEP_UP = {
    **dict.fromkeys(
        (
            "accounts.end_session_of",
            "accounts.end_sessions_of",
            "api_clients.revoke",
            "connections.delete_host",
            "connections.delete_secret",
            "contracts.refuse_contract_draft",
            "disclosure.end",
            "people.take",
            "providers.delete_link",
        ),
        "takes something away and opens nothing",
    ),
    **dict.fromkeys(("people.change", "spreadsheets.import_sheet"), "asks inside, when somebody is let in"),
    **dict.fromkeys(("moves.preview", "policies.preview_policy", "providers.search_links"), "only looks"),
    **dict.fromkeys(
        (
            "channels.add_site_channel",
            "channels.delete_site_channel",
            "channels.put_channel_rule",
            "channels.put_site_channel",
            "channels.retry_delivery",
            "channels.try_site_channel",
        ),
        "notices without content; their hosts and secrets ask",
    ),
    "oidc_check": "asks a provider how it is",
    "people.change_site": "a site's telephone and address",
}


def test_every_decisive_act_asks_again_who_it_is(app: flask.Flask) -> None:
    """A new writing route of a decisive function asks for a step-up or says here why not."""
    asks, exempt = set(), set()
    for rule in app.url_map.iter_rules():
        access = access_of(app.view_functions[rule.endpoint])
        assert access is not None
        if access.scope is not None or not (rule.methods or set()) - {"GET", "HEAD", "OPTIONS"}:
            continue
        if set(access.functions) & set(DECISIVE):
            (asks if access.recent else exempt).add(rule.endpoint)
    assert exempt == set(WITHOUT_STEP_UP), sorted(exempt ^ set(WITHOUT_STEP_UP))
    assert {
        "definitions.deploy",
        "disclosure.ask",
        "evidence.export_evidence",
        "people.give",
        "delegations.ask",
    } <= asks


def test_a_refusal_tells_who_may(log_in: Callable[[str], Browser]) -> None:
    told = assert_problem(log_in("clerk").get("/admin/work"), 403, "forbidden")
    assert "平台管理员" in told["detail"]
    assert "Platform administrator" in told["detailEn"]
