"""Models of other engines: what runs there is accepted, what is refused there is refused, and neither changes plain BPMN."""

from __future__ import annotations

import pytest

from engine.errors import DefinitionRefused
from engine.facade import Engine
from forms.expressions import FeelExpressions
from tests.conformance.in_memory import InMemory
from tests.conformance.steps import Refused

CAMUNDA = 'xmlns:camunda="http://camunda.org/schema/1.0/bpmn"'
FLOWABLE = 'xmlns:flowable="http://flowable.org/bpmn"'
LINE = (
    '<startEvent id="s"/><sequenceFlow sourceRef="s" targetRef="a"/><userTask id="a"/>'
    '<sequenceFlow sourceRef="a" targetRef="e"/><endEvent id="e"/>'
)


def xml(body: str, declared: str = "", space: str = CAMUNDA) -> bytes:
    head = f'<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" {space} targetNamespace="t">'
    return f'{head}{declared}<process id="p" isExecutable="true">{body}</process></definitions>'.encode()


def handler(name: str, signal: str) -> str:
    return (
        f'<subProcess id="{name}" triggeredByEvent="true"><startEvent id="{name}_s"><signalEventDefinition signalRef="{signal}"/></startEvent>'
        f'<sequenceFlow sourceRef="{name}_s" targetRef="{name}_e"/><endEvent id="{name}_e"/></subProcess>'
    )


ORPHAN = LINE + '<userTask id="orphan"/>'
UNDONE_BY_NOTHING = LINE + '<boundaryEvent id="b" attachedToRef="a"><compensateEventDefinition/></boundaryEvent>'
GO = '<signal id="go" name="go"/>'


@pytest.mark.parametrize("body", [ORPHAN, UNDONE_BY_NOTHING], ids=["orphan", "undone by nothing"])
def test_what_has_no_effect_there_has_none_here(body: str, feel: FeelExpressions) -> None:
    run = InMemory(feel)
    run.deploy([xml(body)])
    run.start("p", {})
    assert run.tasks() == ["a"]
    run.complete("a", {}, every=False)
    assert run.ended()


@pytest.mark.parametrize("body", [ORPHAN, UNDONE_BY_NOTHING])
def test_plain_bpmn_and_our_own_models_must_still_be_right(body: str, feel: FeelExpressions) -> None:
    for space in ("", 'xmlns:zeebe="http://camunda.org/schema/zeebe/1.0"'):
        source = xml(body, GO, space)
        if space:
            task = (
                '<userTask id="a"><extensionElements><zeebe:formDefinition formId="f"/></extensionElements></userTask>'
            )
            source = source.replace(b'<userTask id="a"/>', task.encode())
        engine = Engine(feel, source={}.__getitem__)
        with pytest.raises(DefinitionRefused):
            engine.parse(engine.convert(source).xml, written=source)


STARTS = "".join(
    f'<startEvent id="{s}"><signalEventDefinition signalRef="go"/></startEvent><sequenceFlow sourceRef="{s}" targetRef="a"/>'
    for s in ("s1", "s2")
)
BY_CODE = '<escalation id="known" escalationCode="known"/>'


def escalated(name: str, ref: str) -> str:
    caught = f'<startEvent id="{name}_s" isInterrupting="false"><escalationEventDefinition {ref}/></startEvent>'
    return f'<subProcess id="{name}" triggeredByEvent="true">{caught}<sequenceFlow sourceRef="{name}_s" targetRef="{name}_e"/><endEvent id="{name}_e"/></subProcess>'


SERVED = LINE.replace('<userTask id="a"/>', '<serviceTask id="a" camunda:expression="${true}"/>')
REFUSED = [
    ("duplicateCatcher", LINE + escalated("h1", 'escalationRef="known"') + escalated("h2", ""), BY_CODE),
    ("escalationHost", SERVED + '<boundaryEvent id="b" attachedToRef="a"><escalationEventDefinition escalationRef="known"/></boundaryEvent>', BY_CODE),
    ("signalNameMissing", LINE, '<signal id="go"/>'),
    ("signalTwice", LINE, GO + '<signal id="other" name="go"/>'),
    ("missingId", LINE, '<signal name="go"/>'),
    ("missingId", LINE, '<escalation escalationCode="e"/>'),
    ("duplicateCatcher", LINE + handler("h1", "go") + handler("h2", "go"), GO),
    ("duplicateCatcher", STARTS + '<userTask id="a"/>', GO),
]  # fmt: skip


