"""Vendor models, one construct each: what they become, what the report says, and that they run so."""

from __future__ import annotations

import pytest

from engine.errors import DefinitionRefused
from engine.importing.report import Kind
from engine.source.names import ZEEBE, bpmn, zeebe
from forms.expressions import FeelExpressions
from tests.conformance.in_memory import InMemory
from tests.engine.importing.converting import done, ext, maps, model, one, said


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


def test_expressions_are_evaluated_by_the_task(feel: FeelExpressions) -> None:
    product = InMemory(feel)
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


def test_a_script_that_throws_is_caught_at_its_border(feel: FeelExpressions) -> None:
    product = InMemory(feel)
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


def test_what_cannot_be_converted_is_refused_not_run_wrong(feel: FeelExpressions) -> None:
    product = InMemory(feel)
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


def test_calls_pass_what_they_say_and_nothing_else(feel: FeelExpressions) -> None:
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
    product = InMemory(feel)
    product.deploy([xml])
    handle = product.start("p", {"a": 1})
    assert product.instances[handle].last.variables == {"a": 1, "got": 1}


def test_a_call_of_a_process_that_an_expression_names(feel: FeelExpressions) -> None:
    made, root = done(model('<callActivity id="t" calledElement="${which}" flowable:inheritVariables="true"/>'))
    assert one(root, "calledElement") == {
        "processId": "=which",
        "propagateAllParentVariables": "true",
        "propagateAllChildVariables": "false",
    }
    InMemory(feel).engine.parse(made.xml)


def test_multi_instance(feel: FeelExpressions) -> None:
    loop = (
        '<multiInstanceLoopCharacteristics isSequential="true" camunda:collection="people" camunda:elementVariable="who">'
        "<completionCondition>${nrOfCompletedInstances == 2}</completionCondition></multiInstanceLoopCharacteristics>"
    )
    made, root = done(model(f'<userTask id="t" camunda:assignee="${{who}}_${{loopCounter}}">{loop}</userTask>'))
    assert one(root, "loopCharacteristics") == {"inputCollection": "=people", "inputElement": "who"}
    product = InMemory(feel)
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
