"""Sub-processes, event sub-processes, call activities, variable scopes, collaborations."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from engine.contract import Job, ServiceError
from engine.errors import IncidentNotOpen
from engine.limits import Limits
from tests.engine.kit import (
    HEAD,
    Driver,
    boundary,
    catch,
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
    service,
    start,
    throw,
    timer,
    user,
)

Drive = Callable[..., Driver]
ERROR = '<bpmn:errorEventDefinition errorRef="e_E"/>'
DECLARED = declare(messages=["withdraw", "m"], errors=["E"], signals=["s"], escalations=["X"])


def sub(id: str, *parts: str, ext: str = "", inner: str = "", **attributes: str) -> str:
    return node("subProcess", id, inner + "".join(parts), ext, **attributes)


def handler(id: str, trigger: str, *, interrupting: bool = True, body: str = "", ext: str = "") -> str:
    """An event sub-process with one user task ``<id>Task``."""
    attrs = {} if interrupting else {"isInterrupting": "false"}
    return sub(
        id,
        start(f"{id}Start", trigger, ext, **attrs)
        + user(f"{id}Task")
        + end(f"{id}End")
        + chain(f"{id}Start", f"{id}Task", f"{id}End")
        + body,
        triggeredByEvent="true",
    )


def test_a_sub_process_is_a_scope(drive: Drive) -> None:
    d = drive(
        document(
            start()
            + sub("sub", start("s1") + user("a") + end("e1") + chain("s1", "a", "e1"), ext=io({"mine": "=n + 1"}, {"result": "=mine * 10"}))
            + user("z") + end() + chain("start", "sub", "z", "end")
        )
    ).start({"n": 1})  # fmt: skip
    d.complete("a", mine=5, other="out", n=2)
    assert d.tasks() == ["z"]
    assert d.variables == {"n": 2, "other": "out", "result": 50}
    assert d.complete("z").ended


def test_a_sub_process_without_start_and_end_events(drive: Drive) -> None:
    d = drive(
        document(
            start()
            + sub("sub", user("a"), user("b"), user("c"), chain("a", "b"))
            + user("z")
            + chain("start", "sub", "z")
        )
    )
    d.start()
    assert d.tasks() == ["a", "c"]
    d.complete("a").complete("c").complete("b")
    assert d.tasks() == ["z"]
    assert d.complete("z").ended


def test_an_interrupting_boundary_takes_the_whole_sub_process_away(drive: Drive) -> None:
    inner = sub(
        "deep",
        start("s2")
        + user("b")
        + boundary("bt", "b", timer("PT9H"))
        + end("e2")
        + end("e3")
        + chain("s2", "b", "e2")
        + chain("bt", "e3"),
    )
    d = drive(
        document(
            start() + sub("sub", start("s1") + node("parallelGateway", "g") + user("a") + inner + end("e1") + chain("s1", "g", "a", "e1") + chain("g", "deep", "e1"))
            + boundary("stop", "sub", message("m_m")) + user("z") + end() + chain("start", "sub", "end") + chain("stop", "z", "end"),
            declarations=DECLARED,
        )
    ).start()  # fmt: skip
    assert d.tasks() == ["a", "b"]
    assert d.message("m")
    assert d.tasks() == ["z"]
    assert {t.element_id for t in d.last.closed_tasks} == {"a", "b"}
    assert len(d.last.closed_timers) == 1
    assert {e for e, k in d.history if k == "cancelled"} == {"a", "b", "deep", "sub"}
    assert d.complete("z").ended


@pytest.mark.parametrize("interrupting", [True, False])
def test_a_message_event_sub_process_of_the_process(drive: Drive, interrupting: bool) -> None:
    d = drive(
        document(
            start() + user("a") + user("b") + end() + chain("start", "a", "b", "end")
            + handler("withdraw", message("m_withdraw"), interrupting=interrupting, ext=io(outputs={"why": "=reason"})),
            declarations=DECLARED,
        )
    ).start()  # fmt: skip
    assert [s.element_id for s in d.last.opened_subscriptions] == ["withdrawStart"]
    d.complete("a")
    assert d.message("withdraw", reason="changed my mind")
    assert d.tasks() == (["withdrawTask"] if interrupting else ["b", "withdrawTask"])
    assert d.variables["why"] == "changed my mind"
    assert d.message("withdraw") is not interrupting
    d.complete("withdrawTask")
    assert d.ended is interrupting
    if not interrupting:
        d.complete("withdrawTask").complete("b")
        assert d.ended
        assert len(d.last.closed_subscriptions) == 1


def test_event_sub_processes_inside_an_embedded_sub_process(drive: Drive) -> None:
    inside = handler("t", timer("PT1H"), interrupting=False) + handler("m", message("m_m"))
    d = drive(
        document(
            start() + sub("sub", start("s1") + user("a") + end("e1") + chain("s1", "a", "e1") + inside) + user("z") + end() + chain("start", "sub", "z", "end"),
            declarations=DECLARED,
        )
    ).start()  # fmt: skip
    d.after(hours=1)
    assert d.tasks() == ["a", "tTask"]
    d.complete("a")
    assert d.tasks() == ["tTask"]
    assert d.message("m")
    assert d.tasks() == ["mTask"]
    d.complete("mTask")
    assert d.tasks() == ["z"]
    assert not d.message("m")


def test_an_error_is_caught_by_the_nearest_scope_that_wants_it(drive: Drive) -> None:
    def model(inner: str, outer: str) -> bytes:
        return document(
            start() + sub("sub", start("s1") + user("a") + end("bad", ERROR) + chain("s1", "a", "bad") + inner)
            + outer + user("z") + end() + chain("start", "sub", "end") + ("" if "b1" in outer else flow("start", "z")) + chain("z", "end")
            + (chain("b1", "z") if "b1" in outer else ""),
            declarations=DECLARED,
        )  # fmt: skip

    catcher = handler("inside", ERROR)
    edge = boundary("b1", "sub", ERROR)
    assert drive(model(catcher, edge)).start().complete("a").tasks() == ["insideTask"]
    assert drive(model("", edge)).start().complete("a").tasks() == ["z"]
    assert drive(model("", handler("top", "<bpmn:errorEventDefinition/>"))).start().complete("a").tasks() == ["topTask"]


def test_an_error_thrown_in_its_own_handler_goes_further_out(drive: Drive) -> None:
    inner = sub(
        "handler",
        start("hs", ERROR) + user("h") + end("again", ERROR) + chain("hs", "h", "again"),
        triggeredByEvent="true",
    )
    d = drive(
        document(
            start() + sub("sub", start("s1") + user("a") + end("bad", ERROR) + chain("s1", "a", "bad") + inner)
            + boundary("b1", "sub", ERROR) + user("z") + end() + chain("start", "sub", "end") + chain("b1", "z", "end"),
            declarations=DECLARED,
        )
    ).start()  # fmt: skip
    assert d.complete("a").tasks() == ["h"]
    assert d.complete("h").tasks() == ["z"]


def test_a_handler_that_interrupts_nothing_may_call_another(drive: Drive) -> None:
    def escalation(code: str) -> str:
        return f'<bpmn:escalationEventDefinition escalationRef="x_{code}"/>'

    first = sub(
        "h1",
        start("s1", escalation("X"), isInterrupting="false")
        + user("a1")
        + end("e1", escalation("Y"))
        + chain("s1", "a1", "e1"),
        triggeredByEvent="true",
    )
    second = sub(
        "h2",
        start("s2", escalation("Y"), isInterrupting="false") + user("a2") + end("e2") + chain("s2", "a2", "e2"),
        triggeredByEvent="true",
    )
    d = drive(
        document(
            start()
            + throw("t", escalation("X"))
            + user("a")
            + end()
            + chain("start", "t", "a", "end")
            + first
            + second,
            declarations=declare(escalations=["X", "Y"]),
        )
    ).start()
    assert d.tasks() == ["a", "a1"]
    assert d.complete("a1").tasks() == ["a", "a2"]


def test_terminate_in_a_sub_process_ends_only_that(drive: Drive) -> None:
    d = drive(
        document(
            start()
            + sub("sub", user("a") + user("b") + end("stop", "<bpmn:terminateEventDefinition/>") + chain("b", "stop"))
            + user("z") + end() + chain("start", "sub", "z", "end")
        )
    ).start()  # fmt: skip
    assert d.complete("b").tasks() == ["z"]


CALLED = start("cs") + user("ca") + end("ce") + chain("cs", "ca", "ce")


def call(ext: str = "", attributes: str = "", target: str = "called") -> str:
    return node("callActivity", "call", ext=f'<zeebe:calledElement processId="{target}" {attributes}/>' + ext)


def test_a_call_activity_gives_back_what_the_called_process_wrote(drive: Drive) -> None:
    d = drive(
        document(
            start() + node("parallelGateway", "s") + user("a") + node("parallelGateway", "j") + call() + user("z") + end()
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
            start() + call(io({"given": "=x + 1"}, {"out": "=got"}), 'propagateAllParentVariables="false" propagateAllChildVariables="false"') + user("z") + end()
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
            + call()
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
        document(start() + call(target="p") + end() + chain("start", "call", "end")), limits=Limits(call_depth=5)
    ).start()
    assert d.incidents() == [("call", "callDepthExceeded")]


def test_an_event_sub_process_of_a_called_process(drive: Drive) -> None:
    d = drive(
        document(
            start() + call() + user("z") + end() + chain("start", "call", "z", "end"),
            CALLED + handler("h", message("m_m")),
            ids=("p", "called"),
            declarations=DECLARED,
        )
    ).start()
    assert d.message("m")
    assert d.tasks() == ["hTask"]
    assert d.complete("hTask").tasks() == ["z"]


def test_the_innermost_waiting_place_gets_the_message(drive: Drive) -> None:
    d = drive(
        document(
            start()
            + user("a")
            + boundary("b", "a", message("m_m"))
            + user("x")
            + end()
            + chain("start", "a", "end")
            + chain("b", "x", "end")
            + handler("h", message("m_m")),
            declarations=DECLARED,
        )
    ).start()
    assert d.message("m")
    assert d.tasks() == ["x"]
    assert d.message("m")
    assert d.tasks() == ["hTask"]


def test_constants_cannot_be_shadowed_by_variables(drive: Drive) -> None:
    d = drive(
        document(
            start()
            + user("a", ext=io(outputs={"code": "=site.code", "form": "=given"}))
            + script("s", "site.code", "c2")
            + end()
            + chain("start", "a", "s", "end")
        )
    )
    d.constants = {"site": {"code": "REAL"}}
    d.start({"site": {"code": "FAKE"}})
    d.complete("a", given=1)
    assert (d.variables["code"], d.variables["c2"], d.variables["form"]) == ("REAL", "REAL", 1)


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


def test_cancel_closes_everything(drive: Drive) -> None:
    d = drive(
        document(
            start() + node("parallelGateway", "g") + user("a") + service("s", "x") + catch("t", timer("PT1H")) + end()
            + chain("start", "g", "a", "end") + chain("g", "s", "end") + chain("g", "t", "end") + handler("h", message("m_m")),
            declarations=DECLARED,
        )
    ).start()  # fmt: skip
    d._took(d.engine.cancel("d1", d.last.state, d.env))
    assert d.ended
    closed = d.last
    assert (
        len(closed.closed_tasks),
        len(closed.closed_timers),
        len(closed.closed_subscriptions),
        len(closed.closed_jobs),
    ) == (1, 1, 1, 1)
    assert d.last.active_elements == ()


def test_a_scope_that_could_not_begin_begins_when_retried(drive: Drive) -> None:
    broken = handler("h", timer("=when"))
    d = drive(
        document(
            start() + call() + user("z") + end() + chain("start", "call", "z", "end")
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


def test_a_timer_handler_of_the_process_fires_as_often_as_its_cycle_says(drive: Drive) -> None:
    d = drive(
        document(start() + user("a") + end() + chain("start", "a", "end") + handler("h", timer("R2/PT1H", "timeCycle"), interrupting=False))
    ).start()  # fmt: skip
    assert d.after(hours=5).tasks() == ["a", "hTask", "hTask"]
    assert d.waiting["timers"] == set()
    d.complete("a").complete("hTask")
    assert d.complete("hTask").ended


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
