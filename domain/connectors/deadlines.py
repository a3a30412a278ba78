"""A limit for a whole conversation: socket timeouts bound one read each, so a server that drips could hold a worker for ever."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Final

_AGAIN_SECONDS: Final = 0.2


@contextmanager
def cut_off(seconds: float, find_socket: Callable[[], socket.socket | None]) -> Iterator[threading.Event]:
    """After so many seconds the conversation's socket is shut down, and whoever reads gets an error. The event tells that it was cut.

    A socket that is only made after that time is shut down too.
    """
    was_cut, ended = threading.Event(), threading.Event()

    def cut() -> None:
        if ended.wait(seconds):
            return
        was_cut.set()
        while True:
            with suppress(OSError, AttributeError):
                found = find_socket()
                if found is not None:
                    found.shutdown(socket.SHUT_RDWR)
            if ended.wait(_AGAIN_SECONDS):
                return

    threading.Thread(target=cut, name="cut-off", daemon=True).start()
    try:
        yield was_cut
    finally:
        ended.set()
