"""The world of a run: the demo's sites and staff, invented families, and a model of timers; everybody is logged in."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta

from sqlalchemy import select

from bootstrap import demo
from bootstrap.container import Platform
from bootstrap.demo.households import DemoChild
from bootstrap.demo.people import PASSWORD, DemoApplicant, id_number, staff
from domain.actors import SYSTEM
from domain.cases import runtime
from domain.cases.errors import DuplicateApplication
from domain.cases.runtime import NewCase
from domain.definitions import service as definitions
from domain.identity import service as identity
from domain.identity import sessions
from domain.identity.models import User
from domain.identity.passwords import hash_password
from domain.items.models import Item
from domain.registrations import service as registrations
from domain.sites import service as sites

SUPPLEMENT_EVERY = 3
"""Every third applicant is asked for 补正, the first one too."""
TIMER_ITEM = "bench-timers"
TIMERS_EACH = 2
TIMER_MODEL = """<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL"
 xmlns:lianban="https://lianban.org/schema/bpmn/1.0" id="bench" targetNamespace="bench">
 <bpmn:collaboration id="c"><bpmn:participant id="pool" name="机构" processRef="main">
  <bpmn:extensionElements><lianban:site role="main" source="532622-police"/></bpmn:extensionElements>
 </bpmn:participant></bpmn:collaboration>
 <bpmn:process id="main" isExecutable="true">
  <bpmn:startEvent id="start"/>
  <bpmn:intermediateCatchEvent id="first">
   <bpmn:timerEventDefinition id="t1"><bpmn:timeDuration>PT3S</bpmn:timeDuration></bpmn:timerEventDefinition></bpmn:intermediateCatchEvent>
  <bpmn:intermediateCatchEvent id="second">
   <bpmn:timerEventDefinition id="t2"><bpmn:timeDuration>PT2S</bpmn:timeDuration></bpmn:timerEventDefinition></bpmn:intermediateCatchEvent>
  <bpmn:endEvent id="done"><bpmn:extensionElements><lianban:result code="0"/></bpmn:extensionElements></bpmn:endEvent>
  <bpmn:sequenceFlow id="f1" sourceRef="start" targetRef="first"/>
  <bpmn:sequenceFlow id="f2" sourceRef="first" targetRef="second"/>
  <bpmn:sequenceFlow id="f3" sourceRef="second" targetRef="done"/>
 </bpmn:process></bpmn:definitions>""".encode()


@dataclass(frozen=True)
class Login:
    """A session: cookie and CSRF token."""

    token: str
    csrf: str


@dataclass
class World:
    """Who there is. ``families``: (parent, child) of each application; ``by_user``: log-ins of applicants by user id.

    ``supplementing``: applicants that are asked for 补正.
    """

    families: list[tuple[DemoApplicant, DemoChild]] = field(default_factory=list)
    logins: dict[str, Login] = field(default_factory=dict)
    by_user: dict[int, str] = field(default_factory=dict)
    supplementing: set[int] = field(default_factory=set)
    desks: dict[tuple[str, str], list[str]] = field(default_factory=dict)
    """(site code, role) → log-ins."""


def settle(platform: Platform, cases: int) -> World:
    """Load the demo and so many families; sequence 000 of an ID number is never issued, so nobody has these."""
    demo.load(platform)
    world = World()
    hashed = hash_password(PASSWORD)
    with platform.transaction(SYSTEM) as ctx:
        home = sites.get_site(ctx, "440606-police")
        for number in range(cases):
            born = date(1980, 1, 1) + timedelta(days=number)
            parent = DemoApplicant(
                f"parent{number}", "岑测试", id_number("532622", f"{born:%Y%m%d}"), "13800000009", ""
            )
            person = {"idNo": parent.id_no, "mobile": parent.mobile}
            user = identity.register_user(
                ctx, parent.login, parent.name, PASSWORD, is_applicant=True, person=person, password_hash=hashed
            )
            ctx.session.flush()
            world.by_user[user.id] = parent.login
            if number % SUPPLEMENT_EVERY == 0:
                world.supplementing.add(user.id)
            birth = date(2010, 1, 1) + timedelta(days=number)
            child = DemoChild(
                "岑孩子",
                id_number("440606", f"{birth:%Y%m%d}"),
                home.code,
                "大良街道演示路1号",
                f"{number:09}",
                parent.login,
            )
            family = {"idNo": child.id_no, "name": child.name, "address": child.address, "houseNo": child.house_no}
            registrations.register(ctx, home, family)
            world.families.append((parent, child))
        ctx.session.add(
            Item(
                code=TIMER_ITEM, no=98, name="测试", name_en="Timers", mode="joint", definition_key=TIMER_ITEM, sheet={}
            )
        )
        ctx.session.flush()
        definitions.deploy(ctx, TIMER_ITEM, TIMER_MODEL)
    _log_in(platform, world)
    return world


def _log_in(platform: Platform, world: World) -> None:
    """Sessions without a thousand password hashes."""
    for person in staff():
        if person.site is not None:
            world.desks.setdefault((person.site.code, str(person.role)), []).append(person.login)
    wanted = {login for logins in world.desks.values() for login in logins} | set(world.by_user.values())
    with platform.transaction(SYSTEM) as ctx:
        for user in ctx.session.scalars(select(User).where(User.login.in_(wanted))):
            token, row = sessions.open_session(ctx, user, timedelta(hours=8))
            world.logins[user.login] = Login(token, row.csrf_token)


def open_timer_case(platform: Platform, number: int) -> None:
    """A case that is nothing but two timers. Asked again after an unknown end, it finds that the case is there."""
    new = NewCase(TIMER_ITEM, {"name": "测试"}, None, "", [("timers", f"timers-{number}")])
    try:
        with platform.transaction(SYSTEM) as ctx:
            runtime.open_case(ctx, new)
    except DuplicateApplication:
        return
