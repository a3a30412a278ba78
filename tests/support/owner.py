"""Damage that the product's own role may not do: by the owner of the tables, within a transaction."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection, text
from sqlalchemy.orm import Session


@contextmanager
def as_owner(session: Session | Connection) -> Iterator[None]:
    """Whoever comes around the product: the policies do not bind him. Afterwards the product's role is back."""
    role = session.execute(text("select current_user")).scalar_one()
    session.execute(text("set local role none"))
    yield
    session.execute(text(f'set local role "{role}"'))
