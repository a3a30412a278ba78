"""A case's time: all its clocks, in whose hands the time was, special procedures and extensions; how often supplements were asked."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from marshmallow import fields, validate

from api.auth import guard
from api.case_views import readable
from api.entry import Routes
from api.schemas import Answer, CamelSchema, Moment, many, text
from domain.cases import labels
from domain.cases import queries as cases
from domain.cases.scope import Sight
from domain.context import Context
from domain.deadlines import policies
from domain.deadlines.models import ClockEvent
from domain.documents import queries as documents
from domain.errors import NotFound
from domain.materials import supplements
from domain.procedures import durations, queries, service
from domain.procedures.models import Procedure

routes = Routes("time", "时限 Time")
LONGEST = 366
"""Working days that a special procedure may be told to take."""


class ClockChangeAnswer(Answer):
    """A change of a date: when, by whom, why, by which law and document."""

    at = Moment(required=True)
    action = fields.String(required=True)
    action_name = fields.String(required=True)
    action_name_en = fields.String(required=True)
    reason = fields.String(required=True)
    reason_name = fields.String(required=True)
    reason_name_en = fields.String(required=True)
    note = fields.String(required=True)
    legal_ground = fields.String(required=True)
    actor_name = fields.String(required=True)
    document_id = fields.Integer(required=True, allow_none=True)
    document_title = fields.String(required=True, allow_none=True)
    due_before = Moment(required=True, allow_none=True)
    due_after = Moment(required=True, allow_none=True)
    used_days = fields.Integer(required=True)
    paused_days = fields.Integer(required=True)


class ClockLineAnswer(Answer):
    """One clock as it stands now; days are working days of the site that must act."""

    subject = fields.String(required=True, metadata={"enum": ["case", "leg", "task"]})
    kind = fields.String(required=True, metadata={"enum": ["STATUTORY", "PROMISE", "INTERNAL"]})
    kind_name = fields.String(required=True)
    kind_name_en = fields.String(required=True)
    name = fields.String(required=True)
    site_name = fields.String(required=True)
    leg_id = fields.Integer(required=True, allow_none=True)
    task_id = fields.String(required=True, allow_none=True)
    total_days = fields.Integer(required=True)
    used_days = fields.Integer(required=True)
    paused_days = fields.Integer(required=True)
    remaining_days = fields.Integer(required=True)
    state = fields.String(required=True, metadata={"enum": ["WAITING", "RUNNING", "STOPPED", "DONE", "OVERDUE"]})
    started_at = Moment(required=True, allow_none=True)
    due_at = Moment(required=True, allow_none=True)
    stop_reason_names = fields.List(fields.String(), required=True)
    stop_reason_names_en = fields.List(fields.String(), required=True)
    resume_expected_at = Moment(required=True, allow_none=True)
    provisional = fields.Boolean(required=True)
    policy = fields.String(required=True)
    policy_name = fields.String(required=True)
    source = fields.String(required=True)
    changes = many(ClockChangeAnswer)


class TimePartAnswer(Answer):
    """Time of one kind at one site."""

    kind = fields.String(required=True, metadata={"enum": list(durations.ORDER)})
    site_name = fields.String(required=True)
    seconds = fields.Integer(required=True)


class ProcedureAnswer(Answer):
    """A special procedure or extension."""

    id = fields.Integer(required=True)
    kind = fields.String(required=True)
    kind_name = fields.String(required=True)
    kind_name_en = fields.String(required=True)
    state = fields.String(required=True, metadata={"enum": ["ASKED", "REFUSED", "RUNNING", "DONE"]})
    days = fields.Integer(required=True)
    reason = fields.String(required=True)
    applicant_does = fields.String(required=True)
    legal_ground = fields.String(required=True)
    asked_name = fields.String(required=True)
    asked_at = Moment(required=True)
    decided_name = fields.String(required=True)
    decided_at = Moment(required=True, allow_none=True)
    opinion = fields.String(required=True)
    document_id = fields.Integer(required=True, allow_none=True)
    expected_end_at = Moment(required=True, allow_none=True)
    ended_name = fields.String(required=True)
    ended_at = Moment(required=True, allow_none=True)
    conclusion = fields.String(required=True)
    may_decide = fields.Boolean(required=True)
    may_end = fields.Boolean(required=True)


class KindAnswer(Answer):
    """A procedure that the reader may ask for; ``days`` is fixed for an extension."""

    kind = fields.String(required=True)
    name = fields.String(required=True)
    name_en = fields.String(required=True)
    legal_ground = fields.String(required=True)
    days = fields.Integer(required=True, allow_none=True)


class CaseTimeAnswer(Answer):
    """A case's time. failingSeconds: how much of the total something had failed and waited to be put right; it stops no clock."""

    clocks = many(ClockLineAnswer)
    parts = many(TimePartAnswer)
    total_seconds = fields.Integer(required=True)
    failing_seconds = fields.Integer(required=True)
    procedures = many(ProcedureAnswer)
    may_ask = many(KindAnswer)


