"""The household move as a story that plays itself: each step by the person who may do it, at that person's own site.

The partner keeps silent at first; the training clock then moves to its deadline, and the 催办 is there for both sites to see.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from importlib import import_module
from typing import Any

from sqlalchemy import select

from bootstrap import training
from bootstrap.container import Platform
from bootstrap.demo.households import CHILDREN, DemoChild
from bootstrap.demo.people import APPLICANTS, staff
from bootstrap.errors import BadInput
from bootstrap.script import ITEM, RATINGS, SCRIPT, Act, application
from domain import reach
from domain.actors import SYSTEM, Actor, Role
from domain.applications import service as applications
from domain.cases.models import Leg, Task
from domain.clock import CHINA
from domain.context import Context
from domain.deadlines.models import LadderStep
from domain.identity import service as identity
from domain.items import queries as items
from domain.materials import service as materials
from domain.materials.requirements import list_requirements
from domain.sites.models import Site
from domain.tasks import service as tasks
from domain.tasks.errors import SeparationOfDuties

MOST_JUMPS = 40
"""Clock jumps until the partner must have been urged; more would mean that no deadline is set there."""
PAPER = b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"
"""What the demo applicant hands in: an empty PDF."""


@dataclass(frozen=True, slots=True)
class Told:
    """One line of the story."""

    at: datetime
    place: str
    person: str
    text: str
    notable: bool = False


class Story:
    """One play of the household move on a platform with demo data, in training mode."""

    def __init__(self, platform: Platform) -> None:
        training.require_training(platform.settings)
        self._platform = platform
        self._applicant = APPLICANTS[0]
        self._case_id = 0
        self.case_no = ""

    def play(self) -> Iterator[Told]:
        """Play it step by step. Raises :class:`BadInput` when the demo's data is missing or its child is in a case already."""
        yield self._apply()
        for act in SCRIPT:
            if act.silence:
                yield from self._wait_for_urge(act.element)
            else:
                yield self._do(act)
        yield self._rate()

    def _apply(self) -> Told:
        with self._transaction(self._applicant.login) as ctx:
            child = self._child(ctx)
            data = application(self._applicant, child)
            leg = applications.submit(ctx, ITEM, data, self._papers(ctx, data))
            self._case_id, self.case_no = leg.case_id, leg.case.case_no
            told = self._told(
                ctx, leg.site.name, self._applicant.name, f"提交申请，办件编号 {self.case_no}", notable=True
            )
        self._settle()
        return told

    def _child(self, ctx: Context) -> DemoChild:
        """The first child of the applicant that is in no open case and still registered at the other site."""
        from domain.registrations import service as registrations

        for child in CHILDREN:
            with reach.for_platform(ctx.session):  # the demo looks where the child lives
                found = registrations.find_active(ctx, child.id_no) if child.parent == self._applicant.login else None
            if found is not None and ctx.session.get_one(Site, found.site_id).code == child.site_code:
                return child
        raise BadInput(
            "演示中的孩子都已迁完，或演示数据还没有装入。",
            "Every child of the demo has moved already, or the demo data is missing.",
            next_zh="请先运行 lianban demo；要从头开始，请用 lianban demo --reset。",
            next_en="Run lianban demo first; to start over use lianban demo --reset.",
        )

    def _papers(self, ctx: Context, data: Mapping[str, Any]) -> list[dict[str, str]]:
        """A file for each material that this application must come with."""
        needed = list_requirements(ctx, items.get_item(ctx.session, ITEM), data)
        wanted = [entry for entry in needed if entry.required and entry.source == "UPLOAD"]
        return [
            {"code": entry.code, "fileId": materials.store_file(ctx, f"{entry.name[:40]}.pdf", PAPER).id}
            for entry in wanted
        ]

    def _do(self, act: Act) -> Told:
        """The next person with the task's role does it; four eyes may ask for another one."""
        with self._platform.transaction(SYSTEM) as ctx:
            task = self._task(ctx, act.element)
            task_id, role, name = task.id, task.role, task.name.replace("\n", " ")
            site = ctx.session.get_one(Site, task.site_id)
            place, context = site.name, task.context or {}
        logins = self._performers(role, site.code)
        for login in logins:
            try:
                with self._transaction(login) as ctx:
                    tasks.complete(ctx, task_id, act.data(context, self._today(ctx)), act.action)
                    told = self._told(ctx, place, ctx.actor.name, f"{name}：{act.says}")
                break
            except SeparationOfDuties:
                if login == logins[-1]:
                    raise
        self._settle()
        return told

    def _wait_for_urge(self, element: str) -> Iterator[Told]:
        """Nobody at the partner site does anything; time passes to the next due work until it is urged."""
        for _ in range(MOST_JUMPS):
            with self._platform.transaction(SYSTEM) as ctx:
                task = self._task(ctx, element)
                steps = ctx.session.scalars(select(LadderStep).where(LadderStep.task_id == task.id)).all()
                urged = next((step for step in steps if step.kind == "URGE"), None)
                if urged is not None:
                    yield from self._urged(ctx, task, urged)
                    return
                training.move_to_next(ctx)
            self._settle()
        raise BadInput(
            f"环节 {element} 没有时限，不会被催办。", f"The step {element} has no deadline that would urge anybody."
        )

    def _urged(self, ctx: Context, task: Task, step: LadderStep) -> Iterator[Told]:
        late = ctx.session.get_one(Site, task.site_id)
        due = "" if step.due_at is None else f"（应于 {step.due_at.astimezone(CHINA):%m月%d日} 前完成）"
        name = task.name.replace("\n", " ")
        yield self._told(ctx, late.name, "时钟", f"“{name}”到期未办{due}，自动催办 {step.number}", notable=True)
        legs = ctx.session.scalars(select(Leg).where(Leg.case_id == self._case_id).order_by(Leg.id)).all()
        for leg in legs:
            site = ctx.session.get_one(Site, leg.site_id)
            yield self._told(ctx, site.name, "", f"在办件 {leg.case_no} 中看到催办 {step.number}")

    def _rate(self) -> Told:
        with self._transaction(self._applicant.login) as ctx:
            legs = ctx.session.scalars(select(Leg).where(Leg.case_id == self._case_id)).all()
            codes = [ctx.session.get_one(Site, leg.site_id).code for leg in legs]
            applications.rate(ctx, self._case_id, [{"site_code": code, **RATINGS} for code in codes])
            return self._told(ctx, "", self._applicant.name, f"评价 {len(codes)} 个机构：非常满意", notable=True)

    def _task(self, ctx: Context, element: str) -> Task:
        query = select(Task).where(Task.case_id == self._case_id, Task.element_id == element, Task.state == "open")
        found = ctx.session.scalars(query.order_by(Task.opened_at.desc()).limit(1)).first()
        if found is None:
            open_now = ctx.session.scalars(
                select(Task.element_id).where(Task.case_id == self._case_id, Task.state == "open")
            ).all()
            raise BadInput(
                f"办件 {self.case_no} 没有等待“{element}”，现在等待：{'、'.join(open_now) or '无'}。",
                f"Case {self.case_no} does not wait for {element} but for: {', '.join(open_now) or 'nothing'}.",
                next_zh="流程可能已被修改；请用 lianban case show 查看。",
                next_en="The model may have been changed; look with lianban case show.",
            )
        return found

    def _performers(self, role: str, site_code: str) -> list[str]:
        if role == Role.APPLICANT:
            return [self._applicant.login]
        return [
            person.login for person in staff() if person.site and person.site.code == site_code and person.role == role
        ]

    def _transaction(self, login: str) -> Any:
        return self._platform.transaction(self._actor(login))

    def _actor(self, login: str) -> Actor:
        with self._platform.transaction(SYSTEM) as ctx:
            user = identity.find_user(ctx, login)
            if user is None:
                raise BadInput(
                    f"没有演示账号 {login}。",
                    f"There is no demo account {login}.",
                    next_zh="请先运行 lianban demo。",
                    next_en="Run lianban demo first.",
                )
            return identity.actor_for(ctx.session, user)

    def _settle(self) -> None:
        """Do what is due now (messages between the sites); beside a running scheduler each piece is still done once."""
        import_module("scheduler.jobs").run_due(self._platform)

    def _told(self, ctx: Context, place: str, person: str, text: str, *, notable: bool = False) -> Told:
        return Told(ctx.clock.now(), place, person, text, notable)

    @staticmethod
    def _today(ctx: Context) -> datetime:
        return ctx.clock.now().astimezone(CHINA)
