"""Finds what the engine must not accept: the rules of structure here, those of flow, nodes, pools and FEEL beside."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from engine.source import (
    check_calls,
    check_compensation,
    check_declarations,
    check_feel,
    check_flow,
    check_foreign,
    check_nodes,
    check_pools,
    check_soundness,
)
from engine.source.names import FLOW_NODES, SCOPES, ZEEBE, bpmn, is_bpmn, local, zeebe
from engine.source.reader import extensions
from engine.source.tree import Tree

if TYPE_CHECKING:
    from lxml.etree import _Element

    from engine.contract import Expressions
    from engine.source.findings import Findings

ID = re.compile(r"^[^\W\d][\w.-]*$")
HARMLESS = frozenset({
    "documentation", "extensionElements", "laneSet", "sequenceFlow", "dataObject", "dataObjectReference", "dataStoreReference",
    "textAnnotation", "association", "group", "ioSpecification", "property", "auditing", "monitoring", "resourceRole", "performer",
    "humanPerformer", "standardLoopCharacteristics", "potentialOwner", "multiInstanceLoopCharacteristics", "correlationSubscription",
    "artifact", "category", "incoming", "outgoing", "supports", "completionCondition", "supportedInterfaceRef", "ioBinding",
})  # fmt: skip
"""What may stand in a process beside flow nodes: drawn, kept, not executed."""

UNSUPPORTED = {
    "callChoreography": ("编排图", "choreographies"),
    "choreographyTask": ("编排图", "choreographies"),
    "subChoreography": ("编排图", "choreographies"),
}
UNSUPPORTED_ZEEBE = {
    "executionListeners": ("执行监听器", "execution listeners"),
    "taskListeners": ("任务监听器", "task listeners"),
}


def validate(root: _Element, expressions: Expressions, findings: Findings, *, foreign: bool = False) -> None:
    """All rules. Later ones run only when the ids can be trusted. ``foreign``: the model was written for another engine."""
    before = findings.errors
    _ids(root, findings)
    tree = Tree(root)
    if not tree.processes:
        findings.error("noProcess", root)
    _supported(tree, findings)
    if findings.errors > before:
        check_feel.check(tree, expressions, findings)
        return
    check_flow.check(tree, findings)
    check_nodes.check(tree, findings)
    check_calls.check(tree, findings)
    check_compensation.check(tree, findings)
    if foreign:
        check_foreign.check(tree, findings)
    if findings.errors == before:
        check_soundness.check(tree, findings)
    check_pools.check(tree, findings)
    check_declarations.check(tree, findings)
    check_feel.check(tree, expressions, findings)


def _ids(root: _Element, findings: Findings) -> None:
    seen: set[str] = set()
    for element in root.iter():
        if not is_bpmn(element.tag):
            continue
        element_id = element.get("id")
        if element_id is not None:
            if not element_id.strip():
                findings.error("missingId", element, tag=local(element.tag))
            elif not ID.match(element_id):
                findings.error("invalidId", element, id=element_id[:60])
            elif element_id in seen:
                findings.error("duplicateId", element, id=element_id)
            seen.add(element_id)


def _unsupported(findings: Findings, element: _Element, texts: tuple[str, str]) -> None:
    findings.error("unsupported", element, what=texts[0], what_en=texts[1])


def _supported(tree: Tree, findings: Findings) -> None:
    for process in tree.processes.values():
        for element in process.iter():
            if is_bpmn(element.tag):
                _supported_element(element, findings)
        for holder in (process, *process.iter(*map(bpmn, SCOPES))):
            for child in holder:
                name = local(child.tag)
                allowed = name in FLOW_NODES or name in HARMLESS or name in UNSUPPORTED
                if is_bpmn(child.tag) and not allowed:
                    _unsupported(findings, child, (name, name))


def _supported_element(element: _Element, findings: Findings) -> None:
    name = local(element.tag)
    owner = element
    while owner.get("id") is None or local(owner.tag).endswith(
        ("EventDefinition", "Association", "Characteristics", "Ref")
    ):
        parent = owner.getparent()
        if parent is None:
            break
        owner = parent
    if name in UNSUPPORTED:
        _unsupported(findings, owner, UNSUPPORTED[name])
    for ext in extensions(element) if name == "adHocSubProcess" else ():
        if ext.tag == zeebe("taskDefinition") or ext.get("outputCollection"):
            _unsupported(
                findings,
                owner,
                ("由作业或输出集合驱动的即席子流程", "ad-hoc sub-processes that a job drives or that collect outputs"),
            )
    for ext in extensions(element):
        if ext.tag.startswith("{" + ZEEBE + "}") and local(ext.tag) in UNSUPPORTED_ZEEBE:
            _unsupported(findings, owner, UNSUPPORTED_ZEEBE[local(ext.tag)])
