"""Tiny diagrams of plain BPMN 2.0, without any extension: held to every rule of the standard."""

from __future__ import annotations

import re
from collections.abc import Sequence

from engine.contract import Expressions, Finding
from engine.errors import DefinitionRefused
from engine.facade import Engine
from tests.engine.kit import chain, end, node, start

HEAD = (
    '<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" '
    'xmlns:tns="urn:t" id="defs" targetNamespace="urn:t">'
)
FORMAL = 'xsi:type="bpmn:tFormalExpression"'
SOURCES: dict[str, bytes] = {}


def file(*roots: str) -> bytes:
    """A file as modelers write it: every node lists its flows, unless some do already."""
    text = f"{HEAD}{''.join(roots)}</bpmn:definitions>"
    if "<bpmn:incoming>" in text or "<bpmn:outgoing>" in text:
        return text.encode()
    listed: dict[str, str] = {}
    for attributes in re.findall(r"<bpmn:sequenceFlow ([^>]*)>", text):
        found = dict(re.findall(r'(\w+)="([^"]*)"', attributes))
        for side, tag in (("sourceRef", "outgoing"), ("targetRef", "incoming")):
            if "id" in found and side in found:
                listed[found[side]] = listed.get(found[side], "") + f"<bpmn:{tag}>{found['id']}</bpmn:{tag}>"

    def add(match: re.Match[str]) -> str:
        return match.group(0) + listed.pop(match.group(1), "")

    return re.sub(r'<bpmn:\w+ id="([^"]*)"[^>/]*>', add, text).encode()


def pool(*parts: str, id: str = "p", executable: str = "true", **attributes: str) -> str:
    return node("process", id, "".join(parts), isExecutable=executable, **attributes)


def plain(*parts: str, declarations: str = "", **attributes: str) -> bytes:
    return file(declarations, pool(*parts, **attributes))


def around(id: str, *parts: str, declarations: str = "") -> bytes:
    """start → id → end; the element ``id`` is among the parts."""
    return plain(start(), *parts, end(), chain("start", id, "end"), declarations=declarations)


def task(inner: str = "", id: str = "x", kind: str = "task", *more: str, **attributes: str) -> bytes:
    return around(id, node(kind, id, inner, **attributes), *more)


def formal(tag: str, text: str) -> str:
    return f"<bpmn:{tag} {FORMAL}>{text}</bpmn:{tag}>"


def found(xml: bytes, feel: Expressions) -> Sequence[Finding]:
    """All findings, whether the model is refused or not."""
    try:
        return Engine(feel, source=SOURCES.__getitem__).parse(xml).findings
    except DefinitionRefused as refused:
        return refused.findings


TIMERS = f"<bpmn:timerEventDefinition>{formal('timeDuration', 'PT1H')}</bpmn:timerEventDefinition>"
