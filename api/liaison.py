"""Who has to act on a case now, and messages between its sites."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from marshmallow import fields

from api.auth import guard
from api.entry import Routes
from api.reading import case_read
from api.schemas import Answer, CamelSchema, Moment, choice, many, text
from api.shapes import DueAnswer
from domain.cases import queries as cases
from domain.context import Context
from domain.identity import functions
from domain.liaison import letters, responsible, unread
from domain.partners import contacts, responsibilities

routes = Routes("liaison", "工作联络 Liaison")


class CalleeAnswer(Answer):
    """Whom to call. ``confirmed_at`` None: nobody confirmed it in the contact book. ``linked``: a notice reaches this person's account."""

    kind = fields.String(required=True, metadata={"enum": ["contact", "liaison", "admin", "office"]})
    name = fields.String(required=True)
    phone = fields.String(required=True)
    duty_time = fields.String(required=True)
    deputy_name = fields.String(required=True)
    deputy_phone = fields.String(required=True)
    stale = fields.Boolean(required=True)
    confirmed_at = Moment(required=True, allow_none=True)
    linked = fields.Boolean(required=True)


class ResponsibleRow(Answer):
    """A site (or the applicant) that must act now, and whom to call there."""

    kind = fields.String(required=True, metadata={"enum": ["task", "site", "partner", "applicant"]})
    site_id = fields.Integer(required=True)
    site_name = fields.String(required=True)
    leg = fields.String(required=True)
    task_id = fields.String(required=True, allow_none=True)
    step = fields.String(required=True)
    role = fields.String(required=True, allow_none=True)
    role_name = fields.String(required=True)
    role_name_en = fields.String(required=True)
    person = fields.String(required=True)
    since = Moment(required=True, allow_none=True)
    due_at = Moment(required=True, allow_none=True)
    due = fields.Nested(DueAnswer, required=True)
    duty = fields.String(required=True)
    basis = fields.String(required=True)
    following = fields.List(fields.String(), required=True)
    mine = fields.Boolean(required=True)
    may_write = fields.Boolean(required=True)
    call = fields.Nested(CalleeAnswer, required=True, allow_none=True)


class ResponsibleAnswer(Answer):
    """当前责任方 of a case. ``confirm_days``: after how many days an entry of the contact book has to be confirmed again."""

    list_version = fields.Integer(required=True)
    confirm_days = fields.Integer(required=True)
    items = many(ResponsibleRow)


class ContactMessageRow(Answer):
    """A message between two sites of the case. Not read by ``read_by_at`` it was passed on at ``passed_at``, to whom ``passed`` says."""

    id = fields.Integer(required=True)
    from_site_name = fields.String(required=True)
    to_site_name = fields.String(required=True)
    sender_name = fields.String(required=True)
    told = fields.String(required=True, metadata={"enum": [unread.DESK, *contacts.STATES]})
    told_name = fields.String(required=True)
    text = fields.String(required=True)
    sent_at = Moment(required=True)
    read_name = fields.String(required=True)
    read_at = Moment(required=True, allow_none=True)
    mine = fields.Boolean(required=True)
    read_by_at = Moment(required=True, allow_none=True)
    passed_at = Moment(required=True, allow_none=True)
    passed = fields.String(required=True, metadata={"enum": ["", *contacts.STATES]})
    passed_name = fields.String(required=True)


class WritableSite(Answer):
    """A site of the case that the reader may write to."""

    id = fields.Integer(required=True)
    name = fields.String(required=True)


class ContactMessages(Answer):
    """The messages, oldest first, and whom the reader may write to."""

    items = many(ContactMessageRow)
    next = fields.String(required=True, allow_none=True)
    sites = many(WritableSite)
    unread = fields.Integer(required=True)


class ContactMessageBody(CamelSchema):
    """A message to another site of the case: to who has it in hand there (``desk``), or to its 联络员 at once."""

    to_site_id = fields.Integer(required=True)
    to = choice(letters.TO, load_default=unread.DESK)
    text = text(1, letters.LONGEST)


class ReadAnswer(Answer):
    """How many were read."""

    read = fields.Integer(required=True)


@routes.on("GET", "/cases/<case_no>/responsible", answer=ResponsibleAnswer)
@guard("case:read", "case.state:read")
def get_responsible(ctx: Context, case_no: str) -> dict[str, Any]:
    """当前责任方 Which sites must act now, since when, until when, what comes after, and whom to call."""
    frame = cases.get_frame(ctx, case_no)
    listed = responsibilities.newest(ctx.session, frame.case.item_code)
    rows = [
        asdict(row) | {"due": row.due, "role_name_en": responsible.role_name_en(row.role)}
        for row in responsible.list_responsible(ctx, frame)
    ]
    return {
        "list_version": listed.version if listed else 0,
        "confirm_days": contacts.confirm_days(ctx),
        "items": rows,
    }


@routes.on("GET", "/cases/<case_no>/contact-messages", answer=ContactMessages)
@guard("liaison:read")
def list_contact_messages(ctx: Context, case_no: str) -> dict[str, Any]:
    """工作联络 The messages between the sites of a case, as far as they concern the reader's."""
    frame = cases.get_frame(ctx, case_no)
    rows = letters.list_letters(ctx, frame)
    if rows:
        case_read(ctx, frame, "case.letters", "letters")
    mine = set(ctx.actor.site_ids)
    writable = [site for site in letters.case_sites(frame) if letters.writing_site(ctx, frame, site) is not None]
    reads = any(functions.may(ctx.actor, letters.WRITERS, site_id=site) for site in mine)
    return {
        "items": rows,
        "next": None,
        "sites": [{"id": site, "name": frame.sites[site].name} for site in writable],
        "unread": sum(1 for row in rows if reads and not row.mine and row.read_at is None),
    }


@routes.on("POST", "/cases/<case_no>/contact-messages", body=ContactMessageBody, answer=ContactMessageRow, status=201)
@guard("liaison:write")
def write_contact_message(ctx: Context, body: dict[str, Any], case_no: str) -> letters.Letter:
    """一键联系、写消息 Write to another site of the case, on record; unread for the hours of ``liaison.unread``, its 联络员 gets it."""
    return letters.write(ctx, cases.get_frame(ctx, case_no), body["to_site_id"], body["text"], body["to"])


@routes.on("POST", "/cases/<case_no>/contact-messages/read", answer=ReadAnswer)
@guard("liaison:write")
def read_contact_messages(ctx: Context, case_no: str) -> dict[str, int]:
    """已读 The messages to the reader's site were read; the other side sees by whom and when."""
    return {"read": letters.mark_read(ctx, cases.get_frame(ctx, case_no))}
