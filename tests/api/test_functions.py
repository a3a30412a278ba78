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


def test_a_refusal_tells_who_may(log_in: Callable[[str], Browser]) -> None:
    told = assert_problem(log_in("clerk").get("/admin/work"), 403, "forbidden")
    assert "平台管理员" in told["detail"]
    assert "Platform administrator" in told["detailEn"]
