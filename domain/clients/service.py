"""Registering API clients, their tokens, and letting them in."""

from __future__ import annotations

import hashlib
import re
import secrets
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, cast

from sqlalchemy import Table, func, or_, select, update
from sqlalchemy.orm import Session

from domain.actors import Role
from domain.audit import service as audit
from domain.clients.errors import BadClient, ClientRevoked
from domain.clients.models import ApiClient
from domain.clients.scopes import Client, Scope
from domain.clock import HOST
from domain.context import Context
from domain.errors import Forbidden, NotFound
from domain.sites.models import Site

CLIENTS = cast("Table", ApiClient.__table__)
PREFIX: Final = "lbk_"
TOKEN_BYTES: Final = 32
TOUCH_EVERY: Final = timedelta(minutes=1)
"""A use is written down at most this often."""
LONGEST: Final = timedelta(days=365)
"""How long a token lives at most, unless the deployment says otherwise (LIANBAN_API_TOKEN_LONGEST)."""
MOST_TOPICS: Final = 50
MOST_ITEMS: Final = 50
TOPIC: Final = re.compile(r"^(\*|[A-Za-z0-9][A-Za-z0-9._:/-]{0,190}\*?)$")


@dataclass(frozen=True, slots=True)
class NewClient:
    """What is registered. ``site_id`` None (platform administrators only): for all sites; ``items`` None: cases of every item."""

    name: str
    topics: Sequence[str]
    expires_at: datetime
    scopes: Sequence[str] = (Scope.EXTERNAL_TASKS.value,)
    organisation: str = ""
    site_id: int | None = None
    items: Sequence[str] | None = None


def create(
    ctx: Context, new: NewClient, *, known_items: Collection[str] = (), longest: timedelta = LONGEST
) -> tuple[ApiClient, str]:
    """Register a client: (row, token). The token is never shown again. Raises :class:`BadClient`, :class:`Forbidden`.

    ``known_items``: codes that there are; ``longest``: how long a token may live.
    """
    _require_admin(ctx, new.site_id)
    if not new.name.strip():
        raise BadClient("请填写名称。", "A name is needed.", pointer="/name")
    if new.site_id is not None and ctx.session.get(Site, new.site_id) is None:
        raise BadClient("没有这个机构。", "There is no such site.", pointer="/siteId")
    now = HOST.now()
    _check_end(new.expires_at, now, now, longest)
    token = _make_token()
    row = ApiClient(
        name=new.name.strip(),
        organisation=new.organisation.strip(),
        site_id=new.site_id,
        scopes=_scopes(new.scopes),
        topics=_topics(new.topics),
        items=_items(new.items, known_items),
        token_hash=digest(token),
        token_hint=token[-4:],
        expires_at=new.expires_at,
        created_at=now,
        created_by=ctx.actor.user_id,
    )
    ctx.session.add(row)
    ctx.session.flush()
    data = {"topics": list(row.topics), "scopes": list(row.scopes), "expiresAt": new.expires_at.isoformat()}
    _record(ctx, row, "client.created", {**data, "items": row.items})
    return row, token


@dataclass(frozen=True, slots=True)
class Change:
    """What is changed of a client; None leaves it. ``items`` empty: of every item again."""

    topics: Sequence[str]
    expires_at: datetime | None = None
    items: Sequence[str] | None = None


def change(
    ctx: Context, client_id: int, new: Change, *, known_items: Collection[str] = (), longest: timedelta = LONGEST
) -> ApiClient:
    """Other topics or items, another end: never past the longest life of the present token.

    Raises :class:`ClientRevoked`, :class:`BadClient`, :class:`NotFound`.
    """
    row = _lock(ctx, client_id)
    if new.expires_at is not None and new.expires_at != row.expires_at:
        _check_end(new.expires_at, HOST.now(), row.rotated_at or row.created_at, longest)
        row.expires_at = new.expires_at
    row.topics = _topics(new.topics)
    if new.items is not None:
        row.items = _items(new.items or None, known_items)
    ctx.session.flush()
    ends = None if row.expires_at is None else row.expires_at.isoformat()
    data = {"topics": list(row.topics), "items": row.items, "expiresAt": ends}
    _record(ctx, row, "client.changed", data)
    return row


