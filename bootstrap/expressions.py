"""Joins two rooms that do not know each other: the kernel's FEEL, in the words of the engine's contract."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from engine.contract import ExpressionCheck, Variables
from forms.expressions import FeelExpressions
from forms.kernel import Kernel


class EngineExpressions:
    """Implements :class:`engine.contract.Expressions` over one kernel."""

    def __init__(self, kernel: Kernel) -> None:
        self._feel = FeelExpressions(kernel)

    def evaluate(self, sources: Sequence[str], context: Variables) -> Sequence[Any]:
        """Values in order. Raises :class:`forms.errors.ExpressionFailed` (index, source, reason)."""
        return self._feel.evaluate(sources, context)

    def check(self, sources: Sequence[str]) -> Sequence[ExpressionCheck]:
        """What is wrong with each text, or the names it reads."""
        return [ExpressionCheck(reading.error, reading.names) for reading in self._feel.check(sources)]
