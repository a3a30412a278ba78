"""Mercy for hosts in trouble: not too many calls at once, and none for a while after several failures in a row.

Jobs then wait without losing a try. Counted in the database, so that it holds for all nodes together.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from sqlalchemy import Table, func, select, update
from sqlalchemy.dialects.postgresql import insert

from domain.connectors.models import AllowedHost, HostState, HttpCall
from domain.context import Context
from domain.outbox.work import Postponed

STATES: Table = HostState.__table__  # type: ignore[assignment]  # declared as FromClause, is a Table
FULL_PAUSE: Final = timedelta(seconds=2)
LONGEST_CALL: Final = timedelta(minutes=6)
"""A call that is running for longer belongs to a node that died."""


def enter(ctx: Context, entry: AllowedHost) -> None:
    """Ask to call now. Raises :class:`Postponed` while the host is left alone or busy; one probe goes when the pause ends."""
    host, now = name_of(entry), ctx.clock.now()
    ctx.session.execute(insert(HostState).values(host=host, failures=0, changed_at=now).on_conflict_do_nothing())
    state = ctx.session.execute(select(STATES).where(STATES.c.host == host).with_for_update()).one()
    if state.open_until is not None and state.open_until > now:
        raise Postponed(state.open_until)
    if _is_full(ctx, entry):
        raise Postponed(now + FULL_PAUSE)
    if state.open_until is not None:  # the probe: others wait until it tells
        _write(ctx, host, open_until=now + timedelta(seconds=entry.pause_seconds))


def is_free(ctx: Context, entry: AllowedHost) -> bool:
    """Whether the host would be called now, without asking for it: a call by hand neither probes nor counts as a failure."""
    query = select(STATES.c.open_until).where(STATES.c.host == name_of(entry), STATES.c.open_until.is_not(None))
    return ctx.session.execute(query).first() is None and not _is_full(ctx, entry)


def report(ctx: Context, entry_host: str, *, well: bool, failures_to_open: int, pause_seconds: int) -> None:
    """A call ended: ``well`` when the host answered sensibly (also with a refusal of ours)."""
    now = ctx.clock.now()
    if well:
        ctx.session.execute(
            update(STATES)
            .where(STATES.c.host == entry_host, (STATES.c.failures > 0) | STATES.c.open_until.is_not(None))
            .values(failures=0, open_until=None, changed_at=now)
        )
        return
    failures = ctx.session.execute(
        update(STATES)
        .where(STATES.c.host == entry_host)
        .values(failures=STATES.c.failures + 1, changed_at=now)
        .returning(STATES.c.failures)
    ).scalar_one_or_none()
    if failures is not None and failures >= failures_to_open:
        _write(ctx, entry_host, open_until=now + timedelta(seconds=pause_seconds))


def name_of(entry: AllowedHost) -> str:
    """How a host is counted: ``name:port``."""
    return f"{entry.host}:{entry.port}"


def _is_full(ctx: Context, entry: AllowedHost) -> bool:
    running = ctx.session.execute(
        select(func.count())
        .select_from(HttpCall)
        .where(
            HttpCall.host == name_of(entry),
            HttpCall.state == "running",
            HttpCall.started_at > ctx.clock.now() - LONGEST_CALL,
        )
    ).scalar_one()
    return bool(running >= entry.most_at_once)


def _write(ctx: Context, host: str, **values: object) -> None:
    ctx.session.execute(update(STATES).where(STATES.c.host == host).values(changed_at=ctx.clock.now(), **values))