def rotate(
    ctx: Context,
    client_id: int,
    *,
    overlap: timedelta,
    expires_at: datetime | None = None,
    longest: timedelta = LONGEST,
) -> tuple[ApiClient, str]:
    """A new token: (row, token); the one before stays good for ``overlap``, never past its own end.

    ``expires_at`` None: the new one lives as long as it may. Raises :class:`ClientRevoked`, :class:`BadClient`, :class:`NotFound`.
    """
    row = _lock(ctx, client_id)
    now = HOST.now()
    if expires_at is not None:
        _check_end(expires_at, now, now, longest)
    token = _make_token()
    row.previous_hash = row.token_hash if overlap else None
    row.previous_until = min(now + overlap, row.expires_at or now) if overlap else None
    row.token_hash, row.token_hint, row.rotated_at = digest(token), token[-4:], now
    ends = row.expires_at = expires_at or now + longest
    ctx.session.flush()
    data = {"overlapSeconds": int(overlap.total_seconds()), "expiresAt": ends.isoformat()}
    _record(ctx, row, "client.rotated", data)
    return row, token


def revoke(ctx: Context, client_id: int) -> ApiClient:
    """Withdraw a client: its tokens are refused from now on. Raises :class:`ClientRevoked`, :class:`NotFound`."""
    row = _lock(ctx, client_id)
    row.revoked_at = HOST.now()
    row.previous_hash = row.previous_until = None
    ctx.session.flush()
    _record(ctx, row, "client.revoked", {})
    return row


def list_clients(ctx: Context) -> list[tuple[ApiClient, str | None]]:
    """The clients that the actor looks after, newest first, with the name of their site."""
    query = select(ApiClient, Site.name).outerjoin(Site, Site.id == ApiClient.site_id).order_by(ApiClient.id.desc())
    if not _is_platform(ctx):
        query = query.where(ApiClient.site_id.in_(_sites(ctx)))
    return [(row, site) for row, site in ctx.session.execute(query.limit(500))]


def site_name(ctx: Context, row: ApiClient) -> str | None:
    """The name of a client's site; None: it serves all."""
    return None if row.site_id is None else ctx.session.get_one(Site, row.site_id).name


def find_by_token(session: Session, token: str) -> Client | None:
    """Who holds the token; None when it is unknown, revoked or past its end (host time). A use is written once a minute."""
    if not token.startswith(PREFIX):
        return None
    hashed, now = digest(token), func.clock_timestamp()
    row = session.execute(
        select(
            CLIENTS.c.id,
            CLIENTS.c.name,
            CLIENTS.c.site_id,
            CLIENTS.c.scopes,
            CLIENTS.c.topics,
            CLIENTS.c["items"].label("item_codes"),
            CLIENTS.c.last_used_at,
            now.label("host_now"),
        ).where(
            or_(
                CLIENTS.c.token_hash == hashed,
                (CLIENTS.c.previous_hash == hashed) & (CLIENTS.c.previous_until > now),
            ),
            CLIENTS.c.revoked_at.is_(None),
            CLIENTS.c.expires_at > now,
        )
    ).one_or_none()
    if row is None:
        return None
    if row.last_used_at is None or row.host_now - row.last_used_at >= TOUCH_EVERY:
        session.execute(update(CLIENTS).where(CLIENTS.c.id == row.id).values(last_used_at=row.host_now))
    items = None if row.item_codes is None else frozenset(row.item_codes)
    return Client(row.id, row.name, row.site_id, frozenset(row.scopes), tuple(row.topics), items)


def list_serving(session: Session) -> tuple[tuple[str | None, tuple[str, ...]], ...]:
    """(site code, topics) of every client that may fetch external tasks now; None: those of all sites."""
    now = func.clock_timestamp()
    rows = session.execute(
        select(Site.code, CLIENTS.c.topics)
        .select_from(CLIENTS.outerjoin(cast("Table", Site.__table__), Site.id == CLIENTS.c.site_id))
        .where(
            CLIENTS.c.revoked_at.is_(None),
            CLIENTS.c.expires_at > now,
            CLIENTS.c.scopes.contains([Scope.EXTERNAL_TASKS.value]),
        )
    )
    return tuple((row.code, tuple(row.topics)) for row in rows)


