"""Malware scan of uploads by a ClamAV daemon: the INSTREAM command of clamd(8) over its socket.

Spoken here and not by a library: the client libraries of clamd are under the GPL or no longer kept, and the exchange is one command.
"""

from __future__ import annotations

import socket
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from domain.materials.errors import ScannerNotReachable

_PIECE = 64 * 1024
_LONGEST_ANSWER = 1024
_CLEAN, _FOUND = "OK", " FOUND"


@dataclass(frozen=True, slots=True)
class Scanner:
    """A clamd at ``unix:/path`` or ``tcp:host:port``; ``seconds`` for each step of the exchange."""

    address: str
    seconds: float = 30.0

    def scan(self, content: bytes) -> str | None:
        """The name of what was found in the bytes, None when they are clean.

        Raises :class:`ScannerNotReachable` when there is no verdict: no daemon, no answer in time, or the daemon's own error
        (its StreamMaxLength must not be below the largest upload). Nothing is let through unseen.
        """
        try:
            with self._connection() as line:
                line.sendall(b"zINSTREAM\0")
                for start in range(0, len(content), _PIECE):
                    piece = content[start : start + _PIECE]
                    line.sendall(struct.pack("!L", len(piece)) + piece)
                line.sendall(struct.pack("!L", 0))
                answer = _read(line)
        except OSError as error:
            raise ScannerNotReachable from error
        verdict = answer.removeprefix("stream: ")
        if verdict == _CLEAN:
            return None
        if verdict.endswith(_FOUND):
            return verdict.removesuffix(_FOUND)
        raise ScannerNotReachable

    @contextmanager
    def _connection(self) -> Iterator[socket.socket]:
        kind, _, place = self.address.partition(":")
        if kind == "unix":
            with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as line:
                line.settimeout(self.seconds)
                line.connect(place)
                yield line
        else:
            host, _, port = place.rpartition(":")
            with socket.create_connection((host.strip("[]"), int(port)), timeout=self.seconds) as line:
                yield line


def _read(line: socket.socket) -> str:
    answer = b""
    while not answer.endswith(b"\0") and len(answer) < _LONGEST_ANSWER:
        piece = line.recv(_LONGEST_ANSWER)
        if not piece:
            break
        answer += piece
    return answer.rstrip(b"\0\n").decode("utf-8", "replace")
