"""The vectors shared with the browser side (web/tests/kernel.test.ts), and the checks that Python makes too."""

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import orjson

from forms import checks

FOLDER = Path(__file__).parents[1] / "vectors" / "kernel"
PYTHON: dict[str, Callable[[str, date], str | None]] = {
    "idcard": checks.find_idcard_fault,
    "uscc": lambda value, _: checks.find_uscc_fault(value),
    "mobile": lambda value, _: checks.find_mobile_fault(value),
}
"""The checks that Python makes without the kernel."""


def vectors(name: str) -> list[Any]:
    """All vectors of one file."""
    found: list[Any] = orjson.loads((FOLDER / f"{name}.json").read_bytes())
    return found
