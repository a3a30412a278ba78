"""Which items are open between which regions (R-08.1)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from domain.audit import service as audit
from domain.clock import CHINA
from domain.context import Context
from domain.errors import NotFound
from domain.identity import functions
from domain.items.models import Item
from domain.partners import contacts
from domain.partners.errors import BadEntry, NotOpened
from domain.partners.models import Partnership
from domain.sites.models import Region, Site
from domain.sites.queries import list_sites, region_prefix

AUTHORITIES: Final = ("moveInOrg", "moveOutOrg", "newAuthority", "oldAuthority", "receivingOrg", "handlingOrg")
"""Fields of applications that name a site which has to act."""
MOST_SITES: Final = 300
"""Sites that the page of an item lists."""


def list_partnerships(session: Session) -> list[Partnership]:
    """All partnerships by name."""
    return list(session.scalars(select(Partnership).order_by(Partnership.name)))


def in_force(session: Session, item_code: str, day: date) -> list[Partnership]:
    """The partnerships that name the item on that day."""
    found = session.scalars(select(Partnership).where(Partnership.valid_from <= day))
    return [row for row in found if item_code in row.items and (row.valid_until is None or row.valid_until >= day)]


def is_open(rows: Sequence[Partnership], region_code: str) -> bool:
    """Whether the region is among those the item is open to; without partnerships it is open to all."""
    return not rows or any(region_code.startswith(region_prefix(str(code))) for row in rows for code in row.regions)


@dataclass(frozen=True, slots=True)
class OpenRegion:
    """A region that an item is open to."""

    code: str
    name: str


@dataclass(frozen=True, slots=True)
class OpenSite:
    """A site that could handle the item: whether it is open there, and how to reach it otherwise."""

    code: str
    name: str
    region_name: str
    open: bool
    phone: str


@dataclass(frozen=True, slots=True)
class Opening:
    """Where an item is open: ``regions`` by code and name; ``sites`` of its sector, at most :data:`MOST_SITES`."""

    available: bool
    restricted: bool
    regions: list[str]
    named_regions: list[OpenRegion]
    sites: list[OpenSite]


def restricted_items(ctx: Context) -> frozenset[str]:
    """The items that are open to some regions only, today."""
    day = _today(ctx)
    rows = ctx.session.execute(select(Partnership.items, Partnership.valid_until).where(Partnership.valid_from <= day))
    return frozenset(str(code) for items, until in rows if until is None or until >= day for code in items)


def opening_of(ctx: Context, item: Item, *, available: bool) -> Opening:
    """Where the item is open, site by site; an item that nobody can apply for here is open nowhere."""
    rows = in_force(ctx.session, item.code, _today(ctx))
    codes = sorted({str(code) for row in rows for code in row.regions})
    names = dict(ctx.session.execute(select(Region.code, Region.name).where(Region.code.in_(codes))).all())
    found = list_sites(ctx.session, sector=item.sector)[:MOST_SITES] if item.sector else []
    phones = contacts.public_phones(ctx, [site for site, _ in found], item.code)
    sites = [
        OpenSite(site.code, site.name, region, available and is_open(rows, site.region_code), phones[site.id])
        for site, region in found
    ]
    named = [OpenRegion(code, names.get(code, code)) for code in codes]
    return Opening(available, bool(rows), codes, named, sites)


def require_open(ctx: Context, item_code: str, application: Mapping[str, Any]) -> None:
    """Raise :class:`NotOpened` with the pointer of the first authority in the application whose region the item is not open for."""
    rows = in_force(ctx.session, item_code, _today(ctx))
    named = {str(application[field]): field for field in AUTHORITIES if application.get(field)} if rows else {}
    for site in ctx.session.scalars(select(Site).where(Site.code.in_(named))) if named else ():
        if not is_open(rows, site.region_code):
            raise NotOpened(
                f"该事项暂未对{site.name}所在地区开通跨省通办。",
                f"The item is not opened for the region of {site.code} yet.",
                pointer=f"/data/{named[site.code]}",
            )


def put(
    ctx: Context,
    partnership_id: int | None,
    *,
    name: str,
    agreement: str,
    regions: Sequence[str],
    items: Sequence[str],
    valid_from: date,
    valid_until: date | None,
) -> Partnership:
    """Add or change a partnership. Raises :class:`BadEntry`, :class:`NotFound`, ``FunctionRefused``."""
    functions.require(ctx.actor, "users:sites")
    _check(ctx, name, regions, items, valid_from, valid_until, partnership_id)
    row = Partnership() if partnership_id is None else _get(ctx, partnership_id)
    before = _told(row) if partnership_id is not None else {}
    row.name, row.agreement = name.strip(), agreement.strip()
    row.regions, row.items = sorted(set(regions)), sorted(set(items))
    row.valid_from, row.valid_until = valid_from, valid_until
    row.updated_by, row.updated_at = ctx.actor.user_id, ctx.clock.now()
    ctx.session.add(row)
    ctx.session.flush()
    audit.record(ctx, "partnership.changed", data={"name": row.name, "before": before, "after": _told(row)})
    return row


def remove(ctx: Context, partnership_id: int) -> None:
    """End a partnership at once. Raises :class:`NotFound`."""
    functions.require(ctx.actor, "users:sites")
    row = _get(ctx, partnership_id)
    ctx.session.execute(delete(Partnership).where(Partnership.id == row.id))
    audit.record(ctx, "partnership.changed", data={"name": row.name, "before": _told(row), "after": {}})


def _today(ctx: Context) -> date:
    return ctx.clock.now().astimezone(CHINA).date()


def _get(ctx: Context, partnership_id: int) -> Partnership:
    row = ctx.session.get(Partnership, partnership_id)
    if row is None:
        raise NotFound("没有这个协作关系。", "There is no such partnership.")
    return row


def _told(row: Partnership) -> dict[str, object]:
    until = None if row.valid_until is None else row.valid_until.isoformat()
    return {
        "agreement": row.agreement,
        "regions": row.regions,
        "items": row.items,
        "validFrom": row.valid_from.isoformat(),
        "validUntil": until,
    }


def _check(
    ctx: Context,
    name: str,
    regions: Sequence[str],
    items: Sequence[str],
    valid_from: date,
    valid_until: date | None,
    own: int | None,
) -> None:
    known = set(ctx.session.scalars(select(Region.code).where(Region.code.in_(list(regions)))))
    for number, code in enumerate(regions):
        if code not in known:
            raise BadEntry(f"没有行政区划“{code[:12]}”。", "There is no such region.", pointer=f"/regions/{number}")
    there = set(ctx.session.scalars(select(Item.code).where(Item.code.in_(list(items)))))
    for number, code in enumerate(items):
        if code not in there:
            raise BadEntry(f"没有事项“{code[:60]}”。", "There is no such item.", pointer=f"/items/{number}")
    if valid_until is not None and valid_until < valid_from:
        raise BadEntry("截止日期早于开始日期。", "It ends before it begins.", pointer="/validUntil")
    twin = ctx.session.scalar(select(Partnership.id).where(Partnership.name == name.strip()))
    if twin is not None and twin != own:
        raise BadEntry("已有同名的协作关系。", "There is one with this name already.", pointer="/name")
