"""Shapes that Camunda and Flowable run and plain BPMN does not allow: run when imported from them, refused otherwise."""

from __future__ import annotations

import pytest

from engine.importing.layout import DC, DI
from forms.expressions import FeelExpressions
from tests.conformance.in_memory import InMemory
from tests.conformance.steps import Refused
from tests.engine.importing.converting import HEAD, done, model, said

START, END = '<startEvent id="s"/>', '<endEvent id="e"/>'
FLOWABLE = HEAD.replace('xmlns:camunda="http://camunda.org/schema/1.0/bpmn" ', "")
CAMUNDA = HEAD.replace('xmlns:flowable="http://flowable.org/bpmn" ', "")
PLAIN = FLOWABLE.replace('xmlns:flowable="http://flowable.org/bpmn" ', "")


def file(head: str, nodes: str, flows: str, before: str = "") -> bytes:
    """``flows``: "a>b", "a>b:condition"."""
    made = ""
    for flow in flows.split():
        ends, _, text = flow.partition(":")
        source, target = ends.split(">")
        asked = f"<conditionExpression>{text}</conditionExpression>" if text else ""
        made += (
            f'<sequenceFlow id="f_{source}_{target}" sourceRef="{source}" targetRef="{target}">{asked}</sequenceFlow>'
        )
    return f'{head}{before}<process id="p" isExecutable="true">{nodes}{made}</process></definitions>'.encode()


def refused(feel: FeelExpressions, xml: bytes) -> str:
    with pytest.raises(Refused) as caught:
        InMemory(feel).deploy([xml])
    return str(caught.value)


BOUNDARY = (
    f'{START}<userTask id="t"/><boundaryEvent id="b" attachedToRef="t"><timerEventDefinition><timeDuration>PT5S</timeDuration>'
    f"</timerEventDefinition></boundaryEvent>{END}"
)


def test_a_boundary_event_without_flow_ends_its_token(feel: FeelExpressions) -> None:
    xml = file(CAMUNDA, BOUNDARY, "s>t t>e")
    made, root = done(xml)
    assert ("repaired", "boundaryEnds") in said(made)
    assert {"b_end", "b_flow"} <= {s.get("bpmnElement") for s in root.iter(f"{{{DI}}}BPMNShape", f"{{{DI}}}BPMNEdge")}
    product = InMemory(feel)
    product.deploy([xml])
    product.start("p", {})
    product.advance(6)
    assert product.ended()
    assert "boundaryWithoutFlow" in refused(feel, file(PLAIN, BOUNDARY, "s>t t>e"))


def test_who_wrote_a_file_without_vendor_names(feel: FeelExpressions) -> None:
    plain = file(PLAIN, BOUNDARY, "s>t t>e")
    by_modeller = plain.replace(b'targetNamespace="t"', b'targetNamespace="http://activiti.org/bpmn"')
    product = InMemory(feel)
    product.deploy([by_modeller])
    product.start("p", {})
    product.advance(6)
    assert product.ended()


def test_the_added_end_event_is_drawn_under_its_boundary_event() -> None:
    spaces = f'xmlns:di="{DI}" xmlns:dc="{DC}"'
    shape = '<di:BPMNShape bpmnElement="b"><dc:Bounds x="100" y="50" width="36" height="36"/></di:BPMNShape>'
    diagram = f'<di:BPMNDiagram {spaces}><di:BPMNPlane bpmnElement="p">{shape}</di:BPMNPlane></di:BPMNDiagram>'
    xml = file(CAMUNDA, BOUNDARY, "s>t t>e").replace(b"</definitions>", diagram.encode() + b"</definitions>")
    _, root = done(xml)
    drawn = [s.get("bpmnElement") for s in root.iter(f"{{{DI}}}BPMNShape", f"{{{DI}}}BPMNEdge")]
    assert drawn == ["b", "b_end", "b_flow"]
    bounds = list(root.iter(f"{{{DC}}}Bounds"))[1]
    assert (bounds.get("x"), bounds.get("y")) == ("100", "146")


def test_an_event_based_gateway_with_one_event_is_passed_through(feel: FeelExpressions) -> None:
    nodes = (
        f'{START}<eventBasedGateway id="g"/><intermediateCatchEvent id="c"><messageEventDefinition messageRef="m"/>'
        f'</intermediateCatchEvent><userTask id="t"/>{END}'
    )
    message = '<message id="m" name="M"/>'
    xml = file(CAMUNDA, nodes, "s>g g>c c>t t>e", message)
    assert ("repaired", "oneEvent") in said(done(xml)[0])
    product = InMemory(feel)
    product.deploy([xml])
    product.start("p", {})
    assert product.message("M")
    assert product.tasks() == ["t"]
    assert "eventGatewayFlows" in refused(feel, file(PLAIN, nodes, "s>g g>c c>t t>e", message))
    task = f'{START}<eventBasedGateway id="g"/><manualTask id="t"/>{END}'
    assert "eventGatewayTarget" in refused(feel, file(CAMUNDA, task, "s>g g>t t>e"))