class AskProcedureBody(CamelSchema):
    """Which procedure, why, and for how many working days; an extension has those of the law."""

    kind = text(1, 20)
    reason = text(1, 400)
    days = fields.Integer(
        load_default=None, allow_none=True, strict=True, validate=validate.Range(1, LONGEST, error=f"range|1|{LONGEST}")
    )
    applicant_does = text(0, 400, required=False, load_default="")


class DecideProcedureBody(CamelSchema):
    """A leader's decision."""

    approve = fields.Boolean(required=True, truthy={True}, falsy={False})
    opinion = text(1, 400)


class EndProcedureBody(CamelSchema):
    """What came out of it."""

    conclusion = text(1, 400)


class SupplementFigureAnswer(Answer):
    """Supplements of an item: cases, rounds, further rounds, overrides."""

    item_code = fields.String(required=True)
    item_name = fields.String(required=True)
    cases = fields.Integer(required=True)
    rounds = fields.Integer(required=True)
    further_rounds = fields.Integer(required=True)
    overrides = fields.Integer(required=True)
    average = fields.Float(required=True)


class SupplementFiguresAnswer(Answer):
    """By item, those with most further rounds first."""

    items = many(SupplementFigureAnswer)


@routes.on("GET", "/cases/<case_no>/time", answer=CaseTimeAnswer)
@guard("case:read", "case.state:read")
def get_time(ctx: Context, case_no: str) -> dict[str, Any]:
    """时限与时耗 Every clock of the case with its changes, whose hands the time was in, and its special procedures."""
    frame = cases.get_frame(ctx, case_no)
    shown = [leg.id for leg in frame.legs if frame.view.shows_leg(leg.site_id, leg.role)]
    lines = queries.list_clocks(ctx, frame, shown)
    if frame.view.is_partner:
        lines = [line for line in lines if line.subject != "case"]
    titles = {row.id: row.title for row in documents.list_documents(ctx.session, frame.case.id, readable(ctx, frame))}
    parts = queries.list_parts(ctx, frame) if not frame.view.is_partner else []
    allowed = queries.may(ctx, frame)
    whole = frame.view.sight is Sight.FULL
    return {
        "clocks": [_clock(line, titles) for line in lines],
        "parts": [
            {"kind": part.kind, "site_name": frame.sites[part.site_id].name, "seconds": part.seconds} for part in parts
        ],
        "total_seconds": sum(part.seconds for part in parts),
        "failing_seconds": 0 if frame.view.is_partner else queries.failing_seconds(ctx, frame),
        "procedures": [_procedure(ctx, row, allowed) for row in queries.list_procedures(ctx, frame.case.id)]
        if whole
        else [],
        "may_ask": [_kind(kind, allowed) for kind in allowed["kinds"]],
    }


@routes.on("POST", "/cases/<case_no>/procedures", body=AskProcedureBody, answer=ProcedureAnswer, status=201)
@guard("procedure:propose")
def ask_procedure(ctx: Context, body: dict[str, Any], case_no: str) -> dict[str, Any]:
    """提出特别程序或延期 A handler of the main site asks; a leader decides."""
    frame = cases.get_frame(ctx, case_no)
    row = service.ask(
        ctx, frame.case.id, body["kind"], body["reason"], days=body["days"], applicant_does=body["applicant_does"]
    )
    return _procedure(ctx, row, queries.may(ctx, frame))


@routes.on("POST", "/procedures/<int:procedure_id>/decide", body=DecideProcedureBody, answer=ProcedureAnswer)
@guard("procedure:approve")
def decide_procedure(ctx: Context, body: dict[str, Any], procedure_id: int) -> dict[str, Any]:
    """批准或不批准 The leader's decision; approval tells the applicant in writing and moves the clocks."""
    row = service.decide(ctx, procedure_id, approve=body["approve"], opinion=body["opinion"])
    return _procedure(ctx, row, _allowed(ctx, row))


