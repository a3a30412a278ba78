"""What a site's own registers hold before the first case: household registrations and certificates, from a spreadsheet.

A move out of a household register, or of a certificate, begins with an entry at the old site; where the platform began with empty
registers, such cases would stop there. All rows or none; a fault names row and column, never what stands in the cell.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final

from sqlalchemy import select

from bootstrap.errors import BadInput
from domain.audit import service as audit
from domain.certificates import service as certificates
from domain.certificates.models import Certificate
from domain.certificates.states import CANCELLED, LAPSED, LEAVING, REVOKED, STRIPPED, SUSPENDED, VALID, kinds
from domain.clock import CHINA
from domain.context import Context
from domain.registrations import service as registrations
from domain.sheets.files import read_sheet
from domain.sites.models import Site
from forms.checks import find_idcard_fault, find_uscc_fault

Row = Mapping[str, str]
STATES: Final = frozenset({VALID, SUSPENDED, REVOKED, CANCELLED, LAPSED, LEAVING, STRIPPED})


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its key, its heading in both languages, whether it must be filled, an example."""

    key: str
    zh: str
    en: str
    example: str
    required: bool = True

    @property
    def heading(self) -> str:
        """What stands in the first row of the template; the Chinese name alone is taken as well."""
        return f"{self.zh} {self.en}"


@dataclass(frozen=True, slots=True)
class Register:
    """A kind of register. ``put`` adds a row at a site: whether it is new."""

    columns: tuple[Column, ...]
    put: Callable[[Context, Site, Row], bool]

    @property
    def template(self) -> list[list[str]]:
        """Headings and one invented example."""
        return [[column.heading for column in self.columns], [column.example for column in self.columns]]


def _put_household(ctx: Context, site: Site, row: Row) -> bool:
    known = registrations.find_active(ctx, row["idNo"])
    registrations.register(ctx, site, {key: value for key, value in row.items() if value})
    return known is None


def _put_certificate(ctx: Context, site: Site, row: Row) -> bool:
    holder = {"idNo": row["idNo"], "name": row["name"]}
    if any(each.kind == row["kind"] for each in certificates.list_by_holder(ctx, row["idNo"])):
        return False
    if row["number"] and ctx.session.scalar(select(Certificate.id).where(Certificate.number == row["number"])):
        raise BadInput(
            "有一个证书编号属于另一持证人。",
            "A certificate's number belongs to another holder.",
            next_zh="请核对编号。",
            next_en="Check the numbers.",
        )
    certificates.register(
        ctx,
        site,
        row["kind"],
        holder,
        {"employer": row["employer"], "employerUscc": row["employerUscc"]},
        valid_until=date.fromisoformat(row["validUntil"]),
        state=row["state"] or VALID,
        number=row["number"],
    )
    return True


_ID: Final = Column("idNo", "公民身份号码", "ID number", "440606201806010000")
_NAME: Final = Column("name", "姓名", "name", "示例一")
REGISTERS: Final[Mapping[str, Register]] = {
    "households": Register(
        (
            _ID,
            _NAME,
            Column("address", "住址", "address", "大良街道示例路1号", required=False),
            Column("houseNo", "户号", "household number", "000000001", required=False),
        ),
        _put_household,
    ),
    "certificates": Register(
        (
            _ID,
            _NAME,
            Column("kind", "证照种类", "kind", "water-safety-B"),
            Column("number", "证书编号", "number", "示例水安B（2025）0000001", required=False),
            Column("employer", "聘用企业", "employer", "示例水利工程有限公司"),
            Column("employerUscc", "统一社会信用代码", "USCC", "91350100M000100Y43"),
            Column("validUntil", "有效期至", "valid until", "2028-12-31"),
            Column("state", "状态", "state", "01", required=False),
        ),
        _put_certificate,
    ),
}


def load(ctx: Context, kind: str, site: Site, content: bytes) -> tuple[int, int]:
    """Add the rows of a file to a site's register: (new, known before). Raises :class:`BadInput` that names the first faults.

    Who is registered elsewhere, or holds a valid certificate already, is refused as everywhere.
    """
    if not site.is_local:
        raise BadInput(
            f"{site.name}不由本平台服务。",
            f"The site {site.code} is not served here.",
            next_zh="请选择本平台的机构。",
            next_en="Choose a site of this platform.",
        )
    register = REGISTERS[kind]
    rows = _read(register, content, ctx.clock.now().astimezone(CHINA).date())
    added = sum(register.put(ctx, site, row) for row in rows)
    audit.record(
        ctx,
        "register.loaded",
        site_id=site.id,
        data={"register": kind, "siteCode": site.code, "added": added, "known": len(rows) - added},
    )
    return added, len(rows) - added


def _read(register: Register, content: bytes, today: date) -> list[Row]:
    lines = read_sheet(content)
    heads = [{column.heading, column.zh, column.key} for column in register.columns]
    given = lines[0] if lines else []
    if len(given) < len(heads) or any(text.strip() not in names for text, names in zip(given, heads, strict=False)):
        wanted = "、".join(column.zh for column in register.columns)
        raise BadInput(
            f"第一行须为：{wanted}。",
            f"The first row must be: {', '.join(column.heading for column in register.columns)}.",
            next_zh="用 lianban registers template 取得模板。",
            next_en="Get the template with lianban registers template.",
        )
    rows: list[Row] = [
        {column.key: (line[at].strip() if at < len(line) else "") for at, column in enumerate(register.columns)}
        for line in lines[1:]
    ]
    faults = [
        (number, column)
        for number, row in enumerate(rows, 2)
        for column in register.columns
        if _is_wrong(column, row[column.key], today)
    ]
    if faults:
        places = "；".join(f"第 {number} 行“{column.zh}”" for number, column in faults[:20])
        raise BadInput(
            f"有 {len(faults)} 处不能用：{places}。没有写入任何内容。",
            f"{len(faults)} cells are not usable: "
            + "; ".join(f"row {number}, {column.en}" for number, column in faults[:20])
            + ". Nothing was written.",
            next_zh="请按模板修改：证件号码和信用代码须能通过校验，日期写成 2026-12-31。",
            next_en="Correct them: numbers must have the right check character, dates are written 2026-12-31.",
        )
    return rows


def _is_wrong(column: Column, text: str, today: date) -> bool:
    if not text:
        return column.required
    if column.key == "idNo":
        return find_idcard_fault(text, today) is not None
    if column.key == "employerUscc":
        return find_uscc_fault(text) is not None
    if column.key == "kind":
        return text not in kinds()
    if column.key == "validUntil":
        try:
            date.fromisoformat(text)
        except ValueError:
            return True
    return column.key == "state" and text not in STATES
