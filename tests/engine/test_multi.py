"""Multi-instance tasks and sub-processes."""

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
    io,
    loop,
    message,
    node,
    script,
    service,
    start,
    user,
)


def model(activity: str, extra: str = "") -> bytes:
    return document(
        start() + activity + user("z") + end() + chain("start", "a", "z", "end") + extra,
        declarations=declare(messages=["m"], errors=["E"]),
    )


def test_parallel_outputs_come_in_item_order(drive: Drive) -> None:
    d = drive(
        model(
            user(
                "a",
                loop("=people", "person", "votes", "={who: person, says: vote, n: loopCounter}"),
                io({"name": "=person"}),
            )
        )
    )
    d.start({"people": ["x", "y", "z"]})
    assert [(t.loop_index, t.context) for t in d.open.values()] == [
        (0, {"name": "x"}),
        (1, {"name": "y"}),
        (2, {"name": "z"}),
    ]
    d.complete("a", 2, vote="no").complete("a", 0, vote="yes").complete("a", 1, vote="maybe")
    assert d.tasks() == ["z"]
    assert d.variables["votes"] == [
        {"who": "x", "says": "yes", "n": 1}, {"who": "y", "says": "maybe", "n": 2}, {"who": "z", "says": "no", "n": 3},
    ]  # fmt: skip
    assert d.complete("z").ended


def test_sequential_one_after_the_other(drive: Drive) -> None:
    d = drive(model(user("a", loop("=people", "person", "votes", "=vote", sequential=True))))
    d.start({"people": [1, 2, 3]})
    for index in range(3):
        assert [t.loop_index for t in d.open.values()] == [index]
        d.complete("a", index, vote=index * 10)
    assert d.tasks() == ["z"]
    assert d.variables == {"people": [1, 2, 3], "votes": [0, 10, 20]}


@pytest.mark.parametrize("sequential", [True, False])
def test_no_items_passes_at_once(drive: Drive, sequential: bool) -> None:
    d = drive(model(user("a", loop("=people", "person", "votes", "=vote", sequential=sequential)))).start(
        {"people": []}
    )
    assert d.tasks() == ["z"]
    assert d.variables["votes"] == []


@pytest.mark.parametrize(
    "condition",
    [
        '=vote = "no"',
        "=numberOfCompletedInstances >= 2",
        "=nrOfCompletedInstances >= 2",
        "=count(votes[item != null]) = 2",
    ],
)
def test_a_completion_condition_cancels_the_rest(drive: Drive, condition: str) -> None:
    d = drive(model(user("a", loop("=people", "person", "votes", "=vote", condition=condition)))).start(
        {"people": [1, 2, 3]}
    )
    d.complete("a", 1, vote="yes")
    assert d.tasks() == ["a", "a"]
    d.complete("a", 0, vote="no")
    assert d.tasks() == ["z"]
    assert [(t.element_id, t.cancelled) for t in d.last.closed_tasks] == [("a", False), ("a", True)]
    assert d.variables["votes"] == ["no", "yes", None]


def test_a_multi_instance_sub_process_keeps_each_instances_values(drive: Drive) -> None:
    body = start("s1") + user("b") + script("c", "vote * 2", "vote") + end("e1") + chain("s1", "b", "c", "e1")
    d = drive(model(node("subProcess", "a", loop("=people", "person", "votes", "=vote") + body))).start(
        {"people": [1, 2]}
    )
    assert d.tasks() == ["b", "b"]
    first, second = sorted(d.open.values(), key=lambda t: int(t.id.rpartition("-")[2]))
    d._took(d.engine.complete_task("d1", d.last.state, second.id, {"vote": 7}, d.env))
    d._took(d.engine.complete_task("d1", d.last.state, first.id, {"vote": 5}, d.env))
    assert d.tasks() == ["z"]
    assert d.variables["votes"] == [10, 14]


@pytest.mark.parametrize("sequential", [True, False])
def test_an_interrupting_boundary_leaves_the_process_alive(drive: Drive, sequential: bool) -> None:
    body = start("s1") + user("b") + end("e1") + chain("s1", "b", "e1")
    d = drive(
        model(
            node("subProcess", "a", loop("=people", "person", sequential=sequential) + body),
            boundary("stop", "a", message("m_m")) + user("x") + end("e2") + chain("stop", "x", "e2"),
        )
    )
    d.start({"people": [1, 2]})
    assert d.message("m")
    assert d.tasks() == ["x"]
    assert d.complete("x").ended


