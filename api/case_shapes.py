"""A case as staff read it on its page: its legs, clocks, reminders, registrations, messages, tasks and what went wrong."""

from __future__ import annotations

from marshmallow import fields

from api.ad_hocs import OfferedAnswer
from api.schemas import Answer, Free, Moment, choice, many
from api.shapes import CaseSummaryAnswer, CertificateRow, DocumentRow, MaterialAnswer, PrivacyAnswer
from domain.deadlines import ladder


class CurrentElement(Answer):
    """Where a token is."""

    id = fields.String(required=True)
    name = fields.String(required=True)
    since = Moment(required=True)
    performer = fields.String(required=True, allow_none=True)
    due_at = Moment(required=True, allow_none=True)


class LegAnswer(Answer):
    """A site's part of the case."""

    id = fields.Integer(required=True)
    participant_id = fields.String(required=True)
    participant_name = fields.String(required=True)
    site_id = fields.Integer(required=True)
    site_code = fields.String(required=True)
    site_name = fields.String(required=True)
    site_phone = fields.String(required=True)
    role = fields.String(required=True)
    role_name = fields.String(required=True)
    role_name_en = fields.String(required=True)
    case_no = fields.String(required=True)
    status = fields.String(required=True)
    status_name = fields.String(required=True)
    status_name_en = fields.String(required=True)
    suspended = fields.Boolean(required=True)
    started_at = Moment(required=True)
    ended_at = Moment(required=True, allow_none=True)
    current_elements = many(CurrentElement)
    mine = fields.Boolean(required=True)


class ClockEventAnswer(Answer):
    """A change of a promised date."""

    at = Moment(required=True)
    action = fields.String(required=True)
    action_name = fields.String(required=True)
    reason = fields.String(required=True)
    reason_name = fields.String(required=True)
    due_before = Moment(required=True, allow_none=True)
    due_after = Moment(required=True, allow_none=True)
    used_days = fields.Integer(required=True)


class CaseClockAnswer(Answer):
    """One of the case's two clocks."""

    kind = fields.String(required=True)
    kind_name = fields.String(required=True)
    total_days = fields.Integer(required=True)
    used_days = fields.Integer(required=True)
    remaining_days = fields.Integer(required=True)
    state = fields.String(required=True)
    due_at = Moment(required=True, allow_none=True)
    provisional = fields.Boolean(required=True)
    source = fields.String(required=True)
    events = many(ClockEventAnswer)


class LadderAnswer(Answer):
    """A reminder, urge, supervision order or conference."""

    id = fields.Integer(required=True)
    number = fields.String(required=True)
    kind = fields.String(required=True)
    kind_name = fields.String(required=True)
    kind_name_en = fields.String(required=True)
    level = fields.Integer(required=True)
    source = fields.String(required=True)
    site_name = fields.String(required=True)
    task_name = fields.String(required=True, allow_none=True)
    due_at = Moment(required=True, allow_none=True)
    raised_at = Moment(required=True)
    raised_by_name = fields.String(required=True, allow_none=True)
    note = fields.String(required=True)
    told, told_name = choice(ladder.TOLD, required=True), fields.String(required=True)
    answer = fields.String(required=True, allow_none=True)
    answered_at = Moment(required=True, allow_none=True)
    may_answer = fields.Boolean(required=True)


class RegistrationAnswer(Answer):
    """A registration that the case moves."""

    person_masked = fields.String(required=True)
    site_name = fields.String(required=True)
    state = fields.String(required=True)
    state_name = fields.String(required=True)
    state_name_en = fields.String(required=True)
    since = Moment(required=True)


class MessageAnswer(Answer):
    """A message between two legs."""

    id = fields.Integer(required=True)
    name = fields.String(required=True)
    message = fields.String(required=True)
    sender = fields.String(required=True, attribute="from", data_key="from")
    receiver = fields.String(required=True, attribute="to", data_key="to")
    state = fields.String(required=True)
    state_name = fields.String(required=True)
    state_name_en = fields.String(required=True)
    at = Moment(required=True)


class CaseTaskAnswer(Answer):
    """A task of the case."""

    id = fields.String(required=True)
    name = fields.String(required=True)
    site_name = fields.String(required=True)
    state = fields.String(required=True)
    role_name = fields.String(required=True)
    assignee_name = fields.String(required=True, allow_none=True)
    opened_at = Moment(required=True)
    due_at = Moment(required=True, allow_none=True)
    closed_at = Moment(required=True, allow_none=True)


class CaseJobAnswer(Answer):
    """A service task that another system does (``isCall``: the platform calls it); without its arguments."""

    id = fields.String(required=True)
    leg_id = fields.Integer(required=True)
    element_id = fields.String(required=True)
    element_name = fields.String(required=True)
    topic = fields.String(required=True)
    is_call = fields.Boolean(required=True)
    state = fields.String(required=True, metadata={"enum": ["open", "locked", "done", "failed", "cancelled"]})
    attempts = fields.Integer(required=True)
    error_code = fields.String(required=True, allow_none=True)
    created_at = Moment(required=True)
    closed_at = Moment(required=True, allow_none=True)


class CaseIncidentAnswer(Answer):
    """Something that failed."""

    id = fields.Integer(required=True)
    leg_id = fields.Integer(required=True)
    element_id = fields.String(required=True)
    element_name = fields.String(required=True)
    code = fields.String(required=True)
    message = fields.String(required=True)
    attempts = fields.Integer(required=True)
    opened_at = Moment(required=True)
    resolved_at = Moment(required=True, allow_none=True)
    next_action = fields.String(required=True)
    next_action_en = fields.String(required=True)


class MayAnswer(Answer):
    """What the reader may do to the case."""

    urge = fields.Boolean(required=True)
    suspend = fields.Boolean(required=True)
    retry = fields.Boolean(required=True)


class ServedAtWindow(Answer):
    """The window where the case was handed in and its applicant is served. ``may_serve``: the reader is its clerk."""

    site_name = fields.String(required=True)
    phone = fields.String(required=True)
    has_account = fields.Boolean(required=True)
    may_serve = fields.Boolean(required=True)


class CaseDetailAnswer(Answer):
    """A case's page."""

    summary = fields.Nested(CaseSummaryAnswer, required=True)
    legs = many(LegAnswer)
    application = Free(required=True, allow_none=True)
    apply_form_id = fields.String(required=True, allow_none=True)
    received = Free(required=True, allow_none=True)
    received_names = fields.Dict(values=fields.String(), required=True, metadata={"description": "Names by path"})
    materials = many(MaterialAnswer)
    documents = many(DocumentRow)
    clocks = many(CaseClockAnswer)
    ladder = many(LadderAnswer)
    certificates = many(CertificateRow)
    registrations = many(RegistrationAnswer)
    messages = many(MessageAnswer)
    tasks = many(CaseTaskAnswer)
    incidents = many(CaseIncidentAnswer)
    jobs = many(CaseJobAnswer)
    offered = many(OfferedAnswer)
    may = fields.Nested(MayAnswer, required=True)
    window = fields.Nested(ServedAtWindow, required=True, allow_none=True)
    privacy = fields.Nested(PrivacyAnswer, required=True)
