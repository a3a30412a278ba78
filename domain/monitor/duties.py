"""Rows of work in an administrator's hands: seen with their error, tried again (one or many), put off, given up."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import ColumnElement, DateTime, Integer, func, literal, or_, select, true, tuple_

from domain.actors import Role
from domain.audit import service as audit
from domain.cases import incidents, rows, scope
from domain.cases import service as cases
from domain.cases.labels import Label
from domain.cases.models import Case, IncidentRow, Leg
from domain.context import Context
from domain.errors import Conflict, Forbidden, NotFound
from domain.monitor.happenings import KINDS
from domain.outbox import work
from domain.outbox.models import Work

OPEN: Final = (*work.OPEN, "failed")
MOST: Final = 100
"""Rows that one command tries again; the answer says how many are left."""
MOVES_A_CASE: Final = frozenset({"timer.fire", "message.deliver", "message.replay", "signal.deliver", "service.call"})
"""Kinds that a case needs to go on: they may not be given up, the case would stand still for ever."""


class NotFailing(Conflict):
    """Only work that failed, or waits for its next try after a failure, is changed by hand."""

    code = "work-not-failing"
    title_zh = "该作业没有出错"
    title_en = "This work has not failed"
    next_zh = "只有失败或等待重试的作业可以这样处理。"
    next_en = "Only work that failed or waits for its next try can be changed."


class CaseNeedsIt(Conflict):
    """The case would stand still for ever without it."""

    code = "work-needed-by-case"
    title_zh = "办件离不开该作业"
    title_en = "The case needs this work"
    next_zh = "请排除原因后重试，或更正办件。"
    next_en = "Remove the cause and try again, or correct the case."


def list_work(
    ctx: Context, state: str | None, kind: str | None, code: str | None, *, after: list[Any] | None, limit: int
) -> tuple[list[dict[str, Any]], list[Any] | None]:
    """Work by due date. Work without a case (duties of the platform) is seen by those who see everything."""
    query = (
        select(Work, Case.case_no)
        .outerjoin(Case, Case.id == Work.case_id)
        .where(_seen(ctx), Work.state.in_(OPEN) if state is None else Work.state == state)
        .order_by(Work.due_at, Work.id)
        .limit(limit + 1)
    )
    if kind is not None:
        query = query.where(Work.kind == kind)
    if code is not None:
        query = query.where(Work.last_error == code)
    if after is not None:
        moment = literal(datetime.fromisoformat(after[0]), DateTime(timezone=True))
        query = query.where(tuple_(Work.due_at, Work.id) > tuple_(moment, literal(int(after[1]), Integer)))
    found = ctx.session.execute(query).all()
    lines = [_line(row, case_no) for row, case_no in found[:limit]]
    return lines, [lines[-1]["due_at"], lines[-1]["id"]] if len(found) > limit else None


def list_failed(ctx: Context) -> list[dict[str, Any]]:
    """What failed, by kind and error: how many, since when."""
    query = (
        select(Work.kind, Work.last_error, func.count(), func.min(Work.due_at))
        .outerjoin(Case, Case.id == Work.case_id)
        .where(_seen(ctx), Work.state == "failed")
        .group_by(Work.kind, Work.last_error)
        .order_by(func.count().desc(), Work.kind, Work.last_error)
        .limit(MOST)
    )
    return [
        {"kind": kind, **_names(kind), "code": code or "", "count": count, "since": since}
        for kind, code, count, since in ctx.session.execute(query)
    ]


def retry(ctx: Context, work_id: int) -> None:
    """Try again now: through its incident when there is one. Raises :class:`NotFound`, :class:`NotFailing`, :class:`Forbidden`."""
    _retry(ctx, _lock(ctx, work_id))


def retry_failed(ctx: Context, kind: str, code: str) -> tuple[int, int]:
    """Try again all failed work of a kind and error that the actor administers, at most :data:`MOST`: (tried, left)."""
    mine = (Work.state == "failed", Work.kind == kind, func.coalesce(Work.last_error, "") == code, _administered(ctx))
    query = select(Work.id).outerjoin(Leg, Leg.id == Work.leg_id).where(*mine)
    ids: Sequence[int] = ctx.session.scalars(query.order_by(Work.case_id.nulls_first(), Work.id).limit(MOST)).all()
    for work_id in ids:
        _retry(ctx, _lock(ctx, work_id))
    left = select(func.count()).select_from(Work).outerjoin(Leg, Leg.id == Work.leg_id).where(*mine)
    return len(ids), ctx.session.scalar(left) or 0


def put_off(ctx: Context, work_id: int, pause: timedelta) -> None:
    """Not before ``pause`` has passed, with fresh attempts. Raises as :func:`retry`."""
    until = ctx.clock.now() + pause
    row = _lock(ctx, work_id)
    _resolve_incident(ctx, row)
    error, row.last_error = row.last_error, None  # what is told of it is over; the record keeps it
    row.state, row.attempts, row.due_at, row.promoted_at = "pending", 0, until, None
    _record(ctx, row, "work.put-off", {"until": until.isoformat(), "error": error})


def cancel(ctx: Context, work_id: int, reason: str) -> None:
    """Give it up, with a reason that is recorded. Raises as :func:`retry`, and :class:`CaseNeedsIt`."""
    row = _lock(ctx, work_id)
    if row.kind in MOVES_A_CASE:
        raise CaseNeedsIt("没有该作业，办件无法继续。", "Without this work the case cannot go on.")
    _resolve_incident(ctx, row)
    row.state, row.done_at = "cancelled", ctx.clock.now()
    _record(ctx, row, "work.given-up", {"reason": reason})


def _line(row: Work, case_no: str | None) -> dict[str, Any]:
    failing = _is_failing(row)
    return {
        "id": row.id,
        "kind": row.kind,
        **_names(row.kind),
        "queue": row.queue,
        "ref": row.ref,
        "case_no": case_no,
        "due_at": row.due_at,
        "state": row.state,
        "attempts": row.attempts,
        "last_error": row.last_error,
        "may_retry": failing,
        "may_cancel": failing and row.kind not in MOVES_A_CASE,
    }


def _names(kind: str) -> dict[str, str]:
    name = KINDS.get(kind, Label(kind, kind))
    return {"kind_name": name.name, "kind_name_en": name.name_en}


def _is_failing(row: Work) -> bool:
    """A timer that has not failed is never touched by hand: before its time it would find nothing to do and be lost."""
    return row.state == "failed" or (row.state == "pending" and row.attempts > 0)


def _seen(ctx: Context) -> ColumnElement[bool]:
    seen = scope.visible(ctx.actor)
    if scope.sees_everywhere(ctx.actor):
        return or_(Work.case_id.is_(None), seen)
    return Work.case_id.is_not(None) & seen


def _administered(ctx: Context) -> ColumnElement[bool]:
    if ctx.actor.has(Role.PLATFORM_ADMIN):
        return true()
    return Leg.site_id.in_(scope.sites_of(ctx.actor, (Role.SITE_ADMIN,)))


def _lock(ctx: Context, work_id: int) -> Work:
    """The row under lock, after its case. The actor sees it and administers its leg's site, or the platform."""
    place = ctx.session.execute(
        select(Work.case_id, Leg.site_id)
        .outerjoin(Case, Case.id == Work.case_id)
        .outerjoin(Leg, Leg.id == Work.leg_id)
        .where(Work.id == work_id, _seen(ctx))
    ).one_or_none()
    if place is None:
        raise NotFound("没有这个作业。", "There is no such work.")
    at_site = place.site_id is not None and Role.SITE_ADMIN in ctx.actor.roles_at(place.site_id)
    if not (at_site or ctx.actor.has(Role.PLATFORM_ADMIN)):
        raise Forbidden("只有平台管理员或本机构管理员可以这样做。", "Only administrators may do this.")
    if place.case_id is not None:
        rows.lock_case(ctx, place.case_id)
    row = ctx.session.get_one(Work, work_id, with_for_update=True, populate_existing=True)
    if not _is_failing(row):
        raise NotFailing("该作业没有失败，或者正在执行。", "It has not failed, or is being done.")
    return row


