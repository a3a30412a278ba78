"""Call activities, in one file and across files. Every command works on the saved state."""

from __future__ import annotations

from typing import Any

import pytest

from engine.contract import CalledProcess, Expressions, Job
from engine.errors import StateUnreadable
from engine.facade import Engine
from engine.limits import Limits
from engine.model import from_json, to_json
from tests.engine.calling import call, main, other
from tests.engine.compensating import compensate, event_sub, undo
from tests.engine.kit import (
    Drive,
    boundary,
    catch,
    chain,
    declare,
    document,
    end,
    findings,
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
from tests.engine.scoping import sub


def test_a_process_of_another_file_is_called_and_its_elements_say_so(drive: Drive) -> None:
    d = drive(main(call())).deploy("17", other()).start()
    assert d.asked == [CalledProcess("d1", "q")]
    assert d.tasks() == ["17#after"]
    assert d.last.active_elements == ("call", "17#after")
    d.complete("17#after", answer=42)
    assert d.tasks() == ["after"]
    d.complete("after")
    assert d.ended
    assert d.variables["answer"] == 42
    assert d.history == [
        ("start", "entered"), ("start", "left"), ("f_start_call", "taken"), ("call", "entered"),
        ("17#start", "entered"), ("17#start", "left"), ("17#f_start_after", "taken"), ("17#after", "entered"),
        ("17#after", "left"), ("17#f_after_end", "taken"), ("17#end", "entered"), ("17#end", "left"),
        ("call", "left"), ("f_call_after", "taken"), ("after", "entered"),
        ("after", "left"), ("f_after_end", "taken"), ("end", "entered"), ("end", "left"),
    ]  # fmt: skip


def test_what_was_called_stays_what_it_was(drive: Drive) -> None:
    d = drive(main(call())).deploy("17", other()).start()
    d.deploy("18", other(user("b") + chain("start", "b", "end")))
    assert d.tasks() == ["17#after"]
    d.complete("17#after").complete("after")
    d.start()
    assert d.tasks() == ["18#b"]


def test_the_binding_chooses_the_version(drive: Drive) -> None:
    own = start("s2") + user("own") + end("e2") + chain("s2", "own", "e2")

    def begun(called: str) -> list[str]:
        d = drive(document(start() + called + end() + chain("start", "call", "end"), own, ids=("p", "q")))
        d.deploy("17", other(tag="v1")).deploy("18", other())
        return d.start().tasks()

    assert begun(call()) == ["own"]
    assert begun(call(binding="deployment")) == ["own"]
    assert begun(call(binding="latest")) == ["18#after"]
    assert begun(call(binding="versionTag", tag="v1")) == ["17#after"]


def test_a_tag_of_the_same_file_needs_nobody_else(drive: Drive) -> None:
    tagged = (
        '<bpmn:extensionElements><zeebe:versionTag value="v1"/></bpmn:extensionElements>'
        + start("s2")
        + user("own")
        + chain("s2", "own")
    )
    d = drive(
        document(
            start() + call(binding="versionTag", tag="v1") + end() + chain("start", "call", "end"),
            tagged,
            ids=("p", "q"),
        )
    ).start()
    assert (d.tasks(), d.asked) == (["own"], [])


def test_latest_falls_back_to_the_same_file(drive: Drive) -> None:
    own = start("s2") + user("own") + chain("s2", "own")
    d = drive(
        document(start() + call(binding="latest") + end() + chain("start", "call", "end"), own, ids=("p", "q"))
    ).start()
    assert d.tasks() == ["own"]


def test_a_deployment_is_asked_for_what_the_file_has_not(drive: Drive) -> None:
    d = drive(main(call(binding="deployment"))).start()
    assert d.asked == [CalledProcess("d1", "q", "deployment")]
    assert d.incidents() == [("call", "calledProcessUnknown")]


def test_a_missing_process_is_an_incident_until_it_is_there(drive: Drive) -> None:
    d = drive(main(call("=which"))).start({"which": "q"})
    assert d.incidents() == [("call", "calledProcessUnknown")]
    d.deploy("17", other()).retry()
    assert d.tasks() == ["17#after"]
    d.start({"which": 7})
    assert d.incidents() == [("call", "calledProcessUnknown")]
    d.start({"which": None})
    assert d.incidents() == [("call", "calledProcessUnknown")]


def test_mappings_and_propagation_cross_the_border(drive: Drive) -> None:
    got: list[Any] = []

    def see(job: Job) -> dict[str, Any]:
        got.append(dict(job.arguments))
        return {"made": 1}

    body = service("see", "see", ext=io({"x": "=x", "secret": "=secret"})) + chain("start", "see", "end")
    closed = call(
        ext=io({"x": "=n + 1"}, {"total": "=made + x"}),
        propagateAllParentVariables="false",
        propagateAllChildVariables="false",
    )
    d = drive(main(closed), services={"see": see}).deploy("17", other(body)).start({"n": 1, "secret": "s"})
    assert got == [{"x": 2, "secret": None}]
    assert d.variables == {"n": 1, "secret": "s", "total": 3}
    nothing_back = call(propagateAllChildVariables="false")
    d = drive(main(nothing_back), services={"see": see}).deploy("17", other(body)).start({"n": 1, "secret": "s"})
    assert got[-1] == {"x": None, "secret": "s"}
    assert "made" not in d.variables


def test_gateways_joins_and_subprocesses_of_another_file(drive: Drive) -> None:
    body = (
        node("parallelGateway", "g") + user("a") + sub("s", user("b")) + node("inclusiveGateway", "j") + script("n", "1", "done")
        + chain("start", "g", "a", "j", "n", "end") + chain("g", "s", "j")
    )  # fmt: skip
    d = drive(main(call())).deploy("17", other(body)).start()
    d.complete("17#b").complete("17#a")
    assert d.tasks() == ["after"]
    assert d.variables["done"] == 1


def test_events_of_another_file_wait_and_catch(drive: Drive) -> None:
    body = (
        user("a") + boundary("late", "a", timer("PT1H"), interrupting=False) + user("urge") + catch("c", message("m_m"))
        + chain("start", "a", "c", "end") + chain("late", "urge", "end")
        + event_sub("h", '<bpmn:signalEventDefinition signalRef="s_s"/>', user("heard") + chain("h_start", "heard"), interrupting=False)
    )  # fmt: skip
    d = drive(main(call())).deploy("17", other(body, declarations=declare(["m"], ["s"]))).start()
    d.after(hours=2)
    assert d.signal("s")
    assert d.tasks() == ["17#a", "17#heard", "17#urge"]
    d.complete("17#a").complete("17#urge").complete("17#heard")
    assert d.message("m", None, got=1)
    assert d.tasks() == ["after"]
    assert d.variables["got"] == 1


ERROR = '<bpmn:errorEventDefinition errorRef="e_bad"/>'
CODE = declare(errors=["bad"], escalations=["up"], signals=["s"])


def test_an_error_reaches_the_caller(drive: Drive) -> None:
    body = user("a") + end("bad", ERROR) + chain("start", "a", "bad")
    caught = boundary("oops", "call", ERROR) + user("repair") + chain("oops", "repair", "end")
    d = drive(main(call(), caught, declarations=CODE)).deploy(
        "17", document(start() + body, ids=("q",), declarations=CODE)
    )
    assert d.start().complete("17#a").tasks() == ["repair"]


def test_an_error_is_caught_inside_first(drive: Drive) -> None:
    body = (
        user("a")
        + end("bad", ERROR)
        + chain("start", "a", "bad")
        + event_sub("h", ERROR, user("inside") + chain("h_start", "inside"))
    )
    caught = boundary("oops", "call", ERROR) + user("repair") + chain("oops", "repair", "end")
    d = drive(main(call(), caught, declarations=CODE)).deploy(
        "17", document(start() + body, ids=("q",), declarations=CODE)
    )
    assert d.start().complete("17#a").tasks() == ["17#inside"]
    d.complete("17#inside")
    assert d.tasks() == ["after"]


def test_an_escalation_and_a_signal_reach_the_caller(drive: Drive) -> None:
    up, signal = (
        '<bpmn:escalationEventDefinition escalationRef="x_up"/>',
        '<bpmn:signalEventDefinition signalRef="s_s"/>',
    )
    body = throw("t1", up) + throw("t2", signal) + user("a") + chain("start", "t1", "t2", "a", "end")
    beside = boundary("b1", "call", up, interrupting=False) + user("told") + chain("b1", "told", "end")
    beside += boundary("b2", "call", signal, interrupting=False) + user("heard") + chain("b2", "heard", "end")
    d = drive(main(call(), beside, declarations=CODE)).deploy("17", other(body, declarations=CODE)).start()
    assert d.tasks() == ["17#a", "heard", "told"]


def test_a_terminate_end_ends_the_called_process_only(drive: Drive) -> None:
    body = (
        node("parallelGateway", "g")
        + user("a")
        + user("b")
        + end("stop", "<bpmn:terminateEventDefinition/>")
        + chain("start", "g", "a", "stop")
        + chain("g", "b", "end")
    )
    d = drive(main(call())).deploy("17", other(body)).start().complete("17#a")
    assert d.tasks() == ["after"]


def test_each_item_has_its_call(drive: Drive) -> None:
    many = call(inner=loop("=list", "one", "answers", "=answer"))
    d = drive(main(many)).deploy("17", other()).start({"list": ["x", "y"]})
    assert d.tasks() == ["17#after", "17#after"]
    second, first = sorted(d.open.values(), key=lambda task: int(task.id.split("-")[1]), reverse=True)
    d._took(d.engine.complete_task("d1", d.last.state, second.id, {"answer": 2}, d.env))
    d._took(d.engine.complete_task("d1", d.last.state, first.id, {"answer": 1}, d.env))
    assert d.tasks() == ["after"]
    assert d.variables["answers"] == [1, 2]


def test_files_that_call_each_other_are_bounded(drive: Drive) -> None:
    back = other(call("p") + chain("start", "call", "end"))
    d = drive(main(call()), limits=Limits(call_depth=5)).deploy("17", back)
    d.others["d1"] = d.parsed
    d.start()
    assert d.incidents() == [("17#call", "callDepthExceeded")]
    assert d.last.active_elements == ("call", "17#call")


def test_a_called_file_may_call_a_third(drive: Drive) -> None:
    middle = other(call("r") + chain("start", "call", "end"))
    own = other(user("deep") + chain("start", "deep", "end"), id="r")
    d = drive(main(call())).deploy("17", middle).deploy("19", own).start()
    assert d.tasks() == ["19#deep"]
    assert d.asked == [CalledProcess("d1", "q"), CalledProcess("17", "r")]
    d.complete("19#deep").complete("after")
    assert d.ended


def test_a_process_of_the_called_file_is_found_there(drive: Drive) -> None:
    both = document(
        start() + call("r") + end() + chain("start", "call", "end"),
        start("rs") + user("deep") + chain("rs", "deep"),
        ids=("q", "r"),
    )
    d = drive(main(call())).deploy("17", both).start()
    assert d.tasks() == ["17#deep"]
    assert d.asked == [CalledProcess("d1", "q")]


def test_a_call_into_another_file_is_compensated_from_inside(drive: Drive) -> None:
    body = (
        user("a")
        + chain("start", "a", "end")
        + undo("a")
        + event_sub("h", message("m_m"), user("x") + chain("h_start", "x"))
    )
    xml = document(start() + call() + user("after") + end("end", compensate()) + chain("start", "call", "after", "end"))
    d = drive(xml).deploy("17", other(body, declarations=declare(["m"]))).start().complete("17#a")
    d.deploy("18", other()).complete("after")
    assert d.tasks() == ["17#undo_a"]
    d.complete("17#undo_a")
    assert d.ended


def test_a_compensation_event_subprocess_of_a_called_process(drive: Drive) -> None:
    own = event_sub("h", compensate(), user("back") + chain("h_start", "back"))
    called = start("qs") + user("a") + end("qe") + chain("qs", "a", "qe") + own
    xml = document(
        start() + call() + user("after") + end("end", compensate("call")) + chain("start", "call", "after", "end"),
        called,
        ids=("p", "q"),
    )
    d = drive(xml).start().complete("a").complete("after")
    assert d.tasks() == ["back"]
    d.complete("back")
    assert d.ended


def test_a_condition_of_a_called_file_is_looked_at(drive: Drive) -> None:
    condition = (
        "<bpmn:conditionalEventDefinition><bpmn:condition>=ready</bpmn:condition></bpmn:conditionalEventDefinition>"
    )
    d = (
        drive(main(call()))
        .deploy("17", other(catch("c", condition) + chain("start", "c", "end")))
        .start({"ready": False})
    )
    assert d.last.active_elements == ("call", "17#c")
    d._took(d.engine.set_variables("d1", d.last.state, {"ready": True}, d.env, scope="17#c"))
    assert d.tasks() == ["after"]


GLOBAL = {
    "globalUserTask": '<bpmn:globalUserTask id="q" name="Q"><bpmn:extensionElements><zeebe:formDefinition formId="f"/></bpmn:extensionElements></bpmn:globalUserTask>',
    "globalScriptTask": '<bpmn:globalScriptTask id="q" scriptLanguage="feel"><bpmn:script>"made"</bpmn:script></bpmn:globalScriptTask>',
    "globalManualTask": '<bpmn:globalManualTask id="q"/>',
    "globalTask": '<bpmn:globalTask id="q" name="Q"/>',
}


@pytest.mark.parametrize("kind", GLOBAL)
def test_a_global_task_is_called(kind: str, drive: Drive) -> None:
    called = node("callActivity", "call", calledElement="q")
    d = drive(main(called, declarations=GLOBAL[kind])).start()
    if kind == "globalUserTask":
        assert d.tasks() == ["q_task"]
        d.complete("q_task")
    assert d.tasks() == ["after"]
    assert [pool.id for pool in d.parsed.model.participants] == ["p"]


def test_a_global_script_of_another_tool_becomes_a_job(drive: Drive, feel: Expressions) -> None:
    declared = '<bpmn:globalScriptTask id="q"><bpmn:script>BOOK</bpmn:script></bpmn:globalScriptTask>'
    body = start() + node("callActivity", "call", calledElement="q") + end() + chain("start", "call", "end")
    foreign = document(body, declarations=declared).replace(b' xmlns:zeebe="http://camunda.org/schema/zeebe/1.0"', b"")
    d = drive(Engine(feel, source={}.__getitem__).convert(foreign).xml).start()
    assert [job.type for job in d.engine.inspect("d1", d.last.state).jobs] == ["BOOK"]


def test_a_call_by_expression_of_another_tool_is_looked_up_when_it_is_made(drive: Drive, feel: Expressions) -> None:
    body = start() + node("callActivity", "call", calledElement="${which}") + end() + chain("start", "call", "end")
    foreign = document(body).replace(b"xmlns:zeebe=", b'xmlns:camunda="http://camunda.org/schema/1.0/bpmn" xmlns:old=')
    d = drive(Engine(feel, source={}.__getitem__).convert(foreign).xml).deploy("17", other())
    assert d.start({"which": "q"}).tasks() == ["17#after"]


def test_the_model_says_what_it_calls(drive: Drive) -> None:
    model = drive(main(call("r", "versionTag", "v1"))).parsed.model
    assert from_json(to_json(model)) == model
    (called,) = model.calls
    assert (called.element_id, called.process_id, called.binding, called.version_tag) == (
        "call",
        "r",
        "versionTag",
        "v1",
    )
    assert drive(other(tag="v2")).parsed.model.processes[0].version_tag == "v2"


def test_a_state_that_names_an_unknown_element_is_refused(drive: Drive) -> None:
    d = drive(main(call())).deploy("17", other()).start()
    with pytest.raises(StateUnreadable):
        d.engine.inspect("d1", d.last.state.replace(b"17#after", b"17#gone"))


REFUSED = [
    ("calledElementMissing", main(call(""))),
    ("callBinding", main(call("q", "newest"))),
    ("callVersionTag", main(call("q", "versionTag"))),
    ("calledElementStart", document(start() + call() + end() + chain("start", "call", "end"), start("qs", timer("PT1H")) + end("qe") + chain("qs", "qe"), ids=("p", "q"))),
]  # fmt: skip


@pytest.mark.parametrize(("rule", "xml"), REFUSED, ids=[f"{r[0]}-{n}" for n, r in enumerate(REFUSED)])
def test_what_cannot_be_called_is_refused(rule: str, xml: bytes, feel: Expressions) -> None:
    assert (rule, "call") in findings(xml, feel)
