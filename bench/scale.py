"""One, two, four nodes on one database: how much more they do, and what is in the way.

    python -m bench.scale [--nodes 1 2 4] [--sites 16] [--seconds 15] [--json]

The load is that of bench/complete_task: cases opened through the service layer, two tasks each completed over HTTP; but at several sites,
for numbers are given without gaps: the openings of one site, item and day follow each other (``--sites 1`` shows it). A node is
`lianban web` with one worker. CPU time is counted apart for nodes, database and this driver, because on one machine they share the
cores: when all cores are busy more nodes cannot do more, and what counts is CPU per case. From the database's share follows how many
cases a minute one database core carries, however many nodes are before it. While it runs, pg_stat_activity is asked again and again what
the backends wait for and in which statement.
"""

from __future__ import annotations

import argparse
import json
import os
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import psutil
from sqlalchemy import create_engine, select, text

from bench.load import Person
from bench.stage import ITEM, MODEL, as_administrator, prepare, served
from bootstrap.container import Platform
from bootstrap.migrations import migrate
from bootstrap.postgres import Cluster
from bootstrap.processes import processes_in
from bootstrap.settings import Settings
from domain.actors import SYSTEM, Role
from domain.cases import runtime
from domain.cases.runtime import NewCase
from domain.context import Context
from domain.definitions import service as definitions
from domain.identity import service as identity
from domain.identity.models import User
from domain.sites import service as sites

CLIENTS_EACH = 4
SAMPLE_SECONDS = 0.02
_WAITS = text(
    """
    select coalesce(wait_event_type || ':' || wait_event, 'CPU') as waits, left(regexp_replace(query, '\\s+', ' ', 'g'), 70) as query
    from pg_stat_activity where backend_type = 'client backend' and state = 'active' and pid <> pg_backend_pid()
    """
)


def settle(ctx: Context, count: int) -> None:
    """So many sites, where the two people of the load have the same desks, and the model asks the application for the site."""
    prepare(ctx)
    people = {row.login: row for row in ctx.session.scalars(select(User))}
    for number in range(count):
        site = sites.register_site(ctx, f"scale-{number}", "532622", "police", f"机构{number}", f"机构{number}")
        for login, role in (("reviewer", Role.RECV_CLERK), ("approver", Role.APPROVER)):
            identity.grant(ctx, people[login], role, site)
    definitions.deploy(ctx, ITEM, MODEL.replace(b'source="bench-site"', b'source="=application.site"'))


def open_case(platform: Platform, site: int) -> str:
    """A new case at a site; the id of its first task."""
    with platform.transaction(SYSTEM) as ctx:
        leg = runtime.open_case(ctx, NewCase(ITEM, {"name": "测试", "site": f"scale-{site}"}, None))
        assert leg.advance is not None
        return leg.advance.opened_tasks[0].id


def cpu(processes: list[psutil.Process]) -> float:
    """CPU seconds that these have used."""
    total = 0.0
    for each in processes:
        try:
            times = each.cpu_times()
        except psutil.Error:
            continue
        total += times.user + times.system + times.children_user + times.children_system
    return total


@contextmanager
def sampled(cluster: Cluster) -> Iterator[tuple[Counter[str], Counter[str]]]:
    """What backends waited for, and the statements that were running, counted by samples."""
    waits: Counter[str] = Counter()
    statements: Counter[str] = Counter()
    ending = threading.Event()

    def look() -> None:
        with as_administrator(cluster) as connection:
            while not ending.wait(SAMPLE_SECONDS):
                for row in connection.execute(_WAITS):
                    waits[row.waits] += 1
                    statements[f"{row.waits} in {row.query}"] += 1

    thread = threading.Thread(target=look)
    thread.start()
    try:
        yield waits, statements
    finally:
        ending.set()
        thread.join()


