"""Writing planned moves down: the rows, the reason of each, the record of the case, and word to the applicant."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import bindparam, func, insert, select, update

from domain.audit import service as audit
from domain.cases import environment, rows
from domain.cases.projection import CANDIDATES
from domain.cases.rows import CASES, LEGS, TASKS
from domain.clock import CHINA
from domain.context import Context
from domain.deadlines import dates, journal, policies
from domain.deadlines.counting import RUNNING
from domain.deadlines.journal import EVENTS, PROMISE, Change, Why
from domain.deadlines.models import ClockRow
from domain.notifications import service as notifications
from domain.outbox import work
from domain.outbox.work import WORK, NewWork
from domain.recomputation.answers import STEPS
from domain.recomputation.moves import ANSWER, CLOCK, STEP, TASK, TIMER, Move
from domain.recomputation.scope import Scope
from domain.sites.models import Site

CALENDAR: Final = "CALENDAR"
POLICY: Final = "POLICY"
_DUE = update(TASKS).where(TASKS.c.id == bindparam("task"))
_PLACE = update(CANDIDATES).where(
    CANDIDATES.c.case_id == bindparam("case"),
    CANDIDATES.c.task_id == bindparam("task"),
    CANDIDATES.c.due_at == bindparam("was"),
)
_WORK = update(WORK).where(WORK.c.id == bindparam("work"), WORK.c.state.in_(work.OPEN))


def lock(ctx: Context, case_ids: Sequence[int]) -> None:
    """Lock the cases, always in the order of their ids; steps of a process lock one case only, so nobody waits in a circle."""
    ctx.session.execute(select(CASES.c.id).where(CASES.c.id.in_(case_ids)).order_by(CASES.c.id).with_for_update())


def apply(ctx: Context, scope: Scope, moves: Sequence[Move]) -> None:
    """Write the moves of cases that are locked. One record per case holds all that moved in it."""
    by_case: defaultdict[int, list[Move]] = defaultdict(list)
    for move in moves:
        by_case[move.case_id].append(move)
    for case_id, own in by_case.items():
        if all(move.is_silent for move in own):
            _clocks(ctx, scope, own)
            continue
        with audit.locked_chain(ctx, case_id):
            _clocks(ctx, scope, [move for move in own if move.kind == CLOCK])
            _tasks(ctx, scope, [move for move in own if move.kind == TASK])
            _steps(ctx, [move for move in own if move.kind == STEP])
            _answers(ctx, [move for move in own if move.kind == ANSWER])
            for leg_id in sorted({move.leg_id for move in own if move.kind == TIMER and move.leg_id}):
                terms = {move.ref: move.literal for move in own if move.leg_id == leg_id and move.literal}
                _timers(ctx, scope, leg_id, terms)
        _tell(ctx, scope, own)


def why(scope: Scope) -> Why:
    """The reason that every moved date carries."""
    code = POLICY if scope.policy_key else CALENDAR
    return Why(code, note=scope.reason, legal_ground=scope.legal_ground)


def _clocks(ctx: Context, scope: Scope, moves: Sequence[Move]) -> None:
    wanted = [int(move.ref) for move in moves if move.kind == CLOCK]
    clocks = {row.id: row for row in ctx.session.scalars(select(ClockRow).where(ClockRow.id.in_(wanted)))}
    for move in moves:
        clock = clocks[int(move.ref)]
        if move.total is not None:
            clock.total_days = move.total
        clock.due_at, clock.is_provisional = move.after, move.provisional
        if move.is_silent:
            continue
        if clock.state == RUNNING and clock.subject != "task":  # a task's row and reminders are moves of their own
            dates.publish(ctx, clock, _values(ctx, clock), move.leg_id)
        journal.write(ctx, move.site_id, move.leg_id, [Change(clock, "recompute", move.before, why(scope))])
    ctx.session.flush()


def _values(ctx: Context, clock: ClockRow) -> dict[str, str]:
    """The policies that a leg's reminders go by; a case has none of its own."""
    acts = dates.acting(ctx, clock) if clock.subject == "leg" else None
    if acts is None:
        return {}
    site = ctx.session.get_one(Site, acts.site_id)
    return policies.deadlines_for(ctx, site, acts.item_code, site)


def _tasks(ctx: Context, scope: Scope, moves: Sequence[Move]) -> None:
    if not moves:
        return
    reason = why(scope)
    for move in moves:
        values: dict[str, Any] = {"due_at": move.after}
        if move.literal is not None:
            values["due_literal"] = move.literal
        ctx.session.execute(_DUE.values(values), {"task": move.ref})
        place = {"case": move.case_id, "task": move.ref, "was": move.before}
        ctx.session.execute(_PLACE.values(due_at=move.after), place)
        data = {"taskId": move.ref, "reason": reason.reason, "policy": move.policy, **_dates(move)}
        audit.record(ctx, "task.due.moved", case_id=move.case_id, leg_id=move.leg_id, site_id=move.site_id, data=data)
    own = [_task_event(ctx, reason, move) for move in moves if move.literal is not None]  # else its clock has the event
    if own:
        ctx.session.execute(insert(EVENTS), own)


