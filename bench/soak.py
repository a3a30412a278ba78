"""A steady load for minutes: memory, latency, connections, open files and dead rows must not grow.

    python -m bench.soak [--minutes 10] [--share 0.6] [--json]

A served deployment (`lianban serve`: web workers and scheduler) on an embedded PostgreSQL, all made for the run. What it can do at
most is measured first; then people work at a share of that, each at an even pace: open a case, look into the inbox, read the task,
complete it, the second person after them. Every ten seconds all processes are looked at. Passes when, after the warm-up, no process
grows by 5 % in ten minutes, the latency has no slope, and nothing else climbs.
"""

from __future__ import annotations

import argparse
import json
import statistics
import tempfile
import threading
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil
from sqlalchemy import create_engine, text

from bench.faults.nodes import KEY, Node, until_ready
from bench.load import Person
from bench.stage import as_administrator, open_case, prepare
from bootstrap.container import Platform
from bootstrap.migrations import migrate
from bootstrap.postgres import Cluster
from bootstrap.processes import processes_in
from bootstrap.settings import Settings
from domain.actors import SYSTEM

LOOK_SECONDS = 10.0
CALIBRATION_SECONDS = 8.0
CLIENTS = 4
WARM_UP = 0.3
"""Share of the run after which caches, pools and allocators have what they need."""
MOST_GROWTH = 5.0
"""Per cent in ten minutes."""
LEAST_GROWTH = 2.0
"""Megabytes, files, connections: less is no growth but noise."""
MOST_SLOWER = 20.0
"""Per cent that the median of the last third may be above that of the first third after the warm-up: what an even load varies by."""
_TABLES = text(
    "select relname, n_live_tup as live, n_dead_tup as dead, pg_total_relation_size(relid) as bytes "
    "from pg_stat_user_tables order by 4 desc limit 6"
)
_CONNECTIONS = text(
    "select count(*) as all, count(*) filter (where state = 'idle in transaction') as idle from pg_stat_activity "
    "where backend_type = 'client backend'"
)


@dataclass
class Seen:
    """What was measured. ``latencies``: (second of the run, seconds) of completions; ``series``: name → [(second, value)]."""

    latencies: list[tuple[float, float]] = field(default_factory=list)
    series: dict[str, list[tuple[float, float]]] = field(default_factory=lambda: defaultdict(list))
    failures: list[str] = field(default_factory=list)
    began: float = field(default_factory=time.monotonic)

    def now(self) -> float:
        """Seconds since the beginning."""
        return time.monotonic() - self.began


def one_round(platform: Platform, reviewer: Person, approver: Person, seen: Seen) -> None:
    """A case from its opening to its end by two people."""
    task = open_case(platform)
    reviewer.get("/tasks?view=group")
    reviewer.get(f"/tasks/{task}")
    begun = time.perf_counter()
    following = reviewer.complete(task, "ACCEPT")
    between = time.perf_counter()
    approver.complete(following[0]["id"], None)
    seen.latencies += [(seen.now(), between - begun), (seen.now(), time.perf_counter() - between)]


