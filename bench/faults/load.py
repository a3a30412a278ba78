"""People at work over HTTP: whoever gets no answer asks another node again, with the same key."""

from __future__ import annotations

import contextlib
import json
import queue
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from http.client import HTTPConnection, HTTPException  # noqa: TID251 -- the bench is a client
from typing import Any

from sqlalchemy import text

from bench.faults.nodes import Node, wait
from bench.faults.people import Login, World, open_timer_case
from bootstrap import training
from bootstrap.container import Platform
from bootstrap.errors import PostgresNotReachable
from bootstrap.script import ITEM, SCRIPT, application
from domain.actors import SYSTEM
from domain.clock import CHINA
from domain.errors import Busy

PAPER = b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"
BOUNDARY = "lianban-faults"
PATIENCE_SECONDS = 180.0
ACTS = {act.element: act for act in SCRIPT if not act.silence}
ASK = next(act for act in SCRIPT if act.action == "SUPPLEMENT")
_OPEN = text(
    """
    select t.id, t.element_id, t.role, t.case_id, s.code as site, c.applicant_user_id, c.supplement_rounds
    from tasks t join cases c on c.id = t.case_id join sites s on s.id = t.site_id
    where t.state = 'open' and c.item_code = :item order by t.opened_at
    """
)


class Failed(Exception):
    """A request that nobody could do in the time that people have."""


@dataclass
class Accepted:
    """What the nodes said they had done. ``surprises``: answers that no fault explains."""

    applications: dict[str, str] = field(default_factory=dict)
    """Idempotency key → case number."""
    tasks: dict[str, str] = field(default_factory=dict)
    """Task id → log-in that completed it."""
    surprises: list[str] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)
    times: list[float] = field(default_factory=list)


