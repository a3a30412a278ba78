"""Nodes killed and the database restarted in the middle of the household move, with wrong clocks: the small version of bench/faults."""

from pathlib import Path

import pytest

from bench.faults.__main__ import Plan, run

pytestmark = [pytest.mark.network, pytest.mark.slow, pytest.mark.timeout(540)]


def test_nothing_is_lost_and_nothing_doubled(tmp_path: Path) -> None:
    plan = Plan(cases=9, nodes=2, kill_every=2.5, kills=4, database_restarts=1, seconds=300, hands=4, freeze=False)
    verdict, report = run(plan, tmp_path)
    assert verdict.wrong == [], report
    assert report["facts different"] == 0
    assert report["timers fired"] == report["timers expected"]
    assert sum(report["harm"].values()) >= 3, report["harm"]
