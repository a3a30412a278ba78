"""Compensation: what was completed is undone in reverse order. Every command works on the saved state."""

from __future__ import annotations

from typing import Any

import orjson
import pytest

from engine.contract import Expressions, Job, ServiceError
from tests.engine.compensating import ABC, compensate, connect, event_sub, handler, logging, undo, undo_job
from tests.engine.kit import (  # fmt: skip
    Drive,
    Driver,
    boundary,
    chain,
    declare,
    document,
    end,
    findings,
    loop,
    message,
    node,
    start,
    throw,
    timer,
    user,
)
from tests.engine.scoping import sub


def test_handlers_run_in_reverse_order_of_completion(drive: Drive) -> None:
    log: list[str] = []
    xml = document(
        start() + node("parallelGateway", "g") + user("a") + user("b") + node("parallelGateway", "j")
        + throw("t", compensate()) + user("after") + end()
        + chain("start", "g", "a", "j", "t", "after", "end") + chain("g", "b", "j") + undo_job("a") + undo_job("b")
    )  # fmt: skip
    d = drive(xml, services=logging(log)).start()
    d.complete("b").complete("a")
    assert log == ["undo_a", "undo_b"]
    assert d.tasks() == ["after"]
    assert not any("cp" in (row[4] or {}) for row in _rows(d))


def _rows(d: Driver) -> list[Any]:
    rows: list[Any] = orjson.loads(d.last.state)["tokens"]
    return rows


def test_only_completed_activities_are_undone_and_the_throw_waits(drive: Drive) -> None:
    xml = document(
        start() + node("parallelGateway", "g") + user("a") + user("b") + throw("t", compensate()) + user("after") + end()
        + chain("start", "g", "a", "t", "after", "end") + chain("g", "b", "end") + undo("a") + undo("b")
    )  # fmt: skip
    d = drive(xml).start().complete("a")
    assert d.tasks() == ["b", "undo_a"]
    assert d.last.active_elements == ("b", "t", "undo_a")
    d.complete("b").complete("undo_a")
    assert d.tasks() == ["after"]
    d.complete("after")
    assert d.ended
    history = [e for e, kind in d.history if kind == "left"]
    assert history == ["start", "g", "a", "b_a", "b", "end", "undo_a", "t", "after", "end"]


def test_one_activity_is_undone_by_reference_and_only_once(drive: Drive) -> None:
    xml = document(
        ABC + throw("t1", compensate("a")) + throw("t2", compensate("a")) + throw("t3", compensate())
        + chain("start", "a", "b", "c", "t1", "t2", "t3", "end") + undo("a") + undo("b")
    )  # fmt: skip
    d = drive(xml).start().complete("a").complete("b").complete("c")
    assert d.tasks() == ["undo_a"]
    d.complete("undo_a")
    assert d.tasks() == ["undo_b"]
    d.complete("undo_b")
    assert d.ended


def test_nothing_to_undo_passes_at_once(drive: Drive) -> None:
    xml = document(
        start() + user("a") + throw("t", compensate("a")) + end("end", compensate()) + chain("start", "a", "t", "end")
    )
    assert drive(xml).start().complete("a").ended


def test_a_throw_that_does_not_wait_goes_on_beside_the_handlers(drive: Drive) -> None:
    xml = document(ABC + throw("t", compensate(waits=False)) + chain("start", "a", "t", "b", "c", "end") + undo("a"))
    d = drive(xml).start().complete("a")
    assert d.tasks() == ["b", "undo_a"]
    d.complete("b").complete("c")
    assert not d.ended
    d.complete("undo_a")
    assert d.ended


def test_an_error_of_a_handler_is_caught_where_compensation_was_thrown(drive: Drive) -> None:
    def fail(_: Job) -> dict[str, Any]:
        raise ServiceError("x", "no", bpmn_error="bad")

    inner = (
        sub("s", user("a") + undo_job("a"))
        + boundary("not_me", "s", '<bpmn:errorEventDefinition errorRef="e_bad"/>')
        + user("wrong")
        + chain("not_me", "wrong")
    )
    rescue = event_sub("h", message("m_m"), throw("t", compensate()) + user("never") + chain("h_start", "t", "never"))
    outer = sub(
        "o", start("os") + inner + user("c") + undo("c") + user("wait") + chain("os", "c", "s", "wait") + rescue
    )
    xml = document(
        start() + outer + boundary("me", "o", '<bpmn:errorEventDefinition errorRef="e_bad"/>') + user("right") + end()
        + chain("start", "o", "end") + chain("me", "right"), declarations=declare(errors=["bad"], messages=["m"]),
    )  # fmt: skip
    d = drive(xml, services={"undo.a": fail}).start().complete("c").complete("a")
    assert d.message("m")
    assert d.tasks() == ["right"]
    d.complete("right")
    assert d.ended


