"""One DMN file: its elements by id, its types by name, its imports."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from engine.decisions.names import NAMESPACES, children, name_of
from engine.source.names import line_of, local
from engine.source.read import read_xml

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lxml.etree import _Element

    from engine.limits import Limits
    from engine.source.findings import Findings

DRG = ("decision", "inputData", "businessKnowledgeModel", "decisionService", "knowledgeSource")


@dataclass
class Document:
    """A read file. ``imports`` are (name, namespace) of imported decision models, in order; the name may be empty."""

    root: _Element
    namespace: str
    version: str
    name: str
    imports: list[tuple[str, str]] = field(default_factory=list)
    elements: dict[str, _Element] = field(default_factory=dict)
    types: dict[str, _Element] = field(default_factory=dict)

    def all(self, *kinds: str) -> Iterator[tuple[str, _Element]]:
        """Elements of the requirements graph of these kinds by id, in the file's order."""
        for identity, element in self.elements.items():
            if local(element.tag) in kinds:
                yield identity, element


def read(xml: bytes, limits: Limits, findings: Findings) -> Document | None:
    """The document, or None when the findings say why the bytes are no decision model."""
    root = read_xml(xml, limits, findings)
    if root is None:
        return None
    space, _, tag = root.tag.rpartition("}")
    version = NAMESPACES.get(space.removeprefix("{"))
    if tag != "definitions" or version is None:
        findings.error("notDmn", line=line_of(root))
        return None
    document = Document(root, (root.get("namespace") or "").strip(), version, root.get("name") or "")
    for element in children(root, "import"):
        if (element.get("importType") or "") in NAMESPACES:
            document.imports.append((_import_name(element, root, version), (element.get("namespace") or "").strip()))
        else:
            findings.error("importUnknown", element, what=element.get("importType") or "")
    for element in children(root, *DRG):
        identity = element.get("id") or name_of(element)
        if identity in document.elements:
            findings.error("duplicateId", element, id=identity)
        document.elements.setdefault(identity, element)
    for element in children(root, "itemDefinition"):
        name = name_of(element)
        if name in document.types:
            findings.error("duplicateType", element, name=name)
        document.types.setdefault(name, element)
    return document


def _import_name(element: _Element, root: _Element, version: str) -> str:
    name = name_of(element)
    if name or version != "1.1":
        return name
    # DMN 1.1 imports have no name; the prefix of the namespace serves.
    space = element.get("namespace")
    return next((prefix for prefix, uri in root.nsmap.items() if prefix and uri == space), "")
