"""Rates hold for the deployment: what one process lets through counts for all."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import event, select

from api.app import create_app
from api.limits import PROGRESS, Buckets, Rate, TooManyRequests
from bootstrap.container import Platform
from bootstrap.rates import sharing
from domain.actors import SYSTEM
from domain.rates.models import RateBucket
from domain.rates.service import drop_full
from tests.api.browser import Browser, assert_problem
from tests.support.world import World

LogIn = Callable[[str], Browser]
SLOW = Rate("slow", burst=3, seconds=3600.0)
HOUR = timedelta(hours=1)


def test_two_processes_count_together(world: World) -> None:
    visitors = [Browser(create_app(world.platform)) for _ in range(2)]
    asked = {"queryCode": "000000000000", "idLast4": "0000"}
    for visitor in visitors:
        visitor.session()
    answers = []
    for number in range(2 * PROGRESS.burst - 2):  # for neither process too many; tokens come back to a slow machine
        answers.append(visitors[number % 2].post("/progress", asked))
        if answers[-1].status_code == 429:
            break
    assert len(answers) > PROGRESS.burst
    assert {answer.status_code for answer in answers[:-1]} == {404}  # refused and rolled back, and counted all the same
    assert_problem(answers[-1], 429, "too-many-requests")
    assert 1 <= int(answers[-1].headers["Retry-After"]) <= PROGRESS.seconds


def test_a_flood_is_stopped_before_it_reaches_the_database() -> None:
    asked: list[str] = []

    def take(*asking: str | float) -> float:
        asked.append(str(asking[1]))
        return 0.0

    buckets = Buckets(take, now=lambda: 0.0)
    for _ in range(SLOW.burst):
        buckets.take(SLOW, "one")
    with pytest.raises(TooManyRequests):
        buckets.take(SLOW, "one")
    buckets.take(SLOW, "two")
    assert asked == ["one"] * SLOW.burst + ["two"]


def test_tokens_come_back_and_full_buckets_go(platform: Platform) -> None:
    take = sharing(platform.sql)
    assert [take("slow", "one", 2, 3600.0) for _ in range(2)] == [0.0, 0.0]
    assert 3500 < take("slow", "one", 2, 3600.0) <= 3600
    assert take("slow", "two", 2, 3600.0) == 0.0
    assert take("other", "one", 2, 0.0) == 0.0
    with platform.transaction(SYSTEM) as ctx:
        assert drop_full(ctx) == 1  # of the rate whose tokens come back at once
        assert len(ctx.session.scalars(select(RateBucket.key)).all()) == 2
        ctx.session.execute(RateBucket.__table__.update().values(full_at=ctx.clock.now()))  # type: ignore[attr-defined]
    assert take("slow", "one", 2, 3600.0) == 0.0


def test_ordinary_use_costs_nothing_and_a_flood_is_counted_by_all_processes(world: World) -> None:
    settings = replace(world.platform.settings, read_rate=(40, 3600.0), search_rate=None)
    twins = [Browser(create_app(replace(world.platform, settings=settings))) for _ in range(2)]
    for twin in twins:
        twin.log_in("clerk")
    first = twins[0].get("/tasks")
    assert first.status_code == 200
    with world.platform.transaction(SYSTEM) as ctx:
        assert not ctx.session.scalars(select(RateBucket.key).where(RateBucket.full_at > ctx.clock.now() + HOUR)).all()
    answers = [twins[number % 2].get("/session") for number in range(50)]
    refused = [answer for answer in answers if answer.status_code == 429]
    assert 5 <= len(refused) <= 15  # forty for the person, whichever process is asked; a process may be a chunk ahead
    assert refused[0].get_json()["next"].startswith("请等待")
    assert twins[0].post("/cases/search", {"q": "张"}).status_code == 200  # a rate that is off


def test_an_address_has_a_rate_of_its_own(world: World) -> None:
    settings = replace(world.platform.settings, address_rate=(3, 3600.0))
    visitor = Browser(create_app(replace(world.platform, settings=settings)))
    answers = [visitor.get("/items") for _ in range(4)]
    assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
    assert_problem(answers[-1], 429, "too-many-requests")


def test_applications_have_a_rate(world: World, log_in: LogIn) -> None:
    settings = replace(world.platform.settings, apply_rate=(2, 3600.0))
    person = Browser(create_app(replace(world.platform, settings=settings))).log_in("applicant")
    answers = [person.post("/applications", {"itemCode": "none", "data": {}}) for _ in range(3)]
    assert [answer.status_code == 429 for answer in answers] == [False, False, True]
    assert log_in("applicant").get("/my/cases").status_code == 200


@pytest.fixture
def statements(platform: Platform) -> Iterator[list[str]]:
    seen: list[str] = []

    def count(*args: object) -> None:
        seen.append(str(args[2]))

    event.listen(platform.sql, "before_cursor_execute", count)
    yield seen
    event.remove(platform.sql, "before_cursor_execute", count)


def test_a_token_is_one_statement(platform: Platform, statements: list[str]) -> None:
    sharing(platform.sql)("slow", "one", 2, 3600.0)
    assert len(statements) == 1
