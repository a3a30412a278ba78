"""Deadline policies: every layer of every value, its history, a change with preview, taken back."""

from __future__ import annotations

from typing import Any

from marshmallow import fields

from api.auth import guard
from api.calendar_shapes import DatesPreviewAnswer, RecomputationAnswer, preview_answer
from api.entry import Routes
from api.schemas import Answer, CamelSchema, Moment, choice, many, text
from api.shapes import PolicyRow
from domain.context import Context
from domain.deadlines import layers, policies
from domain.deadlines.layers import Bound, Layer, Place
from domain.deadlines.policies import Value
from domain.errors import NotFound
from domain.recomputation import service
from domain.recomputation.policies import Setting, setting
from domain.sites import queries as sites
from domain.sites.models import Site

routes = Routes("policies", "时限规则 Deadline policies")


class PolicyLayer(Answer):
    """A value that is set in a layer; the first is the effective one, the others are overridden by it."""

    scope = fields.String(required=True)
    scope_ref = fields.String(required=True)
    item_code = fields.String(required=True)
    value = fields.String(required=True)
    source = fields.String(required=True)
    since = Moment(required=True, allow_none=True)
    by = fields.String(required=True)
    reason = fields.String(required=True)
    shipped = fields.Boolean(required=True)
    wins = fields.Boolean(required=True)


class PolicyBound(Answer):
    """A limit of the value, with its source: at most (or below) another policy, or at most a number."""

    other = fields.String(required=True)
    other_name = fields.String(required=True)
    other_name_en = fields.String(required=True)
    strict = fields.Boolean(required=True)
    most = fields.String(required=True)
    source = fields.String(required=True)


class PolicyMatrixRow(PolicyRow):
    """A policy at a place: its effective value, and all layers."""

    layers = many(PolicyLayer)
    bounds = many(PolicyBound)


class PolicyMatrix(Answer):
    """All policies at a place."""

    items = many(PolicyMatrixRow)


class PolicyVersionAnswer(Answer):
    """A change of a layer's value; null: it was taken back."""

    id = fields.Integer(required=True)
    scope = fields.String(required=True)
    scope_ref = fields.String(required=True)
    item_code = fields.String(required=True)
    value = fields.String(required=True, allow_none=True)
    source = fields.String(required=True)
    reason = fields.String(required=True)
    also_open = fields.Boolean(required=True)
    changer = fields.String(required=True)
    changed_at = Moment(required=True)


class PolicyHistory(Answer):
    """Every change, newest first."""

    items = many(PolicyVersionAnswer)


class PolicyAnswer(Answer):
    """The layer's new value, and the dates that it sets anew (null: none)."""

    key = fields.String(required=True)
    scope = fields.String(required=True)
    value = fields.String(required=True, allow_none=True)
    source = fields.String(required=True)
    recomputation = fields.Nested(RecomputationAnswer, required=True, allow_none=True)


class MatrixQuery(CamelSchema):
    """At which site, for which item, with which partner."""

    site = text(1, 40, required=False, load_default=None)
    item = text(1, 60, required=False, load_default=None)
    partner = text(1, 40, required=False, load_default=None)


class PolicyBody(CamelSchema):
    """A value of a layer and its source; null takes the layer's value back. alsoOpen: for cases that are open already too."""

    key = text(1, 60)
    scope = choice(policies.LAYERS, required=True)
    scope_ref = text(0, 40, required=False, load_default="", allow_none=True)
    item_code = text(0, 60, required=False, load_default="", allow_none=True)
    value = text(1, 60, allow_none=True)
    source = text(0, 300, required=False, load_default="")
    reason = text(0, 300, required=False, load_default="")
    also_open = fields.Boolean(load_default=False)


@routes.on("GET", "/admin/policies", answer=PolicyMatrix, query=MatrixQuery)
@guard("parameter:read")
def get_policy_matrix(ctx: Context, query: dict[str, Any]) -> dict[str, Any]:
    """时限规则一览 Every policy at a place with all its layers, and where the effective value comes from."""
    site, partner = _site(ctx, query["site"]), _site(ctx, query["partner"])
    values = policies.all_effective(ctx, site, query["item"], partner)
    found = layers.list_layers(ctx, site, query["item"], partner)
    return {"items": [_row(value, found[key]) for key, value in values.items()]}


@routes.on("GET", "/admin/policies/<key>/history", answer=PolicyHistory)
@guard("parameter:read")
def get_policy_history(ctx: Context, key: str) -> dict[str, Any]:
    """变更历史 Who changed the value in which layer, when and why."""
    return {"items": layers.list_history(ctx, key)}


@routes.on("POST", "/admin/policies/preview", body=PolicyBody, answer=DatesPreviewAnswer)
@guard("parameter:change")
def preview_policy(ctx: Context, body: dict[str, Any]) -> dict[str, Any]:
    """试算 What the change would move; nothing is changed."""
    return preview_answer(service.preview(ctx, setting(_setting(body, reason=body["reason"] or "-"))))


@routes.on("PUT", "/admin/policies", body=PolicyBody, answer=PolicyAnswer)
@guard("parameter:change", recent=True)
def put_policy(ctx: Context, body: dict[str, Any]) -> dict[str, Any]:
    """调整时限规则 Set a layer's value with its source, or take it back."""
    row = service.change(ctx, setting(_setting(body, reason=body["reason"])))
    return {**{name: body[name] for name in ("key", "scope", "value", "source")}, "recomputation": row}


def _setting(body: dict[str, Any], reason: str) -> Setting:
    place = Place(body["scope"], body["scope_ref"] or "", body["item_code"] or "")
    return Setting(body["key"], place, body["value"], body["source"], reason, body["also_open"])


def _site(ctx: Context, code: str | None) -> Site | None:
    if code is None:
        return None
    site = sites.find_site(ctx.session, code)
    if site is None:
        raise NotFound("没有这个机构。", "There is no such site.")
    return site


def _row(value: Value, rows: list[Layer]) -> dict[str, Any]:
    head = {name: getattr(value, name) for name in Value.__slots__}
    own = [_bound(bound) for bound in layers.bounds() if bound.key == value.key]
    return {**head, "layers": [_layer(row) for row in rows], "bounds": own}


def _layer(row: Layer) -> dict[str, Any]:
    names = ("value", "source", "since", "by", "reason", "shipped", "wins")
    place = {"scope": row.place.scope, "scope_ref": row.place.ref, "item_code": row.place.item_code}
    return place | {name: getattr(row, name) for name in names}


def _bound(bound: Bound) -> dict[str, Any]:
    other = policies.shipped().get(bound.other)
    return {
        "other": bound.other,
        "other_name": other.name if other else "",
        "other_name_en": other.name_en if other else "",
        "strict": bound.strict,
        "most": bound.most,
        "source": bound.source,
    }
