"""When sealing anew is over: no row is left, and nobody can write under another key any more.

A process learns of a new key a few seconds after the change, and what it sealed before may be committed much later: a long
transaction (an import) ends after the last look at its table. So a run ends only when every node said that it uses the new
keys, and every transaction is over that began before the nodes said so.
"""

from __future__ import annotations

from typing import Final

from sqlalchemy import select, text

from domain.context import Context
from domain.nodes import queries as nodes
from domain.nodes.queries import Told
from domain.nodes.service import THIS_TRANSACTION
from domain.resealing.models import Resealing

_OLDER: Final = text("""
    select 1 from pg_locks as held join pg_stat_activity as who on who.pid = held.pid
     where held.locktype = 'transactionid' and held.mode = 'ExclusiveLock' and held.granted
       and who.datname = current_database() and age(held.transactionid) > age(xid(cast(:fence as xid8)))
     limit 1""")
"""A transaction of this database that wrote something and began before another one. Every role may ask."""


def list_unaware(ctx: Context, run: Resealing) -> list[Told]:
    """The living nodes that do not yet use the keys of the run."""
    return [told for told in nodes.list_told(ctx) if told.key != (run.key_id, run.blind_version)]


def is_fenced(ctx: Context, run: Resealing) -> bool:
    """Whether what lies in the tables now is all that can ever lie there under other keys."""
    if run.fence is None:
        run.fence = _find_fence(ctx, run)
    return run.fence is not None and not waits_for_transactions(ctx, run.fence)


def waits_for_transactions(ctx: Context, fence: int) -> bool:
    """Whether a transaction goes on that began before the fence."""
    return ctx.session.execute(_OLDER, {"fence": str(fence)}).first() is not None


def _find_fence(ctx: Context, run: Resealing) -> int | None:
    """The transaction of the last heartbeat with which all nodes have said it; without nodes, this transaction."""
    told = nodes.list_told(ctx)
    if any(each.key != (run.key_id, run.blind_version) for each in told):
        return None
    own: int = ctx.session.execute(select(THIS_TRANSACTION)).scalar_one()
    return max((each.written_in for each in told), default=own)
