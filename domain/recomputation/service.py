"""Changing a calendar or a policy: shown before, then done at once for few cases and in batches of work for many."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import select, update

from domain import reach
from domain.audit import service as audit
from domain.cases.labels import one_line
from domain.cases.rows import CASES, LEGS
from domain.context import Context
from domain.deadlines.calendar import forget
from domain.deadlines.journal import PROMISE
from domain.deadlines.models import Recomputation
from domain.definitions import store
from domain.errors import NotFound
from domain.items.models import Item
from domain.outbox import work
from domain.outbox.work import BATCH, NewWork
from domain.recomputation import applying
from domain.recomputation.moves import ANSWER, CLOCK, STEP, TASK, TIMER, Move
from domain.recomputation.planning import Planner
from domain.recomputation.scope import Scope, list_cases
from domain.sites.models import Site

KIND: Final = "deadline.recompute"
AT_ONCE: Final = 200
"""Cases that are done within the request; more become batches of work."""
BATCH_SIZE: Final = 50
READ_SIZE: Final = 5000
SHOWN: Final = 50
AFTERWARDS: Final = timedelta(minutes=1)
"""When cases are looked at again that were opened or moved on while the change was being written."""
Write = Callable[[Context], Scope | None]
"""Writes the change itself (a version, a day, a value) and says what it reaches."""


@dataclass(slots=True)
class Preview:
    """What a change would move. ``rows`` are the first moves of clocks, tasks and timers, ``worst`` those that become overdue by it."""

    reached_cases: int = 0
    cases: int = 0
    clocks: int = 0
    tasks: int = 0
    timers: int = 0
    steps: int = 0
    """Reminders, and dates until when an urged site answers."""
    fires_now: int = 0
    """Timers whose moment has passed by the move: they fire at once."""
    overdue: int = 0
    promises_later: int = 0
    promises_earlier: int = 0
    at_once: bool = True
    rows: list[Line] = field(default_factory=list)
    worst: list[Line] = field(default_factory=list)
    by_item: list[tuple[str, int]] = field(default_factory=list)
    by_site: list[tuple[str, int]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Line:
    """A move with the names that people read."""

    case_no: str
    site_name: str
    move: Move
    overdue: bool
    label: str


def preview(ctx: Context, write: Write) -> Preview:
    """Try the change, see what moves, take it back. Raises what ``write`` refuses."""
    found = Preview()
    tried = ctx.session.begin_nested()
    try:
        scope = write(ctx)
        if scope is not None:
            forget(ctx.session)
            with reach.for_platform(ctx.session):  # whoever keeps the rules sees what they move, wherever it is
                _look(ctx, scope, found)
    finally:
        tried.rollback()
        forget(ctx.session)
    return found


def change(ctx: Context, write: Write) -> Recomputation | None:
    """Make the change and set the dates anew that it reaches; None when it reaches none. Raises what ``write`` refuses."""
    scope = write(ctx)
    forget(ctx.session)
    return None if scope is None else recompute(ctx, scope)


def recompute(ctx: Context, scope: Scope) -> Recomputation | None:
    """Set the dates anew that the scope reaches: at once, or as batches of work. The platform does it, at whatever site."""
    with reach.for_platform(ctx.session):
        return _recompute(ctx, scope)


def _recompute(ctx: Context, scope: Scope) -> Recomputation | None:
    ids = list_cases(ctx, scope)
    if not ids:
        return None
    row = begin(ctx, scope, len(ids))
    now = ctx.clock.now()
    duties = [NewWork(KIND, f"{row.id}:again", now + AFTERWARDS, data={"recomputation": row.id}, queue=BATCH)]
    if len(ids) <= AT_ONCE:
        do(ctx, row.id, scope, ids)
    else:
        duties += [
            NewWork(KIND, f"{row.id}:{number}", now, data={"recomputation": row.id, "cases": list(part)}, queue=BATCH)
            for number, part in enumerate(_parts(ids, BATCH_SIZE), start=1)
        ]
    work.add(ctx, duties)
    ctx.session.refresh(row)
    return row


def begin(ctx: Context, scope: Scope, cases: int) -> Recomputation:
    """Write down that the dates of so many cases are being set anew."""
    row = Recomputation(
        cause=scope.cause,
        reason=scope.reason[:300],
        detail=scope.stored(),
        total_cases=cases,
        done_cases=0,
        moved_clocks=0,
        moved_tasks=0,
        moved_timers=0,
        moved_steps=0,
        started_by=ctx.actor.user_id or None,
        starter=ctx.actor.name[:60],
        started_at=ctx.clock.now(),
    )
    ctx.session.add(row)
    ctx.session.flush()
    return row


def run(ctx: Context, job: Any) -> None:
    """Job ``deadline.recompute``: one batch; without cases the look afterwards at what was opened or moved on meanwhile.

    Done twice it moves nothing: the dates are reckoned from what stands.
    """
    row = get_recomputation(ctx, int(job.data["recomputation"]))
    scope = Scope.again(row.cause, row.reason, row.detail)
    ids = job.data.get("cases")
    if ids is not None:
        do(ctx, row.id, scope, ids)
        return
    late = list_cases(ctx, scope, changed_since=row.started_at - AFTERWARDS)
    for part in _parts(late, BATCH_SIZE):
        do(ctx, row.id, scope, part, counts=False)


def get_recomputation(ctx: Context, recomputation_id: int) -> Recomputation:
    """One by id. Raises :class:`NotFound`."""
    row = ctx.session.get(Recomputation, recomputation_id)
    if row is None:
        raise NotFound("没有这次重算。", "There is no such recomputation.")
    return row


def list_recomputations(ctx: Context, limit: int = 20) -> Sequence[Recomputation]:
    """The newest first."""
    return list(ctx.session.scalars(select(Recomputation).order_by(Recomputation.id.desc()).limit(limit)))


def do(ctx: Context, recomputation_id: int, scope: Scope, ids: Sequence[int], *, counts: bool = True) -> None:
    """Set the dates of some cases anew; ``counts``: they are of those that the recomputation began with."""
    applying.lock(ctx, ids)
    moves = Planner(ctx, scope).plan(ids)
    applying.apply(ctx, scope, moves)
    number = Counter(move.kind for move in moves if not move.is_silent)
    table = Recomputation
    values: dict[Any, Any] = {
        table.moved_clocks: table.moved_clocks + number[CLOCK],
        table.moved_tasks: table.moved_tasks + number[TASK],
        table.moved_timers: table.moved_timers + number[TIMER],
        table.moved_steps: table.moved_steps + number[STEP] + number[ANSWER],
    }
    if counts:
        values[table.done_cases] = table.done_cases + len(ids)
    done = (
        update(table)
        .where(table.id == recomputation_id)
        .values(values)
        .returning(table.done_cases, table.total_cases, table.finished_at)
    )
    state = ctx.session.execute(done, execution_options={"synchronize_session": False}).one()
    if state.done_cases >= state.total_cases and state.finished_at is None:
        ended = update(table).where(table.id == recomputation_id).values(finished_at=ctx.clock.now())
        ctx.session.execute(ended, execution_options={"synchronize_session": False})
        audit.record(ctx, "dates.recomputed", data={"recomputation": recomputation_id, "cases": state.total_cases})


def _look(ctx: Context, scope: Scope, found: Preview) -> None:
    ids = list_cases(ctx, scope)
    planner, now = Planner(ctx, scope), ctx.clock.now()
    found.reached_cases, found.at_once = len(ids), len(ids) <= AT_ONCE
    items: Counter[str] = Counter()
    places: Counter[int] = Counter()
    rows: list[Move] = []
    worst: list[Move] = []
    for part in _parts(ids, READ_SIZE):
        plan = planner.look(part)
        moves = [move for move in plan.moves if not move.is_silent]
        for move in moves:
            _count(found, move, now)
            if move.kind != ANSWER:
                rows += [move] if len(rows) < SHOWN else []
                if move.becomes_overdue(now):
                    found.overdue += 1
                    worst += [move] if len(worst) < SHOWN else []
        found.steps += sum(len(ladder.moves) for ladder in plan.ladders)
        touched = {(move.case_id, move.site_id) for move in moves}
        touched |= {(ladder.task.case_id, ladder.leg.site_id) for ladder in plan.ladders}
        cases = {case_id for case_id, _ in touched}
        found.cases += len(cases)
        places.update(site_id for _, site_id in touched)
        items.update(plan.frames[case_id].item_code for case_id in cases)
    _name(ctx, found, rows, worst, items, places, now)


def _count(found: Preview, move: Move, now: datetime) -> None:
    if move.kind == CLOCK:
        found.clocks += 1
        if move.label == PROMISE and move.before and move.after:
            found.promises_later += move.after > move.before
            found.promises_earlier += move.after < move.before
    elif move.kind == TASK:
        found.tasks += 1
    elif move.kind == TIMER:
        found.timers += 1
        found.fires_now += move.after is not None and move.after <= now
    else:
        found.steps += 1


def _name(
    ctx: Context,
    found: Preview,
    rows: list[Move],
    worst: list[Move],
    items: Counter[str],
    places: Counter[int],
    now: Any,
) -> None:
    listed = [*rows, *worst]
    query = select(CASES.c.id, CASES.c.case_no).where(CASES.c.id.in_({move.case_id for move in listed}))
    numbers = {row.id: row.case_no for row in ctx.session.execute(query)}
    wanted = {move.site_id for move in listed} | set(places)
    names = {row.id: row.name for row in ctx.session.execute(select(Site.id, Site.name).where(Site.id.in_(wanted)))}
    titles = {
        row.code: row.name for row in ctx.session.execute(select(Item.code, Item.name).where(Item.code.in_(items)))
    }

    elements = _element_names(ctx, [move for move in listed if move.kind == TIMER])

    def line(move: Move) -> Line:
        label = elements.get((move.leg_id, move.label), move.label)
        return Line(numbers[move.case_id], names[move.site_id], move, move.becomes_overdue(now), label)

    found.rows, found.worst = [line(move) for move in rows], [line(move) for move in worst]
    found.by_item = [(titles.get(code, code), n) for code, n in items.most_common(20)]
    found.by_site = [(names[site], n) for site, n in places.most_common(20)]


def _element_names(ctx: Context, moves: Iterable[Move]) -> dict[tuple[int | None, str], str]:
    """What people call the elements at which timers wait, by leg and id."""
    places = {(move.leg_id, move.label) for move in moves}
    query = select(LEGS.c.id, LEGS.c.definition_id).where(LEGS.c.id.in_({leg_id for leg_id, _ in places}))
    definitions = {row.id: row.definition_id for row in ctx.session.execute(query)} if places else {}
    found: dict[tuple[int | None, str], str] = {}
    for leg_id, element_id in places:
        element = store.load_elements(ctx.session, definitions[leg_id])[element_id]
        found[leg_id, element_id] = one_line(element.name) or element_id
    return found


def _parts(ids: Sequence[int], size: int) -> Iterable[Sequence[int]]:
    return (ids[start : start + size] for start in range(0, len(ids), size))
