"""Log-in sessions: a random token in the cookie, its SHA-256 in the table; idle and absolute ends by the host's clock.

The one model for every way to log in (password, code, an identity provider): whoever proved who somebody is calls
:func:`open_session`, or :func:`renew` for a person who proved it again or more strongly. Both give a new token.
"""

from __future__ import annotations

import hashlib
import ipaddress
import secrets
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import delete, func, select, update

from domain.clock import HOST, Clock
from domain.context import Context
from domain.errors import DomainError, Kind, NotFound
from domain.identity.models import LoginSession, User

TOKEN_BYTES = 32
TOUCH_EVERY = timedelta(minutes=1)
"""A session is marked as seen at most this often (:class:`domain.identity.arrivals.Arrival`): reading a page is not a write."""
HALF_WAY = timedelta(minutes=10)
"""How long somebody may take between password and second factor."""
PASSWORD, CODE, RECOVERY, FEDERATED = "pwd", "otp", "recovery", "fed"
"""Methods of a session: those of RFC 8176 where it has a name; ``fed``: an identity provider said so (its own methods beside it)."""


class Level(StrEnum):
    """How surely it is known who the person is (实名/实人); staff and local accounts have none of them."""

    NONE = ""
    REAL_NAME = "real-name"
    REAL_PERSON = "real-person"


class Must(StrEnum):
    """What is left to do before a session is good for anything else, in this order."""

    SECOND_FACTOR = "second-factor"
    CHANGE_PASSWORD = "change-password"  # noqa: S105 -- a duty, not a password
    ENROL = "enrol"


class SessionGone(DomainError):
    """The session ended while the request was on its way."""

    code = "not-logged-in"
    kind = Kind.FORBIDDEN
    title_zh = "登录已失效"
    title_en = "The session has ended"
    next_zh = "请重新登录。"
    next_en = "Log in again."


@dataclass(frozen=True, slots=True)
class Proof:
    """How somebody proved who they are. ``at`` None: now (an identity provider may have seen the person earlier)."""

    methods: tuple[str, ...] = (PASSWORD,)
    level: str = Level.NONE
    must: Must | None = None
    at: datetime | None = None


BY_PASSWORD = Proof()


@dataclass(frozen=True, slots=True)
class SessionRow:
    """A session as its person and administrators see it."""

    number: UUID
    user_agent: str
    address: str
    created_at: datetime
    last_seen_at: datetime
    authenticated_at: datetime
    expires_at: datetime
    methods: tuple[str, ...]
    level: str


def open_session(
    ctx: Context,
    user: User,
    idle: timedelta,
    *,
    proof: Proof = BY_PASSWORD,
    lifetime: timedelta | None = None,
    user_agent: str = "",
    address: str = "",
    clock: Clock = HOST,
) -> tuple[str, LoginSession]:
    """A new session: (token for the cookie, row with its CSRF token). It ends when idle for so long, and at ``lifetime`` in any case."""
    token = secrets.token_urlsafe(TOKEN_BYTES)
    now = clock.now()
    ends_at = now + (lifetime or idle)
    row = LoginSession(
        token_hash=digest(token),
        user_id=user.id,
        csrf_token=secrets.token_urlsafe(TOKEN_BYTES),
        created_at=now,
        last_seen_at=now,
        expires_at=_end(now, idle, ends_at, proof.must),
        ends_at=ends_at if lifetime else None,
        user_agent=user_agent[:200],
        address=coarse_address(address),
        authenticated_at=proof.at or now,
        methods=list(proof.methods),
        level=str(proof.level),
        must=proof.must,
    )
    ctx.session.add(row)
    ctx.session.flush()
    return token, row


def renew(ctx: Context, token: str, idle: timedelta, *, proof: Proof, clock: Clock = HOST) -> tuple[str, LoginSession]:
    """The person proved it again, or more strongly: (new token, row); the old token is refused from now on.

    Methods add up, the level never falls, ``must`` becomes the proof's. Raises :class:`SessionGone`.
    """
    row = ctx.session.scalar(
        select(LoginSession)
        .where(LoginSession.token_hash == digest(token), LoginSession.expires_at > func.clock_timestamp())
        .with_for_update()
    )
    if row is None:
        raise SessionGone("登录已失效。", "The session has ended.")
    fresh = secrets.token_urlsafe(TOKEN_BYTES)
    now = clock.now()
    row.token_hash = digest(fresh)
    row.methods = [*row.methods, *(method for method in proof.methods if method not in row.methods)]
    row.level = max(Level(row.level), Level(proof.level), key=list(Level).index)
    row.authenticated_at, row.must = proof.at or now, proof.must
    row.expires_at = _end(now, idle, row.ends_at or now + idle, proof.must)
    ctx.session.flush()
    return fresh, row


def close_session(ctx: Context, token: str) -> None:
    """Log out."""
    ctx.session.execute(delete(LoginSession).where(LoginSession.token_hash == digest(token)))


def close_sessions_of(ctx: Context, user_id: int, *, keep: UUID | None = None) -> int:
    """Log a person out everywhere (password changed, account closed), but for the session ``keep``. How many ended."""
    return len(_close(ctx, LoginSession.user_id == user_id, *([] if keep is None else [LoginSession.number != keep])))


def revoke(ctx: Context, user_id: int, number: UUID) -> None:
    """End one session of a person. Raises :class:`NotFound` when it is not the person's or has ended."""
    if not _close(ctx, LoginSession.user_id == user_id, LoginSession.number == number):
        raise NotFound("该登录已经结束。", "That session has ended already.")


def list_sessions(ctx: Context, user_id: int) -> list[SessionRow]:
    """A person's living sessions, last used first."""
    query = (
        select(LoginSession)
        .where(LoginSession.user_id == user_id, LoginSession.expires_at > func.clock_timestamp())
        .order_by(LoginSession.last_seen_at.desc(), LoginSession.number)
        .limit(200)
    )
    return [
        SessionRow(
            row.number,
            row.user_agent,
            row.address,
            row.created_at,
            row.last_seen_at,
            row.authenticated_at or row.created_at,
            row.expires_at,
            tuple(row.methods),
            row.level,
        )
        for row in ctx.session.scalars(query)
    ]


def drop_expired(ctx: Context, *, clock: Clock = HOST) -> int:
    """Remove sessions past their end; how many."""
    return len(_close(ctx, LoginSession.expires_at <= clock.now()))


def settle(ctx: Context, number: UUID, must: Must | None) -> None:
    """One duty of a session is done; ``must`` is the next."""
    ctx.session.execute(update(LoginSession).where(LoginSession.number == number).values(must=must))


def digest(token: str) -> str:
    """What is stored of a session token: its SHA-256 (it has 256 random bits)."""
    return hashlib.sha256(token.encode()).hexdigest()


def coarse_address(address: str) -> str:
    """The network an address belongs to (IPv4 /24, IPv6 /48): enough to recognise, not to follow somebody."""
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return ""
    if isinstance(found, ipaddress.IPv6Address) and found.ipv4_mapped:
        found = found.ipv4_mapped
    bits = 24 if found.version == 4 else 48  # noqa: PLR2004 -- versions of the protocol
    return str(ipaddress.ip_network((found, bits), strict=False))


def _close(ctx: Context, *where: Any) -> Collection[str]:
    return ctx.session.execute(delete(LoginSession).where(*where).returning(LoginSession.token_hash)).scalars().all()


def _end(now: datetime, idle: timedelta, ends_at: datetime, must: Must | None) -> datetime:
    """Half a log-in does not last."""
    return min(now + (min(idle, HALF_WAY) if must is Must.SECOND_FACTOR else idle), ends_at)
