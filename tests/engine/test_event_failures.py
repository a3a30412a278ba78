"""Errors of services and people, incidents, retries: who catches them, and what the history says."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from engine.contract import Job, ServiceError
from tests.engine.kit import (
    START,
    Drive,
    boundary,
    chain,
    declare,
    document,
    end,
    io,
    service,
    start,
    timer,
    user,
)


def fail(job: Job) -> dict[str, Any]:
    raise ServiceError(job.arguments["code"], "did not work", bpmn_error=job.arguments.get("bpmn"))


FAILING = document(
    start() + service("s", "f", ext=io({"code": "=c", "bpmn": "=b"})) + boundary("known", "s", '<bpmn:errorEventDefinition errorRef="e_E1"/>')
    + boundary("any", "s", "<bpmn:errorEventDefinition/>") + user("a") + user("x") + user("y") + end()
    + chain("start", "s", "a", "end") + chain("known", "x", "end") + chain("any", "y", "end"),
    declarations=declare(errors=["E1"]),
)  # fmt: skip


@pytest.mark.parametrize(("code", "task"), [("E1", "x"), ("E2", "y")])
def test_a_bpmn_error_of_a_service_goes_to_the_boundary_event(drive: Drive, code: str, task: str) -> None:
    d = drive(FAILING, services={"f": fail}).start({"c": "x", "b": code})
    assert d.tasks() == [task]


def test_any_other_failure_of_a_service_is_an_incident_that_can_be_retried(drive: Drive) -> None:
    d = drive(FAILING, services={"f": fail}).start({"c": "notReachable", "b": None})
    assert d.incidents() == [("s", "notReachable")]
    d.services["f"] = lambda _job: {"ok": True}
    d.retry()
    assert d.tasks() == ["a"]
    assert d.incidents() == []
    assert d.history.count(("s", "entered")) == 1


def test_a_worker_throws_a_bpmn_error(drive: Drive) -> None:
    d = drive(FAILING).start({"c": "", "b": None})
    d._took(d.engine.throw_error("d1", d.last.state, d.job("s"), "E1", d.env, {"detail": 7}))
    assert d.tasks() == ["x"]
    assert d.variables["detail"] == 7
    assert len(d.last.closed_jobs) == 1


def test_an_error_nobody_catches_is_an_incident(drive: Drive) -> None:
    d = drive(
        document(
            start()
            + user("a")
            + end("bad", '<bpmn:errorEventDefinition errorRef="e_E1"/>')
            + chain("start", "a", "bad"),
            declarations=declare(errors=["E1"]),
        )
    )
    d.start().complete("a")
    assert d.incidents() == [("bad", "errorUncaught")]


def test_an_interrupted_task_is_cancelled_in_the_history(drive: Drive) -> None:
    d = drive(
        document(
            start()
            + user("a")
            + boundary("late", "a", timer("PT1H"))
            + end()
            + end("e2")
            + chain("start", "a", "end")
            + chain("late", "e2")
        )
    )
    d.start().after(hours=1)
    assert ("a", "cancelled") in d.history
    assert d.ended


def test_a_retry_begins_with_fresh_inputs_and_keeps_its_boundary(drive: Drive) -> None:
    tries: list[Any] = []

    def stubborn(job: Job) -> dict[str, Any]:
        tries.append(job.arguments)
        if len(tries) < 3:
            raise ServiceError("busy", "try again")
        return {}

    task = service("s", "f", ext=io({"n": "=n + 1", "o.k": "=n"}))
    late = (
        boundary("late", "s", timer("=if n = 2 then &quot;PT2H&quot; else &quot;PT1H&quot;"))
        + end("e2")
        + chain("late", "e2")
    )
    d = drive(document(start() + task + late + end() + chain("start", "s", "end")), services={"f": stubborn})
    d.start({"n": 1, "o": {"secret": 1}})
    assert [t.due_at - START for t in d.last.opened_timers] == [timedelta(hours=2)]
    d.retry()
    assert len(d.waiting["timers"]) == 1
    d.retry()
    assert d.ended
    assert tries == [{"n": 2, "o": {"k": 2}}] * 3
    assert d.variables == {"n": 1, "o": {"secret": 1}}


def test_outputs_add_to_an_object_that_is_there(drive: Drive) -> None:
    d = drive(document(start() + user("a", ext=io(outputs={"o.k.x": "=v"})) + end() + chain("start", "a", "end")))
    assert d.start({"o": {"k": {"y": 1}, "z": 2}}).complete("a", v=5).variables == {
        "o": {"k": {"y": 1, "x": 5}, "z": 2}
    }
