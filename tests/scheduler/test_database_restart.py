"""The database goes away for a while: nodes reconnect by themselves and go on."""

import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import create_engine

from bootstrap.container import Platform, make_sql_engine
from bootstrap.errors import PostgresNotReachable
from bootstrap.migrations import migrate
from bootstrap.postgres import Cluster
from bootstrap.settings import Settings
from domain.actors import SYSTEM
from domain.context import Context, Handlers
from domain.outbox import work
from domain.outbox.models import Work
from domain.outbox.work import NewWork
from scheduler import main
from tests.support.patience import PATIENCE_SECONDS as SECONDS


def _add(platform: Platform, ref: str) -> None:
    with platform.transaction(SYSTEM) as ctx:
        work.add(ctx, [NewWork("test.good", ref, ctx.clock.now())])


@pytest.mark.network
@pytest.mark.slow
@pytest.mark.timeout(600)
def test_work_goes_on_after_the_database_was_away(tmp_path: Path, settings: Settings) -> None:
    cluster = Cluster(tmp_path / "pg", durable=False)
    cluster.start()
    try:
        _restart_in_the_middle(cluster, settings)
    finally:
        cluster.destroy()


def _restart_in_the_middle(cluster: Cluster, settings: Settings) -> None:
    sql = create_engine(cluster.url())
    with sql.begin() as connection:
        migrate(connection)
    sql.dispose()
    arrived = {name: threading.Event() for name in ("before", "after")}
    platform = Platform(settings, make_sql_engine(settings, cluster.url()))
    platform.handlers = Handlers(jobs={"test.good": _tell(arrived)})
    stop = threading.Event()
    runner = threading.Thread(target=main.run, args=(platform, stop))
    runner.start()
    try:
        _add(platform, "before")
        assert arrived["before"].wait(SECONDS)
        cluster.stop()
        with pytest.raises(PostgresNotReachable):
            _add(platform, "never")
        cluster.start()
        _add(platform, "after")
        assert arrived["after"].wait(SECONDS)
    finally:
        stop.set()
        runner.join(SECONDS)
        platform.close()
    assert not runner.is_alive()


def _tell(arrived: dict[str, threading.Event]) -> Callable[[Context, Work], None]:
    def job(ctx: Context, item: Work) -> None:
        del ctx
        arrived[item.ref].set()

    return job
