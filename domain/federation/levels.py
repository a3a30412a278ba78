"""Levels of assurance (DOMAIN R-10.1): an account, 实名 (the name was proved), 实人 (the living person was proved)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from domain.identity.sessions import Level

LEVEL_NAMES: Final[Mapping[Level, tuple[str, str]]] = {
    Level.NONE: ("账号", "account"),
    Level.REAL_NAME: ("实名", "real name"),
    Level.REAL_PERSON: ("实人", "real person"),
}
_RANKS: Final = list(Level)


def reaches(level: str, other: str) -> bool:
    """Whether a level is at least the other."""
    return _RANKS.index(Level(level)) >= _RANKS.index(Level(other))


def level_of(claims: Mapping[str, Any], rules: Mapping[Level, Mapping[str, Sequence[str]]]) -> Level:
    """The highest level that a provider's rules see in the claims: every claim a rule names must have one of its values."""

    def fits(rule: Mapping[str, Sequence[str]]) -> bool:
        return bool(rule) and all(_values(claims.get(claim)) & set(wanted) for claim, wanted in rule.items())

    return max((level for level, rule in rules.items() if fits(rule)), key=_RANKS.index, default=Level.NONE)


def _values(found: Any) -> set[str]:
    if isinstance(found, list):
        return {str(each) for each in found}
    return set() if found is None else {str(found)}
