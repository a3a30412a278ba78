"""Scenarios of plain processes: played on the engine alone."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from lxml import etree

from bootstrap.scenarios import reports
from bootstrap.scenarios.faults import ScenarioUnreadable
from bootstrap.scenarios.junit import junit
from bootstrap.scenarios.outcomes import Results
from bootstrap.scenarios.running import Choice, run
from bootstrap.settings import Settings

MODEL = """<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:zeebe="http://camunda.org/schema/zeebe/1.0"
 xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" id="defs" targetNamespace="t">
 <bpmn:message id="m_go" name="go"/><bpmn:message id="m_told" name="told"/>
 <bpmn:process id="p" name="核对" isExecutable="true">
  <bpmn:startEvent id="start"/>
  <bpmn:userTask id="check" name="核对"><bpmn:extensionElements><zeebe:userTask/><zeebe:formDefinition formId="f"/>
   <zeebe:assignmentDefinition candidateGroups="CLERK"/></bpmn:extensionElements></bpmn:userTask>
  <bpmn:boundaryEvent id="late" attachedToRef="check"><bpmn:timerEventDefinition><bpmn:timeDuration>2wd</bpmn:timeDuration></bpmn:timerEventDefinition></bpmn:boundaryEvent>
  <bpmn:exclusiveGateway id="ok" default="f_no"/>
  <bpmn:serviceTask id="store"><bpmn:extensionElements><zeebe:taskDefinition type="store"/></bpmn:extensionElements></bpmn:serviceTask>
  <bpmn:intermediateCatchEvent id="wait"><bpmn:messageEventDefinition messageRef="m_go"/></bpmn:intermediateCatchEvent>
  <bpmn:intermediateThrowEvent id="tell"><bpmn:extensionElements><zeebe:ioMapping><zeebe:input source="=number" target="n"/></zeebe:ioMapping></bpmn:extensionElements>
   <bpmn:messageEventDefinition messageRef="m_told"/></bpmn:intermediateThrowEvent>
  <bpmn:endEvent id="done"/><bpmn:endEvent id="rejected"/><bpmn:endEvent id="expired"/>
  <bpmn:sequenceFlow id="f_1" sourceRef="start" targetRef="check"/>
  <bpmn:sequenceFlow id="f_2" sourceRef="check" targetRef="ok"/>
  <bpmn:sequenceFlow id="f_yes" sourceRef="ok" targetRef="store"><bpmn:conditionExpression xsi:type="bpmn:tFormalExpression">=amount &lt;= limit</bpmn:conditionExpression></bpmn:sequenceFlow>
  <bpmn:sequenceFlow id="f_no" sourceRef="ok" targetRef="rejected"/>
  <bpmn:sequenceFlow id="f_3" sourceRef="store" targetRef="wait"/>
  <bpmn:sequenceFlow id="f_4" sourceRef="wait" targetRef="tell"/>
  <bpmn:sequenceFlow id="f_5" sourceRef="tell" targetRef="done"/>
  <bpmn:sequenceFlow id="f_6" sourceRef="late" targetRef="expired"/>
 </bpmn:process></bpmn:definitions>"""
ALL = Choice()
HEAD = "process: p\ngiven: {variables: {limit: 100}}\nforms: {check: {amount: 50}}\nscenarios:\n"
PASSING = (
    HEAD
    + """
  - scenario: 通过
    given: {services: {store: {result: {number: A-1}}}}
    steps:
      - expect: {tasks: [check], variables: {limit: 100}}
      - complete: check
        expect: {tasks: [], variables: {number: A-1}}
      - message: {name: go, payload: {by: 测试}}
        expect: {ended: true, messages: [{name: told, payload: {n: A-1}, times: 1}], path: [check, store, wait, done], holds: ["number = \\"A-1\\""]}
  - scenario: 没有现成答案的服务
    steps:
      - complete: check
        expect: {jobs: [store]}
      - job: {element: store, fails: no-paper}
        expect: {incidents: [store]}
      - retry: store
      - job: {element: store, result: {number: B-2}}
      - message: go
        expect: {ended: true, variables: {number: B-2}}
  - scenario: 超过限额
    each: [{amount: 101}, {amount: 5000}]
    steps:
      - complete: {task: check, data: {amount: =row.amount}}
        expect: {ended: true, path: [rejected], notVisited: [store]}
  - scenario: 两个工作日没有核对
    clock: 2026-03-06T10:00
    steps:
      - advance: P3D
        expect: {tasks: [check]}
      - advance: next
        expect: {ended: true, path: [late, expired]}
