"""The deployment's clock; adjustable in training mode only."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from marshmallow import ValidationError, fields, validates_schema

from api.auth import guard, public
from api.entry import Routes, platform
from api.schemas import Answer, CamelSchema, Moment, choice, text
from bootstrap import training
from domain.actors import Role
from domain.context import Context

routes = Routes("clock", "时钟 Clock")


class ClockAnswer(Answer):
    """The deployment's time, and how far it is ahead of the host's."""

    training = fields.Boolean(required=True)
    now = Moment(required=True)
    offset_seconds = fields.Integer(required=True)


class AdvanceBody(CamelSchema):
    """By an amount (5wd, P2D, PT3H) counted in a region's calendar, or to the next waiting work."""

    by = text(1, 20, required=False)
    region = text(2, 12, required=False, load_default=training.HOME_REGION)
    to = choice(("next",))

    @validates_schema
    def one_of(self, data: dict[str, Any], **kwargs: Any) -> None:
        """Exactly one of the two."""
        del kwargs
        if ("by" in data) == ("to" in data):
            raise ValidationError("required", field_name="by")


@routes.on("GET", "/clock", answer=ClockAnswer)
@public()
def get_clock(ctx: Context) -> dict[str, Any]:
    """时间 The deployment's time."""
    if not platform().settings.training:
        return {"training": False, "now": ctx.clock.now(), "offset_seconds": 0}
    now, offset = training.read(ctx)
    return {"training": True, "now": now, "offset_seconds": offset}


@routes.on("POST", "/clock/advance", body=AdvanceBody, answer=ClockAnswer)
@guard(Role.PLATFORM_ADMIN, Role.SITE_ADMIN)
def advance(ctx: Context, body: dict[str, Any]) -> dict[str, Any]:
    """推进 Let time pass (training mode only)."""
    training.require_training(platform().settings)
    now = training.advance(ctx, body["by"], body["region"]) if "by" in body else training.move_to_next(ctx)
    return _told(ctx, now)


@routes.on("POST", "/clock/reset", answer=ClockAnswer)
@guard(Role.PLATFORM_ADMIN, Role.SITE_ADMIN)
def reset(ctx: Context) -> dict[str, Any]:
    """复位 Back to the host's time (training mode only; refused while cases hold later times)."""
    training.require_training(platform().settings)
    before, offset = training.read(ctx)
    training.reset(ctx)
    return _told(ctx, before - timedelta(seconds=offset))


def _told(ctx: Context, now: datetime) -> dict[str, Any]:
    """This transaction still has the time it began with; the next one has ``now``."""
    return {"training": True, "now": now, "offset_seconds": training.read(ctx)[1]}
