"""Databases of the tests' server: templates that are made once for all workers, and copies of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from sqlalchemy import Connection, NullPool, create_engine, text

SCHEMA = "lianban_template"
"""The newest schema and nothing in it."""
_MAKING = 1


def url_of(admin_url: str, name: str) -> str:
    """The address of a database on the same server."""
    return admin_url.rsplit("/", 1)[0] + "/" + name


@contextmanager
def _administrator(admin_url: str) -> Iterator[Connection]:
    server = create_engine(admin_url, isolation_level="AUTOCOMMIT", poolclass=NullPool)
    with server.connect() as connection:
        yield connection


def make_once(admin_url: str, name: str, fill: Callable[[str], None], *, template: str = SCHEMA) -> str:
    """The name of a database that is a template: the first worker that asks makes and fills it, others wait for that."""
    with _administrator(admin_url) as admin:
        admin.execute(text("select pg_advisory_lock(:number)"), {"number": _MAKING})
        known = admin.execute(text("select 1 from pg_database where datname = :name"), {"name": name})
        if known.scalar() is None:
            draft = f"{name}_draft"
            admin.execute(text(f"create database {draft} template {template} strategy file_copy"))
            fill(url_of(admin_url, draft))
            admin.execute(text(f"alter database {draft} rename to {name}"))
    return name


@contextmanager
def copied(admin_url: str, name: str, *, template: str = SCHEMA) -> Iterator[str]:
    """The address of a new database like ``template``, dropped at the end."""
    with _administrator(admin_url) as admin:
        admin.execute(text(f"create database {name} template {template} strategy file_copy"))
    yield url_of(admin_url, name)
    with _administrator(admin_url) as admin:
        admin.execute(text(f"drop database {name} with (force)"))
