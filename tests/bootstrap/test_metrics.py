from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from prometheus_client.parser import text_string_to_metric_families

from bootstrap.container import Platform
from bootstrap.telemetry.exposition import metrics_probe


def figures(platform: Platform, home: Path) -> dict[tuple[str, tuple[tuple[str, str], ...]], float]:
    url = platform.sql.url.render_as_string(hide_password=False)
    answer = metrics_probe(replace(platform.settings, home=home), url, None, root_pid=1)()
    text = answer.body.decode()
    return {
        (sample.name, tuple(sorted(sample.labels.items()))): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def test_the_deployment_tells_its_state(platform: Platform, tmp_path: Path) -> None:
    found = figures(platform, tmp_path / "never" / "made")
    assert found["lianban_disk_free_bytes", ()] > 0
    assert found["lianban_database_up", ()] == 1
    assert found["lianban_work_pending", ()] == 0
