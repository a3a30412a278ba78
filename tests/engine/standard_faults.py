"""Models that break a rule of the standard, each beside its twin that keeps it."""

from __future__ import annotations

from tests.engine.kit import catch, chain, declare, end, flow, message, node, start, throw
from tests.engine.plain import FORMAL, around, file, formal, plain, pool, task

S, E = start(), end()
IO = "<bpmn:ioSpecification>{}<bpmn:inputSet>{}</bpmn:inputSet><bpmn:outputSet>{}</bpmn:outputSet></bpmn:ioSpecification>"
ITEMS = (
    '<bpmn:itemDefinition id="i1" structureRef="A"/><bpmn:itemDefinition id="i2" structureRef="B"/>'
    '<bpmn:itemDefinition id="many" structureRef="A" isCollection="true"/>'
)


MESSAGES = ITEMS + '<bpmn:message id="m1" name="m1" itemRef="i1"/><bpmn:message id="m2" name="m2" itemRef="i2"/>'
SERVICE = MESSAGES + (
    '<bpmn:interface id="if" name="if"><bpmn:operation id="op" name="op"><bpmn:inMessageRef>m1</bpmn:inMessageRef>'
    "<bpmn:outMessageRef>m2</bpmn:outMessageRef></bpmn:operation></bpmn:interface>"
)


DECLARED = declare(messages=["m"], errors=["e"], signals=["s"], escalations=["x"])
OPERATION = '<bpmn:messageEventDefinition messageRef="m1"><bpmn:operationRef>op</bpmn:operationRef></bpmn:messageEventDefinition>'
SIGNAL = '<bpmn:signalEventDefinition signalRef="s_s"/>'


def data(inputs: str = "", outputs: str = "") -> str:
    """An io specification; each ``id:item`` is a data input or output in its set."""
    rows = {"dataInput": inputs.split(), "dataOutput": outputs.split()}
    made, sets = "", {"dataInput": "", "dataOutput": ""}
    for kind, entries in rows.items():
        for entry in entries:
            id, _, item = entry.partition(":")
            made += f'<bpmn:{kind} id="{id}"' + (f' itemSubjectRef="{item}"' if item else "") + "/>"
            sets[kind] += f"<bpmn:{kind}Refs>{id}</bpmn:{kind}Refs>"
    return IO.format(made, sets["dataInput"], sets["dataOutput"])


def link(side: str, id: str, name: str, other: str = "") -> str:
    tag = "source" if side == "catch" else "target"
    ends = f"<bpmn:{tag}>{other}</bpmn:{tag}>" if other else ""
    definition = f'<bpmn:linkEventDefinition id="{id}" name="{name}">{ends}</bpmn:linkEventDefinition>'
    return (catch if side == "catch" else throw)(f"ev_{id}", definition)


def linked(target: str = "c", source: str = "t") -> bytes:
    return plain(
        S,
        link("throw", "t", "L", target),
        link("catch", "c", "L", source),
        E,
        chain("start", "ev_t"),
        chain("ev_c", "end"),
    )


def association(kind: str, source: str, target: str, inner: str = "") -> str:
    sources = "".join(f"<bpmn:sourceRef>{s}</bpmn:sourceRef>" for s in source.split())
    return f'<bpmn:{kind} id="as">{sources}<bpmn:targetRef>{target}</bpmn:targetRef>{inner}</bpmn:{kind}>'


def gateway(direction: str, into: int = 1, out: int = 2, kind: str = "parallelGateway") -> bytes:
    """``into`` flows from the start through tasks into ``g``, ``out`` flows from it to the end."""
    parts = [S, node(kind, "g", gatewayDirection=direction), E]
    for n in range(into):
        parts += [node("task", f"a{n}"), chain("start", f"a{n}", "g")]
    for n in range(out):
        parts += [node("task", f"b{n}"), chain("g", f"b{n}", "end")]
    return plain(*parts)


