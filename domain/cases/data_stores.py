"""Data stores 数据存储 of a process (BPMN 2.0.2 §10.4.1): values that outlive a case, shared by all legs of a definition.

Sealed like everything that may hold personal data. A step that may touch stores holds their rows until it ends, so that two legs
never overwrite each other's value.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, cast

from sqlalchemy import Table, select
from sqlalchemy.dialects.postgresql import insert

from domain.cases.models import DataStoreValue
from domain.cases.rows import LegRow
from domain.context import Context
from domain.definitions.store import Deployed

STORES = cast("Table", DataStoreValue.__table__)


def hold(ctx: Context, definition: Deployed) -> dict[str, Any]:
    """The values of the definition's stores by name, locked until the transaction ends; a store never written is null."""
    names = sorted(definition.model.data_stores)
    if not names:
        return {}
    now = ctx.clock.now()
    ctx.session.execute(
        insert(STORES)
        .values([{"definition_key": definition.key, "name": n, "value": None, "updated_at": now} for n in names])
        .on_conflict_do_nothing()
    )
    found = ctx.session.execute(_rows(definition.key, names).order_by(STORES.c.name).with_for_update())
    return {row.name: row.value for row in found}


def keep(ctx: Context, definition: Deployed, leg: LegRow, stored: Mapping[str, Any]) -> None:
    """Write what a step of ``leg`` put into stores."""
    for name, value in stored.items():
        ctx.session.execute(
            STORES.update()
            .where(STORES.c.definition_key == definition.key, STORES.c.name == name)
            .values(value=value, updated_at=ctx.clock.now(), updated_by_leg_id=leg.id)
        )


def _rows(key: str, names: Sequence[str]) -> Any:
    return select(STORES.c.name, STORES.c.value).where(STORES.c.definition_key == key, STORES.c.name.in_(names))
