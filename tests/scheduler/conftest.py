from collections.abc import Iterator

import pytest
from sqlalchemy import text

from bootstrap.container import Platform
from tests.support.world import World

# The queue's tables are the library's and not emptied with ours; lines that earlier tests of this database left open may hold locks.
CLEAN = (
    (
        "select pg_terminate_backend(pid) from pg_stat_activity"
        " where datname = current_database() and pid <> pg_backend_pid()"
    ),
    "delete from procrastinate_jobs",
    "delete from procrastinate_workers",
)


@pytest.fixture
def world(platform: Platform) -> Iterator[World]:
    platform.sql.dispose()
    with platform.sql.begin() as connection:
        connection.execute(text("set local role none"))  # the role that runs may not end connections of others
        for statement in CLEAN:
            connection.execute(text(statement))
    yield World(platform).settle()
    with platform.sql.begin() as connection:
        connection.execute(text("delete from procrastinate_jobs"))
