"""Running instances move to another version: tokens to their new elements, tasks, timers and variables as they were."""

from __future__ import annotations

from datetime import timedelta

import pytest

from engine.errors import InstanceEnded, MoveRefused
from tests.engine.calling import call, main, other
from tests.engine.compensating import compensate
from tests.engine.kit import (
    START,
    Drive,
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
    start,
    timer,
    user,
)

M = declare(messages=["m", "n"])


def move(d: Driver, xml: bytes, **mapping: str) -> Driver:
    """Take the driver's instance to another version."""
    target = deployed(d, xml)
    advance = d.engine.move("d1", d.last.state, target, mapping, d.env)
    d.sources["d1"] = d.sources[target]
    d.engine = type(d.engine)(d.engine._expressions, source=d.sources.__getitem__)
    after = {t.id: t for t in d.engine.inspect("d1", advance.state).tasks}
    assert set(after) == set(d.open) | {t.id for t in advance.opened_tasks}
    d.open = {task_id: after[task_id] for task_id in d.open}
    return d._took(advance)


def deployed(d: Driver, xml: bytes) -> str:
    name = f"d{len(d.sources) + 1}"
    d.sources[name] = d.engine.parse(xml).xml
    return name


def refused(d: Driver, xml: bytes, **mapping: str) -> list[tuple[str, str | None]]:
    target = deployed(d, xml)
    with pytest.raises(MoveRefused) as error:
        d.engine.move("d1", d.last.state, target, mapping, d.env)
    return [(each.rule, each.element_id) for each in error.value.findings]


def line(*tasks: str, **more: str) -> bytes:
    body = start() + "".join(more.get(t) or user(t) for t in tasks) + end() + chain("start", *tasks, "end")
    return document(body, declarations=M)


def test_a_task_stays_open_and_goes_on_in_the_new_version(drive: Drive) -> None:
    d = drive(line("a", "b")).start({"x": 1})
    task = d.task("a")
    move(d, line("a", "between", "b"))
    assert d.task("a").id == task.id
    assert d.variables == {"x": 1}
    d.complete("a")
    assert d.tasks() == ["between"]
    d.complete("between").complete("b")
    assert d.ended


def test_a_renamed_element_is_found_by_the_mapping(drive: Drive) -> None:
    d = drive(line("a")).start()
    assert refused(d, line("other")) == [("moveTargetMissing", "a")]
    move(d, line("other"), a="other")
    assert d.tasks() == ["other"]
    d.complete("other")
    assert d.ended


def test_a_timer_keeps_its_remaining_time(drive: Drive) -> None:
    old = line("t", "b", t=catch("t", timer("PT10H")))
    new = line("t", "b", t=catch("t", timer("PT99H")))
    d = drive(old).start()
    due = d.engine.inspect("d1", d.last.state).timers[0]
    d.clock.now = START + timedelta(hours=4)
    move(d, new)
    assert d.engine.inspect("d1", d.last.state).timers == (due,)
    assert (d.last.opened_timers, d.last.closed_timers) == ((), ())
    d.after(hours=6)
    assert d.tasks() == ["b"]


def with_boundary(*events: str) -> bytes:
    body = (
        start() + user("a") + "".join(events) + user("late") + end() + chain("start", "a", "end") + chain("late", "end")
    )
    return document(body, declarations=M)


def late(id: str, definition: str) -> str:
    return boundary(id, "a", definition, interrupting=False) + flow(id, "late")


def test_boundary_events_that_came_are_opened_and_those_that_went_are_closed(drive: Drive) -> None:
    d = drive(with_boundary(late("old", timer("PT1H")), late("same", timer("PT2H")))).start()
    gone = next(t.id for t in d.last.opened_timers if t.element_id == "old")
    move(d, with_boundary(late("same", timer("PT9H")), late("new", message("m_m"))))
    assert d.last.closed_timers == (gone,)
    assert [s.message for s in d.last.opened_subscriptions] == ["m"]
    d.after(hours=2)
    assert d.tasks() == ["a", "late"]
    assert d.message("m")


