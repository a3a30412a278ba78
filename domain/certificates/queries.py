"""Certificates, read."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from domain.certificates.models import Certificate
from domain.errors import NotFound
from domain.identity.masking import mask_name
from domain.sites.models import Site


@dataclass(frozen=True, slots=True, kw_only=True)
class CertificateLine:
    """A certificate without personal data beyond the masked holder."""

    id: int
    number: str
    kind: str
    state: str
    issuer_name: str
    valid_until: date | None
    holder_masked: str


def find_certificate(session: Session, number: str) -> CertificateLine | None:
    """A certificate by its number."""
    rows = _lines(session, Certificate.number == number)
    return rows[0] if rows else None


def get_certificate(session: Session, number: str) -> CertificateLine:
    """The same. Raises :class:`NotFound`."""
    line = find_certificate(session, number)
    if line is None:
        raise NotFound("没有这个编号的证照。", "There is no certificate with this number.")
    return line


def list_certificates(session: Session, case_id: int) -> list[CertificateLine]:
    """The certificates issued or changed in a case."""
    return _lines(session, Certificate.case_id == case_id)


def _lines(session: Session, where: Any) -> list[CertificateLine]:
    rows = session.execute(
        select(Certificate, Site.name)
        .join(Site, Site.id == Certificate.issuer_site_id)
        .where(where)
        .order_by(Certificate.id)
    )
    return [
        CertificateLine(
            id=certificate.id,
            number=certificate.number,
            kind=certificate.kind,
            state=certificate.state,
            issuer_name=issuer,
            valid_until=certificate.valid_until,
            holder_masked=_holder(certificate.holder),
        )
        for certificate, issuer in rows
    ]


def _holder(holder: Any) -> str:
    """The name of the (first) holder, masked."""
    first = holder[0] if isinstance(holder, list) and holder else holder
    return mask_name(str(first.get("name", ""))) if isinstance(first, dict) else ""
