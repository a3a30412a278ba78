"""Running numbers: cases opened at one site do not wait for each other; numbers without gaps are never waited for in a circle."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select, text

from domain.actors import SYSTEM
from domain.cases.errors import DuplicateApplication
from domain.cases.rows import LegRow
from domain.sites import numbering
from domain.sites.models import Site
from tests.support import models
from tests.support.interleaving import COMMIT, Act, Director, interleavings
from tests.support.world import World


def test_two_openings_at_one_site_do_not_wait_for_each_other(world: World) -> None:
    world.deploy(models.simple())
    director = Director(world.platform.sql)
    stops = director.rehearse(lambda: world.submit(subject="first"))
    assert stops.count(COMMIT) == 1
    assert stops[-1] == COMMIT
    played = director.play(
        lambda: world.submit(subject="second"), lambda: world.submit(subject="third"), stop=len(stops) - 1
    )
    assert not played.waited, "it waits for the commit of the other"
    assert isinstance(played.first, LegRow)
    assert isinstance(played.second, LegRow)
    assert [int(leg.case.case_no[-4:]) for leg in (played.first, played.second)] == [2, 3]
    assert [int(leg.case.collab_no[-6:]) for leg in (played.first, played.second)] == [2, 3]


def test_an_opening_that_fails_leaves_a_gap_and_nothing_else(world: World) -> None:
    world.deploy(models.simple())
    world.submit(subject="same")
    with pytest.raises(DuplicateApplication):
        world.submit(subject="same")
    assert world.submit(subject="another").case.case_no.endswith("0003")
    with world.platform.sql.connect() as connection:
        assert connection.execute(text("select count(*) from cases")).scalar_one() == 2


def test_where_no_connection_is_free_the_number_is_taken_in_the_step(world: World) -> None:
    """Who waits for a second connection holds a first one: nobody would get on."""
    world.deploy(models.simple())
    world.submit(subject="the model is known from here on")
    pool: Any = world.platform.sql.pool
    others = [world.platform.sql.connect() for _ in range(pool.size() + pool._max_overflow - 1)]
    try:
        assert world.submit(subject="first").case.case_no.endswith("0002")
    finally:
        for each in others:
            each.close()
    assert world.submit(subject="second").case.case_no.endswith("0003")


def test_a_connection_that_died_in_the_pool_is_replaced(world: World) -> None:
    world.deploy(models.simple())
    world.submit(subject="first")
    kill = text(
        "select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()"
    )
    with world.platform.sql.connect() as mine:
        mine.execute(text("set local role none"))  # the role that runs may not end connections of others
        mine.execute(kill)
        assert world.submit(subject="second").case.case_no[-4:] in {"0002", "0003"}


def test_numbers_without_gaps_in_opposite_order(world: World) -> None:
    """Two steps of one site take two series, each the other way round: one after the other, no deadlock."""

    def take(words: str) -> Act:
        def act() -> list[str]:
            with world.platform.transaction(SYSTEM) as ctx:
                site = ctx.session.scalars(select(Site).order_by(Site.id)).first()
                assert site is not None
                return [numbering.document_number(ctx.session, site, word, ctx.clock.now()) for word in words]

        return act

    taken: list[str] = []
    for _, one, two, _ in interleavings(world.platform.sql, lambda: None, lambda _: (take("迁受"), take("受迁"))):
        assert isinstance(one, list), one
        assert isinstance(two, list), two
        taken += [*one, *two]
    rehearsed = 2
    for word in "迁受":
        numbers = sorted(int(each.partition("〕")[2].removesuffix("号")) for each in taken if f"{word}〔" in each)
        assert numbers == list(range(rehearsed + 1, rehearsed + 1 + len(numbers)))
