"""What is undone inside of scopes: sub-processes, called processes, loops, many instances, ad-hoc sub-processes."""

from __future__ import annotations

from typing import Any

import pytest

from engine.contract import Job
from tests.engine.compensating import compensate, event_sub, handler, logging, undo, undo_job
from tests.engine.kit import (  # fmt: skip
    Drive,
    chain,
    declare,
    document,
    end,
    flow,
    io,
    loop,
    message,
    node,
    script,
    start,
    throw,
    user,
)
from tests.engine.scoping import sub


def test_every_instance_of_a_multi_instance_activity_is_undone_with_its_item(drive: Drive) -> None:
    seen: list[Any] = []

    def service_(job: Job) -> dict[str, Any]:
        seen.append(job.arguments["what"])
        return {}

    xml = document(
        start() + user("a", loop("=list", "one")) + end("end", compensate()) + chain("start", "a", "end")
        + undo("a", handler("serviceTask", "a", ext='<zeebe:taskDefinition type="u"/>' + io({"what": "=one + string(loopCounter)"})))
    )  # fmt: skip
    d = drive(xml, services={"u": service_}).start({"list": ["x", "y", "z"]})
    d.complete("a", 1).complete("a", 2).complete("a", 0)
    assert seen == ["x1", "z3", "y2"]
    assert d.ended


def test_an_unfinished_multi_instance_is_not_undone(drive: Drive) -> None:
    xml = document(
        start() + node("parallelGateway", "g") + user("a", loop("=[1, 2]", "one")) + user("b") + throw("t", compensate()) + end()
        + chain("start", "g", "a", "end") + chain("g", "b", "t", "end") + undo("a")
    )  # fmt: skip
    d = drive(xml).start().complete("a", 0).complete("b")
    assert d.tasks() == ["a"]
    d.complete("a", 1)
    assert d.ended


def test_a_completed_subprocess_is_undone_from_inside_with_its_variables_as_they_were(drive: Drive) -> None:
    seen: list[Any] = []

    def service_(job: Job) -> dict[str, Any]:
        seen.append((job.element_id, dict(job.arguments)))
        return {"own": "changed", "outer": "written"}

    inside = node(
        "subProcess", "s",
        start("is") + script("w", 'own + "!"', "own") + user("a") + sub("deep", user("b") + undo("b", handler("serviceTask", "b", ext='<zeebe:taskDefinition type="u"/>')))
        + chain("is", "w", "a", "deep") + undo("a", handler("serviceTask", "a", ext='<zeebe:taskDefinition type="u"/>' + io({"x": "=own", "y": "=outer"}))),
        io({"own": "=seed"}),
    )  # fmt: skip
    xml = document(
        start()
        + inside
        + script("change", '"new"', "outer")
        + user("ask")
        + end("end", compensate())
        + chain("start", "s", "change", "ask", "end")
    )
    d = drive(xml, services={"u": service_}).start({"seed": "S", "outer": "old"})
    d.complete("a").complete("b").complete("ask")
    assert seen == [("undo_b", {}), ("undo_a", {"x": "changed", "y": "written"})]
    assert d.ended
    assert d.variables == {"seed": "S", "outer": "written"}


def test_nested_subprocesses_wait_for_people_and_start_together(drive: Drive) -> None:
    xml = document(
        start() + sub("hotel", user("a") + sub("flight", user("b") + undo("b")) + chain("a", "flight") + undo("a"))
        + user("ask") + throw("t", compensate("hotel")) + end() + chain("start", "hotel", "ask", "t", "end")
    )  # fmt: skip
    d = drive(xml).start().complete("a").complete("b").complete("ask")
    assert d.tasks() == ["undo_a", "undo_b"]
    assert d.last.active_elements == ("t", "undo_b", "undo_a")
    d.complete("undo_a").complete("undo_b")
    assert d.ended


def test_one_after_the_other_when_the_model_says_so(drive: Drive) -> None:
    one_by_one = throw("t", compensate(), '<lianban:compensation order="sequential"/>')
    xml = document(
        start() + user("a") + sub("s", user("b") + user("c") + chain("b", "c") + undo("b") + undo("c")) + user("ask") + one_by_one + end()
        + chain("start", "a", "s", "ask", "t", "end") + undo("a")
    )  # fmt: skip
    d = drive(xml).start().complete("a").complete("b").complete("c").complete("ask")
    for element in ("undo_c", "undo_b", "undo_a"):
        assert d.tasks() == [element]
        d.complete(element)
    assert d.ended


