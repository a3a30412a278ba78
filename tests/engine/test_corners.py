"""Corners where constructs meet: handlers at every level, links, escalations, errors with variables, gateways behind gateways."""

from __future__ import annotations

import pytest

from tests.engine.kit import (
    Drive,
    Driver,
    boundary,
    catch,
    chain,
    condition,
    declare,
    document,
    end,
    flow,
    io,
    loop,
    message,
    node,
    script,
    signal,
    start,
    throw,
    timer,
    user,
)

DECLARED = declare(messages=["m", "n"], signals=["s"], errors=["e"], escalations=["up", "down"])
ESCALATE = '<bpmn:escalationEventDefinition escalationRef="x_up"/>'
TRIGGERS = {
    "message": message("m_m"),
    "timer": timer("PT1H"),
    "signal": signal("s_s"),
    "conditional": condition("x = 1"),
    "escalation": ESCALATE,
}


def trigger(d: Driver, kind: str, scope: str | None = None) -> None:
    match kind:
        case "message":
            assert d.message("m")
        case "timer":
            d.after(hours=1)
        case "signal":
            assert d.signal("s")
        case "conditional":
            d.set(scope, x=1)
        case "escalation":
            d.complete("a")


@pytest.mark.parametrize("level", ["process", "subProcess", "nested", "transaction", "multi-instance", "called"])
@pytest.mark.parametrize("kind", TRIGGERS)
def test_a_non_interrupting_event_subprocess_of_every_kind_at_every_level(drive: Drive, kind: str, level: str) -> None:
    handler = node(
        "subProcess",
        "h",
        start("hs", TRIGGERS[kind], isInterrupting="false") + user("ht") + end("he") + chain("hs", "ht", "he"),
        triggeredByEvent="true",
    )
    up = throw("up", ESCALATE) + user("rest") if kind == "escalation" else ""
    path = ("s1", "a", "up", "rest", "e1") if kind == "escalation" else ("s1", "a", "e1")
    work = start("s1") + user("a") + up + end("e1") + chain(*path) + handler
    called = ""
    match level:
        case "process":
            body = work
        case "nested":
            inner = node("subProcess", "in", work)
            body = (
                start()
                + node("subProcess", "sub", start("s2") + inner + end("e2") + chain("s2", "in", "e2"))
                + end()
                + chain("start", "sub", "end")
            )
        case "called":
            body = start() + node("callActivity", "sub", calledElement="q") + end() + chain("start", "sub", "end")
            called = work
        case "multi-instance":
            body = (
                start() + node("subProcess", "sub", loop("=[1]", "one") + work) + end() + chain("start", "sub", "end")
            )
        case _:
            body = start() + node(level, "sub", work) + end() + chain("start", "sub", "end")
    d = drive(
        document(body, called, ids=("p", "q"), declarations=DECLARED)
        if called
        else document(body, declarations=DECLARED)
    )
    d.start({"x": 0})
    trigger(d, kind, "sub" if level == "called" else None)  # a called process has its own variables
    rest = "rest" if kind == "escalation" else "a"
    assert d.tasks() == sorted(["ht", rest])
    d.complete(rest)
    assert not d.ended  # the handler's work belongs to the scope
    assert d.complete("ht").ended


@pytest.mark.parametrize("interrupting", [True, False])
@pytest.mark.parametrize("coded", [True, False])
@pytest.mark.parametrize("source", ["intermediateThrowEvent", "endEvent"])
@pytest.mark.parametrize("place", ["boundary", "handler", "call"])
def test_an_escalation_is_caught_with_and_without_code(
    drive: Drive, place: str, source: str, coded: bool, interrupting: bool
) -> None:
    caught = ESCALATE if coded else "<bpmn:escalationEventDefinition/>"
    inside = start("s1") + node(source, "up", ESCALATE, io({"why": '="late"'})) + chain("s1", "up")
    inside += user("on") + end("e1") + chain("up", "on", "e1") if source == "intermediateThrowEvent" else ""
    after = user("x") + end("xe")
    called = inside if place == "call" else ""
    if place == "handler":
        handler = node(
            "subProcess",
            "h",
            start("b", caught, isInterrupting=str(interrupting).lower()) + after + chain("b", "x", "xe"),
            triggeredByEvent="true",
        )
        body = (
            start()
            + node("subProcess", "sub", inside)
            + handler
            + user("next")
            + end()
            + chain("start", "sub", "next", "end")
        )
    else:
        host = node("callActivity", "sub", calledElement="q") if place == "call" else node("subProcess", "sub", inside)
        event = boundary("b", "sub", caught, interrupting=interrupting)
        body = (
            start()
            + host
            + event
            + after
            + user("next")
            + end()
            + chain("start", "sub", "next", "end")
            + chain("b", "x", "xe")
        )
    d = drive(
        document(body, called, ids=("p", "q"), declarations=DECLARED)
        if called
        else document(body, declarations=DECLARED)
    )
    d.start()
    goes_on = [] if interrupting else ["on"] if source == "intermediateThrowEvent" else ["next"]
    assert d.tasks() == sorted([*goes_on, "x"])
    assert d.variables["why"] == "late"


