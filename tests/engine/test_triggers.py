"""Several triggers on one event, several start events in one process, signals that start."""

from __future__ import annotations

import pytest

from engine.errors import ProcessUnknown
from tests.engine.kit import (
    Drive,
    boundary,
    catch,
    chain,
    condition,
    declare,
    document,
    end,
    io,
    message,
    node,
    signal,
    start,
    throw,
    timer,
    user,
)

DECLARED = declare(messages=["m", "n"], signals=["s", "t"], errors=["e"], escalations=["up"])
ALL = message("m_m") + signal("s_s") + timer("PT1H") + condition("x")


def waits(definitions: str, **attributes: str) -> bytes:
    event = node("intermediateCatchEvent", "c", definitions, **attributes)
    return document(start() + event + user("a") + end() + chain("start", "c", "a", "end"), declarations=DECLARED)


@pytest.mark.parametrize("which", ["message", "signal", "timer", "condition"])
def test_any_one_of_several_triggers_fires_a_multiple_event(drive: Drive, which: str) -> None:
    d = drive(waits(ALL)).start({"x": False})
    assert d.last.active_elements == ("c",)
    match which:
        case "message":
            assert d.message("m", got=1)
            assert d.variables["got"] == 1
        case "signal":
            assert d.signal("s")
        case "timer":
            d.after(hours=1)
        case "condition":
            d.set(x=True)
    assert d.tasks() == ["a"]
    assert (d.waiting["timers"], d.waiting["subscriptions"]) == (set(), set())
    assert not d.message("m")
    assert not d.signal("s")
    assert d.complete("a").ended


def test_a_parallel_multiple_event_waits_for_all(drive: Drive) -> None:
    d = drive(waits(message("m_m") + message("m_n") + signal("s_s"), parallelMultiple="true")).start()
    assert d.message("n", b=2)
    assert not d.message("n")
    assert d.signal("s", c=3)
    assert d.tasks() == []
    assert d.message("m", a=1)
    assert d.tasks() == ["a"]
    assert d.variables == {"a": 1, "b": 2, "c": 3}


@pytest.mark.parametrize("parallel", [True, False])
@pytest.mark.parametrize("interrupting", [True, False])
def test_a_boundary_event_with_several_triggers(drive: Drive, interrupting: bool, parallel: bool) -> None:
    event = boundary("b", "a", message("m_m") + message("m_n"), interrupting=interrupting)
    if parallel:
        event = event.replace("<bpmn:boundaryEvent", '<bpmn:boundaryEvent parallelMultiple="true"')
    d = drive(document(start() + user("a") + event + user("x") + end() + chain("start", "a", "end") + chain("b", "x", "end"), declarations=DECLARED))  # fmt: skip
    d.start()
    assert d.message("n")
    assert d.message("m") is (parallel or not interrupting)
    fired = 1 if parallel or interrupting else 2
    assert d.tasks() == ([] if interrupting else ["a"]) + ["x"] * fired
    if not interrupting:
        assert d.message("m")
        assert d.message("n")
        assert d.tasks() == ["a"] + ["x"] * (fired + (1 if parallel else 2))


def test_a_multiple_boundary_event_catches_an_error_too(drive: Drive) -> None:
    sub = node("subProcess", "sub", start("s1") + user("a") + end("bad", '<bpmn:errorEventDefinition errorRef="e_e"/>') + chain("s1", "a", "bad"))  # fmt: skip
    both = timer("PT1H") + '<bpmn:errorEventDefinition errorRef="e_e"/>'
    d = drive(document(start() + sub + boundary("b", "sub", both) + user("x") + end() + chain("start", "sub", "end") + chain("b", "x", "end"), declarations=DECLARED))  # fmt: skip
    assert d.start().complete("a").tasks() == ["x"]
    assert d.waiting["timers"] == set()
    assert d.start().after(hours=1).tasks() == ["x"]


@pytest.mark.parametrize("kind", ["endEvent", "intermediateThrowEvent"])
def test_a_multiple_throw_event_throws_all(drive: Drive, kind: str) -> None:
    definitions = message("m_m") + signal("s_s") + signal("s_t")
    body = start() + node("parallelGateway", "g") + catch("c1", signal("s_s")) + catch("c2", signal("s_t")) + user("a") + user("b") + user("go") + end() + node(kind, "t", definitions, io({"n": "=1"}))  # fmt: skip
    d = drive(
        document(
            body + chain("start", "g", "c1", "a", "end") + chain("g", "c2", "b", "end") + chain("g", "go", "t"),
            declarations=DECLARED,
        )
    )
    d.start().complete("go")
    assert d.tasks() == ["a", "b"]
    assert d.sent == [("m", {"n": 1})]
    assert [s.signal for s in d.last.signals] == ["s", "t"]


