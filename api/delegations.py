"""委托代理: whose work a colleague may do for a time; asked by the person, answered by the delegate, arranged by administrators."""

from __future__ import annotations

from typing import Any

from marshmallow import fields, validate

from api.auth import DESK, guard
from api.entry import Routes, platform
from api.schemas import Answer, CamelSchema, Moment, choice, many, text
from domain.actors import Role
from domain.cases import labels
from domain.clock import CHINA
from domain.context import Context
from domain.identity import delegations, functions
from domain.identity.delegations import Line, NewDelegation
from domain.identity.models import Delegation
from domain.items import queries as items
from domain.notifications import service as notices

routes = Routes("delegations", "委托代理 Delegation")


class DelegationAnswer(Answer):
    """A delegation. ``items`` null: of every item."""

    id = fields.Integer(required=True)
    delegator_id = fields.Integer(required=True)
    delegator_name = fields.String(required=True)
    delegate_id = fields.Integer(required=True)
    delegate_name = fields.String(required=True)
    site_id = fields.Integer(required=True)
    site_name = fields.String(required=True)
    role = fields.String(required=True)
    role_name = fields.String(required=True)
    role_name_en = fields.String(required=True)
    items = fields.List(fields.String(), required=True, allow_none=True)
    item_names = fields.List(fields.String(), required=True)
    item_names_en = fields.List(fields.String(), required=True)
    starts_at = Moment(required=True)
    ends_at = Moment(required=True)
    reason = fields.String(required=True)
    standing = fields.String(
        required=True, metadata={"enum": ["asked", "coming", "active", "declined", "ended", "expired"]}
    )
    mine = fields.String(required=True, metadata={"enum": ["delegator", "delegate", "administrator"]})
    asked_at = Moment(required=True)
    answered_at = Moment(required=True, allow_none=True)
    ended_at = Moment(required=True, allow_none=True)


class DelegationList(Answer):
    """Delegations, newest first."""

    items = many(DelegationAnswer)
    next = fields.String(required=True, allow_none=True)


class DelegableRole(Answer):
    """A role of the person at a site that may be delegated."""

    site_id = fields.Integer(required=True)
    role = fields.String(required=True)
    role_name = fields.String(required=True)
    role_name_en = fields.String(required=True)


class Colleague(Answer):
    """Somebody who works on cases at a site."""

    id = fields.Integer(required=True)
    name = fields.String(required=True)
    site_id = fields.Integer(required=True)
    roles = fields.List(fields.String(), required=True)


class ItemChoice(Answer):
    """An item to delegate."""

    code = fields.String(required=True)
    name = fields.String(required=True)
    name_en = fields.String(required=True)


class Choices(Answer):
    """What may be delegated to whom."""

    roles = many(DelegableRole)
    colleagues = many(Colleague)
    items = many(ItemChoice)
    longest_days = fields.Integer(required=True)
    asks = fields.Boolean(required=True)


class DelegationBody(CamelSchema):
    """What is asked for. ``delegatorId`` null: one's own role; ``items`` null: of every item."""

    delegator_id = fields.Integer(load_default=None, allow_none=True, strict=True)
    delegate_id = fields.Integer(required=True, strict=True)
    site_id = fields.Integer(required=True, strict=True)
    role = choice(tuple(role.value for role in delegations.ROLES), required=True)
    items = fields.List(
        text(1, 60), load_default=None, allow_none=True, validate=validate.Length(1, 50, error="count|1|50")
    )
    starts_at = fields.AwareDateTime(required=True)
    ends_at = fields.AwareDateTime(required=True)
    reason = text(1, 200)


class DelegationQuery(CamelSchema):
    """Of one person, or of all."""

    user_id = fields.Integer(load_default=None, validate=validate.Range(1, 2**63 - 1))


@routes.on("GET", "/delegations", answer=DelegationList)
@guard("account:read")
def list_delegations(ctx: Context) -> dict[str, Any]:
    """我的委托 What I delegated and what was delegated to me."""
    return _told(ctx, delegations.list_mine(ctx))


@routes.on("GET", "/delegations/choices", answer=Choices)
@guard("users:delegate", "users:change")
def list_choices(ctx: Context) -> dict[str, Any]:
    """可委托的角色与人员 Own roles that may be delegated, colleagues at my sites, items."""
    rules = platform().settings.identity
    actor = ctx.actor
    own = functions.may(actor, "users:delegate", own=True)
    roles = [
        {"site_id": site, **_role(role)}
        for site in actor.site_ids
        for role in delegations.ROLES
        if own and role in actor.roles_at(site)
    ]
    colleagues = [
        {"id": user_id, "name": name, "site_id": site, "roles": held}
        for site in actor.site_ids
        if actor.roles_at(site) & {*DESK, Role.SITE_ADMIN}
        for user_id, name, held in delegations.list_colleagues(ctx, site)
    ]
    names = items.names_in_both(ctx.session)
    return {
        "roles": roles,
        "colleagues": colleagues,
        "items": [{"code": code, "name": each.name, "name_en": each.name_en} for code, each in names.items()],
        "longest_days": rules.delegation_longest.days,
        "asks": rules.delegation_asks,
    }