def work(platform: Platform, port: int, seconds: float, pause: float, seen: Seen) -> int:
    """All people for so long, each round at least ``pause`` seconds after the last. How many rounds."""
    pairs = [(Person(port, "reviewer"), Person(port, "approver")) for _ in range(CLIENTS)]
    counts = [0] * CLIENTS
    ends = time.monotonic() + seconds

    def person(number: int) -> None:
        try:
            due = time.monotonic() + pause * number / CLIENTS
            while time.monotonic() < ends:
                one_round(platform, *pairs[number], seen)
                counts[number] += 1
                due = max(due + pause, time.monotonic() - pause)
                threading.Event().wait(max(0.0, due - time.monotonic()))
        except Exception as error:  # noqa: BLE001 -- reported below
            seen.failures.append(f"{type(error).__name__}: {error}")

    threads = [threading.Thread(target=person, args=(number,)) for number in range(CLIENTS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sum(counts)


def name_of(process: psutil.Process) -> str:
    """web, scheduler or supervisor; the web server's workers are its children."""
    words = process.cmdline()
    if words[-1:] == ["serve"]:
        return "supervisor"
    if words[-1:] in (["web"], ["scheduler"]):
        return words[-1]
    parent = process.parent()
    return f"{name_of(parent)} worker" if parent is not None else "other"


def look(node: Node, cluster: Cluster, seen: Seen) -> None:
    """Note what every process uses now."""
    at = seen.now()
    for process in node.family():
        try:
            if "resource_tracker" in " ".join(process.cmdline()):
                continue
            name = f"{name_of(process)} {process.pid}"
            seen.series[f"MB {name}"].append((at, process.memory_info().rss / 1e6))
            seen.series[f"files {name}"].append((at, process.num_fds()))
            seen.series[f"threads {name}"].append((at, process.num_threads()))
        except psutil.Error:
            continue
    backends = processes_in(cluster._layout.data)  # noqa: SLF001
    seen.series["MB database private"].append((at, sum(_private(each) for each in backends) / 1e6))
    with as_administrator(cluster) as connection:
        row = connection.execute(_CONNECTIONS).one()
        seen.series["connections"].append((at, row.all))
        seen.series["connections idle in transaction"].append((at, row.idle))


def _private(process: psutil.Process) -> float:
    try:
        memory = process.memory_info()
    except psutil.Error:
        return 0.0
    return float(memory.rss - memory.shared)


@contextmanager
def looking(node: Node, cluster: Cluster, seen: Seen) -> Iterator[None]:
    """Look every few seconds during the block."""
    ending = threading.Event()

    def watch() -> None:
        while not ending.wait(LOOK_SECONDS):
            look(node, cluster, seen)

    thread = threading.Thread(target=watch)
    thread.start()
    try:
        yield
    finally:
        ending.set()
        thread.join()


def slope(points: list[tuple[float, float]]) -> float:
    """Growth in ten minutes, per cent of the mean (least squares)."""
    if len(points) < 3:
        return 0.0
    line = statistics.linear_regression([at for at, _ in points], [value for _, value in points])
    mean = statistics.mean(value for _, value in points)
    return line.slope * 600 / mean * 100 if mean else 0.0


def judge(seen: Seen, seconds: float) -> dict[str, Any]:
    """Slopes after the warm-up, latency per minute, and what is wrong."""
    start = seconds * WARM_UP
    report: dict[str, Any] = {"growth": {}, "minutes": [], "wrong": list(seen.failures)}
    for name, points in sorted(seen.series.items()):
        late = [point for point in points if point[0] >= start]
        if not late:
            continue
        growth = round(slope(late), 1)
        report["growth"][name] = {"first": round(late[0][1], 1), "last": round(late[-1][1], 1), "per10min%": growth}
        if growth > MOST_GROWTH and late[-1][1] - late[0][1] > LEAST_GROWTH:
            course = " ".join(f"{value:.0f}" for _, value in late[:: max(1, len(late) // 12)])
            report["wrong"].append(f"{name} grows by {growth} % in ten minutes: {course}")
    for minute in range(int(seconds // 60) or 1):
        times = [took for at, took in seen.latencies if minute * 60 <= at < (minute + 1) * 60]
        if len(times) > 20:
            cuts = statistics.quantiles(times, n=20)
            report["minutes"].append({"requests": len(times), "p50Ms": _ms(cuts[9]), "p95Ms": _ms(cuts[18])})
    third = (seconds - start) / 3
    early = [took for at, took in seen.latencies if start <= at < start + third]
    late_times = [took for at, took in seen.latencies if at >= seconds - third]
    if early and late_times:
        slower = round((statistics.median(late_times) / statistics.median(early) - 1) * 100, 1)
        report["slower%"] = slower
        if slower > MOST_SLOWER:
            report["wrong"].append(f"the median is {slower} % slower at the end")
    return report


def _ms(seconds: float) -> float:
    return round(seconds * 1000, 1)


def run(minutes: float, share: float, folder: Path) -> dict[str, Any]:
    """Make everything, calibrate, soak, judge."""
    cluster = Cluster(folder / "pg")
    cluster.start()
    node, platform = None, None
    try:
        url = cluster.url()
        sql = create_engine(url)
        with sql.begin() as connection:
            migrate(connection)
        sql.dispose()
        home = folder / "driver"
        platform = Platform.open(
            Settings(home=home, pool_size=10, database_url=url, training=True, data_key=KEY.encode()), url=url
        )
        with platform.transaction(SYSTEM) as ctx:
            prepare(ctx)
        node = Node("soak", folder / "node", url)
        node.start()
        until_ready([node])
        most = work(platform, node.port, CALIBRATION_SECONDS, 0.0, Seen()) / CALIBRATION_SECONDS
        pause = CLIENTS / (most * share)
        seen = Seen()
        with looking(node, cluster, seen):
            rounds = work(platform, node.port, minutes * 60, pause, seen)
        report = judge(seen, minutes * 60)
        with platform.transaction(SYSTEM) as ctx:
            report["tables"] = [dict(row) for row in ctx.session.execute(_TABLES).mappings()]
        return {"most/s": round(most, 1), "load/s": round(rounds / minutes / 60, 1), **report}
    finally:
        if node is not None:
            node.stop()
        if platform is not None:
            platform.close()
        cluster.destroy()


def main() -> int:
    """Run, print, and end with 1 when something grows."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=10.0)
    parser.add_argument("--share", type=float, default=0.6)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="lianban-soak-") as folder:
        report = run(options.minutes, options.share, Path(folder))
    if options.json:
        print(json.dumps(report, ensure_ascii=False))
        return 1 if report["wrong"] else 0
    print(f"at most {report['most/s']} cases/s, load {report['load/s']} cases/s")
    for name, row in report["growth"].items():
        print(f"{name:<40} {row['first']:>9} → {row['last']:>9}   {row['per10min%']:>6} % in ten minutes")
    for number, row in enumerate(report["minutes"], 1):
        print(f"minute {number:>3}: {row['requests']} completions, p50 {row['p50Ms']} ms, p95 {row['p95Ms']} ms")
    print(f"last third against first third after the warm-up: {report.get('slower%')} %")
    for row in report["tables"]:
        print(f"{row['relname']:<28} {row['live']:>9} rows {row['dead']:>8} dead {row['bytes'] / 1e6:>8.1f} MB")
    for each in report["wrong"]:
        print(f"WRONG  {each}")
    return 1 if report["wrong"] else 0


if __name__ == "__main__":
    raise SystemExit(main())
