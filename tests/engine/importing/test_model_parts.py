"""What stands around tasks in models of other engines: events, data, decisions, drawings, names, conditions, cycles."""

from __future__ import annotations

import pytest

from engine.errors import DefinitionRefused
from engine.importing.pipeline import convert
from engine.limits import Limits
from engine.source.names import bpmn
from forms.expressions import FeelExpressions
from tests.conformance.in_memory import InMemory
from tests.engine.importing.converting import HEAD, done, ext, maps, model, one, said


def test_events() -> None:
    timer = (
        '<intermediateCatchEvent id="t"><timerEventDefinition><timeDuration xsi:type="tFormalExpression">PT${h}H</timeDuration>'
        "</timerEventDefinition></intermediateCatchEvent>"
    )
    condition = (
        '<intermediateCatchEvent id="c"><conditionalEventDefinition camunda:variableName="v" camunda:variableEvents="create, update">'
        "<condition>${v == 1}</condition></conditionalEventDefinition></intermediateCatchEvent>"
    )
    made, root = done(model(timer, condition, before='<signal id="g" name="go" flowable:scope="processInstance"/>'))
    assert root.find(f".//{bpmn('timeDuration')}").text == '=string join(["PT", string(h), "H"])'
    assert root.find(f".//{bpmn('condition')}").text == "=v = 1"
    assert one(root, "conditionalFilter") == {"variableNames": "v", "variableEvents": "create, update"}
    assert ("manual", "scope") in said(made)


def test_errors_without_declaration_or_code() -> None:
    boundary = (
        '<boundaryEvent id="b" attachedToRef="t"><errorEventDefinition errorRef="NO" camunda:errorCodeVariable="code"/></boundaryEvent>'
        '<boundaryEvent id="c" attachedToRef="t"><errorEventDefinition errorRef="known" camunda:errorMessageVariable="m"/></boundaryEvent>'
    )
    made, root = done(
        model(
            '<serviceTask id="t" camunda:topic="x"/>',
            boundary,
            before='<error id="known" name="k"/>',
            flows='<sequenceFlow sourceRef="b" targetRef="e"/><sequenceFlow sourceRef="c" targetRef="e"/>',
        )
    )
    assert {e.get("id"): e.get("errorCode") for e in root.iter(bpmn("error"))} == {"known": None, "Error_NO": "NO"}
    assert maps(root) == [("output", '="NO"', "code")]
    assert {("repaired", "errorDeclared"), ("manual", "codeVariableLost")} <= said(made)


def test_listeners_and_data_objects(feel: FeelExpressions) -> None:
    listener = '<camunda:executionListener event="end" expression="${execution.setVariable(\'seen\', true)}"/>'
    java = '<camunda:taskListener event="create" class="com.acme.L"/>'
    data = f'<dataObject id="d" name="limit" itemSubjectRef="xsd:int">{ext("<flowable:value>5</flowable:value>")}</dataObject>'
    xml = model(f'<task id="t">{ext(listener)}</task>', f'<userTask id="u">{ext(java)}</userTask>', flows=data)
    made, _ = done(xml)
    assert {("converted", "listener"), ("manual", "listenerLost"), ("converted", "dataObject")} <= said(made)
    product = InMemory(feel)
    product.deploy([xml])
    handle = product.start("p", {})
    assert product.instances[handle].last.variables == {"limit": 5, "seen": True}


def test_a_receive_task_without_message_is_confirmed_by_a_person(feel: FeelExpressions) -> None:
    product = InMemory(feel)
    product.deploy([model('<receiveTask id="t"/>')])
    product.start("p", {})
    assert product.tasks() == ["t"]


def test_a_variable_called_like_a_constant_is_told() -> None:
    made, _ = done(
        model('<userTask id="t" camunda:assignee="${application.owner}" camunda:dueDate="${my.application}"/>')
    )
    assert [c.after for c in made.changes if c.what == "constant"] == ["application"]


def test_decisions_and_ignored_attributes() -> None:
    made, root = done(
        model(
            '<businessRuleTask id="t" camunda:decisionRef="d" camunda:resultVariable="r" camunda:mapDecisionResult="singleEntry"/>'
        )
    )
    assert one(root, "calledDecision") == {"decisionId": "d", "resultVariable": "r"}
    made, _ = done(
        model(
            '<task id="t" camunda:asyncBefore="true" camunda:jobPriority="3" flowable:skipExpression="${x}"/>',
            attributes='camunda:versionTag="1"',
        )
    )
    assert [(c.kind.value, c.before) for c in made.changes if c.what in {"ignored", "decide"}] == [
        ("dropped", "1"),
        ("dropped", "true"),
        ("dropped", "3"),
        ("manual", "${x}"),
    ]


