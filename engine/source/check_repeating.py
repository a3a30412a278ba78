"""Rules of repeated activities: loops, multi-instance, numbers of tokens."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from engine.source.names import bpmn

if TYPE_CHECKING:
    from lxml.etree import _Element

    from engine.source.findings import Findings
    from engine.source.nodes import MultiInstance, Node

TARGET = re.compile(r"^[^\W\d]\w*(\.[^\W\d]\w*)*$")
BEHAVIORS = frozenset({"None", "One", "All", "Complex"})
THROWN = frozenset({"message", "signal", "escalation", "error"})
MOST_TOKENS = 1_000


def check(node: Node, element: _Element, findings: Findings) -> None:
    """All rules of this module."""
    if node.multi is not None:
        _multi(node.multi, element, findings)
    if node.loop is not None:
        loop = element.find(bpmn("standardLoopCharacteristics"))
        maximum = None if loop is None else loop.get("loopMaximum")
        if not node.loop.condition and maximum is None:
            findings.error("loopEndless", element)
        if maximum is not None and not (maximum.strip().isdecimal() and int(maximum.strip()[:9]) > 0):
            findings.error("loopMaximumInvalid", element, text=maximum[:20])
    for name in ("startQuantity", "completionQuantity"):
        text = element.get(name, "1")
        if not _is_count(text):
            findings.error("quantityInvalid", element, name=name, text=text)


def _is_count(text: str) -> bool:
    return text.isdecimal() and 1 <= int(text[:9]) <= MOST_TOKENS


def _multi(multi: MultiInstance, element: _Element, findings: Findings) -> None:
    if not multi.collection and not multi.cardinality:
        findings.error("multiInstanceMissing", element)
    if bool(multi.output_collection) != bool(multi.output_element):
        findings.error("multiInstanceOutput", element)
    for name in (multi.element, multi.output_collection):
        if name and not TARGET.match(name):
            findings.error("mappingTarget", element, target=name)
    loop = element.find(bpmn("multiInstanceLoopCharacteristics"))
    told = "" if loop is None else loop.get(f"{multi.behavior.lower()}BehaviorEventRef") or ""
    wrong = multi.behavior not in BEHAVIORS or (told and not multi.throws)
    wrong = wrong or (multi.behavior == "One" and not multi.throws)
    wrong = wrong or (multi.behavior == "Complex" and (not multi.throws or not all(text for text, _ in multi.throws)))
    if wrong:
        findings.error("multiInstanceBehavior", element, behavior=multi.behavior)
    for _, trigger in multi.throws:
        named = trigger.name if trigger.kind in {"message", "signal"} else trigger.code
        if trigger.kind not in THROWN or not named:
            findings.error("multiInstanceEvent", element, kind=trigger.kind)
