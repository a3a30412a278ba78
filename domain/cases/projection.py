"""Collects what one advance changed (:mod:`domain.cases.writes`): tasks, candidates, work, subscriptions, incidents, messages, the leg."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, cast

from sqlalchemy import Table, select

from domain.audit import service as audit
from domain.cases import data_stores, effects, incidents, jobs, outgoing, signals, waiting
from domain.cases.models import Candidate
from domain.cases.opening import OpenedTask, task_row
from domain.cases.rows import LEGS, TASKS, LegRow
from domain.cases.writes import Change
from domain.context import Context
from domain.definitions import store
from domain.outbox import work
from domain.outbox.work import NewWork
from engine.contract import Advance, Effect, Environment, Timer

NO_DUE_DATE = datetime(9999, 12, 31, tzinfo=UTC)
"""Stands in the inbox's key for tasks without a due date (``infinity`` does not survive the driver)."""
CANDIDATES = cast("Table", Candidate.__table__)


@dataclass(frozen=True, slots=True)
class Cause:
    """Why a step is made: the first event of its record. ``data`` holds no personal data."""

    kind: str
    element_id: str | None = None
    data: dict[str, Any] = field(default_factory=dict)


def apply(ctx: Context, leg: LegRow, advance: Advance, env: Environment, cause: Cause) -> None:
    """Bring every row up to date with the advance. The leg is locked and its audit chain open; ``leg.writes`` is written later."""
    leg.advance = advance
    change = Change(leg, advance.state, env.now, ctx.actor.user_id or None, action=cause.data.get("action"))
    change.acting_for = ctx.actor.principal.user_id if ctx.actor.principal else None
    leg.variables = dict(advance.variables)
    data_stores.keep(ctx, store.load_definition(ctx.session, leg.definition_id), leg, advance.stored)
    _follow_path(ctx, leg, advance, env.now)
    effects.run(ctx, leg, advance)
    _hold_clocks(ctx, leg, advance)
    _close_tasks(ctx, leg, advance, change)
    duties = _open_tasks(ctx, leg, advance, env)
    duties += _timers(leg, advance)
    duties += jobs.project(ctx, leg, advance, env)
    duties += waiting.subscriptions(ctx, leg, advance)
    duties += _messages(ctx, leg, advance)
    duties += signals.carry(ctx, leg, advance, int(cause.data.get("hops", 0)))
    incidents.project(ctx, leg, advance)
    _say(ctx, leg, advance)
    leg.writes.insert(work.WORK, *work.new_rows(ctx, duties))
    if advance.ended:
        _end(ctx, leg, env.now, change)
    elif leg.role == "main" and leg.case.closed_at is None and leg.case.result_code is not None:
        _close(ctx, leg, env.now, change)
    leg.version += 1
    leg.writes.changes.append(change)
    _tell(ctx, leg, advance)


def _follow_path(ctx: Context, leg: LegRow, advance: Advance, now: datetime) -> None:
    """Where tokens are, since when, and which way they came."""
    seen, taken = set(leg.visited), set(leg.taken)
    entered: set[str] = set()
    for event in advance.history:
        if event.kind == "entered":
            entered.add(event.element_id)
            if event.element_id not in seen:
                seen.add(event.element_id)
                leg.visited = [*leg.visited, event.element_id]
        elif event.kind == "taken" and event.element_id not in taken:
            taken.add(event.element_id)
            leg.taken = [*leg.taken, event.element_id]
    elements = store.load_elements(ctx.session, leg.definition_id)
    leg.active_elements = [
        each for each in advance.active_elements if not (each in elements and elements[each].standing)
    ]
    leg.active_since = {
        element: now.isoformat() if element in entered else leg.active_since.get(element, now.isoformat())
        for element in leg.active_elements
    }


def _hold_clocks(ctx: Context, leg: LegRow, advance: Advance) -> None:
    """A task with ``stops`` stops the case's clocks while it is open; only the main leg has clocks."""
    clock = ctx.handlers.effects.get("clock")
    if clock is None or leg.role != "main" or not (advance.opened_tasks or advance.closed_tasks):
        return
    elements = store.load_elements(ctx.session, leg.definition_id)
    moves = [(task.element_id, "resume", "leave") for task in advance.closed_tasks]
    moves += [(task.element_id, "stop", "enter") for task in advance.opened_tasks]
    for element_id, action, on in moves:
        reason = elements[element_id].stops_clock
        if reason:
            clock(ctx, leg, Effect("clock", on, {"action": action, "reason": reason}), leg.variables)


def _close_tasks(ctx: Context, leg: LegRow, advance: Advance, change: Change) -> None:
    """The tasks, their places in inboxes, their reminders and the closed timers."""
    change.closed = [task.id for task in advance.closed_tasks]
    change.done = [task.id for task in advance.closed_tasks if not task.cancelled]
    change.refs = [*change.closed, *advance.closed_timers]
    for task in advance.closed_tasks:
        if task.cancelled:
            audit.record_of(ctx, leg, "task.cancelled", element_id=task.element_id, data={"taskId": task.id})


