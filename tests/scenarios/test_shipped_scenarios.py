"""The designers' scenarios of the shipped workflows: all pass, and together they reach what can be reached."""

from __future__ import annotations

from pathlib import Path

import pytest

from bootstrap.scenarios import reports
from bootstrap.scenarios.running import run
from bootstrap.settings import ROOT, Settings

REACHED = {
    "hukou-join-parents": (100.0, []),
    # the platform refuses a withdrawal past the point of no return before the model hears of it (cases.withdraw);
    # what the model would answer then is its second line of defence
    "water-safety-change": (98.5, ["withdrawRefused", "withdrawNot"]),
}


@pytest.mark.slow
@pytest.mark.timeout(300)
@pytest.mark.parametrize("key", sorted(REACHED))
def test_the_shipped_scenarios_pass_and_reach_the_model(pg_admin_url: str, settings: Settings, key: str) -> None:
    results = run(settings, [ROOT / "workflows" / key], server=pg_admin_url)
    told = "\n".join(line for outcome in results.failed for line in reports.failure_of(outcome))
    assert results.failed == [], told
    [coverage] = results.coverage
    percent, missing = REACHED[key]
    assert coverage.percent >= percent
    assert [each for pool in coverage.pools for each in pool.missing_elements] == missing
    ends = {each for pool in coverage.pools for each in pool.elements if "End" in each or "closed" in each}
    assert ends <= {each for pool in coverage.pools for each in pool.reached}


def test_every_shipped_workflow_has_scenarios() -> None:
    folders = {path.parent for path in (ROOT / "workflows").rglob("*.bpmn")}
    without = [folder.name for folder in folders if not list(Path(folder).glob("*.scenario.yaml"))]
    assert folders
    assert without == []
