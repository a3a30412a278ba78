"""The allow-list: which hosts may be called, by whom, with which secrets. Nothing is allowed by default."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Final

from sqlalchemy import delete, or_, select
from sqlalchemy.dialects.postgresql import insert

from domain.actors import Role
from domain.audit import service as audit
from domain.audit.changes import changes
from domain.connectors.addresses import PORTS, Place, pin, read_host
from domain.connectors.errors import BadCall, HostNotAllowed
from domain.connectors.models import AllowedHost
from domain.context import Context
from domain.errors import Forbidden, NotFound
from domain.secrets import service as secrets

HIGHEST_PORT = 65535
MOST_SECRETS = 20
_RECORDED: Final = (
    "is_internal",
    "is_plain",
    "secrets",
    "most_at_once",
    "failures_to_open",
    "pause_seconds",
    "reason",
)


def put(
    ctx: Context,
    host: str,
    reason: str,
    *,
    site_id: int | None,
    port: int = PORTS["https"],
    is_internal: bool = False,
    is_plain: bool = False,
    names: Sequence[str] = (),
    most_at_once: int = 8,
    failures_to_open: int = 5,
    pause_seconds: int = 60,
) -> AllowedHost:
    """Allow a host or change its entry. Raises :class:`BadCall`, ``Forbidden``: internal hosts are the platform's to allow."""
    secrets.require_keeper(ctx, site_id)
    if (is_internal or is_plain) and not (ctx.actor.has(Role.PLATFORM_ADMIN) or ctx.actor.has(Role.SYSTEM)):
        raise Forbidden("内网主机由平台管理员放行。", "Internal hosts are allowed by the platform's administrator.")
    if not reason.strip():
        raise BadCall("没有写明理由。", "The reason is missing.", pointer="/reason")
    if is_plain and not is_internal:
        raise BadCall("只有内网主机可以不用 https。", "Only internal hosts may do without https.", pointer="/isPlain")
    if not 1 <= port <= HIGHEST_PORT:
        raise BadCall("端口不正确。", "The port is wrong.", pointer="/port")
    if len(names) > MOST_SECRETS or not all(secrets.NAME.fullmatch(name) for name in names):
        raise BadCall("密钥名称不正确。", "A secret's name is wrong.", pointer="/secrets")
    values = {
        "is_internal": is_internal,
        "is_plain": is_plain,
        "secrets": sorted(set(names)),
        "most_at_once": most_at_once,
        "failures_to_open": failures_to_open,
        "pause_seconds": pause_seconds,
        "reason": reason.strip()[:300],
        "changed_at": ctx.clock.now(),
        "changed_by": ctx.actor.name,
    }
    known = read_host(host.strip())
    before = _told(_own(ctx, known, port, site_id))
    statement = insert(AllowedHost).values(site_id=site_id, host=known, port=port, **values)
    row_id = ctx.session.execute(
        statement.on_conflict_do_update(index_elements=["site_id", "host", "port"], set_=values).returning(
            AllowedHost.id
        )
    ).scalar_one()
    row = ctx.session.get_one(AllowedHost, row_id, populate_existing=True)
    data = {"host": known, "port": port, "internal": is_internal, "changes": changes(before, _told(row))}
    audit.record(ctx, "host.allowed", site_id=site_id, data=data)
    return row


def remove(ctx: Context, host_id: int) -> None:
    """Take a host off the list. Raises ``NotFound``, also for another site's."""
    row = ctx.session.get(AllowedHost, host_id)
    if row is None or not secrets.keeps(ctx, row.site_id):
        raise NotFound("没有这个主机。", "There is no such host.")
    ctx.session.execute(delete(AllowedHost).where(AllowedHost.id == host_id))
    audit.record(ctx, "host.removed", site_id=row.site_id, data={"host": row.host, "port": row.port})


def list_hosts(ctx: Context, site_ids: Iterable[int] | None) -> list[AllowedHost]:
    """Entries of these sites and of the platform (None: all)."""
    query = select(AllowedHost).order_by(AllowedHost.site_id.nulls_first(), AllowedHost.host, AllowedHost.port)
    if site_ids is not None:
        query = query.where(or_(AllowedHost.site_id.is_(None), AllowedHost.site_id.in_(list(site_ids))))
    return list(ctx.session.scalars(query))


def find(ctx: Context, host: str, port: int, site_id: int | None) -> AllowedHost | None:
    """The entry that counts for a site: its own before the platform's."""
    own = AllowedHost.site_id.is_(None) if site_id is None else AllowedHost.site_id == site_id
    query = (
        select(AllowedHost)
        .where(AllowedHost.host == host, AllowedHost.port == port, or_(AllowedHost.site_id.is_(None), own))
        .order_by(AllowedHost.site_id.nulls_last())
        .limit(1)
    )
    return ctx.session.scalar(query)


def require(ctx: Context, place: Place, site_id: int | None) -> AllowedHost:
    """The entry under which the place may be called. Raises :class:`HostNotAllowed`, naming host and port."""
    entry = find(ctx, place.host, place.port, site_id)
    if entry is None:
        raise HostNotAllowed(
            f"主机 {place.host[:120]}:{place.port} 不在白名单中。",
            f"{place.host[:120]}:{place.port} is not on the allow-list.",
        )
    if place.scheme != "https" and not entry.is_plain:
        raise HostNotAllowed("该主机只允许用 https 调用。", "This host may be called by https only.")
    return entry


def _own(ctx: Context, host: str, port: int, site_id: int | None) -> AllowedHost | None:
    place = AllowedHost.site_id.is_(None) if site_id is None else AllowedHost.site_id == site_id
    return ctx.session.scalar(select(AllowedHost).where(AllowedHost.host == host, AllowedHost.port == port, place))


def _told(row: AllowedHost | None) -> dict[str, Any]:
    return {} if row is None else {name: getattr(row, name) for name in _RECORDED}


def address_of(place: Place, entry: AllowedHost) -> str:
    """The address to connect to, looked up and judged now; call it outside transactions. Raises ``HostNotAllowed``, ``HostUnknown``."""
    return pin(place.host, place.port, internal=entry.is_internal)