def test_an_error_inside_the_handler_that_throws_takes_the_compensation_with_it(drive: Drive) -> None:
    catching = event_sub(
        "inner", '<bpmn:errorEventDefinition errorRef="e_bad"/>', user("caught") + chain("inner_start", "caught")
    )
    rescue = event_sub("h", message("m_m"), throw("t", compensate()) + chain("h_start", "t") + catching)
    failing = handler(
        "subProcess", "a", user("h1") + end("h2", '<bpmn:errorEventDefinition errorRef="e_bad"/>') + chain("h1", "h2")
    )
    xml = document(
        start() + user("a") + user("b") + user("c") + end() + chain("start", "a", "b", "c", "end") + undo("a", failing) + undo("b") + rescue,
        declarations=declare(errors=["bad"], messages=["m"]),
    )  # fmt: skip
    d = drive(xml).start().complete("a").complete("b")
    assert d.message("m")
    assert d.tasks() == ["h1", "undo_b"]
    d.complete("h1")
    assert d.tasks() == ["caught"]
    d.complete("caught")
    assert d.ended


def test_a_failing_handler_is_retried(drive: Drive) -> None:
    tries: list[str] = []

    def fail_once(job: Job) -> dict[str, Any]:
        tries.append(job.element_id)
        if len(tries) == 1:
            raise ServiceError("down", "not now")
        return {}

    xml = document(
        start()
        + user("a")
        + throw("t", compensate())
        + user("after")
        + end()
        + chain("start", "a", "t", "after", "end")
        + undo_job("a")
    )
    d = drive(xml, services={"undo.a": fail_once}).start().complete("a")
    assert d.incidents() == [("undo_a", "down")]
    d.retry()
    assert d.tasks() == ["after"]


def test_terminate_and_cancel_end_what_is_being_undone(drive: Drive) -> None:
    xml = document(
        start() + node("parallelGateway", "g") + user("a") + throw("t", compensate()) + user("b") + end("stop", "<bpmn:terminateEventDefinition/>") + end()
        + chain("start", "g", "a", "t", "end") + chain("g", "b", "stop") + undo("a")
    )  # fmt: skip
    d = drive(xml).start().complete("a")
    assert d.tasks() == ["b", "undo_a"]
    d.complete("b")
    assert (d.ended, d.tasks()) == (True, [])
    d.start().complete("a")
    d._took(d.engine.cancel("d1", d.last.state, d.env))
    assert (d.ended, d.tasks()) == (True, [])


def test_an_interrupted_throw_takes_its_compensation_with_it(drive: Drive) -> None:
    inner = start("is") + sub("s", user("a") + undo("a")) + throw("t", compensate()) + chain("is", "s", "t")
    xml = document(
        start() + sub("o", inner) + boundary("late", "o", timer("PT1H")) + user("after") + end() + chain("start", "o", "end") + chain("late", "after")
    )  # fmt: skip
    d = drive(xml).start().complete("a")
    assert d.tasks() == ["undo_a"]
    d.after(hours=2)
    assert d.tasks() == ["after"]


def test_a_handler_may_have_many_instances(drive: Drive) -> None:
    xml = document(
        start() + user("a") + throw("t", compensate()) + end() + chain("start", "a", "t", "end")
        + undo("a", user("undo_a", loop("=[1, 2]", "one"), isForCompensation="true"))
    )  # fmt: skip
    d = drive(xml).start().complete("a")
    assert d.tasks() == ["undo_a", "undo_a"]
    d.complete("undo_a", 0)
    assert not d.ended
    d.complete("undo_a", 1)
    assert d.ended


