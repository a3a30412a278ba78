"""Models of other engines, and what became of them."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

from lxml import etree

from engine.importing.pipeline import Conversion, convert
from engine.limits import Limits
from engine.source.names import zeebe

HEAD = (
    '<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:camunda="http://camunda.org/schema/1.0/bpmn" '
    'xmlns:flowable="http://flowable.org/bpmn" xmlns:xsd="http://www.w3.org/2001/XMLSchema" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" targetNamespace="t">'
)


def model(*nodes: str, before: str = "", flows: str = "", attributes: str = "") -> bytes:
    """Nodes in a row between a start and an end event."""
    ids = [
        "s",
        *(n.split('id="')[1].split('"')[0] for n in nodes if "boundaryEvent" not in n and "isForCompensation" not in n),
        "e",
    ]
    line = "".join(f'<sequenceFlow sourceRef="{a}" targetRef="{b}"/>' for a, b in pairwise(ids))
    body = f'<startEvent id="s"/>{"".join(nodes)}<endEvent id="e"/>{line}{flows}'
    return f'{HEAD}{before}<process id="p" {attributes}>{body}</process></definitions>'.encode()


def ext(inner: str) -> str:
    return f"<extensionElements>{inner}</extensionElements>"


def done(xml: bytes) -> tuple[Conversion, Any]:
    made = convert(xml, Limits())
    assert convert(made.xml, Limits()).xml == made.xml, "importing again changes nothing"
    return made, etree.fromstring(made.xml)


def said(made: Conversion) -> set[tuple[str, str]]:
    return {(c.kind.value, c.what) for c in made.changes}


def one(root: Any, name: str) -> dict[str, str]:
    (found,) = root.iter(zeebe(name))
    return dict(found.attrib)


def maps(root: Any) -> list[tuple[str, str, str]]:
    return [
        (r.tag.rpartition("}")[2], r.get("source"), r.get("target")) for m in root.iter(zeebe("ioMapping")) for r in m
    ]
