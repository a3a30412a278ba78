"""The processes of a node's background work."""

import dataclasses
from pathlib import Path

from bootstrap.commands import serving
from bootstrap.container import Platform
from bootstrap.settings import Settings
from domain.actors import SYSTEM
from domain.identity import founding


def test_one_process_of_a_scheduler_promotes_and_the_others_only_work(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path, worker_processes=3)
    children = serving._background(settings, "scheduler")
    assert [child.command[-1] for child in children] == ["scheduler", "worker", "worker"]
    assert len({child.name for child in children}) == 3


def test_a_process_that_a_node_started_starts_no_others(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path, worker_processes=2)
    assert serving._several(settings)
    assert not serving._several(dataclasses.replace(settings, run_folder=tmp_path / "run"))
    assert not serving._several(dataclasses.replace(settings, worker_processes=1))


def test_a_start_knows_whether_somebody_administers_the_platform(platform: Platform, pg_url: str) -> None:
    assert not serving.has_administrator(pg_url)
    with platform.transaction(SYSTEM) as ctx:
        founding.create_first(ctx, "zhang.san", "张三")
    assert serving.has_administrator(pg_url)
    assert serving.has_administrator("postgresql+psycopg://nobody@127.0.0.1:1/x?connect_timeout=1")
