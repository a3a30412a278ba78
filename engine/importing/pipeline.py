"""The road of an import: prepare, read, repair, convert element by element, report."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from lxml import etree

from engine.errors import DefinitionRefused
from engine.importing import layout, listeners, people, repairs, shapes, structure, timing, work
from engine.importing.expressions import foreign, has_expression
from engine.importing.report import Change, Kind, Report
from engine.importing.vendors import Part, dialect_of
from engine.source.names import FLOW_NODES, GLOBAL_TASKS, bpmn, local
from engine.source.read import read

if TYPE_CHECKING:
    from lxml.etree import _Element

    from engine.limits import Limits

_DECIDE = frozenset({
    "skipExpression", "triggerable", "variableMappingClass", "variableMappingDelegateExpression", "eventType", "eventOutParameter",
    "eventInParameter", "eventCorrelationParameter", "taskIdVariableName", "completeAction", "topic", "class", "expression",
    "delegateExpression", "in", "out", "variableAggregation",
})  # fmt: skip
"""What means something that people must decide; the rest of what nobody took has no effect."""
_CONDITIONS = ("conditionExpression", "condition", "activationCondition", "completionCondition", "loopCondition")


@dataclass(frozen=True, slots=True)
class Conversion:
    """A model in our dialect: ``xml`` (the very source when nothing had to change), whose it was, and the report.

    ``forms`` are form definitions made from form fields, by form id.
    """

    xml: bytes
    dialect: str
    changes: tuple[Change, ...]
    forms: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)


def convert(xml: bytes, limits: Limits) -> Conversion:
    """Bring a model of another engine into our dialect. Raises DefinitionRefused when the bytes are no BPMN at all.

    Foreign attributes and elements stay in the file: nothing is lost, and importing again changes nothing.
    """
    report = Report()
    root, findings = read(repairs.prepare(xml, report), limits)
    if root is None:
        raise DefinitionRefused(findings.rows)
    dialect = dialect_of(root)
    vendor = dialect not in {"plain", "zeebe"}
    if dialect == "zeebe":
        _mixed(root, report)
    else:
        _convert(root, report, dialect=dialect, vendor=vendor)
    if not any(c.kind in {Kind.CONVERTED, Kind.REPAIRED} for c in report.changes) and not report.forms:
        return Conversion(xml, dialect, tuple(report.changes))
    made = etree.tostring(root.getroottree(), encoding="UTF-8", xml_declaration=True)
    return Conversion(made, dialect, tuple(report.changes), report.forms)


def _convert(root: _Element, report: Report, *, dialect: str, vendor: bool) -> None:
    running = [p for p in root.iter(bpmn("process")) if repairs.executable(p, root, vendor=vendor)]
    if not running:
        return
    repairs.repair(root, report, vendor=vendor)
    if vendor:
        shapes.put_right(root, report, dialect=dialect)
    structure.codes(root, report, dialect=dialect)
    structure.signal_scope(root, report)
    for process in running:
        _process(process, report)
        for element in list(process.iter("*")):
            name = local(element.tag)
            if name == "sequenceFlow":
                _flow(element, report)
            elif element.tag == bpmn(name) and name in FLOW_NODES:
                _node(element, process.get("id", ""), report, vendor=vendor)
    for declared in root.iterchildren(*map(bpmn, GLOBAL_TASKS)):
        _node(declared, "", report, vendor=vendor)
    if layout.draw(root):
        report.repaired("diagram", root)


def _mixed(root: _Element, report: Report) -> None:
    """Of a file of our dialect only what it could not run: conditions that cannot be FEEL and scripts without a word of ours.

    Somebody added extensions to a model of another engine and left the rest as it was.
    """
    for text in root.iter(*map(bpmn, _CONDITIONS)):
        if foreign(text.text or ""):
            owner = next((e for e in text.iterancestors() if local(e.tag) in FLOW_NODES | {"sequenceFlow"}), text)
            structure.condition(owner, text, report)
    for element in list(root.iter(bpmn("scriptTask"), bpmn("globalScriptTask"))):
        if (element.findtext(bpmn("script")) or "").strip():
            work.script(Part(element), report)


def _process(process: _Element, report: Report) -> None:
    part = Part(process)
    listeners.lost(part, report)
    listeners.data_objects(process, report)
    _rest(part, report)


def _flow(element: _Element, report: Report) -> None:
    part = Part(element)
    structure.sequence_flow(part, report)
    listeners.lost(part, report)
    _rest(part, report)


def _node(element: _Element, process_id: str, report: Report, *, vendor: bool) -> None:
    part = Part(element)
    if has_expression(element.get("name") or ""):
        report.dropped("name", element, element.get("name") or "")
    structure.loop(part, report)
    structure.conditions(part, report)
    _task(part, process_id, report, vendor=vendor)
    _event(part, report, vendor=vendor)
    work.input_output(part, report)
    listeners.convert(part, report)
    _rest(part, report)


def _task(part: Part, process_id: str, report: Report, *, vendor: bool) -> None:
    name = local(part.element.tag)
    match GLOBAL_TASKS.get(name, name):
        case "receiveTask" if work.receive(part, report):
            people.user_task(part, report, process_id)
        case "userTask":
            people.user_task(part, report, process_id)
        case "serviceTask" | "businessRuleTask":
            work.service(part, report)
        case "sendTask" if not part.element.get("messageRef") or part.take(
            "class", "expression", "delegateExpression", "topic"
        ):
            work.service(part, report)
        case "scriptTask":
            work.script(part, report)
        case "callActivity":
            structure.call(part, report, vendor=vendor)
        case "startEvent":
            people.start_form(part, report)


def _event(part: Part, report: Report, *, vendor: bool) -> None:
    for definition in part.element:
        if not local(definition.tag).endswith("EventDefinition"):
            continue
        inner = Part(definition)
        match local(definition.tag):
            case "timerEventDefinition":
                timing.timer(part.element, inner, report, vendor=vendor)
            case "conditionalEventDefinition":
                structure.conditional(part.element, inner, report)
            case "errorEventDefinition":
                structure.error(part, inner, report, vendor=vendor)
            case "escalationEventDefinition":
                structure.escalation(part, inner, report)
            case "terminateEventDefinition":
                structure.terminate(part.element, inner, report)
            case "messageEventDefinition":
                structure.messages(part, definition, report, vendor=vendor)
        _rest(inner, report)


def _rest(part: Part, report: Report) -> None:
    for name, value in part.rest():
        if name in _DECIDE:
            report.manual("decide", part.element, value, name=name)
        else:
            report.dropped("ignored", part.element, value, name=name)
