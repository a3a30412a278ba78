"""Sequence flows, gateways, loops, tasks that do not wait."""

from __future__ import annotations

from typing import Any

import pytest

from engine.contract import Job
from tests.engine.kit import Drive, chain, document, end, flow, io, node, script, service, start, throw, user


def test_tasks_follow_each_other_and_outputs_go_to_the_process(drive: Drive) -> None:
    d = drive(
        document(
            start() + user("a") + user("b", ext=io(outputs={"x": "=y + 1"})) + end() + chain("start", "a", "b", "end")
        )
    )
    d.start({"n": 1})
    assert d.tasks() == ["a"]
    d.complete("a", who="me")
    d.complete("b", y=2, z=3)
    assert d.ended
    assert d.variables == {"n": 1, "who": "me", "x": 3}
    assert d.history == [
        ("start", "entered"), ("start", "left"), ("f_start_a", "taken"), ("a", "entered"), ("a", "left"), ("f_a_b", "taken"),
        ("b", "entered"), ("b", "left"), ("f_b_end", "taken"), ("end", "entered"), ("end", "left"),
    ]  # fmt: skip


EXCLUSIVE = document(
    start()
    + node("exclusiveGateway", "g", default="f_g_c")
    + "".join(user(t) for t in "abc")
    + flow("start", "g")
    + flow("g", "a", "n > 10")
    + flow("g", "b", "n > 5")
    + flow("g", "c")
    + "".join(flow(t, "end") for t in "abc")
    + end()
)


@pytest.mark.parametrize(("n", "task"), [(11, "a"), (6, "b"), (1, "c"), (None, "c")])
def test_an_exclusive_gateway_takes_the_first_flow_that_holds(drive: Drive, n: int | None, task: str) -> None:
    assert drive(EXCLUSIVE).start({"n": n}).tasks() == [task]


def test_all_conditions_of_a_gateway_are_one_question(drive: Drive) -> None:
    d = drive(EXCLUSIVE)
    asked: list[int] = []
    kernel = d.engine.evaluator.kernel
    original = kernel.evaluate

    class Counting:
        def evaluate(self, sources: Any, context: Any) -> Any:
            asked.append(len(sources))
            return original(sources, context)

    d.engine.evaluator.kernel = Counting()  # type: ignore[assignment]
    d.start({"n": 6})
    assert asked == [2]


def test_without_a_flow_that_holds_there_is_an_incident_and_a_retry_decides_again(drive: Drive) -> None:
    d = drive(
        document(
            start() + user("t") + node("exclusiveGateway", "g") + user("a") + user("b") + end()
            + chain("start", "t", "g") + flow("g", "a", 'x = "A"') + flow("g", "b", 'x = "B"') + chain("a", "end") + chain("b", "end")
        )
    )  # fmt: skip
    d.start().complete("t", x="C")
    assert d.incidents() == [("g", "noFlowTaken")]
    assert d.last.active_elements == ("g",)
    d.retry()
    assert d.incidents() == [("g", "noFlowTaken")]
    assert len(d.last.resolved_incidents) == 1


def test_results_of_parallel_branches_are_not_lost_at_the_join(drive: Drive) -> None:
    d = drive(
        document(
            start() + node("parallelGateway", "s") + node("parallelGateway", "j") + user("a") + user("b") + user("c") + end()
            + chain("start", "s", "a", "j", "c", "end") + chain("s", "b", "j")
        )
    )  # fmt: skip
    d.start({"shared": {"k": 1}})
    assert d.tasks() == ["a", "b"]
    d.complete("b", b={"list": [1]}, typename="T")
    assert d.tasks() == ["a"]
    d.complete("a", a=2)
    assert d.tasks() == ["c"]
    assert d.variables == {"shared": {"k": 1}, "a": 2, "b": {"list": [1]}, "typename": "T"}
    assert d.complete("c").ended


def test_a_parallel_join_counts_flows_not_tokens(drive: Drive) -> None:
    d = drive(
        document(
            start() + node("parallelGateway", "s") + user("a") + user("b") + user("x") + node("parallelGateway", "j") + user("z") + end()
            + chain("start", "s", "a", "x", "j", "z", "end") + chain("s", "b", "x") + chain("s", "j")
        )
    )  # fmt: skip
    d.start()
    d.complete("a").complete("b")
    assert d.tasks() == ["x", "x"]
    d.complete("x")
    assert d.tasks() == ["x", "z"]
    d.complete("x").complete("z")
    assert not d.ended
    assert d.last.active_elements == ("j",)