@routes.on("POST", "/procedures/<int:procedure_id>/end", body=EndProcedureBody, answer=ProcedureAnswer)
@guard("procedure:propose", "procedure:approve")
def end_procedure(ctx: Context, body: dict[str, str], procedure_id: int) -> dict[str, Any]:
    """结束特别程序 The clocks go on with what was left."""
    row = service.end(ctx, procedure_id, body["conclusion"])
    return _procedure(ctx, row, _allowed(ctx, row))


@routes.on("GET", "/supplements/figures", answer=SupplementFiguresAnswer)
@guard("report:read")
def supplement_figures(ctx: Context) -> dict[str, Any]:
    """补正次数 How often supplements were asked for, in the reader's sites (R-03.7)."""
    return {"items": [asdict(row) for row in supplements.list_figures(ctx)]}


def _allowed(ctx: Context, row: Procedure) -> dict[str, Any]:
    frame = cases.frame_of(ctx, row.case_id)
    if frame is None:
        raise NotFound("没有这项特别程序。", "There is no such procedure.")
    return queries.may(ctx, frame)


def _clock(line: queries.ClockLine, titles: dict[int, str]) -> dict[str, Any]:
    read = line.reading
    policy = policies.shipped().get(line.policy)
    return {
        **{name: getattr(line, name) for name in _PLAIN},
        "kind_name": labels.name_of(labels.CLOCKS, line.kind),
        "kind_name_en": labels.name_en_of(labels.CLOCKS, line.kind),
        "total_days": read.total,
        "used_days": read.used,
        "paused_days": read.paused,
        "remaining_days": read.remaining,
        "state": read.state,
        "stop_reason_names": [labels.name_of(labels.STOP_REASONS, each) for each in line.stop_reasons],
        "stop_reason_names_en": [labels.name_en_of(labels.STOP_REASONS, each) for each in line.stop_reasons],
        "policy_name": policy.name if policy is not None else "",
        "changes": [_change(event, titles) for event in line.events],
    }


_PLAIN = (
    "subject", "kind", "name", "site_name", "leg_id", "task_id", "started_at", "due_at", "resume_expected_at",
    "provisional", "policy", "source",
)  # fmt: skip


def _change(event: ClockEvent, titles: dict[int, str]) -> dict[str, Any]:
    action = event.action.upper()
    shown = event.document_id if event.document_id in titles else None
    return {
        "at": event.at,
        "action": event.action,
        "action_name": labels.name_of(labels.CLOCK_ACTIONS, action),
        "action_name_en": labels.name_en_of(labels.CLOCK_ACTIONS, action),
        "reason": event.reason,
        "reason_name": labels.name_of(labels.STOP_REASONS, event.reason) if event.reason else "",
        "reason_name_en": labels.name_en_of(labels.STOP_REASONS, event.reason) if event.reason else "",
        "note": event.note,
        "legal_ground": event.legal_ground,
        "actor_name": event.actor_name,
        "document_id": shown,
        "document_title": titles.get(event.document_id or 0),
        "due_before": event.due_before,
        "due_after": event.due_after,
        "used_days": event.used_days,
        "paused_days": event.paused_days,
    }


def _procedure(ctx: Context, row: Procedure, allowed: dict[str, Any]) -> dict[str, Any]:
    return {
        **{name: getattr(row, name) for name in ProcedureAnswer().fields if hasattr(row, name)},
        "kind_name": labels.name_of(labels.STOP_REASONS, row.kind),
        "kind_name_en": labels.name_en_of(labels.STOP_REASONS, row.kind),
        "may_decide": row.state == "ASKED" and allowed["decide"] and row.asked_by != ctx.actor.user_id,
        "may_end": row.state == "RUNNING" and allowed["end"],
    }


def _kind(kind: str, allowed: dict[str, Any]) -> dict[str, Any]:
    return {
        "kind": kind,
        "name": labels.name_of(labels.STOP_REASONS, kind),
        "name_en": labels.name_en_of(labels.STOP_REASONS, kind),
        "legal_ground": queries.ground(kind),
        "days": allowed["days"] if kind == service.EXTENSION else None,
    }
