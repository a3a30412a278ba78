"""Marks every node, flow and process of a tree as one of another definition, so that ids of several files never meet."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.places import prefix_of
from engine.source.names import FLOW_NODES, bpmn, is_bpmn, local
from engine.source.normalise import REFERENCES

if TYPE_CHECKING:
    from lxml.etree import _Element

NAMED = (bpmn("process"), bpmn("sequenceFlow"), *map(bpmn, FLOW_NODES))
POINTING = (REFERENCES | {"id"}) - {"calledElement"}
"""Attributes that hold such an id. What a call activity calls is looked up when it is called."""


def qualify(root: _Element, definition_id: str) -> None:
    """Change the tree in place."""
    prefix = prefix_of(definition_id)
    known = {e.get("id") for e in root.iter(*NAMED)}
    for element in root.iter():
        if not is_bpmn(element.tag):
            continue
        for name in POINTING & set(element.attrib):
            value = str(element.get(name))
            if value in known:
                element.set(name, prefix + value)
        text = (element.text or "").strip()
        if local(element.tag).endswith("Ref") and text in known:
            element.text = prefix + text
