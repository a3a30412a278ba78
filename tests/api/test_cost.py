"""What a request costs the database (issue: one commit and at most twelve statements to complete a task)."""

from collections.abc import Callable
from typing import Any

from sqlalchemy import event

from tests.api.browser import Browser
from tests.support import models
from tests.support.world import World

LogIn = Callable[[str], Browser]
MOST = 12


def test_completing_a_task_is_one_commit_and_few_statements(world: World, log_in: LogIn) -> None:
    world.deploy(models.simple())
    world.submit()
    clerk = log_in("clerk")
    task = world.task("review").id
    statements: list[str] = []
    commits: list[Any] = []
    engine = world.platform.sql

    def count(*args: Any) -> None:
        statements.append(args[2])

    def count_commit(connection: Any) -> None:
        commits.append(connection)

    event.listen(engine, "before_cursor_execute", count)
    event.listen(engine, "commit", count_commit)
    answer = clerk.post(
        f"/tasks/{task}/complete",
        {"action": "ACCEPT", "data": {"note": "齐全"}},
        headers={"Idempotency-Key": "0123456789abcdef"},
    )
    event.remove(engine, "before_cursor_execute", count)
    event.remove(engine, "commit", count_commit)
    assert answer.status_code == 200, answer.text
    assert len(commits) == 1
    assert len(statements) <= MOST, "\n\n".join(statements)


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
