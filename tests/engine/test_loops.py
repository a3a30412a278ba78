"""Standard loops, what completing instances throw, data references of multi-instances, numbers of tokens."""

from __future__ import annotations

import pytest

from engine.limits import Limits
from tests.engine.kit import (
    Drive,
    boundary,
    chain,
    declare,
    document,
    end,
    flow,
    io,
    message,
    node,
    quote,
    script,
    signal,
    start,
    throw,
    timer,
    user,
)

SIGNALS = declare(messages=["m"], signals=["s", "t"], errors=["e"], escalations=["up"])


def standard(condition: str = "", **attributes: str) -> str:
    attrs = "".join(f' {k}="{v}"' for k, v in attributes.items())
    inner = f"<bpmn:loopCondition>{quote(condition)}</bpmn:loopCondition>" if condition else ""
    return f"<bpmn:standardLoopCharacteristics{attrs}>{inner}</bpmn:standardLoopCharacteristics>"


def around(activity: str, *rest: str) -> bytes:
    return document(
        start() + activity + user("after") + end() + chain("start", "a", "after", "end") + "".join(rest),
        declarations=SIGNALS,
    )


@pytest.mark.parametrize(
    ("loop", "begin", "rounds"),
    [
        (standard("n < 3"), 0, 3),
        (standard("n < 3"), 9, 1),
        (standard("n < 3", testBefore="true"), 0, 3),
        (standard("n < 3", testBefore="true"), 9, 0),
        (standard("true", loopMaximum="4"), 0, 4),
        (standard("", loopMaximum="2"), 0, 2),
        (standard("loopCounter < 5"), 0, 5),
        (standard("loopCounter < 5", testBefore="true"), 0, 5),
        (standard("missing"), 0, 1),
    ],
)
def test_a_loop_goes_on_while_its_condition_holds(drive: Drive, loop: str, begin: int, rounds: int) -> None:
    d = drive(around(script("a", "n + 1", "n", loop))).start({"n": begin})
    assert (d.tasks(), d.variables["n"]) == (["after"], begin + rounds)
    assert "loopCounter" not in d.variables
    assert [kind for element, kind in d.history if element == "a"] == ["entered", "left"]


def test_a_person_does_each_round(drive: Drive) -> None:
    d = drive(around(user("a", standard("ok != true"), io({"round": "=loopCounter"})))).start()
    assert (d.task("a").context, d.task("a").loop_index) == ({"round": 1}, 0)
    d.complete("a", ok=False)
    assert (d.task("a").context, d.task("a").loop_index) == ({"round": 2}, 1)
    assert d.last.active_elements == ("a",)
    assert d.complete("a", ok=True).tasks() == ["after"]


def test_a_looping_subprocess_begins_anew_each_round(drive: Drive) -> None:
    inner = start("s1") + user("t") + script("more", "n + 1", "n") + end("e1") + chain("s1", "t", "more", "e1")
    sub = node("subProcess", "a", standard("n < 2 and own = 0") + inner, io({"own": "=0"}))
    d = drive(around(sub)).start({"n": 0})
    assert d.complete("t").tasks() == ["t"]
    assert d.complete("t").tasks() == ["after"]
    assert d.variables == {"n": 2}


def test_a_looping_call_activity(drive: Drive) -> None:
    called = start("cs") + script("calc", "n * 2", "n") + end("ce") + chain("cs", "calc", "ce")
    call = node("callActivity", "a", standard("n < 50"), '<zeebe:calledElement processId="q"/>')
    d = drive(document(start() + call + end() + chain("start", "a", "end"), called, ids=("p", "q")))
    assert d.start({"n": 3}).variables == {"n": 96}
    assert d.ended


@pytest.mark.parametrize("interrupting", [True, False])
def test_a_boundary_event_belongs_to_the_whole_loop(drive: Drive, interrupting: bool) -> None:
    d = drive(
        around(
            user("a", standard("true")),
            boundary("b", "a", timer("PT1H"), interrupting=interrupting),
            user("x"),
            chain("b", "x", "end"),
        )
    )
    d.start().complete("a").complete("a").after(hours=1)
    assert d.tasks() == (["x"] if interrupting else ["a", "x"])
    assert d.after(hours=2).tasks() == (["x"] if interrupting else ["a", "x"])


def test_a_loop_condition_that_fails_is_an_incident_and_the_round_is_not_done_again(drive: Drive) -> None:
    d = drive(around(user("a", standard("again")))).start()
    d.complete("a", again="maybe", x=1)
    assert d.incidents() == [("a", "conditionNotBoolean")]
    assert (d.tasks(), d.last.closed_tasks[0].cancelled) == ([], False)
    assert d.retry().incidents() == [("a", "conditionNotBoolean")]  # what the round gave is kept
    assert d.tasks() == []


def test_an_endless_loop_stops_at_the_limit_of_steps(drive: Drive) -> None:
    d = drive(around(script("a", "1", "n", standard("true"))), limits=Limits(steps=500)).start()
    assert d.incidents() == [("a", "stepsExceeded")]


