"""Cases on several nodes and one PostgreSQL while nodes are killed and frozen, clocks are wrong and the database goes away.

    python -m bench.faults [--cases 1000] [--nodes 3] [--kill-every 8] [--database-restarts 2] [--skew 5] [--json]

Everything is made for the run and removed after it. The load is the household move (item 2) from application to archive over HTTP:
applicant, clerks, handlers and approvers of both sites, every third case with 补正; beside each case one that is nothing but timers.
Who gets no answer asks another node again with the same idempotency key. Before any harm is done some cases run undisturbed: at the
end every other case must have the same facts. The training clock jumps two working days twice, so that
deadlines are missed and reminders of all open tasks fall due at once.
"""

from __future__ import annotations

import argparse
import json
import statistics
import tempfile
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import create_engine, text

from bench.faults.load import Load
from bench.faults.nodes import ENDLESS, FAKETIME, KEY, Chaos, Node, until_ready, wait
from bench.faults.people import settle
from bench.faults.verdict import Verdict, judge
from bootstrap.container import Platform
from bootstrap.errors import PostgresNotReachable
from bootstrap.migrations import migrate
from bootstrap.postgres import Cluster
from bootstrap.settings import Settings
from domain.actors import SYSTEM
from domain.errors import Busy

JUMPS = ("2wd", "2wd")
"""Of the training clock, over the run: past one-day deadlines, short of the five days after which silence means accepted."""
SETTLE_SECONDS = 400.0
"""Longer than it takes until a queue job that nobody heard of is given to others (five minutes)."""
_UNDONE = text(
    """
    select (select count(*) from legs where ended_at is null)
        + (select count(*) from work where state in ('pending', 'promoted') and due_at < clock_timestamp()
           + make_interval(secs => coalesce((select offset_seconds from training_clock where id = 1), 0)))
    """
)


@dataclass(frozen=True)
class Plan:
    """What is to be done and what harm."""

    cases: int = 1000
    nodes: int = 3
    calm: int = 6
    """Undisturbed cases before, from the same series: with 补正 and without."""
    kill_every: float = 8.0
    """A node needs several seconds of CPU to start; on two cores, faster harm leaves nothing to be harmed."""
    kills: int = ENDLESS
    database_restarts: int = 2
    skew: float = 5.0
    seconds: float = 1800.0
    hands: int = 8
    freeze: bool = True


def run(plan: Plan, folder: Path) -> tuple[Verdict, dict[str, Any]]:
    """Make everything, do it, judge it, remove it."""
    cluster = Cluster(folder / "pg")
    cluster.start()
    nodes: list[Node] = []
    platform = None
    try:
        url = cluster.url()
        sql = create_engine(url)
        with sql.begin() as connection:
            migrate(connection)
        sql.dispose()
        settings = Settings(
            home=folder / "driver", database_url=url, training=True, data_key=KEY.encode(), secret_key=KEY.encode(),
            pool_size=plan.hands + 4,
        )  # fmt: skip
        platform = Platform.open(settings, url=url)
        world = settle(platform, plan.cases + plan.calm)
        skews = [0.0, plan.skew, -plan.skew]
        nodes = [Node(f"node-{n + 1}", folder / f"node-{n + 1}", url, skews[n % 3]) for n in range(plan.nodes)]
        for node in nodes:
            node.start()
        until_ready(nodes)
        return _disturbed(plan, cluster, platform, Load(platform, world, nodes, plan.hands), nodes)
    finally:
        for node in nodes:
            node.kill()
        if platform is not None:
            platform.close()
        cluster.destroy()


