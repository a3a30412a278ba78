"""为什么是这一天: how a date of a case came about, for staff and for the applicant."""

from __future__ import annotations

from typing import Any

from marshmallow import fields, validate
from sqlalchemy import select

from api.auth import guard
from api.entry import Routes
from api.schemas import Answer, CamelSchema, Moment, choice, many, text
from domain.actors import Role
from domain.applications import queries as applications
from domain.cases import queries as cases
from domain.cases.models import Leg, Task
from domain.context import Context
from domain.deadlines import explain as explaining
from domain.deadlines.explain import Explanation
from domain.deadlines.models import ClockRow
from domain.errors import NotFound

routes = Routes("why", "时限说明 Why a date is what it is")


class CountedDayAnswer(Answer):
    """A day between start and end; number is null for a day that is not counted."""

    day = fields.Date(required=True)
    number = fields.Integer(required=True, allow_none=True)
    kind = fields.String(required=True, metadata={"enum": ["work", "adjusted", "weekend", "holiday", "local"]})
    name = fields.String(required=True)
    name_en = fields.String(required=True)
    provisional = fields.Boolean(required=True)


class WhyPolicy(Answer):
    """The policy that gives the number: in which layer it was set, and by which source."""

    key = fields.String(required=True)
    name = fields.String(required=True)
    name_en = fields.String(required=True)
    value = fields.String(required=True)
    layer = fields.String(required=True)
    source = fields.String(required=True)
    explanation = fields.String(required=True)
    explanation_en = fields.String(required=True)


class WhyAnswer(Answer):
    """How a date was reckoned, step by step.

    startMoved is REST_DAY or AFTER_HOURS when the count begins later than startedAt; usedBefore are days of the total that were
    used before the clock last stopped. agrees is false when the date was set by values that have changed since.
    """

    literal = fields.String(required=True)
    region_code = fields.String(required=True)
    region_name = fields.String(required=True)
    started_at = Moment(required=True)
    effective_start = fields.Date(required=True)
    start_moved = fields.String(required=True, metadata={"enum": ["", "REST_DAY", "AFTER_HOURS"]})
    start_name = fields.String(required=True)
    start_name_en = fields.String(required=True)
    office_end = fields.String(required=True)
    workdays = fields.Integer(required=True, allow_none=True)
    total = fields.Integer(required=True, allow_none=True)
    used_before = fields.Integer(required=True)
    extended = fields.Integer(required=True)
    days = many(CountedDayAnswer)
    provisional = fields.Boolean(required=True)
    due_at = Moment(required=True, allow_none=True)
    computed_at = Moment(required=True)
    agrees = fields.Boolean(required=True)
    policy = fields.Nested(WhyPolicy, required=True, allow_none=True)


class WhyQuery(CamelSchema):
    """Which date: that of a clock of the case or of a leg (staff), or that of a task."""

    clock = choice(("STATUTORY", "PROMISE"), load_default=None)
    leg = fields.Integer(load_default=None, validate=validate.Range(1, 2**62, error="range|1|4611686018427387904"))
    task = text(1, 40, required=False, load_default=None)


@routes.on("GET", "/cases/<case_no>/why", answer=WhyAnswer, query=WhyQuery)
@guard("case:read", "case.state:read")
def explain_date(ctx: Context, query: dict[str, Any], case_no: str) -> Explanation:
    """为什么是这一天 Every step to a clock's or a task's date, as far as the reader sees the case."""
    frame = cases.get_frame(ctx, case_no)
    if query["leg"] is not None:
        found = next((leg for leg in frame.legs if leg.id == query["leg"]), None)
        if found is None or not frame.view.shows_leg(found.site_id, found.role):
            raise _nothing()
        return _clock(ctx, frame.case.id, None, found.id)
    if query["task"] is None:
        if frame.view.is_partner:
            raise _nothing()
        return _clock(ctx, frame.case.id, query["clock"])
    leg = _leg_of(ctx, frame.case.id, query["task"])
    if leg is None or not frame.view.shows_leg(leg.site_id, leg.role):
        raise _nothing()
    return _found(explaining.explain_task(ctx, query["task"]))


@routes.on("GET", "/my/cases/<case_no>/why", answer=WhyAnswer, query=WhyQuery)
@guard("case:own")
def explain_my_date(ctx: Context, query: dict[str, Any], case_no: str) -> Explanation:
    """为什么是这一天 The same for the applicant: the case's clocks and the own tasks."""
    case_id = applications.get_my_case_id(ctx, case_no)
    if query["task"] is None:
        return _clock(ctx, case_id, query["clock"])
    task = ctx.session.get(Task, query["task"])
    if task is None or task.case_id != case_id or task.role != Role.APPLICANT:
        raise _nothing()
    return _found(explaining.explain_task(ctx, task.id))


def _clock(ctx: Context, case_id: int, kind: str | None, leg_id: int | None = None) -> Explanation:
    wanted = select(ClockRow).where(
        ClockRow.case_id == case_id, ClockRow.leg_id.is_not_distinct_from(leg_id), ClockRow.task_id.is_(None)
    )
    if leg_id is None:
        wanted = wanted.where(ClockRow.kind == (kind or "PROMISE"))
    clock = ctx.session.scalars(wanted.order_by(ClockRow.id)).first()
    return _found(None if clock is None else explaining.explain_clock(ctx, clock))


def _leg_of(ctx: Context, case_id: int, task_id: str) -> Leg | None:
    query = select(Leg).join(Task, Task.leg_id == Leg.id).where(Task.id == task_id, Task.case_id == case_id)
    return ctx.session.scalar(query)


def _found(explanation: Explanation | None) -> Explanation:
    if explanation is None:
        raise _nothing()
    return explanation


def _nothing() -> NotFound:
    return NotFound(
        "这里没有可以说明的日期（计时尚未开始、已经暂停或已经结束）。",
        "There is no date to explain here (the clock has not begun, is stopped or has ended).",
    )
