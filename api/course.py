"""How a case went: its joint timeline, and its diagram with where it stands."""

from __future__ import annotations

from marshmallow import fields

from api.auth import guard
from api.entry import Routes
from api.schemas import Answer, Free, Moment, many
from domain.cases import diagram as diagrams
from domain.cases import queries as cases
from domain.cases import timeline as timelines
from domain.context import Context

routes = Routes("course", "办理经过 Course of a case")


class LaneAnswer(Answer):
    """A site's lane."""

    leg_id = fields.Integer(required=True)
    site_name = fields.String(required=True)
    role = fields.String(required=True)
    role_name = fields.String(required=True)
    role_name_en = fields.String(required=True)


class EventAnswer(Answer):
    """Something that happened."""

    id = fields.Integer(required=True)
    at = Moment(required=True)
    leg_id = fields.Integer(required=True, allow_none=True)
    kind = fields.String(required=True)
    title = fields.String(required=True)
    title_en = fields.String(required=True)
    actor_name = fields.String(required=True)
    element_id = fields.String(required=True, allow_none=True)
    element_name = fields.String(required=True, allow_none=True)
    tone = fields.String(required=True, metadata={"enum": ["info", "good", "warn", "bad"]})
    data = Free(required=True)
    from_leg_id = fields.Integer(required=True, allow_none=True)
    to_leg_id = fields.Integer(required=True, allow_none=True)


class TimelineAnswer(Answer):
    """The joint timeline, oldest first."""

    lanes = many(LaneAnswer)
    events = many(EventAnswer)


class PositionsAnswer(Answer):
    """A leg on the diagram."""

    leg_id = fields.Integer(required=True)
    participant_id = fields.String(required=True)
    active = fields.List(fields.String(), required=True)
    visited = fields.List(fields.String(), required=True)
    taken = fields.List(fields.String(), required=True)
    incidents = fields.List(fields.String(), required=True)


class DiagramAnswer(Answer):
    """The case's model and where its legs are."""

    xml = fields.String(required=True)
    definition_key = fields.String(required=True)
    definition_version = fields.Integer(required=True)
    legs = many(PositionsAnswer)


@routes.on("GET", "/cases/<case_no>/timeline", answer=TimelineAnswer)
@guard("case:read", "case.state:read")
def get_timeline(ctx: Context, case_no: str) -> timelines.Timeline:
    """协同时间线 What happened, one lane per site, messages as arrows."""
    return timelines.get_timeline(ctx, cases.get_frame(ctx, case_no))


@routes.on("GET", "/cases/<case_no>/diagram", answer=DiagramAnswer)
@guard("case:read", "case.state:read")
def get_diagram(ctx: Context, case_no: str) -> diagrams.Diagram:
    """流程图 The diagram with current positions and the way taken."""
    return diagrams.get_diagram(ctx, cases.get_frame(ctx, case_no))