def test_old_and_missing_namespaces_and_order() -> None:
    body = b'<process id="p"><startEvent id="s"/><task id="t"><incoming>f</incoming><documentation>d</documentation></task>'
    body += b'<sequenceFlow sourceRef="s" targetRef="t"/></process></definitions>'
    for head in (b'<definitions xmlns="http://schema.omg.org/spec/BPMN/2.0">', b"<definitions>"):
        made, root = done(head + body)
        assert root.tag == bpmn("definitions")
        assert {("repaired", "namespace"), ("repaired", "targetNamespace"), ("repaired", "order")} <= said(made)
        assert root.find(f".//{bpmn('task')}")[0].tag == bpmn("documentation")


def test_only_ids_that_nobody_refers_to_are_told_apart() -> None:
    xml = model('<task id="t"><extensionElements/></task>').replace(
        b'<endEvent id="e"/>', b'<endEvent id="e"><terminateEventDefinition id="x"/></endEvent>'
    )
    twice = xml.replace(b"<extensionElements/>", b'<ioSpecification id="x"/>')
    made, _ = done(twice)
    assert ("repaired", "duplicateId") in said(made)
    same = model('<task id="t"/>', '<task id="t"/>')
    made, root = done(same)
    assert [e.get("id") for e in root.iter(bpmn("task"))] == ["t", "t"], "a model any engine refuses stays refused"
    assert ("repaired", "duplicateId") not in said(made)


def test_our_own_models_and_drawings_stay_as_they_are() -> None:
    ours = HEAD.replace("xmlns:xsi", 'xmlns:zeebe="http://camunda.org/schema/zeebe/1.0" xmlns:xsi') + (
        '<process id="p" isExecutable="true"><startEvent id="s"/><serviceTask id="t"><extensionElements><zeebe:taskDefinition type="${x}"/>'
        "</extensionElements></serviceTask></process></definitions>"
    )
    drawn = model('<userTask id="t"/>', attributes='isExecutable="false"')
    for xml, dialect in ((ours.encode(), "zeebe"), (drawn, "camunda")):
        made = convert(xml, Limits())
        assert (made.xml, made.changes) == (xml, ())
        assert made.dialect in {dialect, "flowable"}


def test_what_is_no_bpmn_is_refused() -> None:
    for bad in (b"", b"<a/>", b"<!DOCTYPE x><definitions/>", b"\xff\xfe"):
        with pytest.raises(DefinitionRefused):
            convert(bad, Limits())


def test_a_model_without_drawing_gets_one() -> None:
    boundary = '<boundaryEvent id="b" attachedToRef="t"><timerEventDefinition><timeDuration>PT1H</timeDuration></timerEventDefinition></boundaryEvent>'
    inner = '<startEvent id="is"/><task id="it"/><sequenceFlow id="if" sourceRef="is" targetRef="it"/>'
    event = '<subProcess id="v" triggeredByEvent="true"><startEvent id="vs"><signalEventDefinition signalRef="g"/></startEvent></subProcess>'
    flows = '<sequenceFlow id="back" sourceRef="b" targetRef="t"/>' + event
    made, root = done(
        model(
            '<task id="t"/>',
            boundary,
            f'<subProcess id="sub">{inner}</subProcess>',
            flows=flows,
            before='<signal id="g" name="g"/>',
        )
    )
    assert ("repaired", "diagram") in said(made)
    shapes = {}
    for shape in root.iter("{http://www.omg.org/spec/BPMN/20100524/DI}BPMNShape"):
        (bounds,) = shape.iter("{http://www.omg.org/spec/DD/20100524/DC}Bounds")
        x, y, width, height = (float(bounds.get(name)) for name in ("x", "y", "width", "height"))
        shapes[shape.get("bpmnElement")] = (x, y, x + width, y + height)
    assert set(shapes) == {"s", "t", "b", "sub", "is", "it", "v", "vs", "e"}
    assert shapes["s"][2] < shapes["t"][0] < shapes["sub"][0] < shapes["e"][0]
    assert shapes["sub"][0] < shapes["is"][0] < shapes["it"][2] < shapes["sub"][2]
    assert shapes["b"][1] < shapes["t"][3] < shapes["b"][3], "on the border"
    assert shapes["v"][1] > shapes["sub"][3], "event sub-processes lie below"
    edges = [e.get("bpmnElement") for e in root.iter("{http://www.omg.org/spec/BPMN/20100524/DI}BPMNEdge")]
    assert len(edges) == 5
    assert {"if", "back"} <= set(edges)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("0 0 9 ? * 2-6", "0 0 9 ? * MON-FRI"),
        ("0 0 9 ? * 6#3", "0 0 9 ? * FRI#3"),
        ("0 0 9 ? * 1,7", "0 0 9 ? * SUN,SAT"),
        ("0 0 9 ? * 6L", "0 0 9 ? * FRIL"),
        ("0 0 9 1/2 * ?", "0 0 9 1/2 * ?"),
        ("0 9 * * 1", "0 9 * * 1"),
    ],
)
def test_days_of_the_week_are_counted_as_quartz_counts(before: str, after: str) -> None:
    task = f'<userTask id="t"/><boundaryEvent id="b" attachedToRef="t"><timerEventDefinition><timeCycle>{before}</timeCycle></timerEventDefinition></boundaryEvent>'
    made, root = done(
        model(task, attributes='camunda:historyTimeToLive="1"', flows='<sequenceFlow sourceRef="b" targetRef="e"/>')
    )
    assert root.findtext(f".//{bpmn('timeCycle')}") == after
    assert (("converted", "timer") in said(made)) is (before != after)


