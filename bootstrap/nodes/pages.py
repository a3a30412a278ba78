"""Do the pages answer yet? A port that is bound is no web worker that has started."""

from __future__ import annotations

import socket
from contextlib import closing
from typing import Final

from bootstrap.settings import Settings

WAIT_SECONDS: Final = 1.0
"""How long one question waits at most."""
_EVERYWHERE: Final = {"0.0.0.0": "127.0.0.1", "::": "::1", "": "127.0.0.1"}  # noqa: S104 -- compared, not bound
_QUESTION: Final = b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"


class PagesAnswer:
    """True once a worker behind the pages' port has answered anything; from then on without asking again.

    A worker that ends later is started again while its neighbours serve; what ends them all ends the process tree.
    """

    def __init__(self, settings: Settings) -> None:
        self._address = (_EVERYWHERE.get(settings.host, settings.host), settings.port)
        self._answered = False

    def __call__(self) -> bool:
        """Whether they answer; at most WAIT_SECONDS for each of connecting and answering."""
        self._answered = self._answered or self._ask()
        return self._answered

    def _ask(self) -> bool:
        try:
            with closing(socket.create_connection(self._address, timeout=WAIT_SECONDS)) as line:
                line.sendall(_QUESTION)
                return line.recv(1) != b""
        except OSError:
            return False