def measure(platform: Platform, cluster: Cluster, ports: list[int], places: int, seconds: float) -> dict[str, Any]:
    """All clients on all nodes for so long."""
    pairs = [(Person(port, "reviewer"), Person(port, "approver")) for port in ports for _ in range(CLIENTS_EACH)]
    counts = [0] * len(pairs)
    failures: list[Exception] = []
    ends = time.perf_counter() + seconds

    def person(number: int) -> None:
        reviewer, approver = pairs[number]
        try:
            while time.perf_counter() < ends:
                following = reviewer.complete(open_case(platform, (number + counts[number]) % places), "ACCEPT")
                approver.complete(following[0]["id"], None)
                counts[number] += 1
        except Exception as error:  # noqa: BLE001 -- raised below, in the main thread
            failures.append(error)

    ours = psutil.Process()
    nodes = [each for each in ours.children(recursive=True) if "postgres" not in each.name()]
    before = _spent(cluster, nodes, ours)
    begun = time.perf_counter()
    with sampled(cluster) as (waits, statements):
        threads = [threading.Thread(target=person, args=(number,)) for number in range(len(pairs))]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    took = time.perf_counter() - begun
    if failures:
        raise failures[0]
    spent = {name: value - before[name] for name, value in _spent(cluster, nodes, ours).items()}
    cases = sum(counts)
    return {
        "nodes": len(ports),
        "clients": len(pairs),
        "casesPerMinute": round(cases / took * 60),
        "cpuMsPerCase": {name: round(value / cases * 1000, 2) for name, value in spent.items()},
        "coresBusy": round(sum(spent.values()) / took, 2),
        "casesPerMinuteAndDatabaseCore": round(60 * cases / spent["database"]) if spent["database"] else None,
        "waits%": {name: round(100 * count / waits.total(), 1) for name, count in waits.most_common(6)},
        "statements": [f"{100 * count / statements.total():.0f} % {name}" for name, count in statements.most_common(5)],
    }


def _spent(cluster: Cluster, nodes: list[psutil.Process], ours: psutil.Process) -> dict[str, float]:
    times = ours.cpu_times()
    return {
        "nodes": cpu(nodes),
        "database": cpu(processes_in(cluster._layout.data)),  # noqa: SLF001
        "driver": times.user + times.system,
    }


def run(counts: list[int], places: int, seconds: float, folder: Path) -> dict[str, Any]:
    """Make everything, measure with each number of nodes, remove it."""
    cluster = Cluster(folder / "pg")
    cluster.start()
    platform = None
    try:
        url = cluster.url()
        sql = create_engine(url)
        with sql.begin() as connection:
            migrate(connection)
        sql.dispose()
        platform = Platform.open(Settings(home=folder, pool_size=4 * CLIENTS_EACH + 2, database_url=url), url=url)
        with platform.transaction(SYSTEM) as ctx:
            settle(ctx, places)
        rows = []
        for count in counts:
            with ExitStack() as stack:
                ports = [stack.enter_context(served(folder, url, 1)) for _ in range(count)]
                measure(platform, cluster, ports, places, min(3.0, seconds))
                rows.append(measure(platform, cluster, ports, places, seconds))
        return {"cores": os.cpu_count(), "rows": rows}
    finally:
        if platform is not None:
            platform.close()
        cluster.destroy()


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--nodes", type=int, nargs="+", default=[1, 2, 4])
    parser.add_argument("--sites", type=int, default=16)
    parser.add_argument("--seconds", type=float, default=15.0)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="lianban-scale-") as folder:
        report = run(options.nodes, options.sites, options.seconds, Path(folder))
    if options.json:
        print(json.dumps(report, ensure_ascii=False))
        return
    print(f"{report['cores']} cores for nodes, database and driver together")
    for row in report["rows"]:
        print(
            f"{row['nodes']} nodes, {row['clients']} clients: {row['casesPerMinute']} cases/minute, {row['coresBusy']} cores busy; "
            f"CPU ms a case {row['cpuMsPerCase']}; {row['casesPerMinuteAndDatabaseCore']} cases/minute per core of the database"
        )
        print(f"    waits {row['waits%']}")
        for line in row["statements"]:
            print(f"    {line}")


if __name__ == "__main__":
    main()
