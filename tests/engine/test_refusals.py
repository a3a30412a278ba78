"""What is refused at deploy: one tiny model per rule, each with element, line, two languages and a hint."""

from __future__ import annotations

import pytest

from engine.contract import Expressions, Severity
from engine.errors import DefinitionRefused
from engine.facade import Engine
from engine.limits import Limits
from engine.source.rules import RULES
from tests.engine.kit import (
    HEAD,
    NO_SOURCE,
    boundary,
    catch,
    chain,
    condition,
    declare,
    document,
    end,
    findings,
    flow,
    io,
    loop,
    message,
    node,
    service,
    start,
    throw,
    timer,
    user,
)

S, E = start(), end()


def process(*parts: str, declarations: str = "") -> bytes:
    return document("".join(parts), declarations=declarations)


def task(*parts: str, inner: str = "", **attributes: str) -> bytes:
    """start → a → end with something about ``a``."""
    return process(S, user("a", inner, **attributes), E, chain("start", "a", "end"), *parts)


UNSUPPORTED = {
    "ad-hoc by job": process(S, node("adHocSubProcess", "x", user("t"), '<zeebe:taskDefinition type="agent"/>'), E, chain("start", "x", "end")),
    "ad-hoc outputs": process(S, node("adHocSubProcess", "x", user("t"), '<zeebe:adHoc outputCollection="r" outputElement="=1"/>'), E, chain("start", "x", "end")),
    "none catch": process(S, catch("x", ""), E, chain("start", "x", "end")),
    "none boundary": process(S, user("h"), boundary("x", "h", ""), E, chain("start", "h", "end"), chain("x", "end")),
    "listener": process(S, user("x", ext="<zeebe:executionListeners><zeebe:executionListener/></zeebe:executionListeners>"), E, chain("start", "x", "end")),
}  # fmt: skip


@pytest.mark.parametrize("name", UNSUPPORTED)
def test_what_cannot_run_right_is_refused(name: str, feel: Expressions) -> None:
    assert ("unsupported", "x") in findings(UNSUPPORTED[name], feel)


