"""A limit for a whole conversation: socket timeouts bound one read each, so a server that drips could hold a worker for ever."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress


@contextmanager
def cut_off(seconds: float, find_socket: Callable[[], socket.socket | None]) -> Iterator[threading.Event]:
    """After so many seconds the conversation's socket is shut down, and whoever reads gets an error. The event tells that it was cut."""
    was_cut = threading.Event()

    def cut() -> None:
        was_cut.set()
        with suppress(OSError, AttributeError):
            found = find_socket()
            if found is not None:
                found.shutdown(socket.SHUT_RDWR)

    timer = threading.Timer(seconds, cut)
    timer.daemon = True
    timer.start()
    try:
        yield was_cut
    finally:
        timer.cancel()
