"""Keeping regions, organisations and sites."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session
from stdnum.cn import uscc as usccs
from stdnum.exceptions import ValidationError

from domain.context import Context
from domain.errors import DomainError
from domain.sites import service
from domain.sites.gbt2260 import current_regions
from domain.sites.models import Organisation, Region, Site
from domain.sites.queries import find_site, region_exists

CODE: Final = re.compile(r"^[a-z0-9][a-z0-9-]{2,39}$")
SITE_FIELDS: Final = ("name", "short_name", "uscc", "phone", "address", "document_word")
CONTACT_FIELDS: Final = ("phone", "address")
"""What a site's own administrator changes."""


class BadPlace(DomainError):
    """A region, organisation or site that cannot be kept so; ``pointer`` names the field."""

    code = "place-refused"
    title_zh = "机构信息不符合要求"
    title_en = "The entry is not usable"


def checked_uscc(number: str, *, pointer: str = "/uscc") -> str:
    """A 统一社会信用代码 whose check character is right (GB 32100). Raises :class:`BadPlace`."""
    try:
        return str(usccs.validate(number))
    except ValidationError as wrong:
        raise BadPlace(
            "统一社会信用代码不正确（18 位，末位为校验码）。",
            "The uniform social credit code is wrong.",
            pointer=pointer,
        ) from wrong


def put_organisation(ctx: Context, uscc: str, values: Mapping[str, Any]) -> Organisation:
    """Add or change an organisation: name, region_code, phone, address, is_active. Raises :class:`BadPlace`."""
    number = checked_uscc(uscc)
    _require_region(ctx, values.get("region_code"))
    row = ctx.session.get(Organisation, number) or Organisation(uscc=number)
    for name in ("name", "phone", "address", "is_active"):
        setattr(row, name, values[name])
    row.region_code, row.updated_at = values.get("region_code") or None, ctx.clock.now()
    ctx.session.add(row)
    ctx.session.flush()
    return row


def find_organisation(session: Session, uscc: str) -> Organisation | None:
    """The organisation with this code."""
    return session.get(Organisation, uscc)


def list_organisations(session: Session) -> list[Organisation]:
    """All organisations by region and name."""
    return list(session.scalars(select(Organisation).order_by(Organisation.region_code, Organisation.name)))


def add_site(ctx: Context, code: str, values: Mapping[str, Any]) -> Site:
    """A new local site with its key pair, or the record of a remote partner (``is_local`` False: endpoint and public_key).

    Raises :class:`BadPlace`.
    """
    if not CODE.match(code):
        raise BadPlace(
            "机构代码用小写字母、数字和连字符。", "Use lower-case letters, digits, hyphens.", pointer="/code"
        )
    if find_site(ctx.session, code) is not None:
        raise BadPlace("机构代码已被使用。", "The code is taken.", pointer="/code")
    _require_region(ctx, values["region_code"])
    details = {name: values.get(name) or "" for name in ("phone", "address", "document_word")}
    if values.get("uscc"):
        details["uscc"] = checked_uscc(values["uscc"])
    base = (values["region_code"], values["sector"], values["name"], values["short_name"])
    if values.get("is_local", True):
        return service.register_site(ctx, code, *base, **details)
    site = Site(code=code, created_at=ctx.clock.now(), is_local=False, **details)
    site.region_code, site.sector, site.name, site.short_name = base
    site.province_code = f"{site.region_code[:2]}0000"
    ctx.session.add(site)
    ctx.session.flush()
    return site


def change_site(ctx: Context, site: Site, values: Mapping[str, Any], fields: tuple[str, ...] = SITE_FIELDS) -> None:
    """Change some of a site's fields. Raises :class:`BadPlace`."""
    if "uscc" in fields and values.get("uscc"):
        values = {**values, "uscc": checked_uscc(values["uscc"])}
    for name in fields:
        if name in values:
            setattr(site, name, values[name] if name != "uscc" else values[name] or None)
    ctx.session.flush()


def load_standard_regions(ctx: Context) -> int:
    """Add every region of GB/T 2260 that is not known; names given here stay. How many were added."""
    rows = [{"code": code, "name": name, "parent_code": parent} for code, name, parent in current_regions()]
    added = 0
    for depth in range(3):
        part = [row for row in rows if _depth(str(row["code"])) == depth]
        statement = insert(Region).values(part).on_conflict_do_nothing(index_elements=["code"])
        added += len(ctx.session.execute(statement.returning(Region.code)).all())
    return added


def _require_region(ctx: Context, code: Any) -> None:
    if code and not region_exists(ctx.session, str(code)):
        raise BadPlace(
            f"没有行政区划“{str(code)[:12]}”，请先载入或导入。", "There is no such region.", pointer="/regionCode"
        )


def _depth(code: str) -> int:
    return 0 if code.endswith("0000") else 1 if code.endswith("00") else 2
