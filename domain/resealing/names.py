"""Names that a program from before wrote plainly are sealed, a few hundred at a time, once no such program runs any more."""

from __future__ import annotations

from typing import Any, Final

from sqlalchemy import select, update

from domain.base import SealedName
from domain.context import Context

ROWS: Final = 300


def seal_some(ctx: Context) -> int:
    """Seal the next plain names of accounts and files, passing over rows that a step holds; how many there were."""
    return sum(_seal(ctx, model) for model in SealedName.__subclasses__())


def _seal(ctx: Context, model: Any) -> int:
    plain = select(model.id, model.plain_name).where(model.plain_name != "").order_by(model.id).limit(ROWS)
    rows = ctx.session.execute(plain.with_for_update(skip_locked=True)).all()
    for row in rows:
        ctx.session.execute(update(model).where(model.id == row.id).values(sealed_name=row[1], plain_name=""))
    return len(rows)
