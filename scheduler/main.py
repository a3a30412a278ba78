"""The scheduler process: ticks promote due work, a worker does it. Any number of nodes may run it on one database."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable
from typing import Any, Final

import structlog
from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.schedulers.background import BackgroundScheduler

from bootstrap.container import Platform
from bootstrap.settings import Settings
from domain.outbox.work import DUE_NOW
from scheduler import housekeeping, promote
from scheduler.worker import Worker

log = structlog.get_logger(__name__)
TICK_SECONDS: Final = 0.25
SWEEP_SECONDS: Final = 5
HOUSEKEEPING_SECONDS: Final = 3600


def run(platform: Platform | None = None, stop: threading.Event | None = None) -> None:
    """Run until ``stop`` is set; as a program of its own until SIGINT or SIGTERM."""
    ending = stop or threading.Event()
    if platform is not None:
        _run(platform, ending)
        return
    for sign in (signal.SIGINT, signal.SIGTERM):
        signal.signal(sign, lambda *_: ending.set())
    opened = Platform.open(Settings.from_environment())
    try:
        _run(opened, ending)
    finally:
        opened.close()


def _run(platform: Platform, ending: threading.Event) -> None:
    wake = threading.Event()

    def nudge(info: dict[str, Any]) -> None:
        if info.get(DUE_NOW):
            wake.set()

    platform.after_commit.append(nudge)
    ticks = BackgroundScheduler(
        timezone="UTC",
        executors={"default": ThreadPoolExecutor(2)},
        job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None},
    )
    ticks.add_job(wake.set, "interval", seconds=TICK_SECONDS, id="tick")
    ticks.add_job(_calmly("sweep", lambda: promote.sweep(platform)), "interval", seconds=SWEEP_SECONDS, id="sweep")
    ticks.add_job(
        _calmly("housekeeping", lambda: housekeeping.run(platform)),
        "interval",
        seconds=HOUSEKEEPING_SECONDS,
        id="house",
    )
    worker = Worker(platform, concurrency=platform.settings.job_concurrency)
    worker.start()
    ticks.start()
    log.info("scheduler.started", tick_seconds=TICK_SECONDS)
    step = _calmly("promote", lambda: promote.promote(platform))
    try:
        while not ending.is_set():
            if wake.wait(TICK_SECONDS * 4):
                wake.clear()
                step()
    finally:
        ticks.shutdown(wait=False)
        worker.stop()
        platform.after_commit.remove(nudge)
        log.info("scheduler.stopped")


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