def test_a_reminder_that_has_fired_does_not_come_twice(drive: Drive) -> None:
    model = with_boundary(late("same", timer("PT2H")))
    d = drive(model).start()
    d.after(hours=3)
    move(d, model)
    assert d.last.opened_timers == ()
    assert d.tasks() == ["a", "late"]


def test_a_message_is_heard_under_its_new_name(drive: Drive) -> None:
    d = drive(line("w", w=catch("w", message("m_m")))).start()
    move(d, line("w", w=catch("w", message("m_n"))))
    assert not d.message("m")
    assert d.message("n")
    assert d.ended


def test_branches_that_came_to_a_join_are_counted_there(drive: Drive) -> None:
    def fork(*branches: str) -> bytes:
        gates = node("parallelGateway", "fork") + node("parallelGateway", "join")
        body = start() + gates + "".join(user(b) for b in branches) + end()
        body += "".join(chain("fork", b, "join") for b in branches) + chain("start", "fork") + chain("join", "end")
        return document(body)

    d = drive(fork("a", "b", "c")).start()
    d.complete("a")
    assert ("moveFlowMissing", "join") in refused(d, fork("b", "c"))
    move(d, fork("a", "b", "renamed"), c="renamed")
    assert d.tasks() == ["b", "renamed"]
    d.complete("renamed").complete("b")
    assert d.ended


def test_a_join_that_waits_for_less_goes_on_at_once(drive: Drive) -> None:
    def model(second: str) -> bytes:
        gates = node("parallelGateway", "fork") + node("parallelGateway", "join")
        body = start() + gates + user("a") + user("b") + end() + chain("start", "fork", "a", "join", "end")
        return document(body + flow("fork", "b") + second)

    d = drive(model(flow("b", "join"))).start()
    d.complete("a")
    move(d, model(end("e2") + flow("b", "e2")))
    assert d.tasks() == ["b"]
    assert ("end", "left") in d.history
    d.complete("b")
    assert d.ended


def sub(task: str, id: str = "sub", handler: str = "", multi: str = "") -> bytes:
    inside = multi + start("s1") + user(task) + end("e1") + chain("s1", task, "e1") + handler
    return document(start() + node("subProcess", id, inside) + end() + chain("start", id, "end"), declarations=M)


def test_a_sub_process_moves_with_what_runs_in_it(drive: Drive) -> None:
    d = drive(sub("a")).start()
    assert [rule for rule, _ in refused(d, sub("a", "other"))] == ["moveTargetMissing", "moveScopeDiffers"]
    handler = node(
        "subProcess",
        "h",
        start("hs", message("m_m")) + user("stopped") + chain("hs", "stopped"),
        triggeredByEvent="true",
    )
    move(d, sub("a", "other", handler), sub="other", s1="s1")
    assert [s.element_id for s in d.last.opened_subscriptions] == ["hs"]
    assert d.message("m")
    assert d.tasks() == ["stopped"]


def test_instances_of_a_multi_instance_move_with_their_items(drive: Drive) -> None:
    def model(task: str) -> bytes:
        return line(task, **{task: user(task, loop("=items", "item", "all", "=answer"), io({"shown": "=item"}))})

    d = drive(model("a")).start({"items": ["x", "y"]})
    d.complete("a", 1, answer=2)
    move(d, model("b"), a="b")
    assert d.task("b", 0).context == {"shown": "x"}
    d.complete("b", 0, answer=1)
    assert d.variables["all"] == [1, 2]
    assert ("moveMultiDiffers", "a") in refused(drive(model("a")).start({"items": [1]}), line("a"))


