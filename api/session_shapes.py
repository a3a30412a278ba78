"""What a session tells its browser: who is logged in, what is still owed, how this deployment runs."""

from __future__ import annotations

from marshmallow import fields

from api.schemas import Answer, Moment, many
from domain.identity import login
from domain.identity.sessions import Must


class HeldRole(Answer):
    """A role held at a site; platform-wide roles have site 0."""

    site_id = fields.Integer(required=True)
    site_code = fields.String(required=True)
    site_name = fields.String(required=True)
    role = fields.String(required=True)
    role_name = fields.String(required=True)
    role_name_en = fields.String(required=True)


class ActsFor(Answer):
    """Somebody whose role the person may fill now (代理)."""

    delegation_id = fields.Integer(required=True)
    name = fields.String(required=True)
    site_id = fields.Integer(required=True)
    role = fields.String(required=True)
    role_name = fields.String(required=True)
    role_name_en = fields.String(required=True)


class CurrentUser(Answer):
    """Who is logged in."""

    id = fields.Integer(required=True)
    name = fields.String(required=True)
    login = fields.String(required=True)
    is_applicant = fields.Boolean(required=True)
    roles = many(HeldRole)
    functions = fields.List(
        fields.String(),
        required=True,
        metadata={"description": "What these roles may do: `function:act` of the matrix"},
    )
    acts_for = many(ActsFor)


class Mode(Answer):
    """How this deployment runs."""

    training = fields.Boolean(required=True)
    demo = fields.Boolean(required=True)
    one_person = fields.Boolean(
        required=True, metadata={"description": "Whoever drew a model may publish it: a demonstration by one person"}
    )
    now = Moment(required=True)
    deployment_name = fields.String(required=True)


class StepUpProvider(Answer):
    """The identity provider at which a person proves it again (``/oidc/KEY/log-in?again=1``)."""

    key = fields.String(required=True)
    name = fields.String(required=True)
    name_en = fields.String(required=True)


class SessionAnswer(Answer):
    """The session of this browser. ``pending``: what has to be done before it is good for more; ``user`` is null until it is known."""

    user = fields.Nested(CurrentUser, required=True, allow_none=True)
    csrf_token = fields.String(required=True)
    pending = fields.String(required=True, allow_none=True, metadata={"enum": [*(must.value for must in Must), None]})
    level = fields.String(required=True)
    methods = fields.List(fields.String(), required=True)
    authenticated_at = Moment(required=True, allow_none=True)
    step_up = fields.String(
        required=True,
        metadata={
            "enum": [way.value for way in login.Way],
            "description": "What proves again that it is this person; a provider's people are never asked for a password.",
        },
    )
    step_up_provider = fields.Nested(StepUpProvider, required=True, allow_none=True)
    enrol_by = Moment(
        required=True,
        allow_none=True,
        metadata={"description": "Until when a second factor has to be set up; null: none is owed."},
    )
    mode = fields.Nested(Mode, required=True)
