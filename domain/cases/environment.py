"""What one step may see of the world: time, working days, policies, the case, its site, the platform's services."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from domain.cases import data_stores
from domain.cases.rows import LegRow
from domain.clock import CHINA
from domain.context import Context
from domain.deadlines import due, handed, policies
from domain.decisions import store as decisions
from domain.definitions import store
from engine.contract import Environment, Job, Variables

CONSTANTS = frozenset({"now", "deadlines", "caseInfo", "site", "application", "performer", handed.SITE, handed.COUNTRY})
"""Names that every expression sees read-only (docs/dialect.md)."""


def build(ctx: Context, leg: LegRow) -> Environment:
    """The environment of the leg's next command. One statement: the effective policies; more only for models with data stores."""
    values = effective_policies(ctx, leg)
    now = ctx.clock.now()
    definition = store.load_definition(ctx.session, leg.definition_id)
    return Environment(
        now=now,
        schedule=due.scheduler(ctx.session, leg.site.region_code, due.Hours.of(values)),
        zone=CHINA,
        constants={
            "now": now.astimezone(CHINA).isoformat(),
            "deadlines": values,
            "caseInfo": _case_info(leg),
            "site": _site(leg),
            "application": leg.application,
            "performer": {"name": ctx.actor.name},
            **handed.calendars(ctx.session, leg.site.region_code),
        },
        services=_services(ctx, leg),
        stores=data_stores.hold(ctx, definition),
        decide=ctx.engine.decider(
            decisions.finder(ctx.session, definition.decisions), now=now.astimezone(CHINA).isoformat()
        ),
        find_called=partial(store.find_called, ctx.session),
    )


def effective_policies(ctx: Context, leg: LegRow) -> dict[str, str]:
    """Policy key → literal for the leg's site and item, with the agreement with the partner of the case."""
    return policies.of_leg(ctx, leg)  # a SiteRow has what they read of a site; the hot path loads no entity for it


def _case_info(leg: LegRow) -> dict[str, Any]:
    return {
        "caseNo": leg.case_no,
        "collabNo": leg.case.collab_no,
        "itemCode": leg.case.item_code,
        "status": leg.status,
    }


def _site(leg: LegRow) -> dict[str, Any]:
    return {
        "code": leg.site.code,
        "name": leg.site.name,
        "phone": leg.site.phone,
        "regionCode": leg.site.region_code,
        "provinceCode": leg.site.province_code,
    }


def _services(ctx: Context, leg: LegRow) -> Mapping[str, Callable[[Job], Variables]]:
    return {kind: partial(service, ctx, leg) for kind, service in ctx.handlers.services.items()}
