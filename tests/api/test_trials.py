"""Trials over HTTP: what a designer, or a suite from outside, does with models before they are published."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.api.browser import Browser, assert_problem
from tests.engine import kit
from tests.support import models
from tests.support.world import World

LogIn = Callable[[str], Browser]


class Trial:
    """A trial and the requests on it; every answer must be good."""

    def __init__(self, browser: Browser, *contents: bytes, **more: Any) -> None:
        self.browser = browser
        files = [{"name": f"m{n}.bpmn", "content": content.decode()} for n, content in enumerate(contents)]
        made = browser.post("/trials", {"name": "t", "resources": files, **more})
        assert made.status_code == 201, made.text
        self.made: Any = made.json
        self.path = f"/trials/{self.made['id']}"

    def get(self, rest: str = "") -> Any:
        answer = self.browser.get(self.path + rest)
        assert answer.status_code == 200, answer.text
        return answer.json

    def post(self, rest: str, body: Any = None) -> Any:
        answer = self.browser.post(self.path + rest, {} if body is None else body)
        assert answer.status_code in (200, 201), answer.text
        return answer.json

    def start(self, process: str = "p", **variables: Any) -> Any:
        return self.post("/instances", {"processId": process, "variables": variables})

    def tasks(self) -> list[str]:
        return sorted(task["elementId"] for task in self.get("/tasks")["items"])

    def complete(self, element: str, **variables: Any) -> Any:
        task = next(task for task in self.get("/tasks")["items"] if task["elementId"] == element)
        return self.post(f"/tasks/{task['id']}/complete", {"variables": variables})

    def history(self, kinds: str, **more: Any) -> list[str]:
        rest = "".join(f"&{name}={value}" for name, value in more.items())
        return [row["elementId"] or row["kind"] for row in self.get(f"/history?kinds={kinds}{rest}")["items"]]


@pytest.fixture
def designer(world: World, log_in: LogIn) -> Browser:
    del world
    return log_in("designer")


TWO_STEPS = kit.document(
    kit.start()
    + kit.user("ask")
    + kit.node("exclusiveGateway", "big", default="f_big_small")
    + kit.service("check", "credit.check")
    + kit.user("small")
    + kit.end()
    + kit.chain("start", "ask", "big")
    + kit.flow("big", "check", "amount > 100")
    + kit.chain("big", "small", "end")
    + kit.flow("check", "end")
)


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


def test_a_bad_model_is_refused_with_findings_by_resource(designer: Browser) -> None:
    bad = kit.document(kit.start() + kit.user("lost") + kit.end() + kit.chain("start", "end"))
    files = [{"name": "good.bpmn", "content": TWO_STEPS.decode()}, {"name": "bad.bpmn", "content": bad.decode()}]
    problem = assert_problem(designer.post("/trials", {"resources": files}), 422, "definition-refused")
    found = [row for row in problem["findings"] if row["severity"] == "error"]
    assert {row["resource"] for row in found} == {"bad.bpmn"}
    assert any(row["elementId"] == "lost" for row in found)
    twice = [{"name": name, "content": TWO_STEPS.decode()} for name in ("a.bpmn", "b.bpmn")]
    problem = assert_problem(designer.post("/trials", {"resources": twice}), 422, "definition-refused")
    assert [(row["rule"], row["elementId"], row["resource"]) for row in problem["findings"]] == [
        ("processTwice", "p", "b.bpmn")
    ]
    nothing = assert_problem(
        designer.post("/trials", {"resources": [{"name": "x", "content": "hello"}]}), 422, "definition-refused"
    )
    assert nothing["findings"][0]["resource"] == "x"
    assert_problem(designer.post("/trials", {"resources": []}), 422, "invalid-fields")
    assert designer.get("/trials").json == {"items": [], "next": None}


def test_a_second_deployment_serves_new_instances(designer: Browser) -> None:
    trial = Trial(designer, TWO_STEPS)
    trial.start(amount=1)
    other = (
        TWO_STEPS.replace(b'id="small"', b'id="tiny"')
        .replace(b'"small"', b'"tiny"')
        .replace(b"f_big_small", b"f_big_tiny")
    )
    after = trial.post("/resources", {"resources": [{"name": "m0.bpmn", "content": other.decode()}]})
    assert [row["definitionId"] for row in after["processes"]] == [after["conversions"][1]["definitionId"]]
    trial.start(amount=1)
    trial.complete("ask")
    trial.complete("ask")
    assert trial.tasks() == ["small", "tiny"]
    shown = designer.get(f"{trial.path}/definitions/{after['conversions'][1]['definitionId']}/xml")
    assert shown.get_data() == other


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


def test_every_kind_of_start_is_listed_and_works(designer: Browser) -> None:
    model = kit.document(
        kit.start("byHand")
        + kit.start("byMessage", kit.message("m_ORDER"))
        + kit.start("bySignal", '<bpmn:signalEventDefinition signalRef="s_GO"/>')
        + kit.start("byTimer", kit.timer("R2/PT1H", "timeCycle"))
        + kit.start(
            "byCondition",
            "<bpmn:conditionalEventDefinition><bpmn:condition>=level > 3</bpmn:condition></bpmn:conditionalEventDefinition>",
        )
        + "".join(kit.user(f"t{n}") for n in range(5))
        + kit.end()
        + "".join(
            kit.chain(a, f"t{n}", "end")
            for n, a in enumerate(("byHand", "byMessage", "bySignal", "byTimer", "byCondition"))
        ),
        declarations=kit.declare(messages=["ORDER"], signals=["GO"]),
    )
    trial = Trial(designer, model, now="2026-03-02T02:00:00Z")
    assert trial.made["processes"][0]["starts"] == [
        {"kind": "none", "elementId": "byHand", "value": ""},
        {"kind": "message", "elementId": "byMessage", "value": "ORDER"},
        {"kind": "signal", "elementId": "bySignal", "value": "GO"},
        {"kind": "timer", "elementId": "byTimer", "value": "R2/PT1H"},
        {"kind": "conditional", "elementId": "byCondition", "value": "level > 3"},
    ]
    assert [(row["elementId"], row["dueAt"]) for row in trial.made["timers"]] == [("byTimer", "2026-03-02T03:00:00Z")]
    trial.start()
    assert trial.tasks() == ["t0"]
    trial.post("/messages", {"name": "ORDER"})
    assert len(trial.post("/signals", {"name": "GO"})["instanceIds"]) == 1
    assert trial.post("/conditions", {"variables": {"level": 3}})["instanceIds"] == []
    assert len(trial.post("/conditions", {"variables": {"level": 4}})["instanceIds"]) == 1
    trial.post("/clock/advance", {"by": "PT5H"})
    assert trial.tasks() == ["t0", "t1", "t2", "t3", "t3", "t4"]
    started = [row["startedAt"] for row in trial.get("/instances")["items"] if row["tasks"][0]["elementId"] == "t3"]
    assert started == ["2026-03-02T03:00:00Z", "2026-03-02T04:00:00Z"]
    assert trial.get("/clock")["nextDueAt"] is None
    chosen = trial.post("/instances", {"processId": "p", "startEvent": "byMessage", "variables": {"no": 1}})
    assert [task["elementId"] for task in chosen["tasks"]] == ["t1"]
    assert_problem(
        designer.post(f"{trial.path}/instances", {"processId": "p", "startEvent": "t1"}), 422, "process-unknown"
    )
    both = {"processId": "p", "startEvent": "byMessage", "message": "ORDER"}
    assert_problem(designer.post(f"{trial.path}/instances", both), 422, "invalid-fields")


def test_without_none_start_event_the_only_one_counts(designer: Browser) -> None:
    work = kit.user("work") + kit.end() + kit.chain("work", "end")
    declared = kit.declare(messages=["A", "B"])
    first = kit.start("first", kit.message("m_A")) + kit.chain("first", "work")
    alone = Trial(designer, kit.document(first + work, declarations=declared))
    assert [task["elementId"] for task in alone.start()["tasks"]] == ["work"]
    second = kit.start("second", kit.message("m_B")) + kit.chain("second", "work")
    both = Trial(designer, kit.document(first + second + work, declarations=declared))
    assert_problem(designer.post(f"{both.path}/instances", {"processId": "p"}), 422, "process-unknown")
    timed = kit.start("later", kit.timer("PT1H")) + kit.chain("later", "work")
    mixed = Trial(designer, kit.document(first + timed + work, declarations=declared))
    assert [task["elementId"] for task in mixed.start()["tasks"]] == ["work"]


def test_one_message_starts_one_imported_process_of_a_deployment(designer: Browser) -> None:
    def content(process: str, head: str = "http://camunda.org/schema/1.0/bpmn") -> dict[str, str]:
        body = kit.start("s", kit.message("m_A")) + kit.end() + kit.chain("s", "end")
        xml = kit.document(body, declarations=kit.declare(messages=["A"])).decode()
        xml = xml.replace("zeebe=", "camunda=").replace("http://camunda.org/schema/zeebe/1.0", head)
        xml = xml.replace("https://lianban.org/schema/bpmn/1.0", "https://example.org/ours")
        return {"name": f"{process}.bpmn", "content": xml.replace('id="p"', f'id="{process}"')}

    problem = assert_problem(
        designer.post("/trials", {"resources": [content("one"), content("two")]}), 422, "definition-refused"
    )
    assert [(row["rule"], row["elementId"]) for row in problem["findings"]] == [("messageStartsTwice", "two")]
    plain = [content(name, "https://example.org/other") for name in ("one", "two")]
    assert designer.post("/trials", {"resources": plain}).status_code == 201


def test_only_the_newest_version_of_a_timer_start_waits(designer: Browser) -> None:
    def model(text: str) -> bytes:
        return kit.document(
            kit.start("begin", kit.timer(text)) + kit.user("work") + kit.end() + kit.chain("begin", "work", "end")
        )

    trial = Trial(designer, model("PT1H"), now="2026-03-02T02:00:00Z")
    after = trial.post("/resources", {"resources": [{"name": "b", "content": model("PT3H").decode()}]})
    assert [row["dueAt"] for row in after["timers"]] == ["2026-03-02T05:00:00Z"]
    bad = {"resources": [{"name": "b", "content": model('="soon"').decode()}]}
    assert_problem(designer.post(f"{trial.path}/resources", bad), 422, "engine-refused")


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


CAMUNDA = b"""<?xml version="1.0" encoding="UTF-8"?>
<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:camunda="http://camunda.org/schema/1.0/bpmn"
 xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" targetNamespace="t">