M = declare(messages=["m", "n"], errors=["e"], signals=["s"])
POOLS = '<bpmn:collaboration id="c"><bpmn:participant id="pa" processRef="p"/>{}</bpmn:collaboration>'
SUB = '<bpmn:subProcess id="sub">{}</bpmn:subProcess>'
BROKEN: list[tuple[str, str | None, bytes]] = [
    ("noProcess", "defs", f"{HEAD}</bpmn:definitions>".encode()),
    ("emptyProcess", "p", process()),
    ("duplicateId", "a", task(user("a"))),
    ("invalidId", "x y", task(user("x y"))),
    ("flowEndMissing", "f_a_gone", task(flow("a", "gone"))),
    ("flowCrossesBoundary", "f_a_b", task(SUB.format(user("b")), chain("a", "b", "sub"))),
    ("flowIntoStart", "f_a_start", task(flow("a", "start"))),
    ("flowOutOfEnd", "f_end_a", task(flow("end", "a"))),
    ("unreachable", "b", task(user("b"), chain("b", "end"))),
    ("noPathToEnd", "b", task(user("b"), user("c"), chain("a", "b", "c", "b"))),
    ("severalNoneStarts", "p", task(start("s2"), chain("s2", "a"))),
    ("duplicateStartMessage", "p", process(start("s1", message("m_m")), start("s2", message("m_m")), E, chain("s1", "end"), chain("s2", "end"), declarations=M)),
    ("boundaryHostMissing", "b", task(boundary("b", "gone", timer("PT1H")), chain("b", "end"))),
    ("boundaryWithoutFlow", "b", task(boundary("b", "a", timer("PT1H")))),
    ("eventSubprocessFlow", "f_a_h", task(node("subProcess", "h", start("hs", timer("PT1H")), triggeredByEvent="true"), flow("a", "h"))),
    ("eventSubprocessStart", "h", task(node("subProcess", "h", user("ht"), triggeredByEvent="true"))),
    ("eventSubprocessStart", "hs", task(node("subProcess", "h", start("hs"), triggeredByEvent="true"))),
    ("subprocessStart", "ss", task(SUB.format(start("ss", timer("PT1H"))), chain("a", "sub", "end"))),
    ("triggerNotAllowed", "x", process(S, catch("x", "<bpmn:errorEventDefinition/>"), E, chain("start", "x", "end"))),
    ("triggerNotAllowed", "x", process(S, throw("x", "<bpmn:terminateEventDefinition/>"), E, chain("start", "x", "end"))),
    ("nonInterruptingError", "b", task(boundary("b", "a", "<bpmn:errorEventDefinition/>", interrupting=False), chain("b", "end"))),
    ("duplicateCatcher", "b2", task(boundary("b", "a", "<bpmn:errorEventDefinition/>"), boundary("b2", "a", "<bpmn:errorEventDefinition/>"), chain("b", "end"), chain("b2", "end"))),
    ("defaultInvalid", "a", task(default="gone")),
    ("conditionMissing", "f_g_x", task(node("exclusiveGateway", "g", default="f_g_end"), user("x"), chain("a", "g", "end"), chain("g", "x", "end"))),
    ("eventGatewayTarget", "f_g_x", task(node("eventBasedGateway", "g"), user("x"), catch("t", timer("PT1H")), chain("a", "g", "x", "end"), chain("g", "t", "end"))),
    ("eventGatewayFlows", "g", task(node("eventBasedGateway", "g"), catch("t", timer("PT1H")), chain("a", "g", "t", "end"))),
    ("parallelDeadlock", "j", process(S, node("exclusiveGateway", "g", default="f_g_b"), user("a"), user("b"), node("parallelGateway", "j"), E, flow("start", "g"), flow("g", "a", "x"), flow("g", "b"), chain("a", "j", "end"), chain("b", "j"))),
    ("parallelDeadlock", "g", process(S, node("parallelGateway", "g"), user("a"), node("exclusiveGateway", "x", default="f_x_g"), E, chain("start", "g", "a", "x", "g"), flow("x", "end", "y"))),
    ("formMissing", "a", process(S, node("userTask", "a"), E, chain("start", "a", "end"))),
    ("serviceTypeMissing", "a", process(S, node("serviceTask", "a"), E, chain("start", "a", "end"))),
    ("scriptMissing", "a", process(S, node("scriptTask", "a", "<bpmn:script>import os</bpmn:script>", scriptFormat="python"), E, chain("start", "a", "end"))),
    ("messageMissing", "a", process(S, node("sendTask", "a"), E, chain("start", "a", "end"))),
    ("messageMissing", "a", process(S, node("receiveTask", "a"), E, chain("start", "a", "end"))),
    ("messageMissing", "c", process(S, catch("c", "<bpmn:messageEventDefinition/>"), E, chain("start", "c", "end"))),
    ("referenceMissing", "c", process(S, catch("c", message("gone")), E, chain("start", "c", "end"))),
    ("signalMissing", "c", process(S, catch("c", "<bpmn:signalEventDefinition/>"), E, chain("start", "c", "end"))),
    ("errorCodeMissing", "x", process(S, end("x", "<bpmn:errorEventDefinition/>"), chain("start", "x"))),
    ("escalationCodeMissing", "x", process(S, end("x", "<bpmn:escalationEventDefinition/>"), chain("start", "x"))),
    ("linkInvalid", "x", process(S, throw("x", '<bpmn:linkEventDefinition name="L"/>'), chain("start", "x"))),
    ("timerMissing", "t", process(S, catch("t", "<bpmn:timerEventDefinition/>"), E, chain("start", "t", "end"))),
    ("timerInvalid", "t", process(S, catch("t", timer("tomorrow")), E, chain("start", "t", "end"))),
    ("timerInvalid", "t", process(S, catch("t", timer("PT")), E, chain("start", "t", "end"))),
    ("timerInvalid", "t", process(S, catch("t", timer("PT1H", "timeDate")), E, chain("start", "t", "end"))),
    ("timerInvalid", "t", process(S, catch("t", timer("0 0 30 2 *", "timeCycle")), E, chain("start", "t", "end"))),
    ("eventConditionMissing", "c", process(S, catch("c", "<bpmn:conditionalEventDefinition/>"), E, chain("start", "c", "end"))),
    ("conditionFilter", "c", process(S, catch("c", condition("x", variableEvents="delete")), E, chain("start", "c", "end"))),
    ("badFeel", "c", process(S, catch("c", condition("x +")), E, chain("start", "c", "end"))),
    ("terminateScope", "x", process(S, end("x", '<bpmn:terminateEventDefinition><bpmn:extensionElements><lianban:terminate scope="every"/></bpmn:extensionElements></bpmn:terminateEventDefinition>'), chain("start", "x"))),
    ("triggersTogether", "x", process(S, end("x", "<bpmn:terminateEventDefinition/>" + message("m_m")), chain("start", "x"), declarations=M)),
    ("triggersTogether", "b", task(boundary("b", "a", timer("PT1H") + '<bpmn:errorEventDefinition errorRef="e_e"/>').replace("<bpmn:boundaryEvent", '<bpmn:boundaryEvent parallelMultiple="true"'), chain("b", "end"))),
    ("triggersTogether", "s", process(node("startEvent", "s", message("m_m") + timer("PT1H"), parallelMultiple="true"), E, chain("s", "end"), declarations=M)),
    ("duplicateTrigger", "c", process(S, catch("c", message("m_m") + message("m_m")), E, chain("start", "c", "end"), declarations=M)),
    ("parallelEventGateway", "g", task(node("eventBasedGateway", "g", eventGatewayType="Parallel"), catch("t", timer("PT1H")), catch("u", timer("PT2H")), chain("a", "g", "t", "end"), chain("g", "u", "end"))),
    ("instantiateNotFirst", "r", process(S, node("receiveTask", "r", messageRef="m_m", instantiate="true"), E, chain("start", "r", "end"), declarations=M)),
    ("instantiateRepeated", "r", process(node("receiveTask", "r", loop("=x", "y"), messageRef="m_m", instantiate="true"), E, chain("r", "end"), declarations=M)),
    ("instantiateTrigger", "t", process(node("eventBasedGateway", "g", instantiate="true"), catch("t", timer("PT1H")), catch("c", message("m_m")), E, chain("g", "t", "end"), chain("g", "c", "end"), declarations=M)),
    ("duplicateStartMessage", "p", process(node("receiveTask", "r", messageRef="m_m", instantiate="true"), start("s2", message("m_m")), E, chain("r", "end"), chain("s2", "end"), declarations=M)),
    ("loopEndless", "a", task(inner="<bpmn:standardLoopCharacteristics/>")),
    ("loopMaximumInvalid", "a", task(inner='<bpmn:standardLoopCharacteristics loopMaximum="-1"/>')),
    ("quantityInvalid", "a", task(completionQuantity="0")),
    ("quantityInvalid", "a", task(startQuantity="many")),
    ("multiInstanceBehavior", "a", task(inner=loop("=x", "y").replace("isSeq", 'behavior="One" isSeq'))),
    ("multiInstanceBehavior", "a", task(inner=loop("=x", "y").replace("isSeq", 'behavior="Some" isSeq'))),
    ("multiInstanceBehavior", "a", task(inner=loop("=x", "y").replace("isSeq", 'behavior="None" noneBehaviorEventRef="gone" isSeq'))),
    ("multiInstanceEvent", "b", process(S, user("b", loop("=x", "y").replace("isSeq", 'behavior="One" oneBehaviorEventRef="td" isSeq')), boundary("t", "b", timer("PT1H").replace("<bpmn:timerEventDefinition", '<bpmn:timerEventDefinition id="td"')), E, chain("start", "b", "end"), chain("t", "end"))),
    ("calledElementStart", "a", document(S + node("callActivity", "a", calledElement="q") + E + chain("start", "a", "end"), start("qs", timer("PT1H")) + end("qe") + chain("qs", "qe"), ids=("p", "q"))),
    ("multiInstanceMissing", "a", task(inner="<bpmn:multiInstanceLoopCharacteristics/>")),
    ("multiInstanceOutput", "a", task(inner=loop("=x", "y", "out"))),
    ("mappingTarget", "a", process(S, user("a", ext=io({"1x": "=y"})), E, chain("start", "a", "end"))),
    ("mappingSource", "a", process(S, user("a", ext=io({"x": ""})), E, chain("start", "a", "end"))),
    ("badFeel", "a", process(S, user("a", ext=io({"x": "=1 +"})), E, chain("start", "a", "end"))),
    ("badFeel", "f_g_x", task(node("exclusiveGateway", "g", default="f_g_end"), user("x"), chain("a", "g", "end"), flow("g", "x", "${x == 1}"), chain("x", "end"))),
    ("badFeel", "t", process(S, catch("t", timer("=duration(")), E, chain("start", "t", "end"))),
    ("separationUnknown", "a", process(S, user("a", ext='<lianban:separation from="gone"/>'), E, chain("start", "a", "end"))),
    ("effectMoment", "a", process(S, user("a", ext='<lianban:status code="X" on="later"/>'), E, chain("start", "a", "end"))),
    ("participantProcessMissing", "pb", process(S, E, chain("start", "end"), declarations=POOLS.format('<bpmn:participant id="pb" processRef="gone"/>'))),
    ("messageFlowEnd", "mf", process(S, E, chain("start", "end"), declarations=POOLS.format('<bpmn:messageFlow id="mf" sourceRef="start" targetRef="gone"/>'))),
    ("messageFlowSamePool", "mf", process(S, E, chain("start", "end"), declarations=POOLS.format('<bpmn:messageFlow id="mf" sourceRef="start" targetRef="end"/>'))),
    ("laneNodeMissing", "l", task('<bpmn:laneSet><bpmn:lane id="l"><bpmn:flowNodeRef>gone</bpmn:flowNodeRef></bpmn:lane></bpmn:laneSet>')),
    ("roleInvalid", "l", task('<bpmn:laneSet><bpmn:lane id="l"><bpmn:extensionElements><lianban:performer role="some one"/></bpmn:extensionElements><bpmn:flowNodeRef>a</bpmn:flowNodeRef></bpmn:lane></bpmn:laneSet>')),
    ("siteRole", "pa", process(S, E, chain("start", "end"), declarations='<bpmn:collaboration id="c"><bpmn:participant id="pa" processRef="p"><bpmn:extensionElements><lianban:site role="boss"/></bpmn:extensionElements></bpmn:participant></bpmn:collaboration>')),
]  # fmt: skip


