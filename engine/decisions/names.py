"""Namespaces and the element names of DMN 1.1 to 1.5."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lxml.etree import _Element

#: Model namespaces, by version.
NAMESPACES = {
    "http://www.omg.org/spec/DMN/20151101/dmn.xsd": "1.1",
    "http://www.omg.org/spec/DMN/20180521/MODEL/": "1.2",
    "https://www.omg.org/spec/DMN/20191111/MODEL/": "1.3",
    "https://www.omg.org/spec/DMN/20211108/MODEL/": "1.4",
    "https://www.omg.org/spec/DMN/20230324/MODEL/": "1.5",
}
NEWEST = "https://www.omg.org/spec/DMN/20230324/MODEL/"
#: FEEL by its namespaces; the attribute may also just say so.
FEEL = frozenset(
    {
        "http://www.omg.org/spec/FEEL/20140401",
        "http://www.omg.org/spec/DMN/20180521/FEEL/",
        "https://www.omg.org/spec/DMN/20191111/FEEL/",
        "https://www.omg.org/spec/DMN/20211108/FEEL/",
        "https://www.omg.org/spec/DMN/20230324/FEEL/",
        "feel",
    }
)
EXPRESSIONS = frozenset(
    {
        "literalExpression", "decisionTable", "context", "invocation", "functionDefinition", "list", "relation", "conditional",
        "filter", "for", "some", "every",
    }
)  # fmt: skip
#: FEEL's types and the other names under which models write them.
TYPES = {
    **{
        name: name
        for name in (
            "number", "string", "boolean", "date", "time", "date and time", "days and time duration",
            "years and months duration", "duration", "list", "context", "function", "range",
        )
    },
    "Any": None, "any": None,
    "Null": "Null",
    "dateTime": "date and time",
    "dayTimeDuration": "days and time duration",
    "yearMonthDuration": "years and months duration",
    "integer": "number", "long": "number", "double": "number", "decimal": "number",
}  # fmt: skip


def children(element: _Element, *names: str) -> Iterator[_Element]:
    """The children with one of these local names in the element's own namespace, in order."""
    space = element.tag.rpartition("}")[0]
    yield from element.iterchildren(*(f"{space}}}{name}" for name in names))


def child(element: _Element | None, name: str) -> _Element | None:
    """The first child of that name."""
    return None if element is None else next(children(element, name), None)


def text_of(element: _Element | None) -> str:
    """The content of the element's `text` child, or its own; '' for none."""
    if element is None:
        return ""
    inner = child(element, "text")
    found = inner if inner is not None else element
    return "".join(str(part) for part in found.itertext()).strip() if len(found) else (found.text or "").strip()


def name_of(element: _Element) -> str:
    """A name as FEEL reads it: single spaces."""
    return " ".join((element.get("name") or "").split())
