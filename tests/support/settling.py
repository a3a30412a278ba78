"""What many tests begin with is written by the product once in each worker; afterwards its rows are put back as they were."""

from __future__ import annotations

import copy
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from sqlalchemy import Connection, Engine, text

from tests.support.emptying import DRAWN, FILLED, TABLES

T = TypeVar("T")


@dataclass(frozen=True)
class Kept:
    """Rows of each table as the server copies them, numbers drawn so far, and what the test is given."""

    rows: dict[str, bytes]
    drawn: dict[str, int]
    result: object


_kept: dict[str, Kept] = {}


def settled(name: str, sql: Engine, make: Callable[[], T]) -> T:
    """The result of ``make``, which writes into an empty database; with each ``name`` it is called once."""
    kept = _kept.get(name)
    with sql.begin() as connection:
        known = kept is not None and _is_administrator(connection)
        if kept is not None and known:
            _put_back(connection, kept)
    if kept is not None and known:
        return copy.deepcopy(kept.result)  # type: ignore[return-value]  # of the same ``make``
    result = make()
    with sql.begin() as connection:
        if kept is None and _is_administrator(connection):
            _kept[name] = _keep(connection, copy.deepcopy(result))
    return result


def _is_administrator(connection: Connection) -> bool:
    """On the tests' server; on one of the product's own, rows are written as a deployment writes them."""
    connection.execute(text("set local role none"))
    found = text("select usesuper from pg_user where usename = current_user")
    return bool(connection.execute(found).scalar_one())


def _keep(connection: Connection, result: object) -> Kept:
    rows = {}
    for table in connection.scalars(FILLED).all():
        with connection.connection.cursor() as cursor, cursor.copy(f'copy "{table}" to stdout (format binary)') as out:
            rows[table] = b"".join(out)
    drawn = {row.name: row.value for row in connection.execute(DRAWN, {"tables": TABLES})}
    return Kept(rows, drawn, result)


def _put_back(connection: Connection, kept: Kept) -> None:
    connection.execute(text("set local session_replication_role = replica"))  # the rows fit each other
    for table, content in kept.rows.items():
        with (
            connection.connection.cursor() as cursor,
            cursor.copy(f'copy "{table}" from stdin (format binary)') as into,
        ):
            into.write(content)
    if kept.drawn:
        numbers = ", ".join(f"setval('{name}', {value})" for name, value in kept.drawn.items())
        connection.execute(text(f"select {numbers}"))
