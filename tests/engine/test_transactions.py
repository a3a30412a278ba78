"""Transactions and their cancel events. Every command works on the saved state."""

from __future__ import annotations

from typing import Any

import pytest

from engine.contract import Expressions, Job
from tests.engine.compensating import CANCEL, compensate, event_sub, handler, undo, undo_job
from tests.engine.kit import (  # fmt: skip
    Drive,
    boundary,
    chain,
    declare,
    document,
    end,
    findings,
    flow,
    loop,
    message,
    node,
    start,
    throw,
    timer,
    user,
)
from tests.engine.scoping import sub

DECIDE = (
    node("exclusiveGateway", "x", default="f_x_ok")
    + end("ok")
    + end("no", CANCEL)
    + flow("x", "ok")
    + flow("x", "no", "confirmed = false")
)


def transaction(id: str, *parts: str) -> str:
    return node("transaction", id, "".join(parts))


def around(tx: str, *parts: str, declarations: str = "") -> bytes:
    """start → tx → good; cancelled → bad."""
    flows = chain("start", "tx", "good", "end") + chain("cancelled", "bad", "end")
    return document(
        start()
        + tx
        + boundary("cancelled", "tx", CANCEL)
        + user("good")
        + user("bad")
        + end()
        + flows
        + "".join(parts),
        declarations=declarations,
    )


BOOKING = transaction("tx", user("a") + user("ask") + DECIDE + chain("a", "ask", "x") + undo("a"))


def test_a_successful_transaction_leaves_by_its_flow(drive: Drive) -> None:
    d = drive(around(BOOKING)).start().complete("a").complete("ask", confirmed=True)
    assert d.tasks() == ["good"]


def test_a_cancelled_transaction_is_undone_first_and_leaves_by_its_cancel_event(drive: Drive) -> None:
    d = drive(around(BOOKING)).start().complete("a").complete("ask", confirmed=False)
    assert d.tasks() == ["undo_a"]
    assert d.last.active_elements == ("tx", "undo_a")
    d.complete("undo_a")
    assert d.tasks() == ["bad"]
    assert ("tx", "cancelled") in d.history
    d.complete("bad")
    assert d.ended


def test_cancelling_interrupts_what_runs_and_undoes_in_reverse(drive: Drive) -> None:
    log: list[str] = []

    def keep(job: Job) -> dict[str, Any]:
        log.append(job.element_id)
        return {}

    late = boundary("late", "tx", timer("PT1H")) + user("too_late") + chain("late", "too_late", "end")
    tx = transaction(
        "tx",
        start("ts") + node("parallelGateway", "g") + user("a") + user("b") + user("c") + user("ask") + end("no", CANCEL)
        + chain("ts", "g", "a", "b", "c") + chain("g", "ask", "no") + undo_job("a") + undo_job("b") + undo_job("c")
        + event_sub("h", message("m_m"), user("x") + chain("h_start", "x")),
    )  # fmt: skip
    d = drive(
        around(tx, late, declarations=declare(messages=["m"])), services={f"undo.{n}": keep for n in "abc"}
    ).start()
    d.complete("a").complete("b").complete("ask")
    assert log == ["undo_b", "undo_a"]
    assert d.tasks() == ["bad"]
    assert d.waiting["timers"] == d.waiting["subscriptions"] == set()


def test_nothing_to_undo_leaves_at_once_also_from_a_subprocess_inside(drive: Drive) -> None:
    tx = transaction("tx", sub("s", user("a") + end("no", CANCEL) + chain("a", "no")))
    d = drive(around(tx)).start().complete("a")
    assert d.tasks() == ["bad"]


def test_what_was_done_around_the_cancel_event_is_undone_too(drive: Drive) -> None:
    deep = sub(
        "s",
        start("is") + user("a") + user("b") + end("no", CANCEL) + chain("is", "a", "b", "no") + undo("a") + undo("b"),
    )
    tx = transaction(
        "tx",
        start("ts")
        + node("parallelGateway", "g")
        + deep
        + sub("t", user("c") + user("d") + chain("c", "d") + undo("c"))
        + chain("ts", "g", "s")
        + chain("g", "t"),
    )
    own = boundary("late", "s", compensate()) + user("whole", isForCompensation="true")
    own += '<bpmn:association id="as_s" sourceRef="late" targetRef="whole"/>'
    d = drive(around(tx.replace("</bpmn:transaction>", own + "</bpmn:transaction>"))).start()
    d.complete("c").complete("a").complete("b")
    assert d.tasks() == ["undo_a", "undo_b"]
    d.complete("undo_a").complete("undo_b")
    assert d.tasks() == ["bad"]


