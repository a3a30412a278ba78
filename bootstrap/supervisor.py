"""A small supervisor: starts children, restarts the fallen with growing pauses, leaves none behind."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import structlog

from bootstrap.nodes.folder import start_draining
from bootstrap.postgres import Cluster
from bootstrap.processes import die_with_parent
from bootstrap.settings import Settings

log = structlog.get_logger(__name__)

GRACE_SECONDS = 5
"""How long a child may take to go after SIGTERM beyond LIANBAN_DRAIN_LIMIT, in which it ends what it is doing."""
FIRST_PAUSE_SECONDS = 0.5
LONGEST_PAUSE_SECONDS = 30.0
HEALTHY_SECONDS = 20
"""A child that lived this long starts again with the first pause."""
GIVE_UP_AFTER = 6
"""Falls in a row, each sooner than HEALTHY_SECONDS."""
_TICK_SECONDS = 0.2


@dataclass
class Child:
    """A child process to keep alive."""

    name: str
    command: Sequence[str]
    process: subprocess.Popen[bytes] | None = None
    started: float = 0.0
    falls: int = 0
    start_after: float = 0.0

    def start(self, environment: dict[str, str]) -> None:
        """Start it as the leader of its own process group; the kernel ends it when we die."""
        self.started = time.monotonic()
        self.process = subprocess.Popen(  # noqa: S603 -- our own command line
            list(self.command),
            env=environment,
            stdin=subprocess.DEVNULL,
            start_new_session=True,
            preexec_fn=die_with_parent(signal.SIGTERM),  # noqa: PLW1509 -- one system call, see there
        )

    def signal_group(self, sign: signal.Signals) -> None:
        """Signal the child and everything it started."""
        if self.process is not None:
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(self.process.pid, sign)


def lianban(*arguments: str) -> list[str]:
    """The command of another ``lianban`` process under the same Python."""
    return [sys.executable, "-m", "bootstrap.cli", *arguments]


@dataclass
class Supervisor:
    """Runs until SIGINT, SIGTERM or :meth:`stop`. ``run`` returns the exit code."""

    settings: Settings
    children: list[Child]
    cluster: Cluster | None = None
    on_ready: Callable[[], bool] = lambda: True
    folder: Path | None = None
    _ending: threading.Event = field(default_factory=threading.Event)
    _failed: bool = False

    def stop(self, *_: object) -> None:
        """End the run (also the signal handler)."""
        self._ending.set()

    def run(self) -> int:
        """Start all, watch all, stop all."""
        before = {sign: signal.signal(sign, self.stop) for sign in (signal.SIGINT, signal.SIGTERM)}
        environment = self.settings.child_environment(self.folder)
        ready = False
        try:
            for child in self.children:
                child.start(environment)
            while not self._ending.wait(_TICK_SECONDS):
                self._watch_database()
                for child in self.children:
                    self._watch(child, environment)
                ready = ready or self.on_ready()
            self._drain(environment)
        finally:
            self._stop_children()
            for sign, handler in before.items():
                signal.signal(sign, handler)
        return 1 if self._failed else 0

    def _drain(self, environment: dict[str, str]) -> None:
        """Let the load balancer find another node before anything stops; a second signal ends the wait."""
        if self.folder is None or self._failed or not start_draining(self.folder):
            return
        log.info("node.draining", delay_seconds=self.settings.drain_delay.total_seconds())
        self._ending.clear()
        end = time.monotonic() + self.settings.drain_delay.total_seconds()
        while time.monotonic() < end and not self._ending.wait(_TICK_SECONDS):
            for child in self.children:
                self._watch(child, environment)

    def _watch_database(self) -> None:
        if self.cluster is not None and not self.cluster.started_here() and not self.cluster.is_running():
            log.warning("postgres.restarting")
            self.cluster.start()

    def _watch(self, child: Child, environment: dict[str, str]) -> None:
        if child.process is None:
            if time.monotonic() >= child.start_after:
                child.start(environment)
            return
        code = child.process.poll()
        if code is None:
            return
        child.signal_group(signal.SIGKILL)  # what the fallen left in its group
        lived = time.monotonic() - child.started
        child.falls = 1 if lived > HEALTHY_SECONDS else child.falls + 1
        child.process = None
        if child.falls >= GIVE_UP_AFTER:
            log.error("child.given_up", child=child.name, exit_code=code, falls=child.falls)
            self._failed = True
            self.stop()
            return
        pause = min(FIRST_PAUSE_SECONDS * 2 ** (child.falls - 1), LONGEST_PAUSE_SECONDS)
        child.start_after = time.monotonic() + pause
        log.warning("child.ended", child=child.name, exit_code=code, restart_in_seconds=pause)

    def _stop_children(self) -> None:
        """Ask each to finish, then insist."""
        alive = [child for child in self.children if child.process is not None]
        for child in alive:
            if child.process is not None:
                child.process.send_signal(signal.SIGTERM)
        deadline = time.monotonic() + self.settings.drain_limit.total_seconds() + GRACE_SECONDS
        for child in alive:
            if child.process is not None:
                with suppress(subprocess.TimeoutExpired):
                    child.process.wait(max(0.0, deadline - time.monotonic()))
                child.signal_group(signal.SIGKILL)
                child.process.wait()
