"""How fast people complete tasks over HTTP: a process with two user tasks, a boundary timer, a script and a gateway.

    python -m bench.complete_task [--seconds 15] [--clients 1 8] [--json]

Everything is made for the run and removed after it: an embedded PostgreSQL, a web server with two workers, log-ins. An
instance is one case: opened through the service layer (timed with it), then two tasks completed by two people over HTTP.
Statements and commits per request are counted in this process over the same application object, by SQLAlchemy's events.
"""

from __future__ import annotations

import argparse
import json
import os
import secrets
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.client import HTTPConnection  # noqa: TID251 -- the bench is a client
from pathlib import Path
from typing import Any

import psutil
from sqlalchemy import create_engine, event

from api.app import create_app
from bootstrap.container import Platform
from bootstrap.migrations import migrate
from bootstrap.postgres import Cluster
from bootstrap.settings import ROOT, Settings
from domain.actors import SYSTEM, Role
from domain.cases import runtime
from domain.cases.runtime import NewCase
from domain.context import Context
from domain.definitions import service as definitions
from domain.identity import service as identity
from domain.items.models import Item
from domain.sites import service as sites
from domain.sites.models import Site

ITEM = "bench-item"
SITE = "bench-site"
PASSWORD = "Bench-pass-2026!"  # noqa: S105 -- of people who live as long as the run
FORM = {
    "type": "default",
    "id": "bench-form",
    "components": [{"type": "textfield", "id": "Field_note", "key": "note", "label": "意见"}],
}
MODEL = """<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL"
 xmlns:zeebe="http://camunda.org/schema/zeebe/1.0" xmlns:lianban="https://lianban.org/schema/bpmn/1.0"
 id="bench" targetNamespace="bench">
 <bpmn:collaboration id="c"><bpmn:participant id="pool" name="办理机构" processRef="main">
  <bpmn:extensionElements><lianban:site role="main" source="bench-site"/></bpmn:extensionElements>
 </bpmn:participant></bpmn:collaboration>
 <bpmn:process id="main" isExecutable="true">
  <bpmn:startEvent id="start"/>
  <bpmn:userTask id="review" name="审查"><bpmn:extensionElements>
   <zeebe:userTask/><zeebe:formDefinition formId="bench-form"/>
   <zeebe:assignmentDefinition candidateGroups="RECV_CLERK"/><lianban:deadline policy="precheck"/>
   <lianban:actions><lianban:action value="ACCEPT" name="同意"/><lianban:action value="REFUSE" name="不同意"/></lianban:actions>
   <zeebe:ioMapping><zeebe:output source="=action" target="decision"/></zeebe:ioMapping>
  </bpmn:extensionElements></bpmn:userTask>
  <bpmn:boundaryEvent id="late" attachedToRef="review" cancelActivity="false">
   <bpmn:timerEventDefinition id="t"><bpmn:timeDuration>PT4H</bpmn:timeDuration></bpmn:timerEventDefinition></bpmn:boundaryEvent>
  <bpmn:endEvent id="reminded"/>
  <bpmn:scriptTask id="count" name="计算"><bpmn:extensionElements>
   <zeebe:script expression="=sum([1, 2, 3])" resultVariable="total"/></bpmn:extensionElements></bpmn:scriptTask>
  <bpmn:exclusiveGateway id="decided" default="toEnd"/>
  <bpmn:userTask id="approve" name="审批"><bpmn:extensionElements>
   <zeebe:userTask/><zeebe:formDefinition formId="bench-form"/>
   <zeebe:assignmentDefinition candidateGroups="APPROVER"/><lianban:separation from="review"/>
  </bpmn:extensionElements></bpmn:userTask>
  <bpmn:endEvent id="done"><bpmn:extensionElements><lianban:result code="0"/></bpmn:extensionElements></bpmn:endEvent>
  <bpmn:sequenceFlow id="f1" sourceRef="start" targetRef="review"/>
  <bpmn:sequenceFlow id="f2" sourceRef="late" targetRef="reminded"/>
  <bpmn:sequenceFlow id="f3" sourceRef="review" targetRef="count"/>
  <bpmn:sequenceFlow id="f4" sourceRef="count" targetRef="decided"/>
  <bpmn:sequenceFlow id="toApprove" sourceRef="decided" targetRef="approve">
   <bpmn:conditionExpression>=decision = "ACCEPT" and total = 6</bpmn:conditionExpression></bpmn:sequenceFlow>
  <bpmn:sequenceFlow id="toEnd" sourceRef="decided" targetRef="done"/>
  <bpmn:sequenceFlow id="f5" sourceRef="approve" targetRef="done"/>
 </bpmn:process></bpmn:definitions>""".encode()


