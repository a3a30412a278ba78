"""A case as its applicant reads it in a list, and what is told without logging in."""

from __future__ import annotations

from marshmallow import fields

from api.schemas import Answer, Moment


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
