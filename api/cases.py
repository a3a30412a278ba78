"""Cases: the list, one case, its joint timeline, its diagram, its documents; urging and answering."""

from __future__ import annotations

from typing import Any

from marshmallow import fields

from api import case_views, paging
from api.ad_hocs import OfferedAnswer
from api.auth import guard
from api.entry import Routes
from api.limits import SEARCH
from api.reading import case_read, search_read
from api.schemas import Answer, CamelSchema, Free, Moment, choice, cursor, limit, many, text
from api.shapes import (
    CaseRowAnswer,
    CaseSummaryAnswer,
    CertificateRow,
    DocumentRow,
    MaterialAnswer,
    PrivacyAnswer,
)
from domain.cases import diagram as diagrams
from domain.cases import queries as cases
from domain.cases import search
from domain.cases import timeline as timelines
from domain.context import Context
from domain.deadlines import ladder
from domain.deadlines import queries as deadlines
from domain.deadlines.queries import DueState
from domain.errors import NotFound

routes = Routes("cases", "办件 Cases")


class CasePage(Answer):
    """A page of cases."""

    items = many(CaseRowAnswer)
    next = fields.String(required=True, allow_none=True)


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
    told, told_name = choice(("", "contact", "stale", "none"), required=True), fields.String(required=True)
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
    privacy = fields.Nested(PrivacyAnswer, required=True)


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


class CaseQuery(CamelSchema):
    """Which cases. Search words go into a body: they may name a person, and an address must not."""

    item = text(1, 60, required=False, load_default=None)
    status = text(1, 30, required=False, load_default=None)
    site_id = fields.Integer(load_default=None)
    state = choice(("open", "closed", "all"), load_default="open")
    due = choice(("overdue", "today", "soon"), load_default=None)
    after = cursor()
    limit = limit()


class CaseSearch(CaseQuery):
    """Which cases, with search words."""

    q = text(1, 80, required=False, load_default=None)


class UrgeBody(CamelSchema):
    """Which leg is urged (none: the one that the case waits for), and why."""

    leg_id = fields.Integer(load_default=None, allow_none=True, strict=True)
    note = text(0, 400, required=False, load_default="")


class AnswerBody(CamelSchema):
    """What the urged site answers."""

    answer = text(1, 400)


class LadderStepAnswer(Answer):
    """A step that was raised or answered."""

    id = fields.Integer(required=True)
    number = fields.String(required=True)
    kind = fields.String(required=True)
    level = fields.Integer(required=True)
    raised_at = Moment(required=True)
    answered_at = Moment(required=True, allow_none=True)


@routes.on("GET", "/cases", answer=CasePage, query=CaseQuery)
@guard("case:read", "case.state:read")
def list_cases(ctx: Context, query: dict[str, Any]) -> dict[str, Any]:
    """办件 Cases in the reader's scope, newest first."""
    return _page(ctx, query)


@routes.on("POST", "/cases/search", answer=CasePage, body=CaseSearch)
@guard("case:read", "case.state:read", rate=SEARCH)
def search_cases(ctx: Context, query: dict[str, Any]) -> dict[str, Any]:
    """办件查询 The same, found by Chinese substrings, numbers or an exact ID number."""
    words = query["q"]
    page = _page(ctx, query)
    search_read(ctx, "case.search", words, len(page["items"]))
    return page


def _page(ctx: Context, query: dict[str, Any]) -> dict[str, Any]:
    after = paging.decode(query.pop("after"))
    size = query.pop("limit")
    due = query.pop("due")
    wanted = search.Filter(**query, due=DueState(due) if due else None)
    lines, following = search.list_cases(ctx, wanted, before_id=int(after[0]) if after else None, limit=size)
    return {"items": lines, "next": paging.encode(following)}


@routes.on("GET", "/cases/<case_no>", answer=CaseDetailAnswer)
@guard("case:read", "case.state:read")
def get_case(ctx: Context, case_no: str) -> dict[str, Any]:
    """办件 A case by any leg's number, as its reader may see it."""
    frame = cases.get_frame(ctx, case_no)
    case_read(ctx, frame, "case.page")
    return case_views.detail(ctx, frame)


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


@routes.on("POST", "/cases/<case_no>/urge", body=UrgeBody, answer=LadderStepAnswer, status=201)
@guard("urge:send")
def urge(ctx: Context, body: dict[str, Any], case_no: str) -> Any:
    """催办 Urge the site that the case waits for."""
    frame = cases.get_frame(ctx, case_no)
    return ladder.urge(ctx, frame.case.id, body["leg_id"], body["note"])


@routes.on("POST", "/cases/<case_no>/supervise", body=UrgeBody, answer=LadderStepAnswer, status=201)
@guard("supervision:issue")
def supervise(ctx: Context, body: dict[str, Any], case_no: str) -> Any:
    """督办 Supervise the site that the case waits for (supervisors of the region)."""
    frame = cases.get_frame(ctx, case_no)
    return ladder.supervise(ctx, frame.case.id, body["leg_id"], body["note"])


@routes.on("POST", "/ladder/<int:step_id>/answer", body=AnswerBody, answer=LadderStepAnswer)
@guard("supervision:answer")
def answer_step(ctx: Context, body: dict[str, str], step_id: int) -> Any:
    """答复 Answer an urge or a supervision order."""
    case_id = deadlines.find_ladder_case(ctx.session, step_id)
    if case_id is None or cases.frame_of(ctx, case_id) is None:
        raise NotFound("没有这条催办（督办）。", "There is no such step.")
    return ladder.answer(ctx, step_id, body["answer"])
