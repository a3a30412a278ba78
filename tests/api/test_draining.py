"""What is read away of a body nobody wanted: all of it, but never more than the bounds."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable
from itertools import count
from typing import Any

import pytest

from api.draining import CHUNK, Draining


def careless(_environ: dict[str, Any], _start: Callable[..., Any]) -> Iterable[bytes]:
    """An application that answers without reading."""
    return [b"no"]


def asked(body: io.BytesIO, **more: str) -> dict[str, Any]:
    return {"wsgi.input": body, **more}


def nobody(*_: Any) -> None:
    """Nobody listens to the status."""


@pytest.mark.parametrize(("length", "left_unread"), [(0, 0), (10, 0), (3 * CHUNK, 0), (9 * CHUNK, 5 * CHUNK)])
def test_what_was_left_is_read_up_to_the_bound(length: int, left_unread: int) -> None:
    body = io.BytesIO(b"x" * length)
    assert Draining(careless, most=4 * CHUNK)(asked(body, CONTENT_LENGTH=str(length)), nobody) == [b"no"]
    assert len(body.read()) == left_unread


def test_a_slow_caller_is_cut_off() -> None:
    clock = count(step=6)
    body = io.BytesIO(b"x" * 100 * CHUNK)
    drained = Draining(careless, most=100 * CHUNK, seconds=10.0, now=lambda: next(clock))
    drained(asked(body, CONTENT_LENGTH=str(100 * CHUNK)), nobody)
    assert len(body.read()) == 98 * CHUNK


def test_a_body_in_chunks_gets_its_length() -> None:
    seen: list[tuple[str, bytes]] = []

    def curious(environ: dict[str, Any], _start: Callable[..., Any]) -> Iterable[bytes]:
        seen.append((environ["CONTENT_LENGTH"], environ["wsgi.input"].read()))
        return []

    Draining(curious, most=CHUNK)(asked(io.BytesIO(b"abc"), HTTP_TRANSFER_ENCODING="chunked"), nobody)
    assert seen == [("3", b"abc")]


def test_a_slow_body_in_chunks_is_never_cut_short() -> None:
    seen: list[int] = []

    def curious(environ: dict[str, Any], _start: Callable[..., Any]) -> Iterable[bytes]:
        seen.append(len(environ["wsgi.input"].read()))
        return []

    clock = count(step=60)
    body = io.BytesIO(b"x" * 3 * CHUNK)
    slow = Draining(curious, most=9 * CHUNK, seconds=10.0, now=lambda: next(clock))
    slow(asked(body, HTTP_TRANSFER_ENCODING="chunked"), nobody)
    assert seen == [3 * CHUNK]


def test_a_caller_that_has_gone_is_no_failure() -> None:
    class Gone(io.BytesIO):
        def read(self, _size: int | None = -1, /) -> bytes:
            raise ConnectionResetError

    assert list(Draining(careless, most=CHUNK)(asked(Gone(), CONTENT_LENGTH="5"), nobody)) == [b"no"]


def test_what_the_application_has_read_is_not_waited_for_again() -> None:
    class Connection(io.BytesIO):
        """A body that is the connection itself: reading beyond what was sent waits for ever."""

        def read(self, size: int | None = -1) -> bytes:
            assert self.tell() < 5, "would wait for ever"
            return super().read(size)

    def attentive(environ: dict[str, Any], start_response: Any) -> list[bytes]:
        del start_response
        return [environ["wsgi.input"].read(5)]

    assert list(Draining(attentive, most=CHUNK)(asked(Connection(b"hello"), CONTENT_LENGTH="5"), nobody)) == [b"hello"]
