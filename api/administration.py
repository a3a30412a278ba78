"""Administration: sites, staff."""

from __future__ import annotations

from typing import Any

from marshmallow import fields

from api.auth import guard
from api.entry import Routes
from api.schemas import Answer, CamelSchema, many
from api.shapes import place_name
from domain.actors import Role
from domain.audit import service as audit
from domain.cases import labels
from domain.context import Context
from domain.identity import queries as identity
from domain.sites import queries as sites

routes = Routes("administration", "平台管理 Administration")


class AdminSite(Answer):
    """A site as administrators see it."""

    id = fields.Integer(required=True)
    code = fields.String(required=True)
    name = fields.String(required=True)
    short_name = fields.String(required=True)
    region_code = fields.String(required=True)
    region_name = fields.String(required=True)
    sector = fields.String(required=True)
    phone = fields.String(required=True)
    address = fields.String(required=True)
    is_local = fields.Boolean(required=True)
    has_key = fields.Boolean(required=True)
    uscc = fields.String(required=True)
    document_word = fields.String(required=True)


class AdminSites(Answer):
    """All sites."""

    items = many(AdminSite)
    next = fields.String(required=True, allow_none=True)


class StaffRole(Answer):
    """A role held at a site."""

    role = fields.String(required=True)
    role_name = fields.String(required=True)
    role_name_en = fields.String(required=True)
    site_id = fields.Integer(required=True, allow_none=True)
    site_name = fields.String(required=True)


class AdminUser(Answer):
    """A member of staff. ``waits``: the initial password was not changed yet."""

    id = fields.Integer(required=True)
    name = fields.String(required=True)
    login = fields.String(required=True)
    is_active = fields.Boolean(required=True)
    office_phone = fields.String(required=True)
    waits = fields.Boolean(required=True)
    roles = many(StaffRole)


class AdminUsers(Answer):
    """Staff."""

    items = many(AdminUser)
    next = fields.String(required=True, allow_none=True)


class UserQuery(CamelSchema):
    """Of which site."""

    site_id = fields.Integer(load_default=None)


@routes.on("GET", "/admin/sites", answer=AdminSites)
@guard("contact:read", "users:read")
def list_sites(ctx: Context) -> dict[str, Any]:
    """机构 All sites with what administrators need."""
    rows = [
        {
            "id": site.id,
            "code": site.code,
            "name": site.name,
            "short_name": site.short_name,
            "region_code": site.region_code,
            "region_name": region,
            "sector": site.sector,
            "phone": site.phone,
            "address": site.address,
            "is_local": site.is_local,
            "has_key": bool(site.public_key),
            "uscc": site.uscc or "",
            "document_word": site.document_word,
        }
        for site, region in sites.list_sites(ctx.session)
    ]
    return {"items": rows, "next": None}


@routes.on("GET", "/admin/users", answer=AdminUsers, query=UserQuery)
@guard("users:read")
def list_users(ctx: Context, query: dict[str, Any]) -> dict[str, Any]:
    """人员 Staff with their roles; a site's administrator sees the own site's."""
    own = None
    if not (ctx.actor.has(Role.PLATFORM_ADMIN) or ctx.actor.has(Role.AUDITOR)):
        own = tuple(site for site in ctx.actor.site_ids if Role.SITE_ADMIN in ctx.actor.roles_at(site))
    audit.record_read(ctx, "staff.list", fields=["name", "officePhone"], data={"site": query["site_id"]})
    rows = identity.list_users(ctx.session, site_id=query["site_id"], sites=own)
    names = sites.sites_by_id(ctx.session, {held.site_id for row in rows for held in row.grants if held.site_id})
    items = [
        {
            "id": row.id,
            "name": row.name,
            "login": row.login,
            "is_active": row.is_active,
            "office_phone": row.office_phone,
            "waits": row.waits,
            "roles": [
                {
                    "role": held.role,
                    "role_name": labels.name_of(labels.ROLES, held.role),
                    "role_name_en": labels.name_en_of(labels.ROLES, held.role),
                    "site_id": held.site_id,
                    "site_name": place_name(held.site_id, names),
                }
                for held in row.grants
            ],
        }
        for row in rows
    ]
    return {"items": items, "next": None}
