import re
from typing import Any

import pytest
from sqlalchemy import func, select

from domain.context import Context
from domain.deadlines import policies
from domain.items import service as items
from domain.items.models import Item
from forms.kernel import Expression, Kernel

OFFERED = {"hukou-join-parents", "water-safety-change"}


def test_all_22_items_are_loaded_once(ctx: Context) -> None:
    assert items.load_items(ctx) == 22
    before = ctx.session.get_one(Item, "water-safety-change")
    before.implementation_code = "1" * 31
    ctx.session.flush()
    items.load_items(ctx)
    ctx.session.expire_all()
    assert ctx.session.scalar(select(func.count()).select_from(Item)) == 22
    assert ctx.session.get_one(Item, "water-safety-change").implementation_code == "1" * 31
    offered = set(ctx.session.scalars(select(Item.code).where(Item.definition_key.is_not(None))))
    assert offered == OFFERED


@pytest.mark.parametrize("row", items.shipped(), ids=[row["code"] for row in items.shipped()])
def test_every_sheet_can_be_shown(row: dict[str, Any]) -> None:
    assert re.fullmatch(r"[a-z0-9-]+", row["code"])
    assert row["guide"]["steps"]
    assert row["guide"]["legalBasis"]
    assert [m["code"] for m in row["materials"]] == [f"M{n}" for n in range(1, len(row["materials"]) + 1)]
    for material in row["materials"]:
        assert material["name"]
        assert material["need"] in {"必要", "情形"}
        assert material["source"] in {"UPLOAD", "SHARED", "SYSTEM"}
    for entry in row["guide"]["deadlines"]:
        assert entry["key"] in policies.shipped()
    assert not re.search(r"\[[SFDK]\d*\]", str(row))


@pytest.mark.parametrize("code", sorted(OFFERED))
def test_conditions_of_materials_can_be_read(kernel: Kernel, code: str) -> None:
    row = next(row for row in items.shipped() if row["code"] == code)
    sources = [m["needIf"].removeprefix("=") for m in row["materials"] if m["needIf"]]
    assert sources
    assert all(found.error is None for found in kernel.parse([Expression(source) for source in sources]))
    assert all(m["needIf"] for m in row["materials"] if m["need"] == "情形")


def test_the_housing_proof_does_not_cross() -> None:
    row = next(row for row in items.shipped() if row["code"] == "hukou-join-parents")
    assert {m["code"] for m in row["materials"] if m["partner"]} == {"M1", "M2", "M3", "M5", "M8"}
