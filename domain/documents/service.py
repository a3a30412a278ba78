"""Issuing documents (文书): built from the leg's variables, numbered per unit, kind and year, recorded."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from sqlalchemy import column, select, table

from domain.audit import service as audit
from domain.context import Context
from domain.deadlines import policies, written
from domain.definitions.options import option_names
from domain.documents.builders import BUILDERS
from domain.documents.content import Subject, UnknownDocument
from domain.documents.models import Document
from domain.errors import DomainError
from domain.items.models import Item
from domain.locked import LockedLeg
from domain.sites import numbering
from domain.sites.models import Site
from engine.contract import ServiceError

EXTENSION_NOTICE = "YQTZ"
ONE_TIME_NOTICE = "YCGZ"
_MATERIALS = table("materials", *(column(name) for name in ("case_id", "leg_id", "code", "name", "state")))


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of document: its title and 文书代字."""

    code: str
    title: str
    title_en: str
    word: str


@lru_cache(maxsize=1)
def kinds() -> Mapping[str, Kind]:
    """All kinds by code (DOMAIN §3.8)."""
    raw = json.loads((Path(__file__).parent / "data" / "documents.json").read_text(encoding="utf-8"))
    return {code: Kind(code, row["title"], row["titleEn"], row["word"]) for code, row in raw.items()}


def issue(
    ctx: Context,
    leg: LockedLeg,
    code: str,
    *,
    to: str = "",
    variables: Mapping[str, Any] | None = None,
    source: str = "",
) -> Document:
    """Issue a document in a leg. ``to``: applicant, partner, or both; ``source``: the variable it is made from, if not the usual.

    Raises :class:`UnknownDocument`, :class:`domain.documents.content.DocumentIncomplete`.
    """
    if code not in kinds():
        raise UnknownDocument(f"没有文书“{code[:20]}”。", f"There is no document '{code[:20]}'.")
    kind, now = kinds()[code], ctx.clock.now()
    site = ctx.session.get_one(Site, leg.site_id)
    content = BUILDERS[code](_subject(ctx, leg, site, kind, variables, source))
    document = Document(
        case_id=leg.case_id,
        leg_id=leg.id,
        site_id=site.id,
        code=code,
        title=content.title,
        number=numbering.document_number(ctx.session, site, kind.word, now),
        content={
            "paragraphs": [{"label": label, "text": text} for label, text in content.paragraphs],
            "legalBasis": content.legal_basis,
            "remedies": content.remedies,
            "seal": f"{site.name}（电子印章）",
        },
        to_applicant="applicant" in to,
        to_partner="partner" in to,
        issued_at=now,
        issued_by=ctx.actor.user_id or None,
    )
    ctx.session.add(document)
    ctx.session.flush()
    if code == EXTENSION_NOTICE:
        written.link(ctx, leg.case_id, ["extend"], document.id)
    audit.record_of(
        ctx,
        leg,
        "document.issued",
        data={"code": code, "title": content.title, "number": document.number, "to": to, "documentId": document.id},
    )
    return document


def effect(ctx: Context, leg: LockedLeg, effect: Any, variables: Mapping[str, Any]) -> None:
    """Handler of ``<lianban:document code to source>``."""
    attributes = effect.attributes
    issue(
        ctx,
        leg,
        attributes["code"],
        to=attributes.get("to", ""),
        variables=variables,
        source=attributes.get("source", ""),
    )


def issue_service(ctx: Context, leg: LockedLeg, job: Any) -> Mapping[str, Any]:
    """Service ``document.issue``: code, data (variables for the document), to → number."""
    arguments = job.arguments
    data = arguments.get("data")
    variables = {**leg.variables, **(data if isinstance(data, dict) else {})}
    try:
        document = issue(
            ctx, leg, str(arguments.get("code", "")), to=str(arguments.get("to", "applicant")), variables=variables
        )
    except DomainError as error:
        raise ServiceError(error.code, error.fact_en) from error
    return {"number": document.number}


def _subject(
    ctx: Context, leg: LockedLeg, site: Site, kind: Kind, variables: Mapping[str, Any] | None, source: str
) -> Subject:
    item = ctx.session.get_one(Item, leg.case.item_code)
    guide = item.sheet.get("guide") or {}
    role = "main" if site.id == leg.case.main_site_id else "partner"
    rows = ctx.session.execute(
        select(_MATERIALS.c.code, _MATERIALS.c.name, _MATERIALS.c.state)
        .where(_MATERIALS.c.case_id == leg.case_id, _MATERIALS.c.leg_id.is_(None))
        .order_by(_MATERIALS.c.code)
    ).all()
    return Subject(
        case=leg.case,
        leg=leg,
        site=site,
        item_name=item.name,
        item_basis="；".join(str(line) for line in guide.get("legalBasis", ())),
        variables=leg.variables if variables is None else variables,
        application=leg.application,
        values=policies.deadlines_for(ctx, site, item.code, policies.partner_at(role, site, leg.case.partner_code)),
        materials=[(row.code, row.name, row.state) for row in rows] if leg.role == "main" else [],
        now=ctx.clock.now(),
        title=kind.title,
        source=source,
        targets=_targets(ctx, leg) if kind.code == ONE_TIME_NOTICE else {},
    )


def _targets(ctx: Context, leg: LockedLeg) -> dict[str, str]:
    """What a notice may ask for, by its code."""
    names = option_names(ctx.session, leg.case.definition_id, "target")
    return {code: each.name for code, each in names.items()}
