"""Findings about a model: every rule with its sentence and hint in Chinese and English."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from engine.contract import Finding, Severity
from engine.source.names import line_of
from engine.source.rules import RULES

if TYPE_CHECKING:
    from collections.abc import Mapping

    from lxml.etree import _Element


class Findings:
    """Collects findings; each is said once per element."""

    def __init__(self, rules: Mapping[str, tuple[str, str, str, str]] = RULES) -> None:
        self._rules = rules
        self._rows: dict[tuple[str, str | None, str], Finding] = {}

    @property
    def rows(self) -> tuple[Finding, ...]:
        """Errors first, then by line."""
        return tuple(sorted(self._rows.values(), key=lambda f: (f.severity is not Severity.ERROR, f.line or 0)))

    def said(self, rule: str, element: _Element) -> bool:
        """Whether this rule has spoken of this element."""
        return any(r == rule and e == element.get("id") for r, e, _ in self._rows)

    @property
    def errors(self) -> int:
        """How many findings refuse the model."""
        return sum(f.severity is Severity.ERROR for f in self._rows.values())

    @property
    def has_errors(self) -> bool:
        """Whether the model is refused."""
        return any(f.severity is Severity.ERROR for f in self._rows.values())

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
        self._add(Severity.ERROR, rule, element, _line(element, at, line), {**(values or {}), **more})

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
        self._rows.setdefault((rule, element_id, message_en), finding)


def _line(element: _Element | None, at: _Element | None, line: int | None) -> int | None:
    where = element if at is None else at
    return line if where is None else line_of(where)
