import pytest
from sqlalchemy import select

from bootstrap.container import Platform
from domain.actors import SYSTEM
from domain.audit import anchors
from domain.audit import service as audit
from domain.cases import queries as cases
from domain.cases.models import Case
from domain.evidence import package as exporting
from domain.evidence.rights import grant_of
from scheduler import jobs
from tests.support import models
from tests.support.world import World


@pytest.fixture
def world(platform: Platform) -> World:
    return World(platform).settle()


@pytest.fixture
def joint(world: World) -> World:
    """A case of two sites with a signed message, several reads and an anchor in the middle."""
    world.deploy(models.joint())
    world.submit()
    read(world, "clerk")
    with world.platform.transaction(SYSTEM) as ctx:
        anchors.take(ctx)
    world.complete("clerk", "prepare", reason="投靠父母")
    jobs.run_due(world.platform)
    read(world, "partner")
    read(world, "approver")
    return world


def read(world: World, who: str) -> None:
    with world.platform.transaction(world.people[who]) as ctx:
        audit.record_read(ctx, "case.page", case_id=ctx.session.scalar(select(Case.id)), fields=["application"])


@pytest.fixture
def package(joint: World) -> bytes:
    with joint.platform.transaction(joint.people["approver"]) as ctx:
        frame = cases.get_frame(ctx, ctx.session.scalar(select(Case.case_no)) or "")
        return exporting.export(ctx, frame, grant_of(ctx.actor, frame, "复议〔2026〕7号"), with_files=True)
