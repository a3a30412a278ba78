"""Evaluates what a model writes: FEEL when it begins with '=', a literal otherwise. All FEEL of one question goes in one call."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from engine.errors import ExpressionFailed

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from engine.contract import Expressions
    from engine.source.nodes import IoMapping


_TEXT = r'"(?:[^"\\]|\\.)*"'
_KEYED = re.compile(rf"([^\W\d]\w*(?:\.[^\W\d]\w*)*)\[\s*({_TEXT})\s*\]|{_TEXT}")


class Evaluator:
    """The kernel with batching. Errors of the kernel (``.index``, ``.source``, ``.reason``) become :class:`ExpressionFailed`."""

    def __init__(self, kernel: Expressions) -> None:
        self.kernel = kernel

    def all(self, sources: Sequence[str], variables: Mapping[str, Any]) -> list[Any]:
        """The value of each source, in order."""
        values: list[Any] = list(sources)
        feel = [(i, keyed(s[1:].strip())) for i, s in enumerate(sources) if s.startswith("=")]
        if not feel:
            return values
        try:
            results = self.kernel.evaluate([s for _, s in feel], variables)
        except ExpressionFailed:
            raise
        except Exception as error:
            failed = failure_of(error, [s for _, s in feel])
            if failed is None:
                raise
            raise failed from error
        for (i, _), result in zip(feel, results, strict=True):
            values[i] = result
        return values

    def one(self, source: str, variables: Mapping[str, Any]) -> Any:
        """The value of one source."""
        return self.all([source], variables)[0] if source.startswith("=") else source

    def mappings(self, rows: Sequence[IoMapping], variables: Mapping[str, Any]) -> dict[str, Any]:
        """The variables that io mappings make. A later mapping may read an earlier one's target."""
        made: dict[str, Any] = {}
        if not rows:
            return made
        if _independent(rows):
            values = self.all([row.source for row in rows], variables)
            for row, value in zip(rows, values, strict=True):
                put(made, row.target, value, variables)
            return made
        for row in rows:
            put(made, row.target, self.one(row.source, {**variables, **made}), variables)
        return made


@lru_cache(maxsize=4096)
def keyed(source: str) -> str:
    """``deadlines["a.b"]`` reads an entry by its key. FEEL itself takes the brackets for a filter, which text never is."""
    return _KEYED.sub(lambda m: m[0] if m[1] is None else f"get value({m[1]}, {m[2]})", source)


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


def put(made: dict[str, Any], target: str, value: Any, variables: Mapping[str, Any]) -> None:
    """Write ``value`` at the dotted path ``target``; objects on the way are copied, never changed in place."""
    first, *rest = target.split(".")
    if not rest:
        made[first] = value
        return
    base = made[first] if first in made else variables.get(first)
    made[first] = _with(base, rest, value)


def _with(base: Any, path: Sequence[str], value: Any) -> dict[str, Any]:
    copy = dict(base) if isinstance(base, dict) else {}
    copy[path[0]] = value if len(path) == 1 else _with(copy.get(path[0]), path[1:], value)
    return copy
