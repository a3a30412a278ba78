"""What models and the scheduler ask of certificates: ``certificate.issue``, ``certificate.transition``, expiry and its reminder."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from sqlalchemy import column, select, table

from domain.actors import Role
from domain.certificates import service
from domain.certificates.models import Certificate
from domain.certificates.states import ISSUED
from domain.context import Context
from domain.errors import DomainError
from domain.identity import service as identity
from domain.locked import LockedLeg
from domain.notifications import service as notifications
from engine.contract import ServiceError

_CASES = table("cases", *(column(name) for name in ("id", "case_no", "main_site_id", "applicant_user_id")))


def issue(ctx: Context, leg: LockedLeg, job: Any) -> Mapping[str, Any]:
    """Service ``certificate.issue``: kind, holders, data, validFor or validUntil → number, identifier, validUntil."""
    arguments = job.arguments
    holders = arguments.get("holders") or []
    until = str(arguments.get("validUntil") or "")[:10]
    try:
        certificate = service.issue(
            ctx,
            leg,
            str(arguments.get("kind", "")),
            [holders] if isinstance(holders, Mapping) else list(holders),
            dict(arguments.get("data") or {}),
            valid_for=str(arguments["validFor"]) if arguments.get("validFor") else None,
            valid_until=date.fromisoformat(until) if until else None,
        )
    except DomainError as error:
        raise ServiceError(error.code, f"{error.fact_zh} {error.fact_en}") from error
    except ValueError as error:
        raise ServiceError("bad-date", f"'{until}' is not a date") from error
    return {
        "number": certificate.number,
        "identifier": certificate.identifier,
        "linkedIdentifier": certificate.linked_identifier,
        "validUntil": None if certificate.valid_until is None else certificate.valid_until.isoformat(),
        "state": certificate.state,
    }


def transition(ctx: Context, leg: LockedLeg, job: Any) -> Mapping[str, Any]:
    """Service ``certificate.transition``: kind, number, to, operation? → state."""
    arguments = job.arguments
    operation = arguments.get("operation")
    try:
        certificate = service.transition(
            ctx,
            leg,
            str(arguments.get("kind", "")),
            str(arguments.get("number") or ""),
            str(arguments.get("to", "")),
            operation=str(operation) if operation else None,
        )
    except DomainError as error:
        raise ServiceError(error.code, f"{error.fact_zh} {error.fact_en}") from error
    return {"state": certificate.state, "number": certificate.number}


def expire(ctx: Context, work: Any) -> None:
    """Job ``certificate.expire``: tell the people concerned when it lapsed."""
    certificate = service.expire(ctx, int(work.ref))
    if certificate is not None:
        _tell(ctx, certificate, "certificate.expired")


def remind(ctx: Context, work: Any) -> None:
    """Job ``certificate.remind``: a voucher that is still unused nears its end."""
    certificate = ctx.session.get(Certificate, int(work.ref))
    if certificate is not None and certificate.state == ISSUED:
        _tell(ctx, certificate, "certificate.expiring")


def _tell(ctx: Context, certificate: Certificate, template: str) -> None:
    readers = identity.list_holders(ctx, certificate.issuer_site_id, [Role.HANDLER, Role.LIAISON])
    case = ctx.session.execute(
        select(_CASES.c.case_no, _CASES.c.main_site_id, _CASES.c.applicant_user_id).where(
            _CASES.c.id == certificate.case_id
        )
    ).one_or_none()
    if case is not None:
        readers += identity.list_holders(ctx, case.main_site_id, [Role.HANDLER, Role.LIAISON])
        readers += [case.applicant_user_id] if case.applicant_user_id else []
    values = {
        "caseNo": "" if case is None else case.case_no,
        "validUntil": "" if certificate.valid_until is None else certificate.valid_until.isoformat(),
    }
    notifications.send(ctx, readers, template, values, case_id=certificate.case_id)