def _open_tasks(ctx: Context, leg: LegRow, advance: Advance, env: Environment) -> list[NewWork]:
    if not advance.opened_tasks:
        return []
    elements = store.load_elements(ctx.session, leg.definition_id)
    opened = [task_row(ctx, leg, elements[task.element_id], task, env) for task in advance.opened_tasks]
    leg.writes.insert(TASKS, *(task.row for task in opened))
    leg.writes.insert(CANDIDATES, *(_place(leg, task) for task in opened if task.row["role"] != "APPLICANT"))
    for task in opened:
        told = {"taskId": task.row["id"], "role": task.row["role"]}
        audit.record_of(ctx, leg, "task.opened", element_id=task.row["element_id"], data=told)
    return [step for task in opened for step in task.ladder]


def _place(leg: LegRow, task: OpenedTask) -> dict[str, Any]:
    return {
        "site_id": leg.site_id,
        "role": task.row["role"],
        "due_at": task.row["due_at"] or NO_DUE_DATE,
        "task_id": task.row["id"],
        "case_id": leg.case_id,
        "assignee_id": task.row["assignee_id"],
    }


def _timers(leg: LegRow, advance: Advance) -> list[NewWork]:
    return [
        NewWork(
            "timer.fire",
            timer.id,
            timer.due_at,
            case_id=leg.case_id,
            leg_id=leg.id,
            data=_timer_data(timer),
        )
        for timer in advance.opened_timers
    ]


def _timer_data(timer: Timer) -> dict[str, Any]:
    """What a page shows of the timer; its term stays known, so that a changed calendar or policy finds it."""
    data: dict[str, Any] = {"elementId": timer.element_id, "attachedTo": timer.attached_to}
    if timer.since is not None:
        data |= {"literal": timer.literal, "since": timer.since.isoformat()}
    if timer.source:
        data["source"] = timer.source
    return data


def _messages(ctx: Context, leg: LegRow, advance: Advance) -> list[NewWork]:
    if not advance.messages:
        return []
    model = store.load_definition(ctx.session, leg.definition_id).model
    duties: list[NewWork] = []
    for out in advance.messages:
        queued = outgoing.queue(ctx, leg, model, out)
        if queued.work is not None:
            duties.append(queued.work)
        else:
            incidents.open_one(
                ctx,
                leg,
                incidents.Trouble(f"message:{queued.message_id}", out.element_id, queued.code, queued.reason),
            )
    return duties


def _say(ctx: Context, leg: LegRow, advance: Advance) -> None:
    """The sentence the applicant reads: that of the element entered last where a token still is (or the end was reached)."""
    elements = store.load_elements(ctx.session, leg.definition_id)
    for event in reversed(advance.history):
        element = elements.get(event.element_id) if event.kind == "entered" else None
        if element is None or not element.plain_text:
            continue
        if advance.ended or event.element_id in advance.active_elements:
            leg.case.plain_text, leg.case.plain_text_en = element.plain_text, element.plain_text_en
            return


def _end(ctx: Context, leg: LegRow, now: datetime, change: Change) -> None:
    """The leg ends; with the main leg the case is closed and its subjects are free for a new application."""
    leg.ended_at = now
    audit.record_of(ctx, leg, "leg.ended", data={"result": leg.result_code, "status": leg.status})
    if leg.role != "main":
        if not _is_here(ctx, leg):
            leg.case.closed_at = now
        return
    if leg.case.closed_at is None:
        _close(ctx, leg, now, change)


def _close(ctx: Context, leg: LegRow, now: datetime, change: Change) -> None:
    """The case is closed for the applicant: with its main leg's end, or before (``case.close``) while papers still follow."""
    leg.case.closed_at = now
    leg.case.result_code = leg.result_code
    change.frees_subjects = True
    audit.record_of(ctx, leg, "case.closed", data={"result": leg.result_code, "status": leg.case.status})


def _is_here(ctx: Context, leg: LegRow) -> bool:
    """Whether the case's main leg runs in this deployment; otherwise the case is a frame that ends with our leg."""
    main = select(LEGS.c.id).where(LEGS.c.case_id == leg.case_id, LEGS.c.role == "main")
    return ctx.session.execute(main).first() is not None


def _tell(ctx: Context, leg: LegRow, advance: Advance) -> None:
    """Let higher rooms know of facts they registered for (notices to people and the like)."""
    listen = ctx.handlers.listeners
    if advance.opened_tasks and "task.opened" in listen:
        for row in leg.writes.rows[TASKS]:
            listen["task.opened"](ctx, leg, row)
    if advance.ended and "leg.ended" in listen:
        listen["leg.ended"](ctx, leg, None)
    closed_now = leg.case.closed_at is not None and leg.loaded.get("closed_at") is None
    if closed_now and leg.role == "main" and "case.closed" in listen:
        listen["case.closed"](ctx, leg, None)
