"""Who acted or read, as the record says it: the actor, the role at the site, on whose behalf, from which node and session."""

from __future__ import annotations

from typing import Any

from domain.actors import Role
from domain.context import Context

APPLICANT_NAME = "申请人"
"""Stands for a citizen's name in the record, which never holds personal data."""


def actor_of(ctx: Context) -> dict[str, Any]:
    """The columns that name the actor."""
    actor = ctx.actor
    return {"actor_id": actor.user_id or None, "actor_name": APPLICANT_NAME if actor.is_applicant else actor.name}


def origin_of(ctx: Context, site_id: int | None) -> dict[str, Any]:
    """Role at the site, node, session or client, and whom the actor stood in for. Small: every event carries it."""
    actor, came = ctx.actor, ctx.origin
    told: dict[str, Any] = {"role": _role(ctx, site_id)}
    if came.node:
        told["node"] = came.node
    if came.session:
        told["session"] = came.session
    if came.client is not None:
        told["client"] = came.client
    if ctx.request_id:
        told["request"] = ctx.request_id
    if actor.principal is not None:
        principal = actor.principal
        told["for"] = {"id": principal.user_id, "name": principal.name, "delegation": principal.delegation_id}
        if principal.visit is not None:
            told["for"]["visit"] = principal.visit.id
    return told


def _role(ctx: Context, site_id: int | None) -> str:
    actor = ctx.actor
    if actor.is_applicant:
        return str(Role.APPLICANT)
    held = actor.grants.get(site_id or 0) or actor.grants.get(0)
    if not held and len(actor.grants) == 1:
        [held] = actor.grants.values()
    return ",".join(sorted(held)) if held else ""
