"""The queue's worker in a thread of its own, kept alive: one that stops is started again."""

from __future__ import annotations

import asyncio
import threading
from typing import Final

import procrastinate
import structlog

from bootstrap.container import Platform
from scheduler import jobs
from scheduler.promote import DEAD_SECONDS, HEARTBEAT_SECONDS, QUEUE, TASK

log = structlog.get_logger(__name__)
POLL_SECONDS: Final = 1.0
"""How often the worker looks without having been notified."""
GRACE_SECONDS: Final = 15
FIRST_PAUSE: Final = 0.5
LONGEST_PAUSE: Final = 15.0


class Worker:
    """Runs the queue's jobs with ``concurrency`` threads until ``stop``; reconnects by itself."""

    def __init__(self, platform: Platform, *, concurrency: int) -> None:
        self._platform = platform
        self._concurrency = concurrency
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
            try:
                asyncio.run(self._run())
                pause = FIRST_PAUSE
            except Exception as error:  # noqa: BLE001 -- whatever stopped it: log, wait, start again
                log.warning("worker.stopped", reason=type(error).__name__, restart_in=pause)
            self._ending.wait(pause)
            pause = min(pause * 2, LONGEST_PAUSE)

    async def _run(self) -> None:
        app = make_app(self._platform)
        async with app.open_async():
            self._loop = asyncio.get_running_loop()
            self._running = asyncio.ensure_future(
                app.run_worker_async(
                    queues=[QUEUE],
                    concurrency=self._concurrency,
                    install_signal_handlers=False,
                    fetch_job_polling_interval=POLL_SECONDS,
                    shutdown_graceful_timeout=GRACE_SECONDS,
                    update_heartbeat_interval=HEARTBEAT_SECONDS,
                    stalled_worker_timeout=DEAD_SECONDS,
                    delete_jobs="always",
                )
            )
            if self._ending.is_set():
                self._running.cancel()
            try:
                await self._running
            except asyncio.CancelledError:
                if not self._ending.is_set():
                    raise


def make_app(platform: Platform) -> procrastinate.App:
    """The queue over the deployment's database, with its only task."""
    url = platform.sql.url.set(drivername="postgresql").render_as_string(hide_password=False)
    connector = procrastinate.PsycopgConnector(
        conninfo=url, kwargs={"application_name": "lianban-worker"}, min_size=1, max_size=4
    )
    app = procrastinate.App(connector=connector)

    @app.task(name=TASK, queue=QUEUE, pass_context=False)
    def work(work_id: int) -> None:
        jobs.run(platform, work_id)

    return app
