"""What is read of many cases to reckon their dates anew: columns as they are needed, of thousands of cases in one statement each.

Moments come as text, which costs a quarter of the driver's own way and is made a moment only where it is one not met before. Steps of
the ladder come as one line per task: hundreds of thousands of them are alike in few ways.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from functools import lru_cache
from typing import Final, NamedTuple

from sqlalchemy.orm import Session

from domain.statements import Statement


class Frame(NamedTuple):
    """A case; never all of it: its application is sealed."""

    id: int
    item_code: str
    main_site_id: int
    partner_code: str


class LegFrame(NamedTuple):
    """A leg that has not ended."""

    id: int
    case_id: int
    site_id: int
    role: str


class TaskRow(NamedTuple):
    """An open task with a date."""

    id: str
    case_id: int
    leg_id: int
    name: str
    policy: str | None
    due_literal: str | None
    due_text: str
    opened_text: str


class Clock(NamedTuple):
    """A clock that is not done."""

    id: int
    case_id: int
    leg_id: int | None
    task_id: str | None
    kind: str
    policy: str
    total_days: int
    used_days: int
    extended_days: int
    state: str
    region_code: str
    running_text: str | None
    due_text: str | None
    is_provisional: bool


class Timer(NamedTuple):
    """A timer that waits, with what its date was reckoned from."""

    id: int
    ref: str
    leg_id: int
    due_text: str
    literal: str | None
    source: str | None
    since_text: str
    element_id: str


class Ladder(NamedTuple):
    """The steps of one task that wait: ``pattern`` says of each kind, level and moment, ``ids`` their rows in the same order."""

    task_id: str
    pattern: str
    ids: str


_FRAMES: Final = Statement(
    "select id, item_code, main_site_id, partner_code from cases where id = any (%(ids)s::bigint[]) order by id"
)
_LEGS: Final = Statement(
    "select id, case_id, site_id, role from legs where case_id = any (%(ids)s::bigint[]) and ended_at is null order by id"
)
_TASKS: Final = Statement(
    "select id, case_id, leg_id, name, policy, due_literal, due_at::text, opened_at::text from tasks"
    " where case_id = any (%(ids)s::bigint[]) and state = 'open' and due_at is not null order by case_id, id"
)
_CLOCKS: Final = Statement(
    "select id, case_id, leg_id, task_id, kind, policy, total_days, used_days, extended_days, state, region_code,"
    " running_since::text, due_at::text, is_provisional from clocks"
    " where case_id = any (%(ids)s::bigint[]) and state <> 'DONE' order by id"
)
_TIMER: Final = (
    "select id, ref, leg_id, due_at::text, data ->> 'literal', data ->> 'source', data ->> 'since', data ->> 'elementId' from work"
    " where leg_id = any (%(ids)s::bigint[]) and kind = 'timer.fire' and state in ('pending', 'promoted', 'held')"
)
_ALL_TIMERS: Final = Statement(_TIMER + " and data ? 'literal' order by id")
_TIMERS_OF_POLICY: Final = Statement(_TIMER + " and position(%(named)s in data ->> 'source') > 0 order by id")
# Open work is found by its leg: it has no other index.
_WAITING: Final = Statement(
    "select ref, string_agg(concat_ws('/', data ->> 'kind', data ->> 'level', due_at), ';' order by id),"
    " string_agg(id::text, ';' order by id) from work where leg_id = any (%(ids)s::bigint[]) and kind = 'deadline.step'"
    " and state in ('pending', 'promoted', 'held') group by ref"
)
_RAISED: Final = Statement(
    "select task_id, string_agg(concat_ws('/', kind, level), ';' order by id), '' from ladder_steps"
    " where task_id = any (%(ids)s::varchar[]) and source = 'deadline' group by task_id"
)


def frames(session: Session, case_ids: Sequence[int]) -> dict[int, Frame]:
    """Cases by id."""
    return {row[0]: Frame._make(row) for row in _FRAMES.rows(session, {"ids": list(case_ids)})}


def legs(session: Session, case_ids: Sequence[int]) -> dict[int, LegFrame]:
    """The legs of these cases by id."""
    return {row[0]: LegFrame._make(row) for row in _LEGS.rows(session, {"ids": list(case_ids)})}


def tasks(session: Session, case_ids: Sequence[int]) -> list[TaskRow]:
    """The tasks of these cases."""
    return [TaskRow._make(row) for row in _TASKS.rows(session, {"ids": list(case_ids)})]


def clocks(session: Session, case_ids: Sequence[int]) -> list[Clock]:
    """The clocks of these cases."""
    return [Clock._make(row) for row in _CLOCKS.rows(session, {"ids": list(case_ids)})]


def timers(session: Session, leg_ids: Sequence[int], policy: str) -> list[Timer]:
    """The timers of these legs whose term is in days or a duration; ``policy``: whose expression names that policy."""
    statement = _TIMERS_OF_POLICY if policy else _ALL_TIMERS
    found = statement.rows(session, {"ids": list(leg_ids), "named": f'"{policy}"'})
    return [Timer._make(row) for row in found]


def waiting_steps(session: Session, leg_ids: Sequence[int]) -> dict[str, Ladder]:
    """Task → its steps that wait."""
    return {row[0]: Ladder._make(row) for row in _WAITING.rows(session, {"ids": list(leg_ids)})}


def raised_steps(session: Session, task_ids: Sequence[str]) -> dict[str, str]:
    """Task → the steps that were raised, ``kind/level`` each."""
    return {row[0]: row[1] for row in _RAISED.rows(session, {"ids": list(task_ids)})}


@lru_cache(maxsize=65536)
def moment(text: str) -> datetime:
    """A moment as the database writes it."""
    return datetime.fromisoformat(text)
