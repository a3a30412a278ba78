"""The queue's workers in a thread of their own, one per queue, kept alive: when one stops all are started again."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Final

import procrastinate
import structlog

from bootstrap.container import CONNECT_SECONDS, DEAD_PEER, Platform
from bootstrap.settings import Settings
from domain.outbox.promotion import TASK, queue_name
from domain.outbox.work import BATCH, NOTICE, SERVICE
from scheduler import batches
from scheduler.prompt import PromptWorker, beat, listen

log = structlog.get_logger(__name__)
POLL_SECONDS: Final = 30.0
"""How often a worker looks without having been told of a job: the last resort."""
GRACE_SECONDS: Final = 15
FIRST_PAUSE: Final = 0.5
LONGEST_PAUSE: Final = 15.0


def threads_of(settings: Settings) -> dict[str, int]:
    """Threads of each queue that this process serves."""
    slow = settings.service_concurrency
    special = {SERVICE: slow, NOTICE: slow, BATCH: 1}
    return {queue: special.get(queue, settings.job_concurrency) for queue in settings.queues}


class Worker:
    """Runs the jobs of some queues, each with threads of its own, until ``stop``; reconnects by itself."""

    def __init__(self, platform: Platform, *, threads: Mapping[str, int]) -> None:
        self._platform = platform
        self._threads = threads
        self._ending = threading.Event()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._running: asyncio.Task[None] | None = None
        self._thread = threading.Thread(target=self._keep_running, name="worker", daemon=True)

    def start(self) -> None:
        """Start the thread."""
        self._thread.start()

    def stop(self) -> None:
        """Let running jobs end, take no new ones, wait."""
        self._ending.set()
        if self._loop is not None and self._running is not None:
            self._loop.call_soon_threadsafe(self._running.cancel)
        self._thread.join(GRACE_SECONDS + 5)

    def _keep_running(self) -> None:
        pause = FIRST_PAUSE
        while not self._ending.is_set():
            began = time.monotonic()
            try:
                asyncio.run(self._run())
                pause = FIRST_PAUSE
            except Exception as error:  # noqa: BLE001 -- whatever stopped it: log, wait, start again
                if time.monotonic() - began > LONGEST_PAUSE:
                    pause = FIRST_PAUSE  # it had worked: what stopped it is new
                log.warning("worker.stopped", reason=type(error).__name__, restart_in=pause)
            self._ending.wait(pause)
            pause = min(pause * 2, LONGEST_PAUSE)

    async def _run(self) -> None:
        app = make_app(self._platform)
        self._loop = asyncio.get_running_loop()
        self._loop.set_default_executor(ThreadPoolExecutor(sum(self._threads.values()) + 1, thread_name_prefix="job"))
        async with app.open_async():
            self._running = asyncio.ensure_future(self._serve_all(app))
            if self._ending.is_set():
                self._running.cancel()
            try:
                await self._running
            except asyncio.CancelledError:
                if not self._ending.is_set():
                    raise

    async def _serve_all(self, app: procrastinate.App) -> None:
        """A worker per queue. The first that ends, for whatever reason, ends the others: then all start anew together."""
        silence = self._platform.settings.takeover.total_seconds()
        workers = {queue_name(queue): _worker(app, queue, count, silence) for queue, count in self._threads.items()}
        options = {"application_name": "lianban-listener", "connect_timeout": CONNECT_SECONDS, **DEAD_PEER}
        duties = [worker.run() for worker in workers.values()]  # type: ignore[no-untyped-call]  # the library's
        running = [
            asyncio.ensure_future(duty)
            for duty in (*duties, beat(app, workers, silence), listen(_address(self._platform), options, workers))
        ]
        try:
            await asyncio.wait(running, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in running:
                task.cancel()
            results = await asyncio.gather(*running, return_exceptions=True)
        for result in results:
            if isinstance(result, Exception):
                raise result


def _worker(app: procrastinate.App, queue: str, count: int, silence: float) -> PromptWorker:
    return PromptWorker(
        app,
        queues=[queue_name(queue)],
        name=queue,
        concurrency=count,
        install_signal_handlers=False,
        fetch_job_polling_interval=POLL_SECONDS,
        shutdown_graceful_timeout=GRACE_SECONDS,
        stalled_worker_timeout=silence,
        delete_jobs="always",
    )


def _address(platform: Platform) -> str:
    return platform.sql.url.set(drivername="postgresql").render_as_string(hide_password=False)


def make_app(platform: Platform) -> procrastinate.App:
    """The queue over the deployment's database, with its only task."""
    connector = procrastinate.PsycopgConnector(
        conninfo=_address(platform), kwargs={"application_name": "lianban-worker"}, min_size=1, max_size=4
    )
    app = procrastinate.App(connector=connector)

    @app.task(name=TASK, pass_context=False)
    def work(ids: list[int]) -> None:
        batches.run(platform, ids)

    return app
