"""What a request costs the database (issue: one commit and at most twelve statements to complete a task)."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy import event, text, update

from api.app import create_app
from bootstrap.container import Platform
from bootstrap.settings import Settings
from domain.actors import SYSTEM
from domain.identity.models import LoginSession
from tests.api.browser import Browser
from tests.api.conftest import settle
from tests.support import models
from tests.support.owner import owned_by_what_runs
from tests.support.world import World

LogIn = Callable[[str], Browser]
MOST = 12
TELLS = "set_config('lianban.sites'"


@contextmanager
def watched(platform: Platform) -> Iterator[tuple[list[str], list[Any]]]:
    """Statements and commits of the block."""
    statements: list[str] = []
    commits: list[Any] = []

    def count(*args: Any) -> None:
        statements.append(args[2])

    def count_commit(connection: Any) -> None:
        commits.append(connection)

    event.listen(platform.sql, "before_cursor_execute", count)
    event.listen(platform.sql, "commit", count_commit)
    yield statements, commits
    event.remove(platform.sql, "before_cursor_execute", count)
    event.remove(platform.sql, "commit", count_commit)


def cost_of_completing(world: World, clerk: Browser) -> tuple[list[str], int]:
    """The statements of one completion over HTTP, and its commits."""
    task = world.task("review").id
    body = {"action": "ACCEPT", "data": {"note": "齐全"}}
    with watched(world.platform) as (statements, commits):
        answer = clerk.post(f"/tasks/{task}/complete", body, headers={"Idempotency-Key": "0123456789abcdef"})
    assert answer.status_code == 200, answer.text
    return statements, len(commits)


def test_completing_a_task_is_one_commit_and_few_statements(world: World, log_in: LogIn) -> None:
    world.deploy(models.simple())
    world.submit()
    statements, commits = cost_of_completing(world, log_in("clerk"))
    assert commits == 1
    assert len(statements) <= MOST, "\n\n".join(statements)
    assert sum(TELLS in each for each in statements) == 1, (
        "the statement that finds out who asks also tells the database"
    )


@pytest.mark.parametrize(
    ("login", "more"), [("clerk", 0), ("applicant", 0), ("admin", 0), ("auditor", 0), ("overseer", 1)]
)
def test_who_asks_is_told_on_the_way(world: World, log_in: LogIn, login: str, more: int) -> None:
    """Only supervisors of a region, whose sites nobody's own roles name, cost one statement more."""
    browser = log_in(login)
    with watched(world.platform) as (statements, _):
        assert browser.get("/session").status_code == 200
    assert sum(TELLS in each for each in statements) == 1 + more
    assert TELLS in statements[0]


def test_somebody_who_owes_a_duty_reaches_no_further_than_a_visitor(world: World, log_in: LogIn) -> None:
    """Where he is treated as a visitor the database is told of nobody before anything else happens."""
    clerk = log_in("clerk")
    with world.platform.transaction(SYSTEM) as ctx:
        ctx.session.execute(update(LoginSession).values(must="second-factor"))
    with watched(world.platform) as (statements, _):
        assert clerk.get("/items").status_code == 200
    assert TELLS in statements[0]
    assert TELLS in statements[1]


@pytest.fixture(scope="module")
def owner(pg_admin_url: str, settings: Settings) -> Iterator[Platform]:
    with owned_by_what_runs(pg_admin_url, settings) as platform:
        yield platform


def test_without_a_role_of_its_own_the_owner_is_bound_and_a_step_costs_the_same(owner: Platform, world: World) -> None:
    """LIANBAN_DATABASE_ROLE=none: where no role may be made the policies are forced on the tables' owner."""
    there = World(owner, settle(owner))
    for each in (world, there):
        each.deploy(models.simple())
        each.submit()
    clerk = Browser(create_app(owner)).log_in("clerk")
    (own, _), (owners, commits) = (
        cost_of_completing(each, browser)
        for each, browser in ((world, Browser(create_app(world.platform)).log_in("clerk")), (there, clerk))
    )
    assert commits == 1
    assert [TELLS in each for each in owners].count(True) == 1
    assert len(owners) <= max(MOST, len(own))
    assert there.open_tasks() == world.open_tasks()
    with owner.transaction(there.people["stranger"]) as ctx:
        assert ctx.session.execute(text("select count(*) from cases")).scalar_one() == 0
    with owner.transaction(there.people["clerk"]) as ctx:
        assert ctx.session.execute(text("select count(*) from cases")).scalar_one() == 1
        assert ctx.session.execute(text("select row_security_active('cases')")).scalar_one()


def test_reading_the_inbox_costs_the_same_for_one_and_for_many(world: World, log_in: LogIn) -> None:
    world.deploy(models.simple())
    clerk = log_in("clerk")
    counted = []
    engine = world.platform.sql
    for number in range(4):
        world.submit(subject=f"53262220150601000{number}")
        statements: list[str] = []

        def count(*args: Any, kept: list[str] = statements) -> None:
            kept.append(args[2])

        event.listen(engine, "before_cursor_execute", count)
        clerk.get("/tasks")
        event.remove(engine, "before_cursor_execute", count)
        counted.append(len(statements))
    assert counted[0] == counted[-1] <= 8, counted
