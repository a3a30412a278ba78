"""Closing accounts: many at once, tried first, with a reason; what they had in hand goes back to the groups' pools."""

from __future__ import annotations

from typing import Any

from marshmallow import fields, validate

from api.auth import guard
from api.entry import Routes
from api.schemas import Answer, CamelSchema, many, text
from domain.context import Context
from domain.errors import DomainError
from domain.identity import administration
from domain.identity.models import User
from domain.identity.queries import grants_of
from domain.identity.roles import role_name
from domain.tasks import leaving

routes = Routes("leaving", "人员停用 Closing accounts")
MOST = 100


class DisableBody(CamelSchema):
    """Which accounts and why; ``trial``: only look what would happen."""

    user_ids = fields.List(fields.Integer(), required=True, validate=validate.Length(1, MOST, error=f"count|1|{MOST}"))
    reason = text(1, 300)
    trial = fields.Boolean(required=True)


class DisableRow(Answer):
    """One account: whether it is (would be) closed, why not, and how many tasks go back."""

    id = fields.Integer(required=True)
    login = fields.String(required=True)
    name = fields.String(required=True)
    roles = fields.List(fields.String(), required=True)
    possible = fields.Boolean(required=True)
    why = fields.String(required=True)
    why_en = fields.String(required=True)
    tasks = fields.Integer(required=True)


class DisableAnswer(Answer):
    """What happened, or would happen."""

    applied = fields.Boolean(required=True)
    items = many(DisableRow)


@routes.on("POST", "/admin/users/disable", body=DisableBody, answer=DisableAnswer)
@guard("users:change", "users:appoint", recent=True)
def disable_users(ctx: Context, body: dict[str, Any]) -> dict[str, Any]:
    """批量停用 Close accounts at once (``trial``: look first); all of them or none, open tasks go back to the pool."""
    ids = list(dict.fromkeys(body["user_ids"]))
    users = [administration.get_known(ctx, each) for each in ids]
    in_hand = leaving.count_in_hand(ctx, ids)
    rows = [_row(ctx, user, in_hand.get(user.id, 0)) for user in users]
    if not body["trial"]:
        for user in users:
            administration.set_active(ctx, user, active=False, reason=body["reason"].strip())
            leaving.give_back(ctx, user.id)
    return {"applied": not body["trial"], "items": rows}


def _row(ctx: Context, user: User, tasks: int) -> dict[str, Any]:
    why = _refusal(ctx, user)
    mine = administration.may_keep(ctx, user) and not user.is_applicant
    return {
        "id": user.id,
        "login": user.login if mine else "",
        "name": user.name if mine else "",
        "roles": [role_name(each.role)[0] for each in grants_of(ctx.session, user.id)] if mine else [],
        "possible": why is None,
        "why": why[0] if why else "",
        "why_en": why[1] if why else "",
        "tasks": tasks if mine else 0,
    }


def _refusal(ctx: Context, user: User) -> tuple[str, str] | None:
    """Why the account cannot be closed by the actor; None: it can."""
    if not user.is_active:
        return "该账号已停用。", "The account is closed already."
    try:
        administration.require_closable(ctx, user)
    except DomainError as refused:
        return refused.fact_zh or refused.title_zh, refused.fact_en or refused.title_en
    return None
