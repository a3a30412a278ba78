"""Models written for another engine: what runs there is accepted though it is unusual, what is refused there is refused here.

Camunda 7, Flowable and Activiti deploy and run nodes that no path leads to and compensation events connected to nothing.
They refuse signals without a name or with the same name, one signal caught twice at one place, event sub-processes of which one catches
all escalations and another a certain one, escalation boundary events on what cannot escalate,
exclusive gateways without way out, with a condition on the only one or on the default flow.
What can be put right in the file the importer does (`engine.importing.shapes`).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import TYPE_CHECKING

from engine.source.names import LIANBAN, SCOPES, ZEEBE, bpmn, local

if TYPE_CHECKING:
    from lxml.etree import _Element

    from engine.source.findings import Findings
    from engine.source.nodes import Node
    from engine.source.tree import Tree

ENGINES = ("camunda", "flowable", "activiti", "operaton")
RUNS_THERE = frozenset({"unreachable", "compensationUnconnected"})
"""Rules that are errors in our dialect and in plain BPMN, and warnings in a model that another engine runs."""

ESCALATING = SCOPES | {"callActivity", "userTask"}


def is_foreign(written: _Element) -> bool:
    """Whether a file, as it was written, is for one of these engines: by the namespaces it uses, or else by what it declares."""
    used = {
        str(name)[1:].partition("}")[0] for e in written.iter("*") for name in (e.tag, *e.attrib) if "}" in str(name)
    }
    ours = {ZEEBE, LIANBAN}
    if any(_speaks(space) for space in used - ours):
        return True
    if used & ours:
        return False
    said = (written.get("exporter"), written.get("targetNamespace"), *written.nsmap.values())
    return any(_speaks(text or "") for text in said)


def _speaks(text: str) -> bool:
    return any(name in text.lower() for name in ENGINES)


def check(tree: Tree, findings: Findings) -> None:
    """What these engines refuse beside the rules for all models."""
    _declared(tree, findings)
    for _, _, inside in tree.scopes():
        _signals(tree, [n for n in inside if n.type == "startEvent"], findings)
        _signals(tree, tree.handler_starts(inside), findings)
        _escalations(tree, tree.handler_starts(inside), findings)
        for node in inside:
            _signals(tree, tree.boundaries.get(node.id, ()), findings)
            for boundary in tree.boundaries.get(node.id, ()):
                if boundary.has("escalation") and node.type not in ESCALATING:
                    findings.error("escalationHost", tree.elements[boundary.id])
            if node.type == "exclusiveGateway":
                _exclusive(tree, node, findings)


def _declared(tree: Tree, findings: Findings) -> None:
    signals = list(tree.root.iterchildren(bpmn("signal")))
    names = Counter(element.get("name") for element in signals)
    for element in signals:
        name = (element.get("name") or "").strip()
        if not name:
            findings.error("signalNameMissing", element)
        elif names[element.get("name")] > 1:
            findings.error("signalTwice", element, name=name)
    for element in tree.root.iterchildren(bpmn("signal"), bpmn("escalation")):
        if not element.get("id"):
            findings.error("missingId", element, tag=local(element.tag))


def _exclusive(tree: Tree, node: Node, findings: Findings) -> None:
    out = [flow for flow, _ in tree.out.get(node.id, ())]
    if not out:
        findings.error("exclusiveWithoutFlow", tree.elements[node.id])
    if len(out) == 1 and out[0].condition is not None:
        findings.error("onlyFlowWithCondition", tree.elements[node.id])
    if any(flow.id == node.default and flow.condition is not None for flow in out):
        findings.error("defaultWithCondition", tree.elements[node.id])


def _signals(tree: Tree, catchers: Iterable[Node], findings: Findings) -> None:
    seen: set[str] = set()
    for node in catchers:
        for name in {t.name for t in node.triggers if t.kind == "signal" and t.name}:
            if name in seen:
                findings.error("duplicateCatcher", tree.elements[node.id], what=f"signal {name}")
            seen.add(name)


def _escalations(tree: Tree, catchers: Iterable[Node], findings: Findings) -> None:
    """One event sub-process that catches all escalations leaves none for others."""
    found = [(node, t.code) for node in catchers for t in node.triggers if t.kind == "escalation"]
    if {code is None for _, code in found} == {True, False}:
        for node, code in found:
            if code is not None:
                findings.error("duplicateCatcher", tree.elements[node.id], what=f"escalation {code}")