@dataclass
class Result:
    """What a run with so many clients measured. ``times`` are seconds of single requests.

    ``cpu_seconds`` are those of web server and database together: the figure that other load on the machine does not spoil.
    """

    clients: int
    seconds: float = 0.0
    instances: int = 0
    cpu_seconds: float = 0.0
    times: list[float] = field(default_factory=list)

    def summary(self) -> dict[str, Any]:
        """Milliseconds and rates."""
        cuts = statistics.quantiles(self.times, n=100)
        return {
            "clients": self.clients,
            "requests": len(self.times),
            "p50Ms": round(cuts[49] * 1000, 1),
            "p95Ms": round(cuts[94] * 1000, 1),
            "instancesPerMinute": round(self.instances / self.seconds * 60),
            "cpuMsPerRequest": round(self.cpu_seconds / len(self.times) * 1000, 1),
        }


class Person:
    """Somebody logged in: one kept-alive connection with cookie and CSRF token."""

    def __init__(self, port: int, login: str) -> None:
        self._connection = HTTPConnection("127.0.0.1", port, timeout=30)
        self._headers = {"Content-Type": "application/json"}
        token, cookies = self._session("GET", None)
        self._headers |= {"X-CSRF-Token": token, "Cookie": cookies}
        token, cookies = self._session("POST", {"login": login, "password": PASSWORD})
        self._headers |= {"X-CSRF-Token": token, "Cookie": cookies}

    def complete(self, task_id: str, action: str | None) -> list[dict[str, Any]]:
        """Complete a task; the tasks that follow."""
        body = {"action": action, "data": {"note": "同意"}, "version": 1}
        headers = self._headers | {"Idempotency-Key": secrets.token_hex(12)}
        self._connection.request("POST", f"/api/v1/tasks/{task_id}/complete", json.dumps(body), headers)
        answer = self._connection.getresponse()
        content = json.loads(answer.read())
        if answer.status != 200:
            raise RuntimeError(f"{answer.status}: {content}")
        following: list[dict[str, Any]] = content["nextTasks"]
        return following

    def _session(self, method: str, body: dict[str, str] | None) -> tuple[str, str]:
        self._connection.request(method, "/api/v1/session", json.dumps(body) if body else None, self._headers)
        answer = self._connection.getresponse()
        content = json.loads(answer.read())
        if answer.status not in (200, 201):
            raise RuntimeError(f"{answer.status}: {content}")
        given = [line.split(";", 1)[0] for line in answer.headers.get_all("Set-Cookie") or []]
        before = dict(pair.split("=", 1) for pair in self._headers.get("Cookie", "").split("; ") if pair)
        cookies = before | dict(pair.split("=", 1) for pair in given)
        return str(content["csrfToken"]), "; ".join(f"{name}={value}" for name, value in cookies.items())


def prepare(ctx: Context) -> None:
    """A site, two people, the item, its form and model."""
    sites.register_regions(ctx, [("530000", "云南省", None), ("532622", "砚山县", "530000")])
    site = sites.register_site(ctx, SITE, "532622", "police", "测试机构", "测试")
    for login, role in (("reviewer", Role.RECV_CLERK), ("approver", Role.APPROVER)):
        person = identity.register_user(ctx, login, login, PASSWORD)
        identity.grant(ctx, person, role, ctx.session.get_one(Site, site.id))
    identity.register_user(ctx, "applicant", "applicant", PASSWORD, is_applicant=True)
    ctx.session.add(Item(code=ITEM, no=99, name="测试", name_en="Bench", mode="joint", definition_key=ITEM, sheet={}))
    ctx.session.flush()
    definitions.publish_form(ctx, "bench-form", FORM)
    definitions.deploy(ctx, ITEM, MODEL)


def open_case(platform: Platform) -> str:
    """A new case; the id of its first task."""
    with platform.transaction(SYSTEM) as ctx:
        leg = runtime.open_case(ctx, NewCase(ITEM, {"name": "测试"}, None))
        assert leg.advance is not None
        return leg.advance.opened_tasks[0].id


def cpu_seconds(home: Path) -> float:
    """CPU time so far of the web server's and the database's processes (those that name the run's folder or descend from us)."""
    ours = psutil.Process().children(recursive=True)
    database = [each for each in psutil.process_iter() if str(home) in " ".join(_command(each))]
    family = {each.pid: each for root in database for each in [root, *root.children(recursive=True)]}
    family |= {each.pid: each for each in ours}
    return sum(_cpu(each) for each in family.values())


def _command(process: psutil.Process) -> list[str]:
    try:
        return process.cmdline()
    except psutil.Error:
        return []


def _cpu(process: psutil.Process) -> float:
    try:
        times = process.cpu_times()
    except psutil.Error:
        return 0.0
    return float(times.user + times.system)


