"""An oracle beside every test: a change that a person makes must hit the rows that the platform itself would hit.

Row-level security leaves rows out without a word: a command under a person's own reach may say “done” and have changed nothing. So
each ``update`` and ``delete`` on a guarded table is tried first, in a savepoint, with the reach of the platform; the two row counts must
be the same. The product's own transactions tell their reach; those of the platform itself are not looked at.
"""

from __future__ import annotations

import re
from typing import Any, Final

import psycopg
from sqlalchemy import Engine, event

from domain.row_policies import TABLES

CHANGES: Final = re.compile(r'\b(?:update|delete\s+from)\s+(?:only\s+)?"?(\w+)', re.IGNORECASE)
GUARDED: Final = frozenset(name for name, rule in TABLES.items() if rule.is_guarded)
_ASK: Final = "select current_setting('lianban.scope', true)"
_AS_PLATFORM: Final = "select set_config('lianban.scope', 'system', true)"


class Vanished(AssertionError):
    """A change that row-level security cut short."""


def watch(engine: Engine) -> None:
    """Look at every change that goes through this engine."""
    event.listen(engine, "before_cursor_execute", _before)
    event.listen(engine, "after_cursor_execute", _after)


def changed_tables(statement: str) -> set[str]:
    """The guarded tables whose rows a statement changes or deletes."""
    return {name.lower() for name in CHANGES.findall(statement)} & GUARDED


def _before(connection: Any, cursor: Any, statement: str, values: Any, execution: Any, many: bool) -> None:
    del connection
    if execution is not None and changed_tables(statement):
        execution.rows_for_platform = _rows_for_platform(cursor.connection, statement, values, many=many)


def _rows_for_platform(connection: psycopg.Connection, statement: str, values: Any, *, many: bool) -> int | None:
    """How many rows it would be, or None where the platform itself acts or the statement fails anyway."""
    with connection.cursor() as asking:
        asking.execute(_ASK)
        if asking.fetchone() == ("system",):
            return None
        asking.execute("savepoint reach_watch")
        try:
            asking.execute(_AS_PLATFORM)
            (asking.executemany if many else asking.execute)(statement, values)
        except psycopg.Error:
            return None
        else:
            return asking.rowcount
        finally:
            asking.execute("rollback to savepoint reach_watch")
            asking.execute("release savepoint reach_watch")


def _after(connection: Any, cursor: Any, statement: str, values: Any, execution: Any, many: bool) -> None:
    del connection, values, many
    expected = getattr(execution, "rows_for_platform", None)
    if expected is not None and cursor.rowcount != expected:
        msg = f"{cursor.rowcount} rows were changed, {expected} were meant: {statement}"
        raise Vanished(msg)
