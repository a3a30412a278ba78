"""The application's role and the policies of :mod:`domain.row_policies`, brought into the database after each migration."""

from __future__ import annotations

from contextlib import suppress
from typing import Final

from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import OperationalError, ProgrammingError

from bootstrap import row_statements
from bootstrap.errors import ApplicationRoleMissing, RowSecurityOff
from bootstrap.setting_values import NO_ROLE
from domain.row_policies import TABLES

_MARK: Final = "row security "
_DENIED: Final = "42501"
SET_OPTION_SINCE: Final = 16
"""Since this version being a member of a role and being allowed to become it are two things."""


def secure(connection: Connection, role: str) -> None:
    """Make the role when missing, give it its rights, put policies on all guarded tables. Does nothing when all is as it should be.

    Raises :class:`ApplicationRoleMissing` when the role is missing and this connection may not make it.
    """
    forced = role == NO_ROLE
    name = "public" if forced else _quoted(connection, role)
    if not forced:
        _see_to_role(connection, role, name)
    mark = _MARK + row_statements.digest(name, forced=forced)
    if _stands(connection, mark):
        if not forced:
            _grant(connection, name)
        return
    schema = _quoted(connection, connection.execute(text("select current_schema()")).scalar_one())
    statements = row_statements.function_statements(schema, name, forced=forced)
    for table, rule in sorted(TABLES.items()):
        if _exists(connection, table):
            statements += row_statements.table_statements(table, rule, name, forced=forced)
    for statement in [*statements, f"comment on table alembic_version is '{mark}'"]:
        connection.exec_driver_sql(statement)
    if not forced:
        _grant(connection, name)


def _stands(connection: Connection, mark: str) -> bool:
    """Whether all of it is there. A table that was made anew (by a revision taken back and applied again) has lost its policies."""
    if connection.execute(text("select obj_description('alembic_version'::regclass)")).scalar() != mark:
        return False
    guarded = [table for table, rule in TABLES.items() if rule.is_guarded]
    bare = text(
        "select count(*) from unnest(cast(:names as text[])) name join pg_class on oid = to_regclass(name) where not relrowsecurity"
    )
    return not connection.execute(bare, {"names": guarded}).scalar_one()


def require_bound(connection: Connection) -> None:
    """Raise :class:`RowSecurityOff` when this connection's role would see everything."""
    if not connection.execute(text("select row_security_active('cases')")).scalar_one():
        raise RowSecurityOff(
            "当前数据库角色不受行级安全约束。",
            "The database role in use is not bound by row-level security.",
            next_zh="请执行 lianban db migrate，并检查 LIANBAN_DATABASE_ROLE（见 docs/operations.md）。",
            next_en="Run lianban db migrate and check LIANBAN_DATABASE_ROLE (docs/operations.md).",
        )


def refuse_unbound(engine: Engine) -> None:
    """As :func:`require_bound`, for a node that starts: where the database is away, or empty, it starts all the same and waits for it."""
    with suppress(OperationalError), engine.connect() as connection:
        if _exists(connection, "cases"):
            require_bound(connection)


def _see_to_role(connection: Connection, role: str, name: str) -> None:
    """The role exists and whoever migrates may become it (his nodes log in as he does and then are the role)."""
    if connection.execute(text("select 1 from pg_roles where rolname = :role"), {"role": role}).scalar() is None:
        _try(connection, role, f"create role {name} nologin")
    member = text("select pg_has_role(current_user, :role, 'member')")
    if not connection.execute(member, {"role": role}).scalar_one():
        _try(connection, role, f"grant {name} to current_user")
    elif (
        _major(connection) >= SET_OPTION_SINCE
        and not connection.execute(text("select pg_has_role(current_user, :role, 'set')"), {"role": role}).scalar_one()
    ):
        _try(connection, role, f"grant {name} to current_user with set true")


def _try(connection: Connection, role: str, statement: str) -> None:
    try:
        with connection.begin_nested():
            connection.exec_driver_sql(statement)
    except ProgrammingError as error:
        if getattr(error.orig, "sqlstate", "") != _DENIED:
            raise
        raise ApplicationRoleMissing(
            f"数据库中没有应用角色 {role}，而且当前账号无权创建或使用它。",
            f"The application's role {role} is missing, and this account may not make or use it.",
            next_zh=f"请由数据库管理员执行：create role {role} nologin; grant {role} to <本账号>; "
            "或设置 LIANBAN_DATABASE_ROLE=none（见 docs/operations.md）。",
            next_en=f"Have the administrator run: create role {role} nologin; grant {role} to <this account>; "
            "or set LIANBAN_DATABASE_ROLE=none (docs/operations.md).",
        ) from None


def _grant(connection: Connection, name: str) -> None:
    """Reading and writing of rows, nothing more; the record can only be added to, and the schema's revision only be read."""
    schema = _quoted(connection, connection.execute(text("select current_schema()")).scalar_one())
    kept = [table for table, rule in TABLES.items() if rule.is_kept and _exists(connection, table)]
    for statement in (
        f"grant usage on schema {schema} to {name}",
        f"grant select, insert, update, delete on all tables in schema {schema} to {name}",
        f"grant usage, select on all sequences in schema {schema} to {name}",
        f"grant execute on all functions in schema {schema} to {name}",
        f"alter default privileges in schema {schema} grant select, insert, update, delete on tables to {name}",
        f"alter default privileges in schema {schema} grant usage, select on sequences to {name}",
        f"revoke insert, update, delete on alembic_version from {name}",
        *(f"revoke delete, truncate on {table} from {name}" for table in kept),
    ):
        connection.exec_driver_sql(statement)


def _major(connection: Connection) -> int:
    return int(connection.execute(text("show server_version_num")).scalar_one()) // 10000


def _exists(connection: Connection, table: str) -> bool:
    return connection.execute(text("select to_regclass(:table)"), {"table": table}).scalar() is not None


def _quoted(connection: Connection, name: str) -> str:
    return connection.dialect.identifier_preparer.quote(name)