def test_a_task_that_throws_an_error_leaves_its_loop(drive: Drive) -> None:
    inner = (
        start("s1") + user("t") + end("bad", '<bpmn:errorEventDefinition errorRef="e_e"/>') + chain("s1", "t", "bad")
    )
    sub = node("subProcess", "a", standard("true") + inner)
    d = drive(
        around(
            sub, boundary("b", "a", '<bpmn:errorEventDefinition errorRef="e_e"/>'), user("x"), chain("b", "x", "end")
        )
    )
    assert d.start().complete("t").tasks() == ["x"]


# -- what completing instances throw ---------------------------------------------------------------------


def several(behavior: str, inner: str = "", *, sequential: bool = True, **attributes: str) -> str:
    attrs = "".join(f' {k}="{v}"' for k, v in attributes.items())
    return (
        f'<bpmn:multiInstanceLoopCharacteristics isSequential="{str(sequential).lower()}" behavior="{behavior}"{attrs}>'
        f"<bpmn:loopCardinality>3</bpmn:loopCardinality>{inner}</bpmn:multiInstanceLoopCharacteristics>"
    )


NAMED = '<bpmn:signalEventDefinition id="sd" signalRef="s_s"/>'


def with_boundary(characteristics: str, definition: str = NAMED, *, interrupting: bool = False) -> bytes:
    return around(
        user("a", characteristics),
        boundary("b", "a", definition, interrupting=interrupting),
        user("x"),
        chain("b", "x", "end"),
    )


@pytest.mark.parametrize("sequential", [True, False])
@pytest.mark.parametrize(
    ("behavior", "attributes", "thrown"),
    [
        ("All", {}, 0),
        ("None", {"noneBehaviorEventRef": "sd"}, 3),
        ("One", {"oneBehaviorEventRef": "sd"}, 1),
        ("None", {}, 0),
    ],
)
def test_instances_throw_what_the_behaviour_says(
    drive: Drive, behavior: str, attributes: dict[str, str], thrown: int, sequential: bool
) -> None:
    d = drive(with_boundary(several(behavior, sequential=sequential, **attributes))).start()
    d.complete("a", 0)
    assert d.tasks().count("x") == min(thrown, 1)
    d.complete("a", 1)
    d.complete("a", 2)
    assert d.tasks() == ["after", *["x"] * thrown]


@pytest.mark.parametrize("definition", [NAMED, '<bpmn:escalationEventDefinition id="sd" escalationRef="x_up"/>'])
@pytest.mark.parametrize(
    ("behavior", "attribute", "times"), [("One", "oneBehaviorEventRef", 1), ("None", "noneBehaviorEventRef", 3)]
)
def test_what_an_activity_throws_about_itself_does_not_end_it(
    drive: Drive, definition: str, behavior: str, attribute: str, times: int
) -> None:
    characteristics = several(behavior, sequential=True, **{attribute: "sd"})
    d = drive(with_boundary(characteristics, definition, interrupting=True)).start()
    assert d.complete("a").tasks() == ["a", "x"]
    assert d.complete("a").complete("a").tasks() == ["after", *["x"] * times]


def test_what_others_throw_does_end_it(drive: Drive) -> None:
    d = drive(with_boundary(several("None", noneBehaviorEventRef="sd"), interrupting=True)).start()
    assert d.signal("s")
    assert d.tasks() == ["x"]


def test_a_complex_behaviour_throws_what_its_conditions_say(drive: Drive) -> None:
    parts = "".join(
        f'<bpmn:complexBehaviorDefinition id="c{n}"><bpmn:condition>{quote(condition)}</bpmn:condition>'
        f'<bpmn:event id="ev{n}">{definition}</bpmn:event></bpmn:complexBehaviorDefinition>'
        for n, (condition, definition) in enumerate(
            [("nrOfCompletedInstances = 2", NAMED.replace("sd", "sd2")), ("vote = false", message("m_m"))]
        )
    )
    d = drive(with_boundary(several("Complex", parts))).start()
    d.complete("a", vote=True)
    assert d.tasks() == ["a"]
    d.complete("a", vote=False)
    assert d.tasks() == ["a", "x"]
    assert d.sent == [("m", {})]
    assert d.complete("a", vote=True).tasks() == ["after", "x"]


def test_a_complex_behaviour_with_a_completion_condition(drive: Drive) -> None:
    part = f'<bpmn:completionCondition>nrOfCompletedInstances = 1</bpmn:completionCondition><bpmn:complexBehaviorDefinition id="c"><bpmn:condition>true</bpmn:condition><bpmn:event id="ev">{NAMED.replace("sd", "sd2")}</bpmn:event></bpmn:complexBehaviorDefinition>'  # fmt: skip
    d = drive(with_boundary(several("Complex", part, sequential=False))).start()
    assert d.complete("a", 1).tasks() == ["after", "x"]


