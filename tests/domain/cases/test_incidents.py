"""What fails waits for an administrator: what, where, how often; a retry runs it again, and nothing else stops."""

from collections.abc import Mapping
from typing import Any

import pytest

from domain.actors import SYSTEM, Actor, Role
from domain.cases import service as cases
from domain.cases.rows import LegRow
from domain.cases.service import IncidentClosed
from domain.context import Context
from domain.errors import Forbidden
from engine.contract import Job, ServiceError
from tests.support import models
from tests.support.models import chain, node, outputs, pool, user
from tests.support.world import World

ADMIN = Actor(0, "platform", {0: frozenset({Role.PLATFORM_ADMIN})})


class Flaky:
    """A service that refuses so many times, then works."""

    def __init__(self, failures: int) -> None:
        self.failures = failures

    def __call__(self, ctx: Context, leg: LegRow, job: Job) -> Mapping[str, Any]:
        del ctx
        if self.failures:
            self.failures -= 1
            raise ServiceError("register-closed", "the register is closed")
        return {"number": f"{leg.case_no}/{job.arguments['kind']}"}


def _model() -> bytes:
    mapping = '<zeebe:ioMapping><zeebe:input source="=&quot;A&quot;" target="kind"/><zeebe:output source="=number" target="number"/></zeebe:ioMapping>'
    body = (
        node("startEvent", "start")
        + user("review", ext=outputs(note="note"))
        + node("serviceTask", "issue", ext=f'<zeebe:taskDefinition type="test.issue"/>{mapping}')
        + user("hand", ext=outputs(note="note"))
        + node("endEvent", "done", ext='<lianban:result code="0"/>')
        + chain("start", "review", "issue", "hand", "done")
    )
    return models.collaboration({"main": (pool("P_main", "main", "main", models.MAIN_SITE), body)})


@pytest.fixture
def failed(world: World) -> World:
    world.with_handlers(services={"test.issue": Flaky(2)})
    world.deploy(_model())
    world.submit()
    world.complete("clerk", "review")
    return world


def test_a_failed_service_is_an_incident_and_a_retry_goes_on(failed: World) -> None:
    first = failed.incidents()[0]
    assert (first.code, first.element_id, first.attempts) == ("register-closed", "issue", 1)
    assert failed.open_tasks() == []
    with failed.platform.transaction(ADMIN) as ctx:
        cases.retry_incident(ctx, first.id)
    second = failed.incidents()[0]
    assert (second.code, second.attempts) == ("register-closed", 2)
    with failed.platform.transaction(ADMIN) as ctx:
        cases.retry_incident(ctx, second.id)
    assert failed.incidents() == []
    assert failed.open_tasks() == ["hand"]
    assert failed.legs()["P_main"].variables["number"].endswith("/A")
    with pytest.raises(IncidentClosed), failed.platform.transaction(SYSTEM) as ctx:
        cases.retry_incident(ctx, second.id)


def test_only_administrators_retry(failed: World) -> None:
    with pytest.raises(Forbidden), failed.platform.transaction(failed.people["clerk"]) as ctx:
        cases.retry_incident(ctx, failed.incidents()[0].id)


def test_the_path_and_the_present_position_are_kept(failed: World) -> None:
    leg = failed.legs()["P_main"]
    assert leg.visited == ["start", "review", "issue"]
    assert leg.taken == ["f_start_review", "f_review_issue"]
    assert leg.active_elements == ["issue"]
    assert list(leg.active_since) == ["issue"]
