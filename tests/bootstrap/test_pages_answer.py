"""The health port of a node with pages: ready when a worker answers, not when the port is bound."""

from __future__ import annotations

import json
import socket
import threading
from pathlib import Path
from typing import Any

import pytest

from bootstrap.nodes import pages
from bootstrap.nodes.health import Answer, readiness_probe
from bootstrap.nodes.readiness import Readiness, Verdict
from bootstrap.settings import Settings

pytestmark = pytest.mark.network


class Always(Readiness):
    """The database answers."""

    def __init__(self) -> None: ...

    def check(self) -> Verdict:
        return Verdict("ready")


def told(answer: Answer) -> tuple[int, Any]:
    return answer.status, json.loads(answer.body)["status"]


def test_a_node_is_ready_when_its_pages_answer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pages, "WAIT_SECONDS", 0.2)
    with socket.socket() as port:
        port.bind(("127.0.0.1", 0))
        settings = Settings(home=tmp_path, host="0.0.0.0", port=port.getsockname()[1])  # noqa: S104 -- asked at 127.0.0.1
        probe = readiness_probe(Always(), pages.PagesAnswer(settings))
        assert told(probe()) == (503, "starting"), "bound, but nobody listens"
        port.listen()
        assert told(probe()) == (503, "starting"), "it listens, but no worker answers"

        def answer() -> None:
            for _ in range(2):  # the first is the question that got no answer
                line, _ = port.accept()
                with line:
                    line.recv(1000)
                    line.sendall(b"HTTP/1.1 404 Not Found\r\n\r\n")

        monkeypatch.setattr(pages, "WAIT_SECONDS", 30)
        worker = threading.Thread(target=answer)
        worker.start()
        assert told(probe()) == (200, "ready")
        worker.join()
    assert told(probe()) == (200, "ready"), "a worker that is started again is no reason to be taken out"
