"""Called processes and pools are scopes of their own; what fails in a scope can be retried, corrected, interrupted."""

from __future__ import annotations

from typing import Any

import pytest

from engine.contract import Job, ServiceError
from engine.errors import IncidentNotOpen
from engine.limits import Limits
from tests.engine.calling import call
from tests.engine.kit import (
    HEAD,
    Drive,
    boundary,
    catch,
    chain,
    declare,
    document,
    end,
    io,
    loop,
    message,
    node,
    script,
    service,
    start,
    throw,
    timer,
    user,
)
from tests.engine.scoping import CALLED, DECLARED, ERROR, handler, sub


def test_a_call_activity_gives_back_what_the_called_process_wrote(drive: Drive) -> None:
    d = drive(
        document(
            start() + node("parallelGateway", "s") + user("a") + node("parallelGateway", "j") + call("called") + user("z") + end()
            + chain("start", "s", "call", "j", "z", "end") + chain("s", "a", "j"),
            CALLED,
            ids=("p", "called"),
        )
    ).start({"x": 1, "y": 1})  # fmt: skip
    assert d.tasks() == ["a", "ca"]
    d.complete("a", x=2)
    d.complete("ca", y=5, new=6)
    assert d.tasks() == ["z"]
    assert d.variables == {"x": 2, "y": 5, "new": 6}


def test_a_call_activity_with_mappings_shares_nothing_else(drive: Drive) -> None:
    d = drive(
        document(
            start() + call("called", ext=io({"given": "=x + 1"}, {"out": "=got"}), propagateAllParentVariables="false", propagateAllChildVariables="false") + user("z") + end()
            + chain("start", "call", "z", "end"),
            start("cs") + script("sc", "{seen: given, x: x}", "got") + end("ce") + chain("cs", "sc", "ce"),
            ids=("p", "called"),
        )
    ).start({"x": 1})  # fmt: skip
    assert d.variables == {"x": 1, "out": {"seen": 2, "x": None}}


def test_an_error_of_the_called_process_reaches_the_caller(drive: Drive) -> None:
    d = drive(
        document(
            start()
            + call("called")
            + boundary("b", "call", ERROR)
            + user("z")
            + end()
            + chain("start", "call", "end")
            + chain("b", "z", "end"),
            start("cs") + user("ca") + end("ce", ERROR) + chain("cs", "ca", "ce"),
            ids=("p", "called"),
            declarations=DECLARED,
        )
    ).start()
    assert d.complete("ca").tasks() == ["z"]


def test_a_process_that_calls_itself_for_ever_is_an_incident(drive: Drive) -> None:
    d = drive(
        document(start() + call("p") + end() + chain("start", "call", "end")), limits=Limits(call_depth=5)
    ).start()
    assert d.incidents() == [("call", "callDepthExceeded")]


def test_an_event_sub_process_of_a_called_process(drive: Drive) -> None:
    d = drive(
        document(
            start() + call("called") + user("z") + end() + chain("start", "call", "z", "end"),
            CALLED + handler("h", message("m_m")),
            ids=("p", "called"),
            declarations=DECLARED,
        )
    ).start()
    assert d.message("m")
    assert d.tasks() == ["hTask"]
    assert d.complete("hTask").tasks() == ["z"]


def test_pools_of_a_collaboration_run_as_their_own_instances(drive: Drive) -> None:
    main = (
        start()
        + throw("ask", message("m_ask"), io({"who": "=name"}))
        + catch("wait", message("m_answer"))
        + user("a")
        + end()
        + chain("start", "ask", "wait", "a", "end")
    )
    partner = (
        start("got", message("m_ask"))
        + user("check")
        + end("reply", message("m_answer"), io({"ok": "=ok"}))
        + chain("got", "check", "reply")
    )
    lane = '<bpmn:laneSet><bpmn:lane id="l1"><bpmn:extensionElements><lianban:performer role="CLERK" unit="U"/></bpmn:extensionElements><bpmn:flowNodeRef>a</bpmn:flowNodeRef></bpmn:lane></bpmn:laneSet>'
    contract = '<bpmn:extensionElements><lianban:dataContract><lianban:field path="who" name="n" required="true"/><lianban:material code="M1"/></lianban:dataContract></bpmn:extensionElements>'
    site = '<bpmn:extensionElements><lianban:site role="{}" source="={}"/></bpmn:extensionElements>'
    xml = (
        HEAD + declare(messages=["ask", "answer"])
        + '<bpmn:collaboration id="c" name="N">'
        + f'<bpmn:participant id="pa" name="A" processRef="p1">{site.format("main", "application.to")}</bpmn:participant>'
        + f'<bpmn:participant id="pb" name="B" processRef="p2">{site.format("partner", "application.from")}</bpmn:participant>'
        + f'<bpmn:messageFlow id="mf1" sourceRef="ask" targetRef="got">{contract}</bpmn:messageFlow>'
        + '<bpmn:messageFlow id="mf2" sourceRef="reply" targetRef="wait"/></bpmn:collaboration>'
        + f'<bpmn:process id="p1" isExecutable="true">{lane}{main}</bpmn:process><bpmn:process id="p2" isExecutable="true">{partner}</bpmn:process></bpmn:definitions>'
    )  # fmt: skip
    d = drive(xml.encode())
    d.start({"name": "N"}, process="p1")
    first, sent = d.last.state, d.sent[-1]
    assert sent == ("ask", {"who": "N"})
    other = d.engine.start("d1", "p2", d.env, sent[1], message="ask")
    other = d.engine.complete_task("d1", other.state, other.opened_tasks[0].id, {"ok": True}, d.env)
    assert other.ended
    d.last = type(d.last)(state=first, ended=False, variables={})
    assert d.message("answer", **other.messages[0].payload)
    assert d.tasks() == ["a"]
    assert d.variables == {"name": "N", "ok": True}
    model = d.parsed.model
    assert [(p.id, p.role, p.site_source, p.process_id) for p in model.participants] == [
        ("pa", "main", "application.to", "p1"), ("pb", "partner", "application.from", "p2"),
    ]  # fmt: skip
    assert [(f.message, f.source_participant, f.target_participant, f.materials) for f in model.message_flows] == [
        ("ask", "pa", "pb", ("M1",)), ("answer", "pb", "pa", ()),
    ]  # fmt: skip
    assert model.message_flows[0].fields[0].required
    assert (model.elements["a"].lane, model.elements["a"].unit) == ("l1", "U")