def event(kind: str, definition: str = "", **attributes: str) -> bytes:
    """The event ``x`` of this kind with this definition, where it belongs."""
    if kind == "startEvent":
        return plain(node(kind, "x", definition, **attributes), E, chain("x", "end"), declarations=DECLARED)
    if kind == "endEvent":
        return plain(S, node(kind, "x", definition), chain("start", "x"), declarations=DECLARED)
    if kind == "boundaryEvent":
        rest = (node("task", "a"), node(kind, "x", definition, attachedToRef="a", **attributes))
        return plain(S, *rest, E, chain("start", "a", "end"), chain("x", "end"), declarations=DECLARED)
    return around("x", node(kind, "x", definition), declarations=DECLARED)


def handler(definition: str, **attributes: str) -> bytes:
    inside = node("startEvent", "x", definition, **attributes) + end("he") + chain("x", "he")
    return plain(
        S, E, chain("start", "end"), node("subProcess", "h", inside, triggeredByEvent="true"), declarations=DECLARED
    )


def compensated(
    association: str = '<bpmn:association id="as" sourceRef="x" targetRef="h"/>', more: str = "", **attributes: str
) -> bytes:
    parts = (node("task", "a"), node("boundaryEvent", "x", "<bpmn:compensateEventDefinition/>", attachedToRef="a"))
    undo = node("task", "h", **({"isForCompensation": "true"} | attributes))
    return plain(S, *parts, undo, E, chain("start", "a", "end"), association, more)


def pools(*flows: str, receiver: str = "startEvent", definition: str = OPERATION) -> bytes:
    two = '<bpmn:participant id="pa" processRef="p"/><bpmn:participant id="pb" processRef="q"/>'
    other = node(receiver, "r", definition) + end("re") + chain("r", "re")
    here = S + throw("t", OPERATION) + E + chain("start", "t", "end")
    return file(
        SERVICE,
        f'<bpmn:collaboration id="c">{two}{"".join(flows)}</bpmn:collaboration>',
        pool(here),
        pool(other, id="q"),
    )


def message_flow(source: str, target: str) -> str:
    return f'<bpmn:messageFlow id="mf" sourceRef="{source}" targetRef="{target}"/>'


def event_gateway(*targets: str, **attributes: str) -> bytes:
    ids = [t.split('id="')[1].split('"')[0] for t in targets]
    return plain(
        S,
        node("eventBasedGateway", "g", **attributes),
        *targets,
        E,
        chain("start", "g"),
        *(chain("g", i, "end") for i in ids),
        declarations=SERVICE,
    )


def loop(inner: str) -> str:
    return f"<bpmn:multiInstanceLoopCharacteristics>{inner}</bpmn:multiInstanceLoopCharacteristics>"


THREE = formal("loopCardinality", "3")
TIMER = f"<bpmn:timerEventDefinition>{formal('timeDuration', 'PT1H')}</bpmn:timerEventDefinition>"
CANCEL = "<bpmn:cancelEventDefinition/>"
INNER = start("s2") + node("endEvent", "x", CANCEL) + chain("s2", "x")
CALLED = pool(data("di:i1", "do:i2"), start("s2"), end("e2"), chain("s2", "e2"), id="q")


def call(specification: str) -> bytes:
    return file(
        ITEMS,
        CALLED,
        pool(S, node("callActivity", "x", specification, calledElement="q"), E, chain("start", "x", "end")),
    )


def offered(binding: str) -> bytes:
    inside = "<bpmn:supportedInterfaceRef>if</bpmn:supportedInterfaceRef>" + data("di:i1", "do:i2") + binding
    return file(SERVICE, pool(inside, S, E, chain("start", "end")))


BOUND = '<bpmn:ioBinding operationRef="op" inputDataRef="{}" outputDataRef="{}"/>'
OBJECT = '<bpmn:dataObject id="obj" name="Order" itemSubjectRef="i1"/><bpmn:dataObjectReference id="ref" dataObjectRef="obj"{}'
TWO_SETS = (
    '<bpmn:ioSpecification><bpmn:dataInput id="di"/><bpmn:dataOutput id="do"/><bpmn:inputSet id="is"><bpmn:dataInputRefs>di</bpmn:dataInputRefs>{}'
    '</bpmn:inputSet><bpmn:outputSet id="os"><bpmn:dataOutputRefs>do</bpmn:dataOutputRefs>{}</bpmn:outputSet></bpmn:ioSpecification>'
)


