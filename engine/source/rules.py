"""The rules of the validator: (sentence zh, sentence en, hint zh, hint en). Sentences may name values in braces."""

from __future__ import annotations

from engine.source.rules_compensation import COMPENSATION_RULES
from engine.source.rules_data import DATA_RULES
from engine.source.rules_elements import ELEMENT_RULES
from engine.source.rules_standard import STANDARD_RULES
from engine.source.rules_structure import STRUCTURE_RULES

Rules = dict[str, tuple[str, str, str, str]]
TABLES: dict[str, Rules] = {
    "Files, structure, flow": STRUCTURE_RULES,
    "Elements, pools, lanes": ELEMENT_RULES,
    "Compensation and transactions": COMPENSATION_RULES,
    "BPMN 2.0: schema, references, expressions, flow, events": STANDARD_RULES,
    "BPMN 2.0: activities, data, collaborations": DATA_RULES,
}
"""Subject to rules, as the page of rules shows them."""

RULES: Rules = {name: texts for rules in TABLES.values() for name, texts in rules.items()}
