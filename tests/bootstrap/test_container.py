import threading
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text

from bootstrap import training
from bootstrap.container import Platform
from bootstrap.settings import Settings
from domain.actors import SYSTEM
from domain.errors import Busy
from domain.sites.models import Region
from tests.support.hasty import hasty


def names(platform: Platform) -> list[str]:
    with platform.transaction(SYSTEM) as ctx:
        return list(ctx.session.scalars(text("select name from regions")))


def test_a_transaction_commits_at_its_end_and_only_there(platform: Platform) -> None:
    with platform.transaction(SYSTEM) as ctx:
        ctx.session.add(Region(code="530000", name="云南省"))
        ctx.session.flush()
        assert names(platform) == []
    assert names(platform) == ["云南省"]


def test_an_exception_rolls_everything_back(platform: Platform) -> None:
    def fail() -> None:
        with platform.transaction(SYSTEM) as ctx:
            ctx.session.add(Region(code="530000", name="云南省"))
            ctx.session.flush()
            raise RuntimeError("stop")

    with pytest.raises(RuntimeError, match="stop"):
        fail()
    assert names(platform) == []


def test_who_waits_too_long_for_a_lock_is_told_so(platform: Platform) -> None:
    with platform.transaction(SYSTEM) as ctx:
        ctx.session.add(Region(code="530000", name="云南省"))
    statement = text("select 1 from regions where code = '530000' for update")
    held, finished = threading.Event(), threading.Event()

    def hold() -> None:
        with platform.transaction(SYSTEM) as ctx:
            ctx.session.execute(statement)
            held.set()
            finished.wait(60)

    def wait_briefly() -> None:
        with platform.transaction(SYSTEM) as ctx:
            ctx.session.execute(text("set local lock_timeout = '50ms'"))
            ctx.session.execute(statement)

    other = threading.Thread(target=hold)
    other.start()
    try:
        assert held.wait(60)
        with pytest.raises(Busy):
            wait_briefly()
    finally:
        finished.set()
        other.join()


def test_connections_that_died_in_the_pool_are_replaced(platform: Platform) -> None:
    assert names(platform) == []
    platform.sql.dispose()
    with platform.sql.connect() as other:
        with platform.sql.connect() as doomed:
            mine = doomed.execute(text("select pg_backend_pid()")).scalar_one()
        other.execute(text("set local role none"))  # the role that runs may not end connections of others
        other.execute(text("select pg_terminate_backend(:pid, 60000)"), {"pid": mine})
        assert names(platform) == [], "the only one in the pool is the dead one"


def test_every_connection_is_bounded(platform: Platform) -> None:
    bare = Settings(home=platform.settings.home)
    limits = ("lock_timeout", "statement_timeout", "idle_transaction_timeout")
    usual = {name: getattr(bare, name) for name in limits}
    with hasty(platform, **usual) as ordinary, ordinary.transaction(SYSTEM) as ctx:
        shown = {
            name: ctx.session.execute(text(f"show {name}")).scalar_one()
            for name in ("lock_timeout", "statement_timeout", "idle_in_transaction_session_timeout", "jit", "TimeZone")
        }
    assert shown == {
        "lock_timeout": "3s",
        "statement_timeout": "30s",
        "idle_in_transaction_session_timeout": "10s",
        "jit": "off",
        "TimeZone": "UTC",
    }


def test_nudges_run_after_the_commit(platform: Platform) -> None:
    seen: list[tuple[object, int]] = []

    def nudge(info: dict[str, object]) -> None:
        with platform.sql.connect() as connection:
            seen.append((info.get("mark"), connection.execute(text("select count(*) from regions")).scalar_one()))

    platform.after_commit.append(nudge)
    with platform.transaction(SYSTEM) as ctx:
        ctx.session.add(Region(code="530000", name="云南省"))
        ctx.session.info["mark"] = "x"
    assert seen == [("x", 1)]


def test_the_clock_is_the_databases_and_moves_forward_only(platform: Platform) -> None:
    with platform.transaction(SYSTEM) as ctx:
        real = ctx.clock.now()
        assert abs(real - datetime.now(UTC)) < timedelta(seconds=30)
        later = training.advance(ctx, "P3D")
    with platform.transaction(SYSTEM) as ctx:
        now, offset = training.read(ctx)
        assert timedelta(0) <= now - later < timedelta(seconds=30)
        assert 3 * 86400 - 5 <= offset <= 3 * 86400 + 5
        with pytest.raises(training.ClockOnlyForward):
            training.move_to(ctx, real)
        with pytest.raises(training.NothingWaits):
            training.move_to_next(ctx)


def test_outside_training_the_offset_counts_for_nothing(platform: Platform) -> None:
    with platform.transaction(SYSTEM) as ctx:
        training.advance(ctx, "P3D")
    strict = Platform(replace(platform.settings, training=False), platform.sql)
    with strict.transaction(SYSTEM) as ctx:
        assert abs(ctx.clock.now() - datetime.now(UTC)) < timedelta(seconds=30)
    with pytest.raises(training.NotInTraining):
        training.require_training(strict.settings)