@pytest.mark.parametrize(
    ("rule", "element", "xml"), BROKEN, ids=[f"{rule}-{n}" for n, (rule, _, _) in enumerate(BROKEN)]
)
def test_a_broken_model_is_refused_where_it_is_broken(
    rule: str, element: str | None, xml: bytes, feel: Expressions
) -> None:
    assert (rule, element) in findings(xml, feel)


def test_messages_between_pools_must_agree(feel: Expressions) -> None:
    pools = (
        '<bpmn:collaboration id="c"><bpmn:participant id="pa" processRef="p1"/><bpmn:participant id="pb" processRef="p2"/>'
        '<bpmn:messageFlow id="mf" sourceRef="t" targetRef="c2"/></bpmn:collaboration>'
    )
    xml = document(
        start() + throw("t", message("m_m")) + end() + chain("start", "t", "end"),
        start("s2") + catch("c2", message("m_n")) + end("e2") + chain("s2", "c2", "e2"),
        ids=("p1", "p2"),
        declarations=M + pools,
    )
    assert findings(xml, feel) == [("messageFlowKind", "mf")]


@pytest.mark.parametrize(
    ("rule", "xml"),
    [
        ("doctype", b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><x>&a;</x>'),
        ("doctype", '<?xml version="1.0" encoding="UTF-16"?><!DOCTYPE x><x/>'.encode("utf-16")),
        ("notXml", b"<a><b></a>"),
        ("notXml", b""),
        ("notXml", b"\x00\x01\x02"),
        ("notBpmn", b"<a/>"),
        ("documentTooLarge", b" " * 20_001),
        ("documentTooDeep", f"{HEAD}{'<bpmn:x>' * 60}{'</bpmn:x>' * 60}</bpmn:definitions>".encode()),
        ("documentTooLarge", f"{HEAD}{'<bpmn:x/>' * 600}</bpmn:definitions>".encode()),
    ],
)
def test_bytes_that_are_no_model_are_refused(rule: str, xml: bytes, feel: Expressions) -> None:
    limits = Limits(document_bytes=20_000, document_depth=50, document_elements=500)
    assert findings(xml, feel, limits) == [(rule, None)]


def test_what_is_no_xml_is_told_with_its_place_in_both_languages(feel: Expressions) -> None:
    with pytest.raises(DefinitionRefused) as refused:
        Engine(feel, source=NO_SOURCE.__getitem__).parse(b"<a>\n<b></a>")
    [found] = refused.value.findings
    assert "第 2 行第 8 列，开始标签和结束标签不配对" in found.message_zh
    assert "line 2, column 8: a start tag and an end tag do not match" in found.message_en
    assert "Opening and ending tag mismatch" in found.message_zh
    assert found.line == 2


WARNINGS = [
    ("noDefaultFlow", "g", task(node("exclusiveGateway", "g"), user("x"), chain("a", "g"), flow("g", "end", "x"), flow("g", "x", "y"), chain("x", "end"))),
    ("assumedDefault", "g", task(node("exclusiveGateway", "g"), user("x"), chain("a", "g", "end"), flow("g", "x", "y"), chain("x", "end"))),
    ("conditionIgnored", "f_g_x", task(node("parallelGateway", "g"), user("x"), chain("a", "g", "end"), flow("g", "x", "y"), chain("x", "end"))),
    ("defaultWithCondition", "f_g_end", task(node("exclusiveGateway", "g", default="f_g_end"), user("x"), chain("a", "g"), flow("g", "end", "n"), flow("g", "x", "y"), chain("x", "end"))),
    ("roleMissing", "a", process(S, node("userTask", "a", ext='<zeebe:formDefinition formId="f"/>'), E, chain("start", "a", "end"))),
    ("laneRoleMissing", "l", process(S, node("userTask", "a", ext='<zeebe:formDefinition formId="f"/>'), E, chain("start", "a", "end"), '<bpmn:laneSet><bpmn:lane id="l"><bpmn:flowNodeRef>a</bpmn:flowNodeRef></bpmn:lane></bpmn:laneSet>')),
]  # fmt: skip


@pytest.mark.parametrize(("rule", "element", "xml"), WARNINGS, ids=[w[0] for w in WARNINGS])
def test_a_doubtful_model_is_deployed_with_a_warning(rule: str, element: str, xml: bytes, feel: Expressions) -> None:
    parsed = Engine(feel, source=NO_SOURCE.__getitem__).parse(xml)
    assert (rule, element) in [(f.rule, f.element_id) for f in parsed.findings]
    assert all(f.severity is Severity.WARNING for f in parsed.findings)


def test_a_loop_that_something_else_ends_is_no_fault(feel: Expressions) -> None:
    around = user("x") + user("y") + chain("x", "y", "x")
    timed = node("subProcess", "sub", start("s1") + chain("s1", "x") + around) + boundary("b", "sub", timer("P3D"))
    xml = process(S, timed, E, chain("start", "sub", "end"), chain("b", "end"))
    assert Engine(feel, source=NO_SOURCE.__getitem__).parse(xml).findings == ()


def test_the_line_is_that_of_the_source(feel: Expressions) -> None:
    xml = process("\n\n", S, "\n", node("userTask", "a"), "\n", E, chain("start", "a", "end"))
    with pytest.raises(DefinitionRefused) as refused:
        Engine(feel, source=NO_SOURCE.__getitem__).parse(xml)
    assert [f.line for f in refused.value.findings if f.rule == "formMissing"] == [4]


def test_every_rule_is_said_in_two_languages() -> None:
    for texts in RULES.values():
        assert len(texts) == 4
        assert all(texts)


def test_a_service_is_not_python(feel: Expressions) -> None:
    xml = process(S, service("a", "x", ext=io({"v": "=__import__('os').system('id')"})), E, chain("start", "a", "end"))
    assert ("badFeel", "a") in findings(xml, feel)
