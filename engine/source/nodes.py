"""What one flow node says, read from its (normalised) XML: the same record feeds the runtime, the model and the validator."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from engine.contract import Effect, TaskAction
from engine.source import names
from engine.source.names import LIANBAN, ZEEBE, bpmn, lianban, local, zeebe

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from lxml.etree import _Element

EFFECTS = {
    "status": "enter",
    "flag": "leave",
    "clock": "enter",
    "document": "enter",
    "pointOfNoReturn": "leave",
    "result": "enter",
}
"""Extension elements that are effects, with the moment they happen when ``on`` is not given."""


@dataclass(frozen=True, slots=True)
class IoMapping:
    """One io mapping: ``source`` (FEEL with '=' or a literal) to the variable path ``target``."""

    source: str
    target: str


@dataclass(frozen=True, slots=True)
class Flow:
    """A sequence flow; ``condition`` is the source text with '=' or None."""

    id: str
    source: str
    target: str
    condition: str | None = None


@dataclass(frozen=True, slots=True)
class Trigger:
    """An event definition. ``kind`` is none, message, timer, error, escalation, signal, link, terminate, … .

    ``name`` is the message, signal or link name; ``code`` the error or escalation code (None catches all);
    ``timer`` is (duration|date|cycle, text); ``correlation_key`` FEEL or literal.
    """

    kind: str = "none"
    name: str = ""
    code: str | None = None
    timer: tuple[str, str] | None = None
    correlation_key: str | None = None


@dataclass(frozen=True, slots=True)
class MultiInstance:
    """Multi-instance characteristics: collections and elements as in zeebe, or a plain BPMN cardinality."""

    sequential: bool
    collection: str = ""
    element: str = ""
    output_collection: str = ""
    output_element: str = ""
    condition: str = ""
    cardinality: str = ""


@dataclass(frozen=True, slots=True)
class Node:
    """A flow node. ``scope`` is the id of the process or sub-process that holds it."""

    id: str
    type: str
    name: str
    scope: str
    process: str
    trigger: Trigger = field(default_factory=Trigger)
    attached_to: str | None = None
    interrupting: bool = True
    event_subprocess: bool = False
    default: str | None = None
    inputs: tuple[IoMapping, ...] = ()
    outputs: tuple[IoMapping, ...] = ()
    multi: MultiInstance | None = None
    form_id: str | None = None
    assignee: str | None = None
    candidate_groups: str | None = None
    due_date: str | None = None
    job_type: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    script: str | None = None
    result_variable: str | None = None
    called: str | None = None
    propagate_in: bool = True
    propagate_out: bool = True
    deadline: str | None = None
    stops_clock: str | None = None
    separation: tuple[str, ...] = ()
    actions: tuple[TaskAction, ...] = ()
    effects: tuple[Effect, ...] = ()
    plain_text: str = ""
    plain_text_en: str = ""
    documentation: str = ""
    line: int | None = None

    def at(self, moment: str) -> tuple[Effect, ...]:
        """The effects of ``enter`` or ``leave``."""
        return tuple(e for e in self.effects if e.on == moment)


class Declarations:
    """Messages, signals, errors and escalations of the file by id."""

    def __init__(self, root: _Element) -> None:
        self.messages = {e.get("id", ""): e for e in root.iter(bpmn("message"))}
        self.signals = {e.get("id", ""): e for e in root.iter(bpmn("signal"))}
        self.errors = {e.get("id", ""): e for e in root.iter(bpmn("error"))}
        self.escalations = {e.get("id", ""): e for e in root.iter(bpmn("escalation"))}

    def message_name(self, ref: str | None) -> str:
        """The name of a message, '' when the reference is broken."""
        found = self.messages.get(ref or "")
        return "" if found is None else found.get("name") or ""

    def correlation_key(self, ref: str | None) -> str | None:
        """The zeebe subscription key of a message."""
        found = self.messages.get(ref or "")
        sub = None if found is None else extension(found, zeebe("subscription"))
        return None if sub is None else sub.get("correlationKey") or None


def extensions(element: _Element) -> Iterator[_Element]:
    """The extension elements of one element."""
    for holder in element.findall(bpmn("extensionElements")):
        yield from (child for child in holder if isinstance(child.tag, str))


def extension(element: _Element, tag: str) -> _Element | None:
    """The first extension element with this tag."""
    return next((e for e in extensions(element) if e.tag == tag), None)


def feel(text: str | None) -> str | None:
    """An expression element's text as FEEL with its '=' (conditions are always FEEL)."""
    text = (text or "").strip()
    if not text:
        return None
    return text if text.startswith("=") else "=" + text


def read_flow(element: _Element) -> Flow:
    """A sequence flow."""
    condition = element.find(bpmn("conditionExpression"))
    return Flow(
        id=element.get("id", ""),
        source=element.get("sourceRef", ""),
        target=element.get("targetRef", ""),
        condition=None if condition is None else feel(condition.text),
    )


def read_trigger(element: _Element, declared: Declarations) -> Trigger:
    """The event definition of an event, or the message of a send or receive task."""
    kind = local(element.tag)
    if kind in {"sendTask", "receiveTask"} and element.get("messageRef"):
        ref = element.get("messageRef")
        return Trigger("message", declared.message_name(ref), correlation_key=declared.correlation_key(ref))
    for child in element:
        name = local(child.tag)
        if not name.endswith("EventDefinition"):
            continue
        return _read_definition(child, name.removesuffix("EventDefinition"), declared)
    return Trigger()