def test_an_event_that_instances_throw_and_nobody_catches_is_an_incident(drive: Drive) -> None:
    d = drive(around(user("a", several("One", oneBehaviorEventRef="ed")), throw("never", '<bpmn:signalEventDefinition signalRef="s_s"/>'), '<bpmn:property id="unused"/>', chain("after", "never")).replace(b'<bpmn:signal id="s_s"', b'<bpmn:errorEventDefinition id="ed" errorRef="e_e"/><bpmn:signal id="s_s"'))  # fmt: skip
    d.start().complete("a")
    assert d.incidents() == [("a", "errorUncaught")]


# -- BPMN's own data references ---------------------------------------------------------------------------


@pytest.mark.parametrize("through", [True, False])
def test_data_references_are_variables(drive: Drive, through: bool) -> None:
    characteristics = (
        '<bpmn:multiInstanceLoopCharacteristics isSequential="true"><bpmn:loopDataInputRef>{}</bpmn:loopDataInputRef>'
        '<bpmn:loopDataOutputRef>{}</bpmn:loopDataOutputRef><bpmn:inputDataItem id="in1" name="one"/><bpmn:outputDataItem id="out1" name="answer"/>'
        "</bpmn:multiInstanceLoopCharacteristics>"
    ).format(*(("din", "dout") if through else ("all", "answers")))
    associations = (
        '<bpmn:dataInputAssociation id="ia"><bpmn:sourceRef>all</bpmn:sourceRef><bpmn:targetRef>din</bpmn:targetRef></bpmn:dataInputAssociation>'
        '<bpmn:dataOutputAssociation id="oa"><bpmn:sourceRef>dout</bpmn:sourceRef><bpmn:targetRef>answers</bpmn:targetRef></bpmn:dataOutputAssociation>'
    )
    specification = '<bpmn:ioSpecification id="io"><bpmn:dataInput id="din" name="din"/><bpmn:dataOutput id="dout" name="dout"/></bpmn:ioSpecification>'
    inner = specification + associations + characteristics if through else characteristics
    objects = '<bpmn:dataObject id="do1"/><bpmn:dataObjectReference id="all" name="people" dataObjectRef="do1"/><bpmn:dataObject id="do2"/><bpmn:dataObjectReference id="answers" name="answers" dataObjectRef="do2"/>'  # fmt: skip
    d = drive(around(user("a", inner, io({"shown": "=one"})), objects)).start({"people": ["A", "B"]})
    assert d.task("a").context["shown"] == "A"
    d.complete("a", answer=1)
    assert d.task("a").context["shown"] == "B"
    d.complete("a", answer=2)
    assert d.variables["answers"] == [1, 2]
    assert "answer" not in d.variables


def test_a_cardinality_is_an_expression(drive: Drive) -> None:
    characteristics = "<bpmn:multiInstanceLoopCharacteristics><bpmn:loopCardinality>n + 1</bpmn:loopCardinality></bpmn:multiInstanceLoopCharacteristics>"
    d = drive(around(user("a", characteristics)))
    assert d.start({"n": 1}).tasks() == ["a", "a"]
    assert d.start({"n": -1}).tasks() == ["after"]


# -- numbers of tokens ------------------------------------------------------------------------------------


def test_a_completion_quantity_makes_tokens_and_a_start_quantity_takes_them(drive: Drive) -> None:
    d = drive(
        document(
            start() + user("a", completionQuantity="3") + user("b") + user("c", startQuantity="2") + end()
            + chain("start", "a", "b", "c", "end")
        )
    )  # fmt: skip
    d.start().complete("a")
    assert d.tasks() == ["b", "b", "b"]
    assert d.complete("b").tasks() == ["b", "b"]
    assert d.complete("b").tasks() == ["b", "c"]
    assert d.complete("c").tasks() == ["b"]
    assert d.complete("b").tasks() == []
    assert not d.ended  # one token waits for a second one
    assert d.last.active_elements == ("c",)


def test_a_start_quantity_counts_tokens_of_all_flows(drive: Drive) -> None:
    d = drive(
        document(
            start() + node("parallelGateway", "g") + user("x") + user("y") + script("c", "n + 1", "n").replace("<bpmn:scriptTask", '<bpmn:scriptTask startQuantity="2"') + end()
            + chain("start", "g", "x", "c", "end") + chain("g", "y", "c")
        )
    )  # fmt: skip
    d.start({"n": 0}).complete("x")
    assert d.variables["n"] == 0
    assert d.complete("y").ended
    assert d.variables["n"] == 1


def test_a_waiting_token_goes_with_its_scope(drive: Drive) -> None:
    sub = node(
        "subProcess",
        "sub",
        start("s1") + user("t") + user("c", startQuantity="2") + end("e1") + chain("s1", "t", "c", "e1"),
    )
    d = drive(
        document(
            start()
            + sub
            + boundary("b", "sub", signal("s_s"))
            + end()
            + chain("start", "sub", "end")
            + flow("b", "end"),
            declarations=SIGNALS,
        )
    )
    d.start().complete("t")
    assert d.signal("s")
    assert d.ended
