"""Administration: sites, staff, calendars, policies."""

from __future__ import annotations

from datetime import date
from typing import Any

from marshmallow import fields

from api.auth import WATCH, guard
from api.entry import Routes
from api.problems import ApiError, Problem
from api.schemas import Answer, CamelSchema, choice, many, text
from domain.actors import Role
from domain.audit import service as audit
from domain.cases import labels
from domain.context import Context
from domain.deadlines import calendar, overrides, policies, queries
from domain.errors import Forbidden, NotFound
from domain.identity import queries as identity
from domain.sites import queries as sites

routes = Routes("administration", "平台管理 Administration")
RUN = (Role.SITE_ADMIN, Role.PLATFORM_ADMIN)


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


class AdminSites(Answer):
    """All sites."""

    items = many(AdminSite)
    next = fields.String(required=True, allow_none=True)


class StaffRole(Answer):
    """A role held at a site."""

    role = fields.String(required=True)
    role_name = fields.String(required=True)
    site_id = fields.Integer(required=True, allow_none=True)
    site_name = fields.String(required=True)


class AdminUser(Answer):
    """A member of staff."""

    id = fields.Integer(required=True)
    name = fields.String(required=True)
    login = fields.String(required=True)
    is_active = fields.Boolean(required=True)
    office_phone = fields.String(required=True)
    roles = many(StaffRole)


class AdminUsers(Answer):
    """Staff."""

    items = many(AdminUser)
    next = fields.String(required=True, allow_none=True)


class CalendarDayAnswer(Answer):
    """A day: kind is work, rest, holiday, adjusted (调休上班) or override."""

    day = fields.Date(required=True)
    is_workday = fields.Boolean(required=True)
    kind = fields.String(required=True, metadata={"enum": ["work", "rest", "holiday", "adjusted", "override"]})
    reason = fields.String(required=True)
    provisional = fields.Boolean(required=True)


class CalendarAnswer(Answer):
    """A year of a region's calendar; provisional when no official notice covers it."""

    region = fields.String(required=True)
    year = fields.Integer(required=True)
    provisional = fields.Boolean(required=True)
    days = many(CalendarDayAnswer)


class UserQuery(CamelSchema):
    """Of which site."""

    site_id = fields.Integer(load_default=None)


class CalendarQuery(CamelSchema):
    """Whose calendar, which year."""

    region = text(2, 12, required=False, load_default=calendar.NATION)
    year = fields.Integer(required=True)


class DayBody(CamelSchema):
    """Whether offices work that day, and why."""

    is_workday = fields.Boolean(required=True)
    reason = text(1, 200)


class PolicyBody(CamelSchema):
    """A value of a layer and its source."""

    key = text(1, 60)
    scope = choice(policies.LAYERS, required=True)
    scope_ref = text(0, 40, required=False, load_default="", allow_none=True)
    item_code = text(0, 60, required=False, load_default="", allow_none=True)
    value = text(1, 60)
    source = text(1, 300)


class PolicyAnswer(Answer):
    """The layer's new value."""

    key = fields.String(required=True)
    scope = fields.String(required=True)
    value = fields.String(required=True)
    source = fields.String(required=True)


class BadDay(ApiError):
    """The address does not name a day (422)."""

    def __init__(self) -> None:
        detail = "日期应写成 2026-05-01。"
        super().__init__(Problem(422, "bad-day", detail, "Write the day as 2026-05-01.", pointer="/path/day"))


@routes.on("GET", "/admin/sites", answer=AdminSites)
@guard(*WATCH)
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
        }
        for site, region in sites.list_sites(ctx.session)
    ]
    return {"items": rows, "next": None}


@routes.on("GET", "/admin/users", answer=AdminUsers, query=UserQuery)
@guard(*RUN, Role.AUDITOR)
def list_users(ctx: Context, query: dict[str, Any]) -> dict[str, Any]:
    """人员 Staff with their roles; a site's administrator sees the own site's."""
    own = None
    if not (ctx.actor.has(Role.PLATFORM_ADMIN) or ctx.actor.has(Role.AUDITOR)):
        own = tuple(site for site in ctx.actor.site_ids if Role.SITE_ADMIN in ctx.actor.roles_at(site))
    rows = identity.list_users(ctx.session, site_id=query["site_id"], sites=own)
    names = sites.sites_by_id(ctx.session, {held.site_id for row in rows for held in row.grants if held.site_id})
    items = [
        {
            "id": row.id,
            "name": row.name,
            "login": row.login,
            "is_active": row.is_active,
            "office_phone": row.office_phone,
            "roles": [
                {
                    "role": held.role,
                    "role_name": labels.name_of(labels.ROLES, held.role),
                    "site_id": held.site_id,
                    "site_name": names[held.site_id].name if held.site_id in names else "全平台",
                }
                for held in row.grants
            ],
        }
        for row in rows
    ]
    return {"items": items, "next": None}


@routes.on("GET", "/admin/calendar", answer=CalendarAnswer, query=CalendarQuery)
@guard(*WATCH)
def get_calendar(ctx: Context, query: dict[str, Any]) -> dict[str, Any]:
    """日历 A region's working days of a year."""
    if not calendar.FIRST_OFFICIAL_YEAR <= query["year"] <= calendar.LAST_OFFICIAL_YEAR + 10:
        raise NotFound("没有这一年的日历。", "There is no calendar of this year.")
    days = queries.list_days(ctx.session, query["region"], query["year"])
    return {**query, "provisional": any(day.provisional for day in days), "days": days}


@routes.on("PUT", "/admin/calendar/<region>/<day>", body=DayBody, answer=CalendarDayAnswer)
@guard(*RUN)
def put_day(ctx: Context, body: dict[str, Any], region: str, day: str) -> Any:
    """调整日历 Override a day of a region (e.g. 州庆)."""
    when = _day(day)
    _require_region(ctx, region)
    overrides.put(ctx, region, when, is_workday=body["is_workday"], reason=body["reason"])
    return next(found for found in queries.list_days(ctx.session, region, when.year) if found.day == when)


@routes.on("DELETE", "/admin/calendar/<region>/<day>", status=204)
@guard(*RUN)
def delete_day(ctx: Context, region: str, day: str) -> None:
    """取消调整 Back to the inherited calendar."""
    when = _day(day)
    _require_region(ctx, region)
    overrides.remove(ctx, region, when)


@routes.on("PUT", "/admin/policies", body=PolicyBody, answer=PolicyAnswer)
@guard(Role.PLATFORM_ADMIN)
def put_policy(ctx: Context, body: dict[str, Any]) -> dict[str, Any]:
    """调整时限规则 Set a layer's value with its source."""
    policies.put(
        ctx,
        body["key"],
        body["value"],
        body["source"],
        scope=body["scope"],
        scope_ref=body["scope_ref"] or "",
        item_code=body["item_code"] or "",
    )
    audit.record(ctx, "policy.changed", data={name: body[name] for name in ("key", "scope", "scope_ref", "value")})
    return body


def _day(text_of_day: str) -> date:
    try:
        return date.fromisoformat(text_of_day)
    except ValueError:
        raise BadDay from None


def _require_region(ctx: Context, region: str) -> None:
    """A site's administrator keeps the calendar of the own region; the nation's is the platform's."""
    if ctx.actor.has(Role.PLATFORM_ADMIN):
        return
    own = sites.sites_by_id(ctx.session, ctx.actor.site_ids).values()
    if not any(site.region_code == region and Role.SITE_ADMIN in ctx.actor.roles_at(site.id) for site in own):
        raise Forbidden("只能调整本机构所在地区的日历。", "You keep the calendar of your own region only.")
