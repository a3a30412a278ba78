"""What an item asks for, given what the applicant said: 必要 always, 情形 when its condition (FEEL) holds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from domain.cases.errors import refusals
from domain.context import Context
from domain.items.models import Item
from forms.kernel import Expression

ALWAYS, CONDITIONAL = "必要", "情形"


@dataclass(frozen=True, slots=True)
class Requirement:
    """A material of an item. ``source`` is UPLOAD, SHARED or SYSTEM; ``gap``: may follow later (容缺); ``partner``: may cross."""

    code: str
    name: str
    required: bool
    source: str
    gap: bool
    promise: bool
    partner: bool


def list_requirements(ctx: Context, item: Item, data: Mapping[str, Any]) -> list[Requirement]:
    """The materials of an item for this application. Conditions are evaluated in one call; one that fails counts as met."""
    rows = [row for row in item.sheet.get("materials", ()) if row.get("code")]
    conditions = [row for row in rows if row.get("need") == CONDITIONAL and row.get("needIf")]
    sources = [Expression(str(row["needIf"]).removeprefix("=")) for row in conditions]
    with refusals():
        answers = ctx.forms.evaluate(sources, {**data, "application": dict(data)}) if sources else []
    holds = {
        row["code"]: answer.error is not None or answer.value is True
        for row, answer in zip(conditions, answers, strict=True)
    }
    return [
        Requirement(
            code=row["code"],
            name=row["name"],
            required=row.get("need") == ALWAYS or holds.get(row["code"], False),
            source=row.get("source", "UPLOAD"),
            gap=bool(row.get("gap")),
            promise=bool(row.get("promise")),
            partner=bool(row.get("partner")),
        )
        for row in rows
    ]
