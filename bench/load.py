"""The load of ``bench.complete_task``: people who complete tasks over kept-alive sockets, in a process of their own.

Requests are bytes built beforehand but for the task's id and the idempotency key, so that the client costs little of what is measured.
"""

from __future__ import annotations

import json
import secrets
import socket
import threading
import time
from http.client import HTTPConnection  # noqa: TID251 -- the bench is a client
from multiprocessing.connection import Connection
from typing import Any

PASSWORD = "Bench-pass-2026!"  # noqa: S105 -- of people who live as long as the run
Times = list[tuple[float, float]]
"""(seconds of the first, of the second request) of each instance."""


class Person:
    """Somebody logged in: one kept-alive connection with cookie and CSRF token."""

    def __init__(self, port: int, login: str, password: str = PASSWORD) -> None:
        self._headers = {"Content-Type": "application/json"}
        for method, body in (("GET", None), ("POST", {"login": login, "password": password})):
            token, cookies = self._session(port, method, body)
            self._headers |= {"X-CSRF-Token": token, "Cookie": cookies}
        self._lines = "\r\n".join(["Host: 127.0.0.1", *(f"{name}: {value}" for name, value in self._headers.items())])
        self._bodies: dict[str | None, bytes] = {}
        self._socket = socket.create_connection(("127.0.0.1", port), timeout=60)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def complete(self, task_id: str, action: str | None) -> list[dict[str, Any]]:
        """Complete a task; the tasks that follow."""
        body = self._bodies.get(action)
        if body is None:
            values = {"action": action, "data": {"note": "同意"}, "version": 1}
            body = self._bodies[action] = json.dumps(values).encode()
        head = (
            f"POST /api/v1/tasks/{task_id}/complete HTTP/1.1\r\n{self._lines}\r\n"
            f"Content-Length: {len(body)}\r\nIdempotency-Key: {secrets.token_hex(12)}\r\n\r\n"
        )
        following: list[dict[str, Any]] = json.loads(self._ask(head.encode() + body))["nextTasks"]
        return following

    def get(self, path: str) -> None:
        """Read a page's data and forget it."""
        self._ask(f"GET /api/v1{path} HTTP/1.1\r\n{self._lines}\r\n\r\n".encode())

    def _ask(self, request: bytes) -> bytes:
        self._socket.sendall(request)
        status, content = self._answer()
        if status != b"200":
            raise RuntimeError(f"{status!r}: {content[:300]!r}")
        return content

    def _answer(self) -> tuple[bytes, bytes]:
        received = b""
        while b"\r\n\r\n" not in received:
            received += self._receive()
        head, _, content = received.partition(b"\r\n\r\n")
        sizes = [line[15:] for line in head.split(b"\r\n") if line.lower().startswith(b"content-length:")]
        while len(content) < int(sizes[0]):
            content += self._receive()
        return head[9:12], content

    def _receive(self) -> bytes:
        piece = self._socket.recv(65536)
        if not piece:
            raise ConnectionResetError
        return piece

    def _session(self, port: int, method: str, body: dict[str, str] | None) -> tuple[str, str]:
        connection = HTTPConnection("127.0.0.1", port, timeout=60)
        connection.request(method, "/api/v1/session", json.dumps(body) if body else None, self._headers)
        answer = connection.getresponse()
        content = json.loads(answer.read())
        if answer.status not in (200, 201):
            raise RuntimeError(f"{answer.status}: {content}")
        given = [line.split(";", 1)[0] for line in answer.headers.get_all("Set-Cookie") or []]
        before = dict(pair.split("=", 1) for pair in self._headers.get("Cookie", "").split("; ") if pair)
        cookies = before | dict(pair.split("=", 1) for pair in given)
        return str(content["csrfToken"]), "; ".join(f"{name}={value}" for name, value in cookies.items())


def run(port: int, doors: list[Connection], control: Connection) -> None:
    """One pair of people per door. A door is asked for a new case and answers the id of its first task, None at the end.

    ``control``: says that all are logged in, waits for the word, and gives ((times, CPU seconds of this process), error) at the end.
    """
    pairs = [(Person(port, "reviewer"), Person(port, "approver")) for _ in doors]
    times: Times = []
    failures: list[str] = []

    def work(door: Connection, reviewer: Person, approver: Person) -> None:
        try:
            while (task := _ask(door)) is not None:
                begun = time.perf_counter()
                following = reviewer.complete(task, "ACCEPT")
                between = time.perf_counter()
                approver.complete(following[0]["id"], None)
                times.append((between - begun, time.perf_counter() - between))
        except Exception as error:  # noqa: BLE001 -- told to the bench
            failures.append(repr(error))
            door.close()

    control.send("ready")
    control.recv()
    used = time.process_time()
    threads = [threading.Thread(target=work, args=(door, *pair)) for door, pair in zip(doors, pairs, strict=True)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    control.send((times, time.process_time() - used, failures))


def _ask(door: Connection) -> Any:
    door.send(None)
    return door.recv()
