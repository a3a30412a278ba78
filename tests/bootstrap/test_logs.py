"""The log of both items, written down at the finest level, says nothing about anybody."""

from __future__ import annotations

import io
import json
import logging
import re
import sys
from collections.abc import Iterator
from contextlib import nullcontext
from typing import Any

import pytest
import structlog

from bootstrap.container import Platform
from bootstrap.demo import load
from bootstrap.demo.households import CHILDREN
from bootstrap.demo.people import APPLICANTS
from bootstrap.logging import configure_logging
from bootstrap.scenarios.running import run
from bootstrap.settings import ROOT, Settings
from bootstrap.story import Story
from domain.definitions import store

NAMES = {person.name for person in APPLICANTS} | {child.name for child in CHILDREN} | {"韦永安", "测试联系人"}
NUMBERS = re.compile(r"(?<!\d)(\d{17}[\dXx]|1[3-9]\d{9})(?!\d)")
ADDRESS = re.compile(r"\d+号")


@pytest.fixture
def log(monkeypatch: pytest.MonkeyPatch) -> Iterator[io.StringIO]:
    """What the process writes, as it writes it."""
    root = logging.getLogger()
    handlers, level = list(root.handlers), root.level
    written = io.StringIO()
    monkeypatch.setattr(sys, "stderr", written)
    monkeypatch.setattr(structlog.testing, "capture_logs", nullcontext)
    configure_logging(style="json", level="DEBUG", node="test-node")
    yield written
    root.handlers[:] = handlers
    root.setLevel(level)
    structlog.reset_defaults()


def lines(log: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in log.getvalue().splitlines()]


def assert_nobody(text: str) -> None:
    assert len(NAMES) > 5
    assert [name for name in NAMES if name in text] == []
    assert NUMBERS.findall(text) == []
    assert ADDRESS.findall(text) == []


@pytest.mark.slow
def test_a_whole_household_move_names_nobody(platform: Platform, log: io.StringIO) -> None:
    store.forget()
    load(platform)
    list(Story(platform).play())
    logging.getLogger("elsewhere").warning("the log is open")
    assert {line["node"] for line in lines(log)} == {"test-node"}
    assert_nobody(log.getvalue())


@pytest.mark.slow
def test_both_items_of_the_scenarios_name_nobody(settings: Settings, pg_admin_url: str, log: io.StringIO) -> None:
    happy = [
        ROOT / "workflows" / item / "happy.scenario.yaml" for item in ("hukou-join-parents", "water-safety-change")
    ]
    results = run(settings, happy, server=pg_admin_url)
    assert results.outcomes
    assert all(outcome.passed for outcome in results.outcomes)
    assert_nobody(log.getvalue())
