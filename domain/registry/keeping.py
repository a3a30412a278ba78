"""Sites and organisations kept by people or by spreadsheet, each change on record with what it was before."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from domain.audit import service as audit
from domain.audit.changes import changes
from domain.context import Context
from domain.sites import registry
from domain.sites.models import Organisation, Site

_ORGANISATION: Final = ("name", "region_code", "phone", "address", "is_active")


def add_site(ctx: Context, code: str, values: Mapping[str, Any]) -> Site:
    """A new site (:func:`domain.sites.registry.add_site`)."""
    site = registry.add_site(ctx, code, values)
    told = {"regionCode": site.region_code, "sector": site.sector, "isLocal": site.is_local, **_site(site)}
    audit.record(ctx, "site.added", site_id=site.id, data={"siteCode": site.code, "changes": changes({}, told)})
    return site


def change_site(
    ctx: Context, site: Site, values: Mapping[str, Any], fields: tuple[str, ...] = registry.SITE_FIELDS
) -> None:
    """Change some of a site's fields (:func:`domain.sites.registry.change_site`)."""
    before = _site(site)
    registry.change_site(ctx, site, values, fields)
    done = changes(before, _site(site))
    audit.record(ctx, "site.changed", site_id=site.id, data={"siteCode": site.code, "changes": done})


def put_organisation(ctx: Context, uscc: str, values: Mapping[str, Any]) -> Organisation:
    """Add or change an organisation (:func:`domain.sites.registry.put_organisation`)."""
    known = registry.find_organisation(ctx.session, registry.checked_uscc(uscc))
    before = {} if known is None else _organisation(known)
    row = registry.put_organisation(ctx, uscc, values)
    audit.record(ctx, "organisation.changed", data={"uscc": row.uscc, "changes": changes(before, _organisation(row))})
    return row


def _site(site: Site) -> dict[str, Any]:
    return {name: getattr(site, name) for name in registry.SITE_FIELDS}


def _organisation(row: Organisation) -> dict[str, Any]:
    return {name: getattr(row, name) for name in _ORGANISATION}
