"""What only a real socket shows: bodies that are too large, wrong or abandoned, sent to a served deployment."""

from __future__ import annotations

import contextlib
import http.client
import json
import socket
from collections.abc import Iterator

import pytest

from tests.journeys.http_person import HttpPerson, Refused
from tests.journeys.served import Served

pytestmark = [pytest.mark.network, pytest.mark.slow, pytest.mark.timeout(300)]

MEGABYTE = 1024 * 1024


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    server = Served(tmp_path_factory.mktemp("served"))
    server.start()
    yield server
    server.stop()


@pytest.mark.parametrize("megabytes", [2, 10, 30])
def test_a_caller_that_writes_first_reads_why_its_body_is_too_large(served: Served, megabytes: int) -> None:
    designer = HttpPerson(served.port, "designer")
    with pytest.raises(Refused) as refused:
        designer.post("/definitions/check", {"xml": "x" * megabytes * MEGABYTE})
    assert refused.value.status == 413
    assert refused.value.problem["code"] == "too-large"
    assert refused.value.problem["detail"]
    assert designer.get("/session")["user"]["login"] == "designer"


def test_a_stranger_reads_the_refusal_after_writing_ten_megabytes(served: Served) -> None:
    body = json.dumps({"login": "x" * 10 * MEGABYTE}).encode()
    with contextlib.closing(http.client.HTTPConnection("127.0.0.1", served.port, timeout=30)) as connection:
        connection.request("POST", "/api/v1/session", body, {"Content-Type": "application/json"})
        with connection.getresponse() as answer:
            assert answer.status in {403, 413}
            assert answer.headers["Content-Type"].startswith("application/problem+json")
            assert json.loads(answer.read())["next"]


def test_a_body_in_chunks_is_read_whole(served: Served) -> None:
    designer = HttpPerson(served.port, "designer")
    chunks = iter([b'{"xml": "<def', b"initions/>", b'"}'])
    answer = designer.send("POST", "/definitions/check", chunks, {"Content-Type": "application/json"})
    assert not answer["deployable"]


def test_a_body_in_chunks_is_bounded_too(served: Served) -> None:
    designer = HttpPerson(served.port, "designer")
    chunks = iter([b'{"xml": "', *[b"x" * MEGABYTE] * 10, b'"}'])
    headers = {"Content-Type": "application/json"}
    with pytest.raises(Refused) as refused:
        designer.send("POST", "/definitions/check", chunks, headers)
    assert refused.value.status == 413


def test_a_caller_that_goes_away_harms_nobody(served: Served) -> None:
    for _ in range(8):
        with socket.create_connection(("127.0.0.1", served.port), timeout=10) as line:
            line.sendall(b"POST /api/v1/session HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n")
            line.sendall(b"Content-Length: 5000000\r\n\r\n" + b"x" * 1000)
    assert HttpPerson(served.port, "designer").get("/session")["user"]["login"] == "designer"
