"""Background work: lateness, claim rate, wake-up and idle cost, with real scheduler processes on an embedded PostgreSQL.

    python -m bench.jobs [--pending 1000000] [--due 5000] [--nodes 1] [--processes 2] [--only burst …] [--json]

Parts (``--only``):
  wake     a job due now, made in a process without a scheduler: milliseconds from its commit to the job's start
  idle     nothing due: CPU of scheduler and database in per cent of one core, with one open case and with 100,000 and their reminders
  claims   rows a second handed to the queue, and light duties a second, at the start and after 200,000 finished ones
  burst    so many timers due in the same second while others wait: lateness from due to the commit of the effect
  steady   50 timers due a second
``burst`` and ``steady`` fire timers of real cases (an instance with a reminding boundary event: lock, engine step, record, write),
then light ones (no case: guard and mark only). Commit times are PostgreSQL's own. The clock is the deployment's, in training mode, moved
to just before the timers are due.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import psutil
from sqlalchemy import create_engine, text

from bench.stage import MODEL, command_of, cpu_of, cpu_seconds, prepare
from bootstrap.container import Platform
from bootstrap.migrations import migrate
from bootstrap.postgres import Cluster
from bootstrap.settings import ROOT, Settings
from bootstrap.waking import Waker, promote
from domain.actors import SYSTEM
from domain.cases import runtime
from domain.cases.runtime import NewCase
from domain.definitions import service as definitions
from domain.outbox import work
from domain.outbox.work import QUEUES, NewWork
from domain.reach import DUTY

ITEM = "bench-item"
PARTS = ("wake", "idle", "claims", "burst", "steady")
PER_SECOND = 50
IDLE_CASES = 100_000
DUTIES = 200_000
LIMIT_SECONDS = 600
SETTLING_SECONDS = 8
REMINDER = MODEL.replace(
    b"<bpmn:timeDuration>PT4H</bpmn:timeDuration>",
    b"<bpmn:timeDate>=remindAt</bpmn:timeDate>",
)


class Bench:
    """One run's database, with a platform in this process (it has no scheduler: like a web server's)."""

    def __init__(self, home: Path, url: str, nodes: int, processes: int) -> None:
        self.home, self.url, self.nodes, self.processes = home, url, nodes, processes
        self.platform = open_platform(home, url)
        self.owner = create_engine(url, isolation_level="AUTOCOMMIT")

    def sql(self, query: str, **values: Any) -> list[Any]:
        """Rows of a statement in a transaction of its own."""
        with self.platform.sql.begin() as connection:
            connection.execute(text("set local statement_timeout = 0"))
            connection.execute(DUTY)
            result = connection.execute(text(query), values)
            return list(result.all()) if result.returns_rows else []

    def number(self, query: str, **values: Any) -> float:
        """The one figure of a query."""
        return float(self.sql(query, **values)[0][0] or 0)

    def vacuum(self) -> None:
        """As autovacuum would have done after the fill; by the owner, others' words are passed over in silence."""
        with self.owner.connect() as connection:
            connection.execute(text("vacuum analyze"))

    def wait_until(self, query: str, **values: Any) -> None:
        """Until the query says true."""
        ends = time.monotonic() + LIMIT_SECONDS
        while not self.number(query, **values):
            if time.monotonic() > ends:
                raise RuntimeError(f"not within {LIMIT_SECONDS} s: {query}")
            time.sleep(0.2)

    def wait_for_work(self, until: datetime, condition: str = "true") -> None:
        """Until no work that is due before ``until`` (host's clock and the deployment's, whichever is later) waits or runs.

        Looks as the tables' owner, by the indices of open work: a look over the whole table would take a core from what is measured.
        """
        look = text(
            f"select not exists (select from work where state = 'pending' and due_at < :until and {condition})"
            f" and not exists (select from work where state = 'promoted' and {condition})"
        )
        ends = time.monotonic() + LIMIT_SECONDS
        with self.owner.connect() as connection:
            while not connection.execute(look, {"until": until}).scalar_one():
                if time.monotonic() > ends:
                    raise RuntimeError(f"work until {until} not done within {LIMIT_SECONDS} s")
                time.sleep(0.2)

    @contextmanager
    def schedulers(self) -> Iterator[None]:
        """The scheduler processes, ready, until the end of the block."""
        environment = {
            **os.environ,
            "PYTHONPATH": str(ROOT),
            "LIANBAN_HOME": str(self.home),
            "LIANBAN_DATABASE_URL": self.url,
            "LIANBAN_TRAINING": "1",
            "LIANBAN_LOG_LEVEL": "ERROR",
            "LIANBAN_WORKER_PROCESSES": str(self.processes),
        }
        command = [sys.executable, "-m", "bootstrap.cli", "scheduler"]
        running = [subprocess.Popen(command, env=environment) for _ in range(self.nodes)]
        try:
            started = self.nodes * self.processes * len(QUEUES)
            self.wait_until("select count(*) >= :n from procrastinate_workers", n=started)
            self.insert_light(1, "ready", late=0)
            self.wait_until("select bool_and(state = 'done')::int from work where ref = 'ready'")
            self.sql("delete from work where ref = 'ready'")
            yield
        finally:
            for process in running:
                process.terminate()
            for process in running:
                process.wait(60)

    def insert_light(self, count: int, ref: str, *, late: float, apart: float = 0.0) -> None:
        """Duties without a case, the first due in ``late`` seconds, each so much after the one before."""
        offset = self.number("select coalesce((select offset_seconds from training_clock), 0)")
        self.sql(
            "insert into work (kind, queue, ref, due_at, state, attempts, data, created_at) "
            "select 'timer.fire', 'timer', :ref, clock_timestamp() + make_interval(secs => :late + n * :apart), "
            "'pending', 0, '{}', clock_timestamp() from generate_series(1, :count) n",
            ref=ref, late=late + offset, apart=apart, count=count,
        )  # fmt: skip

    def set_clock(self, seconds: int) -> None:
        """Move the deployment's clock so far ahead of the host's."""
        self.sql(
            "insert into training_clock (id, offset_seconds, changed_by, changed_at) values (1, :s, 'bench', now()) "
            "on conflict (id) do update set offset_seconds = :s",
            s=seconds,
        )


