"""``lianban demo`` as a person starts it: processes of its own, a real socket."""

from __future__ import annotations

import contextlib
import http.client
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path

START_SECONDS = 120.0


class Served:
    """``lianban demo`` as a process group of its own."""

    def __init__(self, home: Path) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = int(probe.getsockname()[1])
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

    def stop(self) -> None:
        if self._process is not None and self._process.poll() is None:
            self._process.terminate()
            self._process.wait(30)
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
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=5)
        with contextlib.suppress(OSError, http.client.HTTPException), contextlib.closing(connection):
            connection.request("GET", "/readyz")
            with connection.getresponse() as response:
                return response.status == 200
        return False
