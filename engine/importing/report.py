"""What an import did: every change and everything that people must look at, in Chinese and English."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from engine.importing.errors import Unconvertible
from engine.importing.texts import TEXTS
from engine.source.names import line_of

if TYPE_CHECKING:
    from lxml.etree import _Element


_CONSTANT = re.compile(r"(?<![\w.\"])(site|caseInfo|deadlines|application|performer)\b(?!\s*[(:])")
"""What every expression sees over the variables (docs/dialect.md)."""
_EXPRESSIONS = frozenset({"evaluate", "script", "listener"})


class Kind(StrEnum):
    """What happened to something of the source."""

    CONVERTED = "converted"
    REPAIRED = "repaired"
    DROPPED = "dropped"
    """It has no effect here. It stays in the file as a foreign extension."""
    MANUAL = "manual"
    """People must decide or write it."""


@dataclass(frozen=True, slots=True)
class Change:
    """One line of the report. ``what`` is a slug of what was touched; ``line`` is 1-based in the source."""

    kind: Kind
    what: str
    message_zh: str
    message_en: str
    element_id: str | None = None
    line: int | None = None
    before: str = ""
    after: str = ""


@dataclass(slots=True)
class Report:
    """Collects changes in order; the same is said once."""

    changes: list[Change] = field(default_factory=list)
    forms: dict[str, dict[str, Any]] = field(default_factory=dict)
    """Forms made from the form fields of other engines, by id."""

    def say(
        self, kind: Kind, what: str, element: _Element | None, before: str = "", after: str = "", **values: str
    ) -> None:
        """Add a line; its sentences are :data:`engine.importing.texts.TEXTS`."""
        zh, en = TEXTS[what]
        shown = {"before": _short(before), "after": _short(after)} | {k: _short(v) for k, v in values.items()}
        change = Change(
            kind=kind,
            what=what,
            message_zh=zh.format(**shown),
            message_en=en.format(**shown),
            element_id=_owner(element),
            line=None if element is None else line_of(element),
            before=before[:2000],
            after=after[:2000],
        )
        if change not in self.changes:
            self.changes.append(change)

    def converted(self, what: str, element: _Element, before: str, after: str, **values: str) -> None:
        """Something means the same now in our dialect; a variable that is called like a constant of ours is told."""
        self.say(Kind.CONVERTED, what, element, before, after, **values)
        if after.startswith("=") or what in _EXPRESSIONS:
            for name in dict.fromkeys(_CONSTANT.findall(after)):
                self.manual("constant", element, before, name)

    def repaired(self, what: str, element: _Element | None, before: str = "", after: str = "", **values: str) -> None:
        """Something was put right."""
        self.say(Kind.REPAIRED, what, element, before, after, **values)

    def dropped(self, what: str, element: _Element, before: str, **values: str) -> None:
        """Something has no effect here."""
        self.say(Kind.DROPPED, what, element, before, **values)

    def manual(self, what: str, element: _Element | None, before: str = "", after: str = "", **values: str) -> None:
        """Something is left to people."""
        self.say(Kind.MANUAL, what, element, before, after, **values)

    def tried(self, what: str, element: _Element, before: str, convert: Callable[[str], str], **values: str) -> str:
        """Convert a text and report it. What cannot be converted stays, marked as an expression, so that the validator finds it."""
        try:
            after = convert(before)
        except Unconvertible as error:
            self.manual("unconvertible", element, before, zh=error.reason_zh, en=error.reason_en)
            return before if before.startswith("=") else "=" + before
        if after != before.strip():
            self.converted(what, element, before, after, **values)
        return after


def _owner(element: _Element | None) -> str | None:
    """The id of an element, or of the nearest around it that has one."""
    while element is not None:
        if element.get("id"):
            return element.get("id")
        element = element.getparent()
    return None


def _short(text: str) -> str:
    return text if len(text) <= 160 else text[:159] + "…"  # noqa: PLR2004
