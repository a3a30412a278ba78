"""The health port: a small server of its own that answers probes and the collector of metrics while the work goes on."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Final

import orjson

from bootstrap.errors import PortTaken
from bootstrap.nodes.readiness import STARTING, Readiness
from bootstrap.settings import Settings

_IDLE_SECONDS: Final = 5
_RETRY_SECONDS: Final = 2


@dataclass(frozen=True, slots=True)
class Answer:
    """What a probe gets."""

    status: int
    body: bytes
    media_type: str = "application/json"


Probe = Callable[[], Answer]


def alive() -> Answer:
    """The process answers."""
    return Answer(200, orjson.dumps({"status": "ok"}))


def readiness_probe(readiness: Readiness, started: Callable[[], bool] = lambda: True) -> Probe:
    """``/readyz`` over a readiness; not ready before the process tree has ``started``."""

    def probe() -> Answer:
        verdict = readiness.check()
        if verdict.ready and not started():
            verdict = STARTING
        return Answer(200 if verdict.ready else 503, orjson.dumps({"status": verdict.code}))

    return probe


@contextmanager
def health_port(settings: Settings, probes: Mapping[str, Probe]) -> Iterator[int | None]:
    """Answer GET of these paths on LIANBAN_HEALTH_PORT during the block; nothing when it is not set."""
    if settings.health_port is None:
        yield None
        return
    try:
        server = _Server((settings.health_host, settings.health_port), _handler(probes))
    except OSError as error:
        raise PortTaken(
            f"健康检查端口 {settings.health_port} 无法使用：{error.strerror}。",
            f"The health port {settings.health_port} cannot be used: {error.strerror}.",
            next_zh="请结束占用它的程序，或修改 LIANBAN_HEALTH_PORT。",
            next_en="Stop the program that uses it, or change LIANBAN_HEALTH_PORT.",
        ) from None
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.2}, name="health", daemon=True)
    thread.start()
    try:
        yield settings.health_port
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 16

    def handle_error(self, request: object, client_address: object) -> None:
        """A caller that hung up is nobody's error."""
        del request, client_address


def _handler(probes: Mapping[str, Probe]) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        timeout = _IDLE_SECONDS

        def do_GET(self) -> None:
            probe = probes.get(self.path.partition("?")[0])
            answer = probe() if probe else Answer(404, b"{}")
            self.send_response(answer.status)
            self.send_header("Content-Type", answer.media_type)
            self.send_header("Content-Length", str(len(answer.body)))
            self.send_header("Cache-Control", "no-store")
            if answer.status == 503:  # noqa: PLR2004
                self.send_header("Retry-After", str(_RETRY_SECONDS))
            self.end_headers()
            self.wfile.write(answer.body)

        def version_string(self) -> str:
            return "lianban"

        def log_message(self, *_: object) -> None:
            """Probes come every few seconds and are not worth a line."""

    return Handler
