"""Who acts: a log-in, ``applicant``, a desk at a place (``handler@moveOut``), or whoever may do the task."""

from __future__ import annotations

from typing import Final

from sqlalchemy import select

from bootstrap.demo.places import SITES, SUPERVISION
from bootstrap.scenarios.faults import Fault
from bootstrap.scenarios.world import StagePlatform
from domain.actors import SYSTEM, Actor, Role
from domain.cases.models import Leg, Task
from domain.context import Context
from domain.identity import service as identity
from domain.identity.models import Grant, User
from domain.sites.models import Site

DEMO: Final = {site.login: site.code for site in (*SITES, *SUPERVISION)}
"""Prefix of the log-ins of a demo site → its code."""


class Stumbled(Exception):
    """A step cannot be done as it is written: a fact in two languages."""

    def __init__(self, zh: str, en: str, fault: Fault | None = None) -> None:
        super().__init__(en)
        self.zh, self.en, self.fault = zh, en, fault


class People:
    """Finds actors and places of one scenario. ``prefixes``: log-in prefix → site code, the scenario's own sites included."""

    def __init__(self, platform: StagePlatform, applicant: str, own_sites: dict[str, str]) -> None:
        self._platform = platform
        self._prefixes = {**DEMO, **own_sites}
        self.applicant = applicant

    def actor(self, login: str) -> Actor:
        """The person with this log-in. Raises :class:`Stumbled`."""
        with self._platform.transaction(SYSTEM) as ctx:
            user = identity.find_user(ctx, login)
            if user is None:
                raise Stumbled(f"没有人员“{login}”。", f"There is nobody with the log-in {login!r}.")
            return identity.actor_for(ctx.session, user)

    def login(self, case_id: int, written: str) -> str:
        """``applicant``, ``handler@moveOut`` or a log-in → log-in."""
        if written == "applicant":
            return self.applicant
        desk, at, place = written.partition("@")
        if not at:
            return written
        code = self.site_code(case_id, place)
        prefix = next((prefix for prefix, known in self._prefixes.items() if known == code), None)
        if prefix is None:
            raise Stumbled(f"“{place}”没有演示人员。", f"There are no people at {place!r}.")
        return f"{prefix}.{desk}"

    def site_code(self, case_id: int, place: str) -> str:
        """``moveOut`` (pool), ``main``/``partner``, ``shunde`` (prefix of log-ins) or a site code → site code."""
        with self._platform.transaction(SYSTEM) as ctx:
            leg = find_leg(ctx, case_id, place)
            if leg is not None:
                return ctx.session.get_one(Site, leg.site_id).code
            if place in self._prefixes:
                return self._prefixes[place]
            if ctx.session.scalar(select(Site.id).where(Site.code == place)) is not None:
                return place
        known = "、".join([*self._prefixes, "main", "partner"])
        raise Stumbled(f"没有“{place}”这个机构或泳池（有：{known}）。", f"There is no site or pool {place!r}.")

    def performers(self, task: Task) -> list[str]:
        """Log-ins of everybody who has the task's role at its site, in a fixed order."""
        if task.role == Role.APPLICANT:
            return [self.applicant]
        query = (
            select(User.login)
            .join(Grant, Grant.user_id == User.id)
            .where(Grant.site_id == task.site_id, Grant.role == task.role, User.is_active)
            .order_by(User.id)
        )
        with self._platform.transaction(SYSTEM) as ctx:
            found = list(ctx.session.scalars(query))
        if not found:
            raise Stumbled(f"该机构没有 {task.role} 角色的人员。", f"Nobody at the site has the role {task.role}.")
        return found


def find_leg(ctx: Context, case_id: int, place: str) -> Leg | None:
    """The leg of a pool (its id) or of a role (``main``, ``partner``), if it has begun."""
    legs = ctx.session.scalars(select(Leg).where(Leg.case_id == case_id).order_by(Leg.id)).all()
    return next((leg for leg in legs if place in {leg.participant_id, leg.role}), None)
