from collections.abc import Iterator

import pytest
from sqlalchemy import text

from bootstrap.container import Platform
from tests.support.world import World


@pytest.fixture
def world(platform: Platform) -> Iterator[World]:
    yield World(platform).settle()
    with platform.sql.begin() as connection:  # the queue's tables are the library's, and not emptied with ours
        connection.execute(text("delete from procrastinate_jobs"))
