"""当前责任方: which site and unit has to act on a case now, since when, until when, what comes after (R-03.1).

A partner is told which other site has to act, not at which step (DOMAIN §5.3); an applicant the unit and its office phone.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import func, select

from domain import reach
from domain.actors import Role
from domain.cases import labels
from domain.cases.models import Case, Leg, Task
from domain.cases.open_things import tasks_of
from domain.cases.queries import Frame
from domain.context import Context
from domain.deadlines.queries import Due, horizon
from domain.definitions import store
from domain.identity import functions
from domain.liaison import letters
from domain.partners import contacts, responsibilities
from domain.partners.contacts import Callee
from domain.sites.models import Site
from domain.sites.queries import find_site
from engine import places

MOST_NEXT: Final = 3
"""What comes after is told up to so many steps."""
_STOPS: Final = frozenset(
    {"userTask", "receiveTask", "intermediateCatchEvent", "endEvent", "callActivity", "manualTask"}
)
"""Where the look ahead ends: somebody or something is waited for there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Responsible:
    """Somebody who has to act.

    ``kind``: task (a step that the reader may know), site (another site, its step is not told), partner (a site of another
    deployment is waited for), applicant.
    """

    kind: str
    site_id: int | None
    site_name: str
    leg: str
    task_id: str | None
    step: str
    role: str | None
    role_name: str
    person: str
    since: datetime | None
    due_at: datetime | None
    due: Due
    duty: str
    basis: str
    following: tuple[str, ...]
    mine: bool
    may_write: bool
    call: Callee | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Unit:
    """A unit that has to act, as an applicant may know it. ``kind``: site, applicant."""

    kind: str
    site_name: str
    phone: str
    duty_time: str
    since: datetime | None


def list_responsible(ctx: Context, frame: Frame) -> list[Responsible]:
    """Who has to act now, the steps due first before others."""
    if frame.case.closed_at is not None:
        return []
    told = _Told(ctx, frame)
    busy = _busy(ctx, frame.case.id)
    rows: list[Responsible] = []
    for leg in frame.legs:
        if leg.ended_at is not None:
            continue
        if frame.view.shows_leg(leg.site_id, leg.role):
            rows += told.steps(leg)
        elif leg.id in busy:
            rows.append(told.elsewhere(leg))
    return sorted(rows, key=lambda row: (row.due_at is None, 0.0 if row.due_at is None else row.due_at.timestamp()))


def list_units(ctx: Context, case: Case, legs: Sequence[Leg], sites: Mapping[int, Site]) -> list[Unit]:
    """For the applicant: the units that have to act, and the applicant. No names, no personal numbers."""
    if case.closed_at is not None:
        return []
    units = []
    own = select(func.min(Task.opened_at)).where(
        Task.case_id == case.id, Task.state == "open", Task.role == Role.APPLICANT
    )
    asked = ctx.session.scalar(own)
    if asked is not None:
        units.append(Unit(kind="applicant", site_name="", phone="", duty_time="", since=asked))
    busy = _busy(ctx, case.id)
    for leg in legs:
        if leg.id in busy and leg.site_id in sites:
            site = sites[leg.site_id]
            phone, duty = contacts.public_line(ctx, site, case.item_code)
            units.append(Unit(kind="site", site_name=site.name, phone=phone, duty_time=duty, since=busy[leg.id]))
    return units


def role_name_en(role: str | None) -> str:
    """The English name of a role; empty without one."""
    return labels.name_en_of(labels.ROLES, role or "") if role else ""


def following(ctx: Context, definition_id: int, element_id: str) -> tuple[str, ...]:
    """The names of what comes after an element: the next steps that wait for somebody, whichever way the case takes."""
    home = store.load_home(ctx.session, definition_id, element_id)
    _, plain = places.split(element_id)
    after: dict[str, list[str]] = {}
    for flow in ctx.engine.sequence_flows(str(home.id)):
        after.setdefault(flow.source, []).append(flow.target)
    found: list[str] = []
    seen, queue = {plain}, deque(after.get(plain, ()))
    while queue and len(found) < MOST_NEXT:
        each = queue.popleft()
        if each in seen:
            continue
        seen.add(each)
        element = home.model.elements.get(each)
        if element is not None and element.type in _STOPS:
            found.append(labels.one_line(element.name) or ("办结" if element.type == "endEvent" else each))
        else:
            queue.extend(after.get(each, ()))
    return tuple(dict.fromkeys(found))


