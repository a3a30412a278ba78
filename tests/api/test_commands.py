"""Every command leaves an event: by the route table, and over the command line."""

from collections.abc import Callable
from typing import Any

import click
import flask
import pytest
from sqlalchemy import text

from api.recording import EVENTLESS, KIND, TOLD, TRIALS, needs_event
from bootstrap.cli import cli
from domain.actors import SYSTEM
from domain.audit import keys
from tests.api.browser import Browser
from tests.support import models
from tests.support.world import World

LogIn = Callable[[str], Browser]
COMMANDS: dict[str, str] = {
    "contract draft": "contract.drafted",
    "deploy": "definition.deployed",
    "clock advance": "clock.moved",
    "clock set": "clock.moved",
    "clock to-next": "clock.moved",
    "clock reset": "clock.moved",
    "case demo": "case.opened",
    "audit export": "case.export",
    "audit keys": "audit.key-made",
    "audit anchor": "an anchor is itself a record",
}
"""Writing commands of the terminal and what they leave."""


def writing_routes(app: flask.Flask) -> list[tuple[str, str]]:
    return [
        (rule.endpoint, method)
        for rule in app.url_map.iter_rules()
        for method in (rule.methods or set()) - {"GET", "HEAD", "OPTIONS"}
    ]


def events(world: World) -> list[Any]:
    with world.platform.transaction(SYSTEM) as ctx:
        return list(ctx.session.execute(text("select kind, data, actor_name, origin from audit_events order by id")))


def test_every_writing_route_leaves_an_event_or_says_why_not(app: flask.Flask) -> None:
    routes = writing_routes(app)
    assert len(routes) > 80
    known = {endpoint for endpoint, _ in routes}
    assert sorted(EVENTLESS.keys() - known) == [], "these routes are gone"
    silent = {endpoint for endpoint, method in routes if not needs_event(endpoint, method)}
    assert {name for name in silent if not name.startswith(TRIALS)} == set(EVENTLESS)
    assert all(len(why) > 10 for why in EVENTLESS.values())


def test_what_an_address_names_is_recorded_except_for_one_time_tokens(app: flask.Flask) -> None:
    recorded = [rule for rule in app.url_map.iter_rules() if needs_event(rule.endpoint, max(rule.methods or {"GET"}))]
    names = {name for rule in recorded for name in rule.arguments if not rule.rule.startswith("/oidc/")}
    assert names - TOLD == {"token"}


def test_a_command_that_says_nothing_itself_is_recorded(world: World, log_in: LogIn) -> None:
    log_in("clerk").send("DELETE", "/session")
    rows = [row for row in events(world) if row.kind == KIND]
    assert [row.data["command"] for row in rows][-1] == "session.log_out"


def test_a_refused_command_leaves_nothing(world: World, log_in: LogIn) -> None:
    clerk = log_in("clerk")
    before = len(events(world))
    assert clerk.post("/admin/legs/1/suspend", {"note": "x"}).status_code in (403, 404)
    assert len(events(world)) == before


def test_a_command_says_who_where_from_and_what(world: World, log_in: LogIn) -> None:
    world.deploy(models.simple())
    world.submit()
    clerk = log_in("clerk")
    answer = clerk.post(f"/tasks/{world.task('review').id}/claim")
    assert answer.status_code == 200
    row = next(row for row in events(world) if row.kind == "task.claimed")
    assert row.actor_name == "clerk"
    assert row.origin["role"] == "RECV_CLERK"
    assert row.origin["request"] == answer.headers["X-Request-Id"]
    assert len(row.origin["session"]) >= 16


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_commands_of_the_terminal_are_known(name: str) -> None:
    group, _, sub = name.partition(" ")
    found = cli.commands[group]
    assert not sub or (isinstance(found, click.Group) and sub in found.commands)


def test_commands_without_a_case_are_recorded_too(world: World) -> None:
    world.deploy(models.simple())
    world.pass_time("P1D")
    with world.platform.transaction(SYSTEM) as ctx:
        keys.rotate(ctx)
    kinds = [row.kind for row in events(world)]
    assert {"definition.deployed", "clock.moved", "audit.key-made"} <= set(kinds)
