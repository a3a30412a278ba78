"""The DMN Technology Compatibility Kit against the product: models read by `engine.decisions`, evaluated by the kernel.

`python -m tests.conformance.dmn_tck FOLDER --report` prints the figure of each model folder and every case that fails.
"""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal, InvalidOperation
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lxml import etree

from engine.decisions.pipeline import read
from engine.errors import DefinitionRefused
from engine.limits import Limits
from forms.decisions import decide
from forms.errors import KernelFailed
from forms.kernel import Kernel

if TYPE_CHECKING:
    from lxml.etree import _Element

    from engine.decisions.contract import DecisionModel, DecisionPlan

XSI = "{http://www.w3.org/2001/XMLSchema-instance}"
NOW = "2026-11-22T10:00:00+08:00"
#: How near numbers must be, as in the kit's own runner.
PRECISION = Decimal("0.00000001")
MISSING = object()


@dataclass(frozen=True)
class Case:
    """One result of one test case: `inputs` by name, `expected` as kernel JSON, None for null and for an error."""

    folder: str
    file: Path
    model: str
    id: str
    node: str
    invoked: str | None
    inputs: Mapping[str, Any]
    expected: Any

    @property
    def key(self) -> str:
        """Its name in lists of known failures."""
        return f"{self.folder}/{self.file.stem.rpartition('-test-')[2]}/{self.id}/{self.node}"


def _local(element: _Element) -> str:
    return etree.QName(element).localname


def _children(element: _Element, *names: str) -> list[_Element]:
    return [child for child in element.iterchildren("{*}*") if _local(child) in names]


TEMPORAL = {"date": "date", "time": "time", "dateTime": "date and time", "duration": "duration"}


def _scalar(element: _Element) -> Any:
    if element.get(f"{XSI}nil") == "true":
        return None
    kind = (element.get(f"{XSI}type") or "xsd:string").rpartition(":")[2]
    text = element.text or ""
    if kind == "string":
        return text
    text = text.strip()
    if kind == "boolean":
        return text == "true"
    if kind in TEMPORAL:
        return {"$feel": TEMPORAL[kind], "value": text}
    number = Decimal(text)
    return int(number) if number == number.to_integral_value() and abs(number) < 2**53 else float(number)


def _value(element: _Element) -> Any:
    """What `inputNode`, `expected`, `component` or `item` holds."""
    for child in _children(element, "value", "list"):
        if _local(child) == "value":
            return _scalar(child)
        return None if child.get(f"{XSI}nil") == "true" else [_value(item) for item in _children(child, "item")]
    components = _children(element, "component")
    if not components:
        return None
    return {component.get("name"): _value(component) for component in components}


def cases(folder: Path) -> Iterator[Case]:
    """Every result asked for by the test files below a folder."""
    for file in sorted(folder.rglob("*.xml")):
        root = etree.parse(str(file)).getroot()
        if _local(root) != "testCases":
            continue
        [model] = _children(root, "modelName")
        for test in _children(root, "testCase"):
            inputs = {str(node.get("name")): _value(node) for node in _children(test, "inputNode")}
            for node in _children(test, "resultNode"):
                expected = _children(node, "expected")
                yield Case(
                    file.parent.name, file, (model.text or "").strip(), str(test.get("id")), str(node.get("name")),
                    test.get("invocableName"), inputs, _value(expected[0]) if expected else None,
                )  # fmt: skip


DURATION = re.compile(r"(-?)P(?:(\d+)Y)?(?:(\d+)M)?(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:\.\d*)?)S)?)?")


def _duration(text: str) -> Any:
    match = DURATION.fullmatch(text)
    if match is None:
        return text
    minus, years, months, days, hours, minutes, seconds = match.groups()
    sign = -1 if minus else 1
    if years or months:
        return "months", sign * (int(years or 0) * 12 + int(months or 0))
    whole = ((int(days or 0) * 24 + int(hours or 0)) * 60 + int(minutes or 0)) * 60
    total = sign * (whole + Decimal(seconds or 0))
    return ("zero",) if not total and not days and "T" not in text else ("seconds", total)


def _moment(text: str) -> str:
    """Equal texts for equal clocks: no empty fractions, `Z` for offset zero."""
    return re.sub(r"(\.\d*?)0+(?=$|[Z+@-])", r"\1", re.sub(r"[+-]00:00$", "Z", text)).replace(".Z", "Z").rstrip(".")


