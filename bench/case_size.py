"""How much a closed case of item 2 (two sites, one objection, one 催办) takes in the database: rows, indexes, per table.

usage: python -m bench.case_size [DATABASE_URL]   (a migrated, empty database; default: one that is made and thrown away)
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from sqlalchemy import create_engine, text

from bootstrap.container import Platform
from bootstrap.demo import load
from bootstrap.demo.households import CHILDREN
from bootstrap.demo.people import APPLICANTS
from bootstrap.migrations import migrate
from bootstrap.postgres import Cluster
from bootstrap.settings import Settings
from bootstrap.story import Story
from domain.reach import DUTY

ROW_HEADER = 24 + 4
"""Tuple header and line pointer."""
INDEX_ENTRY = 16
"""Header, alignment and line pointer of an index tuple; pages are two thirds full."""
FILL = 0.67

TABLES = text("select relname from pg_class where relkind = 'r' and relnamespace = 'public'::regnamespace order by 1")
INDEXES = text(
    "select indrelid::regclass::text, pg_get_indexdef(indexrelid), coalesce(pg_get_expr(indpred, indrelid), 'true'),"
    " array(select attname::text from pg_attribute where attrelid = indexrelid order by attnum)"
    " from pg_index where indrelid::regclass::text = :table"
)


def rows(connection: object, table: str) -> tuple[int, int, int]:
    """Number of rows, their bytes, the bytes of their index entries."""
    ask = connection.execute  # type: ignore[attr-defined]
    count, size = ask(text(f'select count(*), coalesce(sum(pg_column_size(t.*)), 0) from "{table}" t')).one()
    indexed = 0
    for _, definition, predicate, names in ask(INDEXES, {"table": table}):
        columns = ", ".join(f'"{name}"' for name in names) if "gin" not in definition else "1"
        found = ask(
            text(f'select count(*), coalesce(sum(pg_column_size(row({columns}))), 0) from "{table}" where {predicate}')
        ).one()
        indexed += int((found[0] * INDEX_ENTRY + found[1]) / FILL) * (8 if "gin" in definition else 1)
    return count, size + count * ROW_HEADER, indexed


def measure(platform: Platform) -> dict[str, tuple[int, int, int]]:
    with platform.sql.connect() as connection:
        connection.execute(DUTY)  # else it would see no case
        return {table: rows(connection, table) for (table,) in connection.execute(TABLES)}


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        cluster = Cluster(home, durable=False)
        url = sys.argv[1] if len(sys.argv) > 1 else (cluster.start() and cluster.url()) or cluster.url()
        try:
            tell(Settings(home=home, training=True, demo=True), url)
        finally:
            cluster.destroy()


def tell(settings: Settings, url: str) -> None:
    sql = create_engine(url)
    with sql.begin() as connection:
        migrate(connection)
    sql.dispose()
    platform = Platform.open(settings, url=url)
    load(platform)
    before = measure(platform)
    cases = len([child for child in CHILDREN if child.parent == APPLICANTS[0].login])
    for _ in range(cases):
        list(Story(platform).play())
    after = measure(platform)
    platform.close()
    total = [0, 0]
    for table, (count, size, indexed) in after.items():
        old = before[table]
        if count > old[0]:
            grown = [(size - old[1]) // cases, (indexed - old[2]) // cases]
            total = [sum(pair) for pair in zip(total, grown, strict=True)]
            print(f"{table:<28}{(count - old[0]) / cases:>8.1f} rows {grown[0]:>8} B {grown[1]:>8} B in indexes")
    print(f"{'one case':<28}{'':>13} {total[0]:>8} B {total[1]:>8} B in indexes = {sum(total) / 1024:.0f} KiB")


if __name__ == "__main__":
    main()
