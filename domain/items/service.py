"""Loading the items of the plan (all 22 sheets) into the catalogue."""

from __future__ import annotations

import json
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

from sqlalchemy import func
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from domain.context import Context
from domain.items import contracts
from domain.items.models import Item

OWN_COLUMNS = ("code", "no", "name", "nameEn", "mode", "sector", "definitionKey", "applyFormId")


@lru_cache(maxsize=1)
def shipped() -> list[dict[str, Any]]:
    """The items that ship with the product, in the plan's order."""
    raw: list[dict[str, Any]] = json.loads((Path(__file__).parent / "data" / "items.json").read_text(encoding="utf-8"))
    return raw


def load_items(ctx: Context) -> int:
    """Add the shipped items or bring them up to date; a 实施编码 that was entered here stays. How many."""
    return load_catalogue(ctx.session, ctx.clock.now())


def load_catalogue(session: Session, now: datetime) -> int:
    """The same for whoever has a session alone: every deployment begins with the items of the plan, with each migration."""
    for row in shipped():
        values = {
            "no": row["no"],
            "name": row["name"],
            "name_en": row["nameEn"],
            "mode": row["mode"],
            "sector": row["sector"],
            "definition_key": row.get("definitionKey"),
            "apply_form_id": row.get("applyFormId"),
            "sheet": {key: value for key, value in row.items() if key not in OWN_COLUMNS},
        }
        statement = insert(Item).values(code=row["code"], **values)
        linked = {
            name: func.coalesce(getattr(statement.excluded, name), getattr(Item, name))
            for name in ("definition_key", "apply_form_id")
        }
        # A process that was linked here stays, and so does an own item that had the code before the product did.
        update = statement.on_conflict_do_update(
            index_elements=["code"], set_={**values, **linked}, where=Item.edition == 0
        )
        session.execute(update)
    contracts.load_contracts(session, now)
    return len(shipped())
