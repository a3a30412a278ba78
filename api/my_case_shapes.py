"""A case as its applicant reads it: in a list, on its page, and what is told without logging in."""

from __future__ import annotations

from marshmallow import fields

from api.schemas import Answer, Free, Moment, choice, many
from api.shapes import CertificateRow, DocumentRow, FlagAnswer, MaterialAnswer


class Stopped(Answer):
    """Whether the promise stands still, and what for."""

    stopped = fields.Boolean(required=True)
    stop_reason_names = fields.List(fields.String(), required=True)
    stop_reason_names_en = fields.List(fields.String(), required=True)


class MyCaseRow(Stopped):
    """One of the applicant's cases."""

    case_no = fields.String(required=True)
    item_code = fields.String(required=True)
    item_name = fields.String(required=True)
    item_name_en = fields.String(required=True)
    subject = fields.String(required=True)
    status = fields.String(required=True)
    status_name = fields.String(required=True)
    status_name_en = fields.String(required=True)
    plain_text = fields.String(required=True)
    plain_text_en = fields.String(required=True)
    submitted_at = Moment(required=True)
    promise_due_at = Moment(required=True, allow_none=True)
    open_task_count = fields.Integer(required=True)
    closed_at = Moment(required=True, allow_none=True)
    result_name = fields.String(required=True, allow_none=True)
    result_name_en = fields.String(required=True, allow_none=True)
    rated = fields.Boolean(required=True)


class PromiseChange(Answer):
    """A change of the promised date."""

    at = Moment(required=True)
    action = fields.String(required=True)
    action_name = fields.String(required=True)
    action_name_en = fields.String(required=True)
    reason_name = fields.String(required=True, allow_none=True)
    reason_name_en = fields.String(required=True, allow_none=True)
    note = fields.String(required=True)
    legal_ground = fields.String(required=True)
    document_id = fields.Integer(required=True, allow_none=True)
    by = fields.String(required=True, metadata={"description": "The authority or the applicant; empty: the platform"})
    due_before = Moment(required=True, allow_none=True)
    due_after = Moment(required=True, allow_none=True)


class WaitingAnswer(Answer):
    """Why the promise stands still, and what the applicant is asked to do."""

    reasons = fields.List(fields.String(), required=True)
    reason_names = fields.List(fields.String(), required=True)
    reason_names_en = fields.List(fields.String(), required=True)
    note = fields.String(required=True)
    applicant_does = fields.String(required=True)
    legal_ground = fields.String(required=True)
    document_id = fields.Integer(required=True, allow_none=True)
    since = Moment(required=True, allow_none=True)
    expected_at = Moment(required=True, allow_none=True)


class PromiseAnswer(Answer):
    """The promised date and why it is this one."""

    due_at = Moment(required=True, allow_none=True)
    days_left = fields.Integer(required=True, allow_none=True)
    state = fields.String(required=True, metadata={"enum": ["running", "stopped", "done", "overdue"]})
    total_days = fields.Integer(required=True)
    used_days = fields.Integer(required=True)
    paused_days = fields.Integer(required=True)
    source = fields.String(required=True)
    provisional = fields.Boolean(required=True)
    waiting = fields.Nested(WaitingAnswer, required=True, allow_none=True)
    history = many(PromiseChange)


class StepAnswer(Answer):
    """A stretch of the way."""

    key = fields.String(required=True)
    title = fields.String(required=True)
    site_name = fields.String(required=True)
    state = fields.String(required=True, metadata={"enum": ["done", "current", "todo"]})
    at = Moment(required=True, allow_none=True)


class PlainEventAnswer(Answer):
    """Something that happened."""

    at = Moment(required=True)
    site_name = fields.String(required=True)
    title = fields.String(required=True)
    title_en = fields.String(required=True)
    text = fields.String(required=True)


class MyTask(Answer):
    """Something the applicant has to do."""

    id = fields.String(required=True)
    name = fields.String(required=True)
    form_id = fields.String(required=True)
    due_at = Moment(required=True, allow_none=True)


class RateSite(Answer):
    """A site that may be rated."""

    site_code = fields.String(required=True)
    site_name = fields.String(required=True)


class ResponsibleUnit(Answer):
    """A unit (or the applicant) that has to act now; no names, no personal numbers."""

    kind = fields.String(required=True, metadata={"enum": ["site", "applicant"]})
    site_name = fields.String(required=True)
    phone = fields.String(required=True)
    duty_time = fields.String(required=True)
    since = Moment(required=True, allow_none=True)


class AskedAnswer(Answer):
    """What the applicant asked (INQUIRE before the promised date, URGE after it), of whom, and the answer."""

    number = fields.String(required=True)
    kind = fields.String(required=True, metadata={"enum": ["INQUIRE", "URGE"]})
    kind_name = fields.String(required=True)
    kind_name_en = fields.String(required=True)
    site_name = fields.String(required=True)
    note = fields.String(required=True)
    raised_at = Moment(required=True)
    answer_due_at = Moment(required=True, allow_none=True)
    answer = fields.String(required=True, allow_none=True)
    answered_at = Moment(required=True, allow_none=True)


class MyCaseAnswer(MyCaseRow):
    """One of the applicant's cases with everything about it."""

    collab_no = fields.String(required=True)
    query_code = fields.String(required=True)
    flags = many(FlagAnswer)
    received_at = Moment(required=True, allow_none=True)
    accepted_at = Moment(required=True, allow_none=True)
    promise = fields.Nested(PromiseAnswer, required=True, allow_none=True)
    steps = many(StepAnswer)
    events = many(PlainEventAnswer)
    tasks = many(MyTask)
    responsible = many(ResponsibleUnit)
    documents = many(DocumentRow)
    application = Free(required=True)
    apply_form_id = fields.String(required=True, allow_none=True)
    materials = many(MaterialAnswer)
    certificates = many(CertificateRow)
    may_withdraw = fields.Boolean(required=True)
    withdraw_note = fields.String(required=True)
    asked = many(AskedAnswer)
    may_urge = fields.Boolean(required=True)
    urge_kind = choice(("INQUIRE", "URGE"), required=True)
    urge_note = fields.String(required=True)
    may_rate = fields.Boolean(required=True)
    rate_sites = many(RateSite)