def _busy(ctx: Context, case_id: int) -> dict[int, datetime]:
    """The legs where staff have something to do, and since when."""
    query = (
        select(Task.leg_id, func.min(Task.opened_at))
        .where(Task.case_id == case_id, Task.state == "open", Task.role != Role.APPLICANT)
        .group_by(Task.leg_id)
    )
    with reach.for_platform(ctx.session):  # that a site has to act is told to every side; its steps are not
        return dict(ctx.session.execute(query).all())


class _Told:
    """Builds the rows of one case for one reader."""

    def __init__(self, ctx: Context, frame: Frame) -> None:
        self.ctx, self.frame = ctx, frame
        self.listed = responsibilities.newest(ctx.session, frame.case.item_code)
        self.tasks = [row for row in tasks_of(ctx.session, frame.case.id) if row.state == "open"]
        self.calls: dict[int, Callee] = {}

    def steps(self, leg: Leg) -> Iterator[Responsible]:
        """The open tasks of a leg that the reader sees; without any, the site of another deployment that is waited for."""
        own = [task for task in self.tasks if task.leg_id == leg.id]
        for task in own:
            yield self._task(leg, task)
        if not own:
            yield from self._waited_for(leg)

    def elsewhere(self, leg: Leg) -> Responsible:
        """Another site has to act; what it does there is its own."""
        return self._row("site", self.frame.sites[leg.site_id], leg.role)

    def _task(self, leg: Leg, task: Any) -> Responsible:
        site = self.frame.sites[leg.site_id]
        duty = responsibilities.duty_of(self.listed, leg.role, task.role)
        return self._row(
            "applicant" if task.role == Role.APPLICANT else "task",
            site,
            leg.role,
            task_id=task.id,
            step=labels.one_line(task.name),
            role=task.role,
            role_name=labels.name_of(labels.ROLES, task.role),
            person="" if task.role == Role.APPLICANT else task.assignee_name or "",
            since=task.opened_at,
            due_at=task.due_at,
            duty=duty.duty if duty else "",
            basis=duty.basis if duty else "",
            following=following(self.ctx, leg.definition_id, task.element_id),
        )

    def _waited_for(self, leg: Leg) -> Iterator[Responsible]:
        here = {each.participant_id for each in self.frame.legs}
        model = store.load_definition(self.ctx.session, leg.definition_id).model
        for flow in model.message_flows:
            if flow.target_element not in leg.active_elements or flow.source_participant in here:
                continue
            element = model.elements.get(flow.target_element or "")
            site = find_site(self.ctx.session, self.frame.case.partner_code) if self.frame.case.partner_code else None
            if element is None or element.standing or site is None:
                continue
            begun = leg.active_since.get(flow.target_element or "")
            since = datetime.fromisoformat(begun) if begun else leg.updated_at
            yield self._row("partner", site, "partner", step=labels.one_line(element.name), since=since)
            return

    def _row(self, kind: str, site: Site, leg_role: str, **more: Any) -> Responsible:
        plain: dict[str, Any] = {"task_id": None, "step": "", "role": None, "role_name": "", "person": ""}
        plain |= {"since": None, "due_at": None, "duty": "", "basis": "", "following": ()}
        values = plain | more
        mine = kind != "applicant" and site.id in self.ctx.actor.site_ids
        return Responsible(
            kind=kind,
            site_id=site.id,
            site_name="" if kind == "applicant" else site.name,
            leg=leg_role,
            due=horizon(self.ctx).judge(values["due_at"], site.region_code),
            mine=mine,
            may_write=self._may_write(kind, site.id),
            call=None if kind == "applicant" else self._call(site),
            **values,
        )

    def _may_write(self, kind: str, site_id: int) -> bool:
        if kind == "applicant" or site_id not in letters.case_sites(self.frame):
            return False
        return letters.writing_site(self.ctx, self.frame, site_id) is not None

    def _call(self, site: Site) -> Callee | None:
        if not functions.may(self.ctx.actor, "contact:read"):
            return None
        if site.id not in self.calls:
            self.calls[site.id] = contacts.callee(self.ctx, site, self.frame.case.item_code)
        return self.calls[site.id]