INCLUSIVE = document(
    start() + node("inclusiveGateway", "s", default="f_s_c") + node("inclusiveGateway", "j") + "".join(user(t) for t in "abcz") + end()
    + flow("start", "s") + flow("s", "a", "a") + flow("s", "b", "b") + flow("s", "c")
    + "".join(flow(t, "j") for t in "abc") + chain("j", "z", "end")
)  # fmt: skip


@pytest.mark.parametrize(
    ("a", "b", "tasks"), [(True, True, ["a", "b"]), (True, False, ["a"]), (False, True, ["b"]), (False, False, ["c"])]
)
def test_an_inclusive_join_waits_for_all_that_can_come(drive: Drive, a: bool, b: bool, tasks: list[str]) -> None:
    d = drive(INCLUSIVE).start({"a": a, "b": b})
    assert d.tasks() == tasks
    for task in tasks:
        assert "z" not in d.tasks()
        d.complete(task)
    assert d.tasks() == ["z"]
    assert d.complete("z").ended


def test_an_inclusive_join_goes_on_when_the_other_token_turned_away(drive: Drive) -> None:
    d = drive(
        document(
            start() + node("parallelGateway", "s") + user("a") + user("b") + node("exclusiveGateway", "x", default="f_x_end2")
            + node("inclusiveGateway", "j") + user("z") + end() + end("end2")
            + chain("start", "s", "a", "j", "z", "end") + chain("s", "b", "x") + flow("x", "j", "join") + flow("x", "end2")
        )
    )  # fmt: skip
    d.start().complete("a")
    assert d.tasks() == ["b"]
    d.complete("b", join=False)
    assert d.tasks() == ["z"]
    assert d.complete("z").ended


def test_conditions_on_flows_leaving_tasks_and_start_events(drive: Drive) -> None:
    d = drive(
        document(
            start() + user("a", default="f_a_d") + user("b") + user("c") + user("d") + end()
            + flow("start", "a", "n = 1") + flow("start", "d", "n = 2")
            + flow("a", "b", "x") + flow("a", "c", "y") + flow("a", "d") + chain("b", "end") + chain("c", "end") + chain("d", "end")
        )
    )  # fmt: skip
    assert d.start({"n": 2}).tasks() == ["d"]
    d.start({"n": 1}).complete("a", x=True, y=True)
    assert d.tasks() == ["b", "c"]
    d.start({"n": 1}).complete("a", x=False, y=False)
    assert d.tasks() == ["d"]


def test_a_default_flow_stands_beside_flows_without_condition(drive: Drive) -> None:
    """BPMN 2.0.2, 13.2.1: a parallel split of what has no condition and an inclusive split of the rest."""
    d = drive(
        document(
            start() + user("a", default="f_a_d") + user("b") + user("c") + user("d") + end()
            + chain("start", "a", "c", "end") + flow("a", "b", "x") + flow("a", "d") + chain("b", "end") + chain("d", "end")
        )
    )  # fmt: skip
    assert d.start().complete("a", x=True).tasks() == ["b", "c"]
    assert d.start().complete("a", x=False).tasks() == ["c", "d"]


def test_a_loop_back_runs_120_rounds_and_the_state_stays_small(drive: Drive) -> None:
    d = drive(
        document(
            start() + user("a") + node("parallelGateway", "s") + user("b") + user("c") + node("parallelGateway", "j")
            + node("exclusiveGateway", "g", default="f_g_a") + end()
            + chain("start", "a", "s", "b", "j", "g", "a") + chain("s", "c", "j") + flow("g", "end", "n >= 120")
        )
    )  # fmt: skip
    d.start()
    sizes: list[int] = []
    for n in range(1, 121):
        d.complete("a").complete("b", b=n).complete("c", n=n)
        sizes.append(len(d.last.state))
        d.history.clear()
    assert d.ended
    assert max(sizes) < min(sizes[:-1]) + 40


