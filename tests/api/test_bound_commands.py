"""Commands under the reach of whoever owns them: what they mean to change is changed (docs/visibility.md).

Every engine of the tests is watched (``tests/support/reach_watch.py``): a change that the policies cut short fails the test. Here are the
roles that no other test of the API lets act on a case; and that the watching itself works.
"""

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import ProgrammingError

from scheduler.jobs import run_due
from tests.api.browser import Browser
from tests.support import models, reach_watch
from tests.support.world import World

LogIn = Callable[[str], Browser]
NOTE = {"note": "请尽快办理"}
ACTS: tuple[tuple[str, str, dict[str, Any] | None], ...] = (
    ("overseer", "/cases/{case}/supervise", NOTE),
    ("chief", "/cases/{case}/urge", NOTE),
    ("admin", "/admin/legs/{main}/suspend", NOTE),
    ("admin", "/admin/legs/{main}/resume", None),
    ("clerk", "/tasks/{prepare}/claim", None),
    ("clerk", "/tasks/{prepare}/release", None),
    ("partner", "/tasks/{work}/claim", None),
    ("partner", "/tasks/{work}/release", None),
    ("admin", "/admin/legs/{partner}/suspend", NOTE),
    ("admin", "/admin/legs/{partner}/resume", None),
)
"""(who, where, with what), in this order on one case; ``prepare`` is completed before the first that names ``work`` or ``partner``."""


def test_whoever_owns_a_command_changes_what_it_means(world: World, log_in: LogIn) -> None:
    world.deploy(models.joint())
    main = world.submit()
    places = {"case": world.case().case_no, "main": main.id, "prepare": world.task("prepare").id}
    people: dict[str, Browser] = {}
    for who, path, body in ACTS:
        if ("{work}" in path or "{partner}" in path) and "work" not in places:
            world.complete("clerk", "prepare", reason="事由")
            run_due(world.platform)
            places |= {"work": world.task("work").id, "partner": world.legs()["P_partner"].id}
        browser = people[who] = people.get(who) or log_in(who)
        answer = browser.post(path.format(**places), body)
        assert answer.status_code in (200, 201, 204), f"{who} {path}: {answer.text}"


def test_a_change_that_is_cut_short_does_not_go_unnoticed(world: World) -> None:
    world.deploy(models.simple())
    world.submit()
    with pytest.raises(reach_watch.Vanished), world.platform.transaction(world.people["partner"]) as ctx:
        ctx.session.execute(text("update legs set version = version + 1"))
    assert world.legs()["P_main"].version == 1


def test_what_is_seen_and_may_not_be_changed_is_refused_by_the_database(world: World) -> None:
    """Not left out without a word: an update finds what its actor sees, and the check says no."""
    world.deploy(models.simple())
    world.submit()
    assert world.count("work") > 0
    with (
        pytest.raises(ProgrammingError, match="row-level security"),
        world.platform.transaction(world.people["clerk"]) as ctx,
    ):
        ctx.session.execute(text("update work set attempts = attempts + 1 where case_id is not null"))


@pytest.mark.parametrize(
    ("statement", "found"),
    [
        ("UPDATE tasks SET draft=1", {"tasks"}),
        ("with gone as (delete from work where id = 1) select 1", {"work"}),
        ("select 1 from cases for update of cases", set()),
        ("insert into users (id) values (1) on conflict do update set id = 2", set()),
        ("delete from users", set()),
    ],
)
def test_changes_are_recognised(statement: str, found: set[str]) -> None:
    assert reach_watch.changed_tables(statement) == found
