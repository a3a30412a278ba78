"""A served deployment: what only a real socket shows, and ``kill -9`` of everything in the middle of the household move.

Bodies that are too large, wrong or abandoned are refused and harm nobody. Killed and started again it goes on; nothing is lost,
nothing comes twice.
"""

from __future__ import annotations

import contextlib
import http.client
import json
import socket
import threading
import time
from collections.abc import Iterator
from datetime import datetime
from typing import Any

import pytest

from bootstrap.demo.households import CHILDREN
from bootstrap.demo.people import APPLICANTS
from bootstrap.script import ITEM, SCRIPT, Act, application
from domain.clock import CHINA
from tests.journeys.http_person import HttpPerson, Refused
from tests.journeys.served import Served

pytestmark = [pytest.mark.network, pytest.mark.slow, pytest.mark.timeout(1200)]

MEGABYTE = 1024 * 1024
TASK_SECONDS = 180.0
KILLED_AT = ("acceptance", "moveOutTask")
"""While these tasks are being completed: before the case crosses to the partner, and at the point of no return."""
STAFF = (
    "yanshan.clerk",
    "yanshan.handler",
    "yanshan.handler2",
    "yanshan.approver",
    "shunde.handler",
    "shunde.approver",
)


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
    with contextlib.closing(http.client.HTTPConnection("127.0.0.1", served.port, timeout=120)) as connection:
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
        with socket.create_connection(("127.0.0.1", served.port), timeout=60) as line:
            line.sendall(b"POST /api/v1/session HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n")
            line.sendall(b"Content-Length: 5000000\r\n\r\n" + b"x" * 1000)
    assert HttpPerson(served.port, "designer").get("/session")["user"]["login"] == "designer"


def test_the_journey_goes_on_after_kill_9(served: Served) -> None:
    people = {login: HttpPerson(served.port, login) for login in ("parent", *STAFF)}
    case_no = apply(people["parent"])
    for act in SCRIPT:
        if act.silence:
            continue
        if act.element in KILLED_AT:
            complete_while_killed(served, people, case_no, act)
        else:
            complete(people, case_no, act)
    assert_whole(served, people, case_no)


def apply(parent: HttpPerson) -> str:
    """Apply; the papers are those that a first try was told to be missing."""
    body: dict[str, Any] = {"itemCode": ITEM, "data": application(APPLICANTS[0], CHILDREN[0]), "materials": []}
    try:
        parent.post("/applications", body)
    except Refused as refusal:
        missing = [error["pointer"].rpartition("/")[2] for error in refusal.problem["errors"]]
        body["materials"] = [{"code": code, "fileId": parent.upload(f"{code}.pdf")} for code in missing]
    return str(parent.post("/applications", body)["caseNo"])


def find_task(people: dict[str, HttpPerson], case_no: str, element: str) -> tuple[HttpPerson, str] | None:
    """Somebody in whose inbox (or on whose case page) the task is, with its id."""
    parent = people["parent"]
    names = {"supplement": "补正材料"}
    for task in parent.get(f"/my/cases/{case_no}")["tasks"]:
        if task["name"] == names.get(element):
            return parent, str(task["id"])
    for login in STAFF:
        for view in ("group", "mine"):
            for task in people[login].get(f"/tasks?view={view}")["items"]:
                if task["elementId"] == element:
                    return people[login], str(task["id"])
    return None


def wait_for_task(people: dict[str, HttpPerson], case_no: str, element: str) -> tuple[HttpPerson, str]:
    end = time.monotonic() + TASK_SECONDS
    while time.monotonic() < end:
        found = find_task(people, case_no, element)
        if found is not None:
            return found
        threading.Event().wait(0.25)
    raise AssertionError(f"nobody got {element}")


def body_of(person: HttpPerson, task_id: str, act: Act) -> dict[str, Any]:
    detail = person.get(f"/tasks/{task_id}")
    if detail["mayClaim"]:  # personal data is whole only for who has the task
        detail = person.post(f"/tasks/{task_id}/claim", {})
    now = datetime.fromisoformat(person.get("/session")["mode"]["now"]).astimezone(CHINA)
    data = act.data(detail["context"], now)
    return {"action": act.action, "data": data, "version": detail["task"]["version"]}


def complete(people: dict[str, HttpPerson], case_no: str, act: Act) -> None:
    person, task_id = wait_for_task(people, case_no, act.element)
    person.post(f"/tasks/{task_id}/complete", body_of(person, task_id, act))


def complete_while_killed(served: Served, people: dict[str, HttpPerson], case_no: str, act: Act) -> None:
    """The server dies under the request. Whoever repeats it with the same key after the restart gets one effect."""
    person, task_id = wait_for_task(people, case_no, act.element)
    body, key = body_of(person, task_id, act), f"killed-{task_id}"

    def ask() -> None:
        # The connection breaks, or a worker that outlives the database by a moment answers 503.
        with contextlib.suppress(OSError, http.client.HTTPException, Refused):
            person.post(f"/tasks/{task_id}/complete", body, key=key)

    request = threading.Thread(target=ask)
    request.start()
    served.kill()
    request.join()
    served.start()
    person.post(f"/tasks/{task_id}/complete", body, key=key)


def assert_whole(served: Served, people: dict[str, HttpPerson], case_no: str) -> None:
    end = time.monotonic() + TASK_SECONDS
    while (case := people["yanshan.clerk"].get(f"/cases/{case_no}"))["summary"]["closedAt"] is None:
        assert time.monotonic() < end, case["summary"]
        threading.Event().wait(0.25)
    assert case["summary"]["resultCode"] == "0"
    done = [(task["name"], task["siteName"]) for task in case["tasks"] if task["state"] == "completed"]
    acted = [act for act in SCRIPT if not act.silence]
    assert len(done) == len(acted), "a task was lost or done twice"
    assert not case["incidents"]
    assert {entry["state"] for entry in case["certificates"]} == {"USED"}
    names = sorted(message["name"] for message in case["messages"])
    assert len(names) == len(set(names)), f"a message crossed twice: {names}"
    auditor = HttpPerson(served.port, "auditor").get(f"/admin/audit?caseNo={case_no}")
    assert auditor["verified"]