def run(platform: Platform, port: int, clients: int, seconds: float) -> Result:
    """So many pairs of people complete tasks one after the other for so long."""
    result, lock = Result(clients), threading.Lock()
    pairs = [(Person(port, "reviewer"), Person(port, "approver")) for _ in range(clients)]
    ends = time.perf_counter() + seconds
    failures: list[Exception] = []

    def work(reviewer: Person, approver: Person) -> None:
        try:
            while time.perf_counter() < ends:
                task = open_case(platform)
                begun = time.perf_counter()
                following = reviewer.complete(task, "ACCEPT")
                between = time.perf_counter()
                approver.complete(following[0]["id"], None)
                ended = time.perf_counter()
                with lock:
                    result.times += [between - begun, ended - between]
                    result.instances += 1
        except Exception as error:  # noqa: BLE001 -- reported below, in the main thread
            failures.append(error)

    begun, used = time.perf_counter(), cpu_seconds(platform.settings.home)
    threads = [threading.Thread(target=work, args=pair) for pair in pairs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failures:
        raise failures[0]
    result.seconds = time.perf_counter() - begun
    result.cpu_seconds = cpu_seconds(platform.settings.home) - used
    return result


def count(platform: Platform) -> dict[str, int]:
    """Statements and commits of one completion, the whole request with log-in check and idempotency key."""
    client = create_app(platform).test_client()
    token = client.get("/api/v1/session").get_json()["csrfToken"]
    login = {"login": "reviewer", "password": PASSWORD}
    token = client.post("/api/v1/session", json=login, headers={"X-CSRF-Token": token}).get_json()["csrfToken"]
    counts: dict[str, int] = {}
    body = {"action": "ACCEPT", "data": {"note": "同意"}, "version": 1}
    for task in [open_case(platform), open_case(platform)]:
        headers = {"X-CSRF-Token": token, "Idempotency-Key": secrets.token_hex(12)}
        with counted(platform) as seen:
            answer = client.post(f"/api/v1/tasks/{task}/complete", json=body, headers=headers)
        assert answer.status_code == 200, answer.get_json()
        counts = seen
    return counts


@contextmanager
def counted(platform: Platform) -> Iterator[dict[str, int]]:
    """Counts what goes to the database."""
    seen = {"statements": 0, "commits": 0}

    def statement(*_: Any) -> None:
        seen["statements"] += 1

    def commit(*_: Any) -> None:
        seen["commits"] += 1

    event.listen(platform.sql, "before_cursor_execute", statement)
    event.listen(platform.sql, "commit", commit)
    try:
        yield seen
    finally:
        event.remove(platform.sql, "before_cursor_execute", statement)
        event.remove(platform.sql, "commit", commit)


@contextmanager
def served(home: Path, url: str, workers: int) -> Iterator[int]:
    """A web server on a free port of 127.0.0.1 until the end of the block."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    environment = {
        **os.environ,
        "PYTHONPATH": str(ROOT),
        "LIANBAN_HOME": str(home),
        "LIANBAN_DATABASE_URL": url,
        "LIANBAN_PORT": str(port),
        "LIANBAN_WEB_WORKERS": str(workers),
        "LIANBAN_LOG_LEVEL": "ERROR",
    }
    server = subprocess.Popen([sys.executable, "-m", "bootstrap.cli", "web"], env=environment)
    try:
        for _ in range(300):
            try:
                connection = HTTPConnection("127.0.0.1", port, timeout=5)
                connection.request("GET", "/api/v1/session")
                if connection.getresponse().status == 200:
                    break
            except OSError:
                time.sleep(0.1)
        yield port
    finally:
        server.terminate()
        server.wait(30)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=15.0)
    parser.add_argument("--clients", type=int, nargs="+", default=[1, 8])
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="lianban-bench-") as folder:
        home = Path(folder)
        cluster = Cluster(home / "pg")
        cluster.start()
        platform = None
        try:
            url = cluster.url()
            sql = create_engine(url)
            with sql.begin() as connection:
                migrate(connection)
            sql.dispose()
            platform = Platform.open(Settings(home=home, pool_size=10, database_url=url), url=url)
            with platform.transaction(SYSTEM) as ctx:
                prepare(ctx)
            report: dict[str, Any] = {"perRequest": count(platform), "runs": []}
            with served(home, url, options.workers) as port:
                run(platform, port, 1, min(2.0, options.seconds))
                report["runs"] = [
                    run(platform, port, clients, options.seconds).summary() for clients in options.clients
                ]
        finally:
            if platform is not None:
                platform.close()
            cluster.destroy()
    if options.json:
        print(json.dumps(report))
        return
    print(f"per request: {report['perRequest']['statements']} statements, {report['perRequest']['commits']} commit")
    for row in report["runs"]:
        print(
            f"{row['clients']:>3} clients: p50 {row['p50Ms']} ms, p95 {row['p95Ms']} ms, "
            f"{row['instancesPerMinute']} instances/minute ({row['requests']} requests, "
            f"{row['cpuMsPerRequest']} ms CPU of server and database each)"
        )


if __name__ == "__main__":
    main()
