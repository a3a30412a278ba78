"""Loads what is missing of the demo; safe to repeat."""

from __future__ import annotations

from bootstrap.container import Platform
from bootstrap.demo.people import APPLICANTS, PASSWORD, staff
from bootstrap.demo.places import REGIONS, SITES, SUPERVISION
from bootstrap.deployment import deploy_paths
from domain.actors import SYSTEM
from domain.context import Context
from domain.identity import service as identity
from domain.sites import service as sites


def load(platform: Platform) -> None:
    """Regions, sites, people, catalogue and workflows of the demo, in one transaction each kind."""
    with platform.transaction(SYSTEM) as ctx:
        _load_places(ctx)
        _load_people(ctx)
    with platform.transaction(SYSTEM) as ctx:
        deploy_paths(ctx, [platform.settings.workflows], note="演示环境初始版本")


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
    for person in staff():
        if identity.find_user(ctx, person.login) is None:
            user = identity.register_user(
                ctx, person.login, person.name, PASSWORD, office_phone=person.site.phone if person.site else ""
            )
            identity.grant(ctx, user, person.role, sites.get_site(ctx, person.site.code) if person.site else None)
    for applicant in APPLICANTS:
        if identity.find_user(ctx, applicant.login) is None:
            details = {"idNo": applicant.id_no, "mobile": applicant.mobile}
            identity.register_user(ctx, applicant.login, applicant.name, PASSWORD, is_applicant=True, person=details)