class Client:
    """One pair of hands: connections to all nodes."""

    def __init__(self, nodes: list[Node], accepted: Accepted, number: int) -> None:
        self._nodes = nodes
        self._accepted = accepted
        self._at = number
        self._connection: HTTPConnection | None = None

    def ask(self, login: Login, method: str, path: str, body: bytes | None, headers: dict[str, str]) -> tuple[int, Any]:
        """Ask until somebody answers for good. Raises :class:`Failed`."""
        ends = time.monotonic() + PATIENCE_SECONDS
        sent = {"Cookie": f"lianban_session={login.token}", "X-CSRF-Token": login.csrf, **headers}
        while time.monotonic() < ends:
            began = time.monotonic()
            try:
                status, content = self._once(method, path, body, sent)
            except (OSError, HTTPException, ValueError):
                self._accepted.counts["no answer"] += 1
                self._next_node()
                continue
            if status in (429, 502, 503):
                self._accepted.counts[f"{status} {content.get('code', '')}"] += 1
                wait(0.3)
                self._next_node()
                continue
            if method == "POST":
                self._accepted.times.append(time.monotonic() - began)
            return status, content
        raise Failed(f"{method} {path}")

    def act(self, login: Login, path: str, body: Any, key: str) -> tuple[int, Any]:
        """A POST with its idempotency key."""
        headers = {"Content-Type": "application/json", "Idempotency-Key": key}
        return self.ask(login, "POST", path, json.dumps(body).encode(), headers)

    def upload(self, login: Login, name: str) -> str:
        """A file's id. A file that was stored twice is nobody's case."""
        head = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\n\r\n'
        body = head.encode() + PAPER + f"\r\n--{BOUNDARY}--\r\n".encode()
        status, content = self.ask(
            login, "POST", "/files", body, {"Content-Type": f"multipart/form-data; boundary={BOUNDARY}"}
        )
        if status not in (200, 201):
            raise Failed(f"upload: {status} {content}")
        return str(content["id"])

    def _once(self, method: str, path: str, body: bytes | None, headers: dict[str, str]) -> tuple[int, Any]:
        if self._connection is None:
            node = self._nodes[self._at % len(self._nodes)]
            self._connection = HTTPConnection("127.0.0.1", node.port, timeout=8)
        try:
            self._connection.request(method, f"/api/v1{path}", body, headers)
            with self._connection.getresponse() as response:
                return response.status, json.loads(response.read() or b"null")
        except BaseException:
            self._connection.close()
            self._connection = None
            raise

    def close(self) -> None:
        """Hang up."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _next_node(self) -> None:
        self.close()
        self._at += 1
        if self._at % len(self._nodes) == 0:
            wait(0.2)


@dataclass
class Load:
    """So many cases of the household move, from application to archive, by so many hands."""

    platform: Platform
    world: World
    nodes: list[Node]
    hands: int
    open_most: int = 40
    accepted: Accepted = field(default_factory=Accepted)
    closed: int = 0
    applied: int = 0
    _queue: queue.Queue[Any] = field(default_factory=queue.Queue)
    _taken: set[str] = field(default_factory=set)
    _now: datetime = field(default_factory=lambda: datetime.now(CHINA))
    _ending: threading.Event = field(default_factory=threading.Event)

    def run(self, cases: range, seconds: float, on_progress: Any) -> bool:
        """Do these cases; whether all came to their end in time. ``on_progress`` hears the share of their tasks that is done."""
        threads = [threading.Thread(target=self._work, args=(number,), daemon=True) for number in range(self.hands)]
        self._ending = threading.Event()
        for thread in threads:
            thread.start()
        ends = time.monotonic() + seconds
        goal, next_case = self.closed + len(cases), iter(cases)
        before, whole = len(self.accepted.tasks), max(1, len(self.accepted.tasks) // max(1, self.closed)) * len(cases)
        waiting = self.applied
        while self.closed < goal and time.monotonic() < ends:
            with contextlib.suppress(PostgresNotReachable, Busy):
                self._look()
            while waiting - self.closed < self.open_most:
                number = next(next_case, None)
                if number is None:
                    break
                waiting += 1
                self._queue.put(number)
            on_progress(min(1.0, (len(self.accepted.tasks) - before) / whole))
            wait(0.25)
        self._ending.set()
        for thread in threads:
            thread.join(PATIENCE_SECONDS)
        return self.closed >= goal

    def advance(self, amount: str) -> None:
        """Let the training clock jump, so that reminders fall due all at once."""
        while True:
            with contextlib.suppress(PostgresNotReachable, Busy):
                with self.platform.transaction(SYSTEM) as ctx:
                    training.advance(ctx, amount)
                return
            wait(0.5)

    def _look(self) -> None:
        """Who has what to do now: a look at the database; all acts go over HTTP."""
        with self.platform.transaction(SYSTEM) as ctx:
            self._now = ctx.clock.now()
            found = ctx.session.execute(_OPEN, {"item": ITEM}).all()
            query = text("select count(*) from cases where item_code = :item and closed_at is not null")
            self.closed = int(ctx.session.execute(query, {"item": ITEM}).scalar_one())
        for row in found:
            if row.id not in self._taken:
                self._taken.add(row.id)
                self._queue.put(row)

    def _work(self, number: int) -> None:
        with contextlib.closing(Client(self.nodes, self.accepted, number)) as client:
            self._hand(client)

    def _hand(self, client: Client) -> None:
        while not self._ending.is_set():
            try:
                job = self._queue.get(timeout=0.3)
            except queue.Empty:
                continue
            try:
                if isinstance(job, int):
                    self._apply(client, job)
                else:
                    self._complete(client, job)
            except Failed as error:
                self.accepted.surprises.append(f"nobody answered: {error}")
            except Exception as error:  # noqa: BLE001 -- reported as what it is, the others go on
                self.accepted.surprises.append(f"{type(error).__name__}: {error}")

    def _apply(self, client: Client, number: int) -> None:
        parent, child = self.world.families[number]
        login = self.world.logins[parent.login]
        body: dict[str, Any] = {"itemCode": ITEM, "data": application(parent, child), "materials": []}
        status, content = client.act(login, "/applications", body, f"look-{number:08}")
        if status == 422:
            missing = [error["pointer"].rpartition("/")[2] for error in content["errors"]]
            body["materials"] = [{"code": code, "fileId": client.upload(login, f"{code}.pdf")} for code in missing]
            status, content = client.act(login, "/applications", body, f"apply-{number:07}")
        if status not in (200, 201):
            self.accepted.surprises.append(
                f"application {number}: {status} {content.get('code')} {content.get('detailEn')}"
            )
            return
        self.accepted.applications[f"apply-{number:07}"] = content["caseNo"]
        self.applied += 1
        self._timers(number)

    def _timers(self, number: int) -> None:
        while True:
            with contextlib.suppress(PostgresNotReachable, Busy):
                open_timer_case(self.platform, number)
                return
            wait(0.3)

    def _complete(self, client: Client, row: Any) -> None:
        asks = (
            row.element_id == "acceptance"
            and row.applicant_user_id in self.world.supplementing
            and row.supplement_rounds == 0
        )
        act = ASK if asks else ACTS[row.element_id]
        logins = self._performers(row)
        for name in logins:
            login = self.world.logins[name]
            status, detail = client.ask(login, "GET", f"/tasks/{row.id}", None, {})
            if status != 200:
                self.accepted.surprises.append(f"task {row.element_id}: {status} {detail.get('code')}")
                return
            if detail["mayClaim"]:  # personal data is whole only for who has the task
                status, detail = client.act(login, f"/tasks/{row.id}/claim", {}, f"claim-{row.id}-{name}")
                if status != 200:
                    self.accepted.surprises.append(f"claiming {row.element_id}: {status} {detail.get('code')}")
                    return
            data = act.data(detail["context"], (self._now - timedelta(minutes=1)).astimezone(CHINA))
            body = {"action": act.action, "data": data, "version": detail["task"]["version"]}
            status, content = client.act(login, f"/tasks/{row.id}/complete", body, f"done-{row.id}")
            if status == 403 and content.get("code") == "separation-of-duties" and name != logins[-1]:
                continue
            if status != 200:
                said = f"{status} {content.get('code')} {content.get('detailEn')} {content.get('errors', '')}"
                self.accepted.surprises.append(f"completing {row.element_id} of case {row.case_id}: {said}")
                return
            self.accepted.tasks[row.id] = name
            return

    def _performers(self, row: Any) -> list[str]:
        if row.role == "APPLICANT":
            return [self.world.by_user[row.applicant_user_id]]
        return self.world.desks[row.site, row.role]