def open_platform(home: Path, url: str) -> Platform:
    """A platform of this process."""
    return Platform.open(Settings(home=home, pool_size=10, training=True, database_url=url), url=url)


def open_cases(home: Path, url: str, moments: Sequence[str]) -> int:
    """In a process of its own: a case for each moment at which its task's reminder is due."""
    platform = open_platform(home, url)
    for moment in moments:
        with platform.transaction(SYSTEM) as ctx:
            runtime.open_case(ctx, NewCase(ITEM, {"name": "测试", "remindAt": moment}, None))
    platform.close()
    return len(moments)


def fill(bench: Bench, pending: int, cases: int) -> None:
    """Timers that wait for months, and open cases beside those that the run is about (copies of one)."""
    bench.sql(
        "insert into work (kind, queue, ref, due_at, state, attempts, data, created_at) "
        "select 'timer.fire', 'timer', 'filler-' || n, clock_timestamp() + make_interval(days => 30, secs => n), "
        "'pending', 0, '{}', clock_timestamp() from generate_series(1, :n) n",
        n=pending,
    )
    for table, changed in (
        ("cases", {"id": "id", "collab_no": "no", "case_no": "no", "query_code": "code"}),
        ("legs", {"id": "id", "case_id": "id", "case_no": "no"}),
    ):
        copied = [row[0] for row in bench.sql(
            "select column_name from information_schema.columns where table_name = :t order by ordinal_position", t=table
        )]  # fmt: skip
        words = {"id": "1000000 + n", "no": "'copy-' || n", "code": "lpad(n::text, 12, '0')"}
        values = ", ".join(words[changed[name]] if name in changed else f"x.{name}" for name in copied)
        bench.sql(
            f"insert into {table} ({', '.join(copied)}) select {values} "
            f"from (select * from {table} order by id limit 1) x, generate_series(1, :n) n",
            n=cases,
        )
    bench.sql(
        "insert into work (kind, queue, ref, case_id, leg_id, due_at, state, attempts, data, created_at) "
        "select 'timer.fire', 'timer', 'open-' || n, 1000000 + n, 1000000 + n, "
        "clock_timestamp() + make_interval(days => 20, secs => n), 'pending', 0, '{}', clock_timestamp() "
        "from generate_series(1, :n) n",
        n=cases,
    )
    bench.vacuum()


