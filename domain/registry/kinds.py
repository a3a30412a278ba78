"""The spreadsheets there are, and their columns."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from domain.context import Context
from domain.registry import columns as c
from domain.registry import rows
from domain.registry.columns import Column


@dataclass(frozen=True, slots=True)
class Sheet:
    """A kind of spreadsheet. ``functions``: who imports and exports; ``key``: the columns by which two rows are the same."""

    kind: str
    zh: str
    en: str
    functions: tuple[str, ...]
    key: tuple[str, ...]
    columns: tuple[Column, ...]
    apply: Callable[[Context, rows.Row, rows.Outcome], None]
    rows: Callable[[Context], Iterable[list[str]]]


_USCC: Final = Column("uscc", "统一社会信用代码", "USCC", read=c.uscc, example="91350100M000100Y43")
_PHONE: Final = Column("phone", "电话", "phone", read=c.phone, longest=40)
_ADDRESS: Final = Column("address", "地址", "address")
_SITE: Final = Column("site_code", "机构代码", "site code", required=True, example="532622-police", longest=40)

USERS: Final = Sheet(
    "users",
    "人员",
    "Staff",
    ("users:change", "users:appoint"),
    ("login", "site_code", "role"),
    (
        Column("login", "登录名", "login", required=True, example="yanshan.zhang", longest=60),
        Column("name", "姓名", "name", required=True, example="示例一", longest=60),
        Column("office_phone", "办公电话", "office phone", read=c.phone, example="0876-3120000", longest=40),
        Column("site_code", "机构代码", "site code", example="532622-police", longest=40),
        Column("role", "角色", "role", required=True, read=c.role, example="HANDLER"),
        Column("active", "启用", "active", required=True, read=c.yes, example="是"),
    ),
    rows.put_user,
    rows.list_users,
)
SITES: Final = Sheet(
    "sites",
    "机构",
    "Sites",
    ("users:sites",),
    ("code",),
    (
        Column("code", "机构代码", "code", required=True, example="532622-police", longest=40),
        Column("name", "名称", "name", required=True, example="砚山县公安局"),
        Column("short_name", "简称", "short name", required=True, example="砚山公安", longest=40),
        Column("region_code", "行政区划", "region", required=True, read=c.region, example="532622"),
        Column("sector", "条线", "sector", required=True, example="police", longest=40),
        _USCC,
        _PHONE,
        _ADDRESS,
        Column("document_word", "机关代字", "document word", longest=40),
        Column("is_local", "本平台机构", "local", required=True, read=c.yes, example="是"),
    ),
    rows.put_site,
    rows.list_sites,
)
ORGANISATIONS: Final = Sheet(
    "organisations",
    "单位",
    "Organisations",
    ("users:sites",),
    ("uscc",),
    (
        Column("uscc", "统一社会信用代码", "USCC", required=True, read=c.uscc, example="91350100M000100Y43"),
        Column("name", "名称", "name", required=True, example="示例单位"),
        Column("region_code", "行政区划", "region", read=c.region, example="532622"),
        _PHONE,
        _ADDRESS,
        Column("is_active", "启用", "active", required=True, read=c.yes, example="是"),
    ),
    rows.put_organisation,
    rows.list_organisations,
)
REGIONS: Final = Sheet(
    "regions",
    "行政区划",
    "Regions",
    ("users:sites",),
    ("code",),
    (
        Column("code", "代码", "code", required=True, read=c.region, example="532622"),
        Column("name", "名称", "name", required=True, example="砚山县", longest=100),
        Column("parent_code", "上级代码", "parent", read=c.region, example="532600"),
    ),
    rows.put_region,
    rows.list_regions,
)
CONTACTS: Final = Sheet(
    "contacts",
    "通讯录",
    "Contacts",
    ("contact:change",),
    ("site_code", "item_code"),
    (
        _SITE,
        Column("item_code", "事项代码（空为全部）", "item", example="hukou-join-parents", longest=60),
        Column("name", "联络员", "name", required=True, example="示例一", longest=60),
        Column(
            "office_phone", "办公电话", "office phone", required=True, read=c.phone, example="0876-3120000", longest=40
        ),
        Column("duty_time", "值班时间", "duty time", required=True, example="工作日 9:00–17:00", longest=120),
        Column("deputy_name", "替补", "deputy", example="示例二", longest=60),
        Column("deputy_phone", "替补电话", "deputy's phone", read=c.phone, example="0876-3120001", longest=40),
        Column("mobile", "手机（内部）", "mobile", read=c.phone, longest=40),
        Column("deputy_mobile", "替补手机（内部）", "deputy's mobile", read=c.phone, longest=40),
        Column("is_public", "公开", "public", required=True, read=c.yes, example="是"),
        Column("login", "联络员登录名", "login", longest=60),
        Column("deputy_login", "替补登录名", "deputy's login", longest=60),
    ),
    rows.put_contact,
    rows.list_contacts,
)
PARTNERS: Final = Sheet(
    "partners",
    "协作关系",
    "Partnerships",
    ("users:sites",),
    ("name",),
    (
        Column("name", "名称", "name", required=True, example="滇粤跨省通办协作", longest=120),
        Column("agreement", "协议", "agreement", required=True, example="示例协议〔2026〕1号"),
        Column("regions", "行政区划（空格分隔）", "regions", required=True, read=c.codes, example="532622 440606"),
        Column("items", "事项代码（空格分隔）", "items", required=True, read=c.codes, example="hukou-join-parents"),
        Column("valid_from", "生效日期", "from", required=True, read=c.day, example="2026-01-01"),
        Column("valid_until", "截止日期", "until", read=c.day),
    ),
    rows.put_partnership,
    rows.list_partnerships,
)
SHEETS: Final[Mapping[str, Sheet]] = {
    sheet.kind: sheet for sheet in (USERS, SITES, ORGANISATIONS, REGIONS, CONTACTS, PARTNERS)
}