def test_a_specific_code_goes_before_a_catch_all_and_another_code_is_not_caught(drive: Drive) -> None:
    inside = start("s1") + throw("up", ESCALATE) + user("on") + end("e1") + chain("s1", "up", "on", "e1")
    other = '<bpmn:escalationEventDefinition escalationRef="x_down"/>'
    d = drive(
        document(
            start() + node("subProcess", "sub", inside) + boundary("b1", "sub", other, interrupting=False) + boundary("b2", "sub", "<bpmn:escalationEventDefinition/>", interrupting=False)
            + boundary("b3", "sub", ESCALATE, interrupting=False) + user("x1") + user("x2") + user("x3") + end()
            + chain("start", "sub", "end") + "".join(chain(f"b{n}", f"x{n}", "end") for n in (1, 2, 3)), declarations=DECLARED,
        )
    )  # fmt: skip
    assert d.start().tasks() == ["on", "x3"]


def test_several_links_lead_to_one_target(drive: Drive) -> None:
    link = '<bpmn:linkEventDefinition name="L"/>'
    d = drive(
        document(
            start() + node("parallelGateway", "g") + user("a") + user("b") + throw("l1", link) + throw("l2", link) + catch("l3", link) + user("x") + end()
            + chain("start", "g", "a", "l1") + chain("g", "b", "l2") + chain("l3", "x", "end")
        )
    )  # fmt: skip
    d.start().complete("a")
    assert d.tasks() == ["b", "x"]
    assert d.complete("b").tasks() == ["x", "x"]
    assert d.complete("x").complete("x").ended


def test_an_error_brings_its_variables_to_who_catches_it(drive: Drive) -> None:
    inside = (
        start("s1")
        + end("bad", '<bpmn:errorEventDefinition errorRef="e_e"/>', io({"reason": '="lost"', "code": "=7"}))
        + chain("s1", "bad")
    )
    handler = node(
        "subProcess",
        "h",
        start("hs", '<bpmn:errorEventDefinition errorRef="e_e"/>', io(None, {"why": "=reason"}))
        + user("ht")
        + chain("hs", "ht"),
        triggeredByEvent="true",
    )
    d = drive(
        document(
            start() + node("subProcess", "sub", inside) + handler + end() + chain("start", "sub", "end"),
            declarations=DECLARED,
        )
    ).start()
    assert (d.tasks(), d.variables) == (["ht"], {"why": "lost"})


def test_an_event_gateway_with_receive_task_condition_and_signal(drive: Drive) -> None:
    xml = document(
        start() + node("eventBasedGateway", "g") + node("receiveTask", "r", messageRef="m_m") + catch("c", condition("x = 1")) + catch("s", signal("s_s")) + catch("t", timer("PT1H"))
        + user("a") + end() + chain("start", "g", "r", "a", "end") + chain("g", "c", "a") + chain("g", "s", "a") + chain("g", "t", "a"),
        declarations=DECLARED,
    )  # fmt: skip
    d = drive(xml)
    for kind in ("message", "conditional", "signal", "timer"):
        d.history.clear()
        d.start({"x": 0})
        trigger(d, kind)
        came = {"message": "r", "conditional": "c", "signal": "s", "timer": "t"}[kind]
        assert d.tasks() == ["a"]
        assert [e for e, k in d.history if k == "left" and e in {"r", "c", "s", "t"}] == [came]
        assert d.waiting["timers"] == d.waiting["subscriptions"] == set()


def test_nested_inclusive_gateways(drive: Drive) -> None:
    d = drive(
        document(
            start() + node("inclusiveGateway", "f1") + user("a") + node("inclusiveGateway", "f2") + user("b") + user("c") + node("inclusiveGateway", "j2") + node("inclusiveGateway", "j1") + user("x") + end()
            + chain("start", "f1") + flow("f1", "a", "true") + flow("f1", "f2", "deep") + flow("f2", "b", "true") + flow("f2", "c", "both") + chain("b", "j2") + chain("c", "j2", "j1", "x", "end") + chain("a", "j1")
        )
    )  # fmt: skip
    assert d.start({"deep": False, "both": False}).complete("a").tasks() == ["x"]
    d.start({"deep": True, "both": True}).complete("a").complete("c")
    assert d.tasks() == ["b"]
    assert d.complete("b").tasks() == ["x"]


def test_a_terminate_ends_only_its_scope_and_a_multi_instance_goes_on(drive: Drive) -> None:
    inside = (
        start("s1")
        + node("parallelGateway", "g")
        + user("a")
        + user("b")
        + end("stop", "<bpmn:terminateEventDefinition/>")
        + end("e1")
        + chain("s1", "g", "a", "stop")
        + chain("g", "b", "e1")
    )
    d = drive(
        document(
            start()
            + node("subProcess", "sub", loop("=[1, 2]", "one", sequential=True) + inside)
            + user("x")
            + end()
            + chain("start", "sub", "x", "end")
        )
    )
    d.start().complete("a")
    assert d.tasks() == ["a", "b"]
    assert d.complete("a").tasks() == ["x"]


def test_a_signal_thrown_inside_starts_a_handler_that_sees_the_payload(drive: Drive) -> None:
    handler = node(
        "subProcess",
        "h",
        start("hs", signal("s_s"), io(None, {"got": "=n"}), isInterrupting="false") + user("ht") + chain("hs", "ht"),
        triggeredByEvent="true",
    )
    d = drive(
        document(
            start()
            + script("calc", "2", "k")
            + throw("t", signal("s_s"), io({"n": "=k + 1"}))
            + user("a")
            + handler
            + end()
            + chain("start", "calc", "t", "a", "end"),
            declarations=DECLARED,
        )
    )
    d.start()
    assert (d.tasks(), d.variables) == (["a", "ht"], {"k": 2, "got": 3})
