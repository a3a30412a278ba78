"""JUnit XML of a run, as CI servers read it: a suite per file, a case per scenario."""

from __future__ import annotations

import re
from typing import Final
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from bootstrap.scenarios.outcomes import Results
from bootstrap.scenarios.reports import by_file, failure_of, short

_NOT_XML: Final = re.compile("[^\t\n\r -\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def junit(results: Results) -> bytes:
    """The document."""
    root = Element("testsuites", _counts("lianban", len(results.outcomes), len(results.failed), results.seconds))
    for file, outcomes in by_file(results.outcomes).items():
        failed = [each for each in outcomes if not each.passed]
        seconds = sum(each.seconds for each in outcomes)
        suite = SubElement(root, "testsuite", _counts(short(file), len(outcomes), len(failed), seconds))
        for outcome in outcomes:
            scenario = outcome.scenario
            facts = {"name": scenario.name, "classname": file.name.removesuffix(".scenario.yaml")}
            facts |= {"file": short(file), "line": str(scenario.line), "time": f"{outcome.seconds:.3f}"}
            case = SubElement(suite, "testcase", {key: _text(value) for key, value in facts.items()})
            if outcome.failure is not None:
                _, _, first = outcome.failure.places()[0]
                said = {"message": _text(f"{first.zh} / {first.en}"), "type": "expectation"}
                SubElement(case, "failure", said).text = _text("\n".join(failure_of(outcome)))
    indent(root)
    document: bytes = tostring(root, encoding="utf-8", xml_declaration=True)
    return document


def _counts(name: str, tests: int, failures: int, seconds: float) -> dict[str, str]:
    counts = {"name": _text(name), "tests": str(tests), "failures": str(failures), "errors": "0", "skipped": "0"}
    return counts | {"time": f"{seconds:.3f}"}


def _text(value: str) -> str:
    return _NOT_XML.sub("?", value)
