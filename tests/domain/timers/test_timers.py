"""Timers fire at their time, once, and never for a leg that has ended."""

from domain.actors import SYSTEM
from domain.cases import service as cases
from domain.timers import service as timers
from scheduler import jobs
from tests.support import models
from tests.support.world import World


def test_a_boundary_timer_fires_at_its_time_and_once(world: World) -> None:
    world.deploy(models.simple())
    world.submit()
    assert jobs.run_due(world.platform) == 0
    world.pass_time("PT5H")
    jobs.run_due(world.platform)
    assert world.open_tasks() == ["chase", "review"]
    work = world.work("timer.fire")[0]
    assert work.state == "done"
    assert not jobs.run(world.platform, work.id)
    with world.platform.transaction(SYSTEM) as ctx:
        timers.fire(ctx, work)
    assert world.open_tasks() == ["chase", "review"]


def test_a_closed_timer_does_not_fire(world: World) -> None:
    world.deploy(models.simple())
    world.submit()
    world.complete("clerk", "review", "RETURN")
    world.pass_time("PT5H")
    assert jobs.run_due(world.platform) == 0
    assert world.open_tasks() == []


def test_a_suspended_leg_is_not_timed_and_wakes_when_resumed(world: World) -> None:
    world.deploy(models.simple())
    leg = world.submit()
    with world.platform.transaction(SYSTEM) as ctx:
        cases.suspend(ctx, leg.id, "test")
    world.pass_time("PT5H")
    jobs.run_due(world.platform)
    assert world.open_tasks() == ["review"]
    with world.platform.transaction(SYSTEM) as ctx:
        cases.resume(ctx, leg.id)
    jobs.run_due(world.platform)
    assert world.open_tasks() == ["chase", "review"]


def test_the_ladder_is_raised_for_an_open_task_only(world: World) -> None:
    world.deploy(models.simple())
    world.submit()
    assert [(step.data["kind"], step.data["level"]) for step in world.work("deadline.step")][-3:] == [
        ("URGE", 2),
        ("SUPERVISE", 1),
        ("CONFER", 1),
    ]
    world.pass_time("3wd")
    jobs.run_due(world.platform)
    raised = world.count("ladder_steps")
    assert raised >= 2
    world.complete("clerk", "review", "RETURN")
    world.pass_time("9wd")
    jobs.run_due(world.platform)
    assert world.count("ladder_steps") == raised
