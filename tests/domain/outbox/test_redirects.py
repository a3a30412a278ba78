"""A receiver that points elsewhere is not followed."""

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from domain.outbox import delivery
from domain.outbox.posting import Line, ReceiverUnreachable

pytestmark = pytest.mark.network


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_of_the_receiver_is_not_followed(status: int) -> None:
    asked: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            asked.append(self.path)
            self.send_response(status)
            self.send_header("Location", "/inside")
            self.send_header("Content-Length", "0")
            self.end_headers()

        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_response(202)
            self.send_header("Content-Length", "21")
            self.end_headers()
            self.wfile.write(b'{"state":"delivered"}')

        def log_message(self, *_: object) -> None:
            """Quiet."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        with pytest.raises(ReceiverUnreachable):
            delivery.post(Line(f"http://127.0.0.1:{server.server_port}/messages"), b"{}", "signature", "A")
        server.shutdown()
    assert asked == ["/messages"]
