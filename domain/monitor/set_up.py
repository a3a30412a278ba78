"""What a deployment still lacks before people can be served: the list that its administrators work down once (docs/operations.md).

A site's administrator sees what the own sites lack. Names of sites and roles only, never of people.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from sqlalchemy import func, select

from domain.actors import Role
from domain.context import Context
from domain.definitions.queries import deployed_keys
from domain.identity.models import Grant, User
from domain.identity.roles import role_name
from domain.items.queries import list_items
from domain.nodes import queries as nodes
from domain.partners.models import Contact
from domain.recomputation import coverage
from domain.sites.models import Region, Site

DOERS: Final = (Role.RECV_CLERK, Role.HANDLER, Role.APPROVER)
"""Without one of these at a site its cases stand still."""
SHOWN: Final = 10
"""Names of a step that are listed; the others are counted."""
TWO: Final = 2


@dataclass(frozen=True, slots=True)
class Lack:
    """A name of what is missing, in both languages."""

    zh: str
    en: str


@dataclass(frozen=True, slots=True)
class Step:
    """A step of the list. ``needed``: no case can be done without it, otherwise it is wise. Done when nothing is missing."""

    code: str
    needed: bool
    missing: tuple[Lack, ...]

    @property
    def is_done(self) -> bool:
        """Whether nothing is left to do."""
        return not self.missing


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What only the settings know: mail is set up, applicants log in by a provider, changes are archived, protection is complete."""

    mail: bool
    applicants: bool
    archive: bool
    protection: bool


def list_steps(ctx: Context, settings: Surroundings) -> list[Step]:
    """The steps in the order in which they are done: all for the platform's administrator, those of the own sites for a site's."""
    everywhere = ctx.actor.has(Role.PLATFORM_ADMIN)
    sites = [site for site in _sites(ctx) if everywhere or ctx.actor.has(Role.SITE_ADMIN, site.id)]
    held = _held(ctx)
    here = [site for site in sites if site.is_local]
    steps = [_staff(ctx, here, held), _contacts(ctx, here)]
    if not everywhere:
        return steps
    places = [
        _step("regions", needed=True, fails=not ctx.session.scalar(select(Region.code).limit(1))),
        _step("sites", needed=True, fails=not here),
        _administrators(here, held),
    ]
    rest = [
        _models(ctx),
        _partners(sites),
        _step("second", needed=False, fails=len(held.get((0, Role.PLATFORM_ADMIN), ())) < TWO),
        _offices(held),
        _calendar(ctx),
        _step("background", needed=True, fails=not _is_scheduled(ctx)),
        _step("applicants", needed=False, fails=not settings.applicants),
        _step("mail", needed=False, fails=not settings.mail),
        _step("archive", needed=False, fails=not settings.archive),
        _step("protection", needed=False, fails=not settings.protection),
    ]
    return [*places, *steps, *rest]


def _step(code: str, *, needed: bool, fails: bool) -> Step:
    return Step(code, needed, (Lack("", ""),) if fails else ())


def _sites(ctx: Context) -> list[Site]:
    return list(ctx.session.scalars(select(Site).order_by(Site.region_code, Site.code)))


Held = dict[tuple[int, Role], Collection[int]]


def _held(ctx: Context) -> Held:
    """(site or 0, role) → active people who hold it."""
    query = select(func.coalesce(Grant.site_id, 0), Grant.role, func.array_agg(Grant.user_id))
    query = query.join(User, User.id == Grant.user_id).where(User.is_active).group_by(Grant.site_id, Grant.role)
    return {(site, Role(role)): people for site, role, people in ctx.session.execute(query)}


def _roles(site: Site, missing: Iterable[Role]) -> Lack | None:
    names = [role_name(role) for role in missing]
    if not names:
        return None
    return Lack(
        f"{site.name}：{'、'.join(zh for zh, _ in names)}", f"{site.name}: {', '.join(en.lower() for _, en in names)}"
    )


def _administrators(sites: Sequence[Site], held: Held) -> Step:
    lacks = tuple(Lack(site.name, site.name) for site in sites if not held.get((site.id, Role.SITE_ADMIN)))
    return Step("administrators", needed=True, missing=lacks or _nothing(sites))


def _staff(ctx: Context, sites: Sequence[Site], held: Held) -> Step:
    """Sites of a sector that has items need those who do the work; others (a window, supervision) whom they like, but somebody."""
    sectors = {item.sector for item in list_items(ctx.session) if item.definition_key}
    lacks = []
    for site in sites:
        if site.sector in sectors:
            lacks.append(_roles(site, [role for role in DOERS if not held.get((site.id, role))]))
        elif not any(place == site.id and role is not Role.SITE_ADMIN for place, role in held):
            lacks.append(Lack(site.name, site.name))
    return Step("staff", needed=True, missing=tuple(each for each in lacks if each) or _nothing(sites))


def _contacts(ctx: Context, sites: Sequence[Site]) -> Step:
    known = set(ctx.session.scalars(select(Contact.site_id).distinct()))
    lacks = tuple(Lack(site.name, site.name) for site in sites if site.id not in known)
    return Step("contacts", needed=False, missing=lacks or _nothing(sites))


def _nothing(sites: Sequence[Site]) -> tuple[Lack, ...]:
    """Where there is no site yet, nothing about sites is done."""
    return () if sites else (Lack("", ""),)


def _models(ctx: Context) -> Step:
    deployed = deployed_keys(ctx.session)
    return _step(
        "models", needed=True, fails=not any(item.definition_key in deployed for item in list_items(ctx.session))
    )


def _partners(sites: Sequence[Site]) -> Step:
    lacks = tuple(
        Lack(site.name, site.name) for site in sites if not site.is_local and not (site.endpoint and site.public_key)
    )
    return Step("partners", needed=True, missing=lacks)


def _offices(held: Held) -> Step:
    roles = {role for _, role in held}
    missing = [role_name(role) for role in (Role.DESIGNER, Role.SUPERVISOR, Role.AUDITOR) if role not in roles]
    return Step("offices", needed=False, missing=tuple(Lack(zh, en) for zh, en in missing))


def _calendar(ctx: Context) -> Step:
    years = [str(row.year) for row in coverage.list_missing(ctx)]
    return Step("calendar", needed=False, missing=tuple(Lack(year, year) for year in years))


def _is_scheduled(ctx: Context) -> bool:
    return any(seen.node.role == "scheduler" and seen.state == "up" for seen in nodes.list_nodes(ctx))
