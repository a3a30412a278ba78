"""The rules themselves: said in two languages, used somewhere, listed on the page of rules."""

from __future__ import annotations

import re
from pathlib import Path

from engine.source.page import page
from engine.source.rules import RULES, TABLES

ROOT = Path(__file__).parents[2]
SOURCES = [p for p in (ROOT / "engine").rglob("*.py") if not p.name.startswith("rules")]


def test_every_rule_has_four_texts_with_the_same_values() -> None:
    for name, (zh, en, hint_zh, hint_en) in RULES.items():
        assert all((zh, en, hint_zh, hint_en)), name
        assert re.search(r"[\u4e00-\u9fff]", zh), name
        assert not re.search(r"[\u4e00-\u9fff]", en + hint_en), name
        values_zh, values_en = (set(re.findall(r"{(\w+)}", t)) for t in (zh, en))
        assert {v.removesuffix("_en") for v in values_en} <= {v.removesuffix("_en") for v in values_zh} | {"number"}, (
            name
        )


def test_no_rule_is_in_two_tables() -> None:
    assert len(RULES) == sum(len(rules) for rules in TABLES.values())


def test_every_rule_is_used() -> None:
    said = "\n".join(p.read_text() for p in SOURCES)
    assert not [name for name in RULES if f'"{name}"' not in said]


def test_the_page_of_rules_is_up_to_date() -> None:
    assert (ROOT / "docs/rules.md").read_text() == page(), "python -m engine.source.page > docs/rules.md"