def test_an_inclusive_join_does_not_wait_for_what_is_undone(drive: Drive) -> None:
    xml = document(
        start() + node("inclusiveGateway", "g") + sub("s", user("a") + undo("a")) + throw("t", compensate("s")) + user("b") + node("inclusiveGateway", "j") + user("after") + end()
        + chain("start", "g", "s", "t", "j", "after", "end") + chain("g", "b", "j")
    )  # fmt: skip
    d = drive(xml).start().complete("a").complete("b")
    assert d.tasks() == ["undo_a"]
    d.complete("undo_a")
    assert d.tasks() == ["after"]


def test_nothing_is_remembered_where_nothing_can_be_undone(drive: Drive) -> None:
    xml = document(
        start()
        + sub("s", user("a") + user("b") + chain("a", "b"))
        + user("c")
        + end()
        + chain("start", "s", "c", "end")
    )
    d = drive(xml).start().complete("a").complete("b")
    assert not any("cp" in (row[4] or {}) for row in _rows(d))


THROWING = start() + user("a") + throw("t", compensate("{}")) + end() + chain("start", "a", "t", "end")


REFUSED = [
    ("compensationUnconnected", "b_a", document(start() + user("a") + boundary("b_a", "a", compensate()) + end() + chain("start", "a", "end"))),
    ("compensationHandlerMissing", "b_a", document(start() + user("a") + boundary("b_a", "a", compensate()) + user("undo_a") + connect("a") + end() + chain("start", "a", "undo_a", "end"))),
    ("compensationHandlerMissing", "b_a", document(start() + sub("s", user("a") + boundary("b_a", "a", compensate())) + handler("task", "a") + connect("a") + end() + chain("start", "s", "end"))),
    ("compensationFlow", "b_a", document(start() + user("a") + undo("a") + end() + chain("start", "a", "end") + chain("b_a", "end"))),
    ("compensationFlow", "undo_a", document(start() + user("a") + undo("a") + end() + chain("start", "a", "end") + chain("undo_a", "end"))),
    ("compensationFlow", "undo_a", document(start() + user("a") + undo("a") + boundary("late", "undo_a", timer("PT1H")) + end() + chain("start", "a", "end") + chain("late", "end"))),
    ("unreachable", "undo_a", document(start() + user("a") + handler("task", "a") + end() + chain("start", "a", "end"))),
    ("compensationTwice", "a", document(start() + user("a") + undo("a") + boundary("b2", "a", compensate()) + connect("a").replace("as_a", "as2").replace("b_a", "b2") + end() + chain("start", "a", "end"))),
    ("compensationTwice", "s", document(start() + sub("s", user("a"), event_sub("h", compensate(), user("b") + chain("h_start", "b"))) + undo("s") + end() + chain("start", "s", "end"))),
    ("compensationTwice", "s", document(start() + sub("s", user("a"), event_sub("h", compensate(), user("b") + chain("h_start", "b")), event_sub("h2", compensate(), user("c") + chain("h2_start", "c"))) + end() + chain("start", "s", "end"))),
    ("compensationAtProcess", "h_start", document(start() + user("a") + end() + chain("start", "a", "end") + event_sub("h", compensate(), user("b") + chain("h_start", "b")))),
    ("compensationActivity", "t", document(THROWING.format("gone"))),
    ("compensationActivity", "t", document(THROWING.format("start"))),
    ("compensationActivity", "t", document(start() + sub("s", user("a")) + throw("t", compensate("a")) + end() + chain("start", "s", "t", "end"))),
    ("compensationActivity", "t", document(start() + user("a") + sub("s", throw("t", compensate("a"))) + end() + chain("start", "a", "s", "end"))),
    ("compensationOrder", "t", document(start() + user("a") + throw("t", compensate(), '<lianban:compensation order="upwards"/>') + end() + chain("start", "a", "t", "end"))),
    ("subprocessStart", "is", document(start() + sub("s", start("is", compensate()) + user("a") + chain("is", "a")) + end() + chain("start", "s", "end"))),
]  # fmt: skip


@pytest.mark.parametrize(("rule", "element", "xml"), REFUSED, ids=[f"{r[0]}-{n}" for n, r in enumerate(REFUSED)])
def test_what_cannot_be_undone_is_refused(rule: str, element: str, xml: bytes, feel: Expressions) -> None:
    assert (rule, element) in findings(xml, feel)
