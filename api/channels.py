"""Channels: how people are told outside the platform; robots, rules and deliveries of sites."""

from __future__ import annotations

from typing import Any

from marshmallow import fields

from api import paging, problems
from api.auth import guard, public
from api.entry import Routes
from api.limits import LOGIN, PROGRESS
from api.schemas import Answer, CamelSchema, Moment, choice, cursor, limit, many, text
from api.shapes import place_name
from domain.audit import service as audit
from domain.channels import people, rules, sending, sites, words
from domain.context import Context
from domain.errors import Forbidden
from domain.identity import functions
from domain.sites import queries as places

routes = Routes("channels", "通知方式 Channels")
STATES = ("queued", "sent", "failed", "suppressed")


class CategoryAnswer(Answer):
    """A sort of notice."""

    key = fields.String(required=True)
    name = fields.String(required=True)
    name_en = fields.String(required=True)


class OwnChannelAnswer(Answer):
    """An own channel; ``address`` is masked and empty when there is none. Not offered: this deployment cannot send there."""

    channel = fields.String(required=True, metadata={"enum": list(people.CHANNELS)})
    address = fields.String(required=True)
    is_confirmed = fields.Boolean(required=True)
    is_offered = fields.Boolean(required=True)
    categories = fields.List(fields.String(), required=True)


class OwnChannels(Answer):
    """All channels of the person, and what can be chosen."""

    items = many(OwnChannelAnswer)
    categories = many(CategoryAnswer)


class OwnChannelBody(CamelSchema):
    """An address (empty: keep the present one), what is wanted there, and consent to keep it."""

    address = text(0, 254, required=False, load_default="")
    categories = fields.List(text(1, 40), required=True, validate=lambda rows: len(rows) <= 50)  # noqa: PLR2004
    consent = fields.Boolean(load_default=False)


class CodeBody(CamelSchema):
    """The six digits that were sent."""

    code = text(1, 12)


class SiteChannelAnswer(Answer):
    """A robot or an SMS gateway; its address is a secret and never shown. Without site: the platform's."""

    id = fields.Integer(required=True)
    site_id = fields.Integer(required=True, allow_none=True)
    site_name = fields.String(required=True)
    kind = fields.String(required=True, metadata={"enum": list(sites.KINDS)})
    name = fields.String(required=True)
    provider = fields.String(required=True)
    secret_name = fields.String(required=True)
    categories = fields.List(fields.String(), required=True)
    is_enabled = fields.Boolean(required=True)
    changed_at = Moment(required=True)
    changed_by = fields.String(required=True)


class ProviderAnswer(Answer):
    """A service whose robots can be entered; ``scheme`` begins the address."""

    scheme = fields.String(required=True)
    name = fields.String(required=True)
    name_en = fields.String(required=True)


class SiteChannels(Answer):
    """Robots and gateways, and what can be entered."""

    items = many(SiteChannelAnswer)
    providers = many(ProviderAnswer)
    categories = many(CategoryAnswer)


class SiteChannelBody(CamelSchema):
    """A robot or gateway. ``address``: ``dingtalk://…`` and the like or ``secret:NAME``; empty keeps the present one."""

    site_id = fields.Integer(load_default=None, allow_none=True)
    kind = choice(sites.KINDS, required=True)
    name = text(1, 60)
    address = text(0, 1000, required=False, load_default="")
    categories = fields.List(text(1, 40), required=True, validate=lambda rows: len(rows) <= 50)  # noqa: PLR2004
    is_enabled = fields.Boolean(load_default=True)


class TestAnswer(Answer):
    """The delivery of a test message."""

    delivery_id = fields.Integer(required=True)


class RuleAnswer(Answer):
    """A rule as it counts: shipped, set for the platform, or set for the site, and why."""

    key = fields.String(required=True)
    name = fields.String(required=True)
    name_en = fields.String(required=True)
    value = fields.String(required=True)
    layer = fields.String(required=True, metadata={"enum": ["shipped", "platform", "site"]})
    source = fields.String(required=True)
    source_en = fields.String(required=True)


class Rules(Answer):
    """All rules of a site or of the platform."""

    items = many(RuleAnswer)


class RuleQuery(CamelSchema):
    """Of which site; none: the platform."""

    site_id = fields.Integer(load_default=None)


class RuleBody(CamelSchema):
    """A new value with its reason."""

    site_id = fields.Integer(load_default=None, allow_none=True)
    key = text(1, 60)
    value = text(1, 60)
    reason = text(1, 300)