def test_a_scope_that_could_not_begin_begins_when_retried(drive: Drive) -> None:
    broken = handler("h", timer("=when"))
    d = drive(
        document(
            start() + call("called") + user("z") + end() + chain("start", "call", "z", "end")
            + sub("outer", start("os", message("m_m"), io(outputs={"got": "=x"})) + user("o") + end("oe") + chain("os", "o", "oe") + handler("h2", timer("=when")), triggeredByEvent="true"),
            CALLED + broken,
            ids=("p", "called"),
            declarations=DECLARED,
        )
    ).start({"when": "never"})  # fmt: skip
    assert d.incidents() == [("call", "timerInvalid")]
    assert d.message("m", x=1)
    assert d.incidents() == [("outer", "timerInvalid")]
    d.retry()
    assert d.incidents() == [("outer", "timerInvalid")]
    d.constants = {"when": "PT1H"}
    d.retry()
    assert d.tasks() == ["o"]
    assert d.variables["got"] == 1


def test_what_waits_with_an_incident_can_still_be_interrupted(drive: Drive) -> None:
    def broken(_job: Job) -> dict[str, Any]:
        raise ServiceError("down", "no answer")

    d = drive(
        document(
            start() + service("s", "x") + boundary("late", "s", timer("PT1H")) + user("a") + end() + chain("start", "s", "end") + chain("late", "a", "end")
        ),
        services={"x": broken},
    ).start()  # fmt: skip
    assert d.incidents() == [("s", "down")]
    assert d.after(hours=1).tasks() == ["a"]
    assert d.incidents() == []


def test_one_item_that_fails_does_not_stop_the_others(drive: Drive) -> None:
    def some(job: Job) -> dict[str, Any]:
        if job.arguments["v"] == 2 and not d.constants:
            raise ServiceError("down", "no answer")
        return {"r": job.arguments["v"] * 10}

    d = drive(
        document(
            start()
            + service("s", "x", loop("=list", "item", "out", "=r"), io({"v": "=item"}))
            + user("z")
            + end()
            + chain("start", "s", "z", "end")
        ),
        services={"x": some},
    )
    d.start({"list": [1, 2, 3]})
    assert d.incidents() == [("s", "down")]
    assert d.tasks() == []
    d.constants = {"up": True}
    assert d.retry().tasks() == ["z"]
    assert d.variables["out"] == [10, 20, 30]


def test_a_correction_goes_to_the_instance_that_failed(drive: Drive) -> None:
    def price(job: Job) -> dict[str, Any]:
        if not isinstance(job.arguments["v"], int):
            raise ServiceError("noNumber", "the fee is no number")
        return {"r": job.arguments["v"] + 1}

    d = drive(
        document(
            start()
            + service("s", "x", loop("=list", "item", "out", "=r"), io({"v": "=item.fee"}))
            + user("z")
            + end()
            + chain("start", "s", "z", "end")
        ),
        services={"x": price},
    )
    d.start({"list": [{"fee": 1}, {"fee": "a"}, {"fee": "b"}], "other": 5})
    first, second = d.engine.inspect("d1", d.last.state).incidents
    seen = d.engine.read_variables("d1", d.last.state, incident=second.id)
    assert (seen["item"], seen["other"], "now" in seen) == ({"fee": "b"}, 5, False)
    assert "item" not in d.engine.read_variables("d1", d.last.state)
    d._took(d.engine.set_variables("d1", d.last.state, {"item": {"fee": 9}}, d.env, incident=second.id))
    assert d.engine.read_variables("d1", d.last.state, incident=first.id)["item"] == {"fee": "a"}
    d._took(d.engine.retry("d1", d.last.state, second.id, d.env))
    d._took(d.engine.set_variables("d1", d.last.state, {"item": {"fee": 3}}, d.env, incident=first.id))
    assert d.retry().tasks() == ["z"]
    assert d.variables["out"] == [2, 4, 10]
    with pytest.raises(IncidentNotOpen):
        d.engine.read_variables("d1", d.last.state, incident=first.id)
