"""One world and one walk for all tests of this package; what is logged meanwhile is kept."""

from __future__ import annotations

import io
import logging
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog

from bootstrap.container import make_sql_engine
from bootstrap.logging import configure_logging
from bootstrap.settings import Settings
from domain.definitions import store
from tests.leaks.oracle import Oracle
from tests.leaks.report import write_report
from tests.leaks.walk import Walk
from tests.leaks.world import World, build
from tests.scenarios.conftest import MONDAY, monday_template
from tests.support.databases import copied
from tests.support.scene import Scene, ScenePlatform

__all__ = ["monday_template"]


@pytest.fixture(scope="package")
def logged() -> Iterator[io.StringIO]:
    """Everything that is logged, down to DEBUG, as production writes it."""
    root = logging.getLogger()
    before, level, config = root.handlers[:], root.level, structlog.get_config()
    configure_logging(style="json", level="DEBUG")
    structlog.configure(cache_logger_on_first_use=False)
    stream = io.StringIO()
    handler = root.handlers[0]
    assert isinstance(handler, logging.StreamHandler)
    handler.setStream(stream)
    yield stream
    root.handlers[:] = before
    root.setLevel(level)
    structlog.configure(**config)


@pytest.fixture(scope="package")
def world(
    pg_admin_url: str, monday_template: str, settings: Settings, worker_id: str, logged: io.StringIO
) -> Iterator[World]:
    """The world, on a copy of the demo's database."""
    del logged
    with copied(pg_admin_url, f"lianban_leaks_{worker_id}", template=monday_template) as url:
        engine = make_sql_engine(settings, url)
        store.forget()
        yield build(Scene(ScenePlatform.at(settings, engine, MONDAY)))
        engine.dispose()
        store.forget()


@pytest.fixture(scope="package")
def walk(world: World) -> Iterator[Walk]:
    """The walk so far; its counts become the report where ``LEAKS_REPORT`` names a file."""
    made = Walk(world, Oracle(world.cases))
    yield made
    if target := os.environ.get("LEAKS_REPORT"):
        write_report(made, Path(target))
