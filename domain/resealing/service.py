"""Sealing anew: one piece of work per column, batch after batch; it goes on where it stopped and may be done twice.

A batch reads rows whose envelope is not the present key's, passes over rows that a step holds, and writes the new bytes only where the
old ones still lie. A step that writes meanwhile uses the present key, or learns of it within seconds. A part ends when a later look
finds nothing left and nobody can write under another key any more (:mod:`domain.resealing.ending`).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

from sqlalchemy import (
    Column,
    ColumnElement,
    LargeBinary,
    String,
    Table,
    and_,
    func,
    literal,
    select,
    tuple_,
    type_coerce,
    update,
)

from domain.audit import service as audit
from domain.base import Base, SealedBytes, SealedJSON, SealedText, get_seal
from domain.context import Context
from domain.errors import Conflict
from domain.outbox import work
from domain.outbox.work import BATCH, NewWork
from domain.resealing.ending import is_fenced
from domain.resealing.models import Resealing, ResealingPart
from domain.sealing import FIRST, SealError, blind_version

KIND: Final = "keys.reseal"
ROWS: Final = 200
BYTES: Final = 8_000_000
"""Of one batch: files are large."""
AGAIN: Final = timedelta(minutes=1)
"""When a column is looked at again: rows that were locked, and what a process wrote that learnt of the new key a little later."""
BLIND: Final = frozenset(
    {"users.id_no_blind", "case_subjects.blind", "certificates.holder_blind", "registrations.person_blind"}
)
"""Columns of the blind index."""


@dataclass(frozen=True, slots=True)
class Held:
    """How many values of a column lie under one key (or in one version of the blind index)."""

    place: str
    key: int
    values: int
    present: bool


def places() -> Iterator[tuple[str, Table, Column[Any]]]:
    """Every sealed column and every column of the blind index."""
    for table in Base.metadata.sorted_tables:
        for column in table.columns:
            place = f"{table.name}.{column.name}"
            if isinstance(column.type, SealedJSON | SealedBytes | SealedText) or place in BLIND:
                yield place, table, column


def begin(ctx: Context, reason: str = "") -> Resealing:
    """Plan a run over all columns. Raises :class:`Conflict` while one to the same keys is going on."""
    seal = get_seal()
    seal.look()
    going = ctx.session.scalar(select(Resealing).where(Resealing.finished_at.is_(None)).with_for_update())
    if going is not None and (going.key_id, going.blind_version) == (seal.ring.active, seal.blind_version):
        raise Conflict("重新加密正在进行。", "Sealing anew is going on.")
    now = ctx.clock.now()
    if going is not None:  # the keys were changed again: its parts end when their work comes
        going.finished_at = now
    run = Resealing(
        key_id=seal.ring.active,
        blind_version=seal.blind_version,
        reason=reason[:200],
        started_by=ctx.actor.name[:60],
        started_at=now,
    )
    ctx.session.add(run)
    ctx.session.flush()
    parts = [ResealingPart(resealing_id=run.id, place=place) for place, _, _ in places()]
    ctx.session.add_all(parts)
    ctx.session.flush()
    work.add(ctx, [NewWork(KIND, str(part.id), now, queue=BATCH) for part in parts])
    audit.record(ctx, "keys.resealing", data={"key": run.key_id, "blindVersion": run.blind_version})
    return run


def run(ctx: Context, job: Any) -> None:
    """Job ``keys.reseal``: one batch of one column, and the work for the next one."""
    part = ctx.session.get(ResealingPart, int(job.ref), with_for_update=True)
    if part is None or part.finished_at is not None:
        return
    whole = ctx.session.get_one(Resealing, part.resealing_id)
    if whole.finished_at is not None:  # the keys were changed again: a newer run goes through this column
        part.finished_at = whole.finished_at
        return
    if not _knows(whole):
        work.add(ctx, [NewWork(KIND, str(part.id), ctx.clock.now() + AGAIN, data=job.data or {}, queue=BATCH)])
        return
    found = next(((table, column) for place, table, column in places() if place == part.place), None)
    now = ctx.clock.now()
    if found is None:  # the column is of another version of the program
        _finish(ctx, part)
        return
    table, column = found
    after = list((job.data or {}).get("after") or [])
    if not after:
        part.broken = 0  # a look from the beginning counts them anew
    rows = _stale(ctx, table, column, after)
    if rows:
        _convert(ctx, part, table, column, rows)
        last = list(rows[-1])[:-1]
        work.add(ctx, [NewWork(KIND, str(part.id), now, data={"after": last}, queue=BATCH)])
        return
    part.passes += 1
    if part.passes > 1 and is_fenced(ctx, whole) and _count_stale(ctx, table, column, part.broken + 1) <= part.broken:
        _finish(ctx, part)
        return
    work.add(ctx, [NewWork(KIND, str(part.id), now + AGAIN, queue=BATCH)])


def _knows(run: Resealing) -> bool:
    """Whether this process uses the keys of the run. One that does not would find nothing to do: to it the old key is the present one."""
    seal = get_seal()
    seal.look()
    return (seal.ring.active, seal.blind_version) == (run.key_id, run.blind_version)


def census(ctx: Context) -> list[Held]:
    """What lies under which key: reads every sealed column, for administrators."""
    seal, found = get_seal(), []
    for place, table, column in places():
        blind = place in BLIND
        head = func.substring(_raw(column), 1, 1 if blind else 3)
        counted = select(head, func.count()).select_from(table).where(column.is_not(None)).group_by(head)
        numbers: dict[int, int] = {}
        for begins, count in ctx.session.execute(counted):
            key = blind_version(begins) if blind else key_of_head(begins)
            numbers[key] = numbers.get(key, 0) + count
        present = seal.blind_version if blind else seal.ring.active
        found += [Held(place, key, count, key == present) for key, count in sorted(numbers.items())]
    return found


def list_parts(ctx: Context) -> tuple[Resealing | None, Sequence[ResealingPart]]:
    """The newest run and its columns."""
    newest = ctx.session.scalar(select(Resealing).order_by(Resealing.id.desc()).limit(1))
    if newest is None:
        return None, []
    query = select(ResealingPart).where(ResealingPart.resealing_id == newest.id).order_by(ResealingPart.place)
    return newest, list(ctx.session.scalars(query))


def key_of_head(head: bytes) -> int:
    """The key of sealed bytes by their first three."""
    return FIRST if head[:1] == b"\x01" else int.from_bytes(head[1:3])


def _raw(column: Column[Any]) -> Any:
    """The column as stored."""
    return column if isinstance(column.type, String) else type_coerce(column, LargeBinary)


def _is_stale(column: Column[Any]) -> ColumnElement[bool]:
    seal, raw = get_seal(), _raw(column)
    if isinstance(column.type, String):
        older = _older_marks(seal.blind_version)
        return and_(column.is_not(None), func.substring(raw, 1, 1).in_(older))
    return and_(column.is_not(None), func.substring(raw, 1, len(seal.head)) != seal.head)


def _count_stale(ctx: Context, table: Table, column: Column[Any], most: int) -> int:
    some = select(literal(1)).select_from(table).where(_is_stale(column)).limit(most).subquery()
    return ctx.session.scalar(select(func.count()).select_from(some)) or 0


def _stale(ctx: Context, table: Table, column: Column[Any], after: list[Any]) -> list[Any]:
    """The next rows (key columns, value as stored) that are not of the present key, locked.

    Those that others hold are passed over; when all are held, the last of them without a value.
    """
    keys, raw = list(table.primary_key.columns), _raw(column)
    query = select(*keys, func.octet_length(raw)).where(_is_stale(column)).order_by(*keys).limit(ROWS)
    if after:
        query = query.where(tuple_(*keys) > tuple_(*after))
    chosen: list[tuple[Any, ...]] = []
    room = BYTES
    for row in ctx.session.execute(query):
        room -= row[-1]
        if chosen and room < 0:
            break
        chosen.append(tuple(row[:-1]))
    if not chosen:
        return []
    locked = select(*keys, raw.label("value")).where(tuple_(*keys).in_(chosen), _is_stale(column)).order_by(*keys)
    return list(ctx.session.execute(locked.with_for_update(skip_locked=True))) or [(*chosen[-1], None)]


def _convert(ctx: Context, part: ResealingPart, table: Table, column: Column[Any], rows: Sequence[Any]) -> None:
    seal, keys = get_seal(), list(table.primary_key.columns)
    raw = _raw(column)
    for row in rows:
        *key, stored = row
        if stored is None:
            continue
        try:
            fresh = seal.raise_blind(stored) if isinstance(stored, str) else _anew(stored, part.place)
        except SealError:
            part.broken += 1
            continue
        mine = and_(*(one == value for one, value in zip(keys, key, strict=True)), raw == stored)
        value = fresh if isinstance(fresh, str) else type_coerce(fresh, LargeBinary)
        ctx.session.execute(update(table).where(mine).values({column: value}))
        part.done += 1


def _anew(stored: bytes, place: str) -> bytes:
    seal = get_seal()
    return seal.seal(seal.unseal(stored, place), place)


def _older_marks(version: int) -> list[str]:
    """First characters of blind values of earlier versions."""
    if version == 1:
        return []
    return [*"0123456789abcdef", *(chr(ord("g") + number) for number in range(version - 2))]


def _finish(ctx: Context, part: ResealingPart) -> None:
    part.finished_at = ctx.clock.now()
    ctx.session.flush()
    run = ctx.session.get_one(Resealing, part.resealing_id, with_for_update=True)  # the last two columns end one by one
    left = select(ResealingPart.id).where(ResealingPart.resealing_id == run.id, ResealingPart.finished_at.is_(None))
    if run.finished_at is None and ctx.session.scalar(left.limit(1)) is None:
        run.finished_at = part.finished_at
        audit.record(ctx, "keys.resealed", data={"key": run.key_id, "blindVersion": run.blind_version})