def test_a_subprocess_with_a_handler_of_its_own_is_undone_by_that_alone(drive: Drive) -> None:
    steps = start("h1") + user("h2") + end("h3") + chain("h1", "h2", "h3")
    xml = document(
        start() + sub("s", user("a") + undo("a")) + end("end", compensate()) + chain("start", "s", "end")
        + undo("s", handler("subProcess", "s", steps))
    )  # fmt: skip
    d = drive(xml).start().complete("a")
    assert d.tasks() == ["h2"]
    d.complete("h2")
    assert d.ended


def test_a_compensation_event_subprocess_decides_what_is_undone(drive: Drive) -> None:
    own = event_sub(
        "es", compensate(), throw("only_b", compensate("b")) + user("record") + chain("es_start", "only_b", "record")
    )
    xml = document(
        start() + node("subProcess", "s", start("is") + user("a") + user("b") + chain("is", "a", "b") + undo("a") + undo("b") + own, io({"own": "=7"}))
        + user("ask") + throw("t", compensate("s")) + throw("again", compensate()) + end() + chain("start", "s", "ask", "t", "again", "end")
    )  # fmt: skip
    d = drive(xml).start().complete("a").complete("b").complete("ask")
    assert d.tasks() == ["undo_b"]
    d.complete("undo_b")
    assert d.tasks() == ["record"]
    d.complete("record")
    assert d.ended


def test_a_compensation_event_subprocess_may_undo_the_rest_of_its_scope(drive: Drive) -> None:
    inner = sub(
        "flight", user("b") + event_sub("ef", compensate(), user("undo_flight") + chain("ef_start", "undo_flight"))
    )
    own = event_sub(
        "es", compensate(), user("first") + throw("rest", compensate()) + chain("es_start", "first", "rest")
    )
    xml = document(
        start() + sub("s", inner, own) + user("ask") + end("end", compensate()) + chain("start", "s", "ask", "end")
    )
    d = drive(xml).start().complete("b").complete("ask")
    assert d.tasks() == ["first"]
    d.complete("first")
    assert d.tasks() == ["undo_flight"]
    d.complete("undo_flight")
    assert d.ended


def test_an_error_handler_undoes_the_enclosing_scope_and_its_own_work(drive: Drive) -> None:
    log: list[str] = []
    rescue = event_sub(
        "h", '<bpmn:errorEventDefinition errorRef="e_bad"/>',
        user("b") + throw("t", compensate()) + chain("h_start", "b", "t") + undo_job("b"),
    )  # fmt: skip
    xml = document(
        start() + user("a") + user("c") + end("end", '<bpmn:errorEventDefinition errorRef="e_bad"/>') + chain("start", "a", "c", "end")
        + undo_job("a") + rescue, declarations=declare(errors=["bad"]),
    )  # fmt: skip
    d = drive(xml, services=logging(log)).start().complete("a").complete("c").complete("b")
    assert log == ["undo_b", "undo_a"]
    assert d.ended


@pytest.mark.parametrize("kind", ["subProcess", "callActivity"])
def test_what_a_handler_does_is_not_undone_itself(kind: str, drive: Drive) -> None:
    steps = user("h") + undo("h") if kind == "subProcess" else ""
    attributes = {"calledElement": "q"} if kind == "callActivity" else {}
    made = node(kind, "undo_a", steps, isForCompensation="true", **attributes)
    called = (
        start("qs") + user("h") + end("qe") + chain("qs", "h", "qe") + (undo("h") if kind == "callActivity" else "")
    )
    bodies = [
        start()
        + user("a")
        + throw("t1", compensate())
        + throw("t2", compensate())
        + end()
        + chain("start", "a", "t1", "t2", "end")
        + undo("a", made)
    ]
    d = (
        drive(document(*bodies, *([called] if attributes else []), ids=("p", "q")[: 1 + len(attributes)]))
        .start()
        .complete("a")
    )
    assert d.tasks() == ["h"]
    d.complete("h")
    assert d.ended


def test_a_called_process_is_undone_from_inside(drive: Drive) -> None:
    called = (
        start("qs")
        + user("a")
        + end("qe")
        + chain("qs", "a", "qe")
        + undo("a", handler("userTask", "a", ext='<zeebe:formDefinition formId="f"/>' + io({"x": "=inner"})))
    )
    main = (
        start()
        + node("callActivity", "call", ext='<zeebe:calledElement processId="q"/>' + io({"inner": "=n"}))
        + user("ask")
        + end("end", compensate())
        + chain("start", "call", "ask", "end")
    )
    d = drive(document(main, called, ids=("p", "q"))).start({"n": 1}).complete("a", n=2).complete("ask", inner=3)
    assert d.task("undo_a").context == {"x": 1}
    d.complete("undo_a", late=4)
    assert d.ended
    assert d.variables["inner"] == 3
    assert "late" not in d.variables


