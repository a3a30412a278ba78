"""Nodes as processes of their own, and what happens to them: killed, frozen, wrong clocks; a database that goes away."""

from __future__ import annotations

import contextlib
import os
import random
import signal
import subprocess
import sys
import threading
import time
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException  # noqa: TID251 -- the bench is a client
from pathlib import Path

import psutil

from bootstrap.postgres import Cluster
from bootstrap.processes import die_with_parent, free_port
from bootstrap.settings import ROOT

KEY = "a key for fault tests, for nobody!"
FAKETIME = next(iter(sorted(Path("/usr/lib").glob("*/faketime/libfaketime.so.1"))), None)
FROZEN_SECONDS = 12.0
START_SECONDS = 120.0
KINDS = ("node", "scheduler", "web")
RESTARTS = ("database immediate", "database fast")
ENDLESS = 1_000_000


def wait(seconds: float) -> None:
    """Real processes are being watched; there is nothing else to wait on."""
    threading.Event().wait(seconds)


@dataclass
class Node:
    """``lianban serve`` with its own home, on the one database. Keys come by LIANBAN_DATA_KEY and LIANBAN_SECRET_KEY, as in production."""

    name: str
    home: Path
    url: str
    skew: float = 0.0
    port: int = field(default_factory=free_port)
    process: subprocess.Popen[bytes] | None = None
    frozen: bool = False

    def start(self) -> None:
        """Start all its processes."""
        self.home.mkdir(parents=True, exist_ok=True)
        with (self.home / "node.log").open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "bootstrap.cli", "serve"],
                env=self._environment(),
                cwd=self.home,
                stdout=log,
                stderr=log,
                start_new_session=True,
                preexec_fn=die_with_parent(signal.SIGTERM),  # noqa: PLW1509 -- one system call: nothing outlives a run that is killed
            )

    def family(self) -> list[psutil.Process]:
        """Its processes, the supervisor first."""
        if self.process is None:
            return []
        with contextlib.suppress(psutil.NoSuchProcess):
            root = psutil.Process(self.process.pid)
            return [root, *root.children(recursive=True)]
        return []

    def signal_all(self, sign: signal.Signals) -> None:
        """To every process of the node."""
        for each in self.family():
            with contextlib.suppress(psutil.NoSuchProcess):
                each.send_signal(sign)

    def kill(self) -> None:
        """The machine is gone: kill -9 of everything, nothing is asked."""
        family = self.family()
        self.signal_all(signal.SIGKILL)
        if self.process is not None:
            self.process.wait()
        psutil.wait_procs(family, 10)
        self.process = None

    def kill_part(self, part: str) -> None:
        """kill -9 of its web server or of its scheduler; the node's supervisor starts it again."""
        for each in self.family()[1:]:
            with contextlib.suppress(psutil.NoSuchProcess):
                if each.cmdline()[-1:] == [part]:
                    for below in each.children(recursive=True):
                        below.kill()
                    each.kill()

    def stop(self) -> None:
        """In order, as an administrator does."""
        if self.process is None:
            return
        self.signal_all(signal.SIGCONT)
        self.process.terminate()
        try:
            self.process.wait(40)
        except subprocess.TimeoutExpired:
            self.kill()
        self.process = None

    def is_ready(self) -> bool:
        """Whether it answers and reaches the database."""
        if self.process is None or self.frozen:
            return False
        connection = HTTPConnection("127.0.0.1", self.port, timeout=3)
        with contextlib.suppress(OSError, HTTPException), contextlib.closing(connection):
            connection.request("GET", "/readyz")
            with connection.getresponse() as response:
                return response.status == 200
        return False

    def _environment(self) -> dict[str, str]:
        own = {
            "PYTHONPATH": str(ROOT),
            "LIANBAN_HOME": str(self.home),
            "LIANBAN_DATABASE_URL": self.url,
            "LIANBAN_DATA_KEY": KEY,
            "LIANBAN_SECRET_KEY": KEY,
            "LIANBAN_PORT": str(self.port),
            "LIANBAN_NODE_NAME": self.name,
            "LIANBAN_TRAINING": "1",
            **{f"LIANBAN_{name}_RATE": "off" for name in ("READ", "WRITE", "SEARCH", "APPLY", "ADDRESS")},
            "LIANBAN_WEB_WORKERS": "1",
            "LIANBAN_WORKER_PROCESSES": "1",
            "LIANBAN_LOG_LEVEL": "WARNING",
            "LIANBAN_ANCHOR_EVERY": "60",  # in a run of minutes anchors belong to the load
        }
        if self.skew and FAKETIME:
            own |= {"LD_PRELOAD": str(FAKETIME), "FAKETIME": f"{self.skew:+}s", "FAKETIME_DONT_FAKE_MONOTONIC": "1"}
        elif self.skew:
            skewed = str(Path(__file__).parent / "skew")
            own |= {"PYTHONPATH": f"{skewed}{os.pathsep}{ROOT}", "CLOCK_SKEW": str(self.skew)}
        dropped = ("LIANBAN_", "PYTHONDONTWRITEBYTECODE")
        given = {name: value for name, value in os.environ.items() if not name.startswith(dropped)}
        given.setdefault(
            "PYTHONPYCACHEPREFIX", str(self.home.parent / "bytecode")
        )  # as installed: nothing is compiled at a start
        return given | own


