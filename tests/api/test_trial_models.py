"""What models a trial takes and how they begin: every kind of start, models of other engines, decisions, ad-hoc sub-processes; what is refused."""

from typing import Any

import pytest

from tests.api.browser import Browser, assert_problem
from tests.api.trying import TWO_STEPS, Trial
from tests.engine import kit


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
