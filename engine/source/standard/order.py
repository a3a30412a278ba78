"""The order of children that the schema of BPMN 2.0 prescribes, read from the schema itself."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING

from lxml import etree

from engine.source.names import is_bpmn, local

if TYPE_CHECKING:
    from lxml.etree import _Element

XSD = "{http://www.w3.org/2001/XMLSchema}"
LAST = 1_000


@dataclass(slots=True)
class _Tables:
    """Global elements with type and substitution group; types with base and their particles (name, own type)."""

    types_of: dict[str, str] = field(default_factory=dict)
    stands_for: dict[str, str] = field(default_factory=dict)
    bases: dict[str, str] = field(default_factory=dict)
    particles: dict[str, list[tuple[str, str]]] = field(default_factory=dict)


@cache
def _tables() -> _Tables:
    tables = _Tables()
    for name in ("BPMN20.xsd", "Semantic.xsd"):
        text = (resources.files("SpiffWorkflow.bpmn.parser") / "schema" / name).read_bytes()
        for child in etree.fromstring(text):
            if child.tag == XSD + "element":
                tables.types_of[str(child.get("name"))] = _plain(child.get("type"))
                if child.get("substitutionGroup"):
                    tables.stands_for[str(child.get("name"))] = _plain(child.get("substitutionGroup"))
            elif child.tag == XSD + "complexType":
                kind = str(child.get("name"))
                base = child.find(f".//{XSD}extension")
                if base is not None:
                    tables.bases[kind] = _plain(base.get("base"))
                tables.particles[kind] = [
                    (_plain(e.get("ref") or e.get("name")), _plain(e.get("type"))) for e in child.iter(XSD + "element")
                ]
    return tables


def _plain(name: str | None) -> str:
    return (name or "").rpartition(":")[2]


@cache
def _order(kind: str) -> dict[str, tuple[int, str]]:
    """Rank and own type of each particle of a type, inherited ones first."""
    tables = _tables()
    chain = [kind]
    while chain[0] in tables.bases:
        chain.insert(0, tables.bases[chain[0]])
    found: dict[str, tuple[int, str]] = {}
    for each in chain:
        for name, own in tables.particles.get(each, ()):
            found.setdefault(name, (len(found), own))
    return found


def _place(kind: str, name: str) -> tuple[int, str]:
    """Rank and type of a child by its own name or what it stands for."""
    tables = _tables()
    order = _order(kind)
    here: str | None = name
    while here is not None:
        if here in order:
            rank, own = order[here]
            return rank, tables.types_of.get(name) or own
        here = tables.stands_for.get(here)
    return LAST, tables.types_of.get(name, "")


def sort_children(root: _Element) -> None:
    """Sort the children of every BPMN element below ``root`` as the schema wants them; equal ranks keep their order."""
    todo: list[tuple[_Element, str]] = [(root, "tDefinitions")]
    while todo:
        element, kind = todo.pop()
        if local(element.tag) == "extensionElements":
            continue
        placed = []
        for child in element:
            rank, own = _place(kind, local(child.tag)) if is_bpmn(child.tag) else (LAST, "")
            if local(child.tag) == "BPMNDiagram":
                rank = _order("tDefinitions").get("BPMNDiagram", (LAST, ""))[0]
            placed.append((rank, child))
            if own:
                todo.append((child, own))
        ranks = [rank for rank, _ in placed]
        if ranks != sorted(ranks):
            element[:] = [child for _, child in sorted(placed, key=lambda row: row[0])]
