"""Queues by kind: due work goes to the queue of its kind, many rows in few jobs, and slow kinds never hold up timers."""

import threading
from datetime import timedelta

import pytest
from sqlalchemy import text

from bootstrap import waking
from bootstrap.container import Platform
from bootstrap.waking import Waker, promote
from domain.actors import SYSTEM
from domain.outbox import work
from domain.outbox.promotion import LARGEST_BATCH, queue_name
from domain.outbox.work import DUE_NOW, MESSAGE, NOTICE, QUEUES, SERVICE, TIMER, NewWork, Outside
from scheduler import main
from tests.support.patience import PATIENCE_SECONDS as SECONDS
from tests.support.world import World


def _add(platform: Platform, queue: str, count: int, kind: str = "test.good", later: int = 0) -> None:
    with platform.transaction(SYSTEM) as ctx:
        due_at = ctx.clock.now() + timedelta(seconds=later)
        work.add(ctx, [NewWork(kind, f"{queue}-{number}", due_at, queue=queue) for number in range(count)])


def _jobs(platform: Platform) -> list[tuple[str, int]]:
    """Taken out of the queue: (queue, number of rows) of each job."""
    with platform.transaction(SYSTEM) as ctx:
        query = "delete from procrastinate_jobs returning id, queue_name, jsonb_array_length(args -> 'ids') as size"
        return sorted((row.queue_name, row.size) for row in ctx.session.execute(text(query)))


def test_due_work_goes_to_the_queue_of_its_kind(world: World) -> None:
    for queue in QUEUES:
        _add(world.platform, queue, 1)
        _add(world.platform, queue, 1, later=3600)
    _add(world.platform, "unheard-of", 1)
    assert promote(world.platform) == len(QUEUES) + 1
    assert _jobs(world.platform) == sorted([*((queue_name(queue), 1) for queue in QUEUES), (queue_name(TIMER), 1)])


def test_a_job_carries_many_timers_but_one_call_of_a_service(world: World) -> None:
    _add(world.platform, TIMER, 400)
    _add(world.platform, MESSAGE, 16)
    _add(world.platform, SERVICE, 3)
    assert promote(world.platform) == 419
    sizes = _jobs(world.platform)
    assert [size for queue, size in sizes if queue == queue_name(TIMER)] == [LARGEST_BATCH] * 8
    assert [size for queue, size in sizes if queue == queue_name(MESSAGE)] == [2] * 8
    assert [size for queue, size in sizes if queue == queue_name(SERVICE)] == [1] * 3


def test_a_commit_wakes_the_promoter_of_its_own_process(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(waking, "ENDING_SECONDS", SECONDS)
    waker = Waker(world.platform)
    waker.start()
    _add(world.platform, TIMER, 1)
    waker.stop()
    assert _jobs(world.platform) == [(queue_name(TIMER), 1)]


def test_work_that_is_not_due_wakes_nobody(world: World) -> None:
    told: list[dict[str, object]] = []
    world.platform.after_commit.append(told.append)
    _add(world.platform, TIMER, 1, later=3600)
    _add(world.platform, TIMER, 1)
    assert [DUE_NOW in info for info in told] == [False, True]


@pytest.mark.network
@pytest.mark.slow
def test_slow_services_and_notices_hold_up_no_timer(world: World) -> None:
    slow, timer, go = threading.Barrier(17), threading.Event(), threading.Event()

    def call(*_: object) -> None:
        slow.wait(SECONDS)
        go.wait(SECONDS)

    outside = Outside(call, lambda *_: None)
    world.with_handlers(jobs={"test.slow": lambda *_: outside, "test.good": lambda *_: timer.set()})
    stop = threading.Event()
    runner = threading.Thread(target=main.run, args=(world.platform, stop))
    runner.start()
    try:
        _add(world.platform, SERVICE, 20, "test.slow")
        _add(world.platform, NOTICE, 20, "test.slow")
        slow.wait(SECONDS)
        _add(world.platform, TIMER, 1)
        assert timer.wait(SECONDS)
    finally:
        slow.abort()
        go.set()
        stop.set()
        runner.join(SECONDS)
    assert not runner.is_alive()
