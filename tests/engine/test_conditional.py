"""Conditional events: when their conditions are looked at, and what they start, interrupt or let go on."""

from __future__ import annotations

import pytest

from engine.errors import ElementNotActive, ProcessUnknown
from engine.limits import Limits
from tests.engine.kit import (
    Drive,
    boundary,
    catch,
    chain,
    condition,
    document,
    end,
    io,
    loop,
    node,
    script,
    service,
    start,
    timer,
    user,
)

WAITING = document(start() + catch("c", condition("x > 3")) + user("a") + end() + chain("start", "c", "a", "end"))


def on_boundary(inner: str = "", *, interrupting: bool, filters: dict[str, str] | None = None) -> bytes:
    """start → a (with a conditional boundary event leading to b) → end."""
    return document(
        start() + user("a", inner) + boundary("c", "a", condition("x > 3", **(filters or {})), interrupting=interrupting) + user("b") + end() + end("e2")
        + chain("start", "a", "end") + chain("c", "b", "e2")
    )  # fmt: skip


def test_an_intermediate_condition_waits_until_it_holds(drive: Drive) -> None:
    d = drive(WAITING).start({"x": 1})
    assert (d.tasks(), d.last.active_elements) == ([], ("c",))
    assert d.set(x=2).tasks() == []
    assert d.set(x=4).tasks() == ["a"]
    assert d.complete("a").ended


def test_an_intermediate_condition_that_holds_already_does_not_wait(drive: Drive) -> None:
    assert drive(WAITING).start({"x": 9}).tasks() == ["a"]


def test_null_is_not_true_and_text_is_an_incident_that_a_retry_clears(drive: Drive) -> None:
    d = drive(document(start() + catch("c", condition("x")) + user("a") + end() + chain("start", "c", "a", "end")))
    d.start({"x": None})
    assert d.set(x="yes").incidents() == [("c", "conditionNotBoolean")]
    d.retry()
    assert d.incidents() == [("c", "conditionNotBoolean")]
    assert d.set(x=True).tasks() == []  # it stands at the incident
    assert d.retry().tasks() == ["a"]
    assert d.incidents() == []


def test_a_condition_that_fails_when_its_event_is_reached_is_an_incident_there(drive: Drive) -> None:
    d = drive(document(start() + catch("c", condition("x")) + user("a") + end() + chain("start", "c", "a", "end")))
    assert d.start({"x": 1}).incidents() == [("c", "conditionNotBoolean")]
    d.set(x=False)
    assert d.retry().incidents() == []
    assert d.set(x=True).tasks() == ["a"]


@pytest.mark.parametrize("interrupting", [True, False])
def test_a_boundary_condition(drive: Drive, interrupting: bool) -> None:
    d = drive(on_boundary(interrupting=interrupting)).start({"x": 0})
    assert d.set(x=4).tasks() == (["b"] if interrupting else ["a", "b"])
    assert [t.element_id for t in d.last.closed_tasks] == (["a"] if interrupting else [])


def test_a_boundary_condition_that_holds_when_its_host_is_reached(drive: Drive) -> None:
    assert drive(on_boundary(interrupting=True)).start({"x": 5}).tasks() == ["b"]
    assert drive(on_boundary(interrupting=False)).start({"x": 5}).tasks() == ["a", "b"]


def test_what_a_condition_interrupts_is_not_begun(drive: Drive) -> None:
    done: list[str] = []
    xml = document(
        start() + service("s", "work") + boundary("c", "s", condition("x")) + user("b") + end() + chain("start", "s", "end") + chain("c", "b", "end")
    )  # fmt: skip
    d = drive(xml, services={"work": lambda job: done.append(job.element_id) or {}})
    assert d.start({"x": True}).tasks() == ["b"]
    assert done == []


def test_a_non_interrupting_condition_fires_each_time_a_change_leaves_it_true(drive: Drive) -> None:
    d = drive(on_boundary(interrupting=False)).start({"x": 0})
    d.set(x=4).set(x=5)
    assert d.tasks() == ["a", "b", "b"]
    d.set(x=1)
    assert d.tasks() == ["a", "b", "b"]
    d.set(other=7)  # the condition does not read it
    assert d.tasks() == ["a", "b", "b"]
    d.complete("a")
    assert d.set(x=8).tasks() == ["b", "b"]


@pytest.mark.parametrize(("filters", "fired"), [({"variableEvents": "create"}, 1), ({"variableEvents": "update"}, 1), ({"variableNames": "y"}, 1), ({}, 2)])  # fmt: skip
def test_a_filter_says_which_changes_count(drive: Drive, filters: dict[str, str], fired: int) -> None:
    d = drive(on_boundary(interrupting=False, filters=filters)).start()
    d.set(x=4).set(x=5).set(y=1)
    assert d.tasks() == ["a"] + ["b"] * fired


def test_a_variable_of_a_step_is_seen(drive: Drive) -> None:
    sub = node("subProcess", "sub", start("s1") + user("t") + script("calc", "n * 2", "x") + user("after") + chain("s1", "t", "calc", "after"))  # fmt: skip
    d = drive(
        document(
            start() + sub + boundary("c", "sub", condition("x > 3")) + user("b") + end() + chain("start", "sub", "end") + chain("c", "b", "end")
        )
    )  # fmt: skip
    d.start()
    d.complete("t", n=2)
    assert d.tasks() == ["b"]
    assert ("after", "entered") not in d.history


