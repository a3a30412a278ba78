"""Nodes as an administrator starts them: processes of their own over one database, with a health port each."""

from __future__ import annotations

import contextlib
import http.client
import os
import signal
import subprocess
import sys
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path

from bootstrap.processes import free_port

START_SECONDS = 180.0


@dataclass
class Reply:
    status: int
    headers: dict[str, str]
    body: bytes


def ask(port: int, path: str, *, headers: dict[str, str] | None = None, timeout: float = 60) -> Reply:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=timeout)
    with contextlib.closing(connection):
        connection.request("GET", path, headers={"Connection": "close", **(headers or {})})
        with connection.getresponse() as response:
            told = {name.lower(): value for name, value in response.getheaders()}
            return Reply(response.status, told, response.read())


@dataclass
class Node:
    role: str
    home: Path
    database_url: str
    extra: dict[str, str] = field(default_factory=dict)
    arguments: tuple[str, ...] = ()
    port: int = field(default_factory=free_port)
    health_port: int = field(default_factory=free_port)
    process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        self.home.mkdir(parents=True, exist_ok=True)
        with (self.home / f"{self.role}-{self.port}.log").open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "bootstrap.cli", self.role, *self.arguments],
                env={
                    **os.environ,
                    "LIANBAN_HOME": str(self.home),
                    "LIANBAN_DATABASE_URL": self.database_url.replace("+psycopg", ""),
                    "LIANBAN_PORT": str(self.port),
                    "LIANBAN_HEALTH_PORT": str(self.health_port),
                    "TMPDIR": str(self.home),
                    **self.extra,
                },
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def readiness(self, *, own_port: bool = False) -> int:
        """The status of /readyz on the health port (or the pages' own); 0 when nothing answers."""
        with contextlib.suppress(OSError, http.client.HTTPException):
            return ask(self.port if own_port else self.health_port, "/readyz").status
        return 0

    def wait_ready(self) -> None:
        end = time.monotonic() + START_SECONDS
        while self.readiness(own_port=self.role == "web") != 200:
            assert self.process is not None
            assert self.process.poll() is None, self.log()
            assert time.monotonic() < end, self.log()
            threading.Event().wait(0.1)

    def log(self) -> str:
        return (self.home / f"{self.role}-{self.port}.log").read_text("utf-8")

    def terminate(self) -> int:
        assert self.process is not None
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(120)

    def kill(self) -> None:
        if self.process is not None and self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()
