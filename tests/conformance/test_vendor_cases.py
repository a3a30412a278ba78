"""What Camunda 7 and Flowable do with their own test models, through import and the engine."""

from __future__ import annotations

from typing import Any

import pytest

from forms.expressions import FeelExpressions
from tests.conformance.in_memory import InMemory
from tests.conformance.steps import cases, play

ACROSS_FILES = {"cam-068"}
"""A call activity whose process is in another file: the engine alone knows one file, the trials over HTTP know all."""


@pytest.mark.parametrize("case", [c for c in cases() if c["id"] not in ACROSS_FILES], ids=lambda case: str(case["id"]))
def test_behaves_as_the_vendor_says(case: dict[str, Any], feel: FeelExpressions) -> None:
    play(case, InMemory(feel))
