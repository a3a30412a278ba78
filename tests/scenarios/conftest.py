"""A scene: the demo's sites and people on a database of its own, a clock that only the test moves, and the shipped workflows.

The demo is loaded once per worker into a template; every test gets a copy. Time passes by ``advance``: whatever falls due on the
way is done at its own moment, in order.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import count
from typing import TYPE_CHECKING

import pytest
from argon2 import PasswordHasher
from sqlalchemy import NullPool, create_engine, text

from bootstrap import demo
from bootstrap.container import make_sql_engine
from domain.definitions import store
from domain.identity import passwords
from tests.support.scene import Scene, ScenePlatform

if TYPE_CHECKING:
    from bootstrap.settings import Settings

MONDAY = datetime(2026, 3, 2, 1, 30, tzinfo=UTC)
"""2026-03-02, 09:30 in China: a plain working day."""
_NUMBERS = count(1)
CHEAP = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)


@pytest.fixture(scope="session")
def demo_template(pg_admin_url: str, settings: Settings, worker_id: str) -> str:
    name = f"lianban_demo_{worker_id}"
    server = create_engine(pg_admin_url, isolation_level="AUTOCOMMIT", poolclass=NullPool)
    with server.connect() as admin:
        admin.execute(text(f"create database {name} template lianban_template"))
    engine = make_sql_engine(settings, _url(pg_admin_url, name))
    store.forget()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(passwords, "_hasher", lambda _: CHEAP)
        demo.load(ScenePlatform.at(settings, engine, MONDAY))
    engine.dispose()
    return name


@pytest.fixture
def scene(pg_admin_url: str, demo_template: str, settings: Settings, worker_id: str) -> Iterator[Scene]:
    name = f"lianban_scene_{worker_id}_{next(_NUMBERS)}"
    server = create_engine(pg_admin_url, isolation_level="AUTOCOMMIT", poolclass=NullPool)
    with server.connect() as admin:
        admin.execute(text(f"create database {name} template {demo_template}"))
    engine = make_sql_engine(settings, _url(pg_admin_url, name))
    store.forget()
    yield Scene(ScenePlatform.at(settings, engine, MONDAY))
    engine.dispose()
    store.forget()
    with server.connect() as admin:
        admin.execute(text(f"drop database {name} with (force)"))


def _url(admin_url: str, name: str) -> str:
    return admin_url.rsplit("/", 1)[0] + "/" + name