@dataclass
class Chaos:
    """Does harm until it is told to stop. ``done`` counts by kind."""

    nodes: list[Node]
    cluster: Cluster
    kill_every: float
    database_restarts: int
    kills: int = ENDLESS
    freeze: bool = True
    seed: int = 4
    done: dict[str, int] = field(default_factory=dict)
    progress: float = 0.0
    """Share of the load that is done; the database is restarted at even shares of it, and so many ``kills`` come at even shares."""
    down_seconds: float = 0.0
    broken: str = ""
    _ending: threading.Event = field(default_factory=threading.Event)
    _finished: threading.Event = field(default_factory=threading.Event)

    def start(self) -> None:
        """Begin in a thread of its own."""
        threading.Thread(target=self._run, name="chaos", daemon=True).start()

    def stop(self) -> None:
        """No more harm; everything is up again."""
        self._ending.set()
        self._finished.wait(120)
        for node in self.nodes:
            if node.process is None or node.process.poll() is not None:
                node.start()
        if not self.broken:
            until_ready(self.nodes)

    def owes(self) -> bool:
        """Whether harm that comes at a share of the load is still to be done."""
        if self.broken or self.kills == ENDLESS:
            return False
        killed, restarts = (sum(self.done.get(kind, 0) for kind in kinds) for kinds in (KINDS, RESTARTS))
        return self._kill_is_due(killed) or self._restart_is_due(restarts)

    def _kill_is_due(self, killed: int) -> bool:
        return killed < self.kills and (self.kills == ENDLESS or self.progress > (killed + 1) / (self.kills + 2))

    def _restart_is_due(self, restarts: int) -> bool:
        return restarts < self.database_restarts and self.progress > (restarts + 1) / (self.database_restarts + 1)

    def _run(self) -> None:
        try:
            self._harm()
        except Exception as error:  # noqa: BLE001 -- told at the end: a run without harm proves nothing
            self.broken = f"{type(error).__name__}: {error}"
        self._finished.set()
        threading.Event().wait()  # the database is this thread's child, and ends with it (PR_SET_PDEATHSIG)

    def _harm(self) -> None:
        dice = random.Random(self.seed)  # noqa: S311 -- to play the same chaos again
        restarts = 0
        while not self._ending.wait(self.kill_every):
            if self._restart_is_due(restarts):
                self._restart_database(immediate=restarts % 2 == 0)
                restarts += 1
                continue
            if self.freeze and self.progress > 0.5 and "frozen" not in self.done:
                self._freeze(dice.choice(self.nodes))
                continue
            killed = sum(self.done.get(kind, 0) for kind in KINDS)
            if not self._kill_is_due(killed):
                continue
            ready = [node for node in self.nodes if node.is_ready()]
            if self.kills < ENDLESS and ready:
                self._kill(ready[killed % len(ready)], KINDS[killed % len(KINDS)])
            elif len(ready) > 1:
                self._kill(dice.choice(ready), dice.choice(("node", *KINDS)))

    def _kill(self, node: Node, what: str) -> None:
        if what == "node":
            node.kill()
            node.start()
        else:
            node.kill_part(what)
        self._count(what)

    def _freeze(self, node: Node) -> None:
        """As a virtual machine that is moved: it stands, its locks end, it wakes and believes nothing happened."""
        node.frozen = True
        node.signal_all(signal.SIGSTOP)
        self._ending.wait(FROZEN_SECONDS)
        node.signal_all(signal.SIGCONT)
        node.frozen = False
        self._count("frozen")

    def _restart_database(self, *, immediate: bool) -> None:
        """fast: sessions are cut, checkpoint. immediate: it falls as in a power cut and recovers from its log."""
        began = time.monotonic()
        if immediate:
            self.cluster._process.send_signal(signal.SIGQUIT)  # noqa: SLF001  # type: ignore[union-attr]
            self.cluster._process.wait()  # noqa: SLF001  # type: ignore[union-attr]
        else:
            self.cluster.stop()
        self.cluster.start()
        self.down_seconds += time.monotonic() - began
        self._count("database immediate" if immediate else "database fast")

    def _count(self, what: str) -> None:
        self.done[what] = self.done.get(what, 0) + 1


def until_ready(nodes: list[Node]) -> None:
    """Wait until every node serves."""
    ends = time.monotonic() + START_SECONDS
    while not all(node.is_ready() for node in nodes):
        for node in nodes:
            assert node.process is None or node.process.poll() is None, (node.home / "node.log").read_text("utf-8")[
                -3000:
            ]
        assert time.monotonic() < ends, f"not ready: {[node.name for node in nodes if not node.is_ready()]}"
        wait(0.2)
