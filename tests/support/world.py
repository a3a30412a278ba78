"""A small world on a real database: two sites in two provinces, people, an item, a form, a deployed model."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from sqlalchemy import select, text

from bootstrap import training
from bootstrap.container import Platform
from domain.actors import SYSTEM, Actor, Role
from domain.cases import runtime
from domain.cases.models import Case, IncidentRow, Leg, Task
from domain.cases.rows import LegRow
from domain.definitions import service as definitions
from domain.definitions import store
from domain.identity.models import Grant, User
from domain.items.models import Item
from domain.outbox.models import Message, Work
from domain.sites import service as sites
from domain.tasks import service as tasks
from tests.support import models
from tests.support.settling import settled

ITEM = "test-item"
FORM: dict[str, Any] = {
    "type": "default",
    "id": "test-form",
    "components": [
        {"type": "textfield", "id": "Field_note", "key": "note", "label": "意见"},
        {"type": "textfield", "id": "Field_reason", "key": "reason", "label": "事由", "validate": {"maxLength": 20}},
    ],
}
MOVERS = [{"idNo": "532622201506010001", "name": "测试"}]
APPLICATION = {"movers": MOVERS, "moveInOrg": models.MAIN_SITE, "secret": "only for the main site"}
PEOPLE: dict[str, tuple[str | None, Role]] = {
    "clerk": (models.MAIN_SITE, Role.RECV_CLERK),
    "clerk2": (models.MAIN_SITE, Role.RECV_CLERK),
    "approver": (models.MAIN_SITE, Role.APPROVER),
    "chief": (models.MAIN_SITE, Role.SUPERVISOR),
    "partner": (models.PARTNER_SITE, Role.HANDLER),
    "applicant": (None, Role.APPLICANT),
    "stranger": (None, Role.APPLICANT),
}


@dataclass
class World:
    """The platform and its people by short name; every call is a transaction of its own."""

    platform: Platform
    people: dict[str, Actor] = field(default_factory=dict)

    def settle(self) -> World:
        """Write sites, people, the item and its form."""
        store.forget()
        self.people |= settled("world", self.platform.sql, self._write)
        return self

    def _write(self) -> dict[str, Actor]:
        people: dict[str, Actor] = {}
        with self.platform.transaction(SYSTEM) as ctx:
            sites.register_regions(
                ctx,
                [
                    ("530000", "云南省", None),
                    ("532622", "砚山县", "530000"),
                    ("440000", "广东省", None),
                    ("440606", "顺德区", "440000"),
                ],
            )
            places = {
                models.MAIN_SITE: sites.register_site(
                    ctx, models.MAIN_SITE, "532622", "police", "砚山县公安局", "砚山公安"
                ),
                models.PARTNER_SITE: sites.register_site(
                    ctx, models.PARTNER_SITE, "440606", "police", "顺德区公安局", "顺德公安"
                ),
            }
            for name, (place, role) in PEOPLE.items():
                user = User(
                    login=name,
                    name=name,
                    password_hash="x",
                    is_applicant=role is Role.APPLICANT,
                    created_at=ctx.clock.now(),
                )
                ctx.session.add(user)
                ctx.session.flush()
                site = places[place] if place else None
                if site is not None:
                    ctx.session.add(Grant(user_id=user.id, site_id=site.id, role=role.value))
                grants = {site.id: frozenset({role})} if site else {}
                people[name] = Actor(user.id, name, grants, is_applicant=role is Role.APPLICANT)
            ctx.session.add(
                Item(
                    code=ITEM,
                    no=99,
                    name="测试事项",
                    name_en="Test item",
                    mode="joint",
                    sector="police",
                    definition_key=ITEM,
                    sheet={},
                )
            )
            definitions.publish_form(ctx, "test-form", FORM)
        return people

    def deploy(self, source: bytes) -> int:
        """Deploy a model under the test item; its definition id."""
        with self.platform.transaction(SYSTEM) as ctx:
            return definitions.deploy(ctx, ITEM, source).id

    def submit(self, application: Mapping[str, Any] = APPLICATION, subject: str = "532622201506010001") -> LegRow:
        """The applicant applies; the main leg."""
        applicant = self.people["applicant"]
        new = runtime.NewCase(ITEM, application, applicant.user_id, "测*", [("mover", subject)])
        with self.platform.transaction(applicant) as ctx:
            return runtime.open_case(ctx, new)

    def with_case(self) -> World:
        """The same world with the simple model and a case of it handed in."""
        self.deploy(models.simple())
        self.submit()
        return self

    def with_closed_case(self) -> World:
        """The same world with a case of the simple model that was granted."""
        self.with_case()
        self.complete("clerk", "review", "ACCEPT", note="齐全")
        self.complete("approver", "approve")
        return self

    def task(self, element_id: str, leg_id: int | None = None) -> Task:
        """The newest task of an element."""
        query = select(Task).where(Task.element_id == element_id).order_by(Task.opened_at.desc()).limit(1)
        if leg_id is not None:
            query = query.where(Task.leg_id == leg_id)
        with self.platform.transaction(SYSTEM) as ctx:
            return ctx.session.execute(query).scalar_one()

    def open_tasks(self) -> list[str]:
        """Element ids of all open tasks."""
        with self.platform.transaction(SYSTEM) as ctx:
            return sorted(ctx.session.scalars(select(Task.element_id).where(Task.state == "open")))

    def complete(self, who: str, element_id: str, action: str | None = None, **data: Any) -> tasks.Completed:
        """A person completes the newest task of an element."""
        task = self.task(element_id)
        with self.platform.transaction(self.people[who]) as ctx:
            return tasks.complete(ctx, task.id, data, action)

    def legs(self) -> dict[str, Leg]:
        """All legs by participant."""
        with self.platform.transaction(SYSTEM) as ctx:
            return {leg.participant_id: leg for leg in ctx.session.scalars(select(Leg))}

    def case(self) -> Case:
        """The only case."""
        with self.platform.transaction(SYSTEM) as ctx:
            return ctx.session.execute(select(Case)).scalar_one()

    def work(self, kind: str) -> list[Work]:
        """Work of a kind, oldest first."""
        with self.platform.transaction(SYSTEM) as ctx:
            return list(ctx.session.scalars(select(Work).where(Work.kind == kind).order_by(Work.id)))

    def messages(self, direction: str) -> list[Message]:
        """Messages of a direction, oldest first."""
        with self.platform.transaction(SYSTEM) as ctx:
            query = select(Message).where(Message.direction == direction).order_by(Message.id)
            return list(ctx.session.scalars(query))

    def incidents(self) -> list[IncidentRow]:
        """Open incidents."""
        with self.platform.transaction(SYSTEM) as ctx:
            query = select(IncidentRow).where(IncidentRow.resolved_at.is_(None)).order_by(IncidentRow.id)
            return list(ctx.session.scalars(query))

    def pass_time(self, amount: str) -> None:
        """Move the adjustable clock."""
        with self.platform.transaction(SYSTEM) as ctx:
            training.advance(ctx, amount)

    def count(self, table: str) -> int:
        """Rows of a table."""
        with self.platform.transaction(SYSTEM) as ctx:
            return int(ctx.session.execute(text(f"select count(*) from {table}")).scalar_one())  # noqa: S608 -- our own table names

    def with_handlers(self, **changes: Any) -> World:
        """The same world with other handlers wired."""
        self.platform.handlers = replace(self.platform.handlers, **changes)
        return self