def _read_definition(child: _Element, kind: str, declared: Declarations) -> Trigger:
    if kind == "message":
        ref = child.get("messageRef")
        return Trigger(kind, declared.message_name(ref), correlation_key=declared.correlation_key(ref))
    if kind == "signal":
        found = declared.signals.get(child.get("signalRef") or "")
        return Trigger(kind, "" if found is None else found.get("name") or found.get("id") or "")
    if kind == "error":
        found = declared.errors.get(child.get("errorRef") or "")
        return Trigger(kind, code=None if found is None else found.get("errorCode") or None)
    if kind == "escalation":
        found = declared.escalations.get(child.get("escalationRef") or "")
        return Trigger(kind, code=None if found is None else found.get("escalationCode") or None)
    if kind == "link":
        return Trigger(kind, child.get("name") or "")
    if kind == "timer":
        for part in child:
            name = local(part.tag)
            if name in {"timeDuration", "timeDate", "timeCycle"}:
                return Trigger(kind, timer=(name[4:].lower(), (part.text or "").strip()))
    return Trigger(kind)


def read_node(element: _Element, process: str, declared: Declarations) -> Node:
    """Read a flow node of the normalised source."""
    parent = element.getparent()
    values = _read_zeebe(element) | _read_lianban(element)
    doc = element.find(bpmn("documentation"))
    return Node(
        id=element.get("id", ""),
        type=local(element.tag),
        name=element.get("name") or "",
        scope="" if parent is None else parent.get("id", ""),
        process=process,
        trigger=read_trigger(element, declared),
        attached_to=element.get("attachedToRef"),
        interrupting=element.get("cancelActivity", element.get("isInterrupting", "true")) != "false",
        event_subprocess=element.get("triggeredByEvent") == "true",
        default=element.get("default"),
        multi=_read_multi(element),
        documentation="" if doc is None else (doc.text or "").strip(),
        line=element.sourceline,
        **values,
    )


def _read_multi(element: _Element) -> MultiInstance | None:
    loop = element.find(bpmn("multiInstanceLoopCharacteristics"))
    if loop is None:
        return None
    zb = extension(loop, zeebe("loopCharacteristics"))
    get = (lambda _name: "") if zb is None else (lambda name: (zb.get(name) or "").strip())
    condition = loop.find(bpmn("completionCondition"))
    cardinality = loop.find(bpmn("loopCardinality"))
    return MultiInstance(
        sequential=loop.get("isSequential") == "true",
        collection=feel(get("inputCollection")) or "",
        element=get("inputElement"),
        output_collection=get("outputCollection"),
        output_element=feel(get("outputElement")) or "",
        condition="" if condition is None else feel(condition.text) or "",
        cardinality="" if cardinality is None else (cardinality.text or "").strip(),
    )


def _read_zeebe(element: _Element) -> dict[str, object]:
    found: dict[str, object] = {}
    inputs: list[IoMapping] = []
    outputs: list[IoMapping] = []
    for ext in extensions(element):
        if not ext.tag.startswith("{" + ZEEBE + "}"):
            continue
        match local(ext.tag):
            case "ioMapping":
                for part in ext:
                    row = IoMapping(part.get("source") or "", part.get("target") or "")
                    if local(part.tag) == "input":
                        inputs.append(row)
                    elif local(part.tag) == "output":
                        outputs.append(row)
            case "formDefinition":
                found["form_id"] = ext.get("formId") or ext.get("formKey") or ext.get("externalReference")
            case "assignmentDefinition":
                found["assignee"] = ext.get("assignee")
                found["candidate_groups"] = ext.get("candidateGroups")
            case "taskSchedule":
                found["due_date"] = ext.get("dueDate")
            case "taskDefinition":
                found["job_type"] = ext.get("type")
            case "taskHeaders":
                found["headers"] = {h.get("key") or "": h.get("value") or "" for h in ext}
            case "script":
                found["script"] = feel(ext.get("expression"))
                found["result_variable"] = ext.get("resultVariable")
            case "calledElement":
                found["called"] = ext.get("processId")
                found["propagate_in"] = ext.get("propagateAllParentVariables") != "false"
                found["propagate_out"] = ext.get("propagateAllChildVariables") != "false"
    if local(element.tag) == "callActivity" and not found.get("called"):
        found["called"] = element.get("calledElement")
    return found | {"inputs": tuple(inputs), "outputs": tuple(outputs)}


def _read_lianban(element: _Element) -> dict[str, object]:
    found: dict[str, object] = {}
    effects: list[Effect] = []
    separation: list[str] = []
    for ext in extensions(element):
        if not ext.tag.startswith("{" + LIANBAN + "}"):
            continue
        name = local(ext.tag)
        if name in EFFECTS:
            attributes = {k: str(v) for k, v in ext.attrib.items() if k != "on"}
            effects.append(Effect(name, ext.get("on") or EFFECTS[name], attributes))
        elif name == "deadline":
            found["deadline"] = ext.get("policy")
            found["stops_clock"] = ext.get("stops")
        elif name == "separation":
            separation.extend((ext.get("from") or "").split())
        elif name == "actions":
            found["actions"] = tuple(_read_action(a) for a in ext if a.tag == lianban("action"))
        elif name == "plainText":
            found["plain_text"] = ext.get("value") or ""
            found["plain_text_en"] = ext.get("valueEn") or ""
    return found | {"effects": tuple(effects), "separation": tuple(separation)}


def _read_action(element: _Element) -> TaskAction:
    return TaskAction(
        value=element.get("value") or "",
        name=element.get("name") or "",
        name_en=element.get("nameEn") or "",
        primary=element.get("primary") == "true",
        danger=element.get("danger") == "true",
    )


def flow_nodes(scope: _Element) -> Iterator[_Element]:
    """All flow nodes below a process or sub-process, nested ones included, in document order."""
    for element in scope.iter():
        if names.is_bpmn(element.tag) and local(element.tag) in names.FLOW_NODES:
            yield element
