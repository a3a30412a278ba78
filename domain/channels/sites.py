"""Robots and SMS gateways of sites: entered by administrators, their addresses kept as secrets and never shown again."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Select, insert, or_, select

from domain.audit import service as audit
from domain.audit.changes import changes, hidden
from domain.channels import rules
from domain.channels.errors import ChannelRefused
from domain.channels.models import Delivery, PersonChannel, SiteChannel
from domain.channels.sending import TEST
from domain.channels.spreading import DELIVERIES, plan
from domain.connectors import robots
from domain.context import Context
from domain.errors import NotFound
from domain.secrets import service as secrets
from domain.secrets.service import keeps, require_keeper

KINDS: Final = ("robot", "sms")


class BadChannel(ChannelRefused):
    """A robot's entry is incomplete."""

    code = "channel-entry"


@dataclass(frozen=True, slots=True)
class ChannelRow:
    """A robot or gateway as administrators see it; nothing of its address."""

    id: int
    site_id: int | None
    kind: str
    name: str
    provider: str
    secret_name: str
    categories: tuple[str, ...]
    is_enabled: bool
    changed_at: datetime
    changed_by: str


def put(
    ctx: Context,
    *,
    channel_id: int | None,
    site_id: int | None,
    kind: str,
    name: str,
    address: str,
    categories: Sequence[str],
    is_enabled: bool = True,
) -> ChannelRow:
    """Add a robot or gateway, or change one of the actor's; an empty address keeps the present one.

    ``address``: the library's address, or ``secret:NAME``. Raises :class:`BadChannel`, ``BadCall``, ``Forbidden``, ``NotFound``.
    """
    row = _get(ctx, channel_id) if channel_id is not None else None
    owner = row.site_id if row is not None else site_id
    if row is None:
        require_keeper(ctx, owner)
    if not name.strip() or kind not in KINDS:
        raise BadChannel("名称或种类不正确。", "The name or the kind is wrong.", pointer="/name")
    if row is None:
        if not address.strip():
            raise BadChannel("没有填写地址。", "The address is missing.", pointer="/address")
        row = SiteChannel(site_id=owner, kind=kind, provider="", secret_name="")
        ctx.session.add(row)
    before = _recorded(row)
    row.name, row.is_enabled = name.strip()[:60], is_enabled
    row.categories = [category.key for category in rules.categories() if category.key in categories]
    row.changed_at, row.changed_by = ctx.clock.now(), ctx.actor.name
    if address.strip():
        ctx.session.flush()
        _take_address(ctx, row, address.strip())
    ctx.session.flush()
    done = changes(before, _recorded(row)) | hidden("", address.strip())
    audit.record(ctx, "channel.changed", site_id=owner, data={"name": row.name, "kind": row.kind, "changes": done})
    return _shown(row)


def remove(ctx: Context, channel_id: int) -> None:
    """Take a robot or gateway away; what is queued for it is suppressed. Raises ``NotFound``."""
    row = _get(ctx, channel_id)
    ctx.session.delete(row)
    ctx.session.flush()
    audit.record(ctx, "channel.removed", site_id=row.site_id, data={"name": row.name})


def list_channels(ctx: Context, site_ids: Iterable[int] | None) -> list[ChannelRow]:
    """Robots and gateways of these sites and of the platform (None: all)."""
    query = select(SiteChannel).order_by(SiteChannel.site_id.nulls_first(), SiteChannel.id)
    return [_shown(row) for row in ctx.session.scalars(_scoped(query, SiteChannel.site_id, site_ids))]


def send_test(ctx: Context, channel_id: int) -> int:
    """Send a test message now; the delivery's id, to be looked up. An SMS gateway writes to the actor's own confirmed number.

    Raises ``NotFound``, :class:`BadChannel`.
    """
    row = _get(ctx, channel_id)
    target = f"site:{row.id}"
    if row.kind == "sms":
        own = select(PersonChannel.id).where(
            PersonChannel.user_id == ctx.actor.user_id,
            PersonChannel.channel == "sms",
            PersonChannel.confirmed_at.is_not(None),
        )
        number = ctx.session.execute(own).scalar_one_or_none()
        if number is None:
            raise BadChannel("请先在“通知方式”中登记并验证本人手机号。", "Confirm your own mobile number first.")
        target = f"person:{number}"
    now = ctx.clock.now()
    values: dict[str, Any] = {
        "target": target,
        "channel": row.kind,
        "site_id": row.site_id,
        "case_no": "",
        "template": TEST,
        "state": "queued",
        "attempts": 0,
        "created_at": now,
        "due_at": now,
    }
    delivery_id: int = ctx.session.execute(insert(DELIVERIES).values(**values).returning(DELIVERIES.c.id)).scalar_one()
    plan(ctx, [delivery_id], now)
    return delivery_id


def list_deliveries(
    ctx: Context, site_ids: Iterable[int] | None, *, state: str | None, before_id: int | None, limit: int
) -> list[Delivery]:
    """Deliveries about these sites (None: all), newest first; one more than ``limit`` when there are more."""
    query = select(Delivery).order_by(Delivery.id.desc()).limit(limit + 1)
    if site_ids is not None:
        query = query.where(Delivery.site_id.in_(list(site_ids)))
    if state is not None:
        query = query.where(Delivery.state == state)
    if before_id is not None:
        query = query.where(Delivery.id < before_id)
    return list(ctx.session.scalars(query))


def get_delivery(ctx: Context, delivery_id: int) -> Delivery:
    """A delivery that the actor keeps. Raises ``NotFound``, also for another site's."""
    row = ctx.session.get(Delivery, delivery_id)
    if row is None or not keeps(ctx, row.site_id):
        raise NotFound("没有这条发送记录。", "There is no such delivery.")
    return row


def _take_address(ctx: Context, row: SiteChannel, address: str) -> None:
    name = secrets.find_name(address)
    if name is None:
        row.provider = robots.provider_of(address)
        if row.kind == "sms" and robots.TO not in address:
            raise BadChannel(
                f"短信网关地址中要用 {robots.TO} 写明号码的位置。",
                f"Write {robots.TO} where the number goes.",
                pointer="/address",
            )
        row.secret_name = f"CHANNEL_{row.id}"
        secrets.put(ctx, row.secret_name, address, site_id=row.site_id, note=row.name)
        return
    row.provider = robots.provider_of(secrets.resolve(ctx, name, row.site_id))
    row.secret_name = name


def _recorded(row: SiteChannel) -> dict[str, Any]:
    """What the record tells of it; of a new one nothing was there."""
    return {name: getattr(row, name) for name in ("name", "provider", "secret_name", "categories", "is_enabled")}


def _get(ctx: Context, channel_id: int) -> SiteChannel:
    """One that the actor keeps; another site's is as if it were not there."""
    row = ctx.session.get(SiteChannel, channel_id, with_for_update=True)
    if row is None or not keeps(ctx, row.site_id):
        raise NotFound("没有这个通知渠道。", "There is no such channel.")
    return row


def _scoped(query: Select[Any], column: Any, site_ids: Iterable[int] | None) -> Select[Any]:
    return query if site_ids is None else query.where(or_(column.is_(None), column.in_(list(site_ids))))


def _shown(row: SiteChannel) -> ChannelRow:
    return ChannelRow(
        row.id,
        row.site_id,
        row.kind,
        row.name,
        row.provider,
        row.secret_name,
        tuple(row.categories),
        row.is_enabled,
        row.changed_at,
        row.changed_by,
    )
