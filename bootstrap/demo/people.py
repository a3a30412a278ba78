"""Demo people: staff for each role at each site, platform roles, applicants. One password for all of them."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import cycle

import click
from stdnum.iso7064 import mod_11_2

from bootstrap.commands.surface import print_table
from bootstrap.demo.places import SITES, SUPERVISION, DemoSite
from bootstrap.settings import DEMO_PASSWORD
from domain.actors import Role
from domain.identity.roles import role_name

PASSWORD = DEMO_PASSWORD


@dataclass(frozen=True, slots=True)
class DemoStaff:
    """A person who works at a site (or for the platform)."""

    login: str
    name: str
    role: Role
    site: DemoSite | None
    hint: str


@dataclass(frozen=True, slots=True)
class DemoApplicant:
    """A person who applies. ``id_no`` has the sequence 000, which is not issued."""

    login: str
    name: str
    id_no: str
    mobile: str
    hint: str


def id_number(region: str, birth: str) -> str:
    """An 18-digit number that belongs to nobody: region, date of birth, sequence 000, check digit (GB 11643)."""
    body = f"{region}{birth}000"
    return body + mod_11_2.calc_check_digit(body)


DESKS = (
    ("clerk", Role.RECV_CLERK),
    ("clerk2", Role.RECV_CLERK),
    ("handler", Role.HANDLER),
    ("handler2", Role.HANDLER),
    ("approver", Role.APPROVER),
    ("liaison", Role.LIAISON),
    ("deputy", Role.LIAISON),
    ("admin", Role.SITE_ADMIN),
)
_STORY_SITES = frozenset({"yanshan", "shunde", "yunnan-water", "guangxi-water", "yanshan-supervision"})
_SURNAMES = "赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨朱秦尤许何吕施张孔曹严华金魏陶姜"
_GIVEN = ("建国", "秀英", "志强", "丽华", "文斌", "晓燕", "国栋", "春梅", "海涛", "玉兰", "立新", "雪梅", "永康")


def staff() -> list[DemoStaff]:
    """Everybody who works, in a fixed order with fixed names."""
    names = (f"{surname}{given}" for surname, given in zip(cycle(_SURNAMES), cycle(_GIVEN), strict=False))
    people = [
        DemoStaff(f"{site.login}.{desk}", next(names), role, site, f"{site.short_name} {role_name(role)[0]}")
        for site in SITES
        for desk, role in DESKS
    ]
    people += [
        DemoStaff(f"{site.login}.officer", next(names), Role.SUPERVISOR, site, f"{site.short_name} 督办")
        for site in SUPERVISION
    ]
    platform = (("designer", Role.DESIGNER), ("platform", Role.PLATFORM_ADMIN), ("auditor", Role.AUDITOR))
    people += [DemoStaff(login, next(names), role, None, role_name(role)[0]) for login, role in platform]
    return people


APPLICANTS = (
    DemoApplicant(
        "parent",
        "岑美玲",
        id_number("532622", "19850203"),
        "13800000001",
        f"母亲，户口在砚山：孩子岑小雨（{id_number('440606', '20180601')}）由顺德迁来",
    ),
    DemoApplicant(
        "father",
        "农志远",
        id_number("451002", "19840415"),
        "13800000002",
        f"父亲，户口在右江：孩子农小海（{id_number('532622', '20160412')}）由砚山迁去",
    ),
    DemoApplicant(
        "engineer", "韦永安", id_number("451002", "19880612"), "13800000003", "水利项目负责人，证书由广西转到云南"
    ),
    DemoApplicant(
        "engineer2", "陆海平", id_number("532622", "19900920"), "13800000004", "水利安管人员，证书由云南转到广西"
    ),
)


def print_logins() -> None:
    """The table of log-ins shown after the start: the people of the household move first."""
    shown = [person for person in staff() if person.site is None or _is_first(person)]
    rows = [(person.login, person.name, "申请人", person.hint) for person in APPLICANTS]
    rows += [
        (person.login, person.name, role_name(person.role)[0], person.site.name if person.site else "平台 platform")
        for person in shown
    ]
    click.echo()
    print_table(["登录名 login", "姓名 name", "角色 role", "机构或说明 site or story"], rows)
    click.echo()
    click.echo("  其余机构和账号见登录页 all others are listed on the log-in page")
    click.echo(f"  所有演示账号的密码 password of all demo people: {PASSWORD}")


def _is_first(person: DemoStaff) -> bool:
    """Who is needed to play the shipped stories: one of each deciding role at their sites, and the supervisor."""
    desk = person.login.rpartition(".")[2]
    site = person.site.login if person.site else ""
    return site in _STORY_SITES and desk in {"clerk", "handler", "approver", "officer"}
