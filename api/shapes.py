"""Answers that several nouns share: due dates, materials, documents, certificates."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from marshmallow import fields

from api.schemas import Answer, Code, Moment, many
from domain.deadlines import ladder


class DueAnswer(Answer):
    """How near a due date is, in working days."""

    state = fields.String(required=True, metadata={"enum": ["none", "ok", "soon", "today", "overdue"]})
    workdays = fields.Integer(required=True, allow_none=True)


class FlagAnswer(Answer):
    """A milestone."""

    code = fields.String(required=True)
    name = fields.String(required=True)
    name_en = fields.String(required=True)


class LadderMarkAnswer(Answer):
    """The highest reminder raised."""

    kind = fields.String(required=True)
    kind_name = fields.String(required=True)
    kind_name_en = fields.String(required=True)
    level = fields.Integer(required=True)
    raised_at = Moment(required=True)
    told = fields.String(required=True, metadata={"enum": list(ladder.TOLD)})
    told_name = fields.String(required=True)


class MaterialAnswer(Answer):
    """A material of a case."""

    id = fields.Integer(required=True)
    code = fields.String(required=True)
    name = fields.String(required=True)
    required = fields.Boolean(required=True)
    state = fields.String(required=True)
    state_name = fields.String(required=True)
    state_name_en = fields.String(required=True)
    file_id = fields.String(required=True, allow_none=True)
    file_name = fields.String(required=True, allow_none=True)
    sha256 = fields.String(required=True, allow_none=True)
    origin = fields.String(required=True)
    origin_name = fields.String(required=True)
    origin_name_en = fields.String(required=True)
    verified_by_name = fields.String(required=True, allow_none=True)
    verified_at = Moment(required=True, allow_none=True)
    note = fields.String(required=True)


class NoticeEntry(Answer):
    """One thing to cure."""

    target = fields.String()
    target_name = fields.String(required=True)
    target_name_en = fields.String(required=True)
    defect = fields.String()
    rule = fields.String()
    cure = fields.String()


class NoticeAnswer(Answer):
    """A one-time notice."""

    round = fields.Integer(required=True)
    entries = many(NoticeEntry)
    notified_at = Moment(required=True)
    due_at = Moment(required=True, allow_none=True)
    answered_at = Moment(required=True, allow_none=True)


class DocumentRow(Answer):
    """An issued document."""

    id = fields.Integer(required=True)
    code = fields.String(required=True)
    title = fields.String(required=True)
    number = fields.String(required=True)
    issued_at = Moment(required=True)
    site_name = fields.String(required=True)


class CertificateRow(Answer):
    """A certificate."""

    number = fields.String(required=True)
    kind = fields.String(required=True)
    kind_name = fields.String(required=True)
    kind_name_en = fields.String(required=True)
    state = fields.String(required=True)
    state_name = fields.String(required=True)
    state_name_en = fields.String(required=True)
    issuer_name = fields.String(required=True)
    valid_until = fields.Date(required=True, allow_none=True)
    holder_masked = fields.String(required=True)


class PolicyRow(Answer):
    """An effective value and where it comes from."""

    key = fields.String(required=True)
    name = fields.String(required=True)
    name_en = fields.String(required=True)
    unit = fields.String(required=True)
    value = fields.String(required=True)
    source = fields.String(required=True)
    layer = fields.String(required=True)
    explanation = fields.String(required=True)
    explanation_en = fields.String(required=True)


class CaseRowAnswer(Answer):
    """One case in a list."""

    case_no = fields.String(required=True)
    collab_no = fields.String(required=True)
    item_code = fields.String(required=True)
    item_name = fields.String(required=True)
    item_name_en = fields.String(required=True)
    subject = fields.String(required=True)
    main_site_name = fields.String(required=True)
    partner_site_names = fields.List(fields.String(), required=True)
    leg_role = fields.String(required=True)
    status = fields.String(required=True)
    status_name = fields.String(required=True)
    status_name_en = fields.String(required=True)
    flags = many(FlagAnswer)
    submitted_at = Moment(required=True)
    promise_due_at = Moment(required=True, allow_none=True)
    due = fields.Nested(DueAnswer, required=True)
    closed_at = Moment(required=True, allow_none=True)
    result_name = fields.String(required=True, allow_none=True)
    result_name_en = fields.String(required=True, allow_none=True)
    stuck = fields.Boolean(required=True)


class CaseSummaryAnswer(CaseRowAnswer):
    """A case's head. ``query_code`` only at the lead site; ``received_at`` (收件) and ``accepted_at`` (受理) not for partners."""

    received_at = Moment(required=True, allow_none=True)
    accepted_at = Moment(required=True, allow_none=True)
    definition_key = fields.String(required=True)
    definition_version = fields.Integer(required=True)
    query_code = fields.String()
    result_code = fields.String(required=True, allow_none=True)


class ConsentAnswer(Answer):
    """A guardian's separate consent for ``people`` children."""

    kind = fields.String(required=True)
    people = fields.Integer(required=True)
    text = fields.String(required=True)
    at_window = fields.Boolean(required=True)
    given_at = Moment(required=True)


class HeldAnswer(Answer):
    """That the case is kept from deletion, for readers of the site that leads it."""

    held_by = fields.String(required=True)
    held_at = Moment(required=True)
    until_at = Moment(required=True, allow_none=True)
    reason = fields.String(required=True)


class PrivacyAnswer(Answer):
    """What is masked for the reader: everything, unless ``shownUntil`` is later than now."""

    shown_until = Moment(required=True, allow_none=True)
    shows_sensitive = fields.Boolean(required=True)
    has_sensitive = fields.Boolean(required=True)
    may_ask = fields.Boolean(required=True)
    needs_second = fields.Boolean(required=True)
    needs_order = fields.Boolean(required=True)
    purposes = many(Code)
    consents = many(ConsentAnswer)
    erased_at = Moment(required=True, allow_none=True)
    held = fields.Nested(HeldAnswer, required=True, allow_none=True)


EVERYWHERE: Final = "全平台"
"""In place of a site's name: it holds for the whole platform."""


def place_name(site_id: int | None, names: Mapping[int, Any]) -> str:
    """The name of the site that something belongs to; without one it is the platform's."""
    return str(names[site_id].name) if site_id is not None and site_id in names else EVERYWHERE