"""
)
FAILING = (
    HEAD
    + """
  - scenario: 期望落空
    steps:
      - complete: check
        note: 核对
        expect:
          tasks: [sign, check]
          variables: {limit: 99, amount: 50}
          ended: true
  - scenario: 没有这个任务
    steps:
      - complete: sign
  - scenario: 没有人等
    steps:
      - message: go
  - scenario: 字段只用于事项
    steps:
      - expect: {certificates: {x: y}}
"""
)
JUNIT = """<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema">
 <xs:attributeGroup name="counts"><xs:attribute name="name" use="required"/><xs:attribute name="tests" type="xs:integer" use="required"/>
  <xs:attribute name="failures" type="xs:integer" use="required"/><xs:attribute name="errors" type="xs:integer"/>
  <xs:attribute name="skipped" type="xs:integer"/><xs:attribute name="time" type="xs:decimal"/></xs:attributeGroup>
 <xs:element name="testsuites"><xs:complexType><xs:sequence><xs:element ref="testsuite" maxOccurs="unbounded"/></xs:sequence><xs:attributeGroup ref="counts"/></xs:complexType></xs:element>
 <xs:element name="testsuite"><xs:complexType><xs:sequence><xs:element ref="testcase" maxOccurs="unbounded"/></xs:sequence><xs:attributeGroup ref="counts"/></xs:complexType></xs:element>
 <xs:element name="testcase"><xs:complexType><xs:sequence><xs:element name="failure" minOccurs="0"><xs:complexType><xs:simpleContent><xs:extension base="xs:string">
  <xs:attribute name="message" use="required"/><xs:attribute name="type" use="required"/></xs:extension></xs:simpleContent></xs:complexType></xs:element></xs:sequence>
  <xs:attribute name="name" use="required"/><xs:attribute name="classname" use="required"/><xs:attribute name="time" type="xs:decimal"/><xs:attribute name="file"/><xs:attribute name="line" type="xs:positiveInteger"/></xs:complexType></xs:element>