def real_timers(bench: Bench, count: int, apart: float) -> dict[str, Any]:
    """Timers of cases: opened by the engine, then the clock is moved to just before the first is due."""
    base = datetime.fromisoformat(bench.sql("select clock_timestamp()::text")[0][0]) + timedelta(hours=1)
    moments = [(base + timedelta(seconds=number * apart)).isoformat() for number in range(count)]
    with ProcessPoolExecutor(2, mp_context=multiprocessing.get_context("spawn")) as pool:
        parts = [pool.submit(open_cases, bench.home, bench.url, moments[half::2]) for half in (0, 1)]
        assert sum(part.result() for part in parts) == count
    bench.vacuum()
    condition = "kind = 'timer.fire' and case_id < 1000000 and due_at between :first and :last"
    with bench.schedulers():
        used = cpu_seconds(bench.home)
        offset = int(bench.number("select extract(epoch from :b - clock_timestamp())", b=base)) - 2
        bench.set_clock(offset)
        window = {"first": base, "last": base + timedelta(seconds=count * apart)}
        bench.wait_for_work(window["last"] + timedelta(seconds=1), "kind = 'timer.fire' and case_id < 1000000")
        used = cpu_seconds(bench.home) - used
    late = _lateness(bench, condition, offset, window)
    fired = int(bench.number("select count(*) from audit_events where kind = 'timer.fired'"))
    bench.set_clock(0)
    bench.sql("delete from work where case_id < 1000000")
    return late | {"cpuMsEach": round(used / count * 1000, 2), "recordedInAll": fired}


def light_timers(bench: Bench, count: int, apart: float) -> dict[str, Any]:
    """Duties without a case."""
    with bench.schedulers():
        used = cpu_seconds(bench.home)
        bench.insert_light(count, "light", late=3, apart=apart)
        last = datetime.now().astimezone() + timedelta(seconds=4 + count * apart)
        bench.wait_for_work(last, "ref = 'light'")
        used = cpu_seconds(bench.home) - used
    late = _lateness(bench, "ref = 'light'", 0, {})
    bench.sql("delete from work where ref = 'light'")
    return late | {"cpuMsEach": round(used / count * 1000, 2)}


def _lateness(bench: Bench, condition: str, offset: int, window: dict[str, Any]) -> dict[str, Any]:
    """Seconds from due to the commit that marked the row done together with its effect."""
    rows = bench.sql(
        "select extract(epoch from pg_xact_commit_timestamp(xmin) - (due_at - make_interval(secs => :offset))) "
        f"from work where {condition} and state = 'done'",
        offset=offset,
        **window,
    )
    times = sorted(float(row[0]) for row in rows)
    cuts = statistics.quantiles(times, n=100)
    return {"timers": len(times), "p50S": round(cuts[49], 3), "p99S": round(cuts[98], 3), "lastS": round(times[-1], 3)}


def measure_wake(bench: Bench, jobs: int = 300) -> dict[str, Any]:
    """From the commit in this process to the mark of the light duty in the scheduler's."""
    waker = Waker(bench.platform)
    waker.start()
    committed: list[float] = []
    with bench.schedulers():
        for number in range(jobs):
            with bench.platform.transaction(SYSTEM) as ctx:
                work.add(ctx, [NewWork("timer.fire", f"wake-{number}", ctx.clock.now(), queue="message")])
            committed.append(time.time())
            time.sleep(0.02 + number % 7 * 0.013)
        bench.wait_until("select bool_and(state = 'done')::int from work where ref like 'wake-%'")
    waker.stop()
    done = bench.sql("select extract(epoch from done_at) from work where ref like 'wake-%' order by id")
    times = sorted(float(row[0]) - at for row, at in zip(done, committed, strict=True))
    cuts = statistics.quantiles(times, n=100)
    bench.sql("delete from work where ref like 'wake-%'")
    return {
        "jobs": jobs,
        "p50Ms": round(cuts[49] * 1000, 1),
        "p99Ms": round(cuts[98] * 1000, 1),
        "lastMs": round(times[-1] * 1000, 1),
    }