class DeliveryAnswer(Answer):
    """One notice to one target; no content. ``target`` is a robot's name or the word person.

    ``reason``: why it did not go out (yet); ``nextStep``: what to do about it.
    """

    id = fields.Integer(required=True)
    channel = fields.String(required=True)
    target = fields.String(required=True)
    template_name = fields.String(required=True)
    template_name_en = fields.String(required=True)
    case_no = fields.String(required=True)
    state = fields.String(required=True, metadata={"enum": list(STATES)})
    attempts = fields.Integer(required=True)
    error_code = fields.String(required=True, allow_none=True)
    reason = fields.String(required=True)
    reason_en = fields.String(required=True)
    next_step = fields.String(required=True)
    next_step_en = fields.String(required=True)
    created_at = Moment(required=True)
    due_at = Moment(required=True)
    sent_at = Moment(required=True, allow_none=True)


class Deliveries(Answer):
    """A page of deliveries, newest first."""

    items = many(DeliveryAnswer)
    next = fields.String(required=True, allow_none=True)


class DeliveryQuery(CamelSchema):
    """Which deliveries."""

    state = choice(STATES, load_default=None)
    limit = limit()
    after = cursor()


@routes.on("GET", "/my/channels", answer=OwnChannels)
@guard("account:read")
def list_own_channels(ctx: Context) -> dict[str, Any]:
    """通知方式 Own addresses for notices, masked."""
    return {"items": people.list_own(ctx), "categories": rules.categories()}


@routes.on("PUT", "/my/channels/<channel>", body=OwnChannelBody, answer=OwnChannelAnswer)
@guard("account:change")
def put_own_channel(ctx: Context, body: dict[str, Any], channel: str) -> Any:
    """登记通知方式 Keep an own address (a code is sent there) or change what is wanted."""
    return people.put(ctx, channel, body["address"], body["categories"], consent=body["consent"])


@routes.on("POST", "/my/channels/<channel>/confirmation", body=CodeBody, answer=OwnChannels)
@guard("account:change", rate=PROGRESS)
def confirm_own_channel(ctx: Context, body: dict[str, Any], channel: str) -> Any:
    """验证通知方式 Confirm an own address with the code."""
    if not people.confirm(ctx, channel, body["code"]):
        # Answered, not raised: the count of tries has to be committed.
        return problems.respond(people.refused())
    return {"items": people.list_own(ctx), "categories": rules.categories()}


@routes.on("DELETE", "/my/channels/<channel>", status=204)
@guard("account:change")
def delete_own_channel(ctx: Context, channel: str) -> None:
    """停用通知方式 Withdraw consent; the address is deleted."""
    people.remove(ctx, channel)


@routes.on("POST", "/channels/leave/<token>", status=204)
@public("account:change", csrf=False, rate=LOGIN)
def leave_channel(ctx: Context, token: str) -> None:
    """退订 One-click unsubscribe of a mail program; the token in the message is the right to do so."""
    people.leave(ctx, token[:100])


@routes.on("GET", "/admin/channels", answer=SiteChannels)
@guard("connection:read")
def list_site_channels(ctx: Context) -> dict[str, Any]:
    """通知渠道 Robots and SMS gateways."""
    from domain.connectors.robots import PROVIDERS

    found = sites.list_channels(ctx, functions.sites_where(ctx.actor, "connection:read"))
    names = places.sites_by_id(ctx.session, [row.site_id for row in found if row.site_id])
    providers = [{"scheme": key, "name": row[1], "name_en": row[2]} for key, row in PROVIDERS.items()]
    items = [_channel(row, names) for row in found]
    return {"items": items, "providers": providers, "categories": rules.categories()}


@routes.on("POST", "/admin/channels", body=SiteChannelBody, answer=SiteChannelAnswer, status=201)
@guard("connection:change")
def add_site_channel(ctx: Context, body: dict[str, Any]) -> dict[str, Any]:
    """添加通知渠道 Enter a robot or gateway."""
    row = sites.put(ctx, channel_id=None, **body)
    return _channel(row, places.sites_by_id(ctx.session, [row.site_id] if row.site_id else []))


