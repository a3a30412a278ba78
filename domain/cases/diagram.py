"""Where tokens are on the diagram, which way they came, and where something failed: per leg."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import select

from domain.cases.models import IncidentRow
from domain.cases.queries import Frame, definition_of
from domain.context import Context
from domain.definitions.models import Definition
from engine import places


@dataclass(frozen=True, slots=True)
class Positions:
    """One leg on the diagram: ids of elements and of sequence flows."""

    leg_id: int
    participant_id: str
    active: list[str]
    visited: list[str]
    taken: list[str]
    incidents: list[str]


@dataclass(frozen=True, slots=True)
class Diagram:
    """The model that the case runs on, as its designer drew it, and where its legs are."""

    xml: str
    definition_key: str
    definition_version: int
    legs: list[Positions]


def _drawn(ids: Iterable[str]) -> list[str]:
    """Those that are on this diagram: not what happens in a called process of another file."""
    return [each for each in ids if places.split(each)[0] is None]


def get_diagram(ctx: Context, frame: Frame) -> Diagram:
    """The diagram as its reader may see it: a partner gets the positions of its own pool only."""
    source = ctx.session.scalars(select(Definition.source).where(Definition.id == frame.case.definition_id)).one()
    key, version = definition_of(ctx.session, frame.case.definition_id)
    failed: dict[int, list[str]] = {}
    for leg_id, element_id in ctx.session.execute(
        select(IncidentRow.leg_id, IncidentRow.element_id).where(
            IncidentRow.case_id == frame.case.id, IncidentRow.resolved_at.is_(None)
        )
    ):
        failed.setdefault(leg_id, []).append(element_id)
    legs = [
        Positions(
            leg.id,
            leg.participant_id,
            _drawn(leg.active_elements),
            _drawn(leg.visited),
            _drawn(leg.taken),
            _drawn(failed.get(leg.id, [])),
        )
        for leg in frame.legs
        if frame.view.shows_leg(leg.site_id, leg.role)
    ]
    return Diagram(source.decode(), key, version, legs)
