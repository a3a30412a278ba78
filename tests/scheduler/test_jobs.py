"""Work is done exactly once; a failure rolls back, is tried again, then waits for an administrator; the queue runs it."""

import threading
from typing import Any

import pytest
from sqlalchemy import text

from bootstrap.container import Platform
from domain.actors import SYSTEM
from domain.cases import service as cases
from domain.context import Context
from domain.outbox import work
from domain.outbox.models import Work
from domain.outbox.work import NewWork
from scheduler import jobs, main, promote
from tests.support import models
from tests.support.patience import PATIENCE_SECONDS as SECONDS
from tests.support.world import World


def _add(world: World, kind: str, **place: Any) -> int:
    with world.platform.transaction(SYSTEM) as ctx:
        work.add(ctx, [NewWork(kind, "thing", ctx.clock.now(), **place)])
    return world.work(kind)[-1].id


def _poison(ctx: Context, item: Work) -> None:
    ctx.session.execute(text("update items set name = 'half done'"))
    raise RuntimeError(item.kind)


def test_a_failing_job_leaves_nothing_behind_and_becomes_an_incident(world: World) -> None:
    world.deploy(models.simple())
    leg = world.submit()
    world.with_handlers(jobs={"test.poison": _poison})
    work_id = _add(world, "test.poison", case_id=leg.case_id, leg_id=leg.id)
    for _ in range(5):
        jobs.run_due(world.platform)
        world.pass_time("PT1H")
    item = world.work("test.poison")[0]
    assert (item.state, item.attempts, item.last_error) == ("failed", 5, "RuntimeError")
    with world.platform.transaction(SYSTEM) as ctx:
        assert ctx.session.execute(text("select name from items")).scalar_one() == "测试事项"
    incident = world.incidents()[0]
    assert (incident.work_id, incident.attempts) == (work_id, 5)
    world.with_handlers(jobs={"test.poison": lambda *_: None})
    with world.platform.transaction(SYSTEM) as ctx:
        cases.retry_incident(ctx, incident.id)
    jobs.run_due(world.platform)
    assert world.work("test.poison")[0].state == "done"
    assert world.incidents() == []


def test_a_poison_job_stops_nothing_else(world: World) -> None:
    done: list[int] = []
    world.with_handlers(jobs={"test.poison": _poison, "test.good": lambda _, item: done.append(item.id)})
    _add(world, "test.poison")
    _add(world, "test.unknown")
    good = _add(world, "test.good")
    jobs.run_due(world.platform)
    assert done == [good]


def test_two_workers_do_a_job_once(world: World) -> None:
    done: list[int] = []
    world.with_handlers(jobs={"test.good": lambda _, item: done.append(item.id)})
    item = _add(world, "test.good")
    threads = [threading.Thread(target=jobs.run, args=(world.platform, item)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert done == [item]


def test_promotion_hands_each_row_to_the_queue_once(world: World) -> None:
    _add(world, "test.good")
    assert promote.promote(world.platform) == 1
    assert promote.promote(world.platform) == 0
    with world.platform.transaction(SYSTEM) as ctx:
        rows = ctx.session.execute(text("select task_name, args from procrastinate_jobs")).all()
        assert [(row.task_name, row.args) for row in rows] == [
            ("lianban.work", {"ids": [world.work("test.good")[0].id]})
        ]
        ctx.session.execute(text("delete from procrastinate_jobs"))
    assert promote.sweep(world.platform, age_seconds=0) == 1
    assert promote.promote(world.platform) == 1
    with world.platform.transaction(SYSTEM) as ctx:
        ctx.session.execute(text("delete from procrastinate_jobs"))


@pytest.mark.network
@pytest.mark.slow
def test_the_scheduler_does_due_work_by_itself(world: World) -> None:
    arrived = threading.Event()
    world.with_handlers(jobs={"test.good": lambda *_: arrived.set()})
    stop = threading.Event()
    runner = threading.Thread(target=main.run, args=(world.platform, stop))
    runner.start()
    try:
        _add(world, "test.good")
        assert arrived.wait(SECONDS)
    finally:
        stop.set()
        runner.join(SECONDS)
    assert not runner.is_alive()
    assert _settled(world.platform)


def _settled(platform: Platform) -> bool:
    with platform.transaction(SYSTEM) as ctx:
        return ctx.session.execute(text("select bool_and(state = 'done') from work")).scalar_one() is True
