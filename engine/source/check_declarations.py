"""Messages, signals, errors and escalations: what nothing uses, what shares a name, what nobody sends or catches."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from engine.source.names import bpmn, local

if TYPE_CHECKING:
    from lxml.etree import _Element

    from engine.source.findings import Findings
    from engine.source.nodes import Node
    from engine.source.tree import Tree

KINDS = ("message", "signal", "error", "escalation")
REFERRING = frozenset({"messageRef", "signalRef", "errorRef", "escalationRef", "inMessageRef", "outMessageRef"})
SENDS = frozenset({"intermediateThrowEvent", "endEvent", "sendTask"})
FROM_OUTSIDE = "applicant."
"""Begins the names of messages that the platform itself sends for the applicant."""


def check(tree: Tree, findings: Findings) -> None:
    """All rules of this module; none of them refuses a model."""
    used = _used(tree.root)
    names: dict[tuple[str, str], list[_Element]] = defaultdict(list)
    for kind in KINDS:
        for element in tree.root.iterchildren(bpmn(kind)):
            if element.get("id") not in used:
                findings.warning("declarationUnused", element, kind=kind, id=element.get("id") or "")
            names[(kind, element.get("name") or "")].append(element)
    for (kind, name), elements in names.items():
        if name and kind in {"message", "signal"}:
            for element in elements[1:]:
                findings.warning("declarationTwice", element, kind=kind, name=name)
    _partners(tree, findings)


def _used(root: _Element) -> set[str]:
    found: set[str] = set()
    for element in root.iter():
        for name in REFERRING.intersection(map(str, element.keys())):
            found.add(_plain(element.get(name)))
        if local(element.tag) in REFERRING:
            found.add(_plain(element.text))
    return found


def _plain(ref: str | None) -> str:
    return (ref or "").strip().rpartition(":")[2]


def _partners(tree: Tree, findings: Findings) -> None:
    """Between the pools of one file: a message that is caught is sent somewhere, and the other way round."""
    pools = list(tree.root.iter(bpmn("participant")))
    if sum(bool(p.get("processRef")) for p in pools) < 2:  # noqa: PLR2004  # one pool talks to the outside only
        return
    connected = {f.get(end) for f in tree.root.iter(bpmn("messageFlow")) for end in ("sourceRef", "targetRef")}
    sent, caught = _messages(tree, sends=True), _messages(tree, sends=False)
    alone = [("messageNeverSent", name, caught[name]) for name in caught.keys() - sent.keys()]
    alone += [("messageNeverCaught", name, sent[name]) for name in sent.keys() - caught.keys()]
    for rule, name, nodes in alone:
        if name.startswith(FROM_OUTSIDE):
            continue
        for node in nodes:
            if node.id not in connected:
                findings.warning(rule, tree.elements[node.id], name=name)


def _messages(tree: Tree, *, sends: bool) -> dict[str, list[Node]]:
    """The nodes that send or catch a message, by its name."""
    found: dict[str, list[Node]] = defaultdict(list)
    for node in tree.nodes.values():
        for trigger in node.triggers or (node.trigger,):
            if trigger.kind == "message" and trigger.name and (node.type in SENDS) == sends:
                found[trigger.name].append(node)
    return found