@routes.on("POST", "/delegations", body=DelegationBody, answer=DelegationAnswer, status=201)
@guard("users:delegate", "users:change", recent=True)
def ask(ctx: Context, body: dict[str, Any]) -> dict[str, Any]:
    """设置委托 Delegate a role of one's own; administrators arrange it for people of their site."""
    chosen = body["items"]
    new = NewDelegation(**{**body, "items": None if chosen is None else tuple(chosen)})
    row = delegations.ask(ctx, new, items.item_names(ctx.session, chosen or ()), rules=platform().settings.identity)
    people = {row.delegator_id, row.delegate_id} - {ctx.actor.user_id}
    return _after(ctx, row, people, "delegation.asked" if row.state == "asked" else "delegation.arranged")


@routes.on("POST", "/delegations/<int:delegation_id>/accept", answer=DelegationAnswer)
@guard("account:change")
def accept(ctx: Context, delegation_id: int) -> dict[str, Any]:
    """接受 The delegate accepts."""
    row = delegations.answer(ctx, delegation_id, accepts=True)
    return _after(ctx, row, {row.delegator_id}, "delegation.accepted")


@routes.on("POST", "/delegations/<int:delegation_id>/decline", answer=DelegationAnswer)
@guard("account:change")
def decline(ctx: Context, delegation_id: int) -> dict[str, Any]:
    """谢绝 The delegate declines."""
    row = delegations.answer(ctx, delegation_id, accepts=False)
    return _after(ctx, row, {row.delegator_id}, "delegation.declined")


@routes.on("POST", "/delegations/<int:delegation_id>/end", answer=DelegationAnswer)
@guard("account:change")
def end(ctx: Context, delegation_id: int) -> dict[str, Any]:
    """结束委托 It is over at once, also for pages that are open."""
    row = delegations.end(ctx, delegation_id)
    people = {row.delegator_id, row.delegate_id} - {ctx.actor.user_id}
    return _after(ctx, row, people, "delegation.ended")


@routes.on("GET", "/admin/delegations", answer=DelegationList, query=DelegationQuery)
@guard("users:read")
def list_of_sites(ctx: Context, query: dict[str, int | None]) -> dict[str, Any]:
    """委托一览 Delegations of the reader's sites; auditors see all."""
    return _told(ctx, delegations.list_of_sites(ctx, user_id=query["user_id"]))


def _after(ctx: Context, row: Delegation, readers: set[int], template: str) -> dict[str, Any]:
    line = delegations.line_of(ctx, row)
    told = _line(line, items.names_in_both(ctx.session, row.items or ()))
    values = {
        "delegator": line.delegator,
        "delegate": line.delegate,
        "roleName": told["role_name"],
        "siteName": line.site_name,
        "from": _minute(row.starts_at),
        "to": _minute(row.ends_at),
    }
    notices.send(ctx, sorted(readers), template, values, site_id=row.site_id)
    return told


def _told(ctx: Context, lines: list[Line]) -> dict[str, Any]:
    codes = {code for line in lines for code in line.row.items or ()}
    names = items.names_in_both(ctx.session, codes) if codes else {}
    return {"items": [_line(line, names) for line in lines], "next": None}


def _line(line: Line, names: dict[str, items.ItemNames]) -> dict[str, Any]:
    row = line.row
    named = [names.get(code, items.ItemNames(code, code)) for code in row.items or ()]
    same = ("id", "delegator_id", "delegate_id", "site_id", "items", "starts_at", "ends_at", "reason")
    return {
        **{name: getattr(row, name) for name in (*same, "asked_at", "answered_at", "ended_at")},
        **_role(row.role),
        "delegator_name": line.delegator,
        "delegate_name": line.delegate,
        "site_name": line.site_name,
        "item_names": [each.name for each in named],
        "item_names_en": [each.name_en for each in named],
        "standing": line.standing,
        "mine": line.mine,
    }


def _role(role: str) -> dict[str, str]:
    return {
        "role": str(role),
        "role_name": labels.name_of(labels.ROLES, role),
        "role_name_en": labels.name_en_of(labels.ROLES, role),
    }


def _minute(moment: Any) -> str:
    return f"{moment.astimezone(CHINA):%Y-%m-%d %H:%M}"
