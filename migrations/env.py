"""Alembic's entry: uses the connection that ``lianban db`` hands over, or opens the deployment's database itself."""

from __future__ import annotations

from typing import Any

from alembic import context
from alembic.autogenerate.api import AutogenContext
from sqlalchemy import Connection, create_engine
from sqlalchemy.types import TypeDecorator

from bootstrap.database import open_database
from bootstrap.settings import Settings
from domain.metadata import metadata

LOCK_KEY = 0x11A2BA2
"""Advisory lock: two nodes that start together migrate one after the other."""


def render_item(kind: str, item: Any, autogen: AutogenContext) -> str | bool:
    """A migration does not import the domain: sealed columns are written as what the database stores."""
    del autogen
    if kind == "type" and isinstance(item, TypeDecorator) and type(item).__module__.startswith("domain."):
        return f"sa.{type(item.impl_instance).__name__}()"
    return False


def include_name(name: str | None, kind: str, parents: object) -> bool:
    """Tables of the job queue are made by its own schema, not by our models."""
    del parents
    return not (kind == "table" and name is not None and name.startswith("procrastinate_"))


def run(connection: Connection) -> None:
    """Migrate in one transaction."""
    context.configure(
        connection=connection,
        target_metadata=metadata,
        render_item=render_item,
        include_name=include_name,
        compare_type=True,
        compare_server_default=False,
        transaction_per_migration=False,
    )
    with context.begin_transaction():
        connection.exec_driver_sql(f"select pg_advisory_xact_lock({LOCK_KEY})")
        context.run_migrations()


given = context.config.attributes.get("connection")
if given is not None:
    run(given)
else:
    with open_database(Settings.from_environment()) as database, create_engine(database.owner_url).connect() as opened:
        run(opened)
