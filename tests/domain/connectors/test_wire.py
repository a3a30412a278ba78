import gzip
import socket
import threading
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler

import pytest

from domain.connectors.addresses import read_url
from domain.connectors.errors import AnswerTooLong, AnswerUnreadable, CallNotTrusted, CallTimedOut, CallUnreachable
from domain.connectors.wire import Answer, Limits, Request, Trust, exchange
from tests.domain.connectors.conftest import Authority, Counter

pytestmark = pytest.mark.network
Start = Callable[..., Counter]
LONG = 100.0
"""More than a test that hangs may take: an exchange that ends before was ended by the other limit."""

USUAL = Limits()
NOBODY = Trust()


def call(url: str, method: str = "GET", limits: Limits = USUAL, trust: Trust = NOBODY, **more: str) -> Answer:
    return exchange(
        Request(method, read_url(url), "127.0.0.1", {"X-Own": "1", "Host": "evil", **more}, b"", limits, trust)
    )


def test_the_host_is_named_and_the_address_is_pinned(counter: Start) -> None:
    served = counter()
    answer = call(served.url("/a?b=c", host="far.example.cn"))
    assert (answer.status, answer.body) == (200, b"{}")
    seen = served.seen[0]
    assert (seen.method, seen.path, seen.headers["host"]) == ("GET", "/a?b=c", f"far.example.cn:{served.port}")
    assert seen.headers["x-own"] == "1"
    assert "python" not in str(seen.headers).lower()


def test_tls_is_verified_against_the_name_of_the_url(counter: Start, authority: Authority) -> None:
    served = counter(tls=True)
    ours = Trust(ca_file=str(authority.ca))
    assert call(served.url(host="localhost"), trust=ours).status == 200
    assert call(served.url(host="localhost"), trust=Trust(ca_pem=authority.ca.read_text())).status == 200
    with pytest.raises(CallNotTrusted):
        call(served.url(host="localhost"))
    with pytest.raises(CallNotTrusted):
        call(served.url(host="other.example.cn"), trust=ours)
    assert len(served.seen) == 2


def test_a_plain_server_behind_https_is_no_answer(counter: Start) -> None:
    served = counter()
    with pytest.raises(CallNotTrusted):
        call(f"https://localhost:{served.port}/")


def test_a_redirect_is_an_answer_and_not_a_journey(counter: Start) -> None:
    served = counter()
    served.answers(302, b"", Location="http://169.254.169.254/latest/meta-data")
    assert call(served.url()).status == 302
    assert len(served.seen) == 1


def test_silence_ends_at_the_read_limit(counter: Start) -> None:
    served, free = counter(), threading.Event()
    served.act = lambda _handler: free.wait(LONG) and None
    began = time.monotonic()
    with pytest.raises(CallTimedOut):
        call(served.url(), limits=Limits(read_seconds=0.2, total_seconds=LONG))
    assert time.monotonic() - began < LONG
    free.set()


@pytest.mark.parametrize("place", ["headers", "body"])
def test_a_drip_ends_at_the_total_limit(counter: Start, place: str) -> None:
    served, free = counter(), threading.Event()

    def drip(handler: BaseHTTPRequestHandler) -> None:
        if place == "body":
            handler.send_response(200)
            handler.send_header("Content-Length", "100000")
            handler.end_headers()
        while not free.wait(0.02):
            handler.wfile.write(b"x")
            handler.wfile.flush()

    served.act = drip
    with pytest.raises(CallTimedOut):
        call(served.url(), limits=Limits(read_seconds=LONG, total_seconds=0.5))
    free.set()


def test_a_huge_answer_is_not_read_to_its_end(counter: Start) -> None:
    served, written = counter(), []

    def flood(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.send_header("Content-Length", str(1 << 30))
        handler.end_headers()
        for _ in range(1 << 14):
            handler.wfile.write(b"x" * 65_536)
            written.append(65_536)

    served.act = flood
    with pytest.raises(AnswerTooLong):
        call(served.url(), limits=Limits(most_bytes=100_000))
    assert sum(written) < 64 << 20


def test_a_bomb_is_defused(counter: Start) -> None:
    served = counter()
    served.answers(200, gzip.compress(b"\x00" * (64 << 20)), Content_Encoding="gzip")
    with pytest.raises(AnswerTooLong):
        call(served.url(), limits=Limits(most_bytes=1_000_000))
    served.answers(200, gzip.compress(b'{"a": 1}'), Content_Encoding="gzip")
    assert call(served.url()).body == b'{"a": 1}'
    served.answers(200, b"this was never packed", Content_Encoding="gzip")
    with pytest.raises(AnswerUnreadable):
        call(served.url())


def test_an_answer_that_breaks_off_is_no_answer(counter: Start) -> None:
    served = counter()

    def stop(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.send_header("Content-Length", "100")
        handler.end_headers()
        handler.wfile.write(b"half")

    served.act = stop
    with pytest.raises(CallUnreachable):
        call(served.url())
    served.act = lambda handler: handler.wfile.write(b"SSH-2.0-OpenSSH\r\n\r\n") and None
    with pytest.raises((CallUnreachable, AnswerUnreadable)):
        call(served.url())
    served.act = lambda handler: handler.wfile.write(b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 500 + b"\r\n") and None
    with pytest.raises((CallUnreachable, AnswerUnreadable)):
        call(served.url())


def test_nobody_there() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        with pytest.raises(CallUnreachable):
            call(f"http://127.0.0.1:{taken.getsockname()[1]}/")


def test_through_a_proxy_by_tunnel_to_the_pinned_address(counter: Start, authority: Authority) -> None:
    served, asked = counter(tls=True), []
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def proxy() -> None:
            near, _ = listening.accept()
            head = b""
            while b"\r\n\r\n" not in head:
                head += near.recv(4096)
            asked.append(head.decode())
            far = socket.create_connection(("127.0.0.1", served.port))
            near.sendall(b"HTTP/1.1 200 OK\r\n\r\n")

            def carry(source: socket.socket, target: socket.socket) -> None:
                try:
                    while piece := source.recv(65_536):
                        target.sendall(piece)
                except OSError:
                    pass
                target.close()

            back = threading.Thread(target=carry, args=(far, near), daemon=True)
            back.start()
            carry(near, far)
            back.join(60)
            near.close()

        running = threading.Thread(target=proxy, daemon=True)
        running.start()
        place = read_url(served.url(host="localhost"))
        trust = Trust(ca_file=str(authority.ca))
        there = f"http://me:pa%20ss@127.0.0.1:{listening.getsockname()[1]}"
        answer = exchange(Request("GET", place, "127.0.0.1", {}, b"", Limits(), trust, there))
        running.join(60)
    assert answer.status == 200
    assert asked[0].startswith(f"CONNECT 127.0.0.1:{served.port} HTTP/1.0\r\n")
    assert "Basic bWU6cGEgc3M=" in asked[0]
    assert served.seen[0].headers["host"] == f"localhost:{served.port}"
