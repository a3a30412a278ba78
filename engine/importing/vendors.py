"""Whose model it is: namespaces of the engines we import from, and how their attributes and our extensions are reached."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from engine.source.names import LIANBAN, ZEEBE, bpmn, local, zeebe
from engine.source.reader import extensions

if TYPE_CHECKING:
    from lxml.etree import _Element

DIALECTS: Mapping[str, str] = {
    "http://camunda.org/schema/1.0/bpmn": "camunda",
    "http://camunda.org/bpmn": "camunda",
    "http://www.camunda.com/fox": "camunda",
    "http://activiti.com/modeler": "activiti",
    "http://operaton.org/schema/1.0/bpmn": "camunda",
    "http://activiti.org/bpmn": "activiti",
    "http://activiti.org/bpmn20": "activiti",
    "http://flowable.org/bpmn": "flowable",
}
"""Namespace to dialect."""
_SITES = {
    "http://www.camunda.org/": "camunda",
    "http://www.activiti.org/": "activiti",
    "http://www.flowable.org/": "flowable",
}
"""How target namespaces begin that the modellers of these engines give to a new file."""
_SPOKEN = frozenset({"groovy", "javascript", "juel", "python", "ruby", "ecmascript"})
OURS = frozenset({ZEEBE, LIANBAN})
OLD_BPMN = (b"http://schema.omg.org/spec/BPMN/2.0", b"http://www.omg.org/spec/BPMN/2.0", b"http://www.omg.org/bpmn20")
"""Namespaces of BPMN 2.0 before it was final."""


def dialect_of(root: _Element) -> str:
    """camunda, flowable, activiti, zeebe (ours too), juel (no vendor, but its expressions) or plain."""
    spaces = {str(uri) for e in root.iter("*") for uri in e.nsmap.values()}
    found = {DIALECTS[s] for s in spaces & set(DIALECTS)}
    for name in ("flowable", "camunda", "activiti"):
        if name in found and _used(root, name):
            return name
    if any(True for _ in root.iter(*(f"{{{s}}}*" for s in OURS))):
        return "zeebe"
    for name in ("flowable", "camunda", "activiti"):
        if name in found:
            return name
    target = root.get("targetNamespace") or ""
    made_by = DIALECTS.get(target) or next((name for site, name in _SITES.items() if target.startswith(site)), None)
    return made_by or ("juel" if _speaks_juel(root) else "plain")


def _used(root: _Element, name: str) -> bool:
    marks = tuple("{" + uri + "}" for uri, dialect in DIALECTS.items() if dialect == name)
    return any(str(e.tag).startswith(marks) or any(str(a).startswith(marks) for a in e.attrib) for e in root.iter("*"))


def _speaks_juel(root: _Element) -> bool:
    """JUEL, or a script language beside FEEL."""
    if any((e.get("scriptFormat") or e.get("language") or "").lower() in _SPOKEN for e in root.iter("*")):
        return True
    return any(
        mark in text
        for e in root.iter(
            bpmn("conditionExpression"), bpmn("loopCardinality"), bpmn("completionCondition"), bpmn("condition")
        )
        for text in [e.text or ""]
        for mark in ("${", "#{")
    )


def is_vendor(name: object) -> bool:
    """Whether a qualified name is of one of the engines we import from."""
    return isinstance(name, str) and name[1:].partition("}")[0] in DIALECTS


class Part:
    """One element while it is imported. What was taken from it is remembered; the rest is reported."""

    def __init__(self, element: _Element) -> None:
        self.element = element
        self.taken: set[str] = set()

    @property
    def id(self) -> str:
        """Its id."""
        return self.element.get("id", "")

    def take(self, *names: str) -> str | None:
        """The first of these vendor attributes that is there and says something."""
        found: str | None = None
        for key, value in self.element.attrib.items():
            if is_vendor(key) and local(key) in names:
                self.taken.add(str(key))
                if found is None and str(value).strip():
                    found = str(value).strip()
        return found

    def children(self, *names: str) -> list[_Element]:
        """Vendor extension elements of these names."""
        found = [e for e in extensions(self.element) if is_vendor(e.tag) and local(e.tag) in names]
        self.taken |= {str(e.tag) for e in found}
        return found

    def rest(self) -> Iterator[tuple[str, str]]:
        """Vendor attributes and extension elements that nobody took: (name, value)."""
        for key, value in self.element.attrib.items():
            if is_vendor(key) and str(key) not in self.taken:
                yield local(key), str(value)
        told: set[str] = set()
        for child in extensions(self.element):
            if is_vendor(child.tag) and str(child.tag) not in self.taken and str(child.tag) not in told:
                told.add(str(child.tag))
                yield local(child.tag), (child.text or "").strip()

    # -- what is written -----------------------------------------------------------------------------

    def has(self, name: str) -> bool:
        """Whether our extension of this name is there already."""
        return any(e.tag == zeebe(name) for e in extensions(self.element))

    def add(self, name: str, **attributes: str) -> _Element:
        """Add our extension, or attributes to the one that is there; what is there wins."""
        holder = holder_of(self.element)
        for child in holder:
            if child.tag == zeebe(name):
                for key, value in attributes.items():
                    if child.get(key) is None:
                        child.set(key, value)
                return child
        made = holder.makeelement(zeebe(name), attributes)
        holder.append(made)
        return made

    def map(self, kind: str, source: str, target: str) -> None:
        """Add an input or output mapping; inputs stand before outputs, a target is written once."""
        mapping = self.add("ioMapping")
        if any(row.tag == zeebe(kind) and row.get("target") == target for row in mapping):
            return
        made = mapping.makeelement(zeebe(kind), {"source": source, "target": target})
        inputs = sum(1 for row in mapping if row.tag == zeebe("input"))
        if kind == "input":
            mapping.insert(inputs, made)
        else:
            mapping.append(made)

    def header(self, key: str, value: str) -> None:
        """Add a task header."""
        headers = self.add("taskHeaders")
        if all(row.get("key") != key for row in headers):
            headers.append(headers.makeelement(zeebe("header"), {"key": key, "value": value}))


def holder_of(element: _Element) -> _Element:
    """The extensionElements of an element, made after its documentation when missing."""
    found = element.find(bpmn("extensionElements"))
    if found is None:
        found = element.makeelement(bpmn("extensionElements"), {})
        at = 0
        for index, child in enumerate(element):
            if child.tag == bpmn("documentation"):
                at = index + 1
        element.insert(at, found)
    return found


def text_of(element: _Element, *names: str) -> str:
    """The text of an element, or of its first child of one of these names."""
    for child in element:
        if local(child.tag) in names:
            return (child.text or "").strip()
    return "" if names else (element.text or "").strip()