</xs:schema>"""


def play(folder: Path, settings: Settings, text: str, choice: Choice = ALL) -> Results:
    (folder / "check.bpmn").write_text(MODEL, encoding="utf-8")
    (folder / "a.scenario.yaml").write_text(text, encoding="utf-8")
    return run(settings, [folder], choice)


def test_a_plain_process_is_played_without_sites_and_reached_as_a_whole(tmp_path: Path, settings: Settings) -> None:
    results = play(tmp_path, settings, PASSING)
    assert [line for outcome in results.failed for line in reports.failure_of(outcome)] == []
    assert [outcome.steps for outcome in results.outcomes] == [4, 6, 2, 2, 3]
    [coverage] = results.coverage
    assert (coverage.percent, coverage.counts) == (100.0, (18, 18))
    assert list(reports.coverage_of(coverage))[1:] == ["  核对：环节 elements 10/10，连线 flows 8/8"]


def test_a_failing_scenario_says_exactly_where_and_what(tmp_path: Path, settings: Settings) -> None:
    results = play(tmp_path, settings, FAILING)
    first, second, third, fourth = results.failed
    told = list(reports.failure_of(first))
    assert told[0].endswith("a.scenario.yaml:6: 期望落空 · 第 1 步（核对） step 1 complete")
    assert [line.split("scenario.yaml:")[-1] for line in told if "scenario.yaml:" in line][1:] == [
        "11: expect.tasks",
        "12: expect.variables.limit",
        "13: expect.ended",
    ]
    assert "缺少 [sign, check]" in told[2]
    assert told[4:6] == ["    预期 expected: [sign, check]", "    实际 found:    []"]
    assert told[9:11] == ["    预期 expected: 99", "    实际 found:    100"]
    assert told[-1] == "  现在 now: [store]"
    assert "There is no open task 'sign'; open: [check]." in "\n".join(reports.failure_of(second))
    assert "Nobody waits for the message 'go'." in "\n".join(reports.failure_of(third))
    assert "for scenarios of an item only" in "\n".join(reports.failure_of(fourth))
    [coverage] = results.coverage
    [pool] = coverage.pools
    assert pool.missing_elements == ["late", "wait", "tell", "done", "rejected", "expired"]
    assert pool.telling_flows == []


def test_the_first_failure_can_end_the_run(tmp_path: Path, settings: Settings) -> None:
    assert len(play(tmp_path, settings, FAILING, Choice(stop=True)).outcomes) == 1
    assert [each.scenario.name for each in play(tmp_path, settings, FAILING, Choice(text="没有")).outcomes] == [
        "没有这个任务",
        "没有人等",
    ]


def test_junit_markdown_and_json(tmp_path: Path, settings: Settings) -> None:
    results = play(tmp_path, settings, FAILING)
    document = junit(results)
    root = etree.fromstring(document)
    etree.XMLSchema(etree.XML(JUNIT)).assertValid(root)
    suite = root.find("testsuite")
    assert suite is not None
    assert (suite.get("tests"), suite.get("failures")) == ("4", "4")
    failure = suite.find("testcase/failure")
    assert failure is not None
    assert "预期 expected: [sign, check]" in (failure.text or "")
    shown = reports.markdown(results)
    assert "| 期望落空 |" in shown
    assert "**失败 FAILED**" in shown
    told = json.loads(json.dumps(reports.as_json(results)))
    assert told["passed"] is False
    assert told["scenarios"][0]["failure"]["mismatches"][0]["expected"] == "[sign, check]"
    assert told["coverage"][0]["reached"] < told["coverage"][0]["total"]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("process: q\nscenario: x\nsteps: [{expect: {ended: true}}]\n", "holds no process 'q'"),
        ("process: p\nmodel: other.bpmn\nscenario: x\nsteps: [{expect: {ended: true}}]\n", "no model 'other.bpmn'"),
        (
            "process: p\nmodel: ../check.bpmn\nscenario: x\nsteps: [{expect: {ended: true}}]\n",
            "no model '../check.bpmn'",
        ),
    ],
)
def test_a_model_that_is_not_there(tmp_path: Path, settings: Settings, text: str, words: str) -> None:
    with pytest.raises(ScenarioUnreadable) as refused:
        play(tmp_path, settings, text)
    assert words in refused.value.faults[0].en


FEE = """<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" id="fees" name="fees" namespace="https://test/fees">
 <inputData id="i_age" name="age"><variable name="age" typeRef="number"/></inputData>
 <decision id="d_fee" name="fee"><variable name="fee" typeRef="number"/>
  <informationRequirement id="r1"><requiredInput href="#i_age"/></informationRequirement>
  <literalExpression id="e1"><text>if age &lt; 18 then 0 else 20</text></literalExpression></decision>
</definitions>"""
RULE = """<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:zeebe="http://camunda.org/schema/zeebe/1.0" id="defs" targetNamespace="t">
 <bpmn:process id="p" isExecutable="true"><bpmn:startEvent id="start"/>
  <bpmn:businessRuleTask id="rule"><bpmn:extensionElements><zeebe:calledDecision decisionId="d_fee" resultVariable="fee"/></bpmn:extensionElements></bpmn:businessRuleTask>
  <bpmn:endEvent id="end"/><bpmn:sequenceFlow id="f_1" sourceRef="start" targetRef="rule"/><bpmn:sequenceFlow id="f_2" sourceRef="rule" targetRef="end"/>
 </bpmn:process></bpmn:definitions>"""


def test_a_rule_task_decides_by_the_tables_beside_the_model(tmp_path: Path, settings: Settings) -> None:
    (tmp_path / "fee.dmn").write_text(FEE, encoding="utf-8")
    (tmp_path / "p.bpmn").write_text(RULE, encoding="utf-8")
    (tmp_path / "fee.scenario.yaml").write_text(
        "process: p\nscenario: 费用\neach: [{age: 10, fee: 0}, {age: 30, fee: 20}]\nsteps:\n"
        "  - start: {variables: {age: =row.age}}\n    expect: {ended: true, variables: {fee: =row.fee}}\n",
        encoding="utf-8",
    )
    results = run(settings, [tmp_path])
    assert [line for outcome in results.failed for line in reports.failure_of(outcome)] == []
    assert results.coverage[0].percent == 100.0
