"""Evaluates what a model writes: FEEL when it begins with '=', a literal otherwise. All FEEL of one question goes in one call."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from engine.errors import ExpressionFailed

if TYPE_CHECKING:
    from engine.contract import Expressions
    from engine.source.nodes import IoMapping


_WORD = re.compile(r"[^\W\d]\w*")
_NAME = re.compile(r"[^\W\d]\w*(\.[^\W\d]\w*)*")
_WORDS = frozenset(
    {"true", "false", "null", "if", "for", "some", "every", "not", "function", "in", "and", "or", "between", "instance"}
)
CALENDAR = "workCalendar"
"""What functions of working days read besides their arguments; handed over only where one of them is called."""
_WORKDAYS = frozenset({"workday", "workdays"})
_PLAIN = (str, int, bool, list, dict, type(None))


class Evaluator:
    """The kernel with batching. Errors of the kernel (``.index``, ``.source``, ``.reason``) become :class:`ExpressionFailed`.

    The kernel is handed only the variables its expressions may read; what merely names a variable is read without asking it.
    """

    def __init__(self, kernel: Expressions) -> None:
        self.kernel = kernel

    def all(self, sources: Sequence[str], variables: Mapping[str, Any]) -> list[Any]:
        """The value of each source, in order."""
        values: list[Any] = list(sources)
        asked: list[int] = []
        for index, source in enumerate(sources):
            if source.startswith("="):
                found = read_path(source[1:].strip(), variables)
                if found is _UNKNOWN:
                    asked.append(index)
                else:
                    values[index] = found
        if asked:
            results = self._ask([sources[i][1:].strip() for i in asked], variables)
            for index, result in zip(asked, results, strict=True):
                values[index] = result
        return values

    def _ask(self, texts: Sequence[str], variables: Mapping[str, Any]) -> Sequence[Any]:
        try:
            return self.kernel.evaluate(texts, needed(texts, variables))
        except ExpressionFailed:
            raise
        except Exception as error:  # the kernel is a plug: failure_of knows its failures by their shape, others go on
            failed = failure_of(error, texts)
            if failed is None:
                raise
            raise failed from error

    def one(self, source: str, variables: Mapping[str, Any]) -> Any:
        """The value of one source."""
        return self.all([source], variables)[0] if source.startswith("=") else source

    def mappings(
        self, rows: Sequence[IoMapping], variables: Mapping[str, Any], *, into: Mapping[str, Any] | None = None
    ) -> dict[str, Any]:
        """The variables that io mappings make. A later mapping may read an earlier one's target.

        A target such as ``result.code`` adds to the object of that name in ``into`` (outputs); without it, to a new one (inputs).
        """
        held = into or {}
        made: dict[str, Any] = {}
        if not rows:
            return made
        if _independent(rows):
            values = self.all([row.source for row in rows], variables)
            for row, value in zip(rows, values, strict=True):
                put(made, row.target, value, held)
            return made
        for row in rows:
            put(made, row.target, self.one(row.source, {**variables, **made}), held)
        return made


_UNKNOWN = object()


def read_path(text: str, variables: Mapping[str, Any]) -> Any:
    """The value of ``name`` or ``name.entry`` when it is plain data in objects; ``_UNKNOWN`` when the kernel must say."""
    if not _NAME.fullmatch(text) or text in _WORDS:
        return _UNKNOWN
    value: Any = variables
    for part in text.split("."):
        if not isinstance(value, Mapping) or part not in value:
            return _UNKNOWN
        value = value[part]
    return value if isinstance(value, _PLAIN) else _UNKNOWN


@lru_cache(maxsize=4096)
def words(text: str) -> frozenset[str]:
    """Every word of an expression: at least the names it reads."""
    return frozenset(_WORD.findall(text))


def needed(texts: Sequence[str], variables: Mapping[str, Any]) -> dict[str, Any]:
    """The variables the texts may read, and the clock. A name that is no plain word may hide in any text."""
    names = frozenset({"now"}).union(*map(words, texts))
    if not names.isdisjoint(_WORKDAYS):
        names |= {CALENDAR}
    return {k: v for k, v in variables.items() if k in names or not k.isidentifier()}


def failure_of(error: Exception, sources: Sequence[str]) -> ExpressionFailed | None:
    """The kernel's own error as ours; None when it is none of an expression's (e.g. no kernel at all)."""
    index = getattr(error, "index", None)
    if index is None and getattr(error, "code", None) not in {"kernel_limit", "kernel_input"}:
        return None
    at = int(index or 0)
    source = getattr(error, "source", None) or (sources[at] if at < len(sources) else "")
    reason = getattr(error, "message", None) or getattr(error, "reason", None) or str(error)
    return ExpressionFailed(str(source), str(reason), index=at)


def _independent(rows: Sequence[IoMapping]) -> bool:
    seen: set[str] = set()
    for row in rows:
        if seen and row.source.startswith("=") and not seen.isdisjoint(re.findall(r"\w+", row.source)):
            return False
        seen.add(row.target.split(".", 1)[0])
    return True


def put(made: dict[str, Any], target: str, value: Any, held: Mapping[str, Any]) -> None:
    """Write ``value`` at the dotted path ``target``; objects on the way are copied, never changed in place."""
    first, *rest = target.split(".")
    if not rest:
        made[first] = value
        return
    base = made[first] if first in made else held.get(first)
    made[first] = _with(base, rest, value)


def _with(base: Any, path: Sequence[str], value: Any) -> dict[str, Any]:
    copy = dict(base) if isinstance(base, dict) else {}
    copy[path[0]] = value if len(path) == 1 else _with(copy.get(path[0]), path[1:], value)
    return copy
