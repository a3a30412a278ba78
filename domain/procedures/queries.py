"""A case's time, read: every clock of it, its legs and tasks, why each date is what it is, and in whose hands the time was."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import select

from domain.actors import Role
from domain.cases import labels
from domain.cases.models import IncidentRow, Leg, Task
from domain.cases.queries import Frame
from domain.clock import CHINA
from domain.context import Context
from domain.deadlines import counting, grounds, joint, policies
from domain.deadlines.calendar import load
from domain.deadlines.clocks import find_extension_refusal
from domain.deadlines.counting import Reading
from domain.deadlines.due import Hours
from domain.deadlines.models import ClockEvent, ClockRow
from domain.deadlines.subjects import MAIN
from domain.identity import functions
from domain.procedures import durations, service
from domain.procedures.durations import Part, Span
from domain.procedures.models import Procedure

TRANSFERRING = frozenset({"partner.signIn", "dispatch", "archive.transfer"})
DELIVERING = frozenset({"delivery", "booklet", "certificate.issue"})
MOST = 200
"""Clocks of tasks that one answer shows, newest first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ClockLine:
    """One clock as it stands now. ``name`` is the task's, or the leg's, or empty for the case's own."""

    subject: str
    kind: str
    name: str
    site_name: str
    leg_id: int | None
    task_id: str | None
    reading: Reading
    started_at: datetime | None
    due_at: datetime | None
    stop_reasons: list[str]
    resume_expected_at: datetime | None
    provisional: bool
    policy: str
    source: str
    events: list[ClockEvent]


def list_clocks(ctx: Context, frame: Frame, leg_ids: Sequence[int]) -> list[ClockLine]:
    """The clocks of the case that its reader may see: its own, then of legs, then of tasks, newest first."""
    case_id, now = frame.case.id, ctx.clock.now()
    kept = list(ctx.session.scalars(select(ClockRow).where(ClockRow.case_id == case_id).order_by(ClockRow.id)))
    events = list(ctx.session.scalars(select(ClockEvent).where(ClockEvent.case_id == case_id).order_by(ClockEvent.id)))
    legs = {leg.id: leg for leg in frame.legs}
    lines = [
        _line(ctx, frame, clock, events, now, legs)
        for clock in kept
        if clock.task_id is None and (clock.leg_id is None or clock.leg_id in leg_ids)
    ]
    tasks = select(Task).where(
        Task.case_id == case_id, Task.leg_id.in_(leg_ids), Task.due_at.is_not(None) | _has_clock()
    )
    own = {clock.task_id: clock for clock in kept if clock.task_id is not None}
    newest = ctx.session.scalars(tasks.order_by(Task.opened_at.desc(), Task.id).limit(MOST))
    lines.extend(_task_line(ctx, frame, task, own.get(task.id), events, now) for task in newest)
    return lines


def list_procedures(ctx: Context, case_id: int) -> list[Procedure]:
    """What was asked for, decided and ended about the case's time, newest first."""
    query = select(Procedure).where(Procedure.case_id == case_id).order_by(Procedure.id.desc())
    return list(ctx.session.scalars(query))


def list_parts(ctx: Context, frame: Frame) -> list[Part]:
    """In whose hands the time was from submission to now (or the end)."""
    case = frame.case
    until = case.closed_at or ctx.clock.now()
    main = {leg.id for leg in frame.legs if leg.role == MAIN}
    tasks = ctx.session.execute(
        select(Task.leg_id, Task.site_id, Task.role, Task.policy, Task.opened_at, Task.closed_at).where(
            Task.case_id == case.id
        )
    ).all()
    spans = [Span(_kind(row, row.leg_id in main), row.site_id, row.opened_at, row.closed_at) for row in tasks]
    spans += _stops(ctx, case.id, case.main_site_id)
    return durations.divide(spans, case.submitted_at, until, case.main_site_id)


def failing_seconds(ctx: Context, frame: Frame) -> int:
    """平台故障时间 (DOMAIN §3.3): for how long something had failed and waited to be put right.

    It stops no clock; it is told apart, so that a site is not judged by what it could not help. Of the legs that the reader sees.
    """
    case = frame.case
    spells = select(IncidentRow.opened_at, IncidentRow.resolved_at).where(IncidentRow.case_id == case.id)
    found = [(row.opened_at, row.resolved_at) for row in ctx.session.execute(spells)]
    return durations.covered(found, case.submitted_at, case.closed_at or ctx.clock.now())