def measure_idle(bench: Bench, seconds: float) -> dict[str, Any]:
    """CPU while nothing is due."""
    transactions = "select xact_commit from pg_stat_database where datname = current_database()"
    with bench.schedulers():
        time.sleep(SETTLING_SECONDS)
        before, begun = bench.number(transactions), time.monotonic()
        used, scheduler = cpu_seconds(bench.home), _own_cpu("scheduler")
        time.sleep(seconds)
        used, scheduler = cpu_seconds(bench.home) - used, _own_cpu("scheduler") - scheduler
        passed = time.monotonic() - begun
        commits = bench.number(transactions) - before
    cases = int(bench.number("select count(*) from cases where closed_at is null"))
    return {
        "openCases": cases,
        "seconds": round(passed),
        "cpuPercentOfACore": round(used / passed * 100, 2),
        "ofItSchedulers": round(scheduler / passed * 100, 2),
        "transactionsPerSecond": round(commits / passed, 1),
    }


def _own_cpu(word: str) -> float:
    """CPU seconds so far of our child processes with this word as an argument."""
    children = psutil.Process().children(recursive=True)
    return sum(cpu_of(each) for each in children if word in command_of(each))


def measure_claims(bench: Bench, duties: int) -> dict[str, Any]:
    """Ten rounds: promote a tenth of the duties without a worker, then let the schedulers do them."""
    rounds: list[dict[str, int]] = []
    share = duties // 10
    for number in range(10):
        ref = f"claim-{number}"
        bench.insert_light(share, ref, late=0)
        begun = time.monotonic()
        claimed = promote(bench.platform)
        seconds = time.monotonic() - begun
        assert claimed == share
        with bench.schedulers():
            bench.wait_for_work(datetime.now().astimezone(), f"ref = '{ref}'")
        working = bench.number(
            "select extract(epoch from max(done_at) - min(done_at)) from work where ref = :ref", ref=ref
        )
        rounds.append({"claimedPerSecond": round(share / seconds), "donePerSecond": round(share / working)})
    return {"duties": duties, "first": rounds[0], "last": rounds[-1], "rounds": rounds}


def run(bench: Bench, options: argparse.Namespace) -> dict[str, Any]:
    """The chosen parts, in order."""
    open_cases(bench.home, bench.url, [(datetime.now().astimezone() + timedelta(days=60)).isoformat()])
    report: dict[str, Any] = {"pending": options.pending, "nodes": options.nodes, "processes": options.processes}
    before = measure_idle(bench, options.idle_seconds) if "idle" in options.only else {}
    fill(bench, options.pending, IDLE_CASES)
    for part in options.only:
        if part == "wake":
            report[part] = measure_wake(bench)
        elif part == "idle":
            report[part] = {"almostEmpty": before, "full": measure_idle(bench, options.idle_seconds)}
        elif part == "claims":
            report[part] = measure_claims(bench, options.duties)
        else:
            apart = 0.0 if part == "burst" else 1 / PER_SECOND
            count = options.due if part == "burst" else PER_SECOND * 30
            report[part] = {"light": light_timers(bench, count, apart), "cases": real_timers(bench, count, apart)}
        if not options.json:
            print(f"{part}: {json.dumps(report[part])}", flush=True)
    return report


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pending", type=int, default=1_000_000)
    parser.add_argument("--due", type=int, default=5_000)
    parser.add_argument("--nodes", type=int, default=1)
    parser.add_argument("--processes", type=int, default=2, help="of each node")
    parser.add_argument("--duties", type=int, default=DUTIES)
    parser.add_argument("--idle-seconds", type=float, default=30.0)
    parser.add_argument("--only", nargs="+", choices=PARTS, default=list(PARTS))
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="lianban-bench-") as folder:
        home = Path(folder)
        cluster = Cluster(home / "pg")
        cluster.start()
        try:
            with cluster.connect() as admin:
                admin.execute("alter system set track_commit_timestamp = on")
            cluster.stop()
            cluster.start()
            sql = create_engine(cluster.url())
            with sql.begin() as connection:
                migrate(connection)
            sql.dispose()
            bench = Bench(home, cluster.url(), options.nodes, options.processes)
            with bench.platform.transaction(SYSTEM) as ctx:
                prepare(ctx)
                definitions.deploy(ctx, ITEM, REMINDER)
            report = run(bench, options)
            bench.platform.close()
            bench.owner.dispose()
        finally:
            cluster.destroy()
    if options.json:
        print(json.dumps(report))


if __name__ == "__main__":
    main()
