"""How fast people complete tasks over HTTP: a process with two user tasks, a boundary timer, a script and a gateway.

    python -m bench.complete_task [--seconds 15] [--clients 1 8] [--flat] [--json]

Everything is made for the run and removed after it: an embedded PostgreSQL, a web server with two workers, log-ins. An
instance is one case: opened through the service layer (in this process, counted with it), then two tasks completed by two people
over HTTP (from a process of its own). CPU is counted for all four: server, database, opening, client.
Statements and commits per request are counted in this process over the same application object, by SQLAlchemy's events.
``--flat`` also compares a completion early and late in a long instance, and beside few and many open cases.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import secrets
import statistics
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import psutil
from sqlalchemy import event, text

from api.app import create_app
from bench import crowd
from bench.load import PASSWORD, Person
from bench.load import run as run_load
from bench.stage import as_administrator, command_of, cpu_of, open_case, prepared, served
from bootstrap.container import Platform
from bootstrap.postgres import Cluster
from bootstrap.processes import processes_in
from domain.actors import SYSTEM
from domain.definitions import service as definitions
from domain.items.models import Item

FEW, MANY = 1_000, 100_000
"""Open cases beside those measured, unless told otherwise."""


@dataclass
class Result:
    """What a run with so many clients measured. ``times`` are seconds of single requests.

    ``cpu``: CPU seconds by part: the figures that other load on the machine does not spoil.
    """

    clients: int
    seconds: float = 0.0
    instances: int = 0
    cpu: dict[str, float] = field(default_factory=dict)
    times: list[float] = field(default_factory=list)

    def summary(self) -> dict[str, Any]:
        """Milliseconds and rates."""
        cuts = statistics.quantiles(self.times, n=100)
        each = {f"{part}CpuMs": round(used / self.instances * 1000, 1) for part, used in self.cpu.items()}
        return {
            "clients": self.clients,
            "requests": len(self.times),
            "p50Ms": round(cuts[49] * 1000, 1),
            "p95Ms": round(cuts[94] * 1000, 1),
            "instancesPerMinute": round(self.instances / self.seconds * 60),
            "perInstance": each | {"cpuMs": round(sum(self.cpu.values()) / self.instances * 1000, 1)},
        }


@dataclass(frozen=True)
class Bench:
    """What runs: a platform in this process (it opens cases), a web server, a database."""

    platform: Platform
    cluster: Cluster
    port: int

    def cpu(self) -> dict[str, float]:
        """CPU seconds so far: web server, database, and opening (this process)."""
        servers = [
            each for each in psutil.Process().children(recursive=True) if "bootstrap.cli" in " ".join(command_of(each))
        ]
        servers += [child for each in servers for child in each.children(recursive=True)]
        return {
            "server": sum(cpu_of(each) for each in {each.pid: each for each in servers}.values()),
            "database": sum(cpu_of(each) for each in processes_in(self.cluster._layout.data)),  # noqa: SLF001
            "opening": time.process_time(),
        }


def run(bench: Bench, clients: int, seconds: float) -> Result:
    """So many pairs of people complete tasks one after the other for so long."""
    result = Result(clients)
    spawn = multiprocessing.get_context("spawn")
    control, far_control = spawn.Pipe()
    doors = [spawn.Pipe() for _ in range(clients)]
    load = spawn.Process(target=run_load, args=(bench.port, [far for _, far in doors], far_control), daemon=True)
    load.start()
    for far in (far_control, *(far for _, far in doors)):
        far.close()  # so that a load that ends early is noticed
    control.recv()
    before, begun = bench.cpu(), time.perf_counter()
    ends = begun + seconds

    def serve(door: Connection) -> None:
        with suppress(EOFError):
            while True:
                door.recv()
                door.send(open_case(bench.platform) if time.perf_counter() < ends else None)

    threads = [threading.Thread(target=serve, args=(near,), daemon=True) for near, _ in doors]
    for thread in threads:
        thread.start()
    control.send("go")
    times, used, failures = control.recv()
    after = bench.cpu()
    load.join()
    if failures:
        raise RuntimeError(failures[0])
    result.seconds = time.perf_counter() - begun
    result.instances = len(times)
    result.times = [each for pair in times for each in pair]
    result.cpu = {part: after[part] - before[part] for part in before} | {"client": used}
    return result


def count(platform: Platform) -> dict[str, int]:
    """Statements and commits of one completion, the whole request with log-in check and idempotency key."""
    client = create_app(platform).test_client()
    token = client.get("/api/v1/session").get_json()["csrfToken"]
    login = {"login": "reviewer", "password": PASSWORD}
    token = client.post("/api/v1/session", json=login, headers={"X-CSRF-Token": token}).get_json()["csrfToken"]
    counts: dict[str, int] = {}
    body = {"action": "ACCEPT", "data": {"note": "同意"}, "version": 1}
    for task in [open_case(platform), open_case(platform)]:
        headers = {"X-CSRF-Token": token, "Idempotency-Key": secrets.token_hex(12)}
        with counted(platform) as seen:
            answer = client.post(f"/api/v1/tasks/{task}/complete", json=body, headers=headers)
        assert answer.status_code == 200, answer.get_json()
        counts = seen
    return counts


@contextmanager
def counted(platform: Platform) -> Iterator[dict[str, int]]:
    """Counts what goes to the database."""
    seen = {"statements": 0, "commits": 0}

    def statement(*_: Any) -> None:
        seen["statements"] += 1

    def commit(*_: Any) -> None:
        seen["commits"] += 1

    event.listen(platform.sql, "before_cursor_execute", statement)
    event.listen(platform.sql, "commit", commit)
    try:
        yield seen
    finally:
        event.remove(platform.sql, "before_cursor_execute", statement)
        event.remove(platform.sql, "commit", commit)


def flat(bench: Bench, seconds: float, few: int, many: int) -> dict[str, Any]:
    """Ratios: late to early in a long instance, many to few open cases; which big tables were read whole meanwhile."""
    with bench.platform.transaction(SYSTEM) as ctx:
        ctx.session.add(
            Item(
                code=crowd.LOOP, no=98, name="测试", name_en="Bench", mode="joint", definition_key=crowd.LOOP, sheet={}
            )
        )
        ctx.session.flush()
        definitions.deploy(ctx, crowd.LOOP, crowd.LOOPING)
    person = Person(bench.port, "reviewer")

    def cpu() -> float:
        used = bench.cpu()
        return used["server"] + used["database"]

    def complete(task: str) -> str:
        return str(person.complete(task, "ACCEPT")[0]["id"])

    long = crowd.long(complete, open_case(bench.platform, crowd.LOOP), cpu)
    open_case(bench.platform)
    with as_administrator(bench.cluster) as connection:
        original = connection.execute(text("select max(id) from cases")).scalar_one()
        crowd.fill(connection, original, 1, few)
        beside_few = run(bench, 1, seconds).summary()
        crowd.fill(connection, original, few + 1, many)
        before = crowd.whole_reads(connection, many)
        beside_many = run(bench, 1, seconds).summary()
        after = crowd.whole_reads(connection, many)
    reads = {table: times - before.get(table, 0) for table, times in after.items() if times > before.get(table, 0)}
    return {
        "few": few,
        "many": many,
        "long": long,
        "crowd": crowd.crowded(beside_few, beside_many),
        "wholeReads": reads,
    }


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=15.0)
    parser.add_argument("--clients", type=int, nargs="*", default=[1, 8])
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--flat", action="store_true")
    parser.add_argument("--few", type=int, default=FEW, help="open cases beside those measured first (--flat)")
    parser.add_argument("--many", type=int, default=MANY, help="and afterwards")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="lianban-bench-") as folder, prepared(Path(folder)) as (platform, cluster):
        report: dict[str, Any] = {"perRequest": count(platform), "runs": []}
        with served(Path(folder), cluster.url(), options.workers) as port:
            bench = Bench(platform, cluster, port)
            run(bench, 1, min(2.0, options.seconds))
            report["runs"] = [run(bench, clients, options.seconds).summary() for clients in options.clients]
            if options.flat:
                report["flat"] = flat(bench, options.seconds, options.few, options.many)
    if options.json:
        print(json.dumps(report))
    else:
        _print(report)


def _print(report: dict[str, Any]) -> None:
    print(f"per request: {report['perRequest']['statements']} statements, {report['perRequest']['commits']} commit")
    for row in report["runs"]:
        each = row["perInstance"]
        print(
            f"{row['clients']:>3} clients: p50 {row['p50Ms']} ms, p95 {row['p95Ms']} ms, "
            f"{row['instancesPerMinute']} instances/minute ({row['requests']} requests); CPU of an instance {each['cpuMs']} ms: "
            f"server {each['serverCpuMs']}, database {each['databaseCpuMs']}, opening {each['openingCpuMs']}, "
            f"client {each['clientCpuMs']}"
        )
    if "flat" in report:
        flat_ = report["flat"]
        long, crowd_ = flat_["long"], flat_["crowd"]
        print(
            f"long instance: completions 450-500 take {long['ratio']} of 10-60 "
            f"({long['lateP50Ms']} and {long['earlyP50Ms']} ms), by CPU {long['cpuRatio']}"
        )
        print(
            f"{flat_['many']:,} open cases: a completion takes {crowd_['ratio']} of that beside {flat_['few']:,} "
            f"({crowd_['many']['p50Ms']} and {crowd_['few']['p50Ms']} ms), an instance by CPU {crowd_['cpuRatio']}; "
            f"big tables read whole: {flat_['wholeReads'] or 'none'}"
        )


if __name__ == "__main__":
    main()
