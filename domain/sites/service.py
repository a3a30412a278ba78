"""Sites and regions: register, find."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from domain.context import Context
from domain.errors import NotFound
from domain.sites.keys import create_key
from domain.sites.models import Region, Site


class SiteNotFound(NotFound):
    """No site has this code."""

    code = "site-not-found"
    title_zh = "没有这个机构"
    title_en = "There is no such site"
    next_zh = "请从机构名录中选择。"
    next_en = "Choose one from the list of sites."


def find_site(ctx: Context, code: str) -> Site | None:
    """The site with this code."""
    return ctx.session.scalar(select(Site).where(Site.code == code))


def get_site(ctx: Context, code: str, *, pointer: str | None = None) -> Site:
    """The site with this code. Raises :class:`SiteNotFound`; ``pointer`` names the input field."""
    site = find_site(ctx, code)
    if site is None:
        raise SiteNotFound(f"没有机构“{code[:40]}”。", f"There is no site '{code[:40]}'.", pointer=pointer)
    return site


def get_site_by_id(ctx: Context, site_id: int) -> Site:
    """The site with this id. Raises :class:`SiteNotFound`."""
    site = ctx.session.get(Site, site_id)
    if site is None:
        raise SiteNotFound(f"没有编号为 {site_id} 的机构。", f"There is no site number {site_id}.")
    return site


def register_regions(ctx: Context, rows: Iterable[tuple[str, str, str | None]]) -> None:
    """Add or rename regions (code, name, parent), parents first."""
    for code, name, parent in rows:
        statement = insert(Region).values(code=code, name=name, parent_code=parent)
        ctx.session.execute(
            statement.on_conflict_do_update(index_elements=["code"], set_={"name": name, "parent_code": parent})
        )


def register_site(
    ctx: Context, code: str, region_code: str, sector: str, name: str, short_name: str, **details: str
) -> Site:
    """Add a local site with its key pair, or bring an existing one up to date.

    ``details``: uscc, phone, address, document_word.
    """
    site = find_site(ctx, code)
    if site is None:
        site = Site(code=code, created_at=ctx.clock.now(), is_local=True)
        ctx.session.add(site)
    site.name, site.short_name = name, short_name
    site.region_code, site.province_code = region_code, f"{region_code[:2]}0000"
    site.sector = sector
    for field, value in details.items():
        setattr(site, field, value)
    ctx.session.flush()
    create_key(ctx, site)
    return site
