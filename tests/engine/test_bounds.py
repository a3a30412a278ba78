"""Failures, limits, states and definitions that cannot be used."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from engine import errors
from engine.contract import ExpressionCheck, Expressions, Variables
from engine.limits import Limits
from forms.errors import ExpressionFailed as Failed
from tests.engine.kit import (
    Drive,
    Driver,
    boundary,
    chain,
    document,
    end,
    flow,
    io,
    node,
    script,
    service,
    start,
    timer,
    user,
)


class Failing:
    """A kernel in which an expression that says FAIL has no value while ``x`` is negative."""

    def __init__(self, kernel: Expressions) -> None:
        self.kernel = kernel

    def check(self, sources: Sequence[str]) -> Sequence[ExpressionCheck]:
        return self.kernel.check(sources)

    def evaluate(self, sources: Sequence[str], context: Variables) -> Sequence[Any]:
        for index, source in enumerate(sources):
            if "FAIL" in source and context["x"] < 0:
                raise Failed(index, source, "the value may not be negative")
        return self.kernel.evaluate(sources, context)


SIMPLE = document(start() + user("a") + end() + chain("start", "a", "end"))


def test_the_users_own_mapping_failing_refuses_the_act(feel: Expressions) -> None:
    d = Driver(
        document(start() + user("a", ext=io(outputs={"y": "=FAIL + x"})) + end() + chain("start", "a", "end")),
        Failing(feel),
    ).start()
    before = d.last.state
    with pytest.raises(errors.ExpressionFailed):
        d.complete("a", x=-1)
    assert d.engine.inspect("d1", before).tasks[0].element_id == "a"
    assert d.complete("a", x=1).ended


def test_any_other_expression_failing_is_an_incident(feel: Expressions) -> None:
    d = Driver(
        document(start() + user("a") + script("s", "FAIL + x", "y") + end() + chain("start", "a", "s", "end")),
        Failing(feel),
    ).start()
    d.complete("a", x=-1)
    assert d.incidents() == [("s", "expressionFailed")]
    assert d.last.active_elements == ("s",)


def test_a_timer_that_cannot_be_reckoned_is_an_incident(drive: Drive) -> None:
    d = drive(
        document(
            start()
            + user("a")
            + boundary("t", "a", timer("=x"))
            + end()
            + end("e2")
            + chain("start", "a", "end")
            + chain("t", "e2")
        )
    )
    assert d.start({"x": "soon"}).incidents() == [("a", "timerInvalid")]


def test_a_loop_without_waiting_is_stopped(drive: Drive) -> None:
    d = drive(
        document(start() + node("exclusiveGateway", "g", default="f_g_s") + script("s", "1", "x") + end() + chain("start", "g") + flow("g", "s") + flow("g", "end", "x = 2") + chain("s", "g")),
        limits=Limits(steps=100),
    ).start()  # fmt: skip
    assert [code for _, code in d.incidents()] == ["stepsExceeded"]
    assert not d.ended


def test_a_cycle_far_behind_fires_a_bounded_number_of_times(drive: Drive) -> None:
    d = drive(
        document(
            start()
            + user("a")
            + boundary("t", "a", timer("R/PT1M", "timeCycle"), interrupting=False)
            + end()
            + end("e2")
            + chain("start", "a", "end")
            + chain("t", "e2")
        ),
        limits=Limits(timer_fires=10),
    ).start()
    d.after(days=3)
    assert len([1 for e, k in d.history if (e, k) == ("t", "entered")]) == 10


def test_a_second_completion_is_refused(drive: Drive) -> None:
    d = drive(document(start() + user("a") + user("b") + end() + chain("start", "a", "b", "end"))).start()
    task = d.task("a").id
    d.complete("a")
    with pytest.raises(errors.TaskNotOpen):
        d.engine.complete_task("d1", d.last.state, task, {}, d.env)
    d.complete("b")
    with pytest.raises(errors.InstanceEnded):
        d.engine.complete_task("d1", d.last.state, task, {}, d.env)
    assert d.engine.deliver_message("d1", d.last.state, "m", {}, d.env) is None


def test_what_is_not_json_is_refused(drive: Drive) -> None:
    d = drive(SIMPLE)
    with pytest.raises(errors.VariablesNotJson):
        d.start({"x": object()})
    d.start()
    with pytest.raises(errors.VariablesNotJson):
        d.complete("a", x={1, 2})


def test_a_service_result_that_is_not_json_is_an_incident(drive: Drive) -> None:
    xml = document(start() + service("s", "x") + end() + chain("start", "s", "end"))
    assert drive(xml, services={"x": lambda _job: {"v": object()}}).start().incidents() == [("s", "resultNotJson")]


def test_what_was_submitted_is_not_shared_with_the_caller(drive: Drive) -> None:
    d = drive(SIMPLE)
    given = {"list": [1]}
    d.start(given)
    given["list"].append(2)
    assert d.variables == {"list": [1]}


def test_a_state_that_grows_too_large_is_refused(drive: Drive) -> None:
    d = drive(SIMPLE, limits=Limits(state_bytes=2000)).start()
    with pytest.raises(errors.StateTooLarge):
        d.complete("a", x="x" * 3000)


def test_a_command_that_brings_too_much_is_refused_before_anything_happens(drive: Drive) -> None:
    limits = Limits(value_bytes=1000)
    d = drive(SIMPLE, limits=limits).start({"x": "x" * 900})
    before = d.last.state
    with pytest.raises(errors.ValuesTooLarge):
        d.complete("a", y="y" * 1000)
    assert d.last.state == before
    with pytest.raises(errors.ValuesTooLarge):
        drive(SIMPLE, limits=limits).start({"x": "x" * 1000})
    with pytest.raises(errors.ValuesTooLarge):
        d.message("m", None, z="z" * 1000)
    d.complete("a", y=1)
    assert d.ended


def test_states_of_other_versions_are_refused(drive: Drive) -> None:
    d = drive(SIMPLE).start()
    for state in (b"", b"[]", b'{"version": 99}', b'{"version": 1}', d.last.state.replace(b'"a"', b'"gone"')):
        with pytest.raises(errors.StateUnreadable):
            d.engine.inspect("d1", state)


def test_unknown_processes_and_messages_are_refused(drive: Drive) -> None:
    d = drive(SIMPLE)
    with pytest.raises(errors.ProcessUnknown):
        d.start(process="other")
    with pytest.raises(errors.ProcessUnknown):
        d.start(message="m")


def test_definitions_are_cached_and_the_oldest_dropped(drive: Drive) -> None:
    d = drive(SIMPLE, limits=Limits(cached_definitions=2))
    for name in ("d2", "d3"):
        d.sources[name] = d.parsed.xml
    asked: list[str] = []
    source = d.sources.__getitem__
    d.engine._library._source = lambda name: (asked.append(name), source(name))[1]
    for name in ("d1", "d2", "d1", "d3", "d1", "d2"):
        d.engine.start(name, "p", d.env, {})
    assert asked == ["d1", "d2", "d3", "d2"]


def test_no_data_goes_to_the_log(drive: Drive, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    drive(SIMPLE).start({"secret": "110101199001010000"}).complete("a", other="张三")
    assert caplog.text == ""


def test_one_engine_serves_several_threads(drive: Drive) -> None:
    xml = document(
        start() + user("a") + node("exclusiveGateway", "g", default="f_g_a") + end() + chain("start", "a", "g", "a") + flow("g", "end", "n = own")
    )  # fmt: skip
    d = drive(xml)

    def one(own: int) -> int:
        advance = d.engine.start("d1", "p", d.env, {"own": own})
        for n in range(own + 1):
            advance = d.engine.complete_task("d1", advance.state, advance.opened_tasks[0].id, {"n": n}, d.env)
        assert advance.ended
        return int(advance.variables["n"])

    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(one, range(20))) == list(range(20))