def test_a_cycle_carries_its_end_date() -> None:
    cycle = '<timeCycle flowable:endDate="2026-03-05T00:00:00+00:00">R5/PT10H</timeCycle>'
    task = f'<userTask id="t"/><boundaryEvent id="b" attachedToRef="t"><timerEventDefinition>{cycle}</timerEventDefinition></boundaryEvent>'
    made, root = done(model(task, flows='<sequenceFlow sourceRef="b" targetRef="e"/>'))
    assert root.findtext(f".//{bpmn('timeCycle')}") == "R5/PT10H/2026-03-05T00:00:00+00:00"
    assert ("converted", "timer") in said(made)


def test_conditions_of_loops_gateways_and_ad_hoc_subprocesses() -> None:
    looping = '<userTask id="t" camunda:assignee="a"><standardLoopCharacteristics><loopCondition>${n &lt; 3}</loopCondition></standardLoopCharacteristics></userTask>'
    gateway = (
        '<complexGateway id="g"><activationCondition>${activationCount ge 1}</activationCondition></complexGateway>'
    )
    ad_hoc = '<adHocSubProcess id="h"><userTask id="i"/><completionCondition>${done == true}</completionCondition></adHocSubProcess>'
    _, root = done(model(looping, gateway, ad_hoc))
    texts = [
        root.findtext(f".//{bpmn(name)}") for name in ("loopCondition", "activationCondition", "completionCondition")
    ]
    assert texts == ["=n < 3", "=activationCount >= 1", "=done = true"]


def test_names_with_expressions_are_evaluated_where_something_waits(feel: FeelExpressions) -> None:
    before = '<signal id="g" name="alert-${x}"/><message id="m" name="${y}"/>'
    xml = model(
        '<intermediateThrowEvent id="t"><signalEventDefinition signalRef="g"/></intermediateThrowEvent>',
        '<intermediateCatchEvent id="c"><signalEventDefinition signalRef="g"/></intermediateCatchEvent>',
        '<receiveTask id="r" messageRef="m"/>',
        before=before,
    )
    made, root = done(xml)
    assert [e.get("name") for e in root.iter(bpmn("signal"), bpmn("message"))] == [
        '=string join(["alert-", string(x)])',
        "=y",
    ]
    assert ("manual", "name") not in said(made)
    product = InMemory(feel)
    product.deploy([xml])
    handle = product.start("p", {"x": 1, "y": "paid"})
    assert [(s.signal) for s in product.instances[handle].last.signals] == ["alert-1"]
    product.signal("alert-2")
    assert not product.message("paid")
    product.signal("alert-1")
    assert product.message("paid")
    assert product.ended()
    nameless = product.start("p", {"x": 1})
    product.signal("alert-1")
    incidents = product.engine.inspect("d0", product.instances[nameless].last.state).incidents
    assert [(i.element_id, i.code) for i in incidents] == [("r", "nameMissing")]