def test_flowable_takes_the_first_flow_without_condition(feel: FeelExpressions) -> None:
    nodes = f'{START}<exclusiveGateway id="g"/><userTask id="a"/><userTask id="b"/><userTask id="c"/>{END}'
    flows = "s>g g>a:${n==1} g>b g>c a>e b>e c>e"
    product = InMemory(feel)
    product.deploy([file(FLOWABLE, nodes, flows)])
    product.start("p", {"n": 2})
    product.start("p", {"n": 1})
    assert product.tasks() == ["b", "a"]
    assert "conditionMissing" in refused(feel, file(CAMUNDA, nodes, flows))


def test_spaces_around_ids_do_not_count(feel: FeelExpressions) -> None:
    xml = model('<userTask id="t"/>').replace(b'sourceRef="t"', b'id=" f1 " sourceRef="t "')
    made, _ = done(xml)
    assert ("repaired", "idSpaces") in said(made)
    product = InMemory(feel)
    product.deploy([xml])
    product.start("p", {})
    product.complete("t", {}, every=False)
    assert product.ended()


THROWS = (
    f'{START}<subProcess id="sub"><startEvent id="si"/><endEvent id="x"><errorEventDefinition errorRef="thrown"/></endEvent>'
    '<sequenceFlow id="f_si_x" sourceRef="si" targetRef="x"/></subProcess><boundaryEvent id="b" attachedToRef="sub">'
    f'<errorEventDefinition errorRef="caught"/></boundaryEvent><userTask id="t"/>{END}'
)


def test_an_error_without_code_is_caught_for_any_and_not_thrown(feel: FeelExpressions) -> None:
    for bare in ('<error id="caught"/>', '<error id="caught" errorCode=""/>'):
        product = InMemory(feel)
        product.deploy([file(CAMUNDA, THROWS, "s>sub sub>e b>t t>e", f'{bare}<error id="thrown" errorCode="7"/>')])
        product.start("p", {})
        assert product.tasks() == ["t"]
    nobody = '<error id="caught"/><error id="thrown"/>'
    assert "errorCodeMissing" in refused(feel, file(CAMUNDA, THROWS, "s>sub sub>e b>t t>e", nobody))
    product = InMemory(feel)
    product.deploy([file(FLOWABLE, THROWS, "s>sub sub>e b>t t>e", nobody)])
    product.start("p", {})
    assert product.tasks() == ["t"]


@pytest.mark.parametrize("name", ["new-${n}", "new-#{n}"])
def test_a_message_start_event_needs_a_plain_name(name: str, feel: FeelExpressions) -> None:
    nodes = '<startEvent id="s"><messageEventDefinition messageRef="m"/></startEvent><userTask id="t"/>' + END
    message = f'<message id="m" name="{name}"/>'
    assert "startNameExpression" in refused(feel, file(CAMUNDA, nodes, "s>t t>e", message))
    caught = START + '<receiveTask id="t" messageRef="m"/>' + END
    product = InMemory(feel)
    product.deploy([file(CAMUNDA, caught, "s>t t>e", message)])
    product.start("p", {"n": "case"})
    assert product.message("new-case")


@pytest.mark.parametrize(
    ("rule", "gateway", "flows"),
    [
        ("exclusiveWithoutFlow", '<exclusiveGateway id="g"/>', "s>g"),
        ("onlyFlowWithCondition", '<exclusiveGateway id="g"/>', "s>g g>e:${n==1}"),
        (
            "defaultWithCondition",
            '<exclusiveGateway id="g" default="f_g_e"/><task id="t"/>',
            "s>g g>e:${n==1} g>t:${n==2}",
        ),
    ],
)
def test_exclusive_gateways_that_camunda_and_flowable_refuse(
    rule: str, gateway: str, flows: str, feel: FeelExpressions
) -> None:
    nodes = START + gateway + (END if ">e" in flows else "")
    for head in (CAMUNDA, FLOWABLE):
        assert rule in refused(feel, file(head, nodes, flows))
    InMemory(feel).deploy([file(PLAIN, nodes, flows.replace("${n==1}", "n=1").replace("${n==2}", "n=2"))])