def test_rounds_of_a_loop_are_undone_each(drive: Drive) -> None:
    log: list[str] = []
    xml = document(
        start() + node("exclusiveGateway", "m") + script("a", "n + 1", "n") + node("exclusiveGateway", "x", default="f_x_end") + end("end", compensate())
        + chain("start", "m", "a", "x", "end") + flow("x", "m", "n < 3") + undo_job("a")
    )  # fmt: skip
    assert drive(xml, services=logging(log)).start({"n": 0}).ended
    assert log == ["undo_a"] * 3


def test_rounds_of_a_standard_loop_are_undone_each(drive: Drive) -> None:
    again = '<bpmn:standardLoopCharacteristics loopMaximum="3"/>'
    xml = document(
        start() + user("a", again) + throw("t", compensate("a")) + end() + chain("start", "a", "t", "end") + undo("a")
    )
    d = drive(xml).start().complete("a").complete("a").complete("a")
    assert d.tasks() == ["undo_a"] * 3
    d.complete("undo_a").complete("undo_a").complete("undo_a")
    assert d.ended


def test_a_sub_process_of_many_instances_is_undone_with_the_variables_of_each(drive: Drive) -> None:
    seen: list[Any] = []

    def see(job: Job) -> dict[str, Any]:
        seen.append((job.arguments["one"], job.arguments["own"]))
        return {}

    seeing = handler("serviceTask", "a", ext='<zeebe:taskDefinition type="u"/>' + io({"one": "=one", "own": "=own"}))
    inner = start("is") + user("a", ext=io(None, {"own": "=own"})) + chain("is", "a") + undo("a", seeing)
    many = node("subProcess", "s", loop("=list", "one") + inner, io({"own": "=null"}))
    xml = document(start() + many + user("ask") + end("end", compensate()) + chain("start", "s", "ask", "end"))
    d = drive(xml, services={"u": see}).start({"list": ["x", "y"]})
    first, second = sorted(d.open.values(), key=lambda task: int(task.id.rpartition("-")[2]))
    for task, value in ((second, 2), (first, 1)):
        d._took(d.engine.complete_task("d1", d.last.state, task.id, {"own": value}, d.env))
    d.complete("ask")
    assert sorted(seen) == [("x", 1), ("y", 2)]
    assert seen[0] == ("x", 1)
    assert d.ended


def test_a_finished_event_subprocess_is_undone_too(drive: Drive) -> None:
    beside = event_sub("h", message("m_m"), user("b") + chain("h_start", "b") + undo("b"), interrupting=False)
    xml = document(
        start() + user("a") + end("end", compensate()) + chain("start", "a", "end") + beside,
        declarations=declare(messages=["m"]),
    )
    d = drive(xml).start()
    assert d.message("m")
    d.complete("b").complete("a")
    assert d.tasks() == ["undo_b"]


def test_a_thousand_instances_are_undone(drive: Drive) -> None:
    log: list[str] = []
    many = node("task", "a", loop("=list", "one"))
    xml = document(start() + many + end("end", compensate("a")) + chain("start", "a", "end") + undo_job("a"))
    assert drive(xml, services=logging(log)).start({"list": list(range(1000))}).ended
    assert log == ["undo_a"] * 1000


def test_what_an_ad_hoc_sub_process_did_is_undone(drive: Drive) -> None:
    inner = user("a") + user("b") + undo("a") + undo("b")
    xml = document(
        start()
        + node("adHocSubProcess", "s", inner)
        + user("ask")
        + end("end", compensate())
        + chain("start", "s", "ask", "end")
    )
    d = drive(xml).start()
    for name in ("b", "a"):
        (open_,) = d.last.ad_hocs
        assert "undo_a" not in open_.enabled
        d._took(d.engine.activate("d1", d.last.state, open_.id, [name], d.env))
        d.complete(name)
    d.complete("ask")
    assert d.tasks() == ["undo_a", "undo_b"]
    assert [e for e, kind in d.history if kind == "entered"][-2:] == ["undo_a", "undo_b"]
    d.complete("undo_a").complete("undo_b")
    assert d.ended
