"""Nodes as processes: a rolling restart loses no request, a database that hangs or goes away is told at once."""

from __future__ import annotations

import contextlib
import http.client
import itertools
import json
import signal
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Self

import psutil
import pytest
from prometheus_client.parser import text_string_to_metric_families
from sqlalchemy import Engine, create_engine, text

from bootstrap.postgres import Cluster
from bootstrap.processes import processes_in
from tests.journeys.nodes import Node, ask
from tests.support.clusters import migrated
from tests.support.patience import until

pytestmark = [pytest.mark.network, pytest.mark.slow, pytest.mark.timeout(600)]
PAGE = "/api/v1/session"
TOKEN = "a token for tests only"


class Balancer:
    """Sends each request to the next node whose /readyz says 200, as a load balancer with a short interval does."""

    def __init__(self, nodes: list[Node]) -> None:
        self._nodes = nodes
        self._ready: list[Node] = list(nodes)
        self._turn = itertools.count()
        self._ending = threading.Event()
        self.served: dict[int, int] = {node.port: 0 for node in nodes}
        self.lost: list[str] = []
        self._threads = [threading.Thread(target=self._watch), *(threading.Thread(target=self._ask) for _ in range(3))]

    def __enter__(self) -> Self:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ending.set()
        for thread in self._threads:
            thread.join()

    def _watch(self) -> None:
        while not self._ending.wait(0.1):
            self._ready = [node for node in self._nodes if node.readiness(own_port=True) == 200]

    def _ask(self) -> None:
        while not self._ending.wait(0.01):
            ready = self._ready
            if not ready:
                continue  # what was not sent is not lost
            node = ready[next(self._turn) % len(ready)]
            try:
                status = ask(node.port, PAGE).status
            except (OSError, http.client.HTTPException) as error:
                self.lost.append(f"{node.port}: {error!r}")
                continue
            self.served[node.port] += 1
            if status != 200:
                self.lost.append(f"{node.port}: {status}")


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[Cluster]:
    with migrated(Cluster(tmp_path / "pg", durable=False)) as made:
        yield made


@pytest.fixture
def database(cluster: Cluster) -> Iterator[Engine]:
    sql = create_engine(cluster.url())
    yield sql
    sql.dispose()


@contextlib.contextmanager
def running(*nodes: Node) -> Iterator[None]:
    try:
        for node in nodes:
            node.start()
        for node in nodes:
            node.wait_ready()
        yield
    finally:
        for node in nodes:
            node.kill()


@contextlib.contextmanager
def frozen(cluster: Cluster) -> Iterator[None]:
    main = cluster._adopted()
    assert main is not None
    try:
        main.suspend()  # the first, or it goes on making more
        told(processes_in(cluster._layout.data), signal.SIGSTOP)
        yield
    finally:
        told(processes_in(cluster._layout.data), signal.SIGCONT)


def told(processes: list[psutil.Process], what: signal.Signals) -> None:
    for process in processes:
        # One that ended by itself, as a worker of the autovacuum does, is gone when the first process reaps it.
        with contextlib.suppress(psutil.NoSuchProcess):
            process.send_signal(what)


def web(tmp_path: Path, cluster: Cluster, name: str, **extra: str) -> Node:
    # The balancer asks as fast as it can, from one address.
    unhurried = {"LIANBAN_READ_RATE": "off", "LIANBAN_ADDRESS_RATE": "off"}
    settings = {"LIANBAN_WEB_WORKERS": "1", "LIANBAN_NODE_NAME": name, **unhurried, **extra}
    return Node("web", tmp_path / name, cluster.url(), settings)


def figure(node: Node, name: str, **labels: str) -> float:
    text = ask(node.health_port, "/metrics").body.decode()
    samples = [sample for family in text_string_to_metric_families(text) for sample in family.samples]
    return sum(sample.value for sample in samples if sample.name == name and labels.items() <= sample.labels.items())


def soon_unready(port: int) -> bool:
    """Each answer comes, though the database never will; after the second for which the last one held it is 503."""
    until(lambda: ask(port, "/readyz").status == 503, f"{port} says that it is ready")
    return True


def test_a_rolling_restart_loses_no_request(tmp_path: Path, cluster: Cluster, database: Engine) -> None:
    nodes = [web(tmp_path, cluster, name, LIANBAN_DRAIN_DELAY="4") for name in ("one", "two")]
    with running(*nodes):
        with Balancer(nodes) as balancer:
            for node in nodes:
                threading.Event().wait(0.5)
                assert node.terminate() == 0, node.log()
                node.extra["LIANBAN_DRAIN_DELAY"] = "0"  # nobody asks any more when it ends again
                node.start()
                node.wait_ready()
            threading.Event().wait(0.5)
        assert balancer.lost == []
        assert min(balancer.served.values()) > 20, balancer.served
        with database.begin() as connection:
            rows = connection.execute(text("select name, role, capacity, abs(skew_ms) < 10000 from nodes order by 1"))
            assert [tuple(row) for row in rows] == [("one", "web", 4, True), ("two", "web", 4, True)]
        for node in nodes:
            assert node.terminate() == 0
        with database.begin() as connection:
            assert connection.execute(text("select count(*) from nodes")).scalar() == 0
    assert not list((tmp_path / "one").glob("lianban-*")), "the run folder goes with the node"


def test_figures_of_two_workers_are_added_up(tmp_path: Path, cluster: Cluster) -> None:
    node = web(tmp_path, cluster, "both", LIANBAN_WEB_WORKERS="2", LIANBAN_METRICS_TOKEN=TOKEN.replace(" ", "-"))
    with running(node):
        asked = 0

        def both_were_asked() -> bool:
            nonlocal asked
            asked += ask(node.port, PAGE).status == 200
            files = (tmp_path / "both").glob("lianban-*/counter_*.db")
            return asked >= 20 and len({path.stem for path in files if path.stat().st_size}) == 2

        until(both_were_asked, "the second worker never served")
        assert figure(node, "lianban_http_requests_total", route=PAGE, method="GET", status="200") == asked
        assert figure(node, "lianban_http_request_duration_seconds_count", route=PAGE) == asked
        assert figure(node, "lianban_nodes", role="web", state="up") == 1
        assert figure(node, "lianban_node_resident_bytes") > 10_000_000
        assert ask(node.port, "/metrics").status == 401
        told = ask(node.port, "/metrics", headers={"Authorization": f"Bearer {TOKEN.replace(' ', '-')}"})
        assert f'route="{PAGE}",status="200"}} {asked}.0' in told.body.decode()


def test_a_database_that_hangs_or_goes_away_is_told_at_once(tmp_path: Path, cluster: Cluster) -> None:
    node, worker = web(tmp_path, cluster, "web"), Node("worker", tmp_path / "worker", cluster.url())
    worker.arguments = ("--queues", "timer,service", "--concurrency", "2")
    with running(node, worker):
        with frozen(cluster):
            for port in (node.port, node.health_port, worker.health_port):
                assert soon_unready(port)
                assert ask(port, "/healthz").status == 200
        cluster.stop()
        reply = ask(node.port, PAGE)
        assert (reply.status, reply.headers["content-type"]) == (503, "application/problem+json")
        assert int(reply.headers["retry-after"]) > 0
        assert json.loads(reply.body)["code"] == "database-away"
        cluster.start()
        node.wait_ready()
        worker.wait_ready()
        assert ask(node.port, PAGE).status == 200
        assert worker.terminate() == 0, worker.log()
