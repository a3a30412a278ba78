"""The scenario tests' driver: people act by log-in, time passes, cases are looked at."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, ClassVar, Self, TypeVar

from sqlalchemy import Engine, func, select

from bootstrap.container import Platform
from bootstrap.demo.people import APPLICANTS, DemoApplicant
from bootstrap.settings import Settings
from bootstrap.story import PAPER
from bootstrap.wiring import make_handlers
from domain.actors import SYSTEM, Actor
from domain.applications import service as applications
from domain.cases import service as cases
from domain.cases.models import Case, IncidentRow, Leg, Task
from domain.certificates.models import Certificate
from domain.clock import CHINA, FixedClock
from domain.deadlines.calendar import load
from domain.deadlines.due import schedule
from domain.deadlines.models import ClockRow, LadderStep
from domain.documents.models import Document
from domain.errors import DomainError
from domain.identity import service as identity
from domain.items import queries as items
from domain.materials import service as materials
from domain.materials.requirements import list_requirements
from domain.outbox.models import Message
from domain.registrations.models import Registration
from domain.sites.models import Site
from domain.tasks import service as tasks
from scheduler import jobs

HOME = "532622"
Row = TypeVar("Row")


class ScenePlatform(Platform):
    """A platform whose clock stands still until the test moves it."""

    moment: datetime

    @classmethod
    def at(cls, settings: Settings, engine: Engine, moment: datetime) -> Self:
        platform = cls(settings, engine, make_handlers())
        platform.moment = moment
        return platform

    def clock_from(self, moment: datetime) -> FixedClock:
        del moment
        return FixedClock(self.moment)


@dataclass
class Person:
    """Somebody logged in."""

    scene: Scene
    login: str

    def complete(self, element: str, action: str, **data: Any) -> tasks.Completed:
        """Submit the newest open task of an element, then let messages pass."""
        done = self.attempt(element, action, **data)
        self.scene.run()
        return done

    def attempt(self, element: str, action: str, **data: Any) -> tasks.Completed:
        """Submit it and leave the messages lying."""
        task = self.scene.task(element)
        with self.scene.platform.transaction(self.actor()) as ctx:
            try:
                return tasks.complete(ctx, task.id, data, action)
            except DomainError as error:
                error.add_note(f"{element} {action}: {[(each.pointer, each.code) for each in error.errors]}")
                raise

    def apply(self, item: str, data: Mapping[str, Any], papers: Sequence[str] | None = None) -> Case:
        """Apply with a file for everything that is required (or for ``papers`` only)."""
        with self.scene.platform.transaction(self.actor()) as ctx:
            needed = list_requirements(ctx, items.get_item(ctx.session, item), data)
            codes = [entry.code for entry in needed if entry.required and entry.source == "UPLOAD"]
            handed = [
                {"code": code, "fileId": materials.store_file(ctx, f"{code}.pdf", PAPER).id}
                for code in (codes if papers is None else papers)
            ]
            leg = applications.submit(ctx, item, data, handed)
            self.scene.case_id = leg.case_id
        self.scene.run()
        return self.scene.case

    def withdraw(self, reason: str = "不再需要办理", *, deliver: bool = True) -> None:
        """撤件; unless told otherwise messages pass."""
        with self.scene.platform.transaction(self.actor()) as ctx:
            cases.withdraw(ctx, self.scene.case_id, reason)
        if deliver:
            self.scene.run()

    def upload(self, name: str = "补充材料.pdf", content: bytes = PAPER) -> dict[str, Any]:
        """A file as a form's file picker keeps it."""
        with self.scene.platform.transaction(self.actor()) as ctx:
            file = materials.store_file(ctx, name, content)
            return {"id": file.id, "name": file.name, "size": file.size, "sha256": file.sha256}

    def actor(self) -> Actor:
        with self.scene.platform.transaction(SYSTEM) as ctx:
            user = identity.find_user(ctx, self.login)
            assert user is not None, self.login
            return identity.actor_for(ctx.session, user)


