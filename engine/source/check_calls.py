"""Rules of call activities: what they call, in which version, and whether that can be started."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.source.reader import version_tag

if TYPE_CHECKING:
    from lxml.etree import _Element

    from engine.source.findings import Findings
    from engine.source.nodes import Node
    from engine.source.tree import Tree

BINDINGS = frozenset({"latest", "deployment", "versionTag"})


def check(tree: Tree, findings: Findings) -> None:
    """All rules of this module. A process of another file is looked for when the model is deployed."""
    startable: dict[str, bool] = {}
    for node in tree.nodes.values():
        if node.type == "callActivity":
            _call(tree, node, tree.elements[node.id], findings, startable)


def _call(tree: Tree, node: Node, element: _Element, findings: Findings, startable: dict[str, bool]) -> None:
    called = node.called or ""
    if node.binding is not None and node.binding not in BINDINGS:
        findings.error("callBinding", element, binding=node.binding)
    if node.binding == "versionTag" and not node.version_tag:
        findings.error("callVersionTag", element)
    if called.startswith("="):
        return
    here = called in tree.processes and (
        node.binding != "versionTag" or version_tag(tree.processes[called]) == node.version_tag
    )
    if here:
        if called not in startable:
            begin = tree.starts(tree.inside.get(called, []))
            startable[called] = not all(n.instantiate or (n.type == "startEvent" and n.triggers) for n in begin)
        if not startable[called]:
            findings.error("calledElementStart", element, id=called)
    elif not called or called in tree.drawn:
        findings.error("calledElementMissing", element, id=called)
