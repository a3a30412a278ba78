"""Data of a model as variables (BPMN 2.0.2 §10.4): objects, properties, stores, and the associations that move values.

A data object or property is a variable of the scope that declares it, under its name (its id when the name is no FEEL name).
A data store lives outside every instance: only associations reach it.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from engine.source.names import SCOPES, bpmn, local
from engine.source.nodes import DataMapping

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lxml.etree import _Element

NAME = re.compile(r"[^\W\d]\w*")
PLACEHOLDER = "__targetRef_placeholder"
"""What bpmn-js puts where an association is only drawn."""


class DataNames:
    """The variable names of data elements by id. ``stores`` holds the ids that lead to a data store."""

    def __init__(self, root: _Element) -> None:
        self._names: dict[str, str] = {}
        self.stores: set[str] = set()
        objects: dict[str, _Element] = {}
        for element in root.iter(bpmn("dataObject"), bpmn("dataStore")):
            objects[element.get("id", "")] = element
        for element in root.iter(bpmn("dataInput"), bpmn("dataOutput"), bpmn("property")):
            self._names[element.get("id", "")] = _name(element)
        references = [*root.iter(bpmn("dataObjectReference"), bpmn("dataStoreReference"))]
        for element in references:
            kind = local(element.tag).removesuffix("Reference")
            target = element.get(f"{kind}Ref") or ""
            held = objects.get(target)
            name = _name(*([element] if held is None else [held, element]))
            self._names[element.get("id", "")] = name
            self._names.setdefault(target, name)
            if kind == "dataStore":
                self.stores |= {element.get("id", ""), target}
        for element_id, element in objects.items():
            self._names.setdefault(element_id, _name(element))
            if local(element.tag) == "dataStore":
                self.stores.add(element_id)

    def name(self, element_id: str) -> str | None:
        """The variable that holds a data element; None for what is only drawn."""
        name = self._names.get(element_id)
        return None if name == PLACEHOLDER else name

    def held(self, element: _Element) -> tuple[str, ...]:
        """The variables that a sub-process declares: they begin without value and end with it."""
        if local(element.tag) not in SCOPES:
            return ()
        found = (self.name(e.get("id", "")) for e in element if local(e.tag) in {"dataObject", "property"})
        return tuple(name for name in found if name)

    def inputs(self, element: _Element) -> tuple[DataMapping, ...]:
        """What the input associations of a node bring."""
        return tuple(self._mappings(element, "dataInputAssociation"))

    def outputs(self, element: _Element) -> tuple[DataMapping, ...]:
        """What the output associations of a node take away."""
        return tuple(self._mappings(element, "dataOutputAssociation"))

    def _mappings(self, element: _Element, kind: str) -> Iterator[DataMapping]:
        for association in element.iterchildren(bpmn(kind)):
            sources = [(e.text or "").strip() for e in association.iterchildren(bpmn("sourceRef"))]
            target_ref = (association.findtext(bpmn("targetRef")) or "").strip()
            target = self.name(target_ref)
            known = [(ref, self.name(ref)) for ref in sources]
            if target is None or any(name is None for _, name in known):
                continue
            copies = all(association.find(bpmn(part)) is None for part in ("assignment", "transformation"))
            source_store = any(ref in self.stores for ref in sources)
            for source, path in self._expressions(association, [str(name) for _, name in known], target):
                yield DataMapping(source, path, copies, source_store, target_ref in self.stores)

    def _expressions(self, association: _Element, sources: list[str], target: str) -> Iterator[tuple[str, str]]:
        """(FEEL, variable path): by assignments, by a transformation, or the source as it is."""
        assignments = list(association.iterchildren(bpmn("assignment")))
        for each in assignments:
            yield _feel(each.findtext(bpmn("from"))), self._path((each.findtext(bpmn("to")) or "").strip(), target)
        if assignments:
            return
        transformation = (association.findtext(bpmn("transformation")) or "").strip()
        if transformation:
            yield _feel(transformation), target
        elif sources:
            yield f"={sources[0]}", target

    def _path(self, text: str, target: str) -> str:
        """Where an assignment writes: the target itself, or an entry of it."""
        text = text.removeprefix("=").strip()
        first = text.partition(".")[0]
        if not text or first == target or self.name(first) == target:
            return ".".join([target, *text.split(".")[1:]])
        return f"{target}.{text}"


def _name(*elements: _Element) -> str:
    for element in elements:
        name = (element.get("name") or "").strip()
        if NAME.fullmatch(name):
            return name
    return elements[0].get("id", "")


def _feel(text: str | None) -> str:
    text = (text or "").strip()
    return text if text.startswith("=") else f"={text}"
