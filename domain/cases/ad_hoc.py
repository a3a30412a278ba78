"""Ad-hoc sub-processes of a case: which elements its staff may start now, and starting them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from sqlalchemy import select

from domain.actors import Actor, Role
from domain.cases import labels, rows, runtime
from domain.cases.errors import NotOffered
from domain.cases.models import Leg
from domain.cases.projection import Cause
from domain.cases.queries import Frame
from domain.cases.rows import LegRow
from domain.cases.scope import DESK
from domain.context import Context
from domain.definitions import store
from domain.definitions.store import Elements
from domain.errors import Forbidden
from engine.contract import AdHoc, Advance, Element, Environment
from engine.facade import Engine

AD_HOC = "adHocSubProcess"


@dataclass(frozen=True, slots=True)
class OfferedElement:
    """An element that may be started. ``running``: it has work in progress; it may be started again all the same."""

    id: str
    name: str
    role: str | None
    running: bool


@dataclass(frozen=True, slots=True)
class Offered:
    """An open ad-hoc sub-process of a leg. ``number`` counts from 1 when there are several of it (multi-instance)."""

    leg_id: int
    ad_hoc_id: str
    name: str
    number: int | None
    elements: list[OfferedElement] = field(default_factory=list)


def list_offered(ctx: Context, frame: Frame) -> list[Offered]:
    """What the actor may start in the case: by the role of each element at the site of its leg. Empty when there is nothing."""
    offered: list[Offered] = []
    for leg in frame.legs:
        if leg.ended_at is not None or leg.is_suspended or not frame.view.shows_leg(leg.site_id, leg.role):
            continue
        elements = store.load_elements(ctx.session, leg.definition_id)
        open_here = [each for each in leg.active_elements if each in elements and elements[each].type == AD_HOC]
        if open_here and ctx.actor.roles_at(leg.site_id) & DESK:
            offered += _of_leg(ctx, leg, elements)
    return [each for each in offered if each.elements]


def activate(ctx: Context, leg_id: int, ad_hoc_id: str, element_ids: Sequence[str]) -> LegRow:
    """Start elements of an open ad-hoc sub-process, all or none.

    Raises :class:`NotOffered` (it was closed meanwhile, or never offered that), :class:`Forbidden`, and what the step refuses.
    """
    leg = rows.lock_leg(ctx, leg_id)
    elements = store.load_elements(ctx.session, leg.definition_id)
    for element_id in element_ids:
        if element_id not in elements:
            raise NotOffered("没有这个环节。", "There is no such element.", pointer="/elementIds")
        if not _may_start(ctx.actor, leg.site_id, elements[element_id]):
            raise Forbidden("该环节由本机构其他岗位启动。", "Another role of this site starts this element.")

    def command(engine: Engine, definition_id: str, state: bytes, env: Environment) -> Advance:
        return engine.activate(definition_id, state, ad_hoc_id, list(element_ids), env)

    cause = Cause("element.activated", element_ids[0], {"elements": list(element_ids)})
    return runtime.step(ctx, leg, command, cause=cause)


def _of_leg(ctx: Context, leg: Leg, elements: Elements) -> list[Offered]:
    state = ctx.session.execute(select(Leg.state).where(Leg.id == leg.id)).scalar_one()
    open_now = ctx.engine.inspect(str(leg.definition_id), state).ad_hocs
    return [_offered(ctx.actor, leg, elements, each) for each in open_now]


def _offered(actor: Actor, leg: Leg, elements: Elements, ad_hoc: AdHoc) -> Offered:
    found = [elements[each] for each in ad_hoc.enabled]
    return Offered(
        leg.id,
        ad_hoc.id,
        _name(elements[ad_hoc.element_id]),
        None if ad_hoc.loop_index is None else ad_hoc.loop_index + 1,
        [
            OfferedElement(each.id, _name(each), each.role, each.id in leg.active_elements)
            for each in found
            if _may_start(actor, leg.site_id, each)
        ],
    )


def _name(element: Element) -> str:
    return labels.one_line(element.name) or element.id


def _may_start(actor: Actor, site_id: int, element: Element) -> bool:
    """The element's own role at the leg's site; any desk there for what nobody's role does, and for what the applicant is asked to do."""
    held = actor.roles_at(site_id)
    if element.role is None or element.role == Role.APPLICANT or element.role.startswith("="):
        return bool(held & DESK)
    return element.role in held
