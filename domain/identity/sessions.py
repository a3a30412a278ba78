"""Log-in sessions: a random token in the cookie, its SHA-256 in the table, sliding expiry by the host's clock."""

from __future__ import annotations

import hashlib
import secrets
from datetime import timedelta

from sqlalchemy import delete

from domain.clock import HOST, Clock
from domain.context import Context
from domain.identity.models import LoginSession, User

TOKEN_BYTES = 32
TOUCH_EVERY = timedelta(minutes=1)
"""A session is marked as seen at most this often (:class:`domain.identity.arrivals.Arrival`): reading a page is not a write."""


def open_session(
    ctx: Context, user: User, lifetime: timedelta, *, user_agent: str = "", clock: Clock = HOST
) -> tuple[str, LoginSession]:
    """A new session: (token for the cookie, row with its CSRF token)."""
    token = secrets.token_urlsafe(TOKEN_BYTES)
    now = clock.now()
    row = LoginSession(
        token_hash=_digest(token),
        user_id=user.id,
        csrf_token=secrets.token_urlsafe(TOKEN_BYTES),
        created_at=now,
        last_seen_at=now,
        expires_at=now + lifetime,
        user_agent=user_agent[:200],
    )
    ctx.session.add(row)
    ctx.session.flush()
    return token, row


def close_session(ctx: Context, token: str) -> None:
    """Log out."""
    ctx.session.execute(delete(LoginSession).where(LoginSession.token_hash == _digest(token)))


def close_sessions_of(ctx: Context, user_id: int) -> None:
    """Log a person out everywhere (password changed, account closed)."""
    ctx.session.execute(delete(LoginSession).where(LoginSession.user_id == user_id))


def drop_expired(ctx: Context, *, clock: Clock = HOST) -> int:
    """Remove sessions past their end; how many."""
    gone = ctx.session.execute(
        delete(LoginSession).where(LoginSession.expires_at <= clock.now()).returning(LoginSession.token_hash)
    )
    return len(gone.all())


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
