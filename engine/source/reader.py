"""Reads flow nodes and sequence flows from the (normalised) XML."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from engine.contract import CalledDecision, Effect, TaskAction
from engine.source import names
from engine.source.data import DataNames
from engine.source.names import LIANBAN, bpmn, lianban, line_of, local, zeebe
from engine.source.nodes import Flow, IoMapping, Node, Trigger
from engine.source.parts import extension, extensions, feel
from engine.source.repeating import read_loop, read_multi

if TYPE_CHECKING:
    from lxml.etree import _Element

__all__ = ["Declarations", "extension", "extensions", "feel", "flow_nodes", "read_flow", "read_node", "read_triggers"]

EFFECTS = {
    "status": "enter",
    "flag": "leave",
    "clock": "enter",
    "document": "enter",
    "pointOfNoReturn": "leave",
    "supplement": "leave",
    "result": "enter",
}
"""Extension elements that are effects, with the moment they happen when ``on`` is not given."""


class Declarations:
    """Messages, signals, errors and escalations of the file by id."""

    def __init__(self, root: _Element) -> None:
        self.messages = {e.get("id", ""): e for e in root.iter(bpmn("message"))}
        self.signals = {e.get("id", ""): e for e in root.iter(bpmn("signal"))}
        self.errors = {e.get("id", ""): e for e in root.iter(bpmn("error"))}
        self.escalations = {e.get("id", ""): e for e in root.iter(bpmn("escalation"))}
        self.data = DataNames(root)
        self.definitions = {
            e.get("id"): e for e in root.iter() if e.get("id") and local(e.tag).endswith("EventDefinition")
        }
        self.undoing = {e.get("id", "") for e in root.iter("*") if e.get("isForCompensation") == "true"}
        self.associated: dict[str, list[str]] = {}
        for association in root.iter(bpmn("association")):
            ends = (association.get("sourceRef", ""), association.get("targetRef", ""))
            self.associated.setdefault(ends[0], []).append(ends[1])
            self.associated.setdefault(ends[1], []).append(ends[0])

    def compensations(self, boundary_id: str) -> list[str]:
        """The compensation activities that an association connects with this event, each once."""
        return [e for e in dict.fromkeys(self.associated.get(boundary_id, ())) if e in self.undoing]

    def message_name(self, ref: str | None) -> str:
        """The name of a message, '' when the reference is broken."""
        found = self.messages.get(ref or "")
        return "" if found is None else found.get("name") or ""

    def trigger(self, definition: _Element) -> Trigger:
        """What an event definition says."""
        return _read_definition(definition, self)

    def correlation_key(self, ref: str | None) -> str | None:
        """The zeebe subscription key of a message."""
        found = self.messages.get(ref or "")
        sub = None if found is None else extension(found, zeebe("subscription"))
        return None if sub is None else sub.get("correlationKey") or None


def version_tag(process: _Element) -> str | None:
    """The version tag of a process (zeebe)."""
    told = extension(process, zeebe("versionTag"))
    return None if told is None else told.get("value") or None


def read_flow(element: _Element) -> Flow:
    """A sequence flow."""
    condition = element.find(bpmn("conditionExpression"))
    return Flow(
        id=element.get("id", ""),
        source=element.get("sourceRef", ""),
        target=element.get("targetRef", ""),
        condition=None if condition is None else feel(condition.text),
    )


def read_triggers(element: _Element, declared: Declarations) -> tuple[Trigger, ...]:
    """The event definitions of an event, or the message of a send or receive task."""
    kind = local(element.tag)
    if kind in {"sendTask", "receiveTask"} and element.get("messageRef"):
        ref = element.get("messageRef")
        return (Trigger("message", declared.message_name(ref), correlation_key=declared.correlation_key(ref)),)
    return tuple(_read_definition(child, declared) for child in element if local(child.tag).endswith("EventDefinition"))


def _read_definition(child: _Element, declared: Declarations) -> Trigger:
    """One event definition."""
    kind = local(child.tag).removesuffix("EventDefinition")
    match kind:
        case "message":
            ref = child.get("messageRef")
            return Trigger(kind, declared.message_name(ref), correlation_key=declared.correlation_key(ref))
        case "signal":
            found = declared.signals.get(child.get("signalRef") or "")
            name = "" if found is None else found.get("name") or found.get("id") or ""
        case "link":
            name = child.get("name") or ""
        case "terminate":
            told = extension(child, lianban("terminate"))
            name = "" if told is None else told.get("scope") or ""
        case "conditional":
            return _read_condition(child)
        case "compensate":
            waits = child.get("waitForCompletion") != "false"
            return Trigger(kind, activity=child.get("activityRef") or None, waits=waits)
        case _:
            name = ""
    return Trigger(kind, name, code=_code(child, kind, declared), timer=_timer(child) if kind == "timer" else None)


def _read_condition(child: _Element) -> Trigger:
    condition = child.find(bpmn("condition"))
    told = extension(child, zeebe("conditionalFilter"))
    return Trigger(
        "conditional",
        condition="" if condition is None else feel(condition.text) or "",
        variables=() if told is None else _listed(told.get("variableNames") or told.get("variableName")),
        variable_events=() if told is None else _listed(told.get("variableEvents")),
    )


def _listed(text: str | None) -> tuple[str, ...]:
    return tuple(part.strip() for part in (text or "").split(",") if part.strip())


def _code(child: _Element, kind: str, declared: Declarations) -> str | None:
    if kind not in {"error", "escalation"}:
        return None
    table = declared.errors if kind == "error" else declared.escalations
    found = table.get(child.get(f"{kind}Ref") or "")
    return None if found is None else found.get(f"{kind}Code") or None


def _timer(child: _Element) -> tuple[str, str] | None:
    for part in child:
        name = local(part.tag)
        if name in {"timeDuration", "timeDate", "timeCycle"}:
            return name[4:].lower(), (part.text or "").strip()
    return None


def read_node(element: _Element, process: str, declared: Declarations) -> Node:
    """Read a flow node of the normalised source."""
    parent = element.getparent()
    values = _read_zeebe(element) | _read_lianban(element)
    triggers = read_triggers(element, declared)
    undone_by: list[str] = []
    if local(element.tag) == "boundaryEvent" and any(t.kind == "compensate" for t in triggers):
        undone_by = declared.compensations(element.get("id", ""))
    doc = element.find(bpmn("documentation"))
    return Node(
        id=element.get("id", ""),
        type=local(element.tag),
        name=element.get("name") or "",
        scope="" if parent is None else parent.get("id", ""),
        process=process,
        trigger=triggers[0] if triggers else Trigger(),
        triggers=triggers,
        parallel=element.get("parallelMultiple") == "true",
        attached_to=element.get("attachedToRef"),
        interrupting=element.get("cancelActivity", element.get("isInterrupting", "true")) != "false",
        instantiate=element.get("instantiate") == "true",
        all_events=element.get("eventGatewayType") == "Parallel",
        event_subprocess=element.get("triggeredByEvent") == "true",
        for_compensation=element.get("isForCompensation") == "true" and element.get("triggeredByEvent") != "true",
        compensated_by=undone_by[0] if undone_by else None,
        default=element.get("default"),
        activation=feel(element.findtext(bpmn("activationCondition"))) or "",
        data_inputs=declared.data.inputs(element),
        data_outputs=declared.data.outputs(element),
        held=declared.data.held(element),
        multi=read_multi(element, declared),
        loop=read_loop(element),
        completion_condition=feel(element.findtext(bpmn("completionCondition"))) or "",
        sequential=element.get("ordering") == "Sequential",
        cancel_remaining=element.get("cancelRemainingInstances", "").strip() not in {"false", "0"},
        start_quantity=_quantity(element.get("startQuantity")),
        completion_quantity=_quantity(element.get("completionQuantity")),
        documentation="" if doc is None else (doc.text or "").strip(),
        line=line_of(element),
        **values,
    )


def _quantity(text: str | None) -> int:
    """A number of tokens; what is no number is left to the validator."""
    return int(text) if text is not None and text.isdecimal() else 1


def _read_zeebe(element: _Element) -> dict[str, Any]:
    found: dict[str, Any] = {"inputs": (), "outputs": ()}
    for ext in extensions(element):
        reader = _ZEEBE.get(str(ext.tag))
        if reader is not None:
            found |= reader(ext)
    if local(element.tag) == "callActivity" and not found.get("called"):
        found["called"] = element.get("calledElement")
    return found


def _read_mapping(ext: _Element) -> dict[str, Any]:
    rows = [(local(part.tag), IoMapping(part.get("source") or "", part.get("target") or "")) for part in ext]
    return {f"{kind}s": tuple(row for name, row in rows if name == kind) for kind in ("input", "output")}


_ZEEBE: Mapping[str, Callable[[_Element], dict[str, Any]]] = {
    zeebe("ioMapping"): _read_mapping,
    zeebe("formDefinition"): lambda e: {"form_id": e.get("formId") or e.get("formKey") or e.get("externalReference")},
    zeebe("assignmentDefinition"): lambda e: {
        "assignee": e.get("assignee"),
        "candidate_groups": e.get("candidateGroups"),
    },
    zeebe("adHoc"): lambda e: {"active_elements": feel(e.get("activeElementsCollection")) or ""},
    zeebe("taskSchedule"): lambda e: {"due_date": e.get("dueDate")},
    zeebe("taskDefinition"): lambda e: {"job_type": e.get("type"), "job_retries": e.get("retries")},
    zeebe("taskHeaders"): lambda e: {"headers": {h.get("key") or "": h.get("value") or "" for h in e}},
    zeebe("calledDecision"): lambda e: {
        "decision": CalledDecision(
            e.get("decisionId") or "",
            e.get("resultVariable") or "",
            e.get("bindingType") or "latest",
            e.get("versionTag") or "",
        )
    },
    zeebe("script"): lambda e: {"script": feel(e.get("expression")), "result_variable": e.get("resultVariable")},
    zeebe("calledElement"): lambda e: {
        "called": e.get("processId"),
        "binding": e.get("bindingType"),
        "version_tag": e.get("versionTag"),
        "propagate_in": e.get("propagateAllParentVariables") != "false",
        "propagate_out": e.get("propagateAllChildVariables") != "false",
    },
}


def _read_lianban(element: _Element) -> dict[str, Any]:
    found: dict[str, Any] = {}
    effects: list[Effect] = []
    separation: list[str] = []
    for ext in extensions(element):
        if not ext.tag.startswith("{" + LIANBAN + "}"):
            continue
        name = local(ext.tag)
        if name in EFFECTS:
            attributes = {str(k): str(v) for k, v in ext.attrib.items() if k != "on"}
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
        elif name == "standing":
            found["standing"] = True
        elif name == "compensation":
            found["one_by_one"] = ext.get("order") == "sequential"
    return found | {"effects": tuple(effects), "separation": tuple(separation)}


def _read_action(element: _Element) -> TaskAction:
    return TaskAction(
        value=element.get("value") or "",
        name=element.get("name") or "",
        name_en=element.get("nameEn") or "",
        primary=element.get("primary") == "true",
        danger=element.get("danger") == "true",
        unless_flag=element.get("unlessFlag") or "",
    )


def flow_nodes(scope: _Element) -> Iterator[_Element]:
    """All flow nodes below a process or sub-process, nested ones included, in document order."""
    for element in scope.iter():
        if names.is_bpmn(element.tag) and local(element.tag) in names.FLOW_NODES:
            yield element