OUT_REF, IN_REF = "<bpmn:outputSetRefs>os</bpmn:outputSetRefs>", "<bpmn:inputSetRefs>is</bpmn:inputSetRefs>"
COND = f"<bpmn:conditionExpression {FORMAL}>=a = 1</bpmn:conditionExpression>"


def conditional(text: str, kind: str = FORMAL) -> bytes:
    condition = f'<bpmn:sequenceFlow id="f" sourceRef="x" targetRef="b"><bpmn:conditionExpression {kind}>{text}</bpmn:conditionExpression></bpmn:sequenceFlow>'
    return plain(S, node("task", "x"), node("task", "b"), E, chain("start", "x", "end"), condition, chain("b", "end"))


def timed(inner: str) -> bytes:
    return around("x", catch("x", f"<bpmn:timerEventDefinition>{inner}</bpmn:timerEventDefinition>"))


def corresponding(path: str) -> bytes:
    correlation = (
        '<bpmn:correlationProperty id="cp" name="cp"><bpmn:correlationPropertyRetrievalExpression messageRef="m_m">'
        f"<bpmn:messagePath>{path}</bpmn:messagePath></bpmn:correlationPropertyRetrievalExpression></bpmn:correlationProperty>"
    )
    return plain(S, E, chain("start", "end"), declarations=DECLARED + correlation)


LISTED = '<bpmn:sequenceFlow id="f1" sourceRef="start" targetRef="x"/><bpmn:sequenceFlow id="f2" sourceRef="x" targetRef="end"/>'


def listed(incoming: str) -> bytes:
    first = start(inner="<bpmn:outgoing>f1</bpmn:outgoing>")
    last = end(inner="<bpmn:incoming>f2</bpmn:incoming>")
    return plain(first, node("task", "x", incoming + "<bpmn:outgoing>f2</bpmn:outgoing>"), last, LISTED)


