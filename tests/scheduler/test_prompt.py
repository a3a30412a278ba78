"""Workers are told of each job at once, forget no notice, and start anew when their line breaks or another node pruned them."""

import asyncio
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest
from procrastinate import App
from procrastinate.testing import InMemoryConnector
from procrastinate.worker import Worker as LibraryWorker
from sqlalchemy import text

from bootstrap import waking
from bootstrap.container import Platform
from bootstrap.waking import Waker, promote
from domain.actors import SYSTEM
from domain.outbox import work
from domain.outbox.work import MESSAGE, SERVICE, TIMER, NewWork
from scheduler import worker
from scheduler.prompt import PromptWorker
from scheduler.worker import Worker
from tests.support.patience import PATIENCE_SECONDS as SOON
from tests.support.world import World


@pytest.fixture(autouse=True)
def no_polling(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever is told of a job at all was not found by looking again and again."""
    monkeypatch.setattr(worker, "POLL_SECONDS", 100 * SOON)
    monkeypatch.setattr(waking, "ENDING_SECONDS", SOON)


def _add(platform: Platform, queue: str = TIMER, seconds: float = 0) -> None:
    with platform.transaction(SYSTEM) as ctx:
        due_at = ctx.clock.now() + timedelta(seconds=seconds)
        work.add(ctx, [NewWork("test.good", "it", due_at, queue=queue)])


@contextmanager
def _working(world: World, started: Callable[[], object]) -> Iterator[None]:
    world.with_handlers(jobs={"test.good": lambda *_: started()})
    working = Worker(world.platform, threads={TIMER: 1, MESSAGE: 1, SERVICE: 1})
    working.start()
    try:
        yield
    finally:
        working.stop()


def test_a_notice_that_comes_during_a_fetch_is_followed_by_another(monkeypatch: pytest.MonkeyPatch) -> None:
    fetches: list[int] = []

    async def fetch(self: PromptWorker) -> None:
        fetches.append(len(fetches))
        if len(fetches) < 3:
            self.tell()
        self._new_job_event.clear()  # as the library does after each fetch

    monkeypatch.setattr(LibraryWorker, "_fetch_and_process_jobs", fetch)

    async def run() -> None:
        await PromptWorker(App(connector=InMemoryConnector()))._fetch_and_process_jobs()

    asyncio.run(run())
    assert fetches == [0, 1, 2]


@pytest.mark.network
def test_workers_of_all_queues_hear_of_their_jobs(world: World) -> None:
    done = threading.Semaphore(0)
    with _working(world, done.release):
        for queue in (TIMER, MESSAGE, SERVICE) * 3:
            _add(world.platform, queue)
            assert promote(world.platform) == 1
            assert done.acquire(timeout=SOON)


@pytest.mark.network
@pytest.mark.parametrize(
    "harm",
    [
        "select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'lianban-listener' and datname = current_database()",
        "delete from procrastinate_workers",
    ],
    ids=["line-broken", "pruned"],
)
def test_workers_start_anew(world: World, harm: str) -> None:
    done = threading.Semaphore(0)
    with _working(world, done.release):
        _add(world.platform)
        promote(world.platform)
        assert done.acquire(timeout=SOON)
        with world.platform.sql.begin() as connection:
            connection.execute(text("set local role none"))  # the role that runs may not end connections of others
            connection.execute(text(harm))
        _add(world.platform)
        promote(world.platform)
        assert done.acquire(timeout=SOON)


@pytest.mark.network
def test_work_that_is_due_in_a_moment_is_promoted_by_the_process_that_made_it(world: World) -> None:
    done = threading.Event()
    waker = Waker(world.platform)
    waker.start()
    try:
        with _working(world, done.set):
            _add(world.platform, seconds=0.2)
            assert done.wait(SOON)
    finally:
        waker.stop()
