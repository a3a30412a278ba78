"""Documents → plan: every node with what it requires, resolved over imports; JSON for the kernel."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

import orjson

from engine.decisions.boxed import BoxedReader
from engine.decisions.contract import DecisionPlan
from engine.decisions.names import child, children, name_of
from engine.decisions.types import TypeReader
from engine.source.names import line_of, local

if TYPE_CHECKING:
    from collections.abc import Mapping

    from lxml.etree import _Element

    from engine.decisions.document import Document
    from engine.source.findings import Findings

VERSION = 1
Entry = dict[str, Any]


def build(root: Document, documents: Mapping[str, Document], findings: Mapping[str, Findings]) -> DecisionPlan:
    """The plan of a document and all it imports. ``documents`` and ``findings`` are by namespace."""
    nodes: dict[str, Entry] = {}
    types: dict[str, Entry] = {}
    paths = _import_paths(root, documents)
    for namespace, path in paths.items():
        document = documents[namespace]
        reader = NodeReader(document, documents, findings[namespace], path)
        nodes.update(reader.read())
        types.update(reader.types.plan)
    is_open = not any(node["kind"] == "input" for node in nodes.values())
    data = {"version": VERSION, "namespace": root.namespace, "open": is_open, "nodes": nodes, "types": types}
    return DecisionPlan(data, hashlib.sha256(orjson.dumps(data, option=orjson.OPT_SORT_KEYS)).hexdigest())


def _import_paths(root: Document, documents: Mapping[str, Document]) -> dict[str, tuple[str, ...]]:
    """Every model reached from the root, with the names under which the root sees it."""
    paths: dict[str, tuple[str, ...]] = {root.namespace: ()}
    waiting = [root.namespace]
    while waiting:
        namespace = waiting.pop(0)
        for name, imported in documents[namespace].imports:
            if imported in documents and imported not in paths:
                paths[imported] = (*paths[namespace], name) if name else paths[namespace]
                waiting.append(imported)
    return paths


class NodeReader:
    """Reads the nodes of one document; ``path`` is how the root model names it."""

    def __init__(
        self, document: Document, documents: Mapping[str, Document], findings: Findings, path: tuple[str, ...]
    ) -> None:
        self._document = document
        self._documents = documents
        self._findings = findings
        self._path = path
        self.types = TypeReader(document, documents, findings)
        self._boxed = BoxedReader(self.types, findings, document.root.get("expressionLanguage"))

    def read(self) -> dict[str, Entry]:
        """Every node by key."""
        self.types.read()
        nodes: dict[str, Entry] = {}
        for identity, element in self._document.elements.items():
            entry = self._node(element)
            if entry is not None:
                base = {"id": element.get("id") or identity, "line": line_of(element)}
                nodes[f"{self._document.namespace}#{identity}"] = {**base, **entry}
        return nodes

    def _node(self, element: _Element) -> Entry | None:
        name, type_ = self._variable(element)
        head: Entry = {"name": name, "type": type_}
        match local(element.tag):
            case "inputData":
                paths = [[*self._path, name]] + ([[name]] if self._path else [])
                return {**head, "kind": "input", "paths": paths}
            case "decision":
                logic = self._boxed.inside(element, result=type_)
                return {**head, "kind": "decision", "requires": self._requires(element), "logic": logic}
            case "businessKnowledgeModel":
                logic_element = child(element, "encapsulatedLogic")
                logic = None if logic_element is None else self._boxed.function(logic_element)
                return {**head, "kind": "knowledge", "requires": self._requires(element), "logic": logic}
            case "decisionService":
                return {**head, "kind": "service", **self._service(element)}
        return None

    def _variable(self, element: _Element) -> tuple[str, str | None]:
        variable = child(element, "variable")
        if variable is None:
            return name_of(element), None
        return name_of(variable) or name_of(element), self.types.key_of(variable.get("typeRef"), variable)

    def _requires(self, element: _Element) -> list[Entry]:
        found: list[Entry] = []
        for requirement in children(element, "informationRequirement", "knowledgeRequirement"):
            for target in children(requirement, "requiredDecision", "requiredInput", "requiredKnowledge"):
                entry = self._reference(target)
                if entry is not None and entry not in found:
                    found.append(entry)
        return found

    def _service(self, element: _Element) -> Entry:
        def references(name: str) -> list[Entry]:
            return [entry for part in children(element, name) if (entry := self._reference(part)) is not None]

        return {
            "outputs": references("outputDecision"),
            "encapsulated": references("encapsulatedDecision"),
            "inputDecisions": references("inputDecision"),
            "inputData": references("inputData"),
        }

    def _reference(self, element: _Element) -> Entry | None:
        """The node a `href` names: `#id`, `namespace#id`, also of this very model."""
        href = (element.get("href") or "").strip()
        namespace, hash_sign, identity = href.rpartition("#")
        if not hash_sign or not namespace:
            namespace = self._document.namespace
        document = self._documents.get(namespace)
        target = None if document is None else document.elements.get(identity)
        if document is None or target is None:
            self._findings.error("unknownReference", element, line=None, href=href)
            return None
        variable = child(target, "variable")
        name = (name_of(variable) if variable is not None else "") or name_of(target)
        entry: Entry = {"id": f"{namespace}#{identity}", "path": [*self._prefix(namespace), name]}
        if variable is None and target.get("id") and target.get("id") != name and local(target.tag) == "decision":
            entry["alias"] = target.get("id")
        return entry

    def _prefix(self, namespace: str) -> tuple[str, ...]:
        """The names under which this document sees another: of its import, or of a chain of imports."""
        if namespace == self._document.namespace:
            return ()
        return _import_paths(self._document, self._documents).get(namespace, ())