@routes.on("PUT", "/admin/channels/<int:channel_id>", body=SiteChannelBody, answer=SiteChannelAnswer)
@guard("connection:change")
def put_site_channel(ctx: Context, body: dict[str, Any], channel_id: int) -> dict[str, Any]:
    """修改通知渠道 Change a robot or gateway."""
    row = sites.put(ctx, channel_id=channel_id, **body)
    return _channel(row, places.sites_by_id(ctx.session, [row.site_id] if row.site_id else []))


@routes.on("DELETE", "/admin/channels/<int:channel_id>", status=204)
@guard("connection:change")
def delete_site_channel(ctx: Context, channel_id: int) -> None:
    """删除通知渠道 Take a robot or gateway away."""
    sites.remove(ctx, channel_id)


@routes.on("POST", "/admin/channels/<int:channel_id>/test", answer=TestAnswer, status=202)
@guard("connection:change")
def try_site_channel(ctx: Context, channel_id: int) -> dict[str, Any]:
    """发送测试消息 Send a test message; its delivery tells what became of it."""
    return {"delivery_id": sites.send_test(ctx, channel_id)}


@routes.on("GET", "/admin/channel-rules", answer=Rules, query=RuleQuery)
@guard("connection:read")
def list_channel_rules(ctx: Context, query: dict[str, Any]) -> dict[str, Any]:
    """通知规则 What goes where, quiet hours, merging, tries."""
    site_id, own = query["site_id"], functions.sites_where(ctx.actor, "connection:read")
    if site_id is not None and own is not None and site_id not in own:
        raise Forbidden("只能查看本机构的规则。", "You see the rules of your own site only.")
    return {"items": rules.effective(ctx, site_id).values()}


@routes.on("PUT", "/admin/channel-rules", body=RuleBody, answer=Rules)
@guard("connection:change")
def put_channel_rule(ctx: Context, body: dict[str, Any]) -> dict[str, Any]:
    """调整通知规则 Set a rule for a site or the platform."""
    rules.put(ctx, body["key"], body["value"], body["reason"], site_id=body["site_id"])
    return {"items": rules.effective(ctx, body["site_id"]).values()}


@routes.on("GET", "/admin/deliveries", answer=Deliveries, query=DeliveryQuery)
@guard("connection:read")
def list_deliveries(ctx: Context, query: dict[str, Any]) -> dict[str, Any]:
    """发送记录 What became of notices outside the platform."""
    own = functions.sites_where(ctx.actor, "connection:read")
    audit.record_read(ctx, "delivery.list", fields=["recipient"], data={"masked": True})
    after, size = paging.decode(query["after"]), query["limit"]
    before = int(after[0]) if after else None
    rows = sites.list_deliveries(ctx, own, state=query["state"], before_id=before, limit=size)
    page = rows[:size]
    names = {f"site:{row.id}": row.name for row in sites.list_channels(ctx, own)}
    return {
        "items": [_delivery(row, names) for row in page],
        "next": paging.encode([page[-1].id]) if len(rows) > size else None,
    }


@routes.on("POST", "/admin/deliveries/<int:delivery_id>/retry", answer=DeliveryAnswer)
@guard("connection:change")
def retry_delivery(ctx: Context, delivery_id: int) -> dict[str, Any]:
    """重新发送 Send a failed notice again; one that is not failed is given back as it is."""
    row = sites.get_delivery(ctx, delivery_id)
    sending.retry(ctx, row.id)
    names = {
        f"site:{each.id}": each.name
        for each in sites.list_channels(ctx, functions.sites_where(ctx.actor, "connection:read"))
    }
    return _delivery(row, names)


def _channel(row: sites.ChannelRow, names: Any) -> dict[str, Any]:
    shown = {field: getattr(row, field) for field in row.__dataclass_fields__}
    return {**shown, "site_name": place_name(row.site_id, names)}


def _delivery(row: Any, names: dict[str, str]) -> dict[str, Any]:
    columns = (
        "id",
        "channel",
        "case_no",
        "state",
        "attempts",
        "error_code",
        "created_at",
        "due_at",
        "sent_at",
    )
    name, name_en = words.of_notice(row.template)
    reason, reason_en = words.of_reason(row.error_code)
    next_step, next_step_en = words.of_next(row.error_code)
    return {
        **{name: getattr(row, name) for name in columns},
        "template_name": name,
        "template_name_en": name_en,
        "reason": reason,
        "reason_en": reason_en,
        "next_step": next_step,
        "next_step_en": next_step_en,
        "target": names.get(row.target, row.target.partition(":")[0]),
    }
