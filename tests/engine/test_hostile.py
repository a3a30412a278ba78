"""Models that somebody broke on purpose: converted, parsed and read, they are accepted or refused, and never crash."""

from __future__ import annotations

import os
from copy import deepcopy
from pathlib import Path
from random import Random

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lxml import etree

from engine.contract import Expressions
from engine.errors import EngineError
from engine.facade import Engine

ROOT = Path(__file__).resolve().parents[2]
MODELS = sorted([*ROOT.glob("workflows/*/*.bpmn"), *ROOT.glob("tests/vectors/**/*.bpmn*")])
JUNK = [
    "",
    "${",
    "#{a.b(",
    "=1 +",
    "=",
    "-1",
    "9" * 20,
    "P",
    "R/",
    "R999999/PT0S",
    "x" * 5000,
    "=a[",
    "tns:x",
    ":",
    '"',
    "true",
]
RUNS = int(os.environ.get("LIANBAN_TEST_RUNS", "60"))


def broken(source: bytes, random: Random) -> bytes:
    """A few elements or attributes taken away, doubled, moved or overwritten."""
    root = etree.fromstring(source)
    elements = list(root.iter("*"))
    for _ in range(random.randint(1, 4)):
        element, other = random.choice(elements), random.choice(elements)
        parent, name = element.getparent(), random.choice([*element.attrib, ""])
        match random.randint(0, 5):
            case 0 if name:
                del element.attrib[name]
            case 1 if name:
                element.set(name, random.choice([*JUNK, other.get("id") or ""]))
            case 2 if parent is not None:
                parent.remove(element)
            case 3 if parent is not None:
                parent.append(deepcopy(element))
            case 4:
                element.text = random.choice(JUNK)
            case 5 if element not in other.iter() and other not in element.iter():
                element.append(other)
    return etree.tostring(root)


@settings(
    max_examples=RUNS, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(path=st.sampled_from(MODELS), random=st.randoms(use_true_random=False))
def test_a_broken_model_is_accepted_or_refused_with_findings(path: Path, random: Random, feel: Expressions) -> None:
    xml = broken(path.read_bytes(), random)
    sources: dict[str, bytes] = {}
    engine = Engine(feel, source=sources.__getitem__)
    try:
        parsed = engine.parse(engine.convert(xml).xml)
    except EngineError:
        return  # refused: what it says is tested elsewhere
    sources["d"] = parsed.xml
    engine.sequence_flows("d")
    assert engine.plain(parsed.xml)
