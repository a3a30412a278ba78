"""Urging and supervising the site that a case waits for, and what it answers."""

from __future__ import annotations

from typing import Any

from marshmallow import fields

from api.auth import guard
from api.entry import Routes
from api.schemas import Answer, CamelSchema, Moment, text
from domain.cases import queries as cases
from domain.context import Context
from domain.deadlines import ladder
from domain.deadlines import queries as deadlines
from domain.errors import NotFound

routes = Routes("ladder", "催办督办 Urging and supervising")


class UrgeBody(CamelSchema):
    """Which leg is urged (none: the one that the case waits for), and why."""

    leg_id = fields.Integer(load_default=None, allow_none=True, strict=True)
    note = text(0, 400, required=False, load_default="")


class AnswerBody(CamelSchema):
    """What the urged site answers."""

    answer = text(1, 400)


class LadderStepAnswer(Answer):
    """A step that was raised or answered."""

    id = fields.Integer(required=True)
    number = fields.String(required=True)
    kind = fields.String(required=True)
    level = fields.Integer(required=True)
    raised_at = Moment(required=True)
    answered_at = Moment(required=True, allow_none=True)


@routes.on("POST", "/cases/<case_no>/urge", body=UrgeBody, answer=LadderStepAnswer, status=201)
@guard("urge:send")
def urge(ctx: Context, body: dict[str, Any], case_no: str) -> Any:
    """催办 Urge the site that the case waits for."""
    frame = cases.get_frame(ctx, case_no)
    return ladder.urge(ctx, frame.case.id, body["leg_id"], body["note"])


@routes.on("POST", "/cases/<case_no>/supervise", body=UrgeBody, answer=LadderStepAnswer, status=201)
@guard("supervision:issue")
def supervise(ctx: Context, body: dict[str, Any], case_no: str) -> Any:
    """督办 Supervise the site that the case waits for (supervisors of the region)."""
    frame = cases.get_frame(ctx, case_no)
    return ladder.supervise(ctx, frame.case.id, body["leg_id"], body["note"])


@routes.on("POST", "/ladder/<int:step_id>/answer", body=AnswerBody, answer=LadderStepAnswer)
@guard("supervision:answer")
def answer_step(ctx: Context, body: dict[str, str], step_id: int) -> Any:
    """答复 Answer an urge or a supervision order."""
    case_id = deadlines.find_ladder_case(ctx.session, step_id)
    if case_id is None or cases.frame_of(ctx, case_id) is None:
        raise NotFound("没有这条催办（督办）。", "There is no such step.")
    return ladder.answer(ctx, step_id, body["answer"])
