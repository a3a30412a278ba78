"""Which worker runs what, and in which order."""

from __future__ import annotations

from typing import Any

import pytest
from xdist.scheduler import LoadScopeScheduling

LONGEST = (
    "tests/contract/",
    "tests/leaks/",
    "tests/browser/",
    "tests/journeys/",
    "tests/scenarios/",
    "tests/workflows/",
)
"""What begins first, so that no worker is left with it at the end."""
TOGETHER = ("tests/leaks/",)
"""Folders whose modules share what costs more to make than to use."""


class ByModule(LoadScopeScheduling):  # type: ignore[misc]  # xdist ships no types for it
    """A module stays with one worker, so that what its tests share is made once."""

    def __init__(self, config: pytest.Config, log: Any = None) -> None:
        super().__init__(config, log)
        config.option.loadscopereorder = False

    def _split_scope(self, nodeid: str) -> str:
        return next((folder for folder in TOGETHER if nodeid.startswith(folder)), module_of(nodeid))


def module_of(nodeid: str) -> str:
    """The file of a test."""
    return nodeid.partition("::")[0]


def longest_first(items: list[pytest.Item]) -> None:
    """Sort modules; the tests of one keep their order."""

    def rank(item: pytest.Item) -> int:
        places = (place for place, folder in enumerate(LONGEST) if item.nodeid.startswith(folder))
        return next(places, len(LONGEST))

    items.sort(key=rank)
