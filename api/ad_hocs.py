"""Ad-hoc sub-processes: what staff may start in a case, and starting it."""

from __future__ import annotations

from typing import Any

from marshmallow import fields, validate

from api import case_views
from api.auth import guard
from api.entry import Routes
from api.schemas import Answer, CamelSchema, many, text
from domain.cases import ad_hoc
from domain.cases import queries as cases
from domain.context import Context
from domain.errors import NotFound

routes = Routes("ad-hocs", "可选环节 Ad-hoc sub-processes")
MOST_ACTIVATED = 50
"""Elements that one request starts."""


class OfferedElementAnswer(Answer):
    """An element that the reader may start."""

    id = fields.String(required=True)
    name = fields.String(required=True)
    role = fields.String(required=True, allow_none=True)
    role_name = fields.String(required=True)
    role_name_en = fields.String(required=True)
    running = fields.Boolean(required=True)


class OfferedAnswer(Answer):
    """An open ad-hoc sub-process with what the reader may start in it."""

    leg_id = fields.Integer(required=True)
    ad_hoc_id = fields.String(required=True)
    name = fields.String(required=True)
    number = fields.Integer(required=True, allow_none=True)
    elements = many(OfferedElementAnswer)


class CaseActivateBody(CamelSchema):
    """Which elements of which open ad-hoc sub-process to start; an element may be named several times."""

    ad_hoc_id = text(1, 60)
    element_ids = fields.List(
        fields.String(validate=validate.Length(1, 120)), required=True, validate=validate.Length(1, MOST_ACTIVATED)
    )


class ActivatedAnswer(Answer):
    """What may be started now."""

    offered = many(OfferedAnswer)


@routes.on("POST", "/cases/<case_no>/legs/<int:leg_id>/activate", body=CaseActivateBody, answer=ActivatedAnswer)
@guard("task:do")
def activate(ctx: Context, body: dict[str, Any], case_no: str, leg_id: int) -> dict[str, Any]:
    """启动环节 Start elements of an ad-hoc sub-process by choice (whose role at the leg's site fits)."""
    frame = cases.get_frame(ctx, case_no)
    if not any(leg.id == leg_id and frame.view.shows_leg(leg.site_id, leg.role) for leg in frame.legs):
        raise NotFound("没有这个分办件。", "There is no such leg.")
    ad_hoc.activate(ctx, leg_id, body["ad_hoc_id"], body["element_ids"])
    return {"offered": case_views.offered(ctx, cases.get_frame(ctx, case_no))}
