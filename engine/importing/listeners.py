"""Listeners, and the initial values of data objects."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.importing import expressions, scripts
from engine.importing.errors import Unconvertible
from engine.importing.feel import plain_name, quoted
from engine.importing.report import Report
from engine.importing.vendors import Part, text_of
from engine.source.names import bpmn, local

if TYPE_CHECKING:
    from lxml.etree import _Element

_NAMES = ("executionListener", "taskListener", "eventListener")
_QUIET = frozenset(
    {
        "startEvent",
        "endEvent",
        "intermediateThrowEvent",
        "task",
        "manualTask",
        "exclusiveGateway",
        "parallelGateway",
        "inclusiveGateway",
    }
)
"""Nodes without a result of their own: an output mapping there takes nothing away."""
_NUMBERS = frozenset({"int", "integer", "long", "double", "float", "decimal"})


def convert(part: Part, report: Report) -> None:
    """A listener that only sets variables becomes output mappings where the node has no result of its own; others are told."""
    for found in part.children(*_NAMES):
        rows = _assignments(found) if _quiet(part.element) and not _early(part.element, found) else None
        if rows is None:
            report.manual("listenerLost", part.element, _told(found))
            continue
        for name, feel in rows:
            part.map("output", f"={feel}", name)
            report.converted("listener", part.element, _told(found), f"{name} = {feel}")


def lost(part: Part, report: Report) -> None:
    """Listeners where nothing can take their place."""
    for found in part.children(*_NAMES):
        report.manual("listenerLost", part.element, _told(found))


def _quiet(element: _Element) -> bool:
    triggered = any(local(c.tag).endswith("EventDefinition") for c in element)
    return local(element.tag) in _QUIET and not triggered


def _early(element: _Element, listener: _Element) -> bool:
    """A listener at the start of a gateway acts before the conditions are looked at, and so do mappings; elsewhere it is the same."""
    return listener.get("event") not in {"start", "end", None} and local(element.tag) != "sequenceFlow"


def _assignments(listener: _Element) -> list[tuple[str, str]] | None:
    try:
        expression = listener.get("expression")
        if expression:
            done = expressions.assignment(expression)
            return None if done is None else [done]
        for child in listener:
            if local(child.tag) == "script" and not child.get("resource"):
                script = scripts.convert(text_of(child))
                return script.sets if script.error is None else None
    except Unconvertible:
        return None
    return None


def _told(listener: _Element) -> str:
    parts = [f"{local(k)}={v!s}" for k, v in listener.attrib.items()]
    return " ".join([*parts, *(text_of(c) for c in listener if local(c.tag) == "script")])


def data_objects(process: _Element, report: Report) -> None:
    """Data objects with a value: variables that the none start event sets."""
    starts = [
        e for e in process if e.tag == bpmn("startEvent") and not any(local(c.tag).endswith("Definition") for c in e)
    ]
    for found in process.iter(bpmn("dataObject")):
        values = Part(found).children("value")
        text = values[0].text if values else None
        name = found.get("name") or found.get("id") or ""
        if not text:
            continue
        try:
            plain_name(name)
        except Unconvertible:
            starts = []
        if len(starts) != 1 or found.getparent() is not process:
            report.manual("decide", found, text, name="dataObject")
            continue
        source = _value(found, text.strip())
        Part(starts[0]).map("output", source, name)
        report.converted("dataObject", found, source, name)


def _value(found: _Element, text: str) -> str:
    kind = (found.get("itemSubjectRef") or "").rpartition(":")[2].lower()
    if kind in _NUMBERS or kind == "boolean":
        return f"={text}"
    if expressions.has_expression(text):
        return expressions.value(text)
    return f"={quoted(text)}"
