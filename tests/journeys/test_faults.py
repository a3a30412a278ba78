"""Nodes killed and the database fallen in the middle of the household move, with wrong clocks: the small version of bench/faults.

The harm comes at shares of the work that is done, not at times: it is the same on a machine that is ten times slower.
"""

from pathlib import Path

import pytest

from bench.faults.__main__ import Plan, run

pytestmark = [pytest.mark.network, pytest.mark.slow, pytest.mark.timeout(2400)]


def test_nothing_is_lost_and_nothing_doubled(tmp_path: Path) -> None:
    plan = Plan(
        cases=6, calm=2, nodes=2, kill_every=0.5, kills=2, database_restarts=1, seconds=1200, hands=4, freeze=False
    )
    verdict, report = run(plan, tmp_path)
    assert verdict.wrong == [], (report, verdict.lines)
    assert report["harm"] == {"node": 1, "scheduler": 1, "database immediate": 1}
    assert report["facts different"] == 0
    assert report["timers fired"] == report["timers expected"]
