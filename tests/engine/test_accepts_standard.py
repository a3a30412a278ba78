"""Plain BPMN as the standard means it, one tiny diagram per construct: nothing here may be refused, converted or not."""

from __future__ import annotations

import pytest

from engine.contract import Expressions, Severity
from engine.facade import Engine
from tests.engine.kit import catch, chain, end, flow, node, start, throw
from tests.engine.plain import SOURCES, file, formal, plain, pool


def task(id: str, inner: str = "", **attributes: str) -> str:
    return node("task", id, inner, **attributes)


SIG = '<bpmn:signal id="Signal" name="Signal"/>'
MSG = '<bpmn:itemDefinition id="item" structureRef="String"/><bpmn:message id="message" name="message" itemRef="item"/><bpmn:interface id="interface" name="interface"><bpmn:operation id="op" name="o"><bpmn:inMessageRef>message</bpmn:inMessageRef></bpmn:operation></bpmn:interface>'
MED = '<bpmn:messageEventDefinition id="{}" messageRef="message"><bpmn:operationRef>op</bpmn:operationRef></bpmn:messageEventDefinition>'


def pools(flow: str) -> str:
    return f'<bpmn:collaboration id="collaboration" isClosed="false"><bpmn:participant id="A" name="A" processRef="p"><bpmn:participantMultiplicity maximum="1" minimum="0"/></bpmn:participant><bpmn:participant id="B" name="B" processRef="q"><bpmn:interfaceRef>interface</bpmn:interfaceRef><bpmn:participantMultiplicity maximum="1" minimum="0"/></bpmn:participant>{flow}</bpmn:collaboration>'


