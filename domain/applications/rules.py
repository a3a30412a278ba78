"""What an item asks beyond its form: where it goes, who it is about, what stands against it."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

from domain import reach
from domain.applications.errors import (
    AuthorityUnchanged,
    CertificateNotUsable,
    NoAuthority,
    NotEligible,
    SameProvince,
)
from domain.certificates import service as certificates
from domain.certificates.models import Certificate
from domain.certificates.states import STATE_NAMES, VALID
from domain.clock import CHINA
from domain.context import Context
from domain.deadlines import policies
from domain.deadlines.calendar import load
from domain.deadlines.due import schedule
from domain.identity.masking import mask_list_name
from domain.sites import service as sites
from domain.sites.models import Site


@dataclass(frozen=True, slots=True)
class Routed:
    """What the rules made of an application: computed fields, subjects for the duplicate guard, the masked subject for lists."""

    subjects: tuple[tuple[str, str], ...]
    subject_masked: str
    applicant: Mapping[str, str]
    computed: Mapping[str, Any] = field(default_factory=dict)


def route(ctx: Context, item_code: str, data: Mapping[str, Any]) -> Routed:
    """Apply the item's rules to accepted data. Raises :class:`NotEligible` and its kinds, ``SiteNotFound``."""
    return RULES.get(item_code, _plain)(ctx, data)


def household_move(ctx: Context, data: Mapping[str, Any]) -> Routed:
    """Item 2: two police sites in two provinces; one open case per mover."""
    if data.get("consentCross") is not True:
        raise NotEligible(
            "没有选择跨省通办。跨省通办自愿选择；不选择的，请分别到迁入地、迁出地按传统方式办理。",
            "The cross-province service was not chosen: it is voluntary; otherwise use the conventional procedure.",
            pointer="/data/consentCross",
        )
    target = _police(ctx, data, "moveInOrg", "moveInRegion")
    origin = _police(ctx, data, "moveOutOrg", "moveOutRegion")
    if target.province_code == origin.province_code:
        raise SameProvince(
            f"{origin.short_name}与{target.short_name}在同一省份。",
            "Both sites are in one province.",
            pointer="/data/moveOutRegion",
        )
    movers = list(data.get("movers") or [])
    numbers = [str(mover.get("idNo", "")) for mover in movers]
    if len(set(numbers)) != len(numbers) or not all(numbers):
        raise NotEligible("迁移人重复或缺少号码。", "A mover is named twice or lacks a number.", pointer="/data/movers")
    first = mask_list_name(str(movers[0].get("name", ""))) if movers else ""
    return Routed(
        subjects=tuple(("mover", number) for number in numbers),
        subject_masked=first if len(movers) == 1 else f"{first}等{len(movers)}人",
        applicant=_applicant(data, "applicantName", "applicantIdNo", "applicantMobile"),
    )


def safety_certificate(ctx: Context, data: Mapping[str, Any]) -> Routed:
    """Item 12: a valid certificate of the holder, moving to the authority of the new employer; one open change per certificate."""
    certificate = usable_certificate(ctx, data)
    if data.get("siteLock") is True:
        raise NotEligible(
            "持证人在建项目未解锁，请先变更项目人员或提供解锁证明。",
            "The holder is locked to a running project.",
            pointer="/data/siteLock",
        )
    named = str(data.get("certIdentifier") or "").strip()
    if named and named != (certificate.identifier or ""):
        raise CertificateNotUsable(
            "电子证照标识与该证书不符。", "The identifier is not this certificate's.", pointer="/data/certIdentifier"
        )
    old = ctx.session.get_one(Site, certificate.issuer_site_id)
    new = sites.get_site(ctx, new_authority(data), pointer="/data/newAuthority")
    if new.id == old.id:
        raise AuthorityUnchanged(
            f"仍由{old.name}考核管理。", "The authority stays the same.", pointer="/data/newOrgUscc"
        )
    renewable = may_renew(ctx, certificate, new)
    if data.get("renewTogether") is True and not renewable:
        raise NotEligible(
            "证书尚未进入可延续的期间，不能同时申请延续。",
            "The certificate is not yet in its renewal window.",
            pointer="/data/renewTogether",
        )
    until = certificate.valid_until
    return Routed(
        subjects=(("certificate", certificate.number),),
        subject_masked=mask_list_name(str(data.get("holderName", ""))),
        applicant=_applicant(data, "holderName", "holderIdNo", "holderMobile"),
        computed={
            "oldAuthority": old.code,
            "newAuthority": new.code,
            "certIdentifier": certificate.identifier,
            "certValidUntil": None if until is None else until.isoformat(),
            "renewOffered": renewable,
        },
    )