def test_tasks_that_do_not_wait(drive: Drive) -> None:
    seen: list[Job] = []

    def add(job: Job) -> dict[str, Any]:
        seen.append(job)
        return {"sum": job.arguments["x"] + job.arguments["y"], "noise": 1}

    headers = '<zeebe:taskHeaders><zeebe:header key="k" value="v"/></zeebe:taskHeaders>'
    d = drive(
        document(
            start() + node("task", "t") + node("manualTask", "m") + script("s", "n * 2", "twice") + throw("none")
            + service("add", "math.add", ext=headers + io({"x": "=n", "y": "=twice"}, {"total.value": "=sum"})) + end()
            + chain("start", "t", "m", "s", "none", "add", "end")
        ),
        services={"math.add": add},
    )  # fmt: skip
    d.start({"n": 4})
    assert d.ended
    assert d.variables == {"n": 4, "twice": 8, "total": {"value": 12}}
    assert (seen[0].type, seen[0].element_id, seen[0].headers) == ("math.add", "add", {"k": "v"})


def test_a_service_nobody_here_knows_opens_a_job(drive: Drive) -> None:
    d = drive(
        document(start() + service("s", "far.away", ext=io({"x": "=n"})) + end() + chain("start", "s", "end"))
    ).start({"n": 1})
    assert [(j.type, j.arguments) for j in d.last.opened_jobs] == [("far.away", {"x": 1})]
    job = d.job("s")
    d._took(d.engine.fail_job("d1", d.last.state, job, "down", "no answer", d.env))
    assert d.last.closed_jobs == (job,)
    assert [(i.code, i.job_id) for i in d.last.incidents] == [("down", job)]
    d.retry()
    assert d.job("s") != job
    d._took(d.engine.complete_job("d1", d.last.state, d.job("s"), {"y": 2}, d.env))
    assert d.ended
    assert d.variables == {"n": 1, "y": 2}


def test_terminate_ends_everything_in_its_scope(drive: Drive) -> None:
    d = drive(
        document(
            start() + node("parallelGateway", "s") + user("a") + user("b") + end() + end("stop", "<bpmn:terminateEventDefinition/>")
            + chain("start", "s", "a", "end") + chain("s", "b", "stop")
        )
    )  # fmt: skip
    d.start().complete("b")
    assert d.ended
    assert [(t.element_id, t.cancelled) for t in d.last.closed_tasks] == [("b", False), ("a", True)]


def test_links_jump(drive: Drive) -> None:
    link = '<bpmn:linkEventDefinition name="L"/>'
    d = drive(
        document(
            start() + throw("out", link) + node("intermediateCatchEvent", "in", link) + user("a") + end()
            + chain("start", "out") + chain("in", "a", "end")
        )
    )  # fmt: skip
    assert d.start().tasks() == ["a"]


def test_user_task_context_assignment_and_due(drive: Drive) -> None:
    ext = (
        io({"who": "=applicant.name", "kind": "literal"})
        + '<zeebe:assignmentDefinition assignee="=boss" candidateGroups="A, B"/><lianban:deadline policy="=p"/>'
    )
    d = drive(document(start() + user("a", ext=ext) + end() + chain("start", "a", "end")))
    d.constants = {"p": "partner.signIn"}
    d.start({"applicant": {"name": "张三"}, "boss": "u1"})
    task = d.task("a")
    assert (task.context, task.assignee, task.candidate_groups, task.due) == (
        {"who": "张三", "kind": "literal"}, "u1", ("A", "B"), "partner.signIn",
    )  # fmt: skip
    assert d.complete("a", kind="submitted").variables["kind"] == "submitted"


@pytest.mark.parametrize(
    ("source", "value"),
    [
        ("now", "2026-03-02T09:00:00+08:00"),
        ("string(now)", "2026-03-02T09:00:00+08:00"),
        (
            '{at: now, now: "now", n: o.now, k: o["a.b"], t: "o[\\"a.b\\"] now"}',
            {"at": "2026-03-02T09:00:00+08:00", "now": "now", "n": 1, "k": 2, "t": 'o["a.b"] now'},
        ),
        ('now > date and time("2026-03-01T00:00:00+08:00")', True),
        ("count + 1", 6),
        ("o", {"now": 1, "a.b": 2}),
        ("missing.name", None),
    ],
)
def test_what_the_dialect_writes_shorter(drive: Drive, source: str, value: Any) -> None:
    d = drive(document(start() + script("s", source, "r") + end() + chain("start", "s", "end")))
    d.constants = {"now": "2026-03-02T09:00:00+08:00"}
    d.start({"o": {"now": 1, "a.b": 2}, "count": 5})
    assert d.incidents() == []
    assert d.variables["r"] == value
