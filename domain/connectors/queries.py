"""Connections, read: what uses a secret, how hosts are doing, what was called."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import BigInteger, String, column, or_, select, table

from domain.connectors.models import AllowedHost, HostState, HttpCall
from domain.context import Context

_CASES = table("cases", column("id", BigInteger), column("case_no", String))
_CHANNELS = table("site_channels", column("secret_name", String), column("name", String), column("site_id", BigInteger))
_SHOWN = (
    "id",
    "element_id",
    "method",
    "host",
    "path",
    "state",
    "status",
    "milliseconds",
    "sent_bytes",
    "received_bytes",
    "error_code",
    "started_at",
)


def uses_of_secrets(ctx: Context, site_ids: Iterable[int] | None) -> dict[str, list[str]]:
    """Name → the hosts it may be sent to, and the channels whose address it is, of these sites and the platform (None: all)."""
    own = None if site_ids is None else list(site_ids)
    found: dict[str, list[str]] = {}
    rows = select(AllowedHost.host, AllowedHost.secrets)
    channels = select(_CHANNELS.c.secret_name, _CHANNELS.c.name)
    if own is not None:
        rows = rows.where(or_(AllowedHost.site_id.is_(None), AllowedHost.site_id.in_(own)))
        channels = channels.where(or_(_CHANNELS.c.site_id.is_(None), _CHANNELS.c.site_id.in_(own)))
    for host, names in ctx.session.execute(rows):
        for name in names:
            found.setdefault(name, []).append(host)
    for name, channel in ctx.session.execute(channels):
        found.setdefault(name, []).append(channel)
    return {name: sorted(set(uses)) for name, uses in found.items()}


def states_of_hosts(ctx: Context, rows: Sequence[AllowedHost]) -> dict[str, HostState]:
    """``name:port`` → how the host is doing."""
    names = [f"{row.host}:{row.port}" for row in rows]
    return {row.host: row for row in ctx.session.scalars(select(HostState).where(HostState.host.in_(names)))}


def list_calls(
    ctx: Context, site_ids: Iterable[int] | None, *, only_failed: bool, before_id: int | None, limit: int
) -> list[dict[str, Any]]:
    """Calls of these sites (None: all), newest first; one more than ``limit`` when there are more."""
    query = (
        select(HttpCall, _CASES.c.case_no)
        .outerjoin(_CASES, _CASES.c.id == HttpCall.case_id)
        .order_by(HttpCall.id.desc())
        .limit(limit + 1)
    )
    if site_ids is not None:
        query = query.where(HttpCall.site_id.in_(list(site_ids)))
    if only_failed:
        query = query.where(HttpCall.error_code.is_not(None))
    if before_id is not None:
        query = query.where(HttpCall.id < before_id)
    return [
        {**{name: getattr(call, name) for name in _SHOWN}, "case_no": case_no}
        for call, case_no in ctx.session.execute(query)
    ]
