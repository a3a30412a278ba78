"""References that name nothing, or something of the wrong kind."""

from __future__ import annotations

import pytest

from engine.contract import Expressions, Severity
from engine.source.standard.references import ATTRIBUTES, CHILDREN
from tests.engine.kit import boundary, catch, chain, declare, end, node, start, throw
from tests.engine.plain import TIMERS, around, file, found, plain, pool

S, E = start(), end()
D = declare(messages=["m"], signals=["s"], errors=["e"], escalations=["x"]) + '<bpmn:itemDefinition id="i"/>'


def root(text: str) -> bytes:
    return plain(S, E, chain("start", "end"), declarations=D + text)


def inside(text: str) -> bytes:
    return plain(S, E, chain("start", "end"), text, declarations=D)


def event(definition: str) -> bytes:
    return around("x", catch("x", definition), declarations=D)


MADE: list[tuple[str, bytes, str, str]] = [
    ("messageRef", event('<bpmn:messageEventDefinition messageRef="{}"/>'), "m_m", "s_s"),
    ("operationRef", event('<bpmn:messageEventDefinition messageRef="m_m"><bpmn:operationRef>{}</bpmn:operationRef></bpmn:messageEventDefinition>').replace(b"<bpmn:message ", b'<bpmn:interface id="if" name="if"><bpmn:operation id="op" name="op"><bpmn:inMessageRef>m_m</bpmn:inMessageRef></bpmn:operation></bpmn:interface><bpmn:message ', 1), "op", "m_m"),
    ("signalRef", event('<bpmn:signalEventDefinition signalRef="{}"/>'), "s_s", "m_m"),
    ("errorRef", plain(S, node("endEvent", "x", '<bpmn:errorEventDefinition errorRef="{}"/>'), chain("start", "x"), declarations=D), "e_e", "m_m"),
    ("escalationRef", around("x", throw("x", '<bpmn:escalationEventDefinition escalationRef="{}"/>'), declarations=D), "x_x", "e_e"),
    ("activityRef", around("x", node("task", "a"), throw("x", '<bpmn:compensateEventDefinition activityRef="{}"/>')), "a", "start"),
    ("attachedToRef", plain(S, node("task", "a"), boundary("b", "{}", TIMERS), E, chain("start", "a", "end"), chain("b", "end")), "a", "end"),
    ("eventDefinitionRef", around("x", node("intermediateCatchEvent", "x", "<bpmn:eventDefinitionRef>{}</bpmn:eventDefinitionRef>"), declarations=D + '<bpmn:signalEventDefinition id="sd" signalRef="s_s"/>'), "sd", "s_s"),
    ("itemRef", root('<bpmn:message id="m2" name="n" itemRef="{}"/>'), "i", "m_m"),
    ("structureRef", root('<bpmn:error id="e2" errorCode="c" structureRef="{}"/>'), "i", "m_m"),
    ("itemSubjectRef", inside('<bpmn:dataObject id="o" itemSubjectRef="{}"/>'), "i", "m_m"),
    ("dataObjectRef", inside('<bpmn:dataObject id="o"/><bpmn:dataObjectReference id="r" dataObjectRef="{}"/>'), "o", "start"),
    ("dataStoreRef", inside('<bpmn:dataStoreReference id="r" dataStoreRef="{}"/>').replace(b"<bpmn:process", b'<bpmn:dataStore id="ds"/><bpmn:process'), "ds", "start"),
    ("categoryValueRef", inside('<bpmn:group id="g" categoryValueRef="{}"/>').replace(b"<bpmn:process", b'<bpmn:category id="ca"><bpmn:categoryValue id="cv"/></bpmn:category><bpmn:process'), "cv", "ca"),
    ("inMessageRef", root('<bpmn:interface id="if" name="if"><bpmn:operation id="op" name="op"><bpmn:inMessageRef>{}</bpmn:inMessageRef></bpmn:operation></bpmn:interface>'), "m_m", "e_e"),
    ("errorRef", root('<bpmn:interface id="if" name="if"><bpmn:operation id="op" name="op"><bpmn:inMessageRef>m_m</bpmn:inMessageRef><bpmn:errorRef>{}</bpmn:errorRef></bpmn:operation></bpmn:interface>'), "e_e", "m_m"),
    ("processRef", root('<bpmn:collaboration id="c"><bpmn:participant id="pa" processRef="{}"/></bpmn:collaboration>'), "p", "m_m"),
    ("interfaceRef", root('<bpmn:interface id="if" name="if"><bpmn:operation id="op" name="op"><bpmn:inMessageRef>m_m</bpmn:inMessageRef></bpmn:operation></bpmn:interface><bpmn:collaboration id="c"><bpmn:participant id="pa" processRef="p"><bpmn:interfaceRef>{}</bpmn:interfaceRef></bpmn:participant></bpmn:collaboration>'), "if", "op"),
    ("messageRef", root('<bpmn:collaboration id="c"><bpmn:participant id="pa" processRef="p"/><bpmn:participant id="pb"/><bpmn:messageFlow id="mf" sourceRef="pa" targetRef="pb" messageRef="{}"/></bpmn:collaboration>'), "m_m", "pa"),
    ("targetRef", root('<bpmn:collaboration id="c"><bpmn:participant id="pa" processRef="p"/><bpmn:participant id="pb"/><bpmn:textAnnotation id="ta"/><bpmn:messageFlow id="mf" sourceRef="pa" targetRef="{}"/></bpmn:collaboration>'), "pb", "ta"),
    ("correlationPropertyRef", root('<bpmn:correlationProperty id="cp"><bpmn:correlationPropertyRetrievalExpression messageRef="m_m"><bpmn:messagePath>a</bpmn:messagePath></bpmn:correlationPropertyRetrievalExpression></bpmn:correlationProperty><bpmn:collaboration id="c"><bpmn:correlationKey id="ck"><bpmn:correlationPropertyRef>{}</bpmn:correlationPropertyRef></bpmn:correlationKey></bpmn:collaboration>'), "cp", "m_m"),
    ("resourceRef", around("x", node("task", "x", '<bpmn:performer id="pe"><bpmn:resourceRef>{}</bpmn:resourceRef></bpmn:performer>'), declarations=D + '<bpmn:resource id="re" name="re"/>'), "re", "i"),
    ("flowNodeRef", inside('<bpmn:laneSet id="ls"><bpmn:lane id="l"><bpmn:flowNodeRef>{}</bpmn:flowNodeRef></bpmn:lane></bpmn:laneSet>'), "start", "f_start_end"),
    ("calledElement", around("x", node("callActivity", "x", calledElement="{}"), declarations=D + '<bpmn:globalTask id="gt"/>'), "gt", "m_m"),
    ("association", inside('<bpmn:textAnnotation id="ta"/><bpmn:association id="as" sourceRef="start" targetRef="{}"/>'), "ta", ""),
]  # fmt: skip


