"""The edition of the rules that deadlines are computed by (policies, calendars): what was read of one edition need not be read again.

Every change of a policy or a calendar gives the edition a new random number in the same transaction (triggers of the database, so
whoever writes). A number never comes back, on no node and after no rollback: what a process remembers under it stays true. A step
learns the number once it holds its lock (the lock's statement brings it, else one small statement), so it is never behind a change
that was committed before it.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import Any, Final, TypeVar
from uuid import uuid4

from sqlalchemy.orm import Session

from domain.memory import Memory
from domain.statements import Statement

V = TypeVar("V")
_EDITION = Statement("select number from rules_edition")
_READ: Memory[Any] = Memory(2048)
_KEY = "rules.edition"
PRESENT: Final = "present_rules_edition()"
"""What a statement selects or returns to bring the number along; evaluated as late as its row is made."""


def remembered(session: Session, what: Hashable, read: Callable[[], V]) -> V:
    """What ``read`` gives for the present edition; asked of the database once per edition. The value must not be changed."""
    value: V = _READ.get((present(session), what), read)
    return value


def learn(session: Session, number: object) -> None:
    """The number that a statement of this transaction brought along."""
    if number is not None:
        session.info[_KEY] = (session.get_transaction(), str(number))


def forget(session: Session) -> None:
    """Ask for the edition again: this transaction changed the rules."""
    session.info.pop(_KEY, None)


def present(session: Session) -> str:
    """The number of the present edition. Asked once per transaction: a step sees one edition throughout."""
    transaction, number = session.info.get(_KEY, (None, ""))
    if transaction is None or transaction is not session.get_transaction():
        found = _EDITION.row(session, {})
        number = str(found[0] if found else uuid4())  # a database without an edition: nothing is remembered
        session.info[_KEY] = (session.get_transaction(), number)
    return str(number)
