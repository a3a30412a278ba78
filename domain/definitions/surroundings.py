"""What the platform offers to a model at this moment: what its names are checked against."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from sqlalchemy import func, select

from domain.clients import service as clients
from domain.clients.scopes import covers
from domain.context import Context
from domain.decisions import store as deployed_decisions
from domain.definitions.models import Form
from domain.items.contracts import Contract
from domain.sites.models import Site
from engine.contract import Model

PLATFORM_SERVICES: Final = frozenset({"case.close", "evaluate"})
"""Service types of the case itself; all others are registered by the container."""
PLATFORM_EFFECTS: Final = frozenset({"status", "flag", "result", "pointOfNoReturn"})


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What the platform offers: newest form versions, policies with their literals, service types, effects, site codes."""

    forms: Mapping[str, int]
    policies: Mapping[str, str]
    services: frozenset[str]
    effects: frozenset[str]
    decisions: Mapping[str, int]
    """Row of the decision each business rule task would call now, by element id."""
    bound: Mapping[str, int]
    """Rows of the decisions bound at deployment, by decision id."""
    clients: tuple[tuple[str | None, tuple[str, ...]], ...] = ()
    """(site code, topics) of each API client that may fetch external tasks; site None: those of all sites."""
    sites: Mapping[str, int] = field(default_factory=dict)
    """Ids of the sites that pools name outright, by code."""
    contract: Contract | None = None
    """The data contract of the item that the model serves."""

    def serves(self, topic: str, site_code: str | None) -> bool:
        """Whether a client is registered for the topic at a site (None: it is not known yet, any will do)."""
        return any(
            (site is None or site_code is None or site == site_code) and any(covers(each, topic) for each in topics)
            for site, topics in self.clients
        )


def read(ctx: Context, model: Model, policies: Mapping[str, str]) -> Surroundings:
    """Read what the model's names are checked against."""
    query = select(Form.form_id, func.max(Form.version)).where(Form.form_id.in_(model.form_ids)).group_by(Form.form_id)
    decisions = _decisions(ctx, model)
    bound = {
        e.decision.decision_id for e in model.elements.values() if e.decision and e.decision.binding == "deployment"
    }
    return Surroundings(
        forms={row[0]: row[1] for row in ctx.session.execute(query)},
        policies=policies,
        services=PLATFORM_SERVICES | frozenset(ctx.handlers.services) | frozenset(ctx.handlers.calls),
        effects=PLATFORM_EFFECTS | frozenset(ctx.handlers.effects),
        decisions=decisions,
        bound={
            e.decision.decision_id: decisions[e.id]
            for e in model.elements.values()
            if e.decision and e.decision.decision_id in bound and e.id in decisions
        },
        clients=clients.list_serving(ctx.session),
        sites={
            row.code: row.id
            for row in ctx.session.execute(
                select(Site.code, Site.id).where(Site.code.in_([p.site_source for p in model.participants]))
            )
        },
    )


def _decisions(ctx: Context, model: Model) -> dict[str, int]:
    found = {}
    for element in model.elements.values():
        if element.decision is not None and not element.decision.decision_id.startswith("="):
            row = deployed_decisions.find(ctx.session, element.decision.decision_id, element.decision.version_tag)
            if row is not None:
                found[element.id] = row.id
    return found
