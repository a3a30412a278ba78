"""Data contracts per item: which fields, materials and documents may cross between its sites, by message and direction (DOMAIN §5.3).

The model says what a message takes along; the contract says what it may. It is asked at deployment, when a message is built, when one
arrives, and when a partner's page is read. An item without a contract has its model's own (a warning at deployment says so).
A further edition is in force from a moment; cases that began before keep theirs. How one comes about: :mod:`domain.partners.editions`.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import Session

from domain.context import Context
from domain.items.models import DataContract, Item
from domain.statements import Statement

SIDES: Final = ("main", "partner")
"""Who receives and leads, and who is asked to act with it."""
_IN_FORCE: Final = Statement(
    "select version, content from data_contracts where item_code = %(item)s"
    " order by in_force_from <= %(at)s desc, case when in_force_from <= %(at)s then version else -version end desc limit 1"
)
"""The newest edition whose time had come; for a case that is older than the first edition, the first."""


@dataclass(frozen=True, slots=True)
class Crossing:
    """What one message may take along in one direction. ``paths`` as the model writes them (``movers[].idNo``)."""

    paths: frozenset[str]
    materials: frozenset[str]


NOTHING: Final = Crossing(frozenset(), frozenset())


@dataclass(frozen=True, slots=True)
class Contract:
    """An edition of an item's contract."""

    item_code: str
    version: int
    content: Mapping[str, Any]

    def crossing(self, message: str, sender: str) -> Crossing:
        """What may leave ``sender`` (main or partner) with the message; a message that is not listed takes nothing."""
        for row in self.content["messages"]:
            if row["message"] == message and row["from"] == sender:
                return Crossing(frozenset(field["path"] for field in row["fields"]), frozenset(row["materials"]))
        return NOTHING

    def lists(self, message: str, sender: str) -> bool:
        """Whether the message may be sent at all."""
        return any(row["message"] == message and row["from"] == sender for row in self.content["messages"])

    def paths_from(self, sender: str) -> frozenset[str]:
        """All fields that may leave a side, with any message."""
        rows = (row for row in self.content["messages"] if row["from"] == sender)
        return frozenset(field["path"] for row in rows for field in row["fields"])

    @property
    def documents(self) -> frozenset[str]:
        """Codes of documents that the other side may read."""
        return frozenset(row["code"] for row in self.content["documents"])


@lru_cache(maxsize=1)
def shipped() -> dict[str, dict[str, Any]]:
    """The contracts that come with the product, by item."""
    raw: dict[str, dict[str, Any]] = json.loads(
        (Path(__file__).parent / "data" / "contracts.json").read_text(encoding="utf-8")
    )
    return raw


def load_contracts(session: Session, now: datetime) -> None:
    """Publish what came with the product where it is new; a version that was published here stays in force."""
    for item_code, content in shipped().items():
        newest = _find_row(session, item_code)
        if newest is None or (newest.published_by is None and newest.content != content):
            _add(session, item_code, content, newest, at=now, note="随产品发布")


def publish(
    ctx: Context, item_code: str, content: Mapping[str, Any], *, note: str = "", in_force_from: datetime | None = None
) -> DataContract:
    """A further edition of an item's contract, in force from a moment (None, or a past one: from now on; never before the one before)."""
    newest, now = _find_row(ctx.session, item_code), ctx.clock.now()
    by = ctx.actor.user_id or None
    return _add(ctx.session, item_code, content, newest, at=now, note=note, by=by, in_force_from=in_force_from)


def _add(
    session: Session,
    item_code: str,
    content: Mapping[str, Any],
    newest: DataContract | None,
    *,
    at: datetime,
    note: str,
    by: int | None = None,
    in_force_from: datetime | None = None,
) -> DataContract:
    begins = max(at, in_force_from or at)
    row = DataContract(
        item_code=item_code,
        version=1 if newest is None else newest.version + 1,
        content=dict(content),
        note=note,
        published_by=by,
        published_at=at,
        in_force_from=begins if newest is None else max(begins, newest.in_force_from),
    )
    session.add(row)
    session.flush()
    return row


def find_contract(session: Session, item_code: str, at: datetime) -> Contract | None:
    """The item's contract as it was in force at that moment: for what happens to a case, when the case began."""
    row = _IN_FORCE.row(session, {"item": item_code, "at": at})
    return None if row is None else Contract(item_code, *row)


def find_for_definition(session: Session, key: str, at: datetime) -> Contract | None:
    """The contract of the item whose process has this key."""
    code = session.scalar(select(Item.code).where(Item.definition_key == key).order_by(Item.no).limit(1))
    return None if code is None else find_contract(session, code, at)


def list_contracts(session: Session, at: datetime) -> list[DataContract]:
    """The contracts in force at that moment, by item."""
    rows = session.scalars(
        select(DataContract)
        .ext(distinct_on(DataContract.item_code))
        .where(DataContract.in_force_from <= at)
        .order_by(DataContract.item_code, DataContract.version.desc())
    )
    return list(rows)


def list_versions(session: Session, item_code: str) -> list[DataContract]:
    """All versions of an item's contract, newest first."""
    query = select(DataContract).where(DataContract.item_code == item_code).order_by(DataContract.version.desc())
    return list(session.scalars(query))


def only(content: Any, paths: Iterable[str]) -> Any:
    """The parts of a received content that these paths name; everything else is left out."""
    kept: dict[str, Any] = {}
    for path in sorted(paths):
        _keep([part.removesuffix("[]") for part in path.split(".")], content, kept)
    return kept


def outside(content: Any, paths: Iterable[str]) -> list[str]:
    """The parts of a received content that no path names, each as a path; what lies below a named part belongs to it."""
    return list(_outside(content, "", {path.removesuffix("[]") for path in paths}))


def _outside(content: Any, prefix: str, allowed: set[str]) -> Iterator[str]:
    for name, value in content.items():
        path = f"{prefix}{name}"
        if path in allowed:
            continue
        inner = f"{path}[]." if isinstance(value, list) else f"{path}."
        entries = value if isinstance(value, list) else [value]
        if any(each.startswith(inner) for each in allowed) and all(isinstance(each, Mapping) for each in entries):
            for each in entries:
                yield from _outside(each, inner, allowed)
        else:
            yield path


def _keep(names: list[str], source: Any, target: dict[str, Any]) -> None:
    if not isinstance(source, Mapping) or names[0] not in source:
        return
    value, rest = source[names[0]], names[1:]
    if not rest:
        target[names[0]] = value
    elif isinstance(value, list):
        entries = target.setdefault(names[0], [{} for _ in value])
        for entry, inner in zip(value, entries, strict=True):
            _keep(rest, entry, inner)
    else:
        _keep(rest, value, target.setdefault(names[0], {}))


def _find_row(session: Session, item_code: str) -> DataContract | None:
    query = select(DataContract).where(DataContract.item_code == item_code).order_by(DataContract.version.desc())
    return session.scalar(query.limit(1))
