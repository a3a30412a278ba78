"""Trials over HTTP: what a designer, or a suite from outside, does with models before they are published."""

from collections.abc import Callable
from typing import Any

from tests.api.browser import Browser, assert_problem
from tests.api.trying import TWO_STEPS, Trial
from tests.engine import kit
from tests.support import models

LogIn = Callable[[str], Browser]


def test_a_model_runs_step_by_step(designer: Browser) -> None:
    trial = Trial(designer, TWO_STEPS, results={"credit.check": {"score": 700}})
    assert trial.made["processes"] == [
        {
            "id": "p",
            "name": "p",
            "definitionId": trial.made["conversions"][0]["definitionId"],
            "starts": [
                {"kind": "none", "elementId": trial.made["processes"][0]["starts"][0]["elementId"], "value": ""}
            ],
        }
    ]
    started = trial.start(amount=120)
    assert (started["state"], started["activeElements"]) == ("running", ["ask"])
    assert [task["elementId"] for task in started["tasks"]] == ["ask"]
    done = trial.complete("ask", note="ok")
    assert (done["state"], done["tasks"], done["incidents"]) == ("ended", [], [])
    assert done["variables"] == {"amount": 120, "note": "ok", "score": 700}
    assert trial.history("job.completed") == ["check"]
    assert trial.history("entered") == ["start", "ask", "big", "check", "end"]
    assert done["taken"] == ["f_ask_big", "f_big_check", "f_check_end", "f_start_ask"]
    kinds = [row["kind"] for row in trial.get("/history")["items"]]
    assert kinds[:2] == ["deployed", "instance.started"]
    assert kinds[-1] == "instance.ended"


def test_service_tasks_wait_as_jobs_when_held(designer: Browser) -> None:
    model = kit.document(
        kit.start()
        + kit.service("pay", "pay")
        + kit.boundary("refused", "pay", '<bpmn:errorEventDefinition errorRef="e_NO"/>')
        + kit.end("paid")
        + kit.user("call")
        + kit.end()
        + kit.chain("start", "pay", "paid")
        + kit.chain("refused", "call", "end"),
        declarations=kit.declare(errors=["NO"]),
    )
    trial = Trial(designer, model, services="hold")
    trial.start(), trial.start(), trial.start()
    first, second, third = trial.get("/jobs")["items"]
    assert (first["type"], first["elementId"], first["name"]) == ("pay", "pay", "")
    assert trial.post(f"/jobs/{first['id']}/complete", {"variables": {"paid": 1}})["variables"] == {"paid": 1}
    thrown = trial.post(f"/jobs/{second['id']}/error", {"code": "NO"})
    assert [task["elementId"] for task in thrown["tasks"]] == ["call"]
    failed = trial.post(f"/jobs/{third['id']}/fail", {"code": "TIMEOUT", "message": "no answer"})
    assert [(row["elementId"], row["code"]) for row in failed["incidents"]] == [("pay", "TIMEOUT")]
    again = trial.post(f"/incidents/{failed['incidents'][0]['id']}/retry")
    assert (again["incidents"], [job["elementId"] for job in again["jobs"]]) == ([], ["pay"])
    assert_problem(designer.post(f"{trial.path}/jobs/{first['id']}/complete", {}), 409, "not-open")


def test_a_message_goes_to_one_receiver_waits_for_one_and_comes_once(designer: Browser) -> None:
    model = kit.document(
        kit.start()
        + kit.user("work")
        + kit.catch("wait", kit.message("m_PAID"))
        + kit.end()
        + kit.chain("start", "work", "wait", "end"),
        kit.start("s", kit.message("m_ORDER")) + kit.user("pack") + kit.end("e") + kit.chain("s", "pack", "e"),
        declarations=kit.declare(messages=["PAID", "ORDER"]),
        ids=("p", "q"),
    )
    trial = Trial(designer, model)
    first = trial.start()["id"]
    second = trial.start()["id"]
    paid = {"name": "PAID", "variables": {"sum": 5}}
    assert trial.post("/messages", paid | {"ttl": "PT0S"}) == {"state": "discarded", "instanceId": None}
    assert trial.post("/messages", paid | {"messageId": "m-1"}) == {"state": "buffered", "instanceId": None}
    assert trial.post("/messages", paid | {"messageId": "m-1"}) == {"state": "duplicate", "instanceId": None}
    done = trial.complete("work")
    assert (done["id"], done["state"], done["variables"]) == (first, "ended", {"sum": 5})
    trial.complete("work")
    assert trial.post("/messages", paid | {"instanceId": second}) == {"state": "delivered", "instanceId": second}
    started = trial.post("/messages", {"name": "ORDER", "variables": {"no": 7}})
    assert started["state"] == "started"
    assert trial.get(f"/instances/{started['instanceId']}")["variables"] == {"no": 7}
    assert trial.tasks() == ["pack"]
    assert_problem(designer.post(f"{trial.path}/messages", paid | {"instanceId": second}), 409, "instance-ended")
    trial.post("/messages", paid | {"ttl": "PT10S"})
    trial.post("/clock/advance", {"by": "PT10S"})
    assert [row["state"] for row in trial.get()["messages"]] == [
        "discarded",
        "delivered",
        "delivered",
        "started",
        "expired",
    ]