def test_an_error_in_one_instance_ends_all(drive: Drive) -> None:
    error = '<bpmn:errorEventDefinition errorRef="e_E"/>'
    body = start("s1") + user("b") + end("e1", error) + chain("s1", "b", "e1")
    d = drive(
        model(
            node("subProcess", "a", loop("=people", "p") + body),
            boundary("err", "a", error) + user("x") + end("e2") + chain("err", "x", "e2"),
        )
    )
    d.start({"people": [1, 2]}).complete("b")
    assert d.tasks() == ["x"]


def test_services_per_item_and_a_failing_one_waits_alone(drive: Drive) -> None:
    d = drive(model(service("a", "f", loop("=rows", "row", "out", "=r"), io({"v": "=row"}))))
    d.services["f"] = lambda job: {"r": 10 / job.arguments["v"]} if job.arguments["v"] else {"r": "zero"}
    d.start({"rows": [1, 0, 5]})
    assert d.variables["out"] == [10, "zero", 2]
    d = drive(model(user("a", loop("=rows", "row", "out", "=date(vote).year + 1"))))
    d.start({"rows": [1, 2]})


def test_what_is_not_a_list_is_an_incident(drive: Drive) -> None:
    assert drive(model(user("a", loop("=people", "person")))).start({"people": 5}).incidents() == [
        ("a", "collectionInvalid")
    ]


def test_too_many_items_are_an_incident(drive: Drive) -> None:
    d = drive(model(user("a", loop("=people", "person"))), limits=Limits(instances=3)).start({"people": [1, 2, 3, 4]})
    assert d.incidents() == [("a", "instancesExceeded")]


def test_a_plain_bpmn_cardinality(drive: Drive) -> None:
    plain = "<bpmn:multiInstanceLoopCharacteristics><bpmn:loopCardinality>3</bpmn:loopCardinality></bpmn:multiInstanceLoopCharacteristics>"
    assert drive(model(user("a", plain))).start().tasks() == ["a", "a", "a"]


def test_calls_per_item_each_with_its_own_variables(drive: Drive) -> None:
    ext = '<zeebe:calledElement processId="called"/>' + io({"n": "=item"}, {"unused": "=r"})
    call = node("callActivity", "a", loop("=items", "item", "out", "=r"), ext)
    called = start("cs") + user("b") + script("c", "n * given", "r") + end("ce") + chain("cs", "b", "c", "ce")
    d = drive(
        document(start() + call + user("z") + end() + chain("start", "a", "z", "end"), called, ids=("p", "called"))
    )
    d.start({"items": [1, 2]})
    assert d.tasks() == ["b", "b"]
    d.complete("b", given=10).complete("b", given=100)
    assert d.tasks() == ["z"]
    assert d.variables["out"] == [10, 200]
    assert "given" not in d.variables


def test_instances_inside_instances(drive: Drive) -> None:
    inner = user("b", loop("=row", "cell", "cells", "=done", sequential=True))
    body = start("s1") + inner + end("e1") + chain("s1", "b", "e1")
    d = drive(model(node("subProcess", "a", loop("=rows", "row", "table", "=cells") + body))).start(
        {"rows": [[1, 2], [3]]}
    )
    for n in range(3):
        d.complete("b", done=n)
    assert d.tasks() == ["z"]
    assert sorted(map(len, d.variables["table"])) == [1, 2]
    assert sorted(cell for row in d.variables["table"] for cell in row) == [0, 1, 2]


def test_a_non_interrupting_boundary_on_a_multi_instance_fires_for_the_whole(drive: Drive) -> None:
    d = drive(
        model(
            user("a", loop("=people", "person")),
            boundary("more", "a", message("m_m"), interrupting=False)
            + user("x")
            + end("e2")
            + chain("more", "x", "e2"),
        )
    ).start({"people": [1, 2]})
    assert d.message("m")
    assert d.tasks() == ["a", "a", "x"]
    d.complete("a").complete("a")
    assert d.tasks() == ["x", "z"]
