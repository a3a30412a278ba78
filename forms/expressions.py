"""FEEL as the engine room wants it: batches in, plain values out.

Numbers come back as `int` where whole, else `float`. Dates, times, date-times and durations come back as ISO 8601
text, because that is how variables are stored; handed in again, such text may be compared with dates, subtracted and
added as it is (`due < today()`, `signedAt + duration("P5D")`), and `date(due)` gives its parts.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from forms.errors import ExpressionFailed
from forms.kernel import Expression, Kernel, plain

CHECKED_AT_ONCE = 20
"""Expressions read in one call: a model has hundreds, and the kernel's time limit is meant for one call."""


@dataclass(frozen=True)
class ExpressionCheck:
    """Reading of an expression: what is wrong with it, or the variables it reads."""

    error: str | None
    names: frozenset[str]


def _without_mark(source: str) -> str:
    text = source.lstrip()
    return text[1:] if text.startswith("=") else source


class FeelExpressions:
    """Expressions of models, evaluated by the kernel; a leading `=` is allowed and ignored."""

    def __init__(self, kernel: Kernel) -> None:
        self._kernel = kernel

    def evaluate(self, sources: Sequence[str], context: Mapping[str, Any]) -> list[Any]:
        """Values in order, in one call. Raises `ExpressionFailed` with the index of the first that has none.

        `context["now"]` (aware datetime or ISO text with offset) is the clock of `now()` and `today()`.
        """
        if not sources:
            return []
        results = self._kernel.evaluate([Expression(_without_mark(source)) for source in sources], context)
        for index, (source, result) in enumerate(zip(sources, results, strict=True)):
            if result.error is not None:
                raise ExpressionFailed(index, source, result.error.message, result.error.code)
        return [plain(result.value) for result in results]

    def check(self, sources: Sequence[str]) -> list[ExpressionCheck]:
        """Syntax, unknown functions and variables read, in order."""
        if not sources:
            return []
        inspections = [
            found
            for start in range(0, len(sources), CHECKED_AT_ONCE)
            for found in self._kernel.parse(
                [Expression(_without_mark(source)) for source in sources[start : start + CHECKED_AT_ONCE]]
            )
        ]
        return [
            ExpressionCheck(
                None if found.error is None else _located(found.error.message, found.error.start), found.names
            )
            for found in inspections
        ]


def _located(message: str, start: int | None) -> str:
    return message if start is None else f"{message} (at character {start + 1})"
