"""Statements of the hot path: written in Core (or as SQL), compiled once, run by the driver itself in the session's transaction.

``Session.execute`` spends four times what the driver does on a statement that never changes: it walks its cache key, maps values
and makes a result. A :class:`Statement` costs the driver's share only, and takes and gives values as they are stored: sealed
columns are bytes. Listeners of SQLAlchemy (traces, counts) see it like any other; so do callers that catch its exceptions.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, cast

import psycopg
from sqlalchemy import Connection, Executable
from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

_DIALECT = PGDialect_psycopg()  # type: ignore[no-untyped-call]  # SQLAlchemy leaves it untyped


class Execution:
    """What listeners of ``before_cursor_execute`` may keep until ``after_cursor_execute`` (a span, a start time)."""


class Statement:
    """One statement, ready to be sent. No ``in_()`` over a list of values: compare with ``any_()`` of an array."""

    def __init__(self, source: Executable | str) -> None:
        if isinstance(source, str):
            self.text, self._fixed = source, {}
            return
        compiled = source.compile(dialect=_DIALECT)  # type: ignore[attr-defined]  # every Core statement has it
        self.text = str(compiled)
        self._fixed = {name: value for name, value in compiled.params.items() if value is not None}

    def rows(self, session: Session, values: Mapping[str, Any]) -> list[tuple[Any, ...]]:
        """All rows."""
        with _cursor(session, self.text, {**self._fixed, **values}) as cursor:
            return cursor.fetchall()

    def row(self, session: Session, values: Mapping[str, Any]) -> tuple[Any, ...] | None:
        """The first row, if there is one."""
        with _cursor(session, self.text, {**self._fixed, **values}) as cursor:
            return cursor.fetchone()

    def run(self, session: Session, values: Mapping[str, Any]) -> None:
        """For its effect."""
        with _cursor(session, self.text, {**self._fixed, **values}):
            pass


@contextmanager
def _cursor(session: Session, text: str, values: Mapping[str, Any]) -> Iterator[psycopg.Cursor[tuple[Any, ...]]]:
    """The driver's cursor after the statement."""
    session.flush()
    connection = session.connection()
    cursor = cast("psycopg.Cursor[tuple[Any, ...]]", connection.connection.cursor())
    many, execution, tell = False, Execution(), connection.dispatch
    tell.before_cursor_execute(connection, cursor, text, values, execution, many)
    try:
        cursor.execute(text, values)
        tell.after_cursor_execute(connection, cursor, text, values, execution, many)
        yield cursor
    except psycopg.Error as error:
        raise _told(connection, text, error) from error
    finally:
        cursor.close()


def _told(connection: Connection, text: str, error: psycopg.Error) -> BaseException:
    """The error as SQLAlchemy tells it, without values; a connection that died is taken out of the pool."""
    gone = connection.dialect.is_disconnect(cast("Any", error), connection.connection.dbapi_connection, None)
    if gone:
        connection.invalidate(error)
    return DBAPIError.instance(
        text, None, error, psycopg.Error, hide_parameters=True, connection_invalidated=gone, dialect=connection.dialect
    )
