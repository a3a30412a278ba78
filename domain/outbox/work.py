"""Rows of work: added and cancelled in the transaction of the step that causes it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import Table, insert, update

from domain.context import Context
from domain.outbox.models import Work

WORK: Table = Work.__table__  # type: ignore[assignment]  # declared as FromClause, is a Table
OPEN = ("pending", "promoted", "held")
"""States of work that is still to be done; ``held`` waits for a suspended leg to go on."""
TIMER: Final = "timer"
MESSAGE: Final = "message"
SERVICE: Final = "service"
NOTICE: Final = "notice"
BATCH: Final = "batch"
QUEUES: Final = (TIMER, MESSAGE, SERVICE, NOTICE, BATCH)
"""Queues by kind of duty: each has threads of its own, so that a slow one (calls of other machines, notices, batches) never
delays a timer or a message between sites."""
DUE_NOW = "work.due_now"
"""Key in ``session.info``: this transaction made work that is due at once, so the promoter should wake."""
DUE_IN = "work.due_in"
"""Key in ``session.info``: it made work that is due in so many seconds, sooner than schedulers look for new work."""
LOOK: Final = timedelta(seconds=2)
"""How often schedulers look when the next work is due while nothing is."""


@dataclass(frozen=True, slots=True)
class NewWork:
    """Something to do at ``due_at``: ``kind`` names the duty, ``ref`` the thing it is about."""

    kind: str
    ref: str
    due_at: datetime
    case_id: int | None = None
    leg_id: int | None = None
    data: Mapping[str, Any] = field(default_factory=dict)
    queue: str = TIMER


def add(ctx: Context, items: Sequence[NewWork]) -> None:
    """Write work rows: one statement for all."""
    if items:
        ctx.session.execute(insert(WORK).returning(WORK.c.id), new_rows(ctx, items))


def new_rows(ctx: Context, items: Sequence[NewWork]) -> list[dict[str, Any]]:
    """The rows of new work, for a step that writes them itself; notes whether any is due at once or soon."""
    now = ctx.clock.now()
    first = min((item.due_at for item in items), default=None)
    if first is not None and first <= now:
        ctx.session.info[DUE_NOW] = True
    elif first is not None and first <= now + LOOK:
        seconds = (first - now).total_seconds()
        ctx.session.info[DUE_IN] = min(seconds, ctx.session.info.get(DUE_IN, seconds))
    return [
        {
            "kind": item.kind,
            "queue": item.queue,
            "ref": item.ref,
            "case_id": item.case_id,
            "leg_id": item.leg_id,
            "due_at": item.due_at,
            "state": "pending",
            "attempts": 0,
            "data": dict(item.data),
            "created_at": now,
            "trace": ctx.trace or None,
        }
        for item in items
    ]


def cancel(ctx: Context, *, leg_id: int, refs: Collection[str]) -> None:
    """Work about these things of the leg is no longer needed."""
    if refs:
        ctx.session.execute(
            update(WORK)
            .where(WORK.c.leg_id == leg_id, WORK.c.state.in_(OPEN), WORK.c.ref.in_(list(refs)))
            .values(state="cancelled")
        )


@dataclass(frozen=True, slots=True)
class Outside:
    """A job's part that must not hold locks (HTTP): ``call`` runs outside any transaction, ``then(ctx, work, result)`` in a new one."""

    call: Callable[[], Any]
    then: Callable[[Context, Work, Any], None]


class Postponed(Exception):
    """The job is not to be done before ``until``; not counted as an attempt."""

    def __init__(self, until: datetime) -> None:
        super().__init__(until.isoformat())
        self.until = until
