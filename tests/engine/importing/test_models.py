"""Vendor models, one construct each: what they become, what the report says, and that they run so."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import pytest
from lxml import etree

from engine.errors import DefinitionRefused
from engine.importing.pipeline import Conversion, convert
from engine.importing.report import Kind
from engine.limits import Limits
from engine.source.names import ZEEBE, bpmn, zeebe
from forms.expressions import FeelExpressions
from tests.conformance.in_memory import InMemory

HEAD = (
    '<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:camunda="http://camunda.org/schema/1.0/bpmn" '
    'xmlns:flowable="http://flowable.org/bpmn" xmlns:xsd="http://www.w3.org/2001/XMLSchema" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" targetNamespace="t">'
)


def model(*nodes: str, before: str = "", flows: str = "", attributes: str = "") -> bytes:
    """Nodes in a row between a start and an end event."""
    ids = [
        "s",
        *(n.split('id="')[1].split('"')[0] for n in nodes if "boundaryEvent" not in n and "isForCompensation" not in n),
        "e",
    ]
    line = "".join(f'<sequenceFlow sourceRef="{a}" targetRef="{b}"/>' for a, b in pairwise(ids))
    body = f'<startEvent id="s"/>{"".join(nodes)}<endEvent id="e"/>{line}{flows}'
    return f'{HEAD}{before}<process id="p" {attributes}>{body}</process></definitions>'.encode()


def ext(inner: str) -> str:
    return f"<extensionElements>{inner}</extensionElements>"


def done(xml: bytes) -> tuple[Conversion, Any]:
    made = convert(xml, Limits())
    assert convert(made.xml, Limits()).xml == made.xml, "importing again changes nothing"
    return made, etree.fromstring(made.xml)


def said(made: Conversion) -> set[tuple[str, str]]:
    return {(c.kind.value, c.what) for c in made.changes}


def one(root: Any, name: str) -> dict[str, str]:
    (found,) = root.iter(zeebe(name))
    return dict(found.attrib)


def maps(root: Any) -> list[tuple[str, str, str]]:
    return [
        (r.tag.rpartition("}")[2], r.get("source"), r.get("target")) for m in root.iter(zeebe("ioMapping")) for r in m
    ]


def test_a_user_task() -> None:
    task = (
        '<userTask id="t" camunda:assignee="${boss}" camunda:candidateUsers="a,b" camunda:candidateGroups="${g}" '
        'camunda:dueDate="${due}" camunda:followUpDate="2026-01-01" camunda:priority="50" camunda:formKey="embedded:app:forms/ok.html"/>'
    )
    made, root = done(model(task))
    assert one(root, "assignmentDefinition") == {"assignee": "=boss", "candidateUsers": "a, b", "candidateGroups": "=g"}
    assert one(root, "taskSchedule") == {"dueDate": "=due", "followUpDate": "2026-01-01"}
    assert one(root, "priorityDefinition") == {"priority": "50"}
    assert one(root, "formDefinition") == {"formId": "ok"}
    assert {("converted", "form"), ("converted", "assignee"), ("repaired", "executable"), ("repaired", "id")} <= said(
        made
    )


def test_people_by_the_standard_and_groups_that_are_no_roles() -> None:
    owner = (
        "<potentialOwner><resourceAssignmentExpression><formalExpression>user(kermit), group(sales), audit</formalExpression>"
        "</resourceAssignmentExpression></potentialOwner><humanPerformer><resourceAssignmentExpression><formalExpression>gonzo"
        "</formalExpression></resourceAssignmentExpression></humanPerformer>"
    )
    made, root = done(model(f'<userTask id="t">{owner}</userTask>'))
    assert one(root, "assignmentDefinition") == {
        "assignee": "gonzo",
        "candidateUsers": "kermit",
        "candidateGroups": "sales, audit",
    }
    assert ("manual", "roles") in said(made)


def test_form_fields_make_a_form() -> None:
    fields = (
        '<flowable:formProperty id="sum" name="Sum" type="long" required="true"/><flowable:formProperty id="kind" type="enum">'
        '<flowable:value id="a" name="A"/></flowable:formProperty>'
    )
    made, root = done(model(f'<userTask id="t" name="Ask">{ext(fields)}</userTask>'))
    assert one(root, "formDefinition") == {"formId": "p.t"}
    form = made.forms["p.t"]
    assert form["title"] == "Ask"
    assert form["components"] == [
        {"id": "sum", "type": "number", "key": "sum", "label": "Sum", "validate": {"required": True}},
        {"id": "kind", "type": "select", "key": "kind", "label": "kind", "values": [{"value": "a", "label": "A"}]},
    ]


JOBS = [
    ('camunda:type="external" camunda:topic="pay"', "pay"),
    ('camunda:class="com.acme.Pay"', "com.acme.Pay"),
    ('camunda:delegateExpression="${payService}"', "payService"),
    ('flowable:type="mail"', "mail"),
    ('camunda:expression="${bean.pay(execution)}"', "bean.pay"),
    ("", "t"),
]


@pytest.mark.parametrize(("attributes", "kind"), JOBS, ids=[k for _, k in JOBS])
def test_a_service_task_is_a_job(attributes: str, kind: str) -> None:
    made, root = done(model(f'<serviceTask id="t" {attributes}/>'))
    assert one(root, "taskDefinition") == {"type": kind}
    assert any(c.kind is Kind.MANUAL for c in made.changes)


def test_fields_results_and_parameters_of_a_service_task() -> None:
    inner = (
        '<camunda:field name="to" stringValue="a@b.c"/><camunda:field name="text"><camunda:expression>Hi ${name}</camunda:expression>'
        '</camunda:field><camunda:inputOutput><camunda:inputParameter name="x">${a + 1}</camunda:inputParameter>'
        '<camunda:inputParameter name="l"><camunda:list><camunda:value>1</camunda:value><camunda:value>${b}</camunda:value></camunda:list>'
        '</camunda:inputParameter><camunda:inputParameter name="m"><camunda:map><camunda:entry key="k">v</camunda:entry></camunda:map>'
        '</camunda:inputParameter><camunda:inputParameter name="s"><camunda:script scriptFormat="groovy">a * 2</camunda:script>'
        '</camunda:inputParameter><camunda:outputParameter name="y">${z}</camunda:outputParameter></camunda:inputOutput>'
    )
    made, root = done(
        model(f'<serviceTask id="t" camunda:class="C" camunda:resultVariable="r">{ext(inner)}</serviceTask>')
    )
    assert [(h.get("key"), h.get("value")) for h in root.iter(zeebe("header"))] == [("to", "a@b.c")]
    assert maps(root) == [
        ("input", '=string join(["Hi ", string(name)])', "text"),
        ("input", "=a + 1", "x"),
        ("input", '=["1", b]', "l"),
        ("input", '={"k": "v"}', "m"),
        ("input", "=a * 2", "s"),
        ("output", "=result", "r"),
        ("output", "=z", "y"),
    ]
    assert len(list(root.iter("{http://camunda.org/schema/1.0/bpmn}inputParameter"))) == 4, "nothing is lost"
    assert ("converted", "field") in said(made)


def test_expressions_are_evaluated_by_the_task(feel_kernel: FeelExpressions) -> None:
    product = InMemory(feel_kernel)
    product.deploy(
        [
            model(
                '<serviceTask id="a" camunda:expression="${x * 2}" camunda:resultVariable="y"/>',
                '<serviceTask id="b" camunda:expression="${execution.setVariable(\'z\', y + 1)}"/>',
                '<serviceTask id="c" camunda:expression="${true}"/>',
                '<scriptTask id="d" scriptFormat="groovy"><script>def k = z; x = k + 1; z = x * 10</script></scriptTask>',
                '<scriptTask id="f" scriptFormat="juel" camunda:resultVariable="g"><script>${z + 1}</script></scriptTask>',
                '<scriptTask id="h"><script>LOG_it</script></scriptTask>',
                '<userTask id="t"/>',
            )
        ]
    )
    handle = product.start("p", {"x": 2})
    assert product.instances[handle].last.variables == {"x": 6, "y": 4, "z": 60, "g": 61}
    assert product.log() == ["a", "b", "c", "h"]
    assert [job.type for job in product.jobs.done] == ["evaluate", "evaluate", "evaluate", "LOG_it"]


def test_a_script_that_throws_is_caught_at_its_border(feel_kernel: FeelExpressions) -> None:
    product = InMemory(feel_kernel)
    boundary = '<boundaryEvent id="b" attachedToRef="t"><errorEventDefinition errorRef="NO"/></boundaryEvent>'
    product.deploy(
        [
            model(
                '<scriptTask id="t" scriptFormat="groovy"><script>throw new BpmnError("NO")</script></scriptTask>',
                boundary,
                flows='<userTask id="u"/><sequenceFlow sourceRef="b" targetRef="u"/>',
            )
        ]
    )
    product.start("p", {})
    assert product.tasks() == ["u"]


def test_what_cannot_be_converted_is_refused_not_run_wrong(feel_kernel: FeelExpressions) -> None:
    product = InMemory(feel_kernel)
    for task in (
        '<userTask id="t" camunda:assignee="${users.find(x)}"/>',
        '<userTask id="t" camunda:dueDate="${cal.next()}"/>',
    ):
        made, _ = done(model(task))
        assert ("manual", "unconvertible") in said(made)
        with pytest.raises(DefinitionRefused) as refused:
            product.engine.parse(made.xml)
        assert {"badFeel"} <= {f.rule for f in refused.value.findings}


def test_words_with_commas_between_them_are_one_job() -> None:
    made, root = done(model('<scriptTask id="t"><script>OPEN_log, LOG_it</script></scriptTask>'))
    assert one(root, "taskDefinition") == {"type": "OPEN_log, LOG_it"}
    assert ("converted", "scriptJob") in said(made)


def test_in_our_dialect_only_conditions_that_cannot_be_feel_are_converted() -> None:
    job = '<serviceTask id="t"><extensionElements><zeebe:taskDefinition type="x"/></extensionElements></serviceTask>'
    kept = ["=a.b", "a = 1", 'a = "x==y"', "contains(a, b)"]
    flows = "".join(
        f'<sequenceFlow id="f{n}" sourceRef="t" targetRef="e"><conditionExpression>{text}</conditionExpression></sequenceFlow>'
        for n, text in enumerate(['a.contains("b")', "!a", *kept])
    )
    made, root = done(model(job, flows=flows).replace(b"<process", b'<process xmlns:zeebe="%s"' % ZEEBE.encode(), 1))
    texts = [e.text for e in root.iter(bpmn("conditionExpression"))]
    assert texts == ['=(contains(a, "b") = true or list contains(a, "b") = true)', "=not(a = true)", *kept]
    assert {c.what for c in made.changes} == {"condition"}


def test_in_our_dialect_scripts_of_others_become_jobs_or_feel() -> None:
    ours = '<scriptTask id="a"><extensionElements><zeebe:script expression="=x + 1" resultVariable="x"/></extensionElements></scriptTask>'
    xml = model(ours, '<scriptTask id="b"><script>LOG_it</script></scriptTask>', '<scriptTask id="c"/>')
    made, root = done(xml.replace(b"<process", b'<process xmlns:zeebe="%s"' % ZEEBE.encode(), 1))
    assert one(root, "taskDefinition") == {"type": "LOG_it"}
    assert [(c.what, c.element_id) for c in made.changes] == [("scriptJob", "b")]


def test_a_script_with_statements_is_a_job_and_told() -> None:
    made, root = done(
        model('<scriptTask id="t" scriptFormat="groovy"><script>new File("x").delete()</script></scriptTask>')
    )
    assert one(root, "taskDefinition") == {"type": "t"}
    assert ("manual", "scriptUnconvertible") in said(made)
    assert "".join(root.find(f".//{bpmn('script')}").itertext()) == 'new File("x").delete()'


def test_calls_pass_what_they_say_and_nothing_else(feel_kernel: FeelExpressions) -> None:
    rows = (
        '<camunda:in source="a" target="b"/><camunda:in sourceExpression="${a + 1}" target="c"/>'
        '<camunda:in sourceExpression="text" target="d"/><camunda:in businessKey="#{execution.processBusinessKey}"/>'
        '<camunda:out source="r" target="got"/>'
    )
    call = (
        f'<callActivity id="t" calledElement="q" camunda:calledElementBinding="deployment">{ext(rows)}</callActivity>'
    )
    bare = '<callActivity id="w" calledElement="q"/>'
    child = (
        '<process id="q"><startEvent id="qs"/><scriptTask id="qt" scriptFormat="groovy"><script>r = b; hidden = c</script></scriptTask>'
        '<endEvent id="qe"/><sequenceFlow sourceRef="qs" targetRef="qt"/><sequenceFlow sourceRef="qt" targetRef="qe"/></process>'
    )
    xml = model(call, bare, '<userTask id="u"/>').replace(b"</definitions>", child.encode() + b"</definitions>")
    made, root = done(xml)
    assert [dict(e.attrib) for e in root.iter(zeebe("calledElement"))] == [
        {
            "processId": "q",
            "propagateAllParentVariables": "false",
            "propagateAllChildVariables": "false",
            "bindingType": "deployment",
        },
        {"processId": "q", "propagateAllParentVariables": "false", "propagateAllChildVariables": "false"},
    ]
    assert {("converted", "callIsolated"), ("dropped", "ignored"), ("converted", "calledVersion")} <= said(made)
    product = InMemory(feel_kernel)
    product.deploy([xml])
    handle = product.start("p", {"a": 1})
    assert product.instances[handle].last.variables == {"a": 1, "got": 1}


def test_a_call_of_a_process_that_an_expression_names(feel_kernel: FeelExpressions) -> None:
    made, root = done(model('<callActivity id="t" calledElement="${which}" flowable:inheritVariables="true"/>'))
    assert one(root, "calledElement") == {
        "processId": "=which",
        "propagateAllParentVariables": "true",
        "propagateAllChildVariables": "false",
    }
    InMemory(feel_kernel).engine.parse(made.xml)


def test_multi_instance(feel_kernel: FeelExpressions) -> None:
    loop = (
        '<multiInstanceLoopCharacteristics isSequential="true" camunda:collection="people" camunda:elementVariable="who">'
        "<completionCondition>${nrOfCompletedInstances == 2}</completionCondition></multiInstanceLoopCharacteristics>"
    )
    made, root = done(model(f'<userTask id="t" camunda:assignee="${{who}}_${{loopCounter}}">{loop}</userTask>'))
    assert one(root, "loopCharacteristics") == {"inputCollection": "=people", "inputElement": "who"}
    product = InMemory(feel_kernel)
    product.deploy([made.xml])
    handle = product.start("p", {"people": ["a", "b", "c"]})
    first = product.engine.inspect("d0", product.instances[handle].last.state).tasks
    assert [task.assignee for task in first] == ["a_0"]
    product.complete("t", {}, every=False)
    product.complete("t", {}, every=False)
    assert product.ended()


def test_multi_instance_of_old_activiti() -> None:
    loop = '<multiInstanceLoopCharacteristics><loopDataInputRef>people</loopDataInputRef><inputDataItem name="who"/></multiInstanceLoopCharacteristics>'
    _, root = done(model(f'<userTask id="t" flowable:assignee="kermit">{loop}</userTask>'))
    assert one(root, "loopCharacteristics") == {"inputCollection": "=people"} or one(root, "loopCharacteristics") == {
        "inputCollection": "=people",
        "inputElement": "who",
    }


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


def test_listeners_and_data_objects(feel_kernel: FeelExpressions) -> None:
    listener = '<camunda:executionListener event="end" expression="${execution.setVariable(\'seen\', true)}"/>'
    java = '<camunda:taskListener event="create" class="com.acme.L"/>'
    data = f'<dataObject id="d" name="limit" itemSubjectRef="xsd:int">{ext("<flowable:value>5</flowable:value>")}</dataObject>'
    xml = model(f'<task id="t">{ext(listener)}</task>', f'<userTask id="u">{ext(java)}</userTask>', flows=data)
    made, _ = done(xml)
    assert {("converted", "listener"), ("manual", "listenerLost"), ("converted", "dataObject")} <= said(made)
    product = InMemory(feel_kernel)
    product.deploy([xml])
    handle = product.start("p", {})
    assert product.instances[handle].last.variables == {"limit": 5, "seen": True}


def test_a_receive_task_without_message_is_confirmed_by_a_person(feel_kernel: FeelExpressions) -> None:
    product = InMemory(feel_kernel)
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


def test_names_with_expressions_are_evaluated_where_something_waits(feel_kernel: FeelExpressions) -> None:
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
    product = InMemory(feel_kernel)
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
