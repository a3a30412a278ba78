"""Which rules of a table can match at once, where their tests are plain enough to prove it."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from datetime import date
from itertools import combinations
from typing import TYPE_CHECKING, Any, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

#: Tables larger than this are not compared rule by rule.
MOST_RULES = 400

_TEXT = r'"(?:[^"\\]|\\.)*"'
_NUMBER = r"-?(?:\d+(?:\.\d+)?|\.\d+)"
_DATE = r'(?:date\(\s*|@)"\d{4}-\d\d-\d\d"\s*\)?'
_VALUE = rf"(?:{_NUMBER}|{_DATE})"
_PART = re.compile(
    rf"\s*(?:(?P<text>{_TEXT})|(?P<truth>true|false)|(?P<sign><=|>=|<|>)\s*(?P<bound>{_VALUE})"
    rf"|(?P<open>[\[\](])\s*(?P<low>{_VALUE})\s*\.\.\s*(?P<high>{_VALUE})\s*(?P<close>[\[\])])|(?P<value>{_VALUE}))\s*(?:,|$)"
)
_NOT = re.compile(r"not\s*\((?P<inner>.*)\)", re.DOTALL)


@dataclass(frozen=True)
class Interval:
    """Numbers (days for dates) from `low` to `high`."""

    kind: str
    low: float
    high: float
    low_in: bool
    high_in: bool

    def meets(self, other: Interval) -> bool:
        """Whether some number is in both."""
        if self.kind != other.kind:
            return False
        low = max((self.low, not self.low_in), (other.low, not other.low_in))
        high = min((self.high, self.high_in), (other.high, other.high_in))
        return low[0] < high[0] or (low[0] == high[0] and not low[1] and high[1])


Piece: TypeAlias = "Interval | tuple[str, str]"


@dataclass(frozen=True)
class Test:
    """What a cell lets through: these pieces, or with `negated` everything but them; `None` pieces: everything."""

    pieces: tuple[Piece, ...] | None
    negated: bool = False

    def meets(self, other: Test) -> bool:
        """Whether it is sure that some value passes both."""
        if self.pieces is None or other.pieces is None:
            return True
        if self.negated and other.negated:
            return True
        if self.negated or other.negated:
            inner, outer = (other, self) if self.negated else (self, other)
            return any(all(not _meet(piece, no) for no in outer.pieces or ()) for piece in inner.pieces or ())
        return any(_meet(a, b) for a in self.pieces for b in other.pieces)


def _meet(a: Piece, b: Piece) -> bool:
    if isinstance(a, Interval) and isinstance(b, Interval):
        return a.meets(b)
    return a == b


def read_test(text: str) -> Test | None:
    """The cell as pieces; None when it is more than literals, comparisons and ranges."""
    cell = text.strip()
    if cell in ("", "-"):
        return Test(None)
    negation = _NOT.fullmatch(cell)
    pieces = _pieces(negation["inner"] if negation else cell)
    return None if pieces is None else Test(pieces, negated=negation is not None)


def _pieces(text: str) -> tuple[Piece, ...] | None:
    found: list[Piece] = []
    position = 0
    while position < len(text):
        match = _PART.match(text, position)
        if match is None:
            return None
        found.append(_piece(match))
        position = match.end()
    return tuple(found) or None


def _piece(match: re.Match[str]) -> Piece:
    if match["text"] is not None:
        return ("text", match["text"])
    if match["truth"] is not None:
        return ("truth", match["truth"])
    if match["value"] is not None:
        kind, value = _number(match["value"])
        return Interval(kind, value, value, low_in=True, high_in=True)
    if match["sign"] is not None:
        kind, bound = _number(match["bound"])
        included = match["sign"].endswith("=")
        if match["sign"].startswith("<"):
            return Interval(kind, -math.inf, bound, low_in=False, high_in=included)
        return Interval(kind, bound, math.inf, low_in=included, high_in=False)
    kind, low = _number(match["low"])
    _, high = _number(match["high"])
    return Interval(kind, low, high, low_in=match["open"] == "[", high_in=match["close"] == "]")


def _number(text: str) -> tuple[str, float]:
    found = re.search(r"\d{4}-\d\d-\d\d", text) if '"' in text else None
    if found is None:
        return "number", float(text)
    try:
        return "date", float(date.fromisoformat(found[0]).toordinal())
    except ValueError:
        return "date", math.nan


def overlapping(rules: Sequence[Mapping[str, Any]]) -> Iterator[tuple[int, int]]:
    """Pairs of rules (indices) that surely match some common input."""
    if len(rules) > MOST_RULES:
        return
    tests = [[read_test(text) for text in rule["tests"]] for rule in rules]
    for (i, first), (j, second) in combinations(enumerate(tests), 2):
        if len(first) == len(second) and all(
            a is not None and b is not None and a.meets(b) for a, b in zip(first, second, strict=True)
        ):
            yield i, j
