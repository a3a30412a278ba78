"""Safety certificates of the demo's engineers (item 12): one to move, one suspended, one that expires in two months."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from stdnum.cn import uscc

from bootstrap.demo.people import APPLICANTS
from domain.certificates import service as certificates
from domain.clock import CHINA
from domain.context import Context
from domain.sites import service as sites


def org_code(region: str, body: str) -> str:
    """A 统一社会信用代码 that belongs to nobody: 91 (enterprise), region, nine invented characters, check (GB 32100)."""
    number = f"91{region}{body}"
    return number + str(uscc.calc_check_digit(number))


@dataclass(frozen=True, slots=True)
class DemoEmployer:
    """An invented enterprise."""

    name: str
    uscc: str


@dataclass(frozen=True, slots=True)
class DemoCertificate:
    """A certificate of an applicant. ``days`` until it expires."""

    login: str
    kind: str
    site_code: str
    state: str
    days: int
    employer: DemoEmployer


GUANGXI_BUILDER = DemoEmployer("广西演示水利工程有限公司", org_code("450000", "DEM000001"))
YUNNAN_BUILDER = DemoEmployer("云南演示水电建设有限公司", org_code("530000", "DEM000002"))

CERTIFICATES = (
    DemoCertificate("engineer", "water-safety-B", "450000-water", "01", 730, GUANGXI_BUILDER),
    DemoCertificate("engineer", "water-safety-A", "450000-water", "02", 400, GUANGXI_BUILDER),
    DemoCertificate("engineer2", "water-safety-C", "530000-water", "01", 60, YUNNAN_BUILDER),
)


def load_certificates(ctx: Context) -> None:
    """Each certificate once: what was moved in the meantime stays where it is."""
    people = {person.login: person for person in APPLICANTS}
    today = ctx.clock.now().astimezone(CHINA).date()
    for entry in CERTIFICATES:
        person = people[entry.login]
        if any(known.kind == entry.kind for known in certificates.list_by_holder(ctx, person.id_no)):
            continue
        certificates.register(
            ctx,
            sites.get_site(ctx, entry.site_code),
            entry.kind,
            {"idNo": person.id_no, "name": person.name},
            {"employer": entry.employer.name, "employerUscc": entry.employer.uscc},
            valid_until=today + timedelta(days=entry.days),
            state=entry.state,
        )
