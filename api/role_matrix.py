"""Roles and functions: the matrix in force, what keeps duties apart, and why a person may or may not."""

from __future__ import annotations

from typing import Any

from marshmallow import fields

from api.auth import guard
from api.entry import Routes
from api.schemas import Answer, many
from domain.actors import Actor, Role
from domain.context import Context
from domain.identity import administration, functions
from domain.identity import service as identity
from domain.identity.roles import role_name
from domain.identity.separation import rules
from domain.sites import queries as sites

routes = Routes("role_matrix", "角色与权限 Roles and functions")


class Permission(Answer):
    """What a role may do in a function, how far."""

    acts = fields.List(fields.String(), required=True)
    reach = fields.List(fields.String(metadata={"enum": list(functions.Reach)}), required=True)
    masked = fields.Boolean(required=True)
    conditions = fields.List(fields.String(), required=True)
    conditions_en = fields.List(fields.String(), required=True)


class Cell(Answer):
    """A role's cell."""

    role = fields.String(required=True)
    parts = many(Permission)


class Act(Answer):
    """An act of a function."""

    key = fields.String(required=True)
    name = fields.String(required=True)
    name_en = fields.String(required=True)
    writes = fields.Boolean(required=True)


class FunctionRow(Answer):
    """A row of the matrix."""

    key = fields.String(required=True)
    name = fields.String(required=True)
    name_en = fields.String(required=True)
    source = fields.String(required=True)
    reason = fields.String(required=True)
    content = fields.Boolean(required=True)
    acts = many(Act)
    cells = many(Cell)


class NamedRole(Answer):
    """A column."""

    code = fields.String(required=True)
    name = fields.String(required=True)
    name_en = fields.String(required=True)


class SeparationRule(Answer):
    """A rule that keeps duties apart."""

    key = fields.String(required=True)
    kind = fields.String(required=True, metadata={"enum": ["task", "act", "role"]})
    text = fields.String(required=True)
    text_en = fields.String(required=True)


class MatrixAnswer(Answer):
    """The matrix in force."""

    roles = many(NamedRole)
    functions = many(FunctionRow)
    separation = many(SeparationRule)


class Why(Answer):
    """Whether a person may do an act, through which roles, or which roles it needs."""

    function = fields.String(required=True)
    name = fields.String(required=True)
    name_en = fields.String(required=True)
    allowed = fields.Boolean(required=True)
    why = fields.String(required=True)
    why_en = fields.String(required=True)


class WhyList(Answer):
    """All acts of the matrix for one person."""

    user_name = fields.String(required=True)
    items = many(Why)


@routes.on("GET", "/role-matrix", answer=MatrixAnswer)
@guard("account:read")
def get_matrix(ctx: Context) -> dict[str, Any]:
    """角色与功能 Who may do what, and which duties are kept apart."""
    del ctx
    found = functions.matrix()
    return {
        "roles": [
            {"code": str(role), "name": role_name(role)[0], "name_en": role_name(role)[1]} for role in functions.COLUMNS
        ],
        "functions": [_row(found, row) for row in found.functions.values()],
        "separation": [
            {"key": rule.key, "kind": kind, "text": rule.zh, "text_en": rule.en}
            for kind, several in (("task", rules().tasks), ("act", rules().acts), ("role", rules().roles))
            for rule in several
        ],
    }


@routes.on("GET", "/admin/users/<int:user_id>/functions", answer=WhyList)
@guard("users:read")
def explain(ctx: Context, user_id: int) -> dict[str, Any]:
    """为什么能、不能 For each act whether the person may, and why."""
    user = identity.get_user(ctx, user_id)
    if user.is_applicant or not (ctx.actor.has(Role.AUDITOR) or administration.may_keep(ctx, user)):
        raise identity.no_such_user()
    actor = identity.actor_for(ctx.session, user)
    names = {site.id: site.short_name for site in sites.sites_by_id(ctx.session, actor.site_ids).values()}
    items = [
        _why(actor, names, f"{key}:{act}") for key, row in functions.matrix().functions.items() for act in row.acts
    ]
    return {"user_name": user.name, "items": items}


def _why(actor: Actor, names: dict[int, str], name: str) -> dict[str, Any]:
    row, act = functions.matrix().of(name)
    act_zh, act_en = row.act_names[act]
    allowed = functions.may(actor, name)
    if not allowed:
        why, why_en = functions.refusal(name)
    else:
        roles = {role for role, _ in functions.matrix().parts(actor, name)}
        held = [(role, names.get(site, "")) for site, own in actor.grants.items() for role in sorted(own & roles)]
        why = "、".join(f"{role_name(role)[0]}{f'（{site}）' if site else ''}" for role, site in held) or "所有账号"
        why_en = ", ".join(f"{role_name(role)[1]}{f' ({site})' if site else ''}" for role, site in held) or "everybody"
    return {
        "function": name,
        "name": f"{row.name_zh}：{act_zh}",
        "name_en": f"{row.name_en}: {act_en}",
        "allowed": allowed,
        "why": why,
        "why_en": why_en,
    }


def _row(matrix: functions.Matrix, row: functions.Function) -> dict[str, Any]:
    return {
        "key": row.key,
        "name": row.name_zh,
        "name_en": row.name_en,
        "source": row.source,
        "reason": row.reason,
        "content": row.content,
        "acts": [
            {"key": act, "name": row.act_names[act][0], "name_en": row.act_names[act][1], "writes": writes}
            for act, writes in row.acts.items()
        ],
        "cells": [
            {"role": str(role), "parts": [_part(matrix, row, part) for part in row.cells[role]]}
            for role in functions.COLUMNS
        ],
    }


def _part(matrix: functions.Matrix, row: functions.Function, part: functions.Part) -> dict[str, Any]:
    told = [matrix.conditions[name] for name in part.conditions]
    return {
        "acts": [act for act in row.acts if act in part.acts],
        "reach": sorted(part.reach),
        "masked": part.masked,
        "conditions": [zh for zh, _ in told],
        "conditions_en": [en for _, en in told],
    }
