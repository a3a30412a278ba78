"""权责清单: who answers for which stage of an item, versioned, and who answers for a case now (R-03.1)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from domain.actors import Role
from domain.audit import service as audit
from domain.context import Context
from domain.identity import functions
from domain.items.contracts import SIDES
from domain.items.queries import get_item
from domain.partners.errors import BadEntry, ListChanged
from domain.partners.models import ResponsibilityList

LONGEST: Final = 60


@dataclass(frozen=True, slots=True)
class Duty:
    """A line of the list: at which leg which role does what, on what ground."""

    stage: str
    leg: str
    role: str
    duty: str
    basis: str


def newest(session: Session, item_code: str) -> ResponsibilityList | None:
    """The list in force."""
    query = select(ResponsibilityList).where(ResponsibilityList.item_code == item_code)
    return session.scalar(query.order_by(ResponsibilityList.version.desc()).limit(1))


def list_versions(session: Session, item_code: str) -> list[ResponsibilityList]:
    """All versions, newest first."""
    query = select(ResponsibilityList).where(ResponsibilityList.item_code == item_code)
    return list(session.scalars(query.order_by(ResponsibilityList.version.desc())))


def publish(
    ctx: Context, item_code: str, entries: Sequence[Mapping[str, str]], note: str, *, after: int
) -> ResponsibilityList:
    """Publish a new version; ``after`` is the version it was drawn from (0: the first).

    Raises :class:`BadEntry`, :class:`ListChanged`, ``NotFound``, ``FunctionRefused``.
    """
    functions.require(ctx.actor, "item:edit")
    item = get_item(ctx.session, item_code)
    for number, entry in enumerate(entries):
        if entry["leg"] not in SIDES or entry["role"] not in set(Role) - {Role.SYSTEM}:
            raise BadEntry("没有这个环节方或角色。", "There is no such leg or role.", pointer=f"/entries/{number}")
    query = select(func.max(ResponsibilityList.version)).where(ResponsibilityList.item_code == item.code)
    present = ctx.session.scalar(query) or 0
    if present != after:
        raise ListChanged(f"现行版本是第 {present} 版。", f"Version {present} is in force.")
    row = ResponsibilityList(
        item_code=item.code,
        version=present + 1,
        entries=[dict(entry) for entry in entries],
        note=note.strip(),
        published_by=ctx.actor.user_id,
        published_at=ctx.clock.now(),
    )
    ctx.session.add(row)
    ctx.session.flush()
    audit.record(ctx, "responsibilities.published", data={"itemCode": item.code, "version": row.version})
    return row


def duty_of(row: ResponsibilityList | None, leg: str, role: str) -> Duty | None:
    """The first line of the list for this leg and role."""
    for entry in row.entries if row is not None else ():
        if entry["leg"] == leg and entry["role"] == role:
            return Duty(**{name: str(entry.get(name, "")) for name in Duty.__slots__})
    return None


def as_answer(row: ResponsibilityList | None) -> dict[str, Any]:
    """Version and lines, for the pages; version 0 when there is none yet."""
    if row is None:
        return {"version": 0, "entries": [], "note": "", "published_at": None, "published_by": 0}
    return {
        "version": row.version,
        "entries": row.entries,
        "note": row.note,
        "published_at": row.published_at,
        "published_by": row.published_by,
    }
