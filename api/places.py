"""Places at work: how many requests of a process work at once, whatever the number of its threads.

A request holds a place while it works. One that only waits (long polling) gives its place up meanwhile and takes one again before it
goes on, so that any number of waiting requests takes nothing from those that have something to do: neither a place nor a database
connection, only a thread that sleeps.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any

Application = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


class Places:
    """WSGI middleware with ``most`` places."""

    def __init__(self, application: Application, most: int) -> None:
        self._application = application
        self._free = threading.Semaphore(most)

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        """Answer at a place; what is streamed afterwards needs none."""
        with self._free:
            return self._application(environ, start_response)

    @contextmanager
    def left(self) -> Iterator[None]:
        """Somebody else may work at this request's place until the end of the block."""
        self._free.release()
        try:
            yield
        finally:
            self._free.acquire()