def may(ctx: Context, frame: Frame) -> dict[str, Any]:
    """Which procedures the reader may ask for, and whether he may decide or end them."""
    site_id, actor = frame.case.main_site_id, ctx.actor
    asks = functions.may(actor, service.ASK, site_id=site_id)
    decides = functions.may(actor, service.DECIDE, site_id=site_id)
    kinds: list[str] = []
    site, item = frame.sites.get(site_id), frame.case.item_code
    if (asks or decides) and frame.case.closed_at is None and site is not None:
        values = policies.deadlines_for(ctx, site, item, policies.partner_at("main", site, frame.case.partner_code))
        mine = _of_case(ctx, frame.case.id)
        waiting = {row.kind for row in list_procedures(ctx, frame.case.id) if row.state in {"ASKED", "RUNNING"}}
        if mine and all(clock.state == counting.RUNNING for clock in mine):
            kinds = [each for each in values["clock.stopReasons"].split(",") if each not in service.NOT_SPECIAL]
        if find_extension_refusal(mine, ctx.clock.now()) is None:
            kinds.append(service.EXTENSION)
        kinds = [each for each in kinds if asks and each not in waiting]
        return {
            "kinds": kinds,
            "decide": decides,
            "end": True,
            "days": joint.extension_days(values),
        }
    return {"kinds": kinds, "decide": False, "end": False, "days": None}


def ground(kind: str) -> str:
    """The law behind a kind, or the policy that allows it."""
    return grounds.of(kind) or policies.shipped()["clock.stopReasons"].source


def _of_case(ctx: Context, case_id: int) -> list[ClockRow]:
    mine = (ClockRow.case_id == case_id, ClockRow.leg_id.is_(None), ClockRow.task_id.is_(None))
    return list(ctx.session.scalars(select(ClockRow).where(*mine)))


def _has_clock() -> Any:
    return select(ClockRow.id).where(ClockRow.task_id == Task.id).exists()


def _line(
    ctx: Context, frame: Frame, clock: ClockRow, events: list[ClockEvent], now: datetime, legs: dict[int, Leg]
) -> ClockLine:
    leg = legs.get(clock.leg_id or 0)
    site_id = frame.case.main_site_id if leg is None else leg.site_id
    return ClockLine(
        subject=clock.subject,
        kind=clock.kind,
        name="" if leg is None else leg.participant_name,
        site_name=_site_name(frame, site_id),
        leg_id=clock.leg_id,
        task_id=None,
        reading=counting.read(clock, now, load(ctx.session, clock.region_code)),
        started_at=clock.started_at,
        due_at=clock.due_at,
        stop_reasons=counting.reasons(clock),
        resume_expected_at=clock.resume_expected_at,
        provisional=clock.is_provisional,
        policy=clock.policy,
        source=clock.source,
        events=[
            each for each in events if each.kind == clock.kind and each.leg_id == clock.leg_id and not each.task_id
        ],
    )


def _task_line(
    ctx: Context, frame: Frame, task: Task, clock: ClockRow | None, events: list[ClockEvent], now: datetime
) -> ClockLine:
    """A task's clock: its row in ``clocks`` if something happened to it, else what its own row says."""
    until = task.closed_at or now
    site = frame.sites.get(task.site_id)
    calendar = load(ctx.session, site.region_code if site is not None else "")
    if clock is not None:
        read = counting.read(clock, until, calendar)
        started = clock.started_at
    else:
        started = counting.effective(task.opened_at, calendar, Hours())
        total = counting.days_between(started, task.due_at or started, calendar)
        used = counting.days_between(started, until, calendar)
        read = Reading(total, used, 0, total - used, "OVERDUE" if task.due_at and task.due_at < until else "RUNNING")
    if task.state != "open":
        read = replace(read, state="DONE")
    return ClockLine(
        subject="task",
        kind="INTERNAL",
        name=labels.one_line(task.name),
        site_name=_site_name(frame, task.site_id),
        leg_id=task.leg_id,
        task_id=task.id,
        reading=read,
        started_at=started,
        due_at=task.due_at,
        stop_reasons=[] if clock is None else counting.reasons(clock),
        resume_expected_at=None,
        provisional=task.due_at is not None and calendar.is_provisional(task.due_at.astimezone(CHINA).date()),
        policy=task.policy or "",
        source="" if clock is None else clock.source,
        events=[each for each in events if each.task_id == task.id],
    )


def _site_name(frame: Frame, site_id: int) -> str:
    return frame.sites[site_id].name if site_id in frame.sites else ""


def _kind(row: Any, is_main: bool) -> str:
    if row.role == Role.APPLICANT:
        return durations.APPLICANT
    if row.policy in TRANSFERRING:
        return durations.TRANSFER
    if row.policy in DELIVERING:
        return durations.DELIVER
    return durations.REVIEW if is_main else durations.VERIFY


def _stops(ctx: Context, case_id: int, site_id: int) -> list[Span]:
    """When the promise stood still."""
    query = select(ClockEvent.action, ClockEvent.at).where(
        ClockEvent.case_id == case_id, ClockEvent.kind == "PROMISE", ClockEvent.leg_id.is_(None)
    )
    spans: list[Span] = []
    since: datetime | None = None
    for row in ctx.session.execute(query.order_by(ClockEvent.id)):
        if row.action == "stop":
            since = since or row.at
        elif since is not None and row.action in {"resume", "start", "end"}:
            spans.append(Span(durations.STOPPED, site_id, since, row.at))
            since = None
    if since is not None:
        spans.append(Span(durations.STOPPED, site_id, since, None))
    return spans
