"""The background process: ticks promote due work, workers do it. Any number of nodes may run it on one database."""

from __future__ import annotations

import dataclasses
import signal
import threading
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Final

import structlog
from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.schedulers.base import BaseScheduler

from bootstrap.container import Platform
from bootstrap.settings import Settings
from bootstrap.waking import Waker, promote_due
from domain.outbox.work import LOOK
from scheduler import housekeeping, promote
from scheduler.worker import Worker, threads_of

log = structlog.get_logger(__name__)
TICK_SECONDS: Final = 0.25
"""The least between two promotions of the clockwork: what becomes due within is promoted together."""
PROMOTE: Final = "promote"
SWEEP_SECONDS: Final = 3
HOUSEKEEPING_SECONDS: Final = 3600
SEAL_SECONDS: Final = 20
"""Between two sealings of reads and of acts outside of cases."""
SPARE_CONNECTIONS: Final = 5
"""Of the process beside one for each of the workers' threads: ticks, waking, sweeping, housekeeping."""


def run(
    platform: Platform | None = None,
    stop: threading.Event | None = None,
    *,
    queues: Sequence[str] | None = None,
    ticks: bool = True,
) -> None:
    """Run until ``stop`` is set; as a program of its own until SIGINT or SIGTERM.

    ``queues``: those of the settings unless given. Without ``ticks`` the process only does work that others promote (a worker).
    """
    ending = stop or threading.Event()
    if platform is not None:
        _run(platform, ending, queues, ticks=ticks)
        return
    for sign in (signal.SIGINT, signal.SIGTERM):
        signal.signal(sign, lambda *_: ending.set())
    opened = Platform.open(with_connections(Settings.from_environment(), queues))
    try:
        _run(opened, ending, queues, ticks=ticks)
    finally:
        opened.close()


def with_connections(settings: Settings, queues: Sequence[str] | None) -> Settings:
    """Enough database connections for all threads: they are made when needed, and one too few would fail a job."""
    chosen = settings if queues is None else dataclasses.replace(settings, queues=tuple(queues))
    needed = sum(threads_of(chosen).values()) + SPARE_CONNECTIONS
    overflow = max(settings.pool_overflow, needed - settings.pool_size)
    return dataclasses.replace(chosen, pool_overflow=overflow)


def _run(platform: Platform, ending: threading.Event, queues: Sequence[str] | None, *, ticks: bool) -> None:
    chosen = platform.settings if queues is None else dataclasses.replace(platform.settings, queues=tuple(queues))
    threads = threads_of(chosen)
    waker = Waker(platform)
    worker = Worker(platform, threads=threads)
    clockwork = _clockwork(platform) if ticks else None
    waker.start()
    worker.start()
    if clockwork is not None:
        clockwork.start()
    log.info("scheduler.started", ticks=ticks, threads=threads)
    try:
        ending.wait()
    finally:
        if clockwork is not None:
            clockwork.shutdown(wait=False)
        worker.stop()
        waker.stop()
        log.info("scheduler.stopped")


def _clockwork(platform: Platform) -> BackgroundScheduler:
    """While nothing is due the promoter only looks when something will be, and is there at that moment."""
    duties: dict[str, tuple[float, Callable[[], object]]] = {
        PROMOTE: (LOOK.total_seconds(), lambda: look(clockwork, platform)),
        "sweep": (SWEEP_SECONDS, lambda: promote.sweep(platform)),
        "seal": (SEAL_SECONDS, lambda: housekeeping.seal(platform)),
        "anchor": (platform.settings.anchor_every.total_seconds(), lambda: housekeeping.anchor(platform)),
        "housekeeping": (HOUSEKEEPING_SECONDS, lambda: housekeeping.run(platform)),
    }
    clockwork = BackgroundScheduler(
        timezone="UTC",
        executors={"default": ThreadPoolExecutor(len(duties))},
        job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None},
    )
    for name, (seconds, duty) in duties.items():
        clockwork.add_job(_calmly(name, duty), "interval", seconds=seconds, id=name)
    return clockwork


def look(clockwork: BaseScheduler, platform: Platform) -> None:
    """Promote what is due; look again in :data:`TICK_SECONDS` when there was something, else when the next is due, at most :data:`LOOK`."""
    ahead = promote_due(platform)
    if ahead is not None and ahead < LOOK.total_seconds():
        pause = timedelta(seconds=max(ahead, TICK_SECONDS))
        clockwork.modify_job(PROMOTE, next_run_time=datetime.now(UTC) + pause)


def _calmly(name: str, call: Callable[[], object]) -> Callable[[], None]:
    """A tick that fails (the database is away) is logged once until it works again; the next tick tries anew."""
    failing = False

    def tick() -> None:
        nonlocal failing
        try:
            call()
            failing = False
        except Exception as error:  # noqa: BLE001 -- the reason does not matter: the next tick tries again
            if not failing:
                log.warning("tick.failed", tick=name, reason=type(error).__name__)
            failing = True

    return tick
