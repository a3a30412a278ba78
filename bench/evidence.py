"""What the record costs and how fast it is verified; whether tampering is always found.

    python -m bench.evidence [--rounds 8] [--cases 12] [--events 200000] [--tampers 1000] [--json]

Cost: cases with two tasks completed over the API's WSGI application in this process, in alternating rounds with recording on and
off (patched away here only); CPU of this process and of the database. A read (the case page) likewise. Verification: one package
with so many events. Tampering: as many accidents and forgeries at random places of a real package.
"""

from __future__ import annotations

import argparse
import json
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from unittest.mock import patch

from sqlalchemy import select

from api.app import create_app
from bench.load import PASSWORD
from bench.stage import cpu_of, open_case, prepared
from bootstrap.container import Platform
from bootstrap.postgres import Cluster
from bootstrap.processes import processes_in
from domain.actors import SYSTEM, Role
from domain.audit import reads, service
from domain.cases.models import Case, Task
from domain.cases.queries import Frame, get_frame
from domain.evidence import package, rights, verifier
from domain.identity.models import User
from domain.identity.service import actor_for
from tests.support import tampering


class Visitor:
    """A person with a session on the application in this process."""

    def __init__(self, app: Any, login: str) -> None:
        self.client = app.test_client()
        self.token = self.client.get("/api/v1/session").get_json()["csrfToken"]
        self.token = self._post("/api/v1/session", {"login": login, "password": PASSWORD})["csrfToken"]

    def _post(self, path: str, body: Any) -> Any:
        answer = self.client.post(path, json=body, headers={"X-CSRF-Token": self.token})
        assert answer.status_code == 200, answer.get_json()
        return answer.get_json()

    def complete(self, task: str, action: str) -> str:
        body = {"action": action, "data": {"note": "同意"}, "version": 1}
        following = self._post(f"/api/v1/tasks/{task}/complete", body)["nextTasks"]
        return str(following[0]["id"]) if following else ""

    def look(self, case_no: str) -> None:
        assert self.client.get(f"/api/v1/cases/{case_no}").status_code == 200


@contextmanager
def unrecorded() -> Iterator[None]:
    """Recording switched off: only ever here."""
    nothing: Callable[..., None] = lambda *_, **__: None  # noqa: E731
    with (
        patch.object(service, "record", nothing),
        patch.object(service, "record_read", nothing),
        patch.object(reads, "record_read", nothing),
        patch("api.recording.record_command", nothing),
    ):
        yield


def alternating(cluster: Cluster, act: Callable[[], None], rounds: int) -> dict[str, float]:
    """CPU milliseconds of ``act`` with and without the record, round after round; the median of the ratios."""

    def cpu() -> float:
        return time.process_time() + sum(cpu_of(each) for each in processes_in(cluster._layout.data))  # noqa: SLF001

    def measured() -> float:
        begun = cpu()
        act()
        return cpu() - begun

    act()
    pairs = []
    for _ in range(rounds):
        with unrecorded():
            without = measured()
        pairs.append((measured(), without))
    ratio = statistics.median(one / other for one, other in pairs)
    return {
        "withMs": round(statistics.median(one for one, _ in pairs) * 1000, 1),
        "withoutMs": round(statistics.median(other for _, other in pairs) * 1000, 1),
        "ratio": round(ratio, 3),
        "throughputCost": round(1 - 1 / ratio, 3),
    }


def cost(platform: Platform, cluster: Cluster, rounds: int, cases: int) -> dict[str, Any]:
    """Of completing tasks, and of looking at a case page."""
    app = create_app(platform)
    reviewer, approver = Visitor(app, "reviewer"), Visitor(app, "approver")

    def work() -> None:
        for _ in range(cases):
            approver.complete(reviewer.complete(open_case(platform), "ACCEPT"), "SUBMIT")

    task = open_case(platform)
    with platform.transaction(SYSTEM) as ctx:
        number = (
            ctx.session.scalar(select(Case.case_no).join(Task, Task.case_id == Case.id).where(Task.id == task)) or ""
        )

    def look() -> None:
        for _ in range(cases * 3):
            reviewer.look(number)

    return {"tasks": alternating(cluster, work, rounds), "casePage": alternating(cluster, look, rounds)}


def exported(platform: Platform) -> bytes:
    """A real package with some reads."""
    with platform.transaction(SYSTEM) as ctx:
        person = ctx.session.scalars(select(User).where(User.login == "approver")).one()
        actor = actor_for(ctx.session, person)
        number = ctx.session.scalar(select(Case.case_no).where(Case.closed_at.is_not(None)).limit(1)) or ""
    for _ in range(5):
        with platform.transaction(actor) as ctx:
            frame: Frame = get_frame(ctx, number)
            service.record_read(ctx, "case.page", case_id=frame.case.id, fields=["application"])
    with platform.transaction(actor) as ctx:
        assert actor.has(Role.APPROVER)
        return package.export(ctx, get_frame(ctx, number), rights.grant_of(actor, get_frame(ctx, number), ""))


def speed(whole: bytes, events: int) -> dict[str, Any]:
    """Events per second of CPU: the walk over the chain alone."""
    lines = dict(verifier.read_container(whole))[tampering.EVENTS].splitlines()
    many = tampering.chained((lines * (events // len(lines) + 1))[:events])
    content = b"".join(line + b"\n" for line in many)
    begun = time.process_time()
    assert len(verifier.check_chain(tampering.EVENTS, content, b"")) == events
    used = time.process_time() - begun
    return {"events": events, "bytesOfAnEvent": len(content) // events, "perSecond": round(events / used)}


def found(whole: bytes, times: int) -> dict[str, int]:
    """How many of so many accidents and forgeries are found."""
    random = tampering.seeded("bench")
    counts = {"tried": 0, "found": 0, "unchanged": 0}
    ways = [(how, clever) for how in tampering.WAYS for clever in (False, True)]
    for turn in range(times):
        if turn % 2:
            forged = tampering.flip(whole, random)
        else:
            how, clever = ways[turn // 2 % len(ways)]
            forged = tampering.tampered(whole, random, how, clever=clever)
        if forged == whole:
            counts["unchanged"] += 1
            continue
        counts["tried"] += 1
        try:
            verifier.verify(forged)
        except verifier.Broken:
            counts["found"] += 1
    return counts


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=8)
    parser.add_argument("--cases", type=int, default=12)
    parser.add_argument("--events", type=int, default=200_000)
    parser.add_argument("--tampers", type=int, default=1000)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="lianban-bench-") as folder, prepared(Path(folder)) as (platform, cluster):
        report: dict[str, Any] = {"cost": cost(platform, cluster, options.rounds, options.cases)}
        whole = exported(platform)
    report |= {"verification": speed(whole, options.events), "tampering": found(whole, options.tampers)}
    if options.json:
        print(json.dumps(report))
        return
    for name, row in report["cost"].items():
        print(f"{name}: {row['ratio']} of the CPU without the record ({row['withMs']} and {row['withoutMs']} ms)")
        print(f"  {row['throughputCost']:.1%} of the throughput")
    print(
        f"verification: {report['verification']['perSecond']:,} events/s of {report['verification']['bytesOfAnEvent']} bytes"
    )
    print(f"tampering: {report['tampering']['found']} of {report['tampering']['tried']} found")
    assert report["tampering"]["found"] == report["tampering"]["tried"]


if __name__ == "__main__":
    main()