TABLE: list[tuple[str, str | None, bytes, bytes]] = [
    # schema
    ("attributeMissing", "f", plain(S, E, '<bpmn:sequenceFlow id="f" sourceRef="start"/>'), plain(S, E, flow("start", "end", id="f"))),
    ("notAllowedHere", "x", around("x", node("task", "x", "<bpmn:standardLoopCharacteristics/>" + loop(THREE))), task(loop(THREE))),
    ("notAllowedHere", "pr", plain(S, E, chain("start", "end"), declarations='<bpmn:property id="pr"/>'), plain('<bpmn:property id="pr"/>', S, E, chain("start", "end"))),
    ("childMissing", "x", task("<bpmn:ioSpecification><bpmn:inputSet/></bpmn:ioSpecification>"), task(data())),
    ("valueInvalid", "g", gateway("Sideways"), gateway("Diverging")),
    ("valueInvalid", "x", task(isForCompensation="maybe"), task(isForCompensation="false")),
    # expressions
    ("expressionNatural", "f", conditional("when it rains", ""), conditional("=rain")),
    ("expressionNatural", "x", task(loop("<bpmn:loopCardinality>three</bpmn:loopCardinality>")), task(loop(THREE))),
    ("expressionNatural", "x", timed("<bpmn:timeDuration>soon</bpmn:timeDuration>"), timed(formal("timeDuration", "PT1H"))),
    ("expressionEmpty", "x", timed(formal("timeDate", "")), timed(formal("timeDate", "2030-01-01T00:00:00Z"))),
    ("expressionEmpty", "cp", corresponding(""), corresponding("a.b")),
    ("conditionNeverBoolean", "x", task(loop(THREE + formal("completionCondition", "23"))), task(loop(THREE + formal("completionCondition", "=n = 23")))),
    ("mediaTypeInvalid", "x", plain(start(), node("scriptTask", "x", "<bpmn:script>a = 1</bpmn:script>", scriptFormat="no type"), end(), chain("start", "x", "end")), plain(start(), node("scriptTask", "x", "<bpmn:script>a = 1</bpmn:script>", scriptFormat="text/x-groovy"), end(), chain("start", "x", "end"))),
    ("mediaTypeInvalid", "x", task('<bpmn:documentation textFormat="INVALID">a</bpmn:documentation>'), task('<bpmn:documentation textFormat="text/html">a</bpmn:documentation>')),
    ("uriInvalid", "x", task(kind="transaction", method="_bad%$"), task(kind="transaction", method="##Compensate")),
    # flow
    ("notImmediate", "f", plain(S, E, '<bpmn:sequenceFlow id="f" sourceRef="start" targetRef="end" isImmediate="false"/>'), plain(S, E, chain("start", "end"))),
    ("conditionSource", "f", plain(S, node("task", "a"), E, chain("start", "a", "end"), flow("start", "end", "x", id="f").replace("conditionExpression>=", f"conditionExpression {FORMAL}>=")), conditional("=x")),
    ("conditionAlone", "f", plain(S, node("task", "a"), E, chain("start", "a"), f'<bpmn:sequenceFlow id="f" sourceRef="a" targetRef="end">{COND}</bpmn:sequenceFlow>'), conditional("=x")),
    ("flowNotListed", "f1", listed(""), listed("<bpmn:incoming>tns:f1</bpmn:incoming>")),
    ("gatewayDirection", "g", gateway("Converging", 2, 2), gateway("Converging", 2, 1)),
    ("gatewayDirection", "g", gateway("Diverging", 2, 2), gateway("Diverging", 1, 2)),
    ("gatewayDirection", "g", gateway("Mixed", 1, 2), gateway("Mixed", 2, 2)),
    ("gatewayPointless", "g", gateway("Unspecified", 1, 1), gateway("Unspecified", 1, 2)),
    ("instantiateWithIncoming", "x", task(kind="receiveTask", messageRef="m1", instantiate="true"), plain(node("receiveTask", "x", messageRef="m1", instantiate="true"), E, chain("x", "end"), declarations=MESSAGES)),
    ("eventGatewayMixed", "g", event_gateway(catch("c", OPERATION), node("receiveTask", "r", messageRef="m2")), event_gateway(catch("c", OPERATION), catch("t", TIMER))),
    ("endMissing", "start", plain(S, node("task", "a"), chain("start", "a")), plain(S, E, chain("start", "end"))),
    ("startMissing", "end", plain(node("task", "a"), E, chain("a", "end")), plain(S, E, chain("start", "end"))),
    ("nodeWithoutIncoming", "b", plain(S, node("task", "b"), E, chain("start", "end"), chain("b", "end")), plain(S, node("task", "b"), E, chain("start", "b", "end"))),
    ("nodeWithoutOutgoing", "b", plain(S, node("task", "b"), E, chain("start", "end"), chain("start", "b")), plain(S, node("task", "b"), E, chain("start", "b", "end"))),
    ("nodeWithoutOutgoing", "start", plain(S, E), plain(S, E, chain("start", "end"))),
    # events
    *[("triggerNotAllowed", "x", event("startEvent", f"<bpmn:{kind}EventDefinition/>"), event("startEvent", TIMER)) for kind in ("error", "escalation", "cancel", "compensate", "terminate")],
    *[("triggerNotAllowed", "x", event("endEvent", definition), event("endEvent", SIGNAL)) for definition in (TIMER, '<bpmn:linkEventDefinition name="L"/>')],
    *[("triggerNotAllowed", "x", event("intermediateThrowEvent", f"<bpmn:{kind}EventDefinition/>"), event("intermediateThrowEvent", SIGNAL)) for kind in ("error", "cancel", "terminate")],
    *[("triggerNotAllowed", "x", event("intermediateCatchEvent", f"<bpmn:{kind}EventDefinition/>"), event("intermediateCatchEvent", TIMER)) for kind in ("error", "cancel", "terminate", "escalation", "compensate")],
    *[("triggerNotAllowed", "x", event("boundaryEvent", definition), event("boundaryEvent", SIGNAL)) for definition in ("<bpmn:terminateEventDefinition/>", '<bpmn:linkEventDefinition name="L"/>')],
    ("triggerNotAllowed", "x", plain(S, node("subProcess", "sub", node("startEvent", "x", TIMER) + end("e2") + chain("x", "e2")), E, chain("start", "sub", "end")), handler(TIMER)),
    ("triggerNotAllowed", "x", handler("<bpmn:terminateEventDefinition/>"), handler('<bpmn:errorEventDefinition errorRef="e_e"/>')),
    ("triggerNotAllowed", "x", file('<bpmn:terminateEventDefinition id="shared"/>', pool(node("startEvent", "x", "<bpmn:eventDefinitionRef>shared</bpmn:eventDefinitionRef>"), E, chain("x", "end"))), event("startEvent", SIGNAL)),
    ("triggerInterrupts", "x", handler("<bpmn:errorEventDefinition/>", isInterrupting="false"), handler("<bpmn:errorEventDefinition/>", isInterrupting="true")),
    ("triggerInterrupts", "x", event("boundaryEvent", CANCEL, cancelActivity="false"), event("boundaryEvent", SIGNAL, cancelActivity="false")),
    ("triggerMissing", "x", event("boundaryEvent"), event("boundaryEvent", TIMER)),
    ("triggerMissing", "x", event("intermediateCatchEvent"), event("intermediateThrowEvent")),
    ("triggerMissing", "x", handler(""), handler(TIMER)),
    ("cancelBoundaryHost", "x", event("boundaryEvent", CANCEL), plain(S, node("transaction", "a", INNER.replace('"x"', '"e2"')), node("boundaryEvent", "x", CANCEL, attachedToRef="a"), E, chain("start", "a", "end"), chain("x", "end"))),
    ("cancelOutside", "x", plain(S, node("subProcess", "a", INNER), E, chain("start", "a", "end")), plain(S, node("transaction", "a", INNER), E, chain("start", "a", "end"))),
    ("compensationFlow", "x", compensated(more=chain("x", "end")), compensated()),
    ("compensationFlow", "h", compensated(more=chain("h", "end")), compensated()),
    ("compensationUnconnected", "x", compensated(""), compensated()),
    ("compensationHandlerMissing", "x", compensated(isForCompensation="false"), compensated()),
    ("messageRefMissing", "x", around("x", catch("x", "<bpmn:messageEventDefinition/>")), around("x", catch("x", OPERATION), declarations=SERVICE)),
    ("operationMissing", "x", around("x", catch("x", message("m1")), declarations=SERVICE), around("x", catch("x", OPERATION), declarations=SERVICE)),
    ("linkPair", "ev_t", linked(target=""), linked()),
    ("linkPair", "ev_c", linked(source=""), linked()),
    ("linkScope", "ev_t", plain(S, link("throw", "t", "L", "c"), chain("start", "ev_t"), node("subProcess", "sub", link("catch", "c", "L", "t") + end("e2") + chain("ev_c", "e2")), E, chain("sub", "end")), linked()),
    ("definitionShared", "x", around("x", throw("t", '<bpmn:signalEventDefinition id="own" signalRef="s_s"/>'), node("intermediateCatchEvent", "x", "<bpmn:eventDefinitionRef>own</bpmn:eventDefinitionRef>"), declarations=DECLARED), event("intermediateCatchEvent", SIGNAL)),
    # activities
    ("quantity", "x", task(startQuantity="0"), task(startQuantity="1")),
    ("quantity", "x", task(completionQuantity="-5"), task(completionQuantity="2")),
    ("adHocEmpty", "x", task(kind="adHocSubProcess"), task(node("task", "a"), kind="adHocSubProcess")),
    ("adHocContent", "a", task(node("task", "b") + start("a"), kind="adHocSubProcess"), task(node("task", "a"), kind="adHocSubProcess")),
    ("loopWithoutInput", "x", task(loop("")), task(loop(THREE))),
    ("loopInputForeign", "x", around("x", node("task", "x", loop("<bpmn:loopDataInputRef>obj</bpmn:loopDataInputRef>")), '<bpmn:dataObject id="obj"/>'), task(data("di") + loop("<bpmn:loopDataInputRef>di</bpmn:loopDataInputRef>"))),
    ("loopItemKind", "x", around("x", node("task", "x", data("di:many") + loop('<bpmn:loopDataInputRef>di</bpmn:loopDataInputRef><bpmn:inputDataItem id="one" itemSubjectRef="i2"/>')), declarations=ITEMS), around("x", node("task", "x", data("di:many") + loop('<bpmn:loopDataInputRef>di</bpmn:loopDataInputRef><bpmn:inputDataItem id="one" itemSubjectRef="i1"/>')), declarations=ITEMS)),
    ("loopItemKind", "x", around("x", node("task", "x", data("di:many") + loop('<bpmn:loopDataInputRef>di</bpmn:loopDataInputRef><bpmn:inputDataItem id="one" itemSubjectRef="many"/>')), declarations=ITEMS), task(loop(THREE))),
    ("conditionSource", "f", event_gateway(catch("c", TIMER), catch("d", TIMER)).replace(b'<bpmn:sequenceFlow id="f_g_c" sourceRef="g" targetRef="c">', f'<bpmn:sequenceFlow id="f" sourceRef="g" targetRef="c">{COND}'.encode()), event_gateway(catch("c", TIMER), catch("d", TIMER))),
    ("publicExecutable", "p", plain(S, E, chain("start", "end"), processType="Public"), plain(S, E, chain("start", "end"), processType="Private")),
    ("serviceInputSets", "x", around("x", node("serviceTask", "x", operationRef="op"), declarations=SERVICE), around("x", node("serviceTask", "x", data("di:i1", "do:i2"), operationRef="op"), declarations=SERVICE)),
    ("serviceOutputSets", "x", around("x", node("serviceTask", "x", data("di:i1", "do:i2").replace("</bpmn:ioS", "<bpmn:outputSet/></bpmn:ioS"), operationRef="op"), declarations=SERVICE), around("x", node("serviceTask", "x", data("di:i1", "do:i2"), operationRef="op"), declarations=SERVICE)),
    ("serviceItems", "x", around("x", node("serviceTask", "x", data("di:i2", "do:i2"), operationRef="op"), declarations=SERVICE), around("x", node("serviceTask", "x", data("di:i1", "do:i2"), operationRef="op"), declarations=SERVICE)),
    ("messageDataSets", "x", around("x", node("sendTask", "x", data("a:i1 b:i1"), messageRef="m1"), declarations=MESSAGES), around("x", node("sendTask", "x", data("a:i1"), messageRef="m1"), declarations=MESSAGES)),
    ("messageItems", "x", around("x", node("receiveTask", "x", data("", "a:i2"), messageRef="m1"), declarations=MESSAGES), around("x", node("receiveTask", "x", data("", "a:i1"), messageRef="m1"), declarations=MESSAGES)),
    ("subProcessData", "x", task(data("di"), kind="subProcess"), task(data("di"))),
    # data
    ("collectionDiffers", "obj", around("x", node("task", "x"), '<bpmn:dataObject id="obj" itemSubjectRef="many"/>', declarations=ITEMS), around("x", node("task", "x"), '<bpmn:dataObject id="obj" itemSubjectRef="many" isCollection="true"/>', declarations=ITEMS)),
    ("dataObjectName", "ref", around("x", node("task", "x"), OBJECT.format(' name="Bill [paid]"><bpmn:dataState name="paid"/></bpmn:dataObjectReference>'), declarations=ITEMS), around("x", node("task", "x"), OBJECT.format(' name="Order [paid]"><bpmn:dataState name="paid"/></bpmn:dataObjectReference>'), declarations=ITEMS)),
    ("dataNotInSet", "x", task(data("di").replace("<bpmn:dataInputRefs>di</bpmn:dataInputRefs>", "")), task(data("di"))),
    ("subsetNotInSet", "x", task(TWO_SETS.format("<bpmn:optionalInputRefs>gone</bpmn:optionalInputRefs>", "")), task(TWO_SETS.format("<bpmn:optionalInputRefs>di</bpmn:optionalInputRefs>", ""))),
    ("setsOneSided", "x", task(TWO_SETS.format(OUT_REF, "")), task(TWO_SETS.format(OUT_REF, IN_REF))),
    ("dataDirection", "x", plain(data("pin"), S, node("task", "x", data("", "do") + association("dataOutputAssociation", "do", "pin")), E, chain("start", "x", "end")), plain(data("pin"), S, node("task", "x", data("di") + association("dataInputAssociation", "pin", "di")), E, chain("start", "x", "end"))),
    ("dataSourcesSeveral", "x", around("x", node("task", "x", data("di") + association("dataInputAssociation", "o1 o2", "di")), '<bpmn:dataObject id="o1"/><bpmn:dataObject id="o2"/>'), around("x", node("task", "x", data("di") + association("dataInputAssociation", "o1", "di")), '<bpmn:dataObject id="o1"/>')),
    ("dataItemsDiffer", "x", around("x", node("task", "x", data("di:i2") + association("dataInputAssociation", "ref", "di")), OBJECT.format("/>"), declarations=ITEMS), around("x", node("task", "x", data("di:i1") + association("dataInputAssociation", "ref", "di")), OBJECT.format("/>"), declarations=ITEMS)),
    ("eventDataCount", "x", around("x", catch("x", f'<bpmn:dataOutput id="a" itemSubjectRef="i1"/><bpmn:dataOutput id="b"/>{OPERATION}'), declarations=SERVICE), around("x", catch("x", f'<bpmn:dataOutput id="a" itemSubjectRef="i1"/>{OPERATION}'), declarations=SERVICE)),
    ("eventDataItem", "x", around("x", catch("x", f'<bpmn:dataOutput id="a" itemSubjectRef="i2"/>{OPERATION}'), declarations=SERVICE), around("x", catch("x", f'<bpmn:dataOutput id="a" itemSubjectRef="i1"/>{OPERATION}'), declarations=SERVICE)),
    ("bindingMissing", "p", offered(""), offered(BOUND.format("di", "do"))),
    ("bindingItem", "p", offered(BOUND.format("di", "di")), offered(BOUND.format("di", "do"))),
    ("callData", "x", call(data("a:i1")), call(data("a:i1", "b:i2"))),
    ("callData", "x", call(data("a:i2", "b:i2")), call(data("a:i1", "b:i2"))),
    # pools
    ("messageFlowSamePool", "mf", pools(message_flow("t", "pa")), pools(message_flow("t", "pb"))),
    ("messageFlowDirection", "mf", pools(message_flow("r", "pa")), pools(message_flow("t", "r"))),
    ("messageFlowDirection", "mf", pools(message_flow("pb", "t")), pools(message_flow("t", "r"))),
    ("messageFlowTrigger", "mf", pools(message_flow("pa", "r"), definition=""), pools(message_flow("pa", "r"))),
    ("multiplicity", "pa", pools().replace(b'processRef="p"/>', b'processRef="p"><bpmn:participantMultiplicity minimum="-1" maximum="1"/></bpmn:participant>'), pools().replace(b'processRef="p"/>', b'processRef="p"><bpmn:participantMultiplicity minimum="0" maximum="1"/></bpmn:participant>')),
    ("multiplicity", "pa", pools().replace(b'processRef="p"/>', b'processRef="p"><bpmn:participantMultiplicity minimum="3" maximum="2"/></bpmn:participant>'), pools()),
    ("choreographyReferences", "ch", plain(S, E, chain("start", "end"), declarations='<bpmn:choreography id="o"/><bpmn:choreography id="ch"><bpmn:choreographyRef>o</bpmn:choreographyRef></bpmn:choreography>'), plain(S, E, chain("start", "end"), declarations='<bpmn:choreography id="o"/><bpmn:collaboration id="ch"><bpmn:choreographyRef>o</bpmn:choreographyRef></bpmn:collaboration>')),
    ("conversationContent", "gc", plain(S, E, chain("start", "end"), declarations='<bpmn:globalConversation id="gc"><bpmn:textAnnotation id="ta"/></bpmn:globalConversation>'), plain(S, E, chain("start", "end"), declarations='<bpmn:collaboration id="gc"><bpmn:textAnnotation id="ta"/></bpmn:collaboration>')),
]  # fmt: skip
