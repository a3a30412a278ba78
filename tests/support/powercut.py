"""Cutting the line to the database, or killing the node, at a chosen statement or around the commit."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Literal

import psycopg
import pytest
from sqlalchemy import Engine, text

Where = Literal["statement", "before commit", "after commit"]


class NodeDied(BaseException):
    """The process ends here: nothing of it runs any more, not even a handler of errors."""


@dataclass
class Cut:
    """Where it happens: at the n-th statement (from 1) or at the n-th commit. ``dies``: the node too, not just its connection."""

    number: int
    where: Where = "statement"
    dies: bool = False
    seen: int = 0
    happened: bool = False

    def comes(self, where: Where) -> bool:
        if self.happened or self.where != where:
            return False
        self.seen += 1
        self.happened = self.seen == self.number
        return self.happened

    def strike(self, line: Any) -> None:
        """Close the socket: the server rolls back what was not committed. Then die, or go on and find out."""
        getattr(line, "dbapi_connection", line).pgconn.finish()
        if self.dies:
            raise NodeDied
        raise psycopg.OperationalError("server closed the connection unexpectedly")


@contextmanager
def cutting(sql: Engine, cut: Cut) -> Iterator[Cut]:
    """Let it happen inside the block."""
    dialect: Any = sql.dialect
    execute, many, commit = dialect.do_execute, dialect.do_executemany, dialect.do_commit

    def strike_before(call: Any) -> Any:
        def cursor_call(cursor: Any, statement: str, parameters: Any, context: Any = None) -> None:
            if cut.comes("statement"):
                cut.strike(cursor.connection)
            call(cursor, statement, parameters, context)

        return cursor_call

    def committing(line: Any) -> None:
        if cut.comes("before commit"):
            cut.strike(line)
        commit(line)
        if cut.comes("after commit"):
            cut.strike(line)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(dialect, "do_execute", strike_before(execute))
        patch.setattr(dialect, "do_executemany", strike_before(many))
        patch.setattr(dialect, "do_commit", committing)
        yield cut


def fingerprint(sql: Engine) -> dict[str, str]:
    """Every row of every table: equal fingerprints mean that nothing happened.

    Case numbers may have gaps, so their counters do not count; nor does how often somebody asked, which is kept even of what failed.
    """
    with sql.connect() as connection:
        tables = text(
            "select tablename from pg_tables where schemaname = 'public' "
            "and tablename <> 'rate_buckets' and tablename not like 'procrastinate%'"
        )
        gapless = {"counters": "where r.name !~ '^(case|collab):'"}
        parts = [
            f"select '{name}', md5(coalesce(string_agg(r::text, ',' order by r::text), '')) from {name} r {gapless.get(name, '')}"  # noqa: S608 -- names of our own tables
            for name in connection.execute(tables).scalars()
        ]
        return {row[0]: row[1] for row in connection.execute(text(" union all ".join(parts)))}
