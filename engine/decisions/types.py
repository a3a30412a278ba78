"""Type references and item definitions (DMN 1.5 §7.3.2) as entries of a plan."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from engine.decisions.names import FEEL, TYPES, child, children, name_of, text_of
from engine.source.names import line_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from lxml.etree import _Element

    from engine.decisions.document import Document
    from engine.source.findings import Findings

GENERIC = frozenset({"list", "context", "function", "range"})


class TypeReader:
    """Reads the types of one document. Keys are ``namespace#name``, of a component ``namespace#name/component``."""

    def __init__(self, document: Document, documents: Mapping[str, Document], findings: Findings) -> None:
        self.document = document
        self._documents = documents
        self._findings = findings
        self.plan: dict[str, dict[str, Any]] = {}

    def read(self) -> dict[str, dict[str, Any]]:
        """Every item definition of the document."""
        for name, element in self.document.types.items():
            self._definition(element, f"{self.document.namespace}#{name}")
        return self.plan

    def _definition(self, element: _Element, key: str) -> str:
        entry: dict[str, Any] = {
            "at": element.get("id"), "line": line_of(element),
            "base": None, "list": element.get("isCollection") == "true", "fields": None,
            "allowed": text_of(child(element, "allowedValues")) or None,
            "constraint": text_of(child(element, "typeConstraint")) or None, "function": None,
        }  # fmt: skip
        self.plan[key] = entry
        entry["base"] = self.key_of(text_of(child(element, "typeRef")), element)
        fields = [
            [name_of(part), self._component(part, f"{key}/{name_of(part)}")]
            for part in children(element, "itemComponent")
        ]
        entry["fields"] = fields or None
        function = child(element, "functionItem")
        if function is not None:
            entry["function"] = {
                "parameters": [
                    [name_of(p), self.key_of(p.get("typeRef"), p)] for p in children(function, "parameters")
                ],
                "result": self.key_of(function.get("outputTypeRef"), function),
            }
        return key

    def _component(self, element: _Element, key: str) -> str | None:
        plain = element.get("isCollection") != "true" and all(
            child(element, name) is None
            for name in ("allowedValues", "typeConstraint", "itemComponent", "functionItem")
        )
        if plain:
            return self.key_of(text_of(child(element, "typeRef")), element)
        return self._definition(element, key)

    def key_of(self, reference: str | None, element: _Element) -> str | None:
        """The type a reference names: one of FEEL's, a key, or None for any. An unknown one is any, with a finding."""
        name = " ".join((reference or "").split())
        if not name:
            return None
        prefix, colon, rest = name.partition(":")
        if colon:
            space = element.nsmap.get(prefix, "")
            if space.rstrip("/") in {known.rstrip("/") for known in FEEL} or prefix == "feel":
                name = rest
            else:
                found = self._of(space, rest) or self._of(self.document.namespace, rest)
                if not found:
                    self._findings.error("unknownType", element, name=rest)
                return found
        generic = name.partition("<")[0].strip()
        if "<" in name and generic in GENERIC:
            return generic
        if found := self._of(self.document.namespace, name) or self._imported(name):
            return found
        if name not in TYPES:
            self._findings.error("unknownType", element, name=name)
        return TYPES.get(name)

    def _of(self, namespace: str, name: str) -> str | None:
        document = self._documents.get(namespace)
        return f"{namespace}#{name}" if document is not None and name in document.types else None

    def _imported(self, name: str) -> str | None:
        for prefix, namespace in self.document.imports:
            if not prefix and (found := self._of(namespace, name)):
                return found
            if prefix and name.startswith(prefix + ".") and (found := self._of(namespace, name[len(prefix) + 1 :])):
                return found
        return None