def test_pools_exchange_messages_along_their_flows(designer: Browser) -> None:
    trial = Trial(designer, models.joint())
    main = trial.start("main", moveInOrg="x", movers=[{"idNo": "1"}], secret="s")
    assert main["tasks"][0]["elementId"] == "prepare"
    trial.complete("prepare", reason="r")
    partner = trial.get("/instances")["items"][1]
    assert (partner["processId"], partner["parentId"]) == ("partner", main["id"])
    assert partner["variables"] == {"movers": [{"idNo": "1"}], "reason": "r"}
    trial.complete("work", note="yes", action="AGREE")
    assert trial.tasks() == ["finish"]
    assert trial.complete("finish")["variables"]["answer"] == "yes"


def test_a_process_started_by_itself_joins_who_sends_to_its_pool(designer: Browser) -> None:
    ask = '<bpmn:messageEventDefinition messageRef="m_ASK"/>'
    answer = '<bpmn:messageEventDefinition messageRef="m_ANSWER"/>'
    model = kit.document(
        kit.start() + kit.throw("ask", ask) + kit.catch("hear", answer) + kit.end() + kit.chain("start", "ask", "hear", "end"),
        kit.start("s") + kit.catch("asked", ask) + kit.user("look") + kit.throw("answer", answer) + kit.end("e")
        + kit.chain("s", "asked", "look", "answer", "e"),
        declarations=kit.declare(messages=["ASK", "ANSWER"])
        + '<bpmn:collaboration id="co"><bpmn:participant id="a" processRef="p"/><bpmn:participant id="b" processRef="q"/>'
        '<bpmn:messageFlow id="ab" sourceRef="ask" targetRef="asked"/><bpmn:messageFlow id="ba" sourceRef="answer" targetRef="hear"/>'
        "</bpmn:collaboration>",
        ids=("p", "q"),
    )  # fmt: skip
    trial = Trial(designer, model)
    trial.start("q")
    trial.start("p")
    trial.start("p")
    assert trial.tasks() == ["look"], "the second finds nobody"
    trial.complete("look")
    assert [row["state"] for row in trial.get("/instances")["items"]] == ["ended", "ended", "running"]
    trial.start("q")
    assert trial.tasks() == ["look"], "what was kept for the pool is given to who is started later"
    trial.complete("look")
    assert {row["state"] for row in trial.get("/instances")["items"]} == {"ended"}


def test_signals_reach_every_instance(designer: Browser) -> None:
    model = kit.document(
        kit.start()
        + kit.catch("wait", '<bpmn:signalEventDefinition signalRef="s_GO"/>')
        + kit.user("go")
        + kit.end()
        + kit.chain("start", "wait", "go", "end"),
        kit.start("s")
        + kit.throw("call", '<bpmn:signalEventDefinition signalRef="s_GO"/>')
        + kit.end("e")
        + kit.chain("s", "call", "e"),
        declarations=kit.declare(signals=["GO"]),
        ids=("p", "q"),
    )
    trial = Trial(designer, model)
    one, two = trial.start()["id"], trial.start()["id"]
    assert trial.post("/signals", {"name": "GO"}) == {"instanceIds": [one, two]}
    trial.start()
    trial.start("q")
    assert trial.tasks() == ["go", "go", "go"]


def test_the_clock_stands_until_it_is_moved_and_timers_fire_in_order(designer: Browser) -> None:
    model = kit.document(
        kit.start()
        + kit.user("work")
        + kit.boundary("remind", "work", kit.timer("R3/PT10S", "timeCycle"), interrupting=False)
        + kit.boundary("late", "work", kit.timer("5wd"))
        + kit.service("mail", "mail")
        + kit.end("mailed")
        + kit.user("chase")
        + kit.end()
        + kit.chain("start", "work", "end")
        + kit.chain("remind", "mail", "mailed")
        + kit.chain("late", "chase")
        + kit.flow("chase", "end"),
    )
    trial = Trial(designer, model, now="2026-03-02T02:00:00Z")
    trial.start()
    assert trial.get("/clock") == {"now": "2026-03-02T02:00:00Z", "nextDueAt": "2026-03-02T02:00:10Z"}
    assert trial.post("/clock/advance", {"by": "PT25S"})["now"] == "2026-03-02T02:00:25Z"
    mails = trial.get("/history?kinds=job.completed")["items"]
    assert [row["at"] for row in mails] == ["2026-03-02T02:00:10Z", "2026-03-02T02:00:20Z"]
    assert trial.post("/clock/advance", {"to": "next"})["now"] == "2026-03-02T02:00:30Z"
    assert trial.tasks() == ["work"]
    assert trial.post("/clock/advance", {"to": "next"})["now"] == "2026-03-09T15:59:59Z"
    assert trial.tasks() == ["chase"]
    assert_problem(designer.post(f"{trial.path}/clock/advance", {"to": "next"}), 409, "nothing-waits")
    assert_problem(designer.post(f"{trial.path}/clock/advance", {"to": "2026-01-01"}), 409, "clock-only-forward")
    assert_problem(designer.post(f"{trial.path}/clock/advance", {"to": "soon"}), 422, "invalid-fields")
    assert_problem(designer.post(f"{trial.path}/clock/advance", {"by": "soon"}), 422, "bad-duration")


