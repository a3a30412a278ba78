"""Every case of the DMN kit passes but the listed ones, and no listed one passes: the list can only be made right."""

from __future__ import annotations

from pathlib import Path

import pytest

from forms.kernel import Kernel
from tests.conformance.dmn_tck import cases, failure

KIT = Path(__file__).parents[1] / "vectors" / "dmn-tck"
FOLDERS = sorted(path for path in KIT.glob("compliance-level-*/*") if path.is_dir())
#: How many cases the kept files hold: a reader that loses some must not look like a success.
TOTAL = 2755


def known_failures() -> dict[str, str]:
    """Reasons by case."""
    lines = (KIT / "known-failures.txt").read_text(encoding="utf-8").splitlines()
    rows = [line.partition("  ") for line in lines if line and not line.startswith("#")]
    return {key: reason.strip() for key, _, reason in rows}


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda path: f"{path.parent.name[-1]}-{path.name}")
def test_every_case_of_the_kit(folder: Path, kernel: Kernel) -> None:
    known = known_failures()
    found = {case.key: failure(case, kernel) for case in cases(folder)}
    assert found
    failing = {key: reason for key, reason in found.items() if reason is not None}
    assert {key: reason for key, reason in failing.items() if key not in known} == {}
    assert {key for key in known if key in found} - failing.keys() == set(), "passes now: take it off the list"


def test_the_list_has_reasons_and_no_strangers() -> None:
    every = [case.key for folder in FOLDERS for case in cases(folder)]
    known = known_failures()
    assert len(every) == TOTAL
    assert known.keys() <= set(every)
    assert all(known.values())