def test_a_task_that_a_person_completes_is_completed_even_when_its_result_would_have_interrupted_it(
    drive: Drive,
) -> None:
    d = drive(on_boundary(interrupting=True)).start({"x": 0})
    d.complete("a", x=4)
    assert d.ended
    assert [t.cancelled for t in d.last.closed_tasks] == [False]


def test_only_what_sees_the_variable_looks_again(drive: Drive) -> None:
    inner = (
        start("s1")
        + user("t")
        + boundary("c", "t", condition("own"))
        + user("b")
        + end("e1")
        + chain("s1", "t", "e1")
        + chain("c", "b", "e1")
    )
    sub = node("subProcess", "sub", inner, io({"own": "=false"}))
    d = drive(document(start() + sub + end() + chain("start", "sub", "end"))).start()
    assert d.set(own=True).tasks() == ["t"]  # the sub-process has its own
    assert d.set("sub", own=True).tasks() == ["b"]
    with pytest.raises(ElementNotActive):
        d.set("t", own=False)


@pytest.mark.parametrize("interrupting", [True, False])
@pytest.mark.parametrize("level", ["process", "sub"])
def test_an_event_subprocess_with_a_condition(drive: Drive, interrupting: bool, level: str) -> None:
    handler = node("subProcess", "h", start("hs", condition("x = 1"), isInterrupting=str(interrupting).lower()) + user("ht") + chain("hs", "ht"), triggeredByEvent="true")  # fmt: skip
    work = user("a") + handler
    body = (
        start() + work + end() + chain("start", "a", "end")
        if level == "process"
        else start() + node("subProcess", "sub", start("s1") + work + chain("s1", "a")) + end() + chain("start", "sub", "end")
    )  # fmt: skip
    d = drive(document(body)).start({"x": 0})
    assert d.tasks() == ["a"]
    assert d.set(x=1).tasks() == (["ht"] if interrupting else ["a", "ht"])
    if not interrupting:
        assert d.set(x=1).tasks() == ["a", "ht", "ht"]
    for open_ in d.tasks():
        d.complete(open_)
    assert d.ended


def test_an_event_subprocess_whose_condition_holds_from_the_start(drive: Drive) -> None:
    handler = node(
        "subProcess", "h", start("hs", condition("x = 1")) + user("ht") + chain("hs", "ht"), triggeredByEvent="true"
    )
    d = drive(document(start() + user("a") + handler + end() + chain("start", "a", "end"))).start({"x": 1})
    assert d.tasks() == ["ht"]


def test_an_event_gateway_with_a_condition(drive: Drive) -> None:
    d = drive(
        document(
            start() + node("eventBasedGateway", "g") + catch("c", condition("x")) + catch("t", timer("PT1H")) + user("a") + user("b") + end()
            + chain("start", "g", "c", "a", "end") + chain("g", "t", "b", "end")
        )
    )  # fmt: skip
    assert d.start({"x": True}).tasks() == ["a"]
    d.start({"x": False})
    assert d.set(x=True).tasks() == ["a"]
    assert len(d.last.closed_timers) == 1
    assert d.start({"x": False}).after(hours=1).tasks() == ["b"]
    assert d.set(x=True).tasks() == ["b"]


def test_a_condition_that_feeds_itself_stops_at_the_limit_of_steps(drive: Drive) -> None:
    handler = node("subProcess", "h", start("hs", condition("x > 0"), isInterrupting="false") + script("more", "x + 1", "x") + chain("hs", "more"), triggeredByEvent="true")  # fmt: skip
    d = drive(
        document(start() + user("a") + handler + end() + chain("start", "a", "end")), limits=Limits(steps=500)
    ).start({"x": 0})
    d.set(x=1)
    assert [code for _, code in d.incidents()] == ["stepsExceeded"]
    assert d.tasks() == ["a"]


def test_a_condition_on_a_multi_instance_interrupts_all(drive: Drive) -> None:
    d = drive(on_boundary(loop("=[1, 2, 3]", "one"), interrupting=True)).start({"x": 0})
    assert d.tasks() == ["a", "a", "a"]
    assert d.set(x=4).tasks() == ["b"]


def test_a_process_that_a_condition_starts(drive: Drive) -> None:
    d = drive(
        document(
            start("s1", condition("stock < 5")) + start("s2", condition("stock < 2")) + start("s3") + user("a") + end()
            + chain("s1", "a") + chain("s2", "a") + chain("s3", "a", "end")
        )
    )  # fmt: skip
    info = d.parsed.model.processes[0]
    assert info.condition_starts == ("stock < 5", "stock < 2")
    assert info.none_start
    assert [(s.element_id, s.kind) for s in info.starts] == [
        ("s1", "conditional"),
        ("s2", "conditional"),
        ("s3", "none"),
    ]
    assert d.engine.find_condition_starts("d1", "p", d.env, {"stock": 9}) == ()
    assert d.engine.find_condition_starts("d1", "p", d.env, {"stock": 4}) == ("s1",)
    assert d.engine.find_condition_starts("d1", "p", d.env, {"stock": 1}) == ("s1", "s2")
    d.start({"stock": 1}, at="s2")
    assert d.tasks() == ["a"]
    assert d.variables == {"stock": 1}
    assert ("s2", "entered") in d.history
    with pytest.raises(ProcessUnknown):
        d.start(at="a")