@pytest.mark.parametrize(("rule", "body", "declared"), REFUSED)
def test_what_is_refused_there_is_refused_here(rule: str, body: str, declared: str, feel: FeelExpressions) -> None:
    with pytest.raises(Refused) as refused:
        InMemory(feel).deploy([xml(body, declared)])
    assert isinstance(refused.value.__cause__, DefinitionRefused)
    assert rule in {f.rule for f in refused.value.__cause__.findings if f.severity == "error"}


def test_a_line_that_only_prints_is_left_out(feel: FeelExpressions) -> None:
    script = '<scriptTask id="b" scriptFormat="groovy"><script>\n  out:println "here";\n  execution.setVariable("x" , "y");\n</script></scriptTask>'
    body = script + LINE.replace('sourceRef="s" targetRef="a"', 'sourceRef="s" targetRef="b"')
    run = InMemory(feel)
    run.deploy([xml(body + '<sequenceFlow sourceRef="b" targetRef="a"/>', space=FLOWABLE)])
    run.start("p", {})
    assert run.tasks() == ["a"]
    assert run.log() == []


def stop(reach: str) -> str:
    return f'<endEvent id="stop"><terminateEventDefinition flowable:{reach}="true"/></endEvent>'


def inner(*parts: str) -> str:
    flows = '<sequenceFlow sourceRef="is" targetRef="b"/><sequenceFlow sourceRef="b" targetRef="stop"/>'
    return f'<startEvent id="is"/><userTask id="b"/>{"".join(parts)}{flows}'


def beside(body: str) -> str:
    """The body's node ``x`` and the task ``a`` at once, ``c`` after ``x``."""
    ends = (("s", "g"), ("g", "a"), ("g", "x"), ("x", "c"), ("a", "e"), ("c", "e"))
    flows = "".join(f'<sequenceFlow sourceRef="{one}" targetRef="{other}"/>' for one, other in ends)
    nodes = '<startEvent id="s"/><parallelGateway id="g"/><userTask id="a"/><userTask id="c"/><endEvent id="e"/>'
    return nodes + body + flows


REACHES = [
    ("terminateAll", f'<subProcess id="x">{inner(stop("terminateAll"))}</subProcess>', "", []),
    ("terminateAll", '<callActivity id="x" calledElement="q"/>', f'<process id="q" isExecutable="true">{inner(stop("terminateAll"))}</process>', []),
    ("terminateMultiInstance", f'<subProcess id="x"><multiInstanceLoopCharacteristics isSequential="true"><loopCardinality>3</loopCardinality></multiInstanceLoopCharacteristics>{inner(stop("terminateMultiInstance"))}</subProcess>', "", ["a", "c"]),
    ("terminateMultiInstance", f'<subProcess id="x"><multiInstanceLoopCharacteristics><loopCardinality>3</loopCardinality></multiInstanceLoopCharacteristics>{inner(stop("terminateMultiInstance"))}</subProcess>', "", ["a", "c"]),
    ("terminateMultiInstance", f'<subProcess id="x">{inner(stop("terminateMultiInstance"))}</subProcess>', "", ["a", "c"]),
]  # fmt: skip


@pytest.mark.parametrize(("reach", "body", "called", "left"), REACHES)
def test_how_far_a_terminate_end_event_reaches(
    reach: str, body: str, called: str, left: list[str], feel: FeelExpressions
) -> None:
    run = InMemory(feel)
    run.deploy([xml(beside(body), called, FLOWABLE)])
    run.start("p", {})
    run.complete("b", {}, every=False)
    assert sorted(run.tasks()) == left, reach
    assert run.ended() == (not left)
