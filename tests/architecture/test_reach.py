"""Nobody reads or writes rows of cases without saying for whom: background work and commands act for the platform, by name.

Row-level security shows nothing to a transaction that was told nothing; a duty that forgot to tell would do nothing, without a word.
"""

from __future__ import annotations

import re
from pathlib import Path

from bootstrap.settings import ROOT

BARE = re.compile(
    r"\bsql\.(?:connect|begin)\(|\bpsycopg\.connect\(|\bcreate_engine\(|\bSession\(self|\bmake_sql_engine\("
)
TRANSACTION = re.compile(r"\.transaction\((\w+)")
WITHOUT_REACH: dict[str, str] = {
    "bootstrap/commands/db.py": "migrations and scratch databases, by the owner",
    "bootstrap/commands/definitions.py": "asks the schema's revision and the key of the data",
    "bootstrap/commands/serving.py": "migrates as the owner; asks whether the role is bound",
    "bootstrap/container.py": "on_duty and every transaction tell; a version's model is no row of a case",
    "bootstrap/database.py": "asks the server's version",
    "bootstrap/nodes/heartbeat.py": "the table of nodes",
    "bootstrap/nodes/readiness.py": "asks the schema's revision",
    "bootstrap/numbers.py": "running numbers",
    "bootstrap/postgres/cluster.py": "asks whether the embedded server is ours",
    "bootstrap/rates.py": "counters of requests",
    "bootstrap/telemetry/deployment.py": "reads only, with lianban.scope=system among its options",
}
"""Modules that open connections of their own, and why nobody has to be told of."""
PLATFORM = {"SYSTEM", "OPERATOR"}


def modules(*rooms: str) -> list[Path]:
    found = [path for room in rooms for path in sorted((ROOT / room).rglob("*.py"))]
    return [path for path in found if not {"scenarios", "demo"} & set(path.parts)]


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def test_connections_beside_transactions_are_few_and_each_has_its_reason() -> None:
    bare = {
        name_of(path)
        for path in modules("bootstrap", "scheduler", "domain", "api")
        if BARE.search(path.read_text("utf-8"))
    }
    assert bare - WITHOUT_REACH.keys() == set(), (
        "use platform.transaction or platform.on_duty, or say here why nobody has to be told of"
    )
    assert WITHOUT_REACH.keys() - bare == set(), "these open none any more"


def test_background_work_and_commands_act_for_the_platform_by_name() -> None:
    asked = 0
    for path in modules("scheduler", "bootstrap/commands"):
        for actor in TRANSACTION.findall(path.read_text("utf-8")):
            assert actor in PLATFORM, f"{name_of(path)} acts for {actor}"
            asked += 1
    assert asked > 20