def test_a_multiple_throw_event_throws_what_ends_its_scope_last_and_nothing_twice(drive: Drive) -> None:
    definitions = '<bpmn:errorEventDefinition errorRef="e_e"/>' + message("m_m")
    d = drive(document(start() + end("t", definitions) + chain("start", "t"), declarations=DECLARED)).start()
    assert d.incidents() == [("t", "errorUncaught")]
    d.retry()
    assert d.sent == [("m", {})]


def test_an_event_subprocess_with_several_triggers(drive: Drive) -> None:
    definitions = message("m_m") + '<bpmn:escalationEventDefinition escalationRef="x_up"/>'
    handler = node(
        "subProcess",
        "h",
        start("hs", definitions, isInterrupting="false") + user("ht") + chain("hs", "ht"),
        triggeredByEvent="true",
    )
    up = throw("up", '<bpmn:escalationEventDefinition escalationRef="x_up"/>')
    d = drive(
        document(start() + up + user("a") + handler + end() + chain("start", "up", "a", "end"), declarations=DECLARED)
    ).start()
    assert d.tasks() == ["a", "ht"]
    assert d.message("m")
    assert d.tasks() == ["a", "ht", "ht"]


def test_one_process_with_every_kind_of_start(drive: Drive) -> None:
    body = (
        start("s0") + start("s1", message("m_m")) + start("s2", signal("s_s")) + start("s3", timer("R/P1D", "timeCycle")) + start("s4", timer("P2D"))
        + start("s5", condition("x > 1")) + start("s6", message("m_n") + signal("s_t"))
        + user("a") + end() + chain("s0", "a", "end") + "".join(chain(f"s{n}", "a") for n in range(1, 7))
    )  # fmt: skip
    d = drive(document(body, declarations=DECLARED))
    info = d.parsed.model.processes[0]
    assert (info.none_start, info.message_starts, info.signal_starts) == (True, ("m", "n"), ("s", "t"))
    assert (info.timer_starts, info.condition_starts) == (("R/P1D", "P2D"), ("x > 1",))
    assert [(s.element_id, s.kind, s.value) for s in info.starts if s.kind == "timer"] == [
        ("s3", "timer", "R/P1D"),
        ("s4", "timer", "P2D"),
    ]
    for how, element in [
        ({}, "s0"),
        ({"message": "m"}, "s1"),
        ({"signal": "s"}, "s2"),
        ({"at": "s4"}, "s4"),
        ({"signal": "t"}, "s6"),
        ({"at": "s6"}, "s6"),
    ]:
        d.history.clear()
        d.start({"v": 1}, **how)
        assert d.history[0] == (element, "entered")
        assert (d.tasks(), d.variables) == (["a"], {"v": 1})
    with pytest.raises(ProcessUnknown):
        d.start(signal="other")


def test_a_process_that_only_a_signal_starts_has_no_other_start(drive: Drive) -> None:
    d = drive(
        document(
            start("s", signal("s_s"), io(None, {"x": "=v"})) + user("a") + end() + chain("s", "a", "end"),
            declarations=DECLARED,
        )
    )
    with pytest.raises(ProcessUnknown):
        d.start()
    assert d.start({"v": 3}, signal="s").variables == {"x": 3}


def test_a_parallel_start_waits_for_the_rest(drive: Drive) -> None:
    both = message("m_m") + message("m_n")
    d = drive(
        document(
            node("startEvent", "s", both, parallelMultiple="true") + user("a") + end() + chain("s", "a", "end"),
            declarations=DECLARED,
        )
    )
    d.start({"one": 1}, message="n")
    assert d.tasks() == []
    assert not d.message("n")
    assert d.message("m", two=2)
    assert (d.tasks(), d.variables) == (["a"], {"one": 1, "two": 2})
    d.start({"one": 1}, at="s")  # as its first trigger
    assert d.message("n", two=2)
    assert d.tasks() == ["a"]


def test_a_wait_that_cannot_be_opened_anew_is_an_incident_that_a_retry_clears(drive: Drive) -> None:
    keyed = '<bpmn:message id="m_k" name="k"><bpmn:extensionElements><zeebe:subscription correlationKey="=key"/></bpmn:extensionElements></bpmn:message>'
    event = boundary("b", "a", message("m_k") + message("m_m"), interrupting=False).replace(
        "<bpmn:boundaryEvent", '<bpmn:boundaryEvent parallelMultiple="true"'
    )
    d = drive(
        document(
            start() + user("a") + event + user("x") + end() + chain("start", "a", "end") + chain("b", "x", "end"),
            declarations=DECLARED + keyed,
        )
    )
    d.start({"key": "A"}).set(key=None)
    assert d.message("m")
    assert d.message("k", "A")
    assert (d.tasks(), d.incidents()) == (["a", "x"], [("b", "correlationKeyMissing")])
    d.set(key="B")
    assert d.retry().incidents() == []
    assert d.message("k", "B")
    assert d.message("m")
    assert d.tasks() == ["a", "x", "x"]
