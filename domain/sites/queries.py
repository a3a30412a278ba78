"""Regions and sites, read."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import select
from sqlalchemy.orm import Session

from domain.sites.models import Region, Site


def list_regions(session: Session, parent: str | None = None) -> list[Region]:
    """Regions directly below ``parent`` (None: the provinces), by code."""
    where = Region.parent_code.is_(None) if parent is None else Region.parent_code == parent
    return list(session.scalars(select(Region).where(where).order_by(Region.code)))


def all_regions(session: Session) -> list[Region]:
    """Every region by code: provinces before what is in them."""
    return list(session.scalars(select(Region).order_by(Region.code)))


def list_sites(
    session: Session, *, region: str | None = None, sector: str | None = None, kind: str | None = None
) -> list[tuple[Site, str]]:
    """Sites with their region's name, by code. ``region`` is a code whose trailing 00 pairs are wild; ``kind`` is local or remote."""
    query = select(Site, Region.name).join(Region, Region.code == Site.region_code).order_by(Site.code)
    if region:
        query = query.where(Site.region_code.startswith(region_prefix(region), autoescape=True))
    if sector:
        query = query.where(Site.sector == sector)
    if kind in ("local", "remote"):
        query = query.where(Site.is_local.is_(kind == "local"))
    return [(site, name) for site, name in session.execute(query)]


def region_exists(session: Session, code: str) -> bool:
    """Whether the region is known."""
    return session.get(Region, code) is not None


def find_site(session: Session, code: str) -> Site | None:
    """The site with this code."""
    return session.scalar(select(Site).where(Site.code == code))


def sites_by_id(session: Session, site_ids: Iterable[int]) -> dict[int, Site]:
    """Sites by id."""
    wanted = {site_id for site_id in site_ids if site_id}
    if not wanted:
        return {}
    return {site.id: site for site in session.scalars(select(Site).where(Site.id.in_(wanted)))}


def region_prefix(code: str) -> str:
    """What all codes within a region begin with: 532600 → 5326, 530000 → 53, 532622 → 532622 (GB/T 2260)."""
    while len(code) > 2 and code.endswith("00"):  # noqa: PLR2004 -- a province is two digits
        code = code[:-2]
    return code
