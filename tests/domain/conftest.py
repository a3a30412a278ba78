"""What tests of the domain's nouns share: a fixed clock, a context on the rolled-back session, two sites in two provinces."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, cast

import pytest
from sqlalchemy.orm import Session

from domain.actors import SYSTEM
from domain.cases.models import Case, Leg, Task
from domain.cases.rows import LegRow, lock_leg
from domain.clock import FixedClock
from domain.context import Context, Handlers
from domain.definitions.models import Definition
from domain.identity import service as identity
from domain.identity.models import User
from domain.items.models import Item
from domain.sites import service as sites
from domain.sites.models import Site

ContextFor = Callable[[User], Context]


@pytest.fixture
def clock() -> FixedClock:
    """Monday 2026-03-02, ten o'clock in China: a plain working day."""
    return FixedClock(datetime(2026, 3, 2, 2, 0, tzinfo=UTC))


@pytest.fixture
def ctx(session: Session, clock: FixedClock) -> Context:
    """A command's context as the system; engine and kernel are absent: nouns that need them say so."""
    missing = cast("Any", None)
    return Context(session=session, actor=SYSTEM, engine=missing, forms=missing, clock=clock, handlers=Handlers())


@pytest.fixture
def regions(ctx: Context) -> None:
    """The regions of two counties, with their parents."""
    sites.register_regions(
        ctx,
        [
            ("530000", "云南省", None),
            ("532600", "文山壮族苗族自治州", "530000"),
            ("532622", "砚山县", "532600"),
            ("440000", "广东省", None),
            ("440600", "佛山市", "440000"),
            ("440606", "顺德区", "440600"),
        ],
    )


@pytest.fixture
def main_site(ctx: Context, regions: None) -> Site:
    """A police station in Yunnan."""
    del regions
    return sites.register_site(
        ctx,
        "test-yanshan-police",
        "532622",
        "police",
        "砚山县公安局",
        "砚山公安",
        document_word="砚公户",
        phone="0876-0000000",
    )


@pytest.fixture
def partner_site(ctx: Context, regions: None) -> Site:
    """A police station in Guangdong."""
    del regions
    return sites.register_site(
        ctx, "test-shunde-police", "440606", "police", "佛山市公安局顺德分局", "顺德公安", document_word="顺公户"
    )


@pytest.fixture
def context_for(ctx: Context) -> ContextFor:
    """The same context under another person."""

    def of(user: User) -> Context:
        return replace(ctx, actor=identity.actor_for(ctx.session, user))

    return of


class CaseAtTwoSites:
    """A case with a main leg and a partner leg, made directly in the tables (no process runs)."""

    def __init__(self, ctx: Context, main: Site, partner: Site, applicant: User, application: dict[str, Any]) -> None:
        now = ctx.clock.now()
        session = ctx.session
        if session.get(Item, ITEM) is None:
            session.add(
                Item(code=ITEM, no=2, name="子女投靠父母户口迁移", name_en="Join parents", mode="MULTI_SITE", sheet={})
            )
        definition = Definition(
            key=ITEM,
            version=1,
            name="x",
            source=b"",
            xml=b"",
            digest="",
            model={},
            forms={},
            findings=[],
            deployed_by=0,
            deployed_at=now,
        )
        session.add(definition)
        session.flush()
        self.case = Case(
            collab_no="COLLAB1",
            case_no="CASE1",
            query_code="000000000001",
            item_code=ITEM,
            definition_id=definition.id,
            main_site_id=main.id,
            partner_code=partner.code,
            applicant_user_id=applicant.id,
            subject_masked="测*",
            application=application,
            status="SUBMITTED",
            flags=[],
            submitted_at=now,
            updated_at=now,
        )
        session.add(self.case)
        session.flush()
        self.main_id = self._leg(ctx, definition, main, "main")
        self.partner_id = self._leg(ctx, definition, partner, "partner")

    def _leg(self, ctx: Context, definition: Definition, site: Site, role: str) -> int:
        leg = Leg(
            case_id=self.case.id,
            site_id=site.id,
            participant_id=role,
            participant_name=role,
            process_id=role,
            role=role,
            definition_id=definition.id,
            case_no=f"CASE1-{role}",
            state=b"",
            variables={},
            active_elements=[],
            active_since={},
            visited=[],
            taken=[],
            started_at=ctx.clock.now(),
            updated_at=ctx.clock.now(),
        )
        ctx.session.add(leg)
        ctx.session.flush()
        return leg.id

    def task(self, ctx: Context, leg_id: int, site: Site, **values: Any) -> Task:
        """An open user task of a leg."""
        task = Task(
            **{
                "id": f"task-{leg_id}",
                "case_id": self.case.id,
                "leg_id": leg_id,
                "site_id": site.id,
                "element_id": "signIn",
                "name": "签收",
                "role": "HANDLER",
                "form_id": "f",
                "policy": "partner.signIn",
                "opened_at": ctx.clock.now(),
                **values,
            }
        )
        ctx.session.add(task)
        ctx.session.flush()
        return task


ITEM = "hukou-join-parents"


@pytest.fixture
def applicant(ctx: Context) -> User:
    """A citizen with an account."""
    return identity.register_user(
        ctx, "parent", "测试父", "Lianban-2026", is_applicant=True, person={"idNo": "532622198502030000"}
    )


@pytest.fixture
def joint_case(ctx: Context, main_site: Site, partner_site: Site, applicant: User) -> CaseAtTwoSites:
    """A case at two sites, submitted now."""
    return CaseAtTwoSites(ctx, main_site, partner_site, applicant, {"applicantName": "测试父"})


@pytest.fixture
def main_leg(ctx: Context, joint_case: CaseAtTwoSites) -> LegRow:
    """The main leg under lock."""
    return lock_leg(ctx, joint_case.main_id)


@pytest.fixture
def partner_leg(ctx: Context, joint_case: CaseAtTwoSites) -> LegRow:
    """The partner's leg under lock."""
    return lock_leg(ctx, joint_case.partner_id)