def test_events_behind_a_gateway_follow_it(drive: Drive) -> None:
    def model(*events: tuple[str, str]) -> bytes:
        body = start() + node("eventBasedGateway", "g") + "".join(catch(i, e) + chain("g", i, "end") for i, e in events)
        return document(body + end() + chain("start", "g"), declarations=M)

    d = drive(model(("t", timer("PT5H")), ("w", message("m_m")))).start()
    move(d, model(("t", timer("PT7H")), ("v", message("m_n"))))
    assert not d.message("m")
    assert len(d.engine.inspect("d1", d.last.state).timers) == 1
    assert d.message("n")
    assert d.ended


def test_a_different_kind_or_trigger_cannot_take_the_place(drive: Drive) -> None:
    d = drive(line("a")).start()
    assert refused(d, line("a", a=node("receiveTask", "a", messageRef="m_m"))) == [("moveTypeDiffers", "a")]
    d = drive(line("a", a=catch("a", timer("PT1H")))).start()
    assert refused(d, line("a", a=catch("a", message("m_m")))) == [("moveTriggerDiffers", "a")]
    assert refused(d, line("a", a=catch("a", timer("PT1H"))), nobody="a") == [("moveSourceUnknown", "nobody")]


def test_an_incident_is_retried_in_the_new_version(drive: Drive) -> None:
    def model(condition: str) -> bytes:
        body = start() + node("exclusiveGateway", "g") + user("a") + end() + chain("start", "g") + chain("a", "end")
        return document(body + flow("g", "a", condition, id="f"))

    d = drive(model("1 = 2")).start()
    assert d.incidents() == [("g", "noFlowTaken")]
    move(d, model("1 = 1"))
    d.retry()
    assert d.tasks() == ["a"]


def test_an_ended_instance_does_not_move(drive: Drive) -> None:
    d = drive(line("a")).start()
    d.complete("a")
    with pytest.raises(InstanceEnded):
        d.engine.move("d1", d.last.state, "d1", {}, d.env)


def test_a_check_changes_nothing(drive: Drive) -> None:
    d = drive(line("a", "b")).start()
    target = deployed(d, line("c", "b"))
    elements, findings = d.engine.check_move("d1", d.last.state, target, {})
    assert elements == ("p", "a")
    assert [(f.rule, f.element_id) for f in findings] == [("moveTargetMissing", "a")]
    assert d.engine.check_move("d1", d.last.state, target, {"a": "c"}) == (("p", "a"), ())


def undone(a: str = "a", handler: str = "undo_a", *, kept: bool = True) -> bytes:
    made = (
        boundary("b_a", a, compensate())
        + user(handler, isForCompensation="true")
        + f'<bpmn:association id="as" sourceRef="b_a" targetRef="{handler}"/>'
    )
    inner = node("subProcess", "s", user(a) + (made if kept else ""))
    return document(start() + inner + user("b") + end("end", compensate()) + chain("start", "s", "b", "end"))


def test_what_can_be_undone_is_undone_in_the_new_version(drive: Drive) -> None:
    d = drive(undone()).start().complete("a")
    assert refused(d, undone(kept=False)) == [("moveUndoMissing", "a")]
    places, found = d.engine.check_move("d1", d.last.state, "d2", {})
    assert (places, [each.rule for each in found]) == (("p", "b"), ["moveUndoMissing"])
    move(d, undone("first", "back"), a="first").complete("b")
    assert d.tasks() == ["back"]
    d.complete("back")
    assert d.ended


def test_an_instance_moves_while_it_undoes(drive: Drive) -> None:
    d = drive(undone()).start().complete("a").complete("b")
    move(d, undone("first", "back"), a="first", undo_a="back")
    assert d.tasks() == ["back"]
    d.complete("back")
    assert d.ended


def test_what_a_called_file_does_stays_as_it_is(drive: Drive) -> None:
    d = drive(main(call())).deploy("17", other(user("a") + chain("start", "a", "end"))).start()
    move(d, main(call(), user("more") + chain("after", "more", "end")).replace(b'id="f_after_end"', b'id="f2"'))
    assert d.tasks() == ["17#a"]
    d.complete("17#a")
    assert d.tasks() == ["after"]
