"""Emptying the tables between tests.

``truncate`` makes new files for every table and index: a hundred times the work that deleting a few rows is. So rows are deleted,
and every so often all tables are truncated, for what was deleted stays in the files (the tests' server never vacuums: rows lie in
the order in which they were written).
"""

from itertools import count

from sqlalchemy import Connection, text

from domain.metadata import metadata

KEPT = "rules_edition"
"""The migration wrote its one row; a new number in it is what every change of the rules makes."""
TABLES = [table.name for table in metadata.sorted_tables if table.name != KEPT]
ALL = ", ".join(f'"{name}"' for name in TABLES)
FILLED = text(" union all ".join(f"select '{name}' where exists (select from \"{name}\")" for name in TABLES))  # noqa: S608 -- our own tables
_SEQUENCES = """
    from pg_sequence own
    join pg_depend link on link.classid = 'pg_class'::regclass and link.objid = own.seqrelid and link.deptype in ('a', 'i')
    join pg_class owner on owner.oid = link.refobjid
    where owner.relname = any(:tables) and pg_sequence_last_value(own.seqrelid) is not null
"""
DRAWN = text(f"select own.seqrelid::regclass::text as name, pg_sequence_last_value(own.seqrelid) as value {_SEQUENCES}")
RESTART = text(f"select setval(own.seqrelid::regclass, own.seqstart, false) {_SEQUENCES}")
SELDOM = 40
_times = count(1)


def empty(connection: Connection) -> None:
    """All our tables, within the caller's transaction, by the server's administrator: waits for whoever still writes."""
    connection.execute(text("set local role none"))
    if next(_times) % SELDOM == 0:
        connection.execute(text(f"truncate {ALL} restart identity cascade"))
    else:
        connection.execute(text(f"lock table {ALL} in access exclusive mode"))
        connection.execute(text("set local session_replication_role = replica"))  # neither references nor triggers
        for name in connection.scalars(FILLED).all():
            connection.execute(text(f'delete from "{name}"'))  # noqa: S608 -- see above
        connection.execute(text("set local session_replication_role = origin"))
        connection.execute(RESTART, {"tables": TABLES})
    connection.execute(text(f"update {KEPT} set number = gen_random_uuid()"))  # noqa: S608 -- see above
