"""The deployment's state as its database tells it: asked for at most every few seconds, bounded in time and in rows."""

from __future__ import annotations

import shutil
import threading
import time
from collections.abc import Iterator
from datetime import timedelta
from importlib.metadata import version
from typing import Any, Final

import psycopg
import structlog
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from bootstrap.settings import Settings
from domain.nodes.service import SILENT

log = structlog.get_logger(__name__)
FRESH_SECONDS: Final = 10.0
MOST_ROWS: Final = 100_000
"""Waiting work is counted up to here: the index of a million rows is not read for a gauge."""
_OPTIONS = "-c statement_timeout=2000 -c default_transaction_read_only=on -c timezone=UTC -c lianban.scope=system"

_LIMITS = {"most": MOST_ROWS}
_PENDING = "select count(*) from (select 1 from work where state = 'pending' limit %(most)s) as counted"
_DUE = """
    with clock as materialized (
        select clock_timestamp() + make_interval(secs => coalesce((select offset_seconds from training_clock), 0)) as now
    )
    select queue, count(*), extract(epoch from (select now from clock) - min(due_at)) from (
        select queue, due_at from work
        where state = 'pending' and due_at <= (select now from clock) order by due_at, id limit %(most)s
    ) as due group by queue
"""
_PROMOTED = """
    select queue, count(*) from (select queue from work where state = 'promoted' limit %(most)s) as counted group by queue
"""
_INCIDENTS = """
    select work_id is not null, count(*)
    from (select work_id from incidents where resolved_at is null limit %(most)s) as counted group by 1
"""
_PARKED = "select count(*) from (select 1 from messages where state = 'parked' limit %(most)s) as counted"
_NODES = """
    select role, case when heartbeat_at < clock_timestamp() - %s::interval then 'silent'
                      when is_draining then 'draining' else 'up' end, count(*), max(abs(skew_ms)) / 1000.0
    from nodes group by 1, 2
"""
_SIZE = "select pg_database_size(current_database())"
_CONNECTIONS = """
    select (select count(*) from pg_stat_activity where backend_type = 'client backend'),
           current_setting('max_connections')::int
"""


class DeploymentCollector(Collector):
    """Gauges over the database and the disk of this node. Any node tells the same of the database: take the maximum, not the sum."""

    def __init__(self, url: str, settings: Settings) -> None:
        self._url = url.replace("postgresql+psycopg://", "postgresql://")
        self._settings = settings
        self._lock = threading.Lock()
        self._up = True
        self._known: tuple[float, list[Metric]] = (float("-inf"), [])

    def collect(self) -> Iterator[Metric]:
        """The gauges; those of the database are missing while it is away."""
        with self._lock:
            if time.monotonic() - self._known[0] >= FRESH_SECONDS:
                self._known = (time.monotonic(), self._ask())
            known = self._known[1]
        yield from known
        info = GaugeMetricFamily("lianban_build_info", "Always 1; the version is in the label.", labels=["version"])
        info.add_metric([version("lianban")], 1)
        yield info
        home = self._settings.home  # a node with its keys in the settings and another's database never makes it
        disk = shutil.disk_usage(next(folder for folder in (home, *home.parents) if folder.exists()))
        yield GaugeMetricFamily("lianban_disk_free_bytes", "Free space where LIANBAN_HOME lies.", value=disk.free)
        yield GaugeMetricFamily(
            "lianban_disk_size_bytes", "Size of the disk where LIANBAN_HOME lies.", value=disk.total
        )

    def _ask(self) -> list[Metric]:
        up = GaugeMetricFamily("lianban_database_up", "Whether the database answered the last question.")
        try:
            with psycopg.connect(
                self._url, autocommit=True, connect_timeout=2, application_name="lianban-metrics", options=_OPTIONS
            ) as connection:
                found = list(_gauges(connection))
        except psycopg.Error as error:
            if self._up:
                log.warning("metrics.database_away", reason=type(error).__name__)
            self._up = False
            up.add_metric([], 0)
            return [up]
        self._up = True
        up.add_metric([], 1)
        return [up, *found]


def _gauges(connection: psycopg.Connection[Any]) -> Iterator[Metric]:
    def one(query: str) -> Any:
        return connection.execute(query, _LIMITS).fetchone()

    text = f"Work that waits for its time, counted up to {MOST_ROWS}."
    yield GaugeMetricFamily("lianban_work_pending", text, value=one(_PENDING)[0])
    due = GaugeMetricFamily("lianban_work_due", "Work that is due and not yet handed to a worker.", labels=["queue"])
    oldest = GaugeMetricFamily(
        "lianban_work_oldest_due_seconds", "For how long the oldest has been due.", labels=["queue"]
    )
    for queue, count, seconds in connection.execute(_DUE, _LIMITS):
        due.add_metric([queue], count)
        oldest.add_metric([queue], float(seconds))
    promoted = GaugeMetricFamily("lianban_work_promoted", "Work that was handed to a worker.", labels=["queue"])
    for queue, count in connection.execute(_PROMOTED, _LIMITS):
        promoted.add_metric([queue], count)
    yield from (due, oldest, promoted)
    incidents = GaugeMetricFamily(
        "lianban_incidents_open", "Open incidents: of failed work, of the model.", labels=["of"]
    )
    counts = {"work": 0, "model": 0}
    for of_work, count in connection.execute(_INCIDENTS, _LIMITS):
        counts["work" if of_work else "model"] = count
    for of, count in counts.items():
        incidents.add_metric([of], count)
    yield incidents
    yield GaugeMetricFamily("lianban_messages_parked", "Messages that wait for a receiver.", value=one(_PARKED)[0])
    yield from _nodes(connection, SILENT)
    yield GaugeMetricFamily("lianban_database_size_bytes", "Size of the database.", value=one(_SIZE)[0])
    used, limit = one(_CONNECTIONS)
    yield GaugeMetricFamily("lianban_database_server_connections", "Connections to the database server.", value=used)
    yield GaugeMetricFamily("lianban_database_server_connections_limit", "max_connections of the server.", value=limit)


def _nodes(connection: psycopg.Connection[Any], silent: timedelta) -> Iterator[Metric]:
    nodes = GaugeMetricFamily("lianban_nodes", "Nodes by state: up, draining, silent.", labels=["role", "state"])
    skew = GaugeMetricFamily(
        "lianban_node_clock_skew_seconds", "Largest distance of a node's clock from the database's."
    )
    largest = 0.0
    for role, state, count, seconds in connection.execute(_NODES, (silent,)):
        nodes.add_metric([role, state], count)
        if state != "silent":
            largest = max(largest, float(seconds))
    skew.add_metric([], largest)
    yield from (nodes, skew)
