"""The web server of a node: granian with its workers, stopped in order: first out of the load balancer, then out of work."""

from __future__ import annotations

import multiprocessing
import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any, Final

from granian.constants import Interfaces
from granian.log import LogLevels
from granian.server.mp import MPServer

from bootstrap.settings import Settings

LOGGING: Final = {"loggers": {"_granian": {"handlers": [], "propagate": True}}}
"""What the server has to say stands in our log, a line of JSON like all others."""


class DrainingServer(MPServer):
    """Answers on for ``delay`` after SIGTERM or SIGINT while ``/readyz`` says 503; a second signal stops at once."""

    def __init__(self, *args: Any, drain: Callable[[], bool], delay: timedelta, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._drain = drain
        self._delay = delay.total_seconds()
        self._leaving = False

    def signal_handler_interrupt(self, *args: Any, **kwargs: Any) -> None:
        """What granian calls on SIGTERM and SIGINT."""
        stop: Callable[..., None] = super().signal_handler_interrupt
        if self._leaving:
            stop(*args, **kwargs)
            return
        self._leaving = True
        told_now = self._drain()
        if not told_now or not self._delay:
            stop(*args, **kwargs)
            return
        timer = threading.Timer(self._delay, stop)
        timer.daemon = True
        timer.start()


def serve_web(settings: Settings, drain: Callable[[], bool]) -> None:
    """Serve until a signal. Workers are new processes, not forks: this one has threads (heartbeats, the health port)."""
    multiprocessing.set_start_method("spawn", force=True)
    DrainingServer(
        "bootstrap.worker:load",
        factory=True,
        address=settings.host,
        port=settings.port,
        interface=Interfaces.WSGI,
        workers=settings.web_workers,
        blocking_threads=settings.web_threads
        + settings.poll_waiters,  # those who wait sleep; granian starts them as needed
        respawn_failed_workers=True,
        workers_kill_timeout=int(settings.drain_limit.total_seconds()),
        websockets=False,
        log_level=LogLevels.warning,
        log_dictconfig=LOGGING,
        drain=drain,
        delay=settings.drain_delay,
    ).serve()
