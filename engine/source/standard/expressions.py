"""Expressions, languages and media types (BPMN 2.0.2 clauses 8.4.7 and 10.5, tables 8.8, 8.47, 10.14, 10.22, 10.89)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from engine.source.names import XSI, bpmn, local
from engine.source.standard.index import text_of

if TYPE_CHECKING:
    from lxml.etree import _Element

    from engine.source.standard.index import Standard

EXPRESSIONS = (
    "conditionExpression", "completionCondition", "activationCondition", "loopCardinality", "loopCondition", "condition",
    "timeDate", "timeDuration", "timeCycle", "from", "to",
)  # fmt: skip
ALWAYS_FORMAL = ("transformation", "messagePath", "dataPath")
CONDITIONS = ("conditionExpression", "completionCondition", "loopCondition", "condition")
LITERAL = re.compile(r"""^=?\s*(?:[-+]?\d+(?:\.\d+)?|"[^"]*"|'[^']*')$""")
LANGUAGES = frozenset({
    "javascript", "ecmascript", "js", "groovy", "python", "jython", "ruby", "juel", "feel", "java", "mvel", "kotlin", "scala", "lua",
})  # fmt: skip
"""Script languages that engines know by their bare names."""
MEDIA_TYPE = re.compile(r"^[\w.+-]+/[\w.+*-]+(?:\s*;.*)?$")
URI = re.compile(
    r"^(?:##?[A-Za-z][\w.-]*|(?:[A-Za-z][A-Za-z0-9+.-]*:)?(?:[\w.~:/?#\[\]@!$&'()*+,;=-]|%[0-9A-Fa-f]{2})*)$"
)


def check(standard: Standard) -> None:
    """All rules of this module."""
    for element in standard.each(*EXPRESSIONS):
        _formal(standard, element)
    for element in standard.each(*ALWAYS_FORMAL):
        if not text_of(element):
            standard.fault("expressionEmpty", element, name=local(element.tag))
    for element in standard.each(*CONDITIONS):
        if standard.executable(element) and LITERAL.match(text_of(element)):
            standard.fault("conditionNeverBoolean", element, text=text_of(element)[:60])
    for element in standard.each("documentation", "textAnnotation"):
        _media_type(standard, element, "textFormat")
    for element in standard.each("scriptTask", "globalScriptTask"):
        _media_type(standard, element, "scriptFormat")
    for element in standard.each(*EXPRESSIONS, *ALWAYS_FORMAL, "formalExpression"):
        _uri(standard, element, "language")
    for element in standard.each("transaction"):
        _uri(standard, element, "method")


def is_formal(element: _Element) -> bool:
    """Whether an expression is marked as formal, or written in the dialect's FEEL."""
    kind = element.get(f"{{{XSI}}}type") or ""
    return kind.rpartition(":")[2] == "tFormalExpression" or text_of(element).startswith("=")


def _formal(standard: Standard, element: _Element) -> None:
    """An executable process needs formal expressions (8.4.7); a formal expression has a body."""
    parent = element.getparent()
    if parent is None or not standard.executable(element):
        return
    holder = local(parent.tag)
    if local(element.tag) == "condition" and holder == "complexBehaviorDefinition":
        if not text_of(element):
            standard.fault("expressionEmpty", element, name="condition")
        return
    if local(element.tag) in {"from", "to"} and holder != "assignment":
        return
    if not is_formal(element):
        standard.plain("expressionNatural", element, name=local(element.tag))
    elif not text_of(element):
        standard.fault("expressionEmpty", element, name=local(element.tag))
    if local(element.tag) == "condition" and not text_of(element) and parent.find(bpmn("condition")) is element:
        standard.fault("expressionEmpty", element, name="condition")


def _media_type(standard: Standard, element: _Element, name: str) -> None:
    """Both textFormat and scriptFormat are MIME types; engines also know bare names of script languages."""
    value = (element.get(name) or "").strip()
    if not value or MEDIA_TYPE.match(value):
        return
    say = standard.note if name == "scriptFormat" and value.lower() in LANGUAGES else standard.plain
    say("mediaTypeInvalid", element, name=name, value=value[:60])


def _uri(standard: Standard, element: _Element, name: str) -> None:
    value = element.get(name)
    if value and not URI.match(value.strip()):
        standard.lax("uriInvalid", element, name=name, value=value[:80])
