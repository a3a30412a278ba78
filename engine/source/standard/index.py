"""The file as it was written, indexed for the constraints of the standard, before anything is repaired."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from engine.source.names import FLOW_NODES, LIANBAN, bpmn, is_bpmn, local

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lxml.etree import _Element

    from engine.source.findings import Findings

DIALECTS = ("camunda", "zeebe", "activiti", "flowable", "bpmn.io", "bpmn-js")
"""Names in a file's exporter, or else in its namespaces, that say it is written for an engine's dialect, which relaxes some rules.

So is a process with elements or attributes of a dialect, and a file with sequence flows of which no node lists any:
modelers write these lists, people who write for an engine do not.
"""

DRAWN = FLOW_NODES | frozenset({
    "sequenceFlow", "messageFlow", "participant", "lane", "process", "collaboration", "choreography", "globalConversation",
    "dataObject", "dataObjectReference", "dataStore", "dataStoreReference", "textAnnotation", "group", "association",
    "message", "signal", "error", "escalation", "itemDefinition", "interface", "operation", "category", "conversation",
    "choreographyTask", "subChoreography", "callChoreography", "callConversation", "subConversation", "conversationLink",
    "correlationProperty", "correlationKey", "import", "resource", "globalTask",
})  # fmt: skip
"""Elements a finding can name: they are on the diagram or in a list of declarations."""

EVENTS = frozenset({"startEvent", "endEvent", "intermediateCatchEvent", "intermediateThrowEvent", "boundaryEvent"})


def owner(element: _Element) -> _Element:
    """The nearest element a designer can point at."""
    here: _Element | None = element
    while here is not None and not (local(here.tag) in DRAWN and here.get("id")):
        here = here.getparent()
    return element if here is None else here


class Standard:
    """Elements by id and by kind, the flows of each node, the triggers of each event; and how findings are graded.

    In a process that is only drawn (``isExecutable="false"``) a fault is a warning. ``fault`` is an error everywhere else;
    ``lax`` is one only in executable plain BPMN and a warning in a dialect; ``plain`` is said of executable plain BPMN only.
    """

    def __init__(self, root: _Element, findings: Findings) -> None:
        self.root = root
        self.findings = findings
        self.namespace = root.get("targetNamespace")
        self.imported = {i.get("namespace") for i in root.iterchildren(bpmn("import"))}
        self.by_id: dict[str, _Element] = {}
        self.kinds: dict[str, list[_Element]] = defaultdict(list)
        for element in root.iter():
            if is_bpmn(element.tag):
                self.kinds[local(element.tag)].append(element)
                if element.get("id"):
                    self.by_id.setdefault(str(element.get("id")), element)
        self.out: dict[_Element, list[_Element]] = defaultdict(list)
        self.into: dict[_Element, list[_Element]] = defaultdict(list)
        for flow in self.kinds["sequenceFlow"]:
            for end, table in (("sourceRef", self.out), ("targetRef", self.into)):
                node = self.find(flow.get(end), flow)
                if node is not None:
                    table[node].append(flow)
        self.associated: dict[_Element, list[_Element]] = defaultdict(list)
        for association in self.kinds["association"]:
            source = self.find(association.get("sourceRef"), association)
            if source is not None:
                self.associated[source].append(association)
        spaces = (*(ns or "" for ns in root.nsmap.values()), self.namespace or "")
        said = root.get("exporter") or " ".join(spaces)
        lists = bool(self.kinds["incoming"] or self.kinds["outgoing"])
        shorthand = bool(self.kinds["sequenceFlow"]) and not lists
        file_wide = shorthand or any(name in said.lower() for name in DIALECTS)
        self.held = {
            p for p in self.kinds["process"] if p.get("isExecutable") == "true" and not file_wide and not _speaks(p)
        }
        """The processes of plain BPMN that say they are executable: every rule of the standard holds for them."""

    def each(self, *kinds: str) -> Iterator[_Element]:
        """All BPMN elements of these kinds."""
        for kind in kinds:
            yield from self.kinds.get(kind, ())

    def find(self, ref: str | None, holder: _Element) -> _Element | None:
        """What a reference names, with or without a prefix."""
        text = (ref or "").strip()
        found = self.by_id.get(text)
        if found is None and ":" in text:
            prefix, _, name = text.partition(":")
            if holder.nsmap.get(prefix, self.namespace) == self.namespace or not self.elsewhere(text, holder):
                found = self.by_id.get(name)
        return found

    def elsewhere(self, ref: str, holder: _Element) -> bool:
        """Whether the prefix of a reference names an imported file or a schema of types."""
        prefix, colon, _ = ref.strip().partition(":")
        namespace = holder.nsmap.get(prefix) if colon else None
        return namespace is not None and (namespace in self.imported or "XMLSchema" in namespace)

    def process_of(self, element: _Element) -> _Element | None:
        """The process an element is in."""
        here: _Element | None = element
        while here is not None and local(here.tag) != "process":
            here = here.getparent()
        return here

    def executable(self, element: _Element) -> bool:
        """Whether the element is in a process that says of itself that it is executable."""
        process = self.process_of(element)
        return process is not None and process.get("isExecutable") == "true"

    def strict(self, element: _Element) -> bool:
        """Whether every rule holds for the element: it is in a held process, or beside one."""
        process = self.process_of(element)
        return bool(self.held) if process is None else process in self.held

    def definitions(self, event: _Element) -> list[_Element]:
        """The event definitions of an event, those it refers to included."""
        found: list[_Element] = []
        for child in event:
            name = local(child.tag)
            if name == "eventDefinitionRef":
                named = self.find(child.text, child)
                if named is not None:
                    found.append(named)
            elif name.endswith("EventDefinition"):
                found.append(child)
        return found

    def triggers(self, event: _Element) -> list[str]:
        """message, timer, … of each event definition."""
        return [local(d.tag).removesuffix("EventDefinition") for d in self.definitions(event)]

    def fault(self, rule: str, element: _Element, **values: str | float | None) -> None:
        """The standard is violated."""
        process = self.process_of(element)
        drawn = process is not None and process.get("isExecutable") == "false"
        say = self.findings.warning if drawn else self.findings.error
        say(rule, owner(element), at=element, values=values)

    def lax(self, rule: str, element: _Element, **values: str | float | None) -> None:
        """An error in plain BPMN, a warning in a dialect."""
        if self.strict(element):
            self.fault(rule, element, **values)
        else:
            self.note(rule, element, **values)

    def plain(self, rule: str, element: _Element, **values: str | float | None) -> None:
        """Only in plain BPMN: the dialects allow it."""
        if self.strict(element):
            self.fault(rule, element, **values)

    def note(self, rule: str, element: _Element, **values: str | float | None) -> None:
        """A warning wherever it is."""
        self.findings.warning(rule, owner(element), at=element, values=values)


def _speaks(process: _Element) -> bool:
    """Whether a process has extensions of a dialect in it."""
    spaces = {str(name).partition("}")[0] for e in process.iter() for name in (e.tag, *e.attrib) if "}" in str(name)}
    return any(name in space for space in spaces for name in (*DIALECTS, LIANBAN))


def text_of(element: _Element) -> str:
    """The text of an element without spaces around it."""
    return "".join(str(part) for part in element.itertext()).strip()
