"""A node: a process tree that serves pages or does work. It beats, answers for its health, and says when it is about to stop."""

from __future__ import annotations

import os
import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

import structlog

from bootstrap.key_ring import open_ring
from bootstrap.nodes.folder import is_draining, start_draining
from bootstrap.nodes.health import alive, health_port, readiness_probe
from bootstrap.nodes.heartbeat import heartbeats
from bootstrap.nodes.readiness import Readiness
from bootstrap.protection import warn
from bootstrap.settings import Settings
from bootstrap.telemetry.exposition import busy, metrics_probe
from domain.nodes.service import Beat

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Node:
    """A running node. ``drain`` says to everybody that it is about to stop; False when that was said before."""

    id: str
    folder: Path
    drain: Callable[[], bool]


@contextmanager
def run_node(
    settings: Settings,
    role: str,
    *,
    url: str,
    folder: Path,
    capacity: int,
    queues: Sequence[str] = (),
    several: bool = False,
    started: Callable[[], bool] = lambda: True,
) -> Iterator[Node]:
    """Be a node during the block. ``several``: its figures come from several processes, which keep them in ``folder``.

    ``started``: whether what it serves can be reached; before that it is not ready.
    """
    figures = folder if several or settings.run_folder is not None else None
    warn(settings)
    node_id, pid, seal = uuid.uuid4().hex, os.getpid(), open_ring(settings).seal()

    def say() -> Beat:
        key_id, blind_version = seal.settled() or (None, None)
        return Beat(
            id=node_id,
            name=settings.node_name,
            role=role,
            version=version("lianban"),
            pid=pid,
            queues=queues,
            is_draining=is_draining(folder),
            busy=busy(figures),
            capacity=capacity,
            key_id=key_id,
            blind_version=blind_version,
        )

    probes = {
        "/healthz": alive,
        "/readyz": readiness_probe(Readiness(url, lambda: is_draining(folder)), started),
        "/metrics": metrics_probe(settings, url, figures, root_pid=pid),
    }
    with health_port(settings, probes), heartbeats(url, say) as beat_now:

        def drain() -> bool:
            said = start_draining(folder)
            if said:
                log.info("node.draining", role=role, node=settings.node_name)
            beat_now()
            return said

        yield Node(node_id, folder, drain)
