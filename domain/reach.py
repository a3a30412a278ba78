"""How far a transaction reaches: who acts, at which sites, told to the database for its policies (:mod:`domain.row_policies`).

Nothing told, nothing seen. The settings end with the transaction. A step that locked a case may see and write what belongs to it
(``lianban.cases``, set by the very statement that locks, which itself finds only what the actor may see).
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Final, TypedDict

from sqlalchemy import TextClause, text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from domain.actors import Actor, Role
from domain.errors import NotFound
from domain.statements import Statement


class Values(TypedDict):
    """Settings as the database takes them."""

    sites: str
    user: str
    scope: str


@dataclass(frozen=True, slots=True)
class Reach:
    """Sites where the actor holds a role, his own account, and whether he acts for or watches over the whole platform."""

    sites: tuple[int, ...] = ()
    user_id: int = 0
    scope: str = ""
    """system: everything; operator, auditor: frames and the record everywhere, no content; empty: own sites and own cases."""

    def values(self) -> Values:
        """As the settings' values."""
        sites = f"{{{','.join(map(str, self.sites))}}}" if self.sites else ""
        return {"sites": sites, "user": str(self.user_id or ""), "scope": self.scope}


NOBODY: Final = Reach()
EVERYTHING: Final = Reach(scope="system")
SETTING: Final = (
    "set_config('lianban.sites', %(sites)s, true), set_config('lianban.user', %(user)s, true),"
    " set_config('lianban.scope', %(scope)s, true), set_config('lianban.cases', '', true)"
)
"""Tells a transaction's reach within a statement that is sent anyway."""
HOLD: Final = (
    "set_config('lianban.cases',"
    " (coalesce(nullif(current_setting('lianban.cases', true), ''), '{{}}')::bigint[] || {})::text, true)"
)
"""In the list of a statement that locks: its case is held from here on. The place is for the case's id."""
DUTY: Final[TextClause] = text("select set_config('lianban.scope', 'system', true)")
"""For a connection that acts for the platform outside of :meth:`Platform.transaction`."""
_TELL: Final = Statement(f"select {SETTING}")
_HOLD: Final = Statement(f"select {HOLD.format('cases.id')} from cases where id = %(id)s")  # noqa: S608 -- constants
_BACK: Final = text("select set_config('lianban.scope', :scope, true)")
_SCOPE: Final = Statement("select current_setting('lianban.scope', true), set_config('lianban.scope', %(scope)s, true)")


def of(actor: Actor) -> Reach:
    """The reach of an actor."""
    if actor.has(Role.SYSTEM):
        return EVERYTHING
    scope = "operator" if actor.has(Role.PLATFORM_ADMIN) else "auditor" if actor.has(Role.AUDITOR) else ""
    return Reach(actor.site_ids, actor.user_id, scope)


def tell(session: Session, reach: Reach) -> None:
    """Tell the database: one small statement. Cases that were held are not held any more."""
    _TELL.run(session, reach.values())


def hold(session: Session, case_id: int) -> None:
    """Hold a case that the actor sees, for writes about it outside of a step. Raises :class:`NotFound` for any other."""
    if _HOLD.row(session, {"id": case_id}) is None:
        raise NotFound("没有这个办件。", "There is no such case.")


@contextmanager
def for_platform(session: Session) -> Iterator[None]:
    """A part of a transaction that the platform itself does, whoever asked: a signed message, a public code, a duty.

    The caller answers for what leaves this part.
    """
    session.flush()
    before = _SCOPE.row(session, {"scope": EVERYTHING.scope})
    own = {"scope": (before and before[0]) or ""}
    try:
        yield
        session.flush()
    except BaseException:
        # Who catches it may go on in this transaction, unless it failed in the database: then its settings end with it. What was
        # not written yet is not written for the platform any more: no flush before.
        with suppress(SQLAlchemyError):
            session.connection().execute(_BACK, own)
        raise
    _SCOPE.row(session, own)