def usable_certificate(ctx: Context, data: Mapping[str, Any]) -> Certificate:
    """The certificate named, valid and the holder's own. Raises :class:`CertificateNotUsable` with the authority's contact."""
    number = str(data.get("certNo", ""))
    # The register of whichever authority issued it; refused unless the holder fits.
    with reach.for_platform(ctx.session):
        certificate = certificates.find_by_number(ctx, number)
    kind = f"water-safety-{data.get('certClass', '')}"
    # A stranger learns nothing about somebody else's certificate: not found and not yours read the same.
    if (
        certificate is None
        or certificate.kind != kind
        or not certificates.belongs_to(certificate, str(data.get("holderIdNo", "")))
    ):
        raise CertificateNotUsable(
            "没有找到该持证人的这本证书，请核对证书编号、类别和证件号码。",
            "No such certificate of this holder was found.",
            pointer="/data/certNo",
        )
    issuer = ctx.session.get_one(Site, certificate.issuer_site_id)
    today = ctx.clock.now().astimezone(CHINA).date()
    state_zh, state_en = STATE_NAMES[certificate.state]
    if certificate.state == VALID and certificate.valid_until is not None and certificate.valid_until < today:
        state_zh, state_en = "已过有效期", "past its date"
    elif certificate.state == VALID:
        return certificate
    raise CertificateNotUsable(
        f"证书状态为“{state_zh}”。请联系{issuer.name}，电话 {issuer.phone or '见办事指南'}。",
        f"The certificate is {state_en}. Contact {issuer.name}, {issuer.phone}.",
        pointer="/data/certNo",
    )


def may_renew(ctx: Context, certificate: Certificate, site: Site) -> bool:
    """Whether the certificate is in the last months before its expiry, so that change and renewal can be one application (W03)."""
    if certificate.valid_until is None:
        return False
    window = policies.effective(ctx, "certificate.renewWindow", site, "water-safety-change").value
    horizon = schedule(window, ctx.clock.now(), load(ctx.session, site.region_code)).astimezone(CHINA).date()
    return certificate.valid_until <= horizon


def new_authority(data: Mapping[str, Any]) -> str:
    """Authority = f(registration province, qualification grade): a table, never code (DOMAIN §1.3.1). Raises :class:`NoAuthority`."""
    region = str(data.get("newOrgRegion") or str(data.get("newOrgUscc") or "")[2:8])
    grade = str(data.get("newOrgQualGrade") or "")
    for rule in authorities():
        if rule["province"][:2] == region[:2] and (rule["grades"] == "*" or grade in rule["grades"]):
            return str(rule["authority"])
    raise NoAuthority(
        "没有找到负责新聘企业的考核管理部门。",
        "No assessing authority is known for the new employer.",
        pointer="/data/newOrgUscc",
    )


@lru_cache(maxsize=1)
def authorities() -> list[dict[str, Any]]:
    """The table of assessing authorities."""
    raw = json.loads((Path(__file__).parent / "data" / "authorities.json").read_text(encoding="utf-8"))
    return list(raw["rules"])


def _police(ctx: Context, data: Mapping[str, Any], name: str, region: str) -> Site:
    site = sites.get_site(ctx, str(data.get(name, "")), pointer=f"/data/{name}")
    if site.sector != "police":
        raise NotEligible(f"{site.name}不是户口登记机关。", f"{site.code} is no police site.", pointer=f"/data/{name}")
    chosen = str(data.get(region) or "")[:6]
    if chosen and not chosen.startswith(site.region_code.rstrip("0") or site.region_code):
        raise NotEligible(
            f"{site.name}不管辖所选地区。",
            f"{site.code} is not responsible for the region chosen.",
            pointer=f"/data/{region}",
        )
    return site


def _applicant(data: Mapping[str, Any], name: str, id_no: str, mobile: str) -> dict[str, str]:
    return {"name": str(data.get(name, "")), "idNo": str(data.get(id_no, "")), "mobile": str(data.get(mobile, ""))}


def _plain(ctx: Context, data: Mapping[str, Any]) -> Routed:
    del ctx
    applicant = _applicant(data, "applicantName", "applicantIdNo", "applicantMobile")
    return Routed((), mask_list_name(applicant["name"]), applicant)


RULES: Final[Mapping[str, Callable[[Context, Mapping[str, Any]], Routed]]] = {
    "hukou-join-parents": household_move,
    "water-safety-change": safety_certificate,
}