def _same_temporal(kind: str, got: str, wanted: str) -> bool:
    if kind == "duration":
        return bool(_duration(got) == _duration(wanted))
    if _moment(got) == _moment(wanted):
        return True
    reader: Any = {"date": date, "time": time, "date and time": datetime}[kind]
    try:
        return bool(reader.fromisoformat(got) == reader.fromisoformat(wanted))
    except (ValueError, TypeError):
        return False


def same(got: Any, wanted: Any) -> bool:
    """Whether a result of the kernel is what a test expects."""
    if isinstance(wanted, bool) or isinstance(got, bool) or got is None or wanted is None:
        return got is wanted
    if isinstance(wanted, (int, float)):
        return isinstance(got, (int, float)) and _same_number(got, wanted)
    if isinstance(wanted, list):
        return isinstance(got, list) and len(got) == len(wanted) and all(map(same, got, wanted))
    if isinstance(wanted, dict):
        return isinstance(got, dict) and _same_entries(got, wanted)
    return type(got) is type(wanted) and bool(got == wanted)


def _same_entries(got: dict[str, Any], wanted: dict[str, Any]) -> bool:
    if got.keys() != wanted.keys():
        return False
    if "$feel" in wanted:
        return got["$feel"] == wanted["$feel"] and _same_temporal(got["$feel"], got["value"], wanted["value"])
    return all(same(got[key], wanted[key]) for key in wanted)


def _same_number(got: float, wanted: float) -> bool:
    try:
        return abs(Decimal(str(got)) - Decimal(str(wanted))) < PRECISION
    except InvalidOperation:
        return False


@cache
def _model(path: Path) -> tuple[DecisionModel, DecisionPlan]:
    others = {}
    for other in path.parent.glob("*.dmn"):
        namespace = etree.parse(str(other)).getroot().get("namespace")
        if other != path and namespace is not None:
            others[namespace] = other.read_bytes()
    model, plan, _ = read(path.read_bytes(), Limits(), others)
    return model, plan


def result(case: Case, kernel: Kernel) -> Any:
    """What the product makes of a case as kernel JSON; MISSING when there is no such node."""
    model, plan = _model(case.file.parent / case.model)
    wanted = case.invoked or case.node
    keys = [key for key, node in plan.data["nodes"].items() if node["name"] == wanted]
    # A node of the model itself before one of what it imports.
    keys.sort(key=lambda key: (not key.startswith(f"{model.namespace}#"), plan.data["nodes"][key]["kind"] == "input"))
    if not keys:
        return MISSING
    answer = decide(kernel, plan.data, plan.digest, keys[0], case.inputs, now=NOW).value
    several = case.invoked is not None and len(plan.data["nodes"][keys[0]].get("outputs") or ()) > 1
    return answer.get(case.node) if several and isinstance(answer, dict) else answer


def failure(case: Case, kernel: Kernel) -> str | None:
    """What is wrong with a case, None when the product does what it expects."""
    try:
        got = result(case, kernel)
    except DefinitionRefused as refused:
        return f"refused: {'; '.join(sorted({finding.rule for finding in refused.findings}))}"
    except KernelFailed as error:
        return f"{type(error).__name__}: {error}"
    if got is MISSING:
        return "no such node"
    return None if same(got, case.expected) else f"expected {case.expected!r}, got {got!r}"


def main(arguments: list[str] | None = None) -> int:
    """Runs every case below a folder and prints the figures."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--report", action="store_true", help="figures by folder and the cases that fail")
    options = parser.parse_args(arguments)
    kernel = Kernel(time_limit_ms=20_000)
    tally: dict[str, list[int]] = {}
    write = sys.stdout.write
    for case in cases(options.folder):
        counted = tally.setdefault(f"{case.file.parent.parent.name}/{case.folder}", [0, 0])
        counted[1] += 1
        wrong = failure(case, kernel)
        counted[0] += wrong is None
        if wrong is not None and options.report:
            write(f"FAILED {case.key}: {wrong}\n")
    kernel.close()
    levels: dict[str, list[int]] = {}
    for name, (passed, total) in tally.items():
        level = levels.setdefault(name.partition("/")[0], [0, 0])
        level[0] += passed
        level[1] += total
        if options.report and passed < total:
            write(f"{passed:5}/{total:<5} {name}\n")
    for name, (passed, total) in levels.items():
        write(f"{name}: {passed} of {total} ({100 * passed / total:.1f} %)\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
