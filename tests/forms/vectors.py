"""The vectors shared with the browser side (web/tests/kernel.test.ts)."""

from pathlib import Path
from typing import Any

import orjson

FOLDER = Path(__file__).parents[1] / "vectors" / "kernel"


def vectors(name: str) -> list[Any]:
    """All vectors of one file."""
    found: list[Any] = orjson.loads((FOLDER / f"{name}.json").read_bytes())
    return found
