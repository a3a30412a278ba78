"""Bringing the schema to the state this version of the product needs."""

from __future__ import annotations

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection

from bootstrap.errors import SchemaNotCurrent
from bootstrap.settings import ROOT


def configuration(connection: Connection | None = None) -> Config:
    """Alembic's configuration, bound to an open connection when one is given."""
    config = Config()
    config.set_main_option("script_location", str(ROOT / "migrations"))
    config.set_main_option("file_template", "%%(rev)s_%%(slug)s")
    config.set_main_option("path_separator", "os")
    if connection is not None:
        config.attributes["connection"] = connection
    return config


def current_revision(connection: Connection) -> str | None:
    """The revision of the database; None before the first migration."""
    return MigrationContext.configure(connection).get_current_revision()


def newest_revision() -> str | None:
    """The revision this version of the product needs."""
    return ScriptDirectory.from_config(configuration()).get_current_head()


def migrate(connection: Connection, revision: str = "head") -> None:
    """Upgrade the schema. The caller commits."""
    command.upgrade(configuration(connection), revision)


def make_revision(connection: Connection, message: str) -> str:
    """Write the next migration from the difference between tables and models. Returns the path of the file."""
    number = len(list(ScriptDirectory.from_config(configuration()).walk_revisions())) + 1
    made = command.revision(configuration(connection), message=message, autogenerate=True, rev_id=f"{number:04d}")
    script = made[0] if isinstance(made, list) else made
    return str(script.path) if script is not None else ""


def require_current(connection: Connection) -> None:
    """Raise :class:`SchemaNotCurrent` unless the database has the newest revision."""
    have, need = current_revision(connection), newest_revision()
    if have != need:
        raise SchemaNotCurrent(
            f"数据库结构版本是 {have or '空'}，程序需要 {need}。",
            f"The database schema is at {have or 'nothing'}; this version needs {need}.",
            next_zh="请执行 lianban db migrate。",
            next_en="Run lianban db migrate.",
        )
