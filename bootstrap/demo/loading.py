"""Loads what is missing of the demo; safe to repeat."""

from __future__ import annotations

from sqlalchemy import select

from bootstrap.container import Platform
from bootstrap.demo.certificates import load_certificates
from bootstrap.demo.collaboration import load_collaboration
from bootstrap.demo.households import CHILDREN
from bootstrap.demo.people import APPLICANTS, PASSWORD, staff
from bootstrap.demo.places import REGIONS, SITES, SUPERVISION
from bootstrap.deployment import deploy_paths
from domain.actors import SYSTEM
from domain.base import get_seal
from domain.context import Context
from domain.identity import service as identity
from domain.identity.passwords import hash_password
from domain.items import service as items
from domain.registrations import service as registrations
from domain.registrations.models import Registration
from domain.sites import service as sites


def load(platform: Platform) -> None:
    """Regions, sites, people, catalogue and workflows of the demo, in one transaction each kind."""
    load_world(platform)
    with platform.transaction(SYSTEM) as ctx:
        deploy_paths(ctx, [platform.settings.workflows], note="演示环境初始版本")


def load_pages(platform: Platform) -> None:
    """What a person sees of the collaboration in a demo: agreements restrict items, so tests and scenarios go without them."""
    with platform.transaction(SYSTEM) as ctx:
        load_collaboration(ctx)


def load_world(platform: Platform) -> None:
    """All of the demo but its workflows: also what scenario tests play in."""
    with platform.transaction(SYSTEM) as ctx:
        items.load_items(ctx)
        _load_places(ctx)
        _load_people(ctx)
        _load_households(ctx)
        load_certificates(ctx)


def _load_places(ctx: Context) -> None:
    sites.register_regions(ctx, REGIONS)
    for site in (*SITES, *SUPERVISION):
        sites.register_site(
            ctx,
            site.code,
            site.region_code,
            site.sector,
            site.name,
            site.short_name,
            phone=site.phone,
            address=site.address,
            document_word=site.document_word,
        )


def _load_people(ctx: Context) -> None:
    """Only people who are missing: a password or a role that somebody changed in the demo stays changed."""
    hashed = hash_password(PASSWORD)
    for person in staff():
        if identity.find_user(ctx, person.login) is None:
            phone = person.site.phone if person.site else ""
            user = identity.register_user(
                ctx, person.login, person.name, PASSWORD, office_phone=phone, password_hash=hashed
            )
            identity.grant(ctx, user, person.role, sites.get_site(ctx, person.site.code) if person.site else None)
    for applicant in APPLICANTS:
        if identity.find_user(ctx, applicant.login) is None:
            details = {"idNo": applicant.id_no, "mobile": applicant.mobile}
            identity.register_user(
                ctx,
                applicant.login,
                applicant.name,
                PASSWORD,
                is_applicant=True,
                person=details,
                password_hash=hashed,
            )


def _load_households(ctx: Context) -> None:
    """Each child is registered once; one that has moved in the meantime stays where it is."""
    for child in CHILDREN:
        known = select(Registration.id).where(Registration.person_blind.in_(get_seal().blinds(child.id_no)))
        if ctx.session.scalars(known.limit(1)).first() is None:
            person = {"idNo": child.id_no, "name": child.name, "address": child.address, "houseNo": child.house_no}
            registrations.register(ctx, sites.get_site(ctx, child.site_code), person)
