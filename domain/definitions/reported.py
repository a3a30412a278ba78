"""How checks put a finding: the rule, what is wrong, what to do, where."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from engine.contract import Element, Finding, Severity


def unknown(element: Element, rule: str, what: str, value: str, known: Iterable[str]) -> Finding:
    """An element names something that does not exist."""
    listed = sorted(known)
    return error(
        rule,
        f"“{element.name or element.id}”使用了未知的{what}“{value}”。",
        f"'{element.id}' names '{value}', which is unknown ({rule}).",
        f"可用：{'、'.join(listed)}。" if listed else "请从列表中选择。",
        f"Known: {', '.join(listed)}." if listed else "Choose one from the list.",
        element.id,
    )


def error(rule: str, zh: str, en: str, hint_zh: str, hint_en: str, element_id: str | None = None) -> Finding:
    """Something that cannot be deployed."""
    return finding(Severity.ERROR, rule, zh, en, hint_zh, hint_en, element_id)


def finding(severity: Severity, rule: str, *texts: Any) -> Finding:
    """Of any severity: what is wrong and what to do, each in Chinese and English, and the element."""
    zh, en, hint_zh, hint_en, element_id = texts
    return Finding(rule, severity, zh, en, hint_zh, hint_en, element_id)
