"""Timers, messages, signals, errors, escalations: waiting, boundary, event-based gateway."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.engine.kit import (
    START,
    Drive,
    boundary,
    catch,
    chain,
    declare,
    document,
    end,
    io,
    message,
    node,
    start,
    throw,
    timer,
    user,
)

MESSAGES = declare(messages=["m", "n"])


SIGNAL = '<bpmn:signalEventDefinition signalRef="s_s"/>'


@pytest.mark.parametrize(
    ("text", "kind", "seconds"),
    [
        ("PT10M", "timeDuration", 600),
        ('"PT10M"', "timeDuration", 600),
        ("=wait", "timeDuration", 7200),
        ("2026-03-02T02:00:00+00:00", "timeDate", 3600),
        ("5wd", "timeDuration", 5 * 86400),
    ],
)
def test_a_timer_event_waits_until_due(drive: Drive, text: str, kind: str, seconds: int) -> None:
    d = drive(document(start() + catch("t", timer(text, kind)) + user("a") + end() + chain("start", "t", "a", "end")))
    d.start({"wait": "PT2H"})
    assert [(t.element_id, t.due_at) for t in d.last.opened_timers] == [("t", START + timedelta(seconds=seconds))]
    first = d.last.opened_timers[0].id
    d.after(seconds=seconds - 1)
    assert d.tasks() == []
    d.after(seconds=1)
    assert d.last.closed_timers == (first,)
    assert d.tasks() == ["a"]


def test_timers_fire_in_due_order(drive: Drive) -> None:
    d = drive(
        document(
            start() + node("parallelGateway", "s") + catch("t2", timer("PT20M")) + catch("t1", timer("PT10M")) + catch("t3", timer("PT5M"))
            + user("a") + user("b") + end() + chain("start", "s", "t2", "a", "end") + chain("s", "t1", "t3", "b", "end")
        )
    )  # fmt: skip
    d.start().after(hours=1)
    left = [e for e, k in d.history if k == "left" and e.startswith("t")]
    assert left == ["t1", "t2"]  # t3 began to wait at the new now
    d.after(hours=1)
    assert d.tasks() == ["a", "b"]


@pytest.mark.parametrize("interrupting", [True, False])
def test_a_boundary_timer(drive: Drive, interrupting: bool) -> None:
    d = drive(
        document(
            start() + user("a") + boundary("late", "a", timer("PT1H"), interrupting=interrupting) + user("urge") + end() + end("e2")
            + chain("start", "a", "end") + chain("late", "urge", "e2")
        )
    )  # fmt: skip
    d.start()
    assert d.last.opened_timers[0].attached_to == "a"
    d.after(hours=1)
    assert d.tasks() == (["urge"] if interrupting else ["a", "urge"])
    if not interrupting:
        d.complete("a")
        assert d.tasks() == ["urge"]
    assert d.complete("urge").ended


def test_a_boundary_timer_closes_with_its_task(drive: Drive) -> None:
    d = drive(
        document(
            start()
            + user("a")
            + boundary("late", "a", timer("PT1H"))
            + end()
            + end("e2")
            + chain("start", "a", "end")
            + chain("late", "e2")
        )
    )
    d.start()
    opened = d.last.opened_timers[0].id
    d.complete("a")
    assert d.ended
    assert d.last.closed_timers == (opened,)


def test_a_cycle_fires_again_and_its_work_outlives_the_host(drive: Drive) -> None:
    d = drive(
        document(
            start() + user("a") + boundary("again", "a", timer("R3/PT1H", "timeCycle"), interrupting=False) + user("urge") + end() + end("e2")
            + chain("start", "a", "end") + chain("again", "urge", "e2")
        )
    )  # fmt: skip
    d.start()
    ids = {d.last.opened_timers[0].id}
    d.after(hours=1)
    ids.add(d.last.opened_timers[0].id)
    assert len(ids) == 2
    d.after(hours=5)
    assert d.tasks() == ["a", "urge", "urge", "urge"]
    assert d.engine.inspect("d1", d.last.state).timers == ()
    d.complete("a").complete("urge").complete("urge")
    assert not d.ended
    assert d.complete("urge").ended


def test_a_message_goes_to_exactly_one_receiver(drive: Drive) -> None:
    d = drive(
        document(
            start() + node("parallelGateway", "s") + catch("c1", message("m_m")) + node("receiveTask", "c2", messageRef="m_m") + user("a") + user("b") + end()
            + chain("start", "s", "c1", "a", "end") + chain("s", "c2", "b", "end"),
            declarations=MESSAGES,
        )
    )  # fmt: skip
    d.start()
    assert [s.message for s in d.last.opened_subscriptions] == ["m", "m"]
    assert not d.message("unknown")
    assert d.message("m", x=1)
    assert len(d.last.closed_subscriptions) == 1
    assert d.tasks() == ["a"]
    assert d.message("m")
    assert d.tasks() == ["a", "b"]
    assert not d.message("m")
    assert d.variables == {"x": 1}


def test_a_message_with_key_needs_the_same_key(drive: Drive) -> None:
    key = '<bpmn:message id="k" name="k"><bpmn:extensionElements><zeebe:subscription correlationKey="=no"/></bpmn:extensionElements></bpmn:message>'
    d = drive(
        document(
            start()
            + catch("c", message("k"), io(outputs={"got": "=answer.text"}))
            + end()
            + chain("start", "c", "end"),
            declarations=key,
        )
    ).start({"no": "A1"})
    assert d.last.opened_subscriptions[0].correlation_key == "A1"
    assert not d.message("k", "B2")
    assert not d.message("k")
    assert d.message("k", "A1", answer={"text": "yes"})
    assert d.variables == {"no": "A1", "got": "yes"}
    assert d.ended


def test_a_message_is_thrown_with_its_inputs_as_payload(drive: Drive) -> None:
    d = drive(
        document(
            start() + throw("t", message("m_m"), io({"a": "=x", "b.c": "lit"})) + node("sendTask", "s", ext=io({"d": "=x + 1"}), messageRef="m_n")
            + end("end", message("m_m")) + chain("start", "t", "s", "end"),
            declarations=MESSAGES,
        )
    ).start({"x": 1})  # fmt: skip
    assert d.sent == [("m", {"a": 1, "b": {"c": "lit"}}), ("n", {"d": 2}), ("m", {})]
    assert d.ended
    assert d.variables == {"x": 1}


def test_a_message_starts_a_process(drive: Drive) -> None:
    d = drive(
        document(
            start("go", message("m_m"), io(outputs={"name": "=applicant.name"})) + start("plain") + user("a") + user("b") + end()
            + chain("go", "a", "end") + chain("plain", "b", "end"),
            declarations=MESSAGES,
        )
    )  # fmt: skip
    d.start({"applicant": {"name": "N"}, "secret": 1}, message="m")
    assert d.tasks() == ["a"]
    assert d.variables == {"name": "N"}
    assert d.start({"x": 1}).tasks() == ["b"]
    info = d.parsed.model.processes[0]
    assert (info.none_start, info.message_starts) == (True, ("m",))


def test_a_timer_start_begins_when_the_platform_says(drive: Drive) -> None:
    d = drive(document(start("t", timer("R/P1D", "timeCycle")) + user("a") + end() + chain("t", "a", "end")))
    assert d.parsed.model.processes[0].timer_starts == ("R/P1D",)
    assert d.start().tasks() == ["a"]


@pytest.mark.parametrize("interrupting", [True, False])
def test_a_boundary_message(drive: Drive, interrupting: bool) -> None:
    d = drive(
        document(
            start() + user("a") + boundary("b", "a", message("m_m"), interrupting=interrupting, ext=io(outputs={"why": "=reason"})) + user("x") + end() + end("e2")
            + chain("start", "a", "end") + chain("b", "x", "e2"),
            declarations=MESSAGES,
        )
    ).start()  # fmt: skip
    assert d.message("m", reason="r1")
    assert d.message("m", reason="r2") is not interrupting
    assert d.tasks() == (["x"] if interrupting else ["a", "x", "x"])
    assert d.variables == {"why": "r1" if interrupting else "r2"}


def test_a_signal_reaches_everyone_who_waits(drive: Drive) -> None:
    d = drive(
        document(
            start() + node("parallelGateway", "s") + catch("c1", SIGNAL) + user("h") + boundary("b", "h", SIGNAL, interrupting=False) + user("t") + throw("thr", SIGNAL)
            + user("a") + user("x") + end() + chain("start", "s", "c1", "a", "end") + chain("s", "h", "end") + chain("b", "x", "end") + chain("s", "t", "thr", "end"),
            declarations=declare(signals=["s"]),
        )
    ).start()  # fmt: skip
    d.complete("t")
    assert d.tasks() == ["a", "h", "x"]
    assert [s.signal for s in d.last.signals] == ["s"]
    assert d.signal("s")
    assert d.tasks() == ["a", "h", "x", "x"]
    assert not d.signal("other")


EVENT_GATEWAY = document(
    start() + node("eventBasedGateway", "g") + catch("t1", timer("PT1H")) + catch("t2", timer("PT2H")) + catch("got", message("m_m"))
    + "".join(user(t) for t in "abc") + end()
    + chain("start", "g", "t1", "a", "end") + chain("g", "t2", "b", "end") + chain("g", "got", "c", "end"),
    declarations=MESSAGES,
)  # fmt: skip


def test_the_first_event_behind_an_event_based_gateway_wins(drive: Drive) -> None:
    d = drive(EVENT_GATEWAY).start()
    assert [t.due_at - START for t in d.last.opened_timers] == [timedelta(hours=1), timedelta(hours=2)]
    assert d.last.active_elements == ("g",)
    assert d.message("m", x=1)
    assert d.tasks() == ["c"]
    assert len(d.last.closed_timers) == 2
    assert d.variables == {"x": 1}
    assert d.start().after(hours=3).tasks() == ["a"]
    assert not d.message("m")


@pytest.mark.parametrize("interrupting", [True, False])
def test_an_escalation_from_inside_a_sub_process(drive: Drive, interrupting: bool) -> None:
    escalation = '<bpmn:escalationEventDefinition escalationRef="x_X"/>'
    d = drive(
        document(
            start()
            + node("subProcess", "sub", start("s1") + throw("esc", escalation, io({"level": "=2"})) + user("a") + end("e1") + chain("s1", "esc", "a", "e1"))
            + boundary("b", "sub", escalation, interrupting=interrupting) + user("boss") + user("z") + end()
            + chain("start", "sub", "z", "end") + chain("b", "boss", "end"),
            declarations=declare(escalations=["X"]),
        )
    ).start()  # fmt: skip
    assert d.tasks() == (["boss"] if interrupting else ["a", "boss"])
    assert d.variables == {"level": 2}


def test_a_signal_may_interrupt_where_it_was_thrown(drive: Drive) -> None:
    body = start("s1") + throw("thr", SIGNAL) + user("never") + end("e1") + chain("s1", "thr", "never", "e1")
    d = drive(
        document(
            start() + node("subProcess", "sub", body) + boundary("b", "sub", SIGNAL) + user("a") + end() + chain("start", "sub", "end") + chain("b", "a", "end"),
            declarations=declare(signals=["s"]),
        )
    ).start()  # fmt: skip
    assert d.tasks() == ["a"]


BESIDE = {
    "thrown first": [chain("g", "t", "end"), chain("g", "c", "a", "end2")],
    "caught first": [chain("g", "c", "a", "end2"), chain("g", "t", "end")],
}


@pytest.mark.parametrize("flows", BESIDE.values(), ids=BESIDE)
@pytest.mark.parametrize(
    ("thrower", "catcher"),
    [
        (throw("t", SIGNAL), catch("c", SIGNAL)),
        (throw("t", SIGNAL), node("eventBasedGateway", "c") + catch("e", SIGNAL) + catch("f", timer("PT1H"))),
        (node("endEvent", "t", SIGNAL), catch("c", SIGNAL)),
    ],
    ids=["throw", "event-based gateway", "end"],
)
def test_a_signal_reaches_who_waits_on_the_branch_beside_it(
    drive: Drive, thrower: str, catcher: str, flows: list[str]
) -> None:
    parts = [p.replace(chain("t", "end"), "") if "endEvent" in thrower else p for p in flows]
    if "eventBased" in catcher:
        parts = [p.replace(chain("c", "a"), chain("c", "e", "a") + chain("c", "f", "end3")) for p in parts]
    ends = end() if "endEvent" not in thrower else ""
    d = drive(
        document(
            start() + node("parallelGateway", "g") + thrower + catcher + user("a") + ends + end("end2")
            + (end("end3") if "eventBased" in catcher else "") + chain("start", "g") + "".join(parts),
            declarations=declare(signals=["s"]),
        )
    ).start()  # fmt: skip
    assert d.tasks() == ["a"]


def test_two_signals_of_one_event_reach_two_branches_whatever_their_order(drive: Drive) -> None:
    both = SIGNAL + '<bpmn:signalEventDefinition signalRef="s_r"/>'
    d = drive(
        document(
            start() + node("parallelGateway", "g") + catch("c", SIGNAL) + throw("t", both)
            + catch("d", '<bpmn:signalEventDefinition signalRef="s_r"/>') + user("a") + user("b")
            + end() + end("end2") + end("end3")
            + chain("start", "g", "c", "a", "end") + chain("g", "t", "end2") + chain("g", "d", "b", "end3"),
            declarations=declare(signals=["s", "r"]),
        )
    ).start()  # fmt: skip
    assert d.tasks() == ["a", "b"]
