"""Bringing the schema to the state this version of the product needs."""

from __future__ import annotations

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from bootstrap import row_security
from bootstrap.database import refused_connection
from bootstrap.errors import ChineseNotIndexed, SchemaNotCurrent
from bootstrap.settings import ROOT
from domain import reach
from domain.items.service import load_catalogue

ROLE = "lianban_app"
"""The application's role unless the deployment names another (LIANBAN_DATABASE_ROLE)."""


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


def migrate(connection: Connection, revision: str = "head", *, role: str = ROLE) -> None:
    """Upgrade the schema and see to the application's role and the policies on its rows. The caller commits.

    Raises :class:`ChineseNotIndexed` for a database that cannot search Chinese, :class:`ApplicationRoleMissing`.
    """
    command.upgrade(configuration(connection), revision)
    if current_revision(connection) is not None:
        _require_chinese(connection)
    if current_revision(connection) == newest_revision():
        row_security.secure(connection, role)


def load_shipped(connection: Connection) -> int:
    """The items of the plan and their data contracts, as they ship with this version: how many items. The caller commits.

    Needs no keys: whoever migrates may not have them.
    """
    connection.execute(reach.DUTY)
    with Session(connection, join_transaction_mode="create_savepoint") as session:
        count = load_catalogue(session, connection.execute(text("select now()")).scalar_one())
        session.commit()
    return count


def _require_chinese(connection: Connection) -> None:
    if not connection.execute(text("select show_trgm('砚山县')")).scalar_one():
        raise ChineseNotIndexed(
            "数据库的字符分类（LC_CTYPE）不认识汉字，中文检索会变成全表扫描。",
            "The database's LC_CTYPE does not know Chinese characters: every search would read whole tables.",
            next_zh="请用 create database … lc_ctype 'C.UTF-8' template template0 重建数据库。",
            next_en="Make the database anew with: create database … lc_ctype 'C.UTF-8' template template0.",
        )


def make_revision(connection: Connection, message: str) -> str:
    """Write the next migration from the difference between tables and models. Returns the path of the file."""
    revisions = ScriptDirectory.from_config(configuration()).walk_revisions()
    number = max((int(script.revision) for script in revisions), default=0) + 1
    made = command.revision(configuration(connection), message=message, autogenerate=True, rev_id=f"{number:04d}")
    script = made[0] if isinstance(made, list) else made
    return str(script.path) if script is not None else ""


def refuse_behind(engine: Engine) -> None:
    """As :func:`require_current`, for a node that would count every failed step as a failed attempt.

    Where the database is away it starts all the same, and waits for it.
    """
    try:
        with engine.connect() as connection:
            require_current(connection)
    except OperationalError as error:
        refusal = refused_connection(error)
        if isinstance(refusal, SchemaNotCurrent):
            raise refusal from None


def require_current(connection: Connection) -> None:
    """Raise :class:`SchemaNotCurrent` when the database is behind this program.

    A database that is ahead was upgraded for a newer program that starts beside this one (docs/operations.md): it still fits.
    """
    have, need = current_revision(connection), newest_revision()
    if have is None or need is None or have < need:
        raise SchemaNotCurrent(
            f"数据库结构版本是 {have or '空'}，程序需要 {need}。",
            f"The database schema is at {have or 'nothing'}; this version needs {need}.",
            next_zh="请执行 lianban db migrate。",
            next_en="Run lianban db migrate.",
        )
