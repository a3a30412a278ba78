"""The reference models of the BPMN Model Interchange Working Group, and our own: parsed, imported, exported, nothing lost."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from lxml import etree

from engine.importing.exporting import plain
from engine.importing.pipeline import convert
from engine.limits import Limits
from engine.source.names import BPMN, bpmn

ROOT = Path(__file__).parents[3]
MODELS = sorted((ROOT / "tests/vectors/miwg").glob("*.bpmn"))
OURS = sorted((ROOT / "workflows").glob("*/*.bpmn"))
CHANGED_TEXTS = {bpmn("conditionExpression")}
"""What an import may write anew: the report has the text before."""


def content(xml: bytes) -> Counter[Any]:
    """Every element, text, attribute, comment and instruction with how often it is there."""
    found: Counter[Any] = Counter()
    root = etree.fromstring(xml)
    for element in root.getroottree().iter():
        if not isinstance(element.tag, str):
            found["comment", (element.text or "").strip()] += 1
            continue
        path = "/".join(a.get("id") or str(a.tag) for a in [*element.iterancestors()][::-1])
        found["element", path, element.tag] += 1
        if element.tag not in CHANGED_TEXTS:
            found["text", element.tag, (element.text or "").strip()] += 1
        for name, value in element.attrib.items():
            found["attribute", path, element.tag, name, value] += 1
    return found


def canonical(xml: bytes) -> str:
    return etree.canonicalize(etree.tostring(etree.fromstring(xml)).decode(), strip_text=True)


def test_all_reference_models_are_here() -> None:
    assert len(MODELS) == 21
    assert len(OURS) >= 2


@pytest.mark.parametrize("path", [*MODELS, *OURS], ids=lambda p: p.stem)
def test_an_import_loses_nothing(path: Path) -> None:
    xml = path.read_bytes()
    made = convert(xml, Limits())
    lost = content(xml) - content(made.xml)
    assert not lost
    assert convert(made.xml, Limits()).xml == made.xml


@pytest.mark.parametrize("path", [p for p in MODELS if p.stem[0] in "AB"], ids=lambda p: p.stem)
def test_a_drawing_comes_back_byte_for_byte(path: Path) -> None:
    made = convert(path.read_bytes(), Limits())
    assert (made.xml, made.changes) == (path.read_bytes(), ())


@pytest.mark.parametrize("path", [*MODELS, *OURS], ids=lambda p: p.stem)
def test_plain_export_keeps_all_of_bpmn_and_of_other_tools(path: Path) -> None:
    xml = path.read_bytes()
    out = plain(xml, Limits())
    model = {
        key: n
        for key, n in content(xml).items()
        if key[0] == "element" and key[2].startswith("{" + BPMN) and "xtensionElements" not in key[2]
    }
    assert not Counter(model) - content(out)
    assert b"zeebe:" not in out
    assert b"camunda:" not in out
    assert canonical(plain(xml, Limits(), keep=("zeebe", "lianban", "camunda", "activiti", "flowable"))) == canonical(
        xml
    )
