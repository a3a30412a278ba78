"""Where a model's elements are drawn (BPMN DI), for pictures of a run: shapes and lines with their kinds and names."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from engine.errors import DefinitionRefused
from engine.source.names import local
from engine.source.read import read

if TYPE_CHECKING:
    from lxml.etree import _Element

    from engine.limits import Limits


@dataclass(frozen=True, slots=True)
class Shape:
    """A drawn element: BPMN element name (``userTask``, ``participant``, …), its name and its box."""

    id: str
    type: str
    name: str
    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class Line:
    """A drawn flow or association with its corners."""

    id: str
    type: str
    name: str
    points: tuple[tuple[float, float], ...]


@dataclass(frozen=True, slots=True)
class Drawing:
    """A model's picture; empty when the file holds none."""

    shapes: tuple[Shape, ...]
    lines: tuple[Line, ...]


def drawing(xml: bytes, limits: Limits) -> Drawing:
    """Read the picture of a model. Raises DefinitionRefused when the bytes are no BPMN."""
    root, findings = read(xml, limits)
    if root is None:
        raise DefinitionRefused(findings.rows)
    named = {element.get("id", ""): element for element in root.iter("*") if element.get("id")}
    shapes: list[Shape] = []
    lines: list[Line] = []
    for element in root.iter("*"):
        drawn = named.get(element.get("bpmnElement", ""))
        if drawn is None:
            continue
        kind = local(element.tag)
        if kind == "BPMNShape":
            box = next((each for each in element if local(each.tag) == "Bounds"), None)
            if box is not None:
                shapes.append(Shape(*_facts(drawn), *(_number(box, key) for key in ("x", "y", "width", "height"))))
        elif kind == "BPMNEdge":
            corners = [each for each in element if local(each.tag) == "waypoint"]
            lines.append(Line(*_facts(drawn), tuple((_number(each, "x"), _number(each, "y")) for each in corners)))
    return Drawing(tuple(shapes), tuple(lines))


def _facts(element: _Element) -> tuple[str, str, str]:
    text = next((each.text or "" for each in element if local(each.tag) == "text"), "")
    return element.get("id", ""), local(element.tag), element.get("name") or text


def _number(element: _Element, key: str) -> float:
    try:
        return float(element.get(key, "0"))
    except ValueError:
        return 0.0
