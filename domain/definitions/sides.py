"""On which side of an item's collaboration a site acts: where cases are received and led, or where they are handled with it."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select

from domain.context import Context
from domain.definitions import store
from domain.definitions.models import Draft
from domain.items.contracts import SIDES
from domain.items.models import Item
from domain.sites.models import Site
from domain.sites.queries import find_site
from engine.contract import ContractField, Model
from engine.errors import DefinitionRefused as EngineRefusal


@dataclass(frozen=True, slots=True)
class Flow:
    """A message that a model sends from one side to the other, with all that its flows of this name take along."""

    message: str
    name: str
    sender: str
    crossing: tuple[ContractField, ...]
    materials: tuple[str, ...]


def list_flows(ctx: Context, item: Item) -> list[Flow]:
    """What the newest deployed model of the item sends between its sides, in its order; nothing without a model."""
    deployed = store.find_latest(ctx.session, item.definition_key) if item.definition_key else None
    return [] if deployed is None else _flows(deployed.model)


def list_drafted_flows(ctx: Context, item: Item) -> list[Flow]:
    """What the draft of the item's model is to send that a designer saved; nothing without one, or while it has errors."""
    source = ctx.session.scalar(select(Draft.source).where(Draft.key == item.definition_key))
    if source is None:
        return []
    try:
        return _flows(ctx.engine.parse(source).model)
    except EngineRefusal:
        return []


def _flows(model: Model) -> list[Flow]:
    roles = {pool.id: pool.role for pool in model.participants}
    found: dict[tuple[str, str], Flow] = {}
    for flow in model.message_flows:
        sender = roles.get(flow.source_participant, "")
        if sender not in SIDES or roles.get(flow.target_participant) not in SIDES or not flow.message:
            continue
        known = found.get((flow.message, sender))
        fields = {row.path: row for row in (*(known.crossing if known else ()), *flow.fields)}
        materials = dict.fromkeys((*(known.materials if known else ()), *flow.materials))
        name = known.name if known else flow.name or flow.message
        found[flow.message, sender] = Flow(flow.message, name, sender, tuple(fields.values()), tuple(materials))
    return list(found.values())


def sides_of(ctx: Context, item: Item, site: Site) -> frozenset[str]:
    """``main``, ``partner``, both or neither.

    A pool of the item's model that names its site belongs to that site alone; one whose site follows from the application to any
    site of the item's sector, as the application offers them. An item without a model has both sides.
    """
    deployed = store.find_latest(ctx.session, item.definition_key) if item.definition_key else None
    sources = (
        [(side, "=") for side in SIDES]
        if deployed is None
        else [(pool.role, pool.site_source) for pool in deployed.model.participants if pool.role in SIDES]
    )
    return frozenset(side for side, source in sources if _is_at(ctx, item, site, source))


def _is_at(ctx: Context, item: Item, site: Site, source: str) -> bool:
    fixed = None if source.startswith("=") else find_site(ctx.session, source)
    return fixed.id == site.id if fixed is not None else not item.sector or item.sector == site.sector