def digest(token: str) -> str:
    """What is stored of a token. It has 256 random bits: a plain hash cannot be guessed backwards."""
    return hashlib.sha256(token.encode()).hexdigest()


def _make_token() -> str:
    return PREFIX + secrets.token_urlsafe(TOKEN_BYTES)


def _scopes(given: Sequence[str]) -> list[Any]:
    known = {scope.value for scope in Scope}
    wrong = sorted(set(given) - known)
    if wrong or not given:
        raise BadClient("请选择权限范围。", f"Scopes are: {', '.join(sorted(known))}.", pointer="/scopes")
    return sorted(set(given))


def _items(given: Sequence[str] | None, known: Collection[str]) -> list[Any] | None:
    if given is None:
        return None
    named = list(dict.fromkeys(given))
    if not named or len(named) > MOST_ITEMS:
        raise BadClient(
            f"请选择 1 至 {MOST_ITEMS} 个事项，或不限事项。",
            f"Name 1 to {MOST_ITEMS} items, or none.",
            pointer="/items",
        )
    for index, code in enumerate(named):
        if code not in known:
            raise BadClient("没有这个事项。", "There is no such item.", pointer=f"/items/{index}")
    return named


def _check_end(expires_at: datetime, now: datetime, made_at: datetime, longest: timedelta) -> None:
    """A token ends some time, and not later than its longest life after it was made."""
    if not now < expires_at <= made_at + longest:
        days = longest.days
        raise BadClient(
            f"有效期应晚于现在，且令牌自签发起最长 {days} 天；需要更久请更换令牌。",
            f"It must end after now, and at most {days} days after the token was made; rotate it to go on longer.",
            pointer="/expiresAt",
        )


def _topics(given: Sequence[str]) -> list[Any]:
    named = list(dict.fromkeys(topic.strip() for topic in given if topic.strip()))
    if not named or len(named) > MOST_TOPICS:
        raise BadClient(f"请填写 1 至 {MOST_TOPICS} 个主题。", f"Name 1 to {MOST_TOPICS} topics.", pointer="/topics")
    for index, topic in enumerate(named):
        if not TOPIC.match(topic):
            raise BadClient(
                "主题应由字母、数字和 . _ : / - 组成，可以 * 结尾。",
                "A topic is letters, digits and . _ : / -, and may end with *.",
                pointer=f"/topics/{index}",
            )
    return named


def _lock(ctx: Context, client_id: int) -> ApiClient:
    row = ctx.session.get(ApiClient, client_id, with_for_update=True)
    if row is None or not (_is_platform(ctx) or row.site_id in _sites(ctx)):
        raise NotFound("没有这个接口客户端。", "There is no such API client.")
    if row.revoked_at is not None:
        raise ClientRevoked("该客户端已停用。", "This client was revoked.")
    return row


def _require_admin(ctx: Context, site_id: int | None) -> None:
    if not (_is_platform(ctx) or (site_id is not None and site_id in _sites(ctx))):
        raise Forbidden(
            "只能为本机构登记接口客户端；面向所有机构的由平台管理员登记。",
            "Register clients of your own site; those for all sites are the platform administrator's.",
        )


def _is_platform(ctx: Context) -> bool:
    return ctx.actor.has(Role.PLATFORM_ADMIN) or ctx.actor.has(Role.SYSTEM)


def _sites(ctx: Context) -> list[int]:
    return [site for site in ctx.actor.site_ids if Role.SITE_ADMIN in ctx.actor.roles_at(site)]


def _record(ctx: Context, row: ApiClient, kind: str, data: dict[str, Any]) -> None:
    audit.record(ctx, kind, site_id=row.site_id, data={"client": row.id, "name": row.name, **data})
