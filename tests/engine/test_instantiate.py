"""Receive tasks and event-based gateways that start a process."""

from __future__ import annotations

import pytest

from engine.errors import ProcessUnknown
from tests.engine.kit import Drive, catch, chain, declare, document, end, io, message, node, signal, start, user

DECLARED = declare(messages=["m", "n"], signals=["s"])
KEYED = '<bpmn:message id="m_k" name="k"><bpmn:extensionElements><zeebe:subscription correlationKey="=no"/></bpmn:extensionElements></bpmn:message>'


def receive(id: str, ref: str, ext: str = "", **attributes: str) -> str:
    return node("receiveTask", id, ext=ext, messageRef=ref, **attributes)


def gateway(**attributes: str) -> bytes:
    return document(
        node("eventBasedGateway", "g", instantiate="true", **attributes)
        + catch("c1", message("m_m"), io(None, {"first": "=v"})) + receive("c2", "m_k") + catch("c3", signal("s_s"))
        + user("a") + user("b") + user("c") + end() + chain("g", "c1", "a", "end") + chain("g", "c2", "b", "end") + chain("g", "c3", "c", "end"),
        declarations=DECLARED + KEYED,
    )  # fmt: skip


def test_a_receive_task_starts_a_process(drive: Drive) -> None:
    first = receive("r", "m_m", io(None, {"x": "=v + 1"}), instantiate="true")
    d = drive(document(first + user("a") + end() + chain("r", "a", "end"), declarations=DECLARED))
    info = d.parsed.model.processes[0]
    assert (info.none_start, info.message_starts, info.messages_caught) == (False, ("m",), ())
    with pytest.raises(ProcessUnknown):
        d.start()
    d.start({"v": 1}, message="m")
    assert (d.tasks(), d.variables) == (["a"], {"x": 2})
    assert [h for h in d.history if h[0] == "r"] == [("r", "entered"), ("r", "left")]
    assert not d.message("m")
    assert d.complete("a").ended


def test_a_receive_task_beside_a_start_event(drive: Drive) -> None:
    first = receive("r", "m_m", instantiate="true")
    d = drive(
        document(
            start() + first + user("a") + end() + chain("r", "a", "end") + chain("start", "a"), declarations=DECLARED
        )
    )
    assert d.parsed.model.processes[0].none_start
    assert d.start({"v": 1}).tasks() == ["a"]
    assert d.start({"v": 1}, at="r").tasks() == ["a"]
    assert ("r", "left") in d.history


def test_an_exclusive_gateway_goes_on_from_the_event_that_came(drive: Drive) -> None:
    d = drive(gateway())
    info = d.parsed.model.processes[0]
    assert (info.none_start, info.message_starts, info.signal_starts) == (False, ("m", "k"), ("s",))
    assert [s.element_id for s in info.starts] == ["c1", "c2", "c3"]
    for how, task in [({"message": "m"}, "a"), ({"message": "k"}, "b"), ({"signal": "s"}, "c"), ({"at": "c3"}, "c")]:
        d.start({"v": 1}, **how)
        assert d.tasks() == [task]
        assert d.waiting["subscriptions"] == set()
        assert not d.message("m")
        assert d.complete(task).ended
    assert ("g", "left") in d.history
    assert ("f_g_c3", "taken") in d.history


def test_a_parallel_gateway_waits_for_all_others_correlated_by_what_the_first_brought(drive: Drive) -> None:
    d = drive(gateway(eventGatewayType="Parallel")).start({"v": 1, "no": "A1"}, at="c3")
    assert d.tasks() == ["c"]
    assert {(s.message, s.correlation_key) for s in d.last.opened_subscriptions} == {("m", None), ("k", "A1")}
    d.complete("c")
    assert not d.ended
    assert not d.message("k", "B2")
    assert d.message("k", "A1")
    assert d.tasks() == ["b"]
    assert d.complete("b").last.active_elements == ("g",)
    assert d.message("m", v=5)
    assert not d.message("m")
    assert d.complete("a").ended
    assert [h for h in d.history if h[0] == "g"] == [("g", "entered"), ("g", "left")]


def test_a_called_process_is_not_started_by_a_message(drive: Drive) -> None:
    d = drive(
        document(
            receive("r", "m_m", instantiate="true") + start("s") + user("a") + end("e") + chain("r", "a", "e") + chain("s", "a"),
            start() + node("callActivity", "call", calledElement="q") + end() + chain("start", "call", "end"),
            ids=("q", "p"), declarations=DECLARED,
        )
    )  # fmt: skip
    assert d.start().tasks() == ["a"]
    assert ("r", "entered") not in d.history
