"""Findings about a model: every rule with its sentence and hint in Chinese and English."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from engine.contract import Finding, Severity
from engine.source.names import line_of
from engine.source.rules import RULES

if TYPE_CHECKING:
    from lxml.etree import _Element


MOST = 500
"""How many errors and how many warnings are kept; of the others only the number is said."""


class Findings:
    """Collects findings; each is said once per element."""

    def __init__(self, rules: Mapping[str, tuple[str, str, str, str]] = RULES) -> None:
        self._rules = rules
        self.eased: frozenset[str] = frozenset()
        """Rules of which a violation is a warning only."""
        self._rows: dict[tuple[str, str | None, str], Finding] = {}
        self._said: set[tuple[str, str | None]] = set()
        self._counts: Counter[Severity] = Counter()

    @property
    def rows(self) -> tuple[Finding, ...]:
        """Errors first, then by line; last how many more there are."""
        kept = sorted(self._rows.values(), key=lambda f: (f.severity is not Severity.ERROR, f.line or 0))
        more = sum(max(0, count - MOST) for count in self._counts.values())
        if more:
            zh, en, hint_zh, hint_en = (text.format(number=more) for text in RULES["findingsOmitted"])
            kept.append(Finding("findingsOmitted", Severity.WARNING, zh, en, hint_zh, hint_en))
        return tuple(kept)

    def said(self, rule: str, element: _Element) -> bool:
        """Whether this rule has spoken of this element."""
        return (rule, element.get("id")) in self._said

    @property
    def errors(self) -> int:
        """How many findings refuse the model."""
        return self._counts[Severity.ERROR]

    @property
    def has_errors(self) -> bool:
        """Whether the model is refused."""
        return self._counts[Severity.ERROR] > 0

    def error(
        self,
        rule: str,
        element: _Element | None = None,
        *,
        at: _Element | None = None,
        line: int | None = None,
        values: Mapping[str, Any] | None = None,
        **more: Any,
    ) -> None:
        """The model is refused. ``at`` is where in the element it is, ``line`` where no element is."""
        grade = Severity.WARNING if rule in self.eased else Severity.ERROR
        self._add(grade, rule, element, _line(element, at, line), {**(values or {}), **more})

    def warning(
        self,
        rule: str,
        element: _Element | None = None,
        *,
        at: _Element | None = None,
        line: int | None = None,
        values: Mapping[str, Any] | None = None,
        **more: Any,
    ) -> None:
        """The designer should know."""
        self._add(Severity.WARNING, rule, element, _line(element, at, line), {**(values or {}), **more})

    def _add(
        self, severity: Severity, rule: str, element: _Element | None, line: int | None, values: dict[str, Any]
    ) -> None:
        texts = self._rules[rule]
        element_id = None if element is None else element.get("id")
        self._said.add((rule, element_id))
        if self._counts[severity] >= MOST:
            self._counts[severity] += 1
            return
        message_zh, message_en, hint_zh, hint_en = (text.format(**values) for text in texts)
        finding = Finding(
            rule=rule,
            severity=severity,
            message_zh=message_zh,
            message_en=message_en,
            hint_zh=hint_zh,
            hint_en=hint_en,
            element_id=element_id,
            line=line,
        )
        if (rule, element_id, message_en) not in self._rows:
            self._rows[(rule, element_id, message_en)] = finding
            self._counts[severity] += 1


def _line(element: _Element | None, at: _Element | None, line: int | None) -> int | None:
    where = element if at is None else at
    return line if where is None else line_of(where)
