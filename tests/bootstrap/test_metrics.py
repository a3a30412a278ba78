from __future__ import annotations

from prometheus_client.parser import text_string_to_metric_families

from bootstrap.container import Platform
from bootstrap.telemetry.exposition import metrics_probe


def figures(platform: Platform) -> dict[tuple[str, tuple[tuple[str, str], ...]], float]:
    url = platform.sql.url.render_as_string(hide_password=False)
    answer = metrics_probe(platform.settings, url, None, root_pid=1)()
    text = answer.body.decode()
    return {
        (sample.name, tuple(sorted(sample.labels.items()))): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def test_the_deployment_tells_its_state(platform: Platform) -> None:
    found = figures(platform)
    assert found["lianban_database_up", ()] == 1
    assert found["lianban_work_pending", ()] == 0
