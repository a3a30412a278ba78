"""Issuing certificates and changing their state, each change with its operation in the log; expiry."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import func, select

from domain.audit import service as audit
from domain.base import get_seal
from domain.certificates.errors import CertificateNotFound, HolderMissing, TransitionRefused, ValidCertificateExists
from domain.certificates.models import Certificate, CertificateOperation
from domain.certificates.states import VALID, CertificateKind, kinds, make_identifier
from domain.clock import CHINA
from domain.context import Context
from domain.deadlines import policies
from domain.deadlines.calendar import load
from domain.deadlines.due import Hours, end_of, schedule
from domain.identity.masking import mask_number
from domain.locked import LockedLeg
from domain.outbox import work
from domain.outbox.work import NewWork
from domain.sites import numbering
from domain.sites.models import Site

NEW, TRANSFER_IN = "01", "08"
"""Operations of an issue: new, and transferred in from another authority."""
USCC_LENGTH = 18


def issue(
    ctx: Context,
    leg: LockedLeg,
    kind_code: str,
    holders: Sequence[Mapping[str, Any]],
    data: Mapping[str, Any],
    *,
    valid_for: str | None = None,
    valid_until: date | None = None,
) -> Certificate:
    """Issue a certificate to ``holders`` ({idNo, name}) at the leg's site.

    With ``data.oldNumber`` it is transferred in: it carries the old identifier and, unless told otherwise, the old expiry.
    Raises :class:`HolderMissing`, :class:`ValidCertificateExists`, :class:`CertificateNotFound`, :class:`BadLiteral`.
    """
    kind = _kind(kind_code)
    if not holders or not holders[0].get("idNo"):
        raise HolderMissing("没有持证人的证件号码。", "The holder's ID number is missing.")
    now = ctx.clock.now()
    site = ctx.session.get_one(Site, leg.site_id)
    blind = get_seal().blind(str(holders[0]["idNo"]))
    if kind.family == "safety":
        _require_none_valid(ctx, kind, str(holders[0]["idNo"]))
    old, linked = _old_certificate(ctx, data)
    if valid_until is None:
        valid_until = old.valid_until if old is not None and not valid_for else _valid_until(ctx, site, valid_for, now)
    number, identifier = _numbers(ctx, kind, site, now)
    certificate = Certificate(
        kind=kind.code,
        number=number,
        identifier=identifier,
        linked_identifier=linked,
        state=kind.first_state,
        holder_blind=blind,
        holder=[dict(holder) for holder in holders],
        data=dict(data),
        issuer_site_id=site.id,
        case_id=leg.case_id,
        issued_at=now,
        valid_until=valid_until,
        updated_at=now,
    )
    ctx.session.add(certificate)
    ctx.session.flush()
    _log(ctx, certificate, TRANSFER_IN if linked else NEW, "", leg)
    _plan_expiry(ctx, certificate, kind, leg, site)
    return certificate


def register(
    ctx: Context,
    site: Site,
    kind_code: str,
    holder: Mapping[str, Any],
    data: Mapping[str, Any],
    *,
    valid_until: date,
    state: str = VALID,
    number: str = "",
) -> Certificate:
    """Take an existing certificate into the repository (it came from an older system), under its own number where it has one.

    Raises :class:`ValidCertificateExists`.
    """
    kind, now = _kind(kind_code), ctx.clock.now()
    blind = get_seal().blind(str(holder["idNo"]))
    if state == VALID:
        _require_none_valid(ctx, kind, str(holder["idNo"]))
    drawn, identifier = _numbers(ctx, kind, site, now)
    certificate = Certificate(
        kind=kind.code,
        number=number or drawn,
        identifier=identifier,
        state=state,
        holder_blind=blind,
        holder=[dict(holder)],
        data=dict(data),
        issuer_site_id=site.id,
        issued_at=now,
        valid_until=valid_until,
        updated_at=now,
    )
    ctx.session.add(certificate)
    ctx.session.flush()
    _log(ctx, certificate, "07", "", None)
    work.add(ctx, [NewWork("certificate.expire", str(certificate.id), end_of(valid_until))])
    return certificate


def transition(
    ctx: Context, leg: LockedLeg, kind_code: str, number: str, to: str, *, operation: str | None = None
) -> Certificate:
    """Change the state of a certificate under its row lock; being there already is no change.

    Raises :class:`CertificateNotFound`, :class:`TransitionRefused`, :class:`ValidCertificateExists`.
    """
    kind = _kind(kind_code)
    certificate = get_by_number(ctx, number, lock=True)
    if certificate.kind != kind.code:
        raise CertificateNotFound(
            f"没有编号为 {number[:80]} 的{kind.name}。", f"There is no {kind.code} '{number[:80]}'."
        )
    may_stay = operation is not None and operation in kind.operations(to, to)
    if certificate.state == to and not may_stay:
        return certificate
    allowed = kind.operations(certificate.state, to)
    if not allowed or (operation is not None and operation not in allowed):
        raise TransitionRefused(
            f"{kind.name}不能由“{certificate.state}”变为“{to[:10]}”。",
            f"A {kind.code} cannot go from {certificate.state} to {to[:10]}.",
        )
    if kind.family == "safety" and to == VALID and certificate.state != VALID:
        _require_none_valid(ctx, kind, str(certificate.holder[0].get("idNo", "")))
    before, certificate.state = certificate.state, to
    certificate.case_id, certificate.updated_at = leg.case_id, ctx.clock.now()
    ctx.session.flush()
    _log(ctx, certificate, operation or allowed[0], before, leg)
    return certificate


def expire(ctx: Context, certificate_id: int) -> Certificate | None:
    """Job ``certificate.expire``: its last day has passed; None when it is no longer in force or was prolonged."""
    certificate = ctx.session.get(Certificate, certificate_id, with_for_update=True)
    if certificate is None or certificate.valid_until is None:
        return None
    kind = kinds()[certificate.kind]
    today = ctx.clock.now().astimezone(CHINA).date()
    hours_over = end_of(certificate.valid_until) <= ctx.clock.now() or today > certificate.valid_until
    operations = kind.operations(certificate.state, kind.end_state)
    if not hours_over or not operations:
        return None
    before, certificate.state = certificate.state, kind.end_state
    certificate.updated_at = ctx.clock.now()
    ctx.session.flush()
    _log(ctx, certificate, operations[0], before, None)
    return certificate


def find_by_number(ctx: Context, number: str) -> Certificate | None:
    """The certificate with this number."""
    return ctx.session.scalar(select(Certificate).where(Certificate.number == number.strip()))


def get_by_number(ctx: Context, number: str, *, lock: bool = False) -> Certificate:
    """The certificate with this number. Raises :class:`CertificateNotFound`."""
    query = select(Certificate).where(Certificate.number == number.strip())
    certificate = ctx.session.scalar(query.with_for_update() if lock else query)
    if certificate is None:
        raise CertificateNotFound(f"没有编号为 {number[:80]} 的证照。", f"There is no certificate '{number[:80]}'.")
    return certificate


def list_by_holder(ctx: Context, id_no: str) -> list[Certificate]:
    """Certificates of a person, newest first."""
    found = select(Certificate).where(Certificate.holder_blind.in_(get_seal().blinds(id_no)))
    return list(ctx.session.scalars(found.order_by(Certificate.issued_at.desc(), Certificate.id.desc())))


def belongs_to(certificate: Certificate, id_no: str) -> bool:
    """Whether the person is (one of) the holder(s)."""
    wanted = id_no.strip().upper()
    return any(str(holder.get("idNo", "")).strip().upper() == wanted for holder in certificate.holder)


def _kind(code: str) -> CertificateKind:
    if code not in kinds():
        raise CertificateNotFound(f"没有证照种类“{code[:40]}”。", f"There is no kind of certificate '{code[:40]}'.")
    return kinds()[code]


def _require_none_valid(ctx: Context, kind: CertificateKind, id_no: str) -> None:
    """One valid certificate per holder and class; two at once queue up here, the partial unique index is the last guard."""
    seal = get_seal()
    mark = f"{kind.code}:{seal.mark(id_no)}"
    ctx.session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(mark, 0))))
    same = select(Certificate.id).where(
        Certificate.holder_blind.in_(seal.blinds(id_no)), Certificate.kind == kind.code, Certificate.state == VALID
    )
    if ctx.session.scalar(same.limit(1)) is not None:
        raise ValidCertificateExists(
            "持证人已有一本有效的同类证书。", "The holder has a valid certificate of this class."
        )


def _old_certificate(ctx: Context, data: Mapping[str, Any]) -> tuple[Certificate | None, str | None]:
    """The certificate a transfer continues and the identifier to link; one of another deployment is known by its identifier alone."""
    number = str(data.get("oldNumber") or "")
    if not number:
        return None, None
    old = find_by_number(ctx, number)
    linked = (old.identifier or old.number) if old is not None else str(data.get("linkedIdentifier") or "")
    if not linked:
        raise CertificateNotFound(f"没有编号为 {number[:80]} 的证照。", f"There is no certificate '{number[:80]}'.")
    return old, linked


def _valid_until(ctx: Context, site: Site, valid_for: str | None, now: datetime) -> date | None:
    if not valid_for:
        return None
    return schedule(valid_for, now, load(ctx.session, site.region_code)).astimezone(CHINA).date()


def _numbers(ctx: Context, kind: CertificateKind, site: Site, now: datetime) -> tuple[str, str | None]:
    if kind.type_code is None:
        return numbering.document_number(ctx.session, site, kind.word, now), None
    year = str(now.astimezone(CHINA).year)
    word = f"{site.document_word or site.short_name}{kind.word}"
    serial = f"{numbering.take(ctx.session, site, f'certificate:{word}', year):07d}"
    issuer = (site.uscc or f"{site.region_code}{site.id:012d}")[:USCC_LENGTH]
    return f"{word}（{year}）{serial}", make_identifier(kind.type_code, issuer, f"{year}{serial}")


def _plan_expiry(ctx: Context, certificate: Certificate, kind: CertificateKind, leg: LockedLeg, site: Site) -> None:
    if certificate.valid_until is None:
        return
    values = policies.of_leg(ctx, leg)
    last = end_of(certificate.valid_until, Hours.of(values))
    duties = [NewWork("certificate.expire", str(certificate.id), last, case_id=leg.case_id)]
    if kind.remind is not None:
        before = schedule(f"-{values[kind.remind]}", last, load(ctx.session, site.region_code))
        duties.append(NewWork("certificate.remind", str(certificate.id), before, case_id=leg.case_id))
    work.add(ctx, duties)


def _log(ctx: Context, certificate: Certificate, operation: str, before: str, leg: LockedLeg | None) -> None:
    case_id = certificate.case_id if leg is None else leg.case_id
    ctx.session.add(
        CertificateOperation(
            certificate_id=certificate.id,
            operation=operation,
            from_state=before,
            to_state=certificate.state,
            case_id=case_id,
            site_id=certificate.issuer_site_id if leg is None else leg.site_id,
            actor_id=ctx.actor.user_id or None,
            at=ctx.clock.now(),
        )
    )
    ctx.session.flush()
    audit.record(
        ctx,
        "certificate.issued" if not before else "certificate.changed",
        case_id=case_id,
        leg_id=None if leg is None else leg.id,
        site_id=certificate.issuer_site_id if leg is None else leg.site_id,
        data={
            "certificateId": certificate.id,
            "kind": certificate.kind,
            "number": mask_number(certificate.number),
            "operation": operation,
            "from": before,
            "to": certificate.state,
        },
    )
