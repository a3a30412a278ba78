"""Certificates and vouchers with a life of their own: 准予迁入证明, 户口迁移证, 安全生产考核合格证书."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import BigInteger, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from domain.base import Base, SealedJSON


class Certificate(Base):
    """A certificate. States: vouchers ISSUED → USED | VOID | EXPIRED | REISSUED (DOMAIN §1.2.7); safety certificates 01 … 07 (§1.3.1).

    Exactly one valid safety certificate per holder and class: a partial unique index.
    """

    __tablename__ = "certificates"
    __table_args__ = (
        Index(
            "ix_certificates_one_valid",
            "holder_blind",
            "kind",
            unique=True,
            postgresql_where=text("kind like 'water-safety-%' and state = '01'"),
        ),
        Index("ix_certificates_case", "case_id"),
    )

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    kind: Mapped[str] = mapped_column(String(40))
    """move-in-permit, migration-certificate, water-safety-A | -B | -C"""
    number: Mapped[str] = mapped_column(String(80), unique=True)
    identifier: Mapped[str | None] = mapped_column(String(128))
    linked_identifier: Mapped[str | None] = mapped_column(String(128))
    state: Mapped[str] = mapped_column(String(10))
    holder_blind: Mapped[str] = mapped_column(String(32), index=True)
    holder: Mapped[Any] = mapped_column(SealedJSON("certificates.holder"))
    data: Mapped[Any] = mapped_column(SealedJSON("certificates.data"))
    issuer_site_id: Mapped[int] = mapped_column(ForeignKey("sites.id"))
    case_id: Mapped[int | None]
    issued_at: Mapped[datetime]
    valid_until: Mapped[date | None]
    updated_at: Mapped[datetime]


class CertificateOperation(Base):
    """Every change of a certificate's state: operation code (§1.3.1), from, to, by which case."""

    __tablename__ = "certificate_operations"

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    certificate_id: Mapped[int] = mapped_column(ForeignKey("certificates.id"), index=True)
    operation: Mapped[str] = mapped_column(String(10))
    from_state: Mapped[str] = mapped_column(String(10))
    to_state: Mapped[str] = mapped_column(String(10))
    case_id: Mapped[int | None]
    site_id: Mapped[int | None] = mapped_column(ForeignKey("sites.id"))
    actor_id: Mapped[int | None]
    at: Mapped[datetime]
