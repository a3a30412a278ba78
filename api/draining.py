"""Hears a caller out before answering: what the application left unread of a body is read away, up to a bound.

A server that answers while the caller still writes closes the connection under it; a caller that writes all before it reads
(most HTTP libraries) then sees a broken pipe instead of the problem document that says why (RFC 9112 §9.6 asks the server to
read on for this reason). A body larger than the bound is cut off: nobody may keep a worker busy with reading for ever.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from tempfile import SpooledTemporaryFile
from typing import Any

CHUNK = 64 * 1024


class Counted:
    """A body that knows how much of it was read: some servers hand out the connection itself, and reading on would wait for ever."""

    def __init__(self, body: Any) -> None:
        self._body = body
        self.taken = 0

    def read(self, size: int = -1) -> bytes:
        """As the body does."""
        return self._count(self._body.read(size))

    def readline(self, size: int = -1) -> bytes:
        """As the body does."""
        return self._count(self._body.readline(size))

    def readlines(self, hint: int = -1) -> list[bytes]:
        """As the body does."""
        return [self._count(line) for line in self._body.readlines(hint)]

    def __iter__(self) -> Iterator[bytes]:
        for line in self._body:
            yield self._count(line)

    def _count(self, data: bytes) -> bytes:
        self.taken += len(data)
        return data


@dataclass(frozen=True, slots=True)
class Draining:
    """WSGI middleware. ``most`` bytes and ``seconds`` bound what is read away; ``now`` gives monotonic seconds."""

    application: Callable[..., Iterable[bytes]]
    most: int
    seconds: float = 10.0
    now: Callable[[], float] = time.monotonic

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        """Answer as the application does, after reading away what it left."""
        length = _length(environ)
        if length is None and environ.get("HTTP_TRANSFER_ENCODING"):
            return self._collected(environ, start_response)
        body = environ["wsgi.input"] = Counted(environ["wsgi.input"])
        answer = self.application(environ, start_response)
        if length:
            self._drain(body, length - body.taken)
        return answer

    def _collected(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        """A body in chunks, whose length nobody has said: collect it, so that the limits on lengths hold for it as well.

        A slow one is waited for like any other body; one that is cut at ``most`` is beyond every limit and refused for it.
        """
        with SpooledTemporaryFile(max_size=CHUNK) as body:
            for chunk in _chunks(environ["wsgi.input"], self.most):
                body.write(chunk)
            length = body.tell()
            body.seek(0)
            environ.update({"wsgi.input": body, "CONTENT_LENGTH": str(length)})
            del environ["HTTP_TRANSFER_ENCODING"]
            return list(self.application(environ, start_response))

    def _drain(self, body: Any, left: int) -> None:
        end = self.now() + self.seconds
        for _ in _chunks(body, min(self.most, left)):
            if self.now() >= end:
                return


def _chunks(body: Any, left: int) -> Iterator[bytes]:
    while left > 0:
        try:
            chunk = body.read(min(CHUNK, left))
        except OSError:
            return  # the caller has gone: nobody waits for the answer
        if not chunk:
            return
        left -= len(chunk)
        yield chunk


def _length(environ: dict[str, Any]) -> int | None:
    text = str(environ.get("CONTENT_LENGTH") or "")
    return int(text) if text.isascii() and text.isdigit() else None
