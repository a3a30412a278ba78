"""Sub-processes, event sub-processes, call activities, variable scopes, collaborations."""

from __future__ import annotations

import pytest

from tests.engine.kit import (
    Drive,
    boundary,
    catch,
    chain,
    declare,
    document,
    end,
    flow,
    io,
    message,
    node,
    script,
    service,
    start,
    throw,
    timer,
    user,
)
from tests.engine.scoping import DECLARED, ERROR, handler, sub


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


def test_a_timer_handler_of_the_process_fires_as_often_as_its_cycle_says(drive: Drive) -> None:
    d = drive(
        document(start() + user("a") + end() + chain("start", "a", "end") + handler("h", timer("R2/PT1H", "timeCycle"), interrupting=False))
    ).start()  # fmt: skip
    assert d.after(hours=5).tasks() == ["a", "hTask", "hTask"]
    assert d.waiting["timers"] == set()
    d.complete("a").complete("hTask")
    assert d.complete("hTask").ended
