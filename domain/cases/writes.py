"""What steps write, collected first and then written in one statement: the leg, its case, tasks, places in inboxes, work, the record.

A step hands in one :class:`Change` and any number of new rows. Steps of *different* cases may share one :class:`Writes`: a batch
(timers of 50 cases) costs one statement like a single step. Nothing is in the database before :meth:`Writes.flush`; whoever must
read rows of the same step there calls it first.

Rows go in as JSON and become columns by ``json_populate_recordset``, and so do the changes of a batch: one text for any number of
rows, no list of types to keep, and one prepared plan for every size of batch. One step's changes are plain values, which cost
less. Keys are checked at the end of the statement, so the order of tables does not matter.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from typing import Any, Final

import orjson
from sqlalchemy import Table
from sqlalchemy.orm import Session

from domain.base import SealedBytes, SealedJSON, get_seal
from domain.cases.rows import CASE_CHANGES, CaseRow, LegRow
from domain.statements import Statement

LEG_CHANGES: Final = (
    "definition_id",
    "status",
    "result_code",
    "active_elements",
    "active_since",
    "visited",
    "taken",
    "version",
    "past_return",
    "ended_at",
)
_JSON: Final = frozenset({"flags", "active_elements", "active_since", "visited", "taken"})


def _set(names: Sequence[str], prefix: str) -> str:
    return ", ".join(f"{name} = %({prefix}_{name})s" + ("::jsonb" if name in _JSON else "") for name in names)


_CHANGES: Final = f"""
    changed_leg as (
        update legs set {_set(LEG_CHANGES, "leg")}, state = %(state)s, variables = %(variables)s, updated_at = %(now)s
        where id = %(leg_id)s
    ), changed_case as (
        update cases set {_set(CASE_CHANGES, "case")}, audit_seq = %(audit_seq)s, audit_head = %(audit_head)s,
            updated_at = %(now)s
        where id = %(case_id)s
    )"""  # noqa: S608 -- names of our own columns
_STOPPED: Final = """, stopped as (
        update work set state = 'cancelled'
        where leg_id = %(leg_id)s and state in ('pending', 'promoted', 'held') and ref = any(%(refs)s)
    )"""
_FREED: Final = """, freed as (
        update case_subjects set is_open = false where case_id = %(case_id)s and is_open
    )"""
_CLOSED: Final = """, gone as (
        delete from task_candidates where case_id = %(case_id)s and task_id = any(%(closed)s)
    ), closed as (
        update tasks set
            state = case when id = any(%(done)s) then 'completed' else 'cancelled' end,
            completed_by = case when id = any(%(done)s) then %(actor_id)s::bigint end,
            completed_for = case when id = any(%(done)s) then %(acting_for)s::bigint end,
            action = case when id = any(%(done)s) then %(action)s::varchar end,
            closed_at = %(now)s, draft = null, version = version + 1
        where id = any(%(closed)s)
    )"""


def _copied(names: Sequence[str]) -> str:
    return ", ".join(f"{name} = new.{name}" for name in names)


_LEGS_CHANGES: Final = (*LEG_CHANGES, "state", "variables", "updated_at")
_CASES_CHANGES: Final = (*CASE_CHANGES, "audit_seq", "audit_head", "updated_at")
_CLOSING: Final = ("state", "completed_by", "completed_for", "action", "closed_at")
_CHANGES_OF_MANY: Final = f"""
    changed_legs as (
        update legs set {_copied(_LEGS_CHANGES)} from json_populate_recordset(null::legs, %(legs)s::json) new
        where legs.id = new.id
    ), changed_cases as (
        update cases set {_copied(_CASES_CHANGES)} from json_populate_recordset(null::cases, %(cases)s::json) new
        where cases.id = new.id
    )"""  # noqa: S608 -- names of our own columns
_STOPPED_OF_MANY: Final = """, stopped as (
        update work set state = 'cancelled' from json_populate_recordset(null::work, %(stopped)s::json) ended
        where work.leg_id = ended.leg_id and work.ref = ended.ref and work.state in ('pending', 'promoted', 'held')
    )"""
_FREED_OF_MANY: Final = """, freed as (
        update case_subjects set is_open = false where case_id = any(%(freed)s) and is_open
    )"""
_CLOSED_OF_MANY: Final = f""", gone as (
        delete from task_candidates using json_populate_recordset(null::task_candidates, %(gone)s::json) ended
        where task_candidates.case_id = ended.case_id and task_candidates.task_id = ended.task_id
    ), closed as (
        update tasks set {_copied(_CLOSING)}, draft = null, version = tasks.version + 1
        from json_populate_recordset(null::tasks, %(closed)s::json) new
        where tasks.id = new.id
    )"""  # noqa: S608 -- names of our own columns


@dataclass(slots=True)
class Change:
    """What one step does to rows that are there: its leg and case (as they are when written), closed tasks, cancelled work."""

    leg: LegRow
    state: bytes
    now: datetime
    actor_id: int | None
    acting_for: int | None = None
    """For whom the actor acts under a delegation."""
    action: str | None = None
    closed: list[str] = field(default_factory=list)
    done: list[str] = field(default_factory=list)
    """Those of ``closed`` that were completed; the others were cancelled."""
    refs: list[str] = field(default_factory=list)
    """What open work of the leg is no longer needed: by ``work.ref``."""
    frees_subjects: bool = False
    """The case was closed: another one may be about its subjects."""

    def text(self) -> str:
        """Its part of the statement."""
        parts = [(_STOPPED, self.refs), (_CLOSED, self.closed), (_FREED, self.frees_subjects)]
        return _CHANGES + "".join(part for part, needed in parts if needed)

    def values(self) -> dict[str, Any]:
        """Its part of the values."""
        leg, case, seal = self.leg, self.leg.case, get_seal()
        return {
            **_values(leg, LEG_CHANGES, "leg"),
            **_values(case, CASE_CHANGES, "case"),
            "leg_id": leg.id,
            "case_id": leg.case_id,
            "state": seal.seal(self.state, "legs.state"),
            "variables": seal.seal(orjson.dumps(leg.variables), "legs.variables"),
            "audit_seq": case.audit_seq,
            "audit_head": case.audit_head,
            "now": self.now,
            "actor_id": self.actor_id,
            "acting_for": self.acting_for,
            "action": self.action,
            "closed": self.closed,
            "done": self.done,
            "refs": self.refs,
        }

    def closed_rows(self) -> list[dict[str, Any]]:
        """Its closed tasks, one by one."""
        done = {"completed_by": self.actor_id, "completed_for": self.acting_for, "action": self.action}
        return [
            {"id": task, "closed_at": self.now}
            | ({"state": "completed", **done} if task in self.done else {"state": "cancelled"})
            for task in self.closed
        ]


def _changes_of_many(changes: Sequence[Change]) -> tuple[str, dict[str, Any]]:
    """The part of the statement that writes the changes of several cases, and its values."""
    seal = get_seal()
    legs = [
        {name: getattr(each.leg, name) for name in ("id", *LEG_CHANGES)}
        | {
            "state": seal.seal(each.state, "legs.state"),
            "variables": seal.seal(orjson.dumps(each.leg.variables), "legs.variables"),
            "updated_at": each.now,
        }
        for each in changes
    ]
    columns = ("id", *CASE_CHANGES, "audit_seq", "audit_head")
    cases = [{name: getattr(each.leg.case, name) for name in columns} | {"updated_at": each.now} for each in changes]
    stopped = [{"leg_id": each.leg.id, "ref": ref} for each in changes for ref in each.refs]
    gone = [{"case_id": each.leg.case_id, "task_id": task} for each in changes for task in each.closed]
    closed = [row for each in changes for row in each.closed_rows()]
    freed = [each.leg.case_id for each in changes if each.frees_subjects]
    parts = [(_STOPPED_OF_MANY, stopped), (_CLOSED_OF_MANY, closed), (_FREED_OF_MANY, freed)]
    text = _CHANGES_OF_MANY + "".join(part for part, needed in parts if needed)
    given = {"legs": legs, "cases": cases, "stopped": stopped, "gone": gone, "closed": closed}
    return text, {name: _dumped(rows) for name, rows in given.items()} | {"freed": freed}


@dataclass(slots=True)
class Writes:
    """The collected writes of one step, or of several steps of different cases."""

    changes: list[Change] = field(default_factory=list)
    rows: dict[Table, list[Mapping[str, Any]]] = field(default_factory=dict)

    def insert(self, table: Table, *rows: Mapping[str, Any]) -> None:
        """New rows; all of one table have the same keys. Sealed columns are given as plain values."""
        if rows:
            self.rows.setdefault(table, []).extend(rows)

    def take(self, others: Writes) -> None:
        """Join what another step collected."""
        self.changes += others.changes
        for table, rows in others.rows.items():
            self.insert(table, *rows)

    def flush(self, session: Session) -> None:
        """Write everything in one statement. Raises ``ValueError`` for two steps of one case."""
        if len({change.leg.case_id for change in self.changes}) != len(self.changes):
            msg = "two steps of one case need two flushes: the second must read what the first wrote"
            raise ValueError(msg)
        changes, rows = self.changes, self.rows
        self.changes, self.rows = [], {}
        shape = tuple((table, tuple(found[0])) for table, found in rows.items())
        values = {f"rows_{table.name}": _json(table, found) for table, found in rows.items()}
        if not changes and not rows:
            return
        text = ""
        if len(changes) == 1:
            text, values = changes[0].text(), {**changes[0].values(), **values}
        elif changes:
            text, more = _changes_of_many(changes)
            values |= more
        _statement(text, shape).run(session, values)


def insert_one(session: Session, table: Table, row: Mapping[str, Any], given: Sequence[str]) -> tuple[Any, ...]:
    """Write one row at once (others may refer to it); its ``given`` columns as stored."""
    [found] = _insert_one(table, tuple(row), tuple(given)).rows(session, {"row": _json(table, [row])})
    return found


def insert_free(
    session: Session, table: Table, row: Mapping[str, Any], given: Sequence[str], unique: str
) -> tuple[Any, ...] | None:
    """The same for a row whose value of the ``unique`` column may be taken; then None."""
    return _insert_one(table, tuple(row), tuple(given), unique).row(session, {"row": _json(table, [row])})


@lru_cache(maxsize=64)
def _insert_one(table: Table, names: tuple[str, ...], given: tuple[str, ...], unique: str = "") -> Statement:
    columns = ", ".join(names)
    free = f" on conflict ({unique}) do nothing" if unique else ""
    return Statement(
        f"insert into {table.name} ({columns}) select {columns}"  # noqa: S608 -- names of our own tables and columns
        f" from json_populate_recordset(null::{table.name}, %(row)s::json){free} returning {', '.join(given)}"
    )


@lru_cache(maxsize=256)
def _statement(changes: str, shape: tuple[tuple[Table, tuple[str, ...]], ...]) -> Statement:
    """One statement of the parts that are needed; a process sees few combinations."""
    parts = [changes.strip()] if changes else []
    for table, names in shape:
        columns = ", ".join(names)
        parts.append(
            f"new_{table.name} as (insert into {table.name} ({columns})"  # noqa: S608 -- names of our own tables and columns
            f" select {columns} from json_populate_recordset(null::{table.name}, %(rows_{table.name})s::json))"
        )
    return Statement(f"with {', '.join(parts)} select 1")


def _values(row: CaseRow | LegRow, names: Sequence[str], prefix: str) -> dict[str, Any]:
    return {
        f"{prefix}_{name}": orjson.dumps(getattr(row, name)).decode() if name in _JSON else getattr(row, name)
        for name in names
    }


def _json(table: Table, rows: Sequence[Mapping[str, Any]]) -> str:
    """The rows as JSON that PostgreSQL reads as the table's columns."""
    sealed = _sealed(table)
    return _dumped([_stored(row, sealed) for row in rows])


def _dumped(rows: Sequence[Mapping[str, Any]]) -> str:
    return orjson.dumps(rows, default=_hex).decode()


@lru_cache(maxsize=64)
def _sealed(table: Table) -> Mapping[str, Any]:
    return {column.name: column.type for column in table.columns if isinstance(column.type, SealedJSON | SealedBytes)}


def _stored(row: Mapping[str, Any], sealed: Mapping[str, Any]) -> Mapping[str, Any]:
    if not sealed:
        return row
    return {
        **row,
        **{
            name: kind.process_bind_param(row[name], None) for name, kind in sealed.items() if row.get(name) is not None
        },
    }


def _hex(value: Any) -> str:
    if isinstance(value, bytes):
        return f"\\x{value.hex()}"
    raise TypeError(type(value).__name__)
