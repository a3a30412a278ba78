"""People and places, kept by administrators: accounts, roles per site, sites, organisations, regions."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from marshmallow import fields

from api.auth import guard, require_recent
from api.entry import Routes
from api.schemas import Answer, CamelSchema, Moment, choice, many, text
from domain.actors import Role
from domain.audit import service as audit
from domain.context import Context
from domain.deadlines import exceptional
from domain.identity import administration, exceptions, functions
from domain.identity.administration import NotYourPeople
from domain.identity.exceptions import Exceptional
from domain.identity.roles import role_name
from domain.identity.separation import RoleRule, TaskRule
from domain.registry import keeping
from domain.sites import registry
from domain.sites import service as sites
from domain.sites.models import Organisation, Site
from domain.sites.queries import sites_by_id
from domain.tasks import leaving

routes = Routes("people", "人员与机构 People and places")
ROLES = [str(role) for role in functions.COLUMNS]


def _role() -> fields.String:
    return choice(tuple(ROLES), required=True)


class NewUser(CamelSchema):
    """A new member of staff with a first role."""

    login = text(3, 60)
    name = text(1, 60)
    office_phone = text(0, 40, required=False, load_default="")
    role = _role()
    site_id = fields.Integer(required=True, allow_none=True)


class UserBody(CamelSchema):
    """What is changed of a person."""

    name = text(1, 60)
    office_phone = text(0, 40, required=False, load_default="")
    is_active = fields.Boolean(required=True)


class RoleBody(CamelSchema):
    """A role at a site (null: of the platform)."""

    role = _role()
    site_id = fields.Integer(required=True, allow_none=True)


class GiveBody(RoleBody):
    """A role at a site; for one that is kept apart from another of the person, why and until which day."""

    reason = text(0, 300, required=False, load_default="")
    ends_on = fields.Date(required=False, allow_none=True, load_default=None)


class RoleQuery(CamelSchema):
    """Which role, where."""

    role = _role()
    site_id = fields.Integer(load_default=None, allow_none=True)


class SeparationText(Answer):
    """A rule in words."""

    key = fields.String(required=True)
    text = fields.String(required=True)
    text_en = fields.String(required=True)


class ForeseenAnswer(Answer):
    """What a role would mean: the rule that forbids it, or those by which the person does not do both in one leg.

    ``latest_end``: the last day that an exception may have.
    """

    refused = fields.Nested(SeparationText, required=True, allow_none=True)
    apart = many(SeparationText)
    held = fields.List(fields.String(), required=True)
    needs_exception = fields.Boolean(required=True)
    latest_end = fields.Date(required=True)


class ExceptionRow(Answer):
    """A person with roles of a site that are kept apart; without a reason nobody entered the exception."""

    site_id = fields.Integer(required=True)
    site_name = fields.String(required=True)
    user_id = fields.Integer(required=True)
    name = fields.String(required=True)
    roles = fields.List(fields.String(), required=True)
    role_names = fields.List(fields.String(), required=True)
    role_names_en = fields.List(fields.String(), required=True)
    reason = fields.String(required=True)
    ends_on = fields.Date(required=True, allow_none=True)
    given_name = fields.String(required=True)
    given_at = Moment(required=True, allow_none=True)


class ExceptionList(Answer):
    """一人兼岗: all of them that the reader may see. ``one_person``: a demonstration by one person, where designers publish."""

    items = many(ExceptionRow)
    next = fields.String(required=True, allow_none=True)
    one_person = fields.Boolean(required=True)


class NewUserAnswer(Answer):
    """The account; the initial password is told this once."""

    id = fields.Integer(required=True)
    login = fields.String(required=True)
    password = fields.String(required=True)


class SiteBody(CamelSchema):
    """What is changed of a site; its own administrator changes phone and address."""

    name = text(1, 200, required=False)
    short_name = text(1, 40, required=False)
    uscc = text(0, 18, required=False)
    phone = text(0, 40, required=False)
    address = text(0, 200, required=False)
    document_word = text(0, 40, required=False)


class NewSite(SiteBody):
    """A new site, or the record of a partner of another deployment."""

    code = text(3, 40)
    name = text(1, 200)
    short_name = text(1, 40)
    region_code = text(6, 12)
    sector = text(1, 40)
    is_local = fields.Boolean(required=True)


class SiteAnswer(Answer):
    """The site."""

    id = fields.Integer(required=True)
    code = fields.String(required=True)
    name = fields.String(required=True)
    is_local = fields.Boolean(required=True)


class OrganisationRow(Answer):
    """An organisation."""

    uscc = fields.String(required=True)
    name = fields.String(required=True)
    region_code = fields.String(required=True, allow_none=True)
    phone = fields.String(required=True)
    address = fields.String(required=True)
    is_active = fields.Boolean(required=True)


class OrganisationList(Answer):
    """All organisations."""

    items = many(OrganisationRow)
    next = fields.String(required=True, allow_none=True)


class OrganisationBody(CamelSchema):
    """What is kept of an organisation."""

    name = text(1, 200)
    region_code = text(0, 12, required=False, load_default="")
    phone = text(0, 40, required=False, load_default="")
    address = text(0, 200, required=False, load_default="")
    is_active = fields.Boolean(required=True)


class AddedAnswer(Answer):
    """How many were added."""

    added = fields.Integer(required=True)


@routes.on("POST", "/admin/users", body=NewUser, answer=NewUserAnswer, status=201)
@guard("users:change", "users:appoint", remember=False, recent=True)
def register(ctx: Context, body: dict[str, Any]) -> dict[str, Any]:
    """登记人员 Register somebody with a first role; the initial password is told once."""
    site = _site(ctx, body["site_id"])
    user, password = administration.register(
        ctx, body["login"], body["name"], body["office_phone"], Role(body["role"]), site
    )
    return {"id": user.id, "login": user.login, "password": password}


@routes.on("PUT", "/admin/users/<int:user_id>", body=UserBody, status=204)
@guard("users:change", "users:appoint")
def change(ctx: Context, body: dict[str, Any], user_id: int) -> None:
    """修改人员 Correct name or phone, disable or enable."""
    user = administration.get_known(ctx, user_id)
    if body["is_active"] and not user.is_active:
        require_recent()
    administration.change(ctx, user, body["name"], body["office_phone"])
    if user.is_active != body["is_active"]:
        administration.set_active(ctx, user, active=body["is_active"])
        if not user.is_active:
            leaving.give_back(ctx, user.id)


@routes.on("POST", "/admin/users/<int:user_id>/roles", body=GiveBody, status=204)
@guard("users:change", "users:appoint", recent=True)
def give(ctx: Context, body: dict[str, Any], user_id: int) -> None:
    """授予角色 Give a role at a site."""
    user = administration.get_known(ctx, user_id)
    site, given = _site(ctx, body["site_id"]), None
    if body["reason"] and body["ends_on"]:
        given = Exceptional(body["reason"], body["ends_on"], exceptional.latest_end(ctx, site))
    administration.give(ctx, user, Role(body["role"]), site, given)


@routes.on("GET", "/admin/users/<int:user_id>/roles/foreseen", query=RoleQuery, answer=ForeseenAnswer)
@guard("users:change", "users:appoint")
def foresee(ctx: Context, query: dict[str, Any], user_id: int) -> dict[str, Any]:
    """第二角色预览 What a further role would mean: which duties the person then does not do together."""
    user = administration.get_known(ctx, user_id)
    site = _site(ctx, query["site_id"])
    found = administration.foresee(ctx, user, Role(query["role"]), site)
    return {
        "refused": _rule(found.refused) if found.refused else None,
        "apart": [_rule(rule) for rule in found.apart],
        "held": [str(role) for role in found.held],
        "needs_exception": found.refused is None and bool(found.apart),
        "latest_end": exceptional.latest_end(ctx, site),
    }


@routes.on("GET", "/admin/role-exceptions", answer=ExceptionList)
@guard("users:read")
def list_exceptions(ctx: Context) -> dict[str, Any]:
    """一人兼岗 Who holds roles that are kept apart, why and until when; a site's administrator sees the own site's."""
    rows = exceptions.list_doubled(ctx, functions.sites_where(ctx.actor, "users:read"))
    audit.record_read(ctx, "staff.list", fields=["name"])
    names = sites_by_id(ctx.session, {row.site_id for row in rows})
    items = [
        asdict(row)
        | {
            "site_name": names[row.site_id].name,
            "role_names": [role_name(role)[0] for role in row.roles],
            "role_names_en": [role_name(role)[1] for role in row.roles],
        }
        for row in rows
    ]
    return {"items": items, "next": None, "one_person": ctx.one_person}


@routes.on("POST", "/admin/users/<int:user_id>/roles/revoke", body=RoleBody, status=204)
@guard("users:change", "users:appoint")
def take(ctx: Context, body: dict[str, Any], user_id: int) -> None:
    """收回角色 Take a role back."""
    user = administration.get_known(ctx, user_id)
    administration.take(ctx, user, Role(body["role"]), _site(ctx, body["site_id"]))


@routes.on("POST", "/admin/sites", body=NewSite, answer=SiteAnswer, status=201)
@guard("users:sites")
def add_site(ctx: Context, body: dict[str, Any]) -> Site:
    """新增机构 Add a site of this deployment or a partner of another."""
    return keeping.add_site(ctx, body["code"], body)


@routes.on("PUT", "/admin/sites/<int:site_id>", body=SiteBody, answer=SiteAnswer)
@guard("users:sites", "users:change")
def change_site(ctx: Context, body: dict[str, Any], site_id: int) -> Site:
    """修改机构 Change a site: all of it, or by its own administrator phone and address."""
    site = sites.get_site_by_id(ctx, site_id)
    whole = functions.may(ctx.actor, "users:sites")
    if not whole and not functions.may(ctx.actor, "users:change", site_id=site.id):
        raise NotYourPeople("这不是您管理的机构。", "This is not your site.")
    keeping.change_site(ctx, site, body, registry.SITE_FIELDS if whole else registry.CONTACT_FIELDS)
    return site


@routes.on("GET", "/admin/organisations", answer=OrganisationList)
@guard("users:read")
def list_organisations(ctx: Context) -> dict[str, Any]:
    """单位 Organisations by 统一社会信用代码."""
    return {"items": registry.list_organisations(ctx.session), "next": None}


@routes.on("PUT", "/admin/organisations/<uscc>", body=OrganisationBody, answer=OrganisationRow)
@guard("users:sites")
def put_organisation(ctx: Context, body: dict[str, Any], uscc: str) -> Organisation:
    """维护单位 Add or change an organisation."""
    return keeping.put_organisation(ctx, uscc, body)


@routes.on("POST", "/admin/regions/standard", answer=AddedAnswer)
@guard("users:sites")
def load_regions(ctx: Context) -> dict[str, int]:
    """载入国标区划 Add every region of GB/T 2260 that is missing."""
    added = registry.load_standard_regions(ctx)
    audit.record(ctx, "regions.loaded", data={"added": added})
    return {"added": added}


def _rule(rule: RoleRule | TaskRule) -> dict[str, str]:
    return {"key": rule.key, "text": rule.zh, "text_en": rule.en}


def _site(ctx: Context, site_id: int | None) -> Site | None:
    return None if site_id is None else sites.get_site_by_id(ctx, site_id)
