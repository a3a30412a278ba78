"""Processes: a child that cannot outlive us, locks between processes, and who works in a folder."""

from __future__ import annotations

import ctypes
import fcntl
import gc
import os
import secrets
import signal
import socket
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final, TextIO

import psutil

GARBAGE = 20_000
"""New objects before the collector looks for cycles: a step makes a few thousand, and hardly any are in one."""
_SERVERS: Final = range(20_000, 32_768)
"""Linux gives connections 32768 and above (ip_local_port_range), others 49152 and above."""
_TRIES: Final = 50
_PR_SET_PDEATHSIG = 1
_LIBC = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None


def die_with_parent(sign: signal.Signals) -> Callable[[], None]:
    """A ``preexec_fn``: the kernel sends ``sign`` to the child when we die, however we die (Linux only).

    The C library is loaded before the fork; the child does nothing but one system call.
    """
    parent = os.getpid()

    def ask() -> None:
        if _LIBC is not None:
            _LIBC.prctl(_PR_SET_PDEATHSIG, int(sign))
            if os.getppid() != parent:  # we died between fork and prctl
                os._exit(1)

    return ask


class FileLock:
    """An advisory lock that ends with the process that holds it, however it ends."""

    def __init__(self, file: TextIO, kind: int) -> None:
        self._file = file
        self._kind = kind

    def wait(self) -> None:
        """Take the lock, however long that takes."""
        fcntl.flock(self._file, self._kind)

    def try_now(self) -> bool:
        """Take the lock when it is free; whether it is held."""
        try:
            fcntl.flock(self._file, self._kind | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True


@contextmanager
def file_lock(path: Path, *, shared: bool = False) -> Iterator[FileLock]:
    """A lock on ``path``, not yet taken; released at the end of the block."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a", encoding="ascii") as file:
        yield FileLock(file, fcntl.LOCK_SH if shared else fcntl.LOCK_EX)


def processes_in(folder: Path) -> list[psutil.Process]:
    """Living processes whose working directory is ``folder``: PostgreSQL processes stay in their data folder."""
    wanted = str(folder.resolve())
    found = []
    for process in psutil.process_iter():
        try:
            if process.cwd() == wanted and process.status() != psutil.STATUS_ZOMBIE:
                found.append(process)
        except (psutil.Error, OSError):
            continue
    return found


def free_port() -> int:
    """A TCP port on 127.0.0.1 that nothing uses now, below those from which systems take the near ends of connections.

    A server that keeps such a port finds it again after a restart: no connection can have been given it meanwhile.
    """
    for _ in range(_TRIES):
        port = _SERVERS.start + secrets.randbelow(len(_SERVERS))
        if port_is_free(port):
            return port
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def port_is_free(port: int, host: str = "127.0.0.1") -> bool:
    """Whether a server could listen there now."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
        return True


def follow_parent(sign: signal.Signals = signal.SIGTERM) -> None:
    """Ask the kernel to send ``sign`` to this process when its parent ends (Linux only)."""
    if _LIBC is not None:
        _LIBC.prctl(_PR_SET_PDEATHSIG, int(sign))


def settle_memory() -> None:
    """What the application is made of lives as long as the process: the garbage collector need not look at it with every request."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(GARBAGE, 20, 50)