def test_a_transaction_in_rounds_is_cancelled(drive: Drive) -> None:
    again = '<bpmn:standardLoopCharacteristics loopMaximum="3"/>'
    tx = transaction("tx", again, user("a") + user("ask") + DECIDE + chain("a", "ask", "x") + undo("a"))
    d = (
        drive(around(tx))
        .start()
        .complete("a")
        .complete("ask", confirmed=True)
        .complete("a")
        .complete("ask", confirmed=False)
    )
    assert d.tasks() == ["undo_a", "undo_a"]
    d.complete("undo_a").complete("undo_a")
    assert d.tasks() == ["bad"]


def test_all_instances_of_a_multi_instance_transaction_are_cancelled_and_undone(drive: Drive) -> None:
    tx = transaction(
        "tx", loop("=[1, 2, 3]", "one"), user("a") + user("ask") + DECIDE + chain("a", "ask", "x") + undo("a")
    )
    d = drive(around(tx)).start()
    d.complete("a").complete("a").complete("a")
    d.complete("ask", confirmed=True).complete("ask", confirmed=False)
    assert d.tasks() == ["undo_a"] * 3
    d.complete("undo_a").complete("undo_a")
    assert d.tasks() == ["undo_a"]
    d.complete("undo_a")
    assert d.tasks() == ["bad"]


def test_a_sequential_multi_instance_transaction_starts_no_more_instances(drive: Drive) -> None:
    tx = transaction(
        "tx",
        loop("=[1, 2, 3]", "one", sequential=True),
        user("a") + user("ask") + DECIDE + chain("a", "ask", "x") + undo("a"),
    )
    d = drive(around(tx)).start().complete("a").complete("ask", confirmed=True)
    d.complete("a").complete("ask", confirmed=False)
    assert d.tasks() == ["undo_a"] * 2
    d.complete("undo_a").complete("undo_a")
    assert d.tasks() == ["bad"]


def nested(which: str) -> bytes:
    inner_no = end("ino", CANCEL) if which == "inner" else end("ino")
    outer_no = end("ono", CANCEL) if which == "outer" else end("ono")
    catch_inner = (
        boundary("ic", "itx", CANCEL) + user("after_inner") + chain("ic", "after_inner") if which == "inner" else ""
    )
    inner = (
        transaction(
            "itx", start("is") + user("a") + user("ask") + inner_no + chain("is", "a", "ask", "ino") + undo("a")
        )
        + catch_inner
    )
    tx = transaction(
        "tx",
        start("ts")
        + node("parallelGateway", "g")
        + inner
        + user("b")
        + outer_no
        + chain("ts", "g", "itx")
        + chain("g", "b", "ono")
        + undo("b"),
    )
    if which == "inner":
        return document(start() + tx + user("good") + end() + chain("start", "tx", "good", "end"))
    return around(tx)


def test_a_nested_transaction_is_cancelled_alone(drive: Drive) -> None:
    d = drive(nested("inner")).start().complete("a").complete("ask")
    assert d.tasks() == ["b", "undo_a"]
    d.complete("undo_a")
    assert d.tasks() == ["after_inner", "b"]
    d.complete("b").complete("after_inner")
    assert d.tasks() == ["good"]


def test_a_cancelled_transaction_takes_a_running_nested_one_away(drive: Drive) -> None:
    d = drive(nested("outer")).start().complete("a").complete("b")
    assert d.tasks() == ["undo_b"]
    d.complete("undo_b")
    assert d.tasks() == ["bad"]


def test_a_hazard_undoes_nothing(drive: Drive) -> None:
    error = '<bpmn:errorEventDefinition errorRef="e_bad"/>'
    tx = transaction(
        "tx",
        user("a")
        + user("ask")
        + DECIDE
        + end("hazard", error)
        + chain("a", "ask", "x")
        + flow("x", "hazard", "hazard")
        + undo("a"),
    )
    caught = boundary("oops", "tx", error) + user("repair") + chain("oops", "repair", "end")
    d = drive(around(tx, caught, declarations=declare(errors=["bad"]))).start()
    d.complete("a").complete("ask", hazard=True, confirmed=True)
    assert d.tasks() == ["repair"]


