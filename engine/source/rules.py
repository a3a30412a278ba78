"""The rules of the validator: (sentence zh, sentence en, hint zh, hint en). Sentences may name values in braces."""

from __future__ import annotations

from engine.source.rules_compensation import COMPENSATION_RULES
from engine.source.rules_data import DATA_RULES
from engine.source.rules_elements import ELEMENT_RULES
from engine.source.rules_standard import STANDARD_RULES
from engine.source.rules_structure import STRUCTURE_RULES

RULES: dict[str, tuple[str, str, str, str]] = {
    **STRUCTURE_RULES,
    **ELEMENT_RULES,
    **COMPENSATION_RULES,
    **STANDARD_RULES,
    **DATA_RULES,
}
