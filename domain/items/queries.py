"""Service items, read."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from domain.errors import NotFound
from domain.items.models import Item


class ItemNames(NamedTuple):
    """What an item is called in both languages."""

    name: str
    name_en: str


def list_items(session: Session) -> list[Item]:
    """All items in the plan's order."""
    return list(session.scalars(select(Item).order_by(Item.no)))


def get_item(session: Session, code: str) -> Item:
    """One item. Raises :class:`NotFound`."""
    item = session.get(Item, code)
    if item is None:
        raise NotFound("没有这个事项。", "There is no such item.", pointer="/itemCode")
    return item


def names_in_both(session: Session, codes: Iterable[str] | None = None) -> dict[str, ItemNames]:
    """Names of items by code, in both languages."""
    query = select(Item.code, Item.name, Item.name_en).order_by(Item.no)
    if codes is not None:
        query = query.where(Item.code.in_(set(codes)))
    return {row.code: ItemNames(row.name, row.name_en) for row in session.execute(query)}


def item_names(session: Session, codes: Iterable[str] | None = None) -> dict[str, str]:
    """Names of items by code."""
    query = select(Item.code, Item.name)
    if codes is not None:
        query = query.where(Item.code.in_(set(codes)))
    return dict(session.execute(query).all())
