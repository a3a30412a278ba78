"""Rules of single nodes: what each kind needs to run."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING

from engine.source import check_repeating
from engine.source.names import ACTIVITIES, bpmn, local
from engine.source.nodes import Node, Trigger
from engine.source.tree import Tree, is_link
from engine.timers import is_literal

if TYPE_CHECKING:
    from lxml.etree import _Element

    from engine.source.findings import Findings

TARGET = re.compile(r"^[^\W\d]\w*(\.[^\W\d]\w*)*$")
WAITS = frozenset({"message", "timer", "signal", "conditional"})
CATCHES = WAITS | {"error", "escalation"}
TRIGGERS = {
    "intermediateCatchEvent": WAITS | {"link"},
    "intermediateThrowEvent": frozenset({"none", "message", "signal", "escalation", "link", "compensate"}),
    "endEvent": frozenset({"none", "message", "signal", "escalation", "error", "terminate", "compensate", "cancel"}),
    "boundaryEvent": CATCHES | {"compensate", "cancel"},
}
REFERENCES = {"messageRef": "messages", "signalRef": "signals", "errorRef": "errors", "escalationRef": "escalations"}
THROWS = frozenset({"intermediateThrowEvent", "endEvent"})
ALONE = frozenset({"link", "terminate", "cancel", "compensate"})
"""Triggers that stand on an event of their own."""


def check(tree: Tree, findings: Findings) -> None:
    """All rules of this module."""
    for node in tree.nodes.values():
        element = tree.elements[node.id]
        _triggers(tree, node, element, findings)
        _needs(tree, node, element, findings)
        check_repeating.check(node, element, findings)
        for row in (*node.inputs, *node.outputs):
            if not TARGET.match(row.target):
                findings.error("mappingTarget", element, target=row.target)
            if not row.source:
                findings.error("mappingSource", element, target=row.target)
        for effect in node.effects:
            if effect.on not in {"enter", "leave"}:
                findings.error("effectMoment", element, on=effect.on)
        for other in node.separation:
            named = tree.nodes.get(other)
            if named is None or named.type != "userTask" or named.process != node.process:
                findings.error("separationUnknown", element, id=other)
    for scope_id, element, inside in tree.scopes():
        _starts(tree, scope_id, element, inside, findings)
        _catchers(tree, inside, findings)


def _allowed(tree: Tree, node: Node) -> frozenset[str]:
    if node.type != "startEvent":
        return TRIGGERS[node.type]
    holder = tree.nodes.get(node.scope)
    if holder is None:
        return WAITS | {"none"}
    return CATCHES | {"compensate"} if holder.event_subprocess else frozenset({"none"})


def _triggers(tree: Tree, node: Node, element: _Element, findings: Findings) -> None:
    if node.type.endswith("Event"):
        for definition in element:
            _references(tree, definition, element, findings)
    elif node.type in {"sendTask", "receiveTask"}:
        _references(tree, element, element, findings)
    if node.type.endswith("Event") or node.triggers:
        for trigger in node.triggers or (Trigger(),):
            _trigger(tree, node, trigger, element, findings)
    if len(node.triggers) > 1:
        _together(tree, node, element, findings)
    if node.has("timer"):
        for definition in element.findall(bpmn("timerEventDefinition")):
            if sum(1 for c in definition if local(c.tag).startswith("time")) > 1:
                findings.error("timerInvalid", element, text="timeDate + timeDuration + timeCycle")


def _trigger(tree: Tree, node: Node, trigger: Trigger, element: _Element, findings: Findings) -> None:
    kind = trigger.kind
    if node.type.endswith("Event"):
        _kind(tree, node, kind, element, findings)
    missing = {"message": "messageMissing", "signal": "signalMissing"}
    if kind in missing and not trigger.name:
        findings.error(missing[kind], element)
    uncoded = {"error": "errorCodeMissing", "escalation": "escalationCodeMissing"}
    if kind in uncoded and node.type in THROWS and not trigger.code:
        findings.error(uncoded[kind], element)
    if kind == "error" and not node.interrupting:
        findings.error("nonInterruptingError", element)
    if kind == "timer":
        _timer(trigger, element, findings)
    if kind == "conditional":
        _condition(trigger, element, findings)
    if kind == "terminate" and trigger.name not in {"", "all", "multiInstance"}:
        findings.error("terminateScope", element, scope=trigger.name)
    if kind == "link":
        _link(tree, node, element, findings)


def _together(tree: Tree, node: Node, element: _Element, findings: Findings) -> None:
    """Which triggers may stand together on one event. What has no instance yet cannot remember a timer or a condition."""
    kinds = {t.kind for t in node.triggers}
    starts = node.type == "startEvent" and node.scope in tree.processes
    together = frozenset({"message", "signal"}) if starts else WAITS
    if kinds & ALONE:
        findings.error("triggersTogether", element, what=", ".join(sorted(kinds & ALONE)))
    if node.parallel and node.type not in THROWS and kinds - together:
        findings.error("triggersTogether", element, what=", ".join(sorted(kinds - together)))
    if len(set(node.triggers)) < len(node.triggers):
        findings.error("duplicateTrigger", element)


def _condition(trigger: Trigger, element: _Element, findings: Findings) -> None:
    if not trigger.condition:
        findings.error("eventConditionMissing", element)
    wrong = [name for name in trigger.variable_events if name not in {"create", "update", "delete"}]
    if trigger.variable_events and not {"create", "update"}.intersection(trigger.variable_events):
        wrong = wrong or ["delete"]  # variables are never deleted here: it could never fire
    for name in wrong:
        findings.error("conditionFilter", element, name=name)


def _kind(tree: Tree, node: Node, kind: str, element: _Element, findings: Findings) -> None:
    if kind in _allowed(tree, node):
        return
    holder = tree.nodes.get(node.scope)
    if node.type != "startEvent" or holder is None:
        if findings.said("triggerNotAllowed", element):
            return
        findings.error(
            "unsupported", element, what=f"{node.type} / {kind}", what_en=f"a {kind} trigger on a {node.type}"
        )
    elif holder.event_subprocess:
        findings.error("eventSubprocessStart", element)
    else:
        findings.error("subprocessStart", element)


def _references(tree: Tree, holder: _Element, element: _Element, findings: Findings) -> None:
    for attribute, table in REFERENCES.items():
        ref = holder.get(attribute)
        if ref and ref not in getattr(tree.declared, table):
            findings.error("referenceMissing", element, what=attribute.removesuffix("Ref"), id=ref)
    if local(holder.tag) == "eventDefinitionRef":
        findings.error("referenceMissing", element, what="eventDefinition", id=holder.text or "")


def _timer(trigger: Trigger, element: _Element, findings: Findings) -> None:
    if trigger.timer is None or not trigger.timer[1]:
        findings.error("timerMissing", element)
        return
    kind, text = trigger.timer
    if not text.startswith("=") and not is_literal(kind, text):
        findings.error("timerInvalid", element, text=text)


def _link(tree: Tree, node: Node, element: _Element, findings: Findings) -> None:
    name = node.trigger.name
    catches, throws = tree.catches.get((node.scope, name), ()), tree.throws.get((node.scope, name), ())
    wrong = not name or len(catches) != 1 or not throws
    wrong = (
        wrong or (is_link(node, "throw") and node.id in tree.out) or (is_link(node, "catch") and node.id in tree.into)
    )
    if wrong:
        findings.error("linkInvalid", element, name=name)


NEEDS: Mapping[str, tuple[str, Callable[[Node], object]]] = {
    "userTask": ("formMissing", lambda n: n.form_id),
    "serviceTask": ("serviceTypeMissing", lambda n: n.job_type),
    "sendTask": ("messageMissing", lambda n: n.trigger.kind == "message" or n.job_type),
    "receiveTask": ("messageMissing", lambda n: n.trigger.kind == "message"),
    "businessRuleTask": ("decisionMissing", lambda n: n.decision or n.job_type),
    "scriptTask": ("scriptMissing", lambda n: n.script or n.job_type),
}
"""What a kind of task cannot do without."""


def _decision(node: Node, element: _Element, findings: Findings) -> None:
    called = node.decision
    if called is None or node.type != "businessRuleTask":
        findings.error("decisionMisplaced", element)
        return
    if not called.decision_id or not TARGET.match(called.result_variable):
        findings.error("decisionIncomplete", element)
    if called.binding not in {"latest", "deployment", "versionTag"}:
        findings.error("decisionBinding", element, binding=called.binding)
    elif (called.binding == "versionTag") != bool(called.version_tag):
        findings.error("decisionVersionTag", element)
    if node.job_type:
        findings.error("decisionAndJob", element)


def _needs(tree: Tree, node: Node, element: _Element, findings: Findings) -> None:
    rule, has = NEEDS.get(node.type, ("", None))
    if has is not None and not has(node):
        findings.error(rule, element)
    if node.decision is not None:
        _decision(node, element, findings)
    if node.instantiate or node.all_events:
        _instantiates(tree, node, element, findings)
    if node.type == "boundaryEvent":
        _boundary(tree, node, element, findings)


def _instantiates(tree: Tree, node: Node, element: _Element, findings: Findings) -> None:
    """A receive task or event-based gateway that starts the process stands at its beginning, with messages or signals only."""
    if not node.instantiate:
        findings.error("parallelEventGateway", element)
        return
    if node.id in tree.into or node.scope not in tree.processes:
        findings.error("instantiateNotFirst", element)
    if node.repeats:
        findings.error("instantiateRepeated", element)
    for flow, _ in tree.out.get(node.id, ()) if node.type == "eventBasedGateway" else ():
        target = tree.nodes.get(flow.target)
        if target is not None and (len(target.triggers) != 1 or target.trigger.kind not in {"message", "signal"}):
            findings.error("instantiateTrigger", tree.elements[target.id])


def _boundary(tree: Tree, node: Node, element: _Element, findings: Findings) -> None:
    host = tree.nodes.get(node.attached_to or "")
    if host is None or host.type not in ACTIVITIES or host.scope != node.scope or host.event_subprocess:
        findings.error("boundaryHostMissing", element)
    if node.id not in tree.out and node.trigger.kind != "compensate":
        findings.error("boundaryWithoutFlow", element)


def _starts(tree: Tree, scope_id: str, element: _Element, inside: list[Node], findings: Findings) -> None:
    starts = [n for n in inside if n.type == "startEvent"]
    none = [n for n in starts if not n.triggers]
    holder = tree.nodes.get(scope_id)
    if holder is not None and holder.event_subprocess:
        if len(starts) != 1:
            findings.error("eventSubprocessStart", element)
        return
    if len(none) > 1:
        findings.error("severalNoneStarts", element, id=scope_id)
    first = [n for n in inside if n.instantiate]
    ways = [f.target for n in first if n.type == "eventBasedGateway" for f, _ in tree.out.get(n.id, ())]
    behind = [tree.nodes[target] for target in ways if target in tree.nodes]
    names = [t.name for n in (*starts, *first, *behind) for t in n.triggers if t.kind == "message"]
    for name in (n for n, times in Counter(names).items() if times > 1):
        findings.error("duplicateStartMessage", element, name=name)
    for node in starts if holder is None else ():
        for trigger in node.triggers:
            if trigger.kind == "message" and trigger.name.startswith("="):
                findings.error("startNameExpression", tree.elements[node.id], name=trigger.name)
    if inside and not tree.starts(inside):
        findings.error("noStart", element, id=scope_id)


def _catchers(tree: Tree, inside: list[Node], findings: Findings) -> None:
    """At one host, or in one scope, an error or escalation code may be caught once; so may a message."""
    for node in inside:
        _once(tree, tree.boundaries.get(node.id, ()), findings)
    _once(tree, tree.handler_starts(inside), findings)


def _once(tree: Tree, catchers: Iterable[Node], findings: Findings) -> None:
    seen: set[tuple[str, str]] = set()
    for node in catchers:
        for trigger in node.triggers:
            kind = trigger.kind
            if kind not in {"error", "escalation", "message"}:
                continue
            what = trigger.name if kind == "message" else trigger.code or "*"
            if (kind, what) in seen:
                findings.error("duplicateCatcher", tree.elements[node.id], what=f"{kind} {what}")
            seen.add((kind, what))
