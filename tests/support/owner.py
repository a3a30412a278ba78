"""Damage that the product's own role may not do: by the owner of the tables, within a transaction."""

import dataclasses
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection, create_engine, make_url, text
from sqlalchemy.orm import Session

from bootstrap.container import Platform, make_sql_engine
from bootstrap.migrations import migrate
from bootstrap.settings import Settings

OWNER = "lianban_test_owner"


@contextmanager
def as_owner(session: Session | Connection) -> Iterator[None]:
    """Whoever comes around the product: the policies do not bind him. Afterwards the product's role is back."""
    role = session.execute(text("select current_user")).scalar_one()
    session.execute(text("set local role none"))
    yield
    session.execute(text(f'set local role "{role}"'))


@contextmanager
def owned_by_what_runs(admin_url: str, settings: Settings) -> Iterator[Platform]:
    """A database as on a server where no role may be made: what runs is the owner, who is no superuser."""
    server = create_engine(admin_url, isolation_level="AUTOCOMMIT")
    name = "lianban_of_owner"
    own = dataclasses.replace(settings, database_role="none", owner_role_accepted=True)
    url = make_url(admin_url).set(database=name, username=OWNER, password="test")
    with server.connect() as admin:
        for statement in (
            f"drop database if exists {name}",
            f"drop role if exists {OWNER}",
            f"create role {OWNER} login password 'test'",
            f"create database {name} owner {OWNER} encoding 'UTF8' lc_ctype 'C.UTF-8' lc_collate 'C' template template0",
        ):
            admin.execute(text(statement))
        engine = make_sql_engine(own, url.render_as_string(hide_password=False))
        with engine.begin() as connection:
            migrate(connection, role="none")
        yield Platform(own, engine)
        engine.dispose()
        admin.execute(text(f"drop database {name}"))
        admin.execute(text(f"drop role {OWNER}"))
    server.dispose()
