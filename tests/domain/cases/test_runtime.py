"""A case runs: one lock, one step, one projection."""

import pytest

from domain.actors import SYSTEM
from domain.audit import service as audit
from domain.cases.errors import DuplicateApplication
from domain.tasks.errors import SeparationOfDuties, TaskNotOpen
from tests.support import models
from tests.support.world import World


def test_a_case_goes_from_application_to_its_end(world: World) -> None:
    world.deploy(models.simple())
    leg = world.submit()
    assert leg.case.status == "RECEIVED"
    assert leg.case.plain_text == "正在预审"
    assert world.open_tasks() == ["review"]
    done = world.complete("clerk", "review", "ACCEPT", note="齐全")
    assert [task.name for task in done.next_tasks] == ["approve"]
    assert world.case().status == "ACCEPTED"
    world.complete("approver", "approve")
    case = world.case()
    assert (case.status, case.result_code, case.plain_text) == ("CLOSED", "0", "已办结")
    assert case.closed_at is not None
    assert world.open_tasks() == []
    assert world.count("task_candidates") == 0
    assert {work.state for work in world.work("timer.fire")} == {"cancelled"}
    assert {work.state for work in world.work("deadline.step")} == {"cancelled"}
    with world.platform.transaction(SYSTEM) as ctx:
        assert audit.verify(ctx, case.id).verified


def test_a_second_completion_says_who_and_when(world: World) -> None:
    world.deploy(models.simple())
    world.submit()
    world.complete("clerk", "review", "RETURN")
    with pytest.raises(TaskNotOpen, match="clerk"):
        world.complete("clerk2", "review", "ACCEPT")


def test_four_eyes(world: World) -> None:
    world.deploy(models.simple().replace(b'"APPROVER"', b'"RECV_CLERK"'))
    world.submit()
    world.complete("clerk", "review", "ACCEPT")
    with pytest.raises(SeparationOfDuties):
        world.complete("clerk", "approve")
    assert world.open_tasks() == ["approve"]
    world.complete("clerk2", "approve")


def test_one_open_case_per_subject(world: World) -> None:
    world.deploy(models.simple())
    first = world.submit()
    with pytest.raises(DuplicateApplication) as refused:
        world.submit()
    assert first.case_no in refused.value.fact_zh
    assert world.count("cases") == 1
    world.complete("clerk", "review", "RETURN")
    world.submit()
    assert world.count("cases") == 2
