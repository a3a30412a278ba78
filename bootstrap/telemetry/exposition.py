"""What a collector gets: the node's figures added up over its processes, the node's processes, the deployment's state."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import psutil
from prometheus_client import REGISTRY, CollectorRegistry, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector, mark_process_dead

from bootstrap.nodes.health import Answer, Probe
from bootstrap.settings import Settings
from bootstrap.telemetry.deployment import DeploymentCollector
from bootstrap.telemetry.process import ProcessCollector

MEDIA_TYPE: Final = "text/plain; version=0.0.4; charset=utf-8"
_LIVE: Final = "gauge_livesum_*.db"
_BUSY: Final = ("lianban_http_requests_in_progress", "lianban_jobs_in_progress")


def metrics_probe(settings: Settings, url: str, folder: Path | None, *, root_pid: int) -> Probe:
    """``/metrics`` of a node. ``folder`` is where its processes keep their figures, None when it is this process alone."""
    registry = CollectorRegistry()
    registry.register(DeploymentCollector(url, settings))
    registry.register(ProcessCollector(root_pid))

    def probe() -> Answer:
        return Answer(200, generate_latest(_own(folder)) + generate_latest(registry), MEDIA_TYPE)

    return probe


def busy(folder: Path | None) -> int:
    """How many requests and jobs the node works at now."""
    if folder is None:
        found = [metric for name in _BUSY for metric in REGISTRY.restricted_registry([name]).collect()]
    else:
        files = [str(path) for path in folder.glob(_LIVE) if _lives(path, folder)]
        found = list(MultiProcessCollector.merge(files))  # type: ignore[no-untyped-call]
    return round(sum(sample.value for metric in found if metric.name in _BUSY for sample in metric.samples))


def _lives(path: Path, folder: Path) -> bool:
    """What a process that ended was doing is no longer being done; what it had counted stays."""
    pid = int(path.stem.rpartition("_")[2])
    if psutil.pid_exists(pid):
        return True
    mark_process_dead(pid, path=str(folder))  # type: ignore[no-untyped-call]
    return False


def _own(folder: Path | None) -> CollectorRegistry:
    if folder is None:
        return REGISTRY
    registry = CollectorRegistry()
    MultiProcessCollector(registry, path=str(folder))  # type: ignore[no-untyped-call]
    return registry
