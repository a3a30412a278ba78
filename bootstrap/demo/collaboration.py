"""Who works with whom in the demo: contact book, agreements, organisations, lists of responsibilities. Invented people only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import date, timedelta
from typing import Final

from stdnum.cn import uscc

from bootstrap.demo.certificates import GUANGXI_BUILDER, YUNNAN_BUILDER, org_code
from bootstrap.demo.places import SITES, SUPERVISION, DemoSite
from domain.context import Context
from domain.identity import service as identity
from domain.items import queries as items
from domain.liaison import duties
from domain.partners import contacts, openings, responsibilities
from domain.sites import registry
from domain.sites import service as sites

DUTY_TIME: Final = "工作日 9:00–12:00、14:00–18:00"
OVERDUE: Final = "310115-police"
"""The site whose entry nobody confirmed in time: pages show what that looks like."""
OVERDUE_DAYS: Final = 101
UNITS: Final = (*SITES, *SUPERVISION)


@dataclass(frozen=True, slots=True)
class DemoAgreement:
    """An invented agreement between regions."""

    name: str
    agreement: str
    regions: tuple[str, ...]
    items: tuple[str, ...]
    days: int | None


AGREEMENTS: Final = (
    DemoAgreement(
        "滇粤桂沪户口迁移跨省通办（演示）",
        "演示协议〔2026〕1号",
        ("530000", "440000", "450000", "310000"),
        ("hukou-join-parents",),
        None,
    ),
    DemoAgreement(
        "滇桂水利安管人员证书互认（演示）",
        "演示协议〔2026〕2号",
        ("530000", "450000"),
        ("water-safety-change",),
        700,
    ),
)


def unit_code(number: int, region: str) -> str:
    """A 统一社会信用代码 of a state organ (11) that belongs to nobody."""
    body = f"11{region}DEM{number:06d}"
    return body + str(uscc.calc_check_digit(body))


def load_collaboration(ctx: Context) -> None:
    """Only what is missing: an entry, agreement or list that somebody changed in the demo stays changed."""
    _load_organisations(ctx)
    _load_contacts(ctx)
    _load_agreements(ctx)
    _load_responsibilities(ctx)


def _load_organisations(ctx: Context) -> None:
    for number, site in enumerate(UNITS, start=1):
        about = {"name": site.name, "region_code": site.region_code, "phone": site.phone, "address": site.address}
        _load_organisation(ctx, unit_code(number, site.region_code), about)
    shanghai = org_code("310115", "DEM000003")
    for number_of, name, region in (
        (GUANGXI_BUILDER.uscc, GUANGXI_BUILDER.name, "450000"),
        (YUNNAN_BUILDER.uscc, YUNNAN_BUILDER.name, "530000"),
        (shanghai, "上海演示建设有限公司", "310115"),
    ):
        _load_organisation(ctx, number_of, {"name": name, "region_code": region, "phone": "", "address": ""})


def _load_organisation(ctx: Context, number: str, about: Mapping[str, str]) -> None:
    if registry.find_organisation(ctx.session, number) is None:
        registry.put_organisation(ctx, number, {**about, "is_active": True})


def _load_contacts(ctx: Context) -> None:
    for site in SITES:
        place = sites.get_site(ctx, site.code)
        if contacts.find(ctx.session, place.id, "") is None:
            row = contacts.put(ctx, place, "", _entry(ctx, site))
            if site.code == OVERDUE:
                row.confirmed_at -= timedelta(days=OVERDUE_DAYS)
    ctx.session.flush()


def _entry(ctx: Context, site: DemoSite) -> dict[str, object]:
    """The site's liaison and deputy, by their accounts; the mobile numbers are of a range for examples."""
    person, deputy = (identity.find_user(ctx, f"{site.login}.{desk}") for desk in ("liaison", "deputy"))
    number = SITES.index(site)
    return {
        "user_id": person.id if person else None,
        "name": person.name if person else site.short_name,
        "office_phone": site.phone,
        "duty_time": DUTY_TIME,
        "deputy_user_id": deputy.id if deputy else None,
        "deputy_name": deputy.name if deputy else "",
        "deputy_phone": site.phone,
        "is_public": True,
        "mobile": f"138000001{number:02d}",
        "deputy_mobile": f"138000002{number:02d}",
    }


def _load_agreements(ctx: Context) -> None:
    known = {row.name for row in openings.list_partnerships(ctx.session)}
    today = ctx.clock.now().date()
    for entry in AGREEMENTS:
        if entry.name not in known:
            openings.put(
                ctx,
                None,
                name=entry.name,
                agreement=entry.agreement,
                regions=entry.regions,
                items=entry.items,
                valid_from=date(2026, 1, 1),
                valid_until=None if entry.days is None else today + timedelta(days=entry.days),
            )


def _load_responsibilities(ctx: Context) -> None:
    """The list of each item that has a workflow, as it follows from the workflow; published by the demo's designer."""
    designer = identity.find_user(ctx, "designer")
    if designer is not None:
        ctx = replace(ctx, actor=identity.actor_for(ctx.session, designer))
    for item in items.list_items(ctx.session):
        if item.definition_key is None or responsibilities.newest(ctx.session, item.code) is not None:
            continue
        lines = [asdict(line) for line in duties.draft(ctx, item.code)]
        responsibilities.publish(ctx, item.code, lines, "演示：由流程、岗位矩阵和事项要素表生成", after=0)
