"""``lianban demo`` as a person starts it: processes of its own, a real socket."""

from __future__ import annotations

import contextlib
import http.client
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

from bootstrap.processes import free_port, port_is_free
from tests.support.patience import until

START_SECONDS = 240.0


class Served:
    """``lianban demo`` as a process group of its own."""

    def __init__(self, home: Path) -> None:
        self.port = free_port()
        self._home = home
        self._log = (home / "served.log").open("ab")
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "bootstrap.cli", "demo", "--port", str(self.port)],
            env={**os.environ, "LIANBAN_HOME": str(self._home)},
            stdout=self._log,
            stderr=self._log,
            start_new_session=True,
        )
        self._until_ready()

    def kill(self) -> None:
        assert self._process is not None
        os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
        until(lambda: port_is_free(self.port), "its workers outlive it")

    def stop(self) -> None:
        if self._process is not None and self._process.poll() is None:
            self._process.terminate()
            self._process.wait(120)
        self._log.close()

    def _until_ready(self) -> None:
        assert self._process is not None
        end = time.monotonic() + START_SECONDS
        while time.monotonic() < end:
            assert self._process.poll() is None, (self._home / "served.log").read_text("utf-8")
            if self._answers():
                return
            threading.Event().wait(0.2)
        raise AssertionError((self._home / "served.log").read_text("utf-8"))

    def _answers(self) -> bool:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        with contextlib.suppress(OSError, http.client.HTTPException), contextlib.closing(connection):
            connection.request("GET", "/readyz")
            with connection.getresponse() as response:
                return response.status == 200
        return False
