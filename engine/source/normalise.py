"""Repairs what real modelers write before anything reads it. A repair that changes what the designer wrote is a warning."""

from __future__ import annotations

from copy import deepcopy
from typing import TYPE_CHECKING

from lxml import etree

from engine.source import names
from engine.source.names import EVENT_DEFINITIONS, XSI, bpmn, local
from engine.source.reader import extension, flow_nodes

if TYPE_CHECKING:
    from lxml.etree import _Element

    from engine.source.findings import Findings

REFERENCES = frozenset({
    "sourceRef", "targetRef", "processRef", "messageRef", "signalRef", "errorRef", "escalationRef", "attachedToRef", "default",
    "calledElement", "bpmnElement", "oneBehaviorEventRef", "noneBehaviorEventRef",
    "dataObjectRef", "dataStoreRef", "operationRef", "itemSubjectRef", "structureRef", "itemRef",
    "activityRef",
})  # fmt: skip


def normalise(root: _Element, findings: Findings) -> None:
    """Change the tree in place."""
    _drop_comments(root)
    _plain_references(root)
    _executable(root)
    _event_definition_refs(root)
    _global_tasks(root)
    _missing_ids(root, findings)
    _listed_flows(root)
    _timers(root)
    _scripts(root)
    _assumed_defaults(root, findings)


def _drop_comments(root: _Element) -> None:
    """Comments and processing instructions split texts; nothing needs them."""
    etree.strip_tags(root, etree.Comment, etree.ProcessingInstruction)


def _plain_references(root: _Element) -> None:
    """``tns:task1`` means ``task1``; the same for xsi types, element texts and ids with spaces around them."""
    known = {e.get("id") for e in root.iter() if e.get("id")}
    for element in root.iter():
        for name in REFERENCES & set(element.attrib):
            element.set(name, _plain(str(element.get(name)), known))
        if local(element.tag) in {
            "flowNodeRef",
            "incoming",
            "outgoing",
            "eventDefinitionRef",
            "sourceRef",
            "targetRef",
            "loopDataInputRef",
            "loopDataOutputRef",
        }:
            element.text = _plain(element.text or "", known)
        kind = element.get(f"{{{XSI}}}type")
        if kind is not None:
            del element.attrib[f"{{{XSI}}}type"]


def _plain(value: str, known: set[str | None]) -> str:
    value = value.strip()
    if ":" in value and value not in known:
        return value.rpartition(":")[2]
    return value


def _executable(root: _Element) -> None:
    """A pool that is drawn is meant to run unless it says otherwise or is empty."""
    for process in root.iter(bpmn("process")):
        if process.get("isExecutable") is None:
            process.set("isExecutable", "true")


def _global_tasks(root: _Element) -> None:
    """A global task is a process of one task: that is how call activities can call both alike (BPMN 2.0.2, 10.3.3)."""
    for kind, task in names.GLOBAL_TASKS.items():
        for declared in root.findall(bpmn(kind)):
            name = {"name": declared.get("name", "")} if declared.get("name") else {}
            process = root.makeelement(bpmn("process"), {"id": declared.get("id", ""), "isExecutable": "true", **name})
            inner = root.makeelement(bpmn(task), {str(k): str(v) for k, v in declared.attrib.items() if k != "id"})
            inner.set("id", f"{declared.get('id', '')}_task")
            if inner.get("scriptLanguage"):
                inner.set("scriptFormat", str(inner.attrib.pop("scriptLanguage")))
            inner.text = declared.text
            inner.extend(list(declared))
            inner.sourceline = process.sourceline = declared.sourceline
            process.append(inner)
            root.remove(declared)
            root.append(process)


def _event_definition_refs(root: _Element) -> None:
    """An event may refer to an event definition at the root: put a copy where it is used."""
    shared = {e.get("id"): e for e in root if local(e.tag) in EVENT_DEFINITIONS}
    for ref in list(root.iter(bpmn("eventDefinitionRef"))):
        found = shared.get(ref.text or "")
        parent = ref.getparent()
        if found is None or parent is None:
            continue
        copy = deepcopy(found)
        for part in copy.iter():
            if part.get("id") is not None:
                del part.attrib["id"]
        parent.replace(ref, copy)


def _missing_ids(root: _Element, findings: Findings) -> None:
    taken = {e.get("id") for e in root.iter() if e.get("id")}
    count = 0
    for element in root.iter():
        if not names.is_bpmn(element.tag) or element.get("id"):
            continue
        kind = local(element.tag)
        if kind not in names.FLOW_NODES | {"sequenceFlow", "process", "messageFlow", "lane", "participant"}:
            continue
        count += 1
        while f"{kind}_{count}" in taken:
            count += 1
        element.set("id", f"{kind}_{count}")
        taken.add(f"{kind}_{count}")
        if kind not in {"sequenceFlow", "lane", "messageFlow"}:
            findings.warning("repaired", element, what=f"{kind} → id {kind}_{count}")


def _listed_flows(root: _Element) -> None:
    """``incoming`` and ``outgoing`` lists repeat the sequence flows and are often wrong: the flows alone count."""
    for element in list(root.iter(bpmn("incoming"), bpmn("outgoing"))):
        parent = element.getparent()
        if parent is not None:
            parent.remove(element)


def _timers(root: _Element) -> None:
    """Quoted literals (``"PT5M"``) lose their quotes; timers of several parts are left to the validator."""
    for definition in root.iter(bpmn("timerEventDefinition")):
        for part in definition:
            text = (part.text or "").strip()
            if len(text) > 1 and text[0] == text[-1] and text[0] in "\"'":
                text = text[1:-1].strip()
            part.text = text


def _scripts(root: _Element) -> None:
    """A plain BPMN script in FEEL becomes a zeebe script."""
    for task in root.iter(bpmn("scriptTask")):
        script = task.find(bpmn("script"))
        if script is None or extension(task, names.zeebe("script")) is not None:
            continue
        if (task.get("scriptFormat") or "").lower() in {"feel", "application/feel", "text/feel"} and (
            script.text or ""
        ).strip():
            holder = task.find(bpmn("extensionElements"))
            if holder is None:
                holder = task.makeelement(bpmn("extensionElements"), {})
                task.insert(0, holder)
            text = (script.text or "").strip().removeprefix("=")
            holder.append(holder.makeelement(names.zeebe("script"), {"expression": "=" + text}))


def _assumed_defaults(root: _Element, findings: Findings) -> None:
    """An exclusive gateway with one flow without condition and no default: that flow is the default."""
    for process in root.iter(bpmn("process")):
        flows: dict[str, list[_Element]] = {}
        for flow in process.iter(bpmn("sequenceFlow")):
            flows.setdefault(flow.get("sourceRef", ""), []).append(flow)
        for node in flow_nodes(process):
            if local(node.tag) != "exclusiveGateway" or node.get("default"):
                continue
            out = flows.get(node.get("id", ""), [])
            plain = [f for f in out if f.find(bpmn("conditionExpression")) is None]
            if len(out) > 1 and len(plain) == 1:
                node.set("default", plain[0].get("id", ""))
                findings.warning("assumedDefault", node)
