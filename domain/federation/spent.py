"""Things that are good for one use: written down when used, so that a second use is refused on every node."""

from __future__ import annotations

import hashlib
from datetime import datetime

from sqlalchemy import delete
from sqlalchemy.dialects.postgresql import insert

from domain.clock import HOST, Clock
from domain.context import Context
from domain.federation.models import SpentToken


def spend(ctx: Context, kind: str, token: str, ends_at: datetime) -> bool:
    """Use it; False when it was used already. Commit before acting on it."""
    digest = hashlib.sha256(f"{kind}|{token}".encode()).hexdigest()
    statement = insert(SpentToken).values(digest=digest, ends_at=ends_at).on_conflict_do_nothing()
    return ctx.session.execute(statement.returning(SpentToken.digest)).scalar_one_or_none() is not None


def drop_old(ctx: Context, *, clock: Clock = HOST) -> int:
    """Forget what is too old to be used in any case. How many."""
    gone = delete(SpentToken).where(SpentToken.ends_at <= clock.now())
    return len(ctx.session.execute(gone.returning(SpentToken.digest)).all())