def test_an_instance_is_cancelled_and_a_trial_deleted(designer: Browser) -> None:
    trial = Trial(designer, TWO_STEPS)
    made = trial.start(amount=1)
    gone: Any = designer.send("DELETE", f"{trial.path}/instances/{made['id']}").json
    assert (gone["state"], gone["tasks"], gone["activeElements"]) == ("cancelled", [], [])
    assert trial.tasks() == []
    assert_problem(designer.send("DELETE", f"{trial.path}/instances/{made['id']}"), 409, "instance-ended")
    assert_problem(designer.post(f"{trial.path}/tasks/{made['tasks'][0]['id']}/complete", {}), 409, "not-open")
    assert_problem(designer.post(f"{trial.path}/instances", {"processId": "q"}), 422, "process-unknown")
    assert_problem(designer.post(f"{trial.path}/instances", {"processId": "p", "message": "M"}), 422, "process-unknown")
    assert designer.send("DELETE", trial.path).status_code == 204
    assert_problem(designer.get(trial.path), 404, "not-found")


def test_a_trial_is_its_owners_alone(designer: Browser, log_in: LogIn) -> None:
    trial = Trial(designer, TWO_STEPS)
    admin = log_in("admin")
    assert admin.get("/trials").json == {"items": [], "next": None}
    for answer in (
        admin.get(trial.path),
        admin.get(f"{trial.path}/history"),
        admin.get(f"{trial.path}/instances"),
        admin.post(f"{trial.path}/instances", {"processId": "p"}),
        admin.post(f"{trial.path}/signals", {"name": "x"}),
        admin.send("DELETE", trial.path),
    ):
        assert_problem(answer, 404, "not-found")
    assert_problem(log_in("clerk").get("/trials"), 403, "forbidden")


def test_the_same_request_again_does_nothing_twice(designer: Browser) -> None:
    trial = Trial(designer, TWO_STEPS)
    body = {"processId": "p", "variables": {"amount": 1}}
    answers = [
        designer.post(f"{trial.path}/instances", body, headers={"Idempotency-Key": "one-and-the-same"})
        for _ in range(2)
    ]
    assert answers[0].json == answers[1].json
    assert len(trial.get("/instances")["items"]) == 1


def test_a_start_a_step_and_variables_that_are_set(designer: Browser) -> None:
    condition = "<bpmn:conditionalEventDefinition><bpmn:condition>=level &gt; 3</bpmn:condition></bpmn:conditionalEventDefinition>"
    model = kit.document(
        kit.start()
        + kit.catch("wait", condition)
        + kit.user("go")
        + kit.end()
        + kit.chain("start", "wait", "go", "end")
    )
    trial = Trial(designer, model)
    made = trial.start(level=1)
    path = f"{trial.path}/instances/{made['id']}/variables"
    assert designer.put(path, {"variables": {"level": 2}}).json["activeElements"] == ["wait"]  # type: ignore[index]
    assert designer.put(path, {"variables": {"level": 4}}).json["activeElements"] == ["go"]  # type: ignore[index]
    assert trial.get(f"/instances/{made['id']}")["variables"] == {"level": 4}
    assert_problem(designer.put(path, {"variables": {}, "scope": "nowhere"}), 422, "engine-refused")
    assert_problem(designer.put(path, {}), 422, "invalid-fields")


def test_a_task_ends_with_an_error_or_escalates(designer: Browser) -> None:
    model = kit.document(
        kit.start()
        + kit.user("work")
        + kit.boundary("failed", "work", '<bpmn:errorEventDefinition errorRef="e_NO"/>')
        + kit.boundary("raised", "work", '<bpmn:escalationEventDefinition escalationRef="x_UP"/>', interrupting=False)
        + kit.user("repair")
        + kit.user("boss")
        + "".join(kit.end(f"end{n}") for n in range(3))
        + kit.chain("start", "work", "end0")
        + kit.chain("failed", "repair", "end1")
        + kit.chain("raised", "boss", "end2"),
        declarations=kit.declare(errors=["NO"], escalations=["UP"]),
    )
    trial = Trial(designer, model)
    task = trial.start()["tasks"][0]["id"]
    trial.post(f"/tasks/{task}/escalation", {"code": "UP"})
    assert trial.tasks() == ["boss", "work"]
    trial.post(f"/tasks/{task}/error", {"code": "NO", "variables": {"why": "x"}})
    assert trial.tasks() == ["boss", "repair"]
    assert_problem(designer.post(f"{trial.path}/tasks/{task}/error", {"code": "NO"}), 409, "not-open")
