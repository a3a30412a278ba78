"""Who sees what of a case (DOMAIN §5.2, §5.3): the one place that every read of a case asks."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import ColumnElement, exists, select, true
from sqlalchemy.orm import aliased

from domain.actors import Actor, Role
from domain.cases.models import Case, Leg

DESK = frozenset({Role.RECV_CLERK, Role.HANDLER, Role.APPROVER})
"""Who decides in cases and therefore reads them."""
MASKED = frozenset({Role.LIAISON, Role.SUPERVISOR})
"""Who follows cases of the site or region with personal data masked."""
STAFF = DESK | MASKED | {Role.SITE_ADMIN}
EVERYWHERE = frozenset({Role.AUDITOR, Role.PLATFORM_ADMIN})


class Sight(StrEnum):
    """How much of a case somebody sees.

    FULL: the lead site's desk. PARTNER: its own leg and, of the main leg, coarse state and dates. SUMMARY: the same without any
    content, a while after its leg ended (policy ``partner.access``). MASKED: all legs, no application, no materials. BLIND: states
    and dates only, not even the subject.
    """

    FULL = "full"
    PARTNER = "partner"
    SUMMARY = "summary"
    MASKED = "masked"
    BLIND = "blind"


@dataclass(frozen=True, slots=True)
class View:
    """An actor's view of one case: how much, which legs are the actor's own, whether it is the lead site's side.

    ``is_desk``: the reader decides in such cases and opens their materials and documents; a liaison only follows them.
    """

    sight: Sight
    my_sites: frozenset[int]
    at_main: bool
    is_desk: bool = True

    def shows_leg(self, site_id: int, role: str) -> bool:
        """Whether the leg is shown in full: a partner sees only its own."""
        return not self.is_partner or (role != "main" and site_id in self.my_sites)

    @property
    def is_partner(self) -> bool:
        """Whether the reader looks from a partner site."""
        return self.sight in (Sight.PARTNER, Sight.SUMMARY)

    @property
    def shows_content(self) -> bool:
        """Whether the application and its materials are shown."""
        return self.sight is Sight.FULL

    @property
    def shows_papers(self) -> bool:
        """Whether materials, documents and registrations are shown: to the desks of the lead site, and of a partner its own."""
        return self.is_desk and self.sight in (Sight.FULL, Sight.PARTNER)

    @property
    def shows_subject(self) -> bool:
        """Whether the masked subject is shown."""
        return self.sight is not Sight.BLIND


def sites_of(actor: Actor, roles: Iterable[Role] = STAFF) -> tuple[int, ...]:
    """The sites where the actor holds one of the roles."""
    wanted = frozenset(roles)
    return tuple(sorted(site for site, held in actor.grants.items() if site and held & wanted))


def sees_everywhere(actor: Actor) -> bool:
    """Whether the actor's role reaches over all sites."""
    return any(actor.has(role) for role in EVERYWHERE)


def visible(actor: Actor, *, site_id: int | None = None) -> ColumnElement[bool]:
    """The condition on :class:`Case` for staff: a leg at one of the actor's sites (``site_id``: at this one)."""
    leg = aliased(Leg)
    legs = select(leg.id).where(leg.case_id == Case.id).correlate(Case)
    if sees_everywhere(actor):
        return true() if site_id is None else exists(legs.where(leg.site_id == site_id))
    sites = sites_of(actor)
    if site_id is not None:
        sites = tuple(site for site in sites if site == site_id)
    return exists(legs.where(leg.site_id.in_(sites)))


def view_of(actor: Actor, main_site_id: int, leg_sites: Iterable[int]) -> View | None:
    """What the actor sees of a case with these sites; None: it does not exist for this actor."""
    involved = {main_site_id, *leg_sites}
    held = {site: actor.roles_at(site) for site in involved}
    mine = frozenset(site for site, roles in held.items() if roles & (DESK | {Role.LIAISON}))
    at_main = bool(held[main_site_id] & STAFF)
    desk = any(roles & DESK for roles in held.values())
    liaison = any(Role.LIAISON in roles for roles in held.values())
    if held[main_site_id] & DESK:
        sight = Sight.FULL
    elif desk:
        sight, at_main = Sight.PARTNER, False
    elif held[main_site_id] & MASKED or actor.has(Role.AUDITOR) or _supervises(held.values()):
        sight = Sight.MASKED
    elif liaison:
        sight, at_main = Sight.PARTNER, False
    elif actor.has(Role.PLATFORM_ADMIN) or any(Role.SITE_ADMIN in roles for roles in held.values()):
        sight = Sight.BLIND
    else:
        return None
    return View(sight, mine, at_main=at_main, is_desk=desk)


def _supervises(held: Iterable[frozenset[Role]]) -> bool:
    return any(Role.SUPERVISOR in roles for roles in held)
