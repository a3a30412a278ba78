"""The deployment's clock; adjustable in training mode only."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from marshmallow import ValidationError, fields, validate, validates_schema

from api.auth import guard, public
from api.entry import Routes, platform
from api.schemas import Answer, CamelSchema, Moment, choice, many, text
from bootstrap import training
from domain.clock import CHINA
from domain.context import Context
from domain.monitor import happenings

routes = Routes("clock", "时钟 Clock")


class ClockAnswer(Answer):
    """The deployment's time, and how far it is ahead of the host's."""

    training = fields.Boolean(required=True)
    now = Moment(required=True)
    offset_seconds = fields.Integer(required=True)


class AdvancedAnswer(ClockAnswer):
    """The new time, and the mark from which ``/clock/happened`` tells what came of it."""

    mark = fields.Integer(required=True)


class HappeningAnswer(Answer):
    """Something that is due, or that happened."""

    at = Moment(required=True)
    title = fields.String(required=True)
    title_en = fields.String(required=True)
    case_no = fields.String(required=True, allow_none=True)


class NextAnswer(Answer):
    """What is due next, soonest first."""

    items = many(HappeningAnswer)


class HappenedAnswer(Answer):
    """What happened since the mark, and how much that is due is not done yet (1001 means more)."""

    waiting = fields.Integer(required=True)
    items = many(HappeningAnswer)


class MarkQuery(CamelSchema):
    """Since when."""

    mark = fields.Integer(required=True, validate=validate.Range(0, 2**63 - 1))


class AdvanceBody(CamelSchema):
    """By an amount (5wd, P2D, PT3H) counted in a region's calendar, to the next waiting work, or to a moment."""

    by = text(1, 20, required=False)
    region = text(2, 12, required=False, load_default=training.HOME_REGION)
    to = choice(("next",))
    at = fields.AwareDateTime(default_timezone=CHINA)

    @validates_schema
    def one_of(self, data: dict[str, Any], **kwargs: Any) -> None:
        """Exactly one of the three."""
        del kwargs
        if len({"by", "to", "at"} & set(data)) != 1:
            raise ValidationError("required", field_name="by")


@routes.on("GET", "/clock", answer=ClockAnswer)
@public("clock:read")
def get_clock(ctx: Context) -> dict[str, Any]:
    """时间 The deployment's time."""
    if not platform().settings.training:
        return {"training": False, "now": ctx.clock.now(), "offset_seconds": 0}
    now, offset = training.read(ctx)
    return {"training": True, "now": now, "offset_seconds": offset}


@routes.on("POST", "/clock/advance", body=AdvanceBody, answer=AdvancedAnswer)
@guard("clock:advance")
def advance(ctx: Context, body: dict[str, Any]) -> dict[str, Any]:
    """推进 Let time pass (training mode only)."""
    training.require_training(platform().settings)
    mark = happenings.last_event(ctx)
    if "by" in body:
        now = training.advance(ctx, body["by"], body["region"])
    else:
        now = training.move_to(ctx, body["at"]) if "at" in body else training.move_to_next(ctx)
    return {**_told(ctx, now), "mark": mark}


@routes.on("GET", "/clock/next", answer=NextAnswer)
@guard("clock:advance")
def list_next(ctx: Context) -> dict[str, Any]:
    """接下来 What is due next in the reader's scope (training mode only)."""
    training.require_training(platform().settings)
    return {"items": happenings.list_next(ctx)}


@routes.on("GET", "/clock/happened", query=MarkQuery, answer=HappenedAnswer)
@guard("clock:advance")
def list_happened(ctx: Context, query: dict[str, Any]) -> dict[str, Any]:
    """发生了什么 What came of a move of the clock, on whatever node it was done (training mode only)."""
    training.require_training(platform().settings)
    return {"waiting": happenings.count_due(ctx), "items": happenings.list_since(ctx, query["mark"])}


@routes.on("POST", "/clock/reset", answer=ClockAnswer)
@guard("clock:advance")
def reset(ctx: Context) -> dict[str, Any]:
    """复位 Back to the host's time (training mode only; refused while cases hold later times)."""
    training.require_training(platform().settings)
    before, offset = training.read(ctx)
    training.reset(ctx)
    return _told(ctx, before - timedelta(seconds=offset))


def _told(ctx: Context, now: datetime) -> dict[str, Any]:
    """This transaction still has the time it began with; the next one has ``now``."""
    return {"training": True, "now": now, "offset_seconds": training.read(ctx)[1]}