def _disturbed(
    plan: Plan, cluster: Cluster, platform: Platform, load: Load, nodes: list[Node]
) -> tuple[Verdict, dict[str, Any]]:
    """The calm cases, then the others under fire, then peace until nothing is left to be done."""
    assert load.run(range(plan.calm), plan.seconds, lambda _: None), load.accepted.surprises
    calm = list(load.accepted.times)
    chaos = Chaos(nodes, cluster, plan.kill_every, plan.database_restarts, kills=plan.kills, freeze=plan.freeze)
    jumps = list(enumerate(JUMPS, 1))

    def progress(share: float) -> None:
        chaos.progress = share
        if jumps and share > jumps[0][0] / (len(JUMPS) + 1):
            load.advance(jumps.pop(0)[1])
        while chaos.owes():  # the work goes on after the harm, however long that takes to come
            wait(0.1)

    chaos.start()
    began = time.monotonic()
    try:
        in_time = load.run(range(plan.calm, plan.calm + plan.cases), plan.seconds, progress)
    finally:
        seconds = time.monotonic() - began
        chaos.stop()
    _settle(platform)
    verdict = judge(platform, load.accepted, plan.calm, plan.cases + plan.calm)
    if chaos.broken:
        verdict.wrong.insert(0, f"the harm stopped: {chaos.broken}")
    if not in_time:
        verdict.wrong.insert(0, f"the cases were not done in {plan.seconds:.0f} s")
    if not chaos.broken and not chaos.done:
        verdict.wrong.insert(0, "no harm was done: the run proves nothing")
    cuts = statistics.quantiles(load.accepted.times[len(calm) :], n=100)
    report = {
        "nodes": plan.nodes,
        "clocks": [node.skew for node in nodes],
        "clocksBy": "libfaketime" if FAKETIME else "a shifted Python clock",
        "seconds": round(seconds, 1),
        "harm": chaos.done,
        "databaseDownSeconds": round(chaos.down_seconds, 1),
        "requests": len(load.accepted.times),
        "askedAgain": dict(load.accepted.counts),
        "latencyMs": {
            "calm p50": round(statistics.median(calm) * 1000),
            "p50": round(cuts[49] * 1000),
            "p99": round(cuts[98] * 1000),
        },
        **verdict.figures,
        "wrong": verdict.wrong,
    }
    return verdict, report


def _settle(platform: Platform) -> None:
    """Until nothing is due and no job is running, or it takes too long (the verdict then says what is left)."""
    ends = time.monotonic() + SETTLE_SECONDS
    while time.monotonic() < ends:
        with suppress(PostgresNotReachable, Busy), platform.transaction(SYSTEM) as ctx:
            if not ctx.session.execute(_UNDONE).scalar_one():
                return
        wait(0.5)


def main() -> int:
    """Run, print, and end with 1 when anything is wrong."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    default = Plan()
    parser.add_argument("--cases", type=int, default=default.cases)
    parser.add_argument("--nodes", type=int, default=default.nodes)
    parser.add_argument("--kill-every", type=float, default=default.kill_every)
    parser.add_argument("--database-restarts", type=int, default=default.database_restarts)
    parser.add_argument("--skew", type=float, default=default.skew)
    parser.add_argument("--seconds", type=float, default=default.seconds)
    parser.add_argument("--hands", type=int, default=default.hands)
    parser.add_argument("--folder", type=Path, help="keep the nodes' logs here")
    parser.add_argument("--lines", type=Path, default=Path(tempfile.gettempdir()) / "lianban-faults.txt",
                        help="where every difference goes, line by line")  # fmt: skip
    parser.add_argument("--no-freeze", action="store_true")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    plan = Plan(
        cases=options.cases, nodes=options.nodes, kill_every=options.kill_every, skew=options.skew,
        database_restarts=options.database_restarts, seconds=options.seconds, hands=options.hands,
        freeze=not options.no_freeze,
    )  # fmt: skip
    with tempfile.TemporaryDirectory(prefix="lianban-faults-") as folder:
        verdict, report = run(plan, options.folder or Path(folder))
    options.lines.write_text("".join(f"{line}\n" for line in [*verdict.wrong, *verdict.lines]), encoding="utf-8")
    if options.json:
        print(json.dumps(report, ensure_ascii=False))
    else:
        for name, value in report.items():
            if name != "wrong":
                print(f"{name:<34} {value}")
        for each in verdict.wrong:
            print(f"WRONG  {each}")
        print("nothing lost, nothing doubled" if not verdict.wrong else f"see above; every line: {options.lines}")
    return 1 if verdict.wrong else 0


if __name__ == "__main__":
    raise SystemExit(main())