def _retry(ctx: Context, row: Work) -> None:
    incident = _find_incident(ctx, row)
    if incident is not None:
        cases.retry_incident(ctx, incident.id)
        return
    error, row.last_error = row.last_error, None  # what is told of it is over; the record keeps it
    row.state, row.attempts, row.due_at, row.promoted_at = "pending", 0, ctx.clock.now(), None
    ctx.session.flush()
    ctx.session.info[work.DUE_NOW] = True
    _record(ctx, row, "work.retried", {"error": error})


def _find_incident(ctx: Context, row: Work) -> IncidentRow | None:
    query = select(IncidentRow).where(IncidentRow.work_id == row.id, IncidentRow.resolved_at.is_(None))
    return ctx.session.scalars(query.limit(1)).one_or_none()


def _resolve_incident(ctx: Context, row: Work) -> None:
    incident = _find_incident(ctx, row)
    if incident is not None:
        incidents.resolve(ctx, rows.lock_leg(ctx, incident.leg_id), [incident.incident_id])


def _record(ctx: Context, row: Work, kind: str, data: dict[str, Any]) -> None:
    ctx.session.flush()
    told = {"workId": row.id, "work": row.kind, **data}
    audit.record(ctx, kind, case_id=row.case_id, leg_id=row.leg_id, data=told)
