"""Signing keys of sites: what a site signed with and signs with now, changing it; a partner's address and key."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from marshmallow import fields, validate

from api.auth import guard
from api.entry import Routes
from api.schemas import Answer, CamelSchema, Moment, choice, many, text
from domain.context import Context
from domain.identity import functions
from domain.sites import service as sites
from domain.sites.models import Site
from domain.trust import key_change, key_history, partner_line
from domain.trust.key_history import KeySpan

routes = Routes("site-keys", "机构签名密钥 Signing keys of sites")
MOST_PINS = partner_line.MOST_PINS


class SignedAnswer(Answer):
    """What bears the site's signature from the time of a key: messages to (of a partner: from) other deployments, anchors."""

    messages = fields.Integer(required=True)
    first_at = Moment(required=True, allow_none=True)
    last_at = Moment(required=True, allow_none=True)
    anchors = fields.Integer(required=True)


class SiteKeyRow(Answer):
    """A key of a site. ``overlap``: a former one that partners still take until ``acceptedUntil``."""

    fingerprint = fields.String(required=True)
    public_key = fields.String(required=True)
    state = choice(("next", "present", "overlap", "former"), required=True)
    began_at = Moment(required=True, allow_none=True)
    ended_at = Moment(required=True, allow_none=True)
    accepted_until = Moment(required=True, allow_none=True)
    signed = fields.Nested(SignedAnswer, required=True, allow_none=True)


class KeyNoticeRow(Answer):
    """A partner that has to know the next key, and when it confirmed."""

    code = fields.String(required=True)
    name = fields.String(required=True)
    told_at = Moment(required=True)
    confirmed_at = Moment(required=True, allow_none=True)


class SiteKeysAnswer(Answer):
    """The keys of a site, the newest first; while a change goes on, the partners and whether they know the next key.

    ``endpoint`` and ``pins`` are a partner's.
    """

    site_id = fields.Integer(required=True)
    site_name = fields.String(required=True)
    is_local = fields.Boolean(required=True)
    may_change = fields.Boolean(required=True)
    overlap_days = fields.Integer(required=True)
    longest_overlap_days = fields.Integer(required=True)
    endpoint = fields.String(required=True)
    pins = fields.List(fields.String(), required=True)
    keys = many(SiteKeyRow)
    notices = many(KeyNoticeRow)


class KeyChangeBody(CamelSchema):
    """How many days partners take the former key as well."""

    overlap_days = fields.Integer(
        load_default=key_change.OVERLAP,
        validate=validate.Range(1, key_change.LONGEST, error=f"range|1|{key_change.LONGEST}"),
    )


class PartnerLineBody(CamelSchema):
    """Where a partner's site takes messages, its public key, the keys that its certificate may have (empty: any valid one)."""

    endpoint = text(0, 300)
    public_key = text(0, 60)
    pins = fields.List(
        text(1, 60), required=True, validate=validate.Length(max=MOST_PINS, error=f"length|0|{MOST_PINS}")
    )


@routes.on("GET", "/admin/sites/<int:site_id>/keys", answer=SiteKeysAnswer)
@guard("connection:read")
def list_site_keys(ctx: Context, site_id: int) -> dict[str, Any]:
    """签名密钥 What a site signs and signed with, what that was, and how a change stands."""
    return _told(ctx, _site(ctx, "connection:read", site_id))


@routes.on("POST", "/admin/sites/<int:site_id>/keys", body=KeyChangeBody, answer=SiteKeysAnswer, status=201)
@guard("connection:change", recent=True)
def change_site_key(ctx: Context, body: dict[str, int], site_id: int) -> dict[str, Any]:
    """更换签名密钥 Make the next key and tell the partners; it is used once all of them have confirmed."""
    site = _site(ctx, "connection:change", site_id)
    key_change.begin(ctx, site, overlap_days=body["overlap_days"])
    return _told(ctx, site)


@routes.on("POST", "/admin/sites/<int:site_id>/keys/finish", answer=SiteKeysAnswer)
@guard("connection:change", recent=True)
def finish_key_change(ctx: Context, site_id: int) -> dict[str, Any]:
    """立即启用 Use the next key now, though not every partner has confirmed it: those refuse the site's messages until they know it."""
    site = _site(ctx, "connection:change", site_id)
    key_change.finish(ctx, site)
    return _told(ctx, site)


@routes.on("PUT", "/admin/sites/<int:site_id>/line", body=PartnerLineBody, answer=SiteKeysAnswer)
@guard("connection:change", recent=True)
def set_partner_line(ctx: Context, body: dict[str, Any], site_id: int) -> dict[str, Any]:
    """伙伴地址与公钥 Where a site of another deployment is reached, and the key its messages are checked with."""
    site = _site(ctx, "connection:change", site_id)
    partner_line.set_line(ctx, site, **body)
    return _told(ctx, site)


def _site(ctx: Context, function: str, site_id: int) -> Site:
    functions.require(ctx.actor, function, site_id=site_id)
    return sites.get_site_by_id(ctx, site_id)


def _told(ctx: Context, site: Site) -> dict[str, Any]:
    listed: Sequence[KeySpan] = key_history.list_keys(ctx, site)
    return {
        "site_id": site.id,
        "site_name": site.name,
        "is_local": site.is_local,
        "may_change": functions.may(ctx.actor, "connection:change", site_id=site.id),
        "overlap_days": key_change.OVERLAP,
        "longest_overlap_days": key_change.LONGEST,
        "endpoint": site.endpoint or "",
        "pins": [pin for pin in site.endpoint_pins.split(",") if pin],
        "keys": listed,
        "notices": [
            {
                "code": partner.code,
                "name": partner.name,
                "told_at": notice.created_at,
                "confirmed_at": notice.answered_at,
            }
            for notice, partner in key_change.state_of(ctx, site).notices
        ],
    }