def made(xml: bytes, ref: str) -> bytes:
    return xml.replace(b"{}", ref.encode())


@pytest.mark.parametrize(
    ("xml", "right", "wrong"), [m[1:] for m in MADE], ids=[f"{m[0]}-{n}" for n, m in enumerate(MADE)]
)
def test_a_reference_names_something_of_its_kind(xml: bytes, right: str, wrong: str, feel: Expressions) -> None:
    rules = {"referenceMissing", "referenceKind"}
    said = [f for f in found(made(xml, right), feel) if f.rule in rules]
    assert not said, [f.message_en for f in said]
    prefixed = [f for f in found(made(xml, f"tns:{right}"), feel) if f.rule in rules]
    assert not prefixed, [f.message_en for f in prefixed]
    missing = [f for f in found(made(xml, "gone"), feel) if f.rule == "referenceMissing"]
    assert missing
    assert missing[0].severity is Severity.ERROR
    assert missing[0].line
    if wrong:
        kinds = [f for f in found(made(xml, wrong), feel) if f.rule == "referenceKind"]
        assert kinds
        assert kinds[0].severity is Severity.ERROR


@pytest.mark.parametrize("type_", ["String", "xsd:integer", "java.lang.String"])
def test_a_simple_type_in_place_of_an_item_definition_is_told_only(type_: str, feel: Expressions) -> None:
    for tag in ("signal", "error", "escalation"):
        said = found(root(f'<bpmn:{tag} id="e2" name="n" structureRef="{type_}"/>'), feel)
        assert {f.severity for f in said if f.rule == "referenceMissing"} <= {Severity.WARNING}


def test_a_reference_into_an_imported_file_is_not_looked_up(feel: Expressions) -> None:
    imported = '<bpmn:import namespace="urn:other" location="other.bpmn" importType="http://www.omg.org/spec/BPMN/20100524/MODEL"/>'
    xml = file(imported, '<bpmn:message id="m" name="m" itemRef="o:item"/>', pool(S, E, chain("start", "end")))
    known = xml.replace(b"<bpmn:definitions ", b'<bpmn:definitions xmlns:o="urn:other" ')
    assert not [f for f in found(known, feel) if f.rule.startswith("reference")]


def test_types_of_xml_schema_are_no_elements_of_the_file(feel: Expressions) -> None:
    xml = inside('<bpmn:dataObject id="o" itemSubjectRef="xsd:string"/>')
    known = xml.replace(b"<bpmn:definitions ", b'<bpmn:definitions xmlns:xsd="http://www.w3.org/2001/XMLSchema" ')
    assert not [f for f in found(known, feel) if f.rule.startswith("reference")]


def test_the_table_of_references_is_complete() -> None:
    assert sum(len(rows) for rows in ATTRIBUTES.values()) + len(CHILDREN) > 70