def test_an_error_while_undoing_is_a_hazard(drive: Drive) -> None:
    error = '<bpmn:errorEventDefinition errorRef="e_bad"/>'
    failing = handler("subProcess", "a", user("h1") + end("h2", error) + chain("h1", "h2"))
    not_me = event_sub("never", error, user("wrong") + chain("never_start", "wrong"))
    tx = transaction(
        "tx",
        start("ts")
        + user("a")
        + user("b")
        + end("no", CANCEL)
        + chain("ts", "a", "b", "no")
        + undo("a", failing)
        + undo("b")
        + not_me,
    )
    caught = boundary("oops", "tx", error) + user("repair") + chain("oops", "repair", "end")
    d = drive(around(tx, caught, declarations=declare(errors=["bad"]))).start().complete("a").complete("b")
    assert d.tasks() == ["h1", "undo_b"]
    d.complete("h1")
    assert d.tasks() == ["repair"]


def test_a_completed_transaction_can_be_compensated(drive: Drive) -> None:
    tx = transaction("tx", user("a") + user("ask") + DECIDE + chain("a", "ask", "x") + undo("a"))
    xml = document(
        start() + tx + boundary("cancelled", "tx", CANCEL) + user("bad") + end() + end("undoing", compensate()) + chain("start", "tx", "undoing") + chain("cancelled", "bad", "end")
    )  # fmt: skip
    d = drive(xml).start().complete("a").complete("ask", confirmed=True)
    assert d.tasks() == ["undo_a"]
    d.complete("undo_a")
    assert d.ended


def test_a_compensation_event_subprocess_undoes_its_part_of_a_cancelled_transaction(drive: Drive) -> None:
    own = event_sub("h", compensate(), throw("t", compensate("a")) + chain("h_start", "t"))
    inner = sub("s", user("a") + undo("a") + own)
    tx = transaction("tx", start("ts") + inner + user("ask") + end("no", CANCEL) + chain("ts", "s", "ask", "no"))
    d = drive(around(tx)).start().complete("a").complete("ask")
    assert d.tasks() == ["undo_a"]
    assert d.last.active_elements == ("tx", "h", "t", "undo_a")
    d.complete("undo_a")
    assert d.tasks() == ["bad"]


def test_one_after_the_other_when_the_model_says_so(drive: Drive) -> None:
    ordered = end("no", CANCEL, '<lianban:compensation order="sequential"/>')
    tx = transaction(
        "tx", start("ts") + user("a") + user("b") + ordered + chain("ts", "a", "b", "no") + undo("a") + undo("b")
    )
    d = drive(around(tx)).start().complete("a").complete("b")
    assert d.tasks() == ["undo_b"]
    d.complete("undo_b")
    assert d.tasks() == ["undo_a"]
    d.complete("undo_a")
    assert d.tasks() == ["bad"]


def test_a_terminate_end_ends_a_transaction_without_undoing(drive: Drive) -> None:
    tx = transaction("tx", user("a") + end("stop", "<bpmn:terminateEventDefinition/>") + chain("a", "stop") + undo("a"))
    d = drive(document(start() + tx + user("good") + end() + chain("start", "tx", "good", "end"))).start().complete("a")
    assert d.tasks() == ["good"]


REFUSED = [
    ("cancelOutside", "no", document(start() + user("a") + end("no", CANCEL) + chain("start", "a", "no"))),
    ("cancelOutside", "no", document(start() + sub("s", user("a") + end("no", CANCEL) + chain("a", "no")) + end() + chain("start", "s", "end"))),
    ("cancelOutside", "no", around(transaction("tx", user("b") + undo("b", handler("subProcess", "b", user("a") + end("no", CANCEL) + chain("a", "no")))))),
    ("cancelUncaught", "no", document(start() + transaction("tx", user("a") + end("no", CANCEL) + chain("a", "no")) + end() + chain("start", "tx", "end"))),
    ("cancelBoundaryHost", "b", document(start() + user("a") + boundary("b", "a", CANCEL) + end() + chain("start", "a", "end") + chain("b", "end"))),
    ("duplicateCatcher", "b2", around(BOOKING, boundary("b2", "tx", CANCEL), chain("b2", "end"))),
    ("triggerNotAllowed", "c", document(start() + node("intermediateCatchEvent", "c", CANCEL) + end() + chain("start", "c", "end"))),
    ("triggerNotAllowed", "s", document(start("s", CANCEL) + end() + chain("s", "end"))),
]  # fmt: skip


@pytest.mark.parametrize(("rule", "element", "xml"), REFUSED, ids=[f"{r[0]}-{n}" for n, r in enumerate(REFUSED)])
def test_what_is_no_transaction_is_refused(rule: str, element: str, xml: bytes, feel: Expressions) -> None:
    assert (rule, element) in findings(xml, feel)
