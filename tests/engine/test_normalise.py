"""What real modelers write is read as it was meant; the model says what the platform needs."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from engine.contract import ContractField, Effect, Severity, TaskAction
from engine.model import from_json, to_json
from tests.engine.kit import HEAD, Drive, Driver, chain, document, end, flow, io, node, start, timer, user

NS = 'xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:zeebe="http://camunda.org/schema/zeebe/1.0"'
FORM = '<extensionElements><zeebe:formDefinition formId="f"/></extensionElements>'


def test_default_namespace_prefixed_references_and_lists(drive: Drive) -> None:
    xml = f"""<?xml version="1.0" encoding="UTF-8"?>
    <!-- made by a modeler --><definitions {NS} xmlns:tns="urn:t" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" targetNamespace="urn:t">
      <process id="p"><startEvent id="s"/><userTask id="a">{FORM}<incoming>wrong</incoming></userTask><endEvent id="e"/>
      <sequenceFlow id="f1" sourceRef="tns:s" targetRef="tns:a"/>
      <sequenceFlow id="f2" sourceRef="tns:a" targetRef="tns:e">
        <conditionExpression xsi:type="tns:tFormalExpression">= <!-- always --> true</conditionExpression></sequenceFlow>
      </process></definitions>"""
    assert drive(xml.encode()).start().complete("a").ended


def test_bpmn2_prefix_bom_and_crlf(drive: Drive) -> None:
    xml = document(start() + user("a") + end() + chain("start", "a", "end"))
    xml = b"\xef\xbb\xbf" + xml.replace(b"bpmn:", b"bpmn2:").replace(b"xmlns:bpmn=", b"xmlns:bpmn2=").replace(
        b"><", b">\r\n<"
    )
    assert drive(xml).start().tasks() == ["a"]


def test_flows_without_ids_run_and_are_named(drive: Drive) -> None:
    bare = '<bpmn:sequenceFlow sourceRef="{}" targetRef="{}"/>'
    d = (
        drive(document(start() + user("a") + end() + bare.format("start", "a") + bare.format("a", "end")))
        .start()
        .complete("a")
    )
    assert d.ended
    assert len({e for e, k in d.history if k == "taken"}) == 2


def test_nodes_without_ids_get_one_with_a_note(drive: Drive) -> None:
    xml = document(
        '<bpmn:startEvent/><bpmn:userTask><bpmn:extensionElements><zeebe:formDefinition formId="f"/></bpmn:extensionElements></bpmn:userTask>'
    )
    with pytest.raises(Exception, match="unreachable"):
        drive(xml)
    d = drive(
        document(
            '<bpmn:userTask><bpmn:extensionElements><zeebe:formDefinition formId="f"/></bpmn:extensionElements></bpmn:userTask>'
        )
    )
    assert "repaired" in [f.rule for f in d.parsed.findings]
    assert d.start().tasks() == ["userTask_1"]


def test_elements_called_start_and_end(drive: Drive) -> None:
    d = drive(document(start("Start") + user("a") + end("End") + chain("Start", "a", "End")))
    assert d.start().complete("a").ended


def test_a_process_without_start_and_end_events(drive: Drive) -> None:
    d = drive(document(user("a") + user("b") + chain("a", "b")))
    assert d.parsed.model.processes[0].none_start
    assert d.start().complete("a").complete("b").ended


def test_event_definitions_at_the_root(drive: Drive) -> None:
    shared = (
        '<bpmn:timerEventDefinition id="shared"><bpmn:timeDuration>PT1H</bpmn:timeDuration></bpmn:timerEventDefinition>'
    )
    use = "<bpmn:eventDefinitionRef>shared</bpmn:eventDefinitionRef>"
    d = drive(
        document(
            start() + node("intermediateCatchEvent", "t", use) + user("a") + end() + chain("start", "t", "a", "end"),
            declarations=shared,
        )
    )
    d.start()
    assert d.tasks() == []
    assert d.after(hours=1).tasks() == ["a"]


def test_entries_by_key(drive: Drive) -> None:
    text = '=deadlines["supplement.applicant"]'
    d = drive(document(start() + node("intermediateCatchEvent", "t", timer(text)) + end() + chain("start", "t", "end")))
    d.constants = {"deadlines": {"supplement.applicant": "5wd", "note": 'a["b"]'}}
    d.start()
    assert (d.last.opened_timers[0].due_at - d.clock.now).days == 5


def test_a_feel_script_in_plain_bpmn(drive: Drive) -> None:
    task = node("scriptTask", "s", "<bpmn:script>1 + 1</bpmn:script>", scriptFormat="FEEL")
    assert drive(document(start() + task + end() + chain("start", "s", "end"))).start().ended


RICH = (
    HEAD
    + '<bpmn:message id="m" name="ask"/><bpmn:collaboration id="co" name="联办"><bpmn:participant id="pa" name="甲" processRef="p"/></bpmn:collaboration>'
    + '<bpmn:process id="p" isExecutable="true"><bpmn:laneSet id="ls">'
    + '<bpmn:lane id="l1" name="收件"><bpmn:extensionElements><lianban:performer role="RECV_CLERK" unit="窗口"/></bpmn:extensionElements>'
    + "<bpmn:flowNodeRef>a</bpmn:flowNodeRef><bpmn:flowNodeRef>sub</bpmn:flowNodeRef></bpmn:lane></bpmn:laneSet>"
    + start()
    + node(
        "userTask", "a",
        ext='<zeebe:userTask/><zeebe:formDefinition formId="accept"/><lianban:deadline policy="item.accept" stops="SUPPLEMENT"/>'
        '<lianban:actions><lianban:action value="OK" name="受理" nameEn="Accept" primary="true"/><lianban:action value="NO" name="不予" danger="true"/></lianban:actions>'
        '<lianban:status code="ACCEPTED" on="leave"/><lianban:status code="RECEIVED"/><lianban:flag code="F"/>'
        '<lianban:clock action="stop" reason="SUPPLEMENT" on="enter"/><lianban:document code="SLTZ" on="leave" to="applicant"/>'
        '<lianban:pointOfNoReturn/><lianban:plainText value="正在受理" valueEn="Being accepted"/><lianban:separation from="b c"/>',
        inner="<bpmn:documentation>说明</bpmn:documentation>",
    )
    + node("subProcess", "sub", user("b") + node("userTask", "c", ext='<zeebe:formDefinition formId="check"/>') + chain("b", "c"))
    + node("serviceTask", "s", ext='<zeebe:taskDefinition type="notify"/>')
    + node("endEvent", "end", ext='<lianban:result code="0"/>')
    + chain("start", "a", "sub", "s", "end")
    + "</bpmn:process></bpmn:definitions>"
)  # fmt: skip


def test_the_model_says_what_the_platform_needs(drive: Drive) -> None:
    d = drive(RICH.encode())
    model = d.parsed.model
    a = model.elements["a"]
    assert (model.name, model.form_ids, model.policies, model.service_types) == (
        "联办",
        ("accept", "form1", "check"),
        ("item.accept",),
        ("notify",),
    )
    assert (a.lane, a.role, a.unit, a.form_id, a.deadline, a.stops_clock) == (
        "l1",
        "RECV_CLERK",
        "窗口",
        "accept",
        "item.accept",
        "SUPPLEMENT",
    )
    assert a.actions == (TaskAction("OK", "受理", "Accept", primary=True), TaskAction("NO", "不予", danger=True))
    assert a.separation == ("b", "c")
    assert (a.plain_text, a.plain_text_en, a.documentation, a.point_of_no_return) == (
        "正在受理",
        "Being accepted",
        "说明",
        True,
    )
    assert (model.elements["b"].role, model.elements["c"].role) == ("CLERK", "RECV_CLERK")
    assert from_json(json.loads(json.dumps(to_json(model)))) == model
    assert not any(f.severity is Severity.ERROR for f in d.parsed.findings)


def test_effects_come_with_the_history(drive: Drive) -> None:
    d = drive(RICH.encode()).start()
    entered = next(e for e in d.last.history if (e.element_id, e.kind) == ("a", "entered"))
    assert entered.effects == (
        Effect("status", "enter", {"code": "RECEIVED"}),
        Effect("clock", "enter", {"action": "stop", "reason": "SUPPLEMENT"}),
    )
    d.complete("a")
    left = next(e for e in d.last.history if (e.element_id, e.kind) == ("a", "left"))
    assert [e.kind for e in left.effects] == ["status", "flag", "document", "pointOfNoReturn"]
    assert left.effects[2].attributes == {"code": "SLTZ", "to": "applicant"}


def test_message_flows_carry_their_contract(drive: Drive) -> None:
    pools = (
        '<bpmn:collaboration id="c"><bpmn:participant id="pa" processRef="p"/><bpmn:participant id="box" name="别处"/>'
        '<bpmn:messageFlow id="mf" name="核查" sourceRef="t" targetRef="box"><bpmn:extensionElements><lianban:dataContract>'
        '<lianban:field path="movers[].idNo" name="证件号" required="true"/><lianban:field path="x"/></lianban:dataContract></bpmn:extensionElements></bpmn:messageFlow></bpmn:collaboration>'
    )
    send = node("sendTask", "t", ext=io({"movers": "=movers"}), messageRef="m")
    xml = document(
        start() + send + end() + chain("start", "t", "end"), declarations='<bpmn:message id="m" name="ask"/>' + pools
    )
    row = drive(xml).parsed.model.message_flows[0]
    assert (row.message, row.source_element, row.target_element, row.target_participant) == ("ask", "t", None, "box")
    assert row.fields == (ContractField("movers[].idNo", "证件号", required=True), ContractField("x"))


def test_what_the_designer_drew_is_kept(drive: Drive) -> None:
    diagram = '<x:BPMNDiagram xmlns:x="http://www.omg.org/spec/BPMN/20100524/DI" id="di"/>'
    xml = document(start() + user("a") + end() + flow("start", "a") + flow("a", "end")).replace(
        b"</bpmn:definitions>", diagram.encode() + b"</bpmn:definitions>"
    )
    assert b"BPMNDiagram" in drive(xml).parsed.xml


def test_a_pool_that_is_only_drawn_needs_nothing(drive: Drive) -> None:
    drawn = '<bpmn:process id="other" isExecutable="false"><bpmn:userTask id="x"/><bpmn:complexGateway id="y"/></bpmn:process>'
    pools = (
        '<bpmn:collaboration id="c"><bpmn:participant id="pa" processRef="p"/><bpmn:participant id="pb" processRef="other"/>'
        '<bpmn:messageFlow id="mf" sourceRef="a" targetRef="x"/></bpmn:collaboration>'
    )
    d = drive(document(start() + user("a") + end() + chain("start", "a", "end"), declarations=pools + drawn))
    model = d.parsed.model
    assert [p.id for p in model.processes] == ["p"]
    assert list(model.elements) == ["start", "a", "end"]
    assert [(p.id, p.process_id) for p in model.participants] == [("pa", "p"), ("pb", None)]
    assert (model.message_flows[0].target_participant, model.message_flows[0].target_element) == ("pb", "x")
    assert d.start().complete("a").ended


def test_a_broken_drawing_does_not_keep_a_model_from_running(drive: Callable[..., Driver]) -> None:
    drawing = (
        '<di:BPMNDiagram xmlns:di="http://www.omg.org/spec/BPMN/20100524/DI" xmlns:dc="http://www.omg.org/spec/DD/20100524/DC">'
        '<di:BPMNPlane bpmnElement="p"><di:BPMNShape id="s" bpmnElement="a"><dc:Bounds x="left" y="" width="1" height="1"/>'
        "</di:BPMNShape></di:BPMNPlane></di:BPMNDiagram></bpmn:definitions>"
    )
    model = document(start() + user("a") + end() + chain("start", "a", "end"))
    d = drive(model.replace(b"</bpmn:definitions>", drawing.encode())).start()
    assert d.tasks() == ["a"]


def test_every_sequence_flow_is_told_with_its_process_and_condition(drive: Drive) -> None:
    inner = start("s2") + user("b") + end("e2") + chain("s2", "b", "e2")
    body = start() + node("subProcess", "sub", inner) + end() + flow("start", "sub") + flow("sub", "end", "x &gt; 1")
    d = drive(document(body + end("other") + flow("sub", "other", "x = 0")))
    told = {
        each.id: (each.source, each.target, each.process_id, each.condition) for each in d.engine.sequence_flows("d1")
    }
    assert told["f_s2_b"] == ("s2", "b", "p", "")
    assert told["f_sub_end"] == ("sub", "end", "p", "=x > 1")
    assert len(told) == 5