class Scene:
    """One case in the demo's world."""

    def __init__(self, platform: ScenePlatform) -> None:
        self.platform = platform
        self.case_id = 0

    # -- acting
    def as_user(self, login: str) -> Person:
        return Person(self, login)

    def run(self) -> None:
        """Do all that is due now."""
        while jobs.run_due(self.platform):
            pass

    def set_clock(self, year: int, month: int, day: int, hour: int = 9, minute: int = 30) -> None:
        """Civil time in China. What is due until then is done."""
        self._go(datetime(year, month, day, hour, minute, tzinfo=CHINA))

    def advance(self, amount: str, region: str = HOME) -> None:
        """Let the end of a deadline of this length pass (5wd, P40D, PT4H), by one second."""
        with self.platform.transaction(SYSTEM) as ctx:
            target = schedule(amount, ctx.clock.now(), load(ctx.session, region))
        self._go(target + timedelta(seconds=1))

    def work_days(self, days: int) -> None:
        """To half past nine of the n-th working day from now."""
        with self.platform.transaction(SYSTEM) as ctx:
            calendar = load(ctx.session, HOME)
            day = calendar.add(ctx.clock.now().astimezone(CHINA).date(), days)
        self.set_clock(day.year, day.month, day.day)

    def _go(self, target: datetime) -> None:
        self.run()
        while (due := jobs.next_due(self.platform)) is not None and due <= target:
            self.platform.moment = max(due, self.platform.moment)
            self.run()
        self.platform.moment = target
        self.run()

    # -- looking
    @property
    def now(self) -> datetime:
        return self.platform.moment.astimezone(CHINA)

    @property
    def case(self) -> Case:
        return self._all(Case, Case.id == self.case_id)[0]

    def leg(self, role: str) -> Leg:
        return self._all(Leg, Leg.case_id == self.case_id, Leg.role == role)[0]

    def legs(self) -> list[Leg]:
        return self._all(Leg, Leg.case_id == self.case_id)

    def task(self, element: str) -> Task:
        found = self._all(Task, Task.case_id == self.case_id, Task.element_id == element, Task.state == "open")
        assert found, f"{element} is not open, but {self.open_tasks()}; incidents {self.incidents()}"
        return found[-1]

    def open_tasks(self) -> list[str]:
        return sorted(task.element_id for task in self._all(Task, Task.case_id == self.case_id, Task.state == "open"))

    def incidents(self) -> list[str]:
        rows = self._all(IncidentRow, IncidentRow.case_id == self.case_id, IncidentRow.resolved_at.is_(None))
        return [f"{row.element_id}: {row.code} {row.message}" for row in rows]

    def documents(self, code: str) -> list[Document]:
        return self._all(Document, Document.case_id == self.case_id, Document.code == code)

    def certificates(self, kind: str) -> list[Certificate]:
        return self._all(Certificate, Certificate.kind == kind)

    def registrations(self) -> list[tuple[str, str, str]]:
        """(ID number, site code, state) of everybody in this case."""
        with self.platform.transaction(SYSTEM) as ctx:
            rows = ctx.session.execute(
                select(Registration, Site.code).join(Site, Site.id == Registration.site_id).order_by(Registration.id)
            ).all()
            return [(row.Registration.person["idNo"], row.code, row.Registration.state) for row in rows]

    def messages(self, name: str | None = None) -> list[Message]:
        rows = self._all(Message, Message.case_id == self.case_id)
        return [row for row in rows if name is None or row.name == name]

    def ladder(self) -> list[LadderStep]:
        return self._all(LadderStep, LadderStep.case_id == self.case_id)

    def clock(self, kind: str = "STATUTORY") -> ClockRow:
        return self._all(ClockRow, ClockRow.case_id == self.case_id, ClockRow.kind == kind)[0]

    def count(self, model: type[Any], *where: Any) -> int:
        with self.platform.transaction(SYSTEM) as ctx:
            return int(ctx.session.execute(select(func.count()).select_from(model).where(*where)).scalar_one())

    def _all(self, model: type[Row], *where: Any) -> list[Row]:
        columns: Any = model
        order = columns.opened_at if model is Task else next(iter(columns.__table__.primary_key.columns))
        with self.platform.transaction(SYSTEM) as ctx:
            return list(ctx.session.scalars(select(model).where(*where).order_by(order)))


class JointCase(ABC):
    """A case of an item in a scene, and who acts in it: log-ins of the main site begin with ``here``, the partner's with ``there``."""

    item: ClassVar[str]
    scene: Scene
    login: str
    here: str
    there: str

    @abstractmethod
    def data(self) -> dict[str, Any]:
        """What the applicant hands in."""

    def main(self, desk: str) -> Person:
        return self.scene.as_user(f"{self.here}.{desk}")

    def partner(self, desk: str) -> Person:
        return self.scene.as_user(f"{self.there}.{desk}")

    @property
    def applicant(self) -> Person:
        return self.scene.as_user(self.login)

    def apply(self) -> Case:
        return self.applicant.apply(self.item, self.data())


def applicant(login: str) -> DemoApplicant:
    """A person of the demo."""
    return next(person for person in APPLICANTS if person.login == login)


def civil_day(moment: datetime | None) -> str:
    """The day in China."""
    assert moment is not None
    return moment.astimezone(CHINA).date().isoformat()
