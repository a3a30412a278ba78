"""A scene: the demo's sites and people on a database of its own, a clock that only the test moves, and the shipped workflows.

The demo is loaded once into a template; every test gets a copy. Time passes by ``advance``: whatever falls due on the
way is done at its own moment, in order.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from bootstrap import demo
from bootstrap.container import make_sql_engine
from domain.definitions import store
from tests.support.databases import copied, make_once
from tests.support.scene import Scene, ScenePlatform

if TYPE_CHECKING:
    from bootstrap.settings import Settings

MONDAY = datetime(2026, 3, 2, 1, 30, tzinfo=UTC)
"""2026-03-02, 09:30 in China: a plain working day."""


@pytest.fixture(scope="session")
def monday_template(pg_admin_url: str, settings: Settings) -> str:
    def fill(url: str) -> None:
        engine = make_sql_engine(settings, url)
        store.forget()
        demo.load(ScenePlatform.at(settings, engine, MONDAY))
        engine.dispose()

    return make_once(pg_admin_url, "lianban_monday", fill)


@pytest.fixture
def scene(pg_admin_url: str, monday_template: str, settings: Settings, worker_id: str) -> Iterator[Scene]:
    with copied(pg_admin_url, f"lianban_scene_{worker_id}", template=monday_template) as url:
        engine = make_sql_engine(settings, url)
        store.forget()
        yield Scene(ScenePlatform.at(settings, engine, MONDAY))
        engine.dispose()
        store.forget()
