"""Service items of this deployment beside those of the plan: entered from a file, edition by edition, never written over unseen."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from domain.audit import service as audit
from domain.context import Context
from domain.deadlines import policies
from domain.errors import Conflict
from domain.items import service as items
from domain.items.models import Item, ItemEdition
from domain.items.queries import get_item
from domain.registry.item_files import IGNORED, ItemRefused, require_sound
from forms.kernel import Expression

FIRST_NUMBER: Final = 1000
"""Own items stand after those of the plan, also after those that later versions of the product bring."""


class ItemExists(Conflict):
    """Another item has this code, or the item has a newer edition than the one that was changed."""

    code = "item-exists"
    title_zh = "事项已存在"
    title_en = "The item exists"
    next_zh = "另用一个编号；要改这一事项，请从它的现行版本改起，并写明版本号。"
    next_en = "Take another code; to change this item begin with its present edition and name that."


class ItemShipped(Conflict):
    """The item comes with the product, whose next version would write over it."""

    code = "item-shipped"
    title_zh = "该事项随产品提供"
    title_en = "This item comes with the product"
    next_zh = "随产品提供的事项不能用文件修改；可以为没有流程的事项关联流程，或另用一个编号登记。"
    next_en = "It is not changed by a file; link a process where it has none, or enter yours under another code."


def put_item(
    ctx: Context, content: Any, *, after: int | None = None, note: str = "", trial: bool = False
) -> Item | None:
    """Enter a new item (``after`` None), or the next edition of an own one after the edition that was changed.

    ``trial``: only check, then None. Raises :class:`ItemRefused`, :class:`ItemExists`, :class:`ItemShipped`.
    """
    require_sound(content, policies.shipped())
    _require_conditions(ctx, content["materials"])
    code = content["code"]
    row = ctx.session.get(Item, code, with_for_update=True)
    if row is None and after is not None:
        raise ItemRefused(f"没有事项“{code}”。", f"There is no item '{code}'.", pointer="/code")
    if row is not None and row.edition == 0:
        raise ItemShipped(f"“{row.name}”（{code}）。", f"'{row.name_en}' ({code}).", pointer="/code")
    if row is not None and row.edition != after:
        raise ItemExists(
            f"“{row.name}”（{code}）现为第 {row.edition} 版。",
            f"'{row.name_en}' ({code}) is at edition {row.edition}.",
            pointer="/code",
        )
    if trial:
        return None
    return _write(ctx, row, content, note)


def _write(ctx: Context, row: Item | None, content: Mapping[str, Any], note: str) -> Item:
    if row is None:
        highest = ctx.session.scalar(select(func.max(Item.no))) or 0
        row = Item(code=content["code"], no=max(highest + 1, FIRST_NUMBER), edition=0)
        ctx.session.add(row)
    row.name, row.name_en = content["name"].strip(), content["nameEn"].strip()
    row.mode, row.sector = content["mode"], content["sector"]
    row.sheet = {key: value for key, value in content.items() if key not in items.OWN_COLUMNS and key not in IGNORED}
    row.edition += 1
    ctx.session.flush()
    ctx.session.add(
        ItemEdition(
            item_code=row.code,
            edition=row.edition,
            content=dict(content),
            note=note.strip(),
            published_by=ctx.actor.user_id or None,
            published_at=ctx.clock.now(),
        )
    )
    ctx.session.flush()
    audit.record(ctx, "item.entered", data={"item": row.code, "edition": row.edition, "note": note.strip()})
    return row


def list_editions(session: Session, code: str) -> Sequence[ItemEdition]:
    """The editions of an own item, newest first; none of one that comes with the product. Raises ``NotFound``."""
    get_item(session, code)
    query = select(ItemEdition).where(ItemEdition.item_code == code).order_by(ItemEdition.edition.desc())
    return session.scalars(query).all()


def _require_conditions(ctx: Context, materials: Sequence[Mapping[str, Any]]) -> None:
    """Raise :class:`ItemRefused` for a condition that cannot be read."""
    conditions = [(number, row["needIf"]) for number, row in enumerate(materials) if row.get("needIf")]
    read = ctx.forms.parse([Expression(source.removeprefix("=")) for _, source in conditions]) if conditions else []
    for (number, _), found in zip(conditions, read, strict=True):
        if found.error is not None:
            raise ItemRefused("条件无法识别。", "The condition cannot be read.", pointer=f"/materials/{number}/needIf")
