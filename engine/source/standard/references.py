"""Every reference names an element that exists and is of the right kind (BPMN 2.0.2, class attributes of clauses 8 to 11)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from engine.source.names import ACTIVITIES, EVENT_DEFINITIONS, EVENTS, FLOW_NODES, is_bpmn, local

if TYPE_CHECKING:
    from lxml.etree import _Element

    from engine.source.standard.index import Standard

CHOREOGRAPHY = frozenset({"choreographyTask", "subChoreography", "callChoreography"})
CONVERSATION = frozenset({"conversation", "subConversation", "callConversation"})
COLLABORATIONS = frozenset({"collaboration", "choreography", "globalConversation", "globalChoreographyTask"})
GLOBAL_TASKS = frozenset({
    "globalTask", "globalUserTask", "globalManualTask", "globalScriptTask", "globalBusinessRuleTask",
})  # fmt: skip
ITEM_AWARE = frozenset({
    "dataObject", "dataObjectReference", "dataStore", "dataStoreReference", "dataInput", "dataOutput", "property",
    "inputDataItem", "outputDataItem",
})  # fmt: skip
NODES = FLOW_NODES | CHOREOGRAPHY
INTERACTION = frozenset({"participant"}) | ACTIVITIES | EVENTS | CONVERSATION
ITEM = frozenset({"itemDefinition"})
TYPES = frozenset({
    "string", "boolean", "integer", "int", "long", "short", "decimal", "double", "float", "number", "date", "time", "datetime", "object",
})  # fmt: skip
"""Simple types that modellers write where an item definition is meant."""
MESSAGE = frozenset({"message"})
OPERATION = frozenset({"operation"})
PARTICIPANT = frozenset({"participant"})
FLOW = frozenset({"sequenceFlow"})
MESSAGE_FLOW = frozenset({"messageFlow"})
LINK = frozenset({"linkEventDefinition"})


@dataclass(frozen=True, slots=True)
class Reference:
    """``name`` of attribute or child element, the kinds it may name; ``vital``: no engine can do without."""

    name: str
    kinds: frozenset[str]
    vital: bool = False


ATTRIBUTES: dict[str, tuple[Reference, ...]] = {
    "group": (Reference("categoryValueRef", frozenset({"categoryValue"})),),
    "correlationPropertyRetrievalExpression": (Reference("messageRef", MESSAGE, vital=True),),
    "correlationSubscription": (Reference("correlationKeyRef", frozenset({"correlationKey"}), vital=True),),
    "correlationPropertyBinding": (
        Reference("correlationPropertyRef", frozenset({"correlationProperty"}), vital=True),
    ),
    "error": (Reference("structureRef", ITEM),),
    "escalation": (Reference("structureRef", ITEM),),
    "signal": (Reference("structureRef", ITEM),),
    "message": (Reference("itemRef", ITEM),),
    "resourceParameter": (Reference("type", ITEM),),
    "participant": (Reference("processRef", frozenset({"process"}), vital=True),),
    "messageFlow": (
        Reference("sourceRef", INTERACTION, vital=True),
        Reference("targetRef", INTERACTION, vital=True),
        Reference("messageRef", MESSAGE, vital=True),
    ),
    "conversationLink": (Reference("sourceRef", INTERACTION), Reference("targetRef", INTERACTION)),
    "callConversation": (Reference("calledCollaborationRef", COLLABORATIONS),),
    "callChoreography": (Reference("calledChoreographyRef", frozenset({"choreography", "globalChoreographyTask"})),),
    "process": (Reference("definitionalCollaborationRef", COLLABORATIONS),),
    "resourceParameterBinding": (Reference("parameterRef", frozenset({"resourceParameter"})),),
    "serviceTask": (Reference("operationRef", OPERATION),),
    "sendTask": (Reference("messageRef", MESSAGE, vital=True), Reference("operationRef", OPERATION)),
    "receiveTask": (Reference("messageRef", MESSAGE, vital=True), Reference("operationRef", OPERATION)),
    "ioBinding": (
        Reference("inputDataRef", frozenset({"dataInput", "inputSet"})),
        Reference("outputDataRef", frozenset({"dataOutput", "outputSet"})),
        Reference("operationRef", OPERATION),
    ),
    "multiInstanceLoopCharacteristics": (
        Reference("oneBehaviorEventRef", EVENT_DEFINITIONS, vital=True),
        Reference("noneBehaviorEventRef", EVENT_DEFINITIONS, vital=True),
    ),
    "dataObjectReference": (Reference("dataObjectRef", frozenset({"dataObject"}), vital=True),),
    "dataStoreReference": (Reference("dataStoreRef", frozenset({"dataStore"})),),
    "boundaryEvent": (Reference("attachedToRef", ACTIVITIES, vital=True),),
    "compensateEventDefinition": (Reference("activityRef", ACTIVITIES, vital=True),),
    "errorEventDefinition": (Reference("errorRef", frozenset({"error"}), vital=True),),
    "escalationEventDefinition": (Reference("escalationRef", frozenset({"escalation"}), vital=True),),
    "messageEventDefinition": (Reference("messageRef", MESSAGE, vital=True),),
    "signalEventDefinition": (Reference("signalRef", frozenset({"signal"}), vital=True),),
    "lane": (Reference("partitionElementRef", frozenset()),),
    "association": (Reference("sourceRef", frozenset()), Reference("targetRef", frozenset())),
    "choreographyTask": (Reference("initiatingParticipantRef", PARTICIPANT),),
}
CHILDREN: dict[tuple[str, str], Reference] = {
    (holder, reference.name): reference
    for holders, references in (
        ("correlationKey", (Reference("correlationPropertyRef", frozenset({"correlationProperty"}), vital=True),)),
        (
            "operation",
            (
                Reference("inMessageRef", MESSAGE),
                Reference("outMessageRef", MESSAGE),
                Reference("errorRef", frozenset({"error"})),
            ),
        ),
        ("collaboration choreography", (Reference("choreographyRef", frozenset({"choreography"})),)),
        (
            "participant",
            (Reference("interfaceRef", frozenset({"interface"})), Reference("endPointRef", frozenset({"endPoint"}))),
        ),
        (
            "partnerEntity partnerRole choreographyTask subChoreography callChoreography conversation subConversation",
            (Reference("participantRef", PARTICIPANT), Reference("messageFlowRef", MESSAGE_FLOW)),
        ),
        (
            "participantAssociation",
            (Reference("innerParticipantRef", PARTICIPANT), Reference("outerParticipantRef", PARTICIPANT)),
        ),
        ("process", (Reference("supports", frozenset({"process"})),)),
        (
            "process globalTask globalUserTask globalManualTask globalScriptTask globalBusinessRuleTask",
            (Reference("supportedInterfaceRef", frozenset({"interface"})),),
        ),
        (
            "resourceRole performer humanPerformer potentialOwner",
            (Reference("resourceRef", frozenset({"resource"})),),
        ),
        (
            "multiInstanceLoopCharacteristics",
            (
                Reference("loopDataInputRef", ITEM_AWARE, vital=True),
                Reference("loopDataOutputRef", ITEM_AWARE, vital=True),
            ),
        ),
        (
            "inputSet",
            (
                Reference("dataInputRefs", frozenset({"dataInput"})),
                Reference("optionalInputRefs", frozenset({"dataInput"})),
                Reference("whileExecutingInputRefs", frozenset({"dataInput"})),
                Reference("outputSetRefs", frozenset({"outputSet"})),
            ),
        ),
        (
            "outputSet",
            (
                Reference("dataOutputRefs", frozenset({"dataOutput"})),
                Reference("optionalOutputRefs", frozenset({"dataOutput"})),
                Reference("whileExecutingOutputRefs", frozenset({"dataOutput"})),
                Reference("inputSetRefs", frozenset({"inputSet"})),
            ),
        ),
        (
            "dataInputAssociation dataOutputAssociation",
            (Reference("sourceRef", ITEM_AWARE), Reference("targetRef", ITEM_AWARE)),
        ),
        (
            "startEvent endEvent intermediateCatchEvent intermediateThrowEvent boundaryEvent",
            (Reference("eventDefinitionRef", EVENT_DEFINITIONS, vital=True),),
        ),
        ("messageEventDefinition", (Reference("operationRef", OPERATION),)),
        ("linkEventDefinition", (Reference("source", LINK), Reference("target", LINK))),
        ("lane", (Reference("flowNodeRef", NODES),)),
    )
    for holder in holders.split()
    for reference in references
}
EVERYWHERE = {
    "itemSubjectRef": Reference("itemSubjectRef", ITEM),
    "evaluatesToTypeRef": Reference("evaluatesToTypeRef", ITEM),
}
EVERY_CHILD = {
    "categoryValueRef": Reference("categoryValueRef", frozenset({"categoryValue"})),
    "incoming": Reference("incoming", FLOW),
    "outgoing": Reference("outgoing", FLOW),
}


def check(standard: Standard) -> None:
    """All references of the file but the ends of sequence flows, which rules of flow look at."""
    for kind, elements in list(standard.kinds.items()):
        attributes = ATTRIBUTES.get(kind, ())
        for element in elements:
            for reference in attributes:
                _check(standard, element, element.get(reference.name), reference)
            for name in EVERYWHERE.keys() & element.keys():
                _check(standard, element, element.get(name), EVERYWHERE[str(name)])
            for child in element:
                if is_bpmn(child.tag):
                    name = local(child.tag)
                    found = CHILDREN.get((kind, name)) or (EVERY_CHILD.get(name) if kind in NODES else None)
                    if found is not None:
                        _check(standard, child, child.text or "", found)
    for element in standard.each("callActivity"):
        _called(standard, element)


def _called(standard: Standard, element: _Element) -> None:
    """A call names a process or global task; the dialects may name one of another file."""
    ref = element.get("calledElement") or ""
    called = standard.find(ref, element)
    if called is None and ref and not standard.elsewhere(ref, element):
        standard.plain("referenceMissing", element, what="calledElement", id=ref)
    if called is not None and local(called.tag) not in GLOBAL_TASKS | {"process"}:
        _wrong(standard, element, called, Reference("calledElement", GLOBAL_TASKS | {"process"}, vital=True))


def _check(standard: Standard, element: _Element, ref: str | None, reference: Reference) -> None:
    text = (ref or "").strip()
    if ref is None or (not text and not standard.strict(element)) or standard.elsewhere(text, element):
        return
    found = standard.find(text, element)
    if found is None:
        typed = reference.kinds is ITEM and text.rpartition(":")[2].rpartition(".")[2].lower() in TYPES
        say = standard.note if typed else standard.fault if reference.vital else standard.lax
        say("referenceMissing", element, what=reference.name.removesuffix("Ref"), id=text)
    elif reference.kinds and local(found.tag) not in reference.kinds:
        _wrong(standard, element, found, reference)


def _wrong(standard: Standard, element: _Element, found: _Element, reference: Reference) -> None:
    say = standard.fault if reference.vital else standard.lax
    shown = ", ".join(sorted(reference.kinds)[:4]) + ("…" if len(reference.kinds) > 4 else "")  # noqa: PLR2004
    say("referenceKind", element, name=reference.name, id=found.get("id"), kind=local(found.tag), kinds=shown)