CONDITION = '<bpmn:conditionExpression xsi:type="bpmn:tFormalExpression">=contains(test,"a")</bpmn:conditionExpression>'
VALID: dict[str, bytes] = {
    "receive instantiate": file(
        MSG,
        pool(start(), task("t"), throw("x", MED.format("d1")), end(), chain("start", "t", "x", "end"), id="p"),
        pool(
            node("receiveTask", "r", messageRef="message", operationRef="op", instantiate="true"),
            task("m"),
            chain("r", "m"),
            id="q",
        ),
        pools('<bpmn:messageFlow id="mf" sourceRef="x" targetRef="r"/>'),
    ),
    "message start": file(
        MSG,
        pool(start(), throw("x", MED.format("d1")), end(), chain("start", "x", "end"), id="p"),
        pool(start("s2", MED.format("d2")), task("m"), end("e2"), chain("s2", "m", "e2"), id="q"),
        pools('<bpmn:messageFlow id="mf" sourceRef="x" targetRef="s2"/>'),
    ),
    "complex mi": plain(
        start(),
        task(
            "m",
            f'<bpmn:multiInstanceLoopCharacteristics isSequential="true" behavior="Complex">{formal("loopCardinality", "3")}<bpmn:complexBehaviorDefinition><bpmn:condition>true</bpmn:condition><bpmn:event><bpmn:signalEventDefinition id="cbs" signalRef="Signal"/></bpmn:event></bpmn:complexBehaviorDefinition></bpmn:multiInstanceLoopCharacteristics>',
        ),
        node("boundaryEvent", "b", '<bpmn:signalEventDefinition id="s3" signalRef="Signal"/>', attachedToRef="m"),
        task("x"),
        end(),
        end("e2"),
        chain("start", "m", "end"),
        chain("b", "x", "e2"),
        declarations=SIG,
    ),
    "one behavior": plain(
        start(),
        task(
            "m",
            f'<bpmn:multiInstanceLoopCharacteristics isSequential="true" behavior="One" oneBehaviorEventRef="s4">{formal("loopCardinality", "3")}</bpmn:multiInstanceLoopCharacteristics>',
        ),
        node("boundaryEvent", "b", '<bpmn:signalEventDefinition id="s3" signalRef="Signal"/>', attachedToRef="m"),
        task("x"),
        end(),
        end("e2"),
        chain("start", "m", "end"),
        chain("b", "x", "e2"),
        declarations=SIG + '<bpmn:signalEventDefinition id="s4" signalRef="Signal"/>',
    ),
    "adhoc": plain(
        start(),
        node("adHocSubProcess", "sub", task("a") + task("b"), ordering="Sequential", triggeredByEvent="false"),
        task("x"),
        end(),
        chain("start", "sub", "x", "end"),
    ),
    "cycle": plain(
        start(),
        catch(
            "c", '<bpmn:timerEventDefinition id="td">' + formal("timeCycle", "R4/PT1S") + "</bpmn:timerEventDefinition>"
        ),
        task("x"),
        end(),
        chain("start", "c", "x", "end"),
    ),
    "links": plain(
        start(),
        throw(
            "l",
            '<bpmn:linkEventDefinition id="l2" name="Link"><bpmn:target>l3</bpmn:target></bpmn:linkEventDefinition>',
        ),
        catch(
            "m",
            '<bpmn:linkEventDefinition id="l3" name="Link"><bpmn:source>l2</bpmn:source></bpmn:linkEventDefinition>',
        ),
        task("x"),
        end(),
        chain("start", "l"),
        chain("m", "x", "end"),
    ),
    "cancel": plain(
        start(),
        node(
            "transaction",
            "tr",
            start("s2")
            + task("a")
            + node(
                "boundaryEvent",
                "cb",
                '<bpmn:compensateEventDefinition id="cd" waitForCompletion="true"/>',
                attachedToRef="a",
                cancelActivity="true",
            )
            + node("endEvent", "e2", '<bpmn:cancelEventDefinition id="cc"/>')
            + task("h", isForCompensation="true")
            + '<bpmn:association associationDirection="One" id="as" sourceRef="cb" targetRef="h"/>'
            + chain("s2", "a", "e2"),
            triggeredByEvent="false",
        ),
        node("boundaryEvent", "b", '<bpmn:cancelEventDefinition id="c3"/>', attachedToRef="tr"),
        end("e3"),
        end(),
        chain("start", "tr", "end"),
        chain("b", "e3"),
    ),
    "conditional default": plain(
        start(),
        task("a", default="f3"),
        task("x"),
        task("y"),
        task("z"),
        end(),
        end("e2"),
        end("e4"),
        flow("start", "a"),
        flow("a", "x", id="f3"),
        f'<bpmn:sequenceFlow id="f1" sourceRef="a" targetRef="y">{CONDITION}</bpmn:sequenceFlow>',
        flow("a", "z"),
        chain("x", "end"),
        chain("y", "e2"),
        chain("z", "e4"),
    ),
    "and conditions": plain(
        start(),
        node("parallelGateway", "g", gatewayDirection="Diverging"),
        task("x"),
        task("y"),
        end(),
        flow("start", "g"),
        f'<bpmn:sequenceFlow id="f1" sourceRef="g" targetRef="x">{CONDITION}</bpmn:sequenceFlow>',
        flow("g", "y"),
        chain("x", "end"),
        chain("y", "end"),
    ),
    "multi throw": plain(
        start(),
        node("parallelGateway", "g", gatewayDirection="Diverging"),
        catch("c4", '<bpmn:signalEventDefinition id="d4" signalRef="Signal"/>'),
        throw(
            "t",
            '<bpmn:signalEventDefinition id="d5" signalRef="Signal"/><bpmn:signalEventDefinition id="d2" signalRef="S2"/>',
        ),
        catch("c3", '<bpmn:signalEventDefinition id="d3" signalRef="S2"/>'),
        task("x"),
        end("e1"),
        end("e2"),
        end(),
        chain("start", "g", "c4", "x", "e1"),
        chain("g", "t", "e2"),
        chain("g", "c3", "end"),
        declarations=SIG + '<bpmn:signal id="S2" name="S2"/>',
    ),
    "loop": plain(
        start(),
        task(
            "a",
            "<bpmn:standardLoopCharacteristics>"
            + formal("loopCondition", "=i &lt; 3")
            + "</bpmn:standardLoopCharacteristics>",
        ),
        end(),
        chain("start", "a", "end"),
    ),
    "token split": plain(
        start(),
        task("a"),
        task("b"),
        task("c"),
        task("r"),
        end(),
        chain("start", "a", "b", "r", "end"),
        chain("a", "c", "r"),
    ),
    "lanes": plain(
        '<bpmn:laneSet id="ls"><bpmn:lane id="l1"><bpmn:flowNodeRef>start</bpmn:flowNodeRef><bpmn:flowNodeRef>a</bpmn:flowNodeRef></bpmn:lane><bpmn:lane id="l2"><bpmn:flowNodeRef>end</bpmn:flowNodeRef></bpmn:lane></bpmn:laneSet>',
        start(),
        task("a"),
        end(),
        chain("start", "a", "end"),
    ),
    "property": plain(
        '<bpmn:property id="data" itemSubjectRef="ds"/>',
        start(),
        task(
            "set",
            '<bpmn:ioSpecification><bpmn:dataOutput id="do" itemSubjectRef="ds"/><bpmn:inputSet/><bpmn:outputSet><bpmn:dataOutputRefs>do</bpmn:dataOutputRefs></bpmn:outputSet></bpmn:ioSpecification><bpmn:dataOutputAssociation><bpmn:sourceRef>do</bpmn:sourceRef><bpmn:targetRef>data</bpmn:targetRef></bpmn:dataOutputAssociation>',
        ),
        end(),
        chain("start", "set", "end"),
        declarations='<bpmn:itemDefinition id="ds" structureRef="String"/>',
    ),
}


@pytest.mark.parametrize("name", VALID)
def test_what_the_standard_allows_is_accepted_as_it_is_and_converted(name: str, feel: Expressions) -> None:
    engine = Engine(feel, source=SOURCES.__getitem__)
    for parsed in (engine.parse(VALID[name]), engine.parse(engine.convert(VALID[name]).xml, written=VALID[name])):
        assert all(f.severity is Severity.WARNING for f in parsed.findings)
        assert {f.rule for f in parsed.findings} <= {"siteMissing", "conditionIgnored", "runsTwice"}


def test_the_bare_name_of_a_script_language_is_told_only(feel: Expressions) -> None:
    xml = plain(
        start(),
        node("scriptTask", "x", "<bpmn:script>a = 1</bpmn:script>", scriptFormat="groovy"),
        end(),
        chain("start", "x", "end"),
    )
    engine = Engine(feel, source=SOURCES.__getitem__)
    findings = engine.parse(engine.convert(xml).xml, written=xml).findings
    assert {(f.rule, f.severity) for f in findings} == {("mediaTypeInvalid", Severity.WARNING)}
