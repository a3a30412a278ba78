"""Import over HTTP: the report, what is refused, plain export, trials of vendor models."""

from collections.abc import Callable
from typing import Any

from tests.api.browser import Browser, assert_problem
from tests.support import models
from tests.support.world import World

LogIn = Callable[[str], Browser]

VENDOR = """<?xml version="1.0" encoding="WINDOWS-1252"?>
<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:camunda="http://camunda.org/schema/1.0/bpmn" targetNamespace="t">
  <process id="order" isExecutable="true">
    <startEvent id="start"/>
    <sequenceFlow sourceRef="start" targetRef="ask"/>
    <userTask id="ask" name="询问" camunda:assignee="${owner}" camunda:asyncBefore="true">
      <extensionElements><camunda:formData><camunda:formField id="sum" label="金额" type="long"/></camunda:formData></extensionElements>
    </userTask>
    <sequenceFlow id="toPay" sourceRef="ask" targetRef="pay"/>
    <serviceTask id="pay" camunda:type="external" camunda:topic="payment"/>
    <sequenceFlow id="toEnd" sourceRef="pay" targetRef="end"/>
    <endEvent id="end"/>
  </process>
</definitions>"""


def test_a_vendor_model_is_converted_with_a_report(world: World, log_in: LogIn) -> None:
    del world
    designer = log_in("designer")
    answer = designer.post("/definitions/import", {"name": "order.bpmn", "xml": VENDOR})
    assert answer.status_code == 200, answer.text
    made: Any = answer.json
    assert (made["name"], made["dialect"], made["deployable"]) == ("order.bpmn", "camunda", False)
    told = {(row["kind"], row["what"], row["elementId"]) for row in made["changes"]}
    assert told >= {
        ("repaired", "id", "Flow_start_ask"),
        ("converted", "assignee", "ask"),
        ("converted", "formMade", "ask"),
        ("dropped", "ignored", "ask"),
        ("converted", "job", "pay"),
        ("manual", "worker", "pay"),
    }
    assignee = next(row for row in made["changes"] if row["what"] == "assignee")
    assert (assignee["before"], assignee["after"], assignee["line"]) == ("${owner}", "=owner", 6)
    assert "办理人" in assignee["message"]
    assert "Assignee" in assignee["messageEn"]
    assert made["forms"][0]["formId"] == "order.ask"
    assert made["forms"][0]["form"]["components"][0]["type"] == "number"
    assert {row["rule"] for row in made["findings"]} >= {"formUnknown", "topicUnattended", "calledOnly"}
    again: Any = designer.post("/definitions/import", {"xml": made["xml"]}).json
    assert again["xml"] == made["xml"]
    assert "询问" in again["xml"]


def test_only_designers_import_and_only_bpmn(world: World, log_in: LogIn) -> None:
    del world
    assert_problem(log_in("clerk").post("/definitions/import", {"xml": VENDOR}), 403, "forbidden")
    designer = log_in("designer")
    for bad in ("no xml", "<a/>", '<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>'):
        assert_problem(designer.post("/definitions/import", {"xml": bad}), 422, "definition-refused")
    assert_problem(designer.post("/definitions/import", {}), 422, "invalid-fields")


def test_a_version_is_exported_as_plain_bpmn(world: World, log_in: LogIn) -> None:
    world.deploy(models.simple())
    designer = log_in("designer")
    version: Any = designer.get("/definitions/test-item/versions").json
    path = f"/definitions/versions/{version['items'][0]['id']}/xml"
    plain = designer.get(f"{path}?as=plain").text
    assert "zeebe" not in plain
    assert "lianban" not in plain
    assert "userTask" in plain
    kept = designer.get(f"{path}?as=plain&keep=zeebe").text
    assert "zeebe:userTask" in kept
    assert "lianban:" not in kept
    assert_problem(designer.get(f"{path}?as=pdf"), 422, "invalid-fields")


def test_a_trial_runs_a_vendor_model_as_it_is(world: World, log_in: LogIn) -> None:
    del world
    designer = log_in("designer")
    made: Any = designer.post("/trials", {"name": "t", "resources": [{"name": "order.bpmn", "content": VENDOR}]}).json
    assert made["conversions"][0]["dialect"] == "camunda"
    assert any(row["kind"] == "manual" for row in made["conversions"][0]["changes"])
    path = f"/trials/{made['id']}"
    started: Any = designer.post(f"{path}/instances", {"processId": "order", "variables": {"owner": "kermit"}}).json
    assert [(task["elementId"], task["assignee"]) for task in started["tasks"]] == [("ask", "kermit")]
    done: Any = designer.post(f"{path}/tasks/{started['tasks'][0]['id']}/complete", {"variables": {"sum": 5}}).json
    assert (done["state"], done["variables"]["sum"]) == ("ended", 5)
