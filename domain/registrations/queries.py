"""Household registrations, read."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from domain.identity.masking import mask_name
from domain.registrations.models import Registration
from domain.sites.models import Site


@dataclass(frozen=True, slots=True)
class RegistrationLine:
    """A person's registration that a case moves; the person is masked."""

    person_masked: str
    site_name: str
    state: str
    since: datetime


def list_registrations(session: Session, case_id: int) -> list[RegistrationLine]:
    """The registrations that a case changed."""
    rows = session.execute(
        select(Registration, Site.name)
        .join(Site, Site.id == Registration.site_id)
        .where(Registration.case_id == case_id)
        .order_by(Registration.id)
    )
    return [
        RegistrationLine(mask_name(str((entry.person or {}).get("name", ""))), site, entry.state, entry.since)
        for entry, site in rows
    ]