<process id="p" isExecutable="true"><startEvent id="s"/><sequenceFlow sourceRef="s" targetRef="g"/>
<exclusiveGateway id="g" default="other"/>
<sequenceFlow sourceRef="g" targetRef="big"><conditionExpression xsi:type="tFormalExpression">${amount &gt; 5}</conditionExpression></sequenceFlow>
<sequenceFlow id="other" sourceRef="g" targetRef="small"/>
<userTask id="big" camunda:assignee="kermit"><extensionElements><camunda:formData>
<camunda:formField id="note" label="Note" type="string"/></camunda:formData></extensionElements></userTask>
<serviceTask id="small" camunda:delegateExpression="${mailer}"/></process></definitions>"""


def test_a_model_of_another_engine_is_converted_and_told_how(designer: Browser) -> None:
    trial = Trial(designer, CAMUNDA)
    conversion = trial.made["conversions"][0]
    assert (conversion["dialect"], conversion["kind"]) == ("camunda", "bpmn")
    assert any(row["before"] == "${amount > 5}" and row["after"] == "=amount > 5" for row in conversion["changes"])
    assert {row["kind"] for row in conversion["changes"]} >= {"converted"}
    task = trial.start(amount=6)["tasks"][0]
    assert (task["elementId"], task["assignee"]) == ("big", "kermit")
    form = trial.get(f"/forms/{task['formId']}")
    assert [row["key"] for row in form["schema"]["components"] if "key" in row] == ["note"]
    assert trial.get("/forms/test-form")["formId"] == "test-form"
    assert_problem(designer.get(f"{trial.path}/forms/nothing"), 404, "not-found")
    assert trial.start(amount=1)["state"] == "ended"
    assert trial.history("job.completed") == ["small"]


TARIFF = b"""<?xml version="1.0" encoding="UTF-8"?>
<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" id="d" name="d" namespace="urn:test:tariff">
<inputData id="amount" name="amount"><variable name="amount" typeRef="number"/></inputData>
<decision id="fee" name="fee"><variable name="fee" typeRef="number"/><informationRequirement id="r"><requiredInput href="#amount"/></informationRequirement>
<literalExpression id="l"><text>amount * 2</text></literalExpression></decision></definitions>"""


def test_a_business_rule_task_finds_the_decisions_of_the_trial(designer: Browser) -> None:
    rule = kit.node("businessRuleTask", "rule", ext='<zeebe:calledDecision decisionId="fee" resultVariable="fee"/>')
    model = kit.document(kit.start() + rule + kit.end() + kit.chain("start", "rule", "end"))
    trial = Trial(designer, model, TARIFF)
    assert [(row["id"], row["kind"]) for row in trial.made["decisions"]] == [("fee", "literal")]
    assert trial.start(amount=21)["variables"] == {"amount": 21, "fee": 42}
    bad = TARIFF.replace(b"#amount", b"#nothing")
    answer = designer.post("/trials", {"resources": [{"name": "bad.dmn", "content": bad.decode()}]})
    assert assert_problem(answer, 422, "definition-refused")["findings"][0]["resource"] == "bad.dmn"
    alone = Trial(designer, model)
    assert [row["code"] for row in alone.start(amount=1)["incidents"]] == ["decisionUnknown"]


def test_elements_of_an_ad_hoc_sub_process_are_activated(designer: Browser) -> None:
    inside = kit.user("look") + kit.user("ask")
    model = kit.document(
        kit.start() + kit.node("adHocSubProcess", "any", inside) + kit.end() + kit.chain("start", "any", "end")
    )
    trial = Trial(designer, model)
    made = trial.start()
    ad_hoc = made["adHocs"][0]
    assert (ad_hoc["elementId"], sorted(ad_hoc["enabledElements"])) == ("any", ["ask", "look"])
    after = trial.post(f"/adhocs/{ad_hoc['id']}/activate", {"elements": ["look"]})
    assert [task["elementId"] for task in after["tasks"]].count("look") >= 1
    assert_problem(designer.post(f"{trial.path}/adhocs/nothing/activate", {"elements": ["look"]}), 409, "not-open")
    assert_problem(
        designer.post(f"{trial.path}/adhocs/{ad_hoc['id']}/activate", {"elements": ["x"]}), 422, "engine-refused"
    )


HUGE = 10**30


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("GET", f"/trials/{HUGE}", None),
        ("GET", "/trials/{id}/instances/" + str(HUGE), None),
        ("GET", "/trials/{id}/definitions/" + str(HUGE) + "/xml", None),
        ("GET", f"/trials/{{id}}/history?after={HUGE}", None),
        ("GET", f"/trials/{{id}}/history?instanceId={HUGE}", None),
        ("GET", "/trials/{id}/history?after=-1&limit=0", None),
        ("POST", "/trials/{id}/messages", {"name": "M", "instanceId": 2**53 - 1}),
        ("POST", "/trials/{id}/messages", {"name": "M", "ttl": "for ever"}),
        ("POST", "/trials/{id}/messages", {"name": "M", "ttl": "P9999Y"}),
        ("POST", "/trials/{id}/messages", {"name": "M", "variables": [1]}),
        ("POST", "/trials/{id}/instances", {"processId": "p", "variables": "x"}),
        ("POST", "/trials/{id}/clock/advance", {"by": "P9999Y"}),
        ("POST", "/trials/{id}/clock/advance", {"by": "-P1D"}),
        ("POST", "/trials/{id}/clock/advance", {"to": "9999-12-31T23:59:59+00:00"}),
        ("POST", "/trials/{id}/clock/advance", {}),
        ("POST", "/trials/{id}/tasks/nothing/complete", {}),
        ("POST", "/trials/{id}/incidents/nothing/retry", {}),
        ("POST", "/trials", {"resources": [{"name": "x", "content": ""}]}),
        ("POST", "/trials", {"resources": [{"name": "x", "content": "<a/>"}], "now": "yesterday"}),
        ("POST", "/trials", {"resources": [{"name": "x", "content": "<a/>"}], "services": "maybe"}),
        ("POST", "/trials", {"resources": [{"name": "x", "content": "<a/>"}], "results": {"t": 1}}),
        ("POST", "/trials", {"resources": [{"name": "x.dmn", "content": "<definitions xmlns='https://www.omg.org/spec/DMN/20191111/MODEL/'/>"}]}),
        ("POST", "/trials", {"resources": [{"name": "x", "content": "<!DOCTYPE a [<!ENTITY b 'c'>]><a/>"}]}),
    ],
)  # fmt: skip
def test_bad_input_is_refused_with_a_reason(designer: Browser, method: str, path: str, body: Any) -> None:
    trial = Trial(designer, TWO_STEPS)
    answer = designer.send(method, path.replace("{id}", str(trial.made["id"])), body)
    assert 400 <= answer.status_code < 500, answer.text
    assert_problem(answer, answer.status_code, (answer.json or {})["code"])