def _task_event(ctx: Context, reason: Why, move: Move) -> dict[str, Any]:
    return {
        "case_id": move.case_id,
        "leg_id": move.leg_id,
        "task_id": move.ref,
        "kind": "TASK",
        "action": "recompute",
        "reason": reason.reason,
        "note": reason.note[:400],
        "legal_ground": reason.legal_ground[:200],
        "actor_id": ctx.actor.user_id or None,
        "actor_name": ctx.actor.name[:80],
        "at": ctx.clock.now(),
        "due_before": move.before,
        "due_after": move.after,
        "used_days": 0,
        "paused_days": 0,
    }


def _steps(ctx: Context, moves: Iterable[Move]) -> None:
    new: list[NewWork] = []
    for move in moves:
        if move.work_id is not None:
            gone = move.after is None
            values = {"state": "cancelled"} if gone else {"due_at": move.after, "state": "pending", "promoted_at": None}
            ctx.session.execute(_WORK.values(values), {"work": move.work_id})
        elif move.after is not None:
            data = {"kind": move.label, "level": move.level, "policy": move.policy}
            new.append(
                NewWork("deadline.step", move.ref, move.after, case_id=move.case_id, leg_id=move.leg_id, data=data)
            )
    work.add(ctx, new)


def _answers(ctx: Context, moves: Iterable[Move]) -> None:
    for move in moves:
        ctx.session.execute(update(STEPS).where(STEPS.c.id == int(move.ref)).values(answer_due_at=move.after))
        data = {"kind": move.label, "level": move.level, "policy": move.policy, **_dates(move)}
        audit.record(
            ctx, "ladder.answer.moved", case_id=move.case_id, leg_id=move.leg_id, site_id=move.site_id, data=data
        )


def _timers(ctx: Context, scope: Scope, leg_id: int, terms: Mapping[str, str | None]) -> None:
    """The engine reckons its timers anew, by a changed policy those of ``terms``; the rows of work follow it.

    The leg's version stays: nothing was done.
    """
    leg = rows.lock_leg(ctx, leg_id)
    new = {timer: term for timer, term in terms.items() if term is not None}
    env = environment.build(ctx, leg)
    advance = ctx.engine.reschedule(str(leg.definition_id), leg.state, env, None if scope.moves_all_terms else new)
    if not advance.moved_timers:
        return
    ctx.session.execute(update(LEGS).where(LEGS.c.id == leg_id).values(state=advance.state))
    for timer in advance.moved_timers:
        mine = [
            WORK.c.leg_id == leg_id,
            WORK.c.ref == timer.id,
            WORK.c.kind == "timer.fire",
            WORK.c.state.in_(work.OPEN),
        ]
        before: datetime | None = ctx.session.execute(select(WORK.c.due_at).where(*mine)).scalar()
        term = func.jsonb_build_object("literal", timer.literal)
        moved = {"due_at": timer.due_at, "data": WORK.c.data.op("||")(term)}
        ctx.session.execute(update(WORK).where(*mine).values(moved))
        audit.record(
            ctx,
            "timer.moved",
            case_id=leg.case_id,
            leg_id=leg_id,
            site_id=leg.site_id,
            element_id=timer.element_id,
            data={
                "timerId": timer.id,
                "reason": why(scope).reason,
                "dueBefore": _iso(before),
                "dueAfter": _iso(timer.due_at),
            },
        )


def _tell(ctx: Context, scope: Scope, moves: Iterable[Move]) -> None:
    """The applicant hears of every promised date that moved, and why."""
    for move in moves:
        if move.kind != CLOCK or move.label != PROMISE or move.before is None or move.after in {None, move.before}:
            continue
        case = ctx.session.execute(
            select(CASES.c.case_no, CASES.c.applicant_user_id).where(CASES.c.id == move.case_id)
        ).one()
        if case.applicant_user_id is not None:
            values = {
                "caseNo": case.case_no,
                "before": _day(move.before),
                "after": _day(move.after),
                "reason": scope.reason,
            }
            notifications.send(ctx, [case.applicant_user_id], "promise.moved", values, case_id=move.case_id)


def _dates(move: Move) -> dict[str, str | None]:
    return {"dueBefore": _iso(move.before), "dueAfter": _iso(move.after)}


def _iso(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat()


def _day(moment: datetime | None) -> str:
    return "" if moment is None else moment.astimezone(CHINA).date().isoformat()
