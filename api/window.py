"""The service window: a clerk looks a case up that was handed in there, and acts for the applicant who stands at the window."""

from __future__ import annotations

from typing import Any

from marshmallow import fields

from api import my_case_views, problems
from api import tasks as task_pages
from api.applications import ProgressUrgeBody
from api.auth import guard
from api.channels import CodeBody, OwnChannelAnswer
from api.documents import DocumentAnswer, page_of
from api.entry import Routes
from api.limits import LOGIN, SEARCH
from api.my_case_shapes import MyCaseAnswer, MyCaseRow
from api.reading import search_read
from api.schemas import Answer, CamelSchema, Free, Moment, choice, many, text
from api.tasks import CompletedAnswer, TaskDetailAnswer, TaskDraftBody, TaskState
from domain.applications import queries as applications
from domain.cases import labels, scope
from domain.cases.models import Case
from domain.channels import people as channels
from domain.context import Context
from domain.disclosure import service as disclosure
from domain.documents import queries as documents
from domain.identity import queries as people
from domain.identity.masking import mask_id_no, mask_mobile, mask_name
from domain.identity.models import User
from domain.materials import queries as materials
from domain.sites.models import Site
from domain.window import queries, service
from domain.window.errors import IdentityMismatch
from domain.window.service import Seen

routes = Routes("window", "窗口服务 Service window")


class WindowCaseList(Answer):
    """Cases of the clerk's windows, newest first."""

    items = many(MyCaseRow)
    next = fields.String(required=True, allow_none=True)


class WindowSearch(CamelSchema):
    """A whole number: 办件编号, 业务协同编号, 查询码 or the applicant's ID number."""

    q = text(4, 64)


class IdentifyBody(CamelSchema):
    """Who came and what was seen; the applicant's number as it stands on the paper (or on the power of attorney)."""

    appeared = choice(tuple(labels.APPEARED), required=True)
    paper = choice(tuple(labels.IDENTITY_PAPERS), required=True)
    id_no = text(4, 40)
    agent_name = text(0, 60, required=False, load_default="")
    agent_id_no = text(0, 40, required=False, load_default="")


class WindowAnswerBody(CamelSchema):
    """The applicant's answer to a task, and how the papers came to the window."""

    action = text(1, 40, required=False, load_default=None, allow_none=True)
    data = Free(required=True)
    version = fields.Integer(load_default=None, allow_none=True, strict=True)
    papers = choice(("PAPER", "FILE"), required=True)


class SignedWithdrawBody(CamelSchema):
    """Why, and the signature: the scan of the signed paper, or that the paper is kept at the window."""

    reason = text(1, 400)
    file_id = text(1, 40, required=False, load_default=None, allow_none=True)
    is_kept = fields.Boolean(load_default=False)


class HandedOver(Answer):
    """The 送达回证 to print and sign."""

    document_id = fields.Integer(required=True)


class SmsBody(CamelSchema):
    """The applicant's mobile number and consent to be told there."""

    mobile = text(1, 40)
    consent = fields.Boolean(load_default=False)


class VisitAnswer(Answer):
    """An identity check at the window."""

    id = fields.Integer(required=True)
    clerk_name = fields.String(required=True)
    appeared = fields.String(required=True)
    appeared_name = fields.String(required=True)
    appeared_name_en = fields.String(required=True)
    paper = fields.String(required=True)
    paper_name = fields.String(required=True)
    paper_name_en = fields.String(required=True)
    at = Moment(required=True)
    ends_at = Moment(required=True)


class WindowPlace(Answer):
    """The window where the case was handed in."""

    site_code = fields.String(required=True)
    site_name = fields.String(required=True)
    phone = fields.String(required=True)
    address = fields.String(required=True)


class ServedPerson(Answer):
    """The applicant, masked. ``has_account``: may also log in and answer online."""

    name = fields.String(required=True)
    id_no = fields.String(required=True)
    mobile = fields.String(required=True)
    has_account = fields.Boolean(required=True)


class WindowCaseAnswer(MyCaseAnswer):
    """The case as its applicant reads it, personal data masked, with the window and the identity checks.

    ``visit``: the reader's own check that counts now; without one nothing is done for the applicant. ``has_case_page``: the reader's
    site works on the case too.
    """

    window = fields.Nested(WindowPlace, required=True)
    person = fields.Nested(ServedPerson, required=True)
    visit = fields.Nested(VisitAnswer, required=True, allow_none=True)
    visits = many(VisitAnswer)
    has_case_page = fields.Boolean(required=True)
    sms = fields.Nested(OwnChannelAnswer, required=True)


@routes.on("GET", "/window/cases", answer=WindowCaseList)
@guard("application.edit:read")
def list_waiting(ctx: Context) -> dict[str, Any]:
    """窗口待办件 Cases handed in at the clerk's windows in which the applicant has something to do."""
    return {"items": queries.list_waiting(ctx), "next": None}


@routes.on("POST", "/window/cases/search", body=WindowSearch, answer=WindowCaseList)
@guard("application.edit:read", rate=SEARCH)
def find_cases(ctx: Context, body: dict[str, str]) -> dict[str, Any]:
    """窗口查询 The same by a whole number: of the case, its query code, or the applicant's ID number."""
    found = queries.find_cases(ctx, body["q"])
    search_read(ctx, "window.search", body["q"], len(found))
    return {"items": found, "next": None}


@routes.on("GET", "/window/cases/<case_no>", answer=WindowCaseAnswer)
@guard("application.edit:read")
def get_case(ctx: Context, case_no: str) -> dict[str, Any]:
    """窗口办件 A case that was handed in at the clerk's window, in plain words and masked."""
    return _case(ctx, case_no)


@routes.on("POST", "/window/cases/<case_no>/identify", body=IdentifyBody, answer=WindowCaseAnswer)
@guard("application.edit:edit", rate=SEARCH)
def identify(ctx: Context, body: dict[str, str], case_no: str) -> Any:
    """身份核验 Record who came and what was seen; a number that is not the applicant's is refused, and the refusal recorded."""
    if service.identify(ctx, case_no, Seen(**body)) is None:
        wrong = IdentityMismatch(
            "证件号码与申请人的不一致。", "The number differs from the applicant's.", pointer="/idNo"
        )
        return problems.respond(wrong)  # answered, not raised: the record has to be committed
    return _case(ctx, case_no)


@routes.on("GET", "/window/cases/<case_no>/tasks/<task_id>", answer=TaskDetailAnswer)
@guard("application.edit:edit")
def get_task(ctx: Context, case_no: str, task_id: str) -> dict[str, Any]:
    """申请人任务 What the applicant is asked to do, with its form, for the clerk who identified the applicant."""
    return task_pages.page_of(service.get_task(ctx, case_no, task_id).ctx, task_id)


@routes.on("PUT", "/window/cases/<case_no>/tasks/<task_id>/draft", body=TaskDraftBody, answer=TaskState)
@guard("application.edit:edit")
def save_draft(ctx: Context, body: dict[str, Any], case_no: str, task_id: str) -> dict[str, str]:
    """暂存 Keep what was typed for the applicant."""
    service.save_draft(ctx, case_no, task_id, body["data"])
    return {"id": task_id, "state": "open"}


@routes.on("POST", "/window/cases/<case_no>/tasks/<task_id>/complete", body=WindowAnswerBody, answer=CompletedAnswer)
@guard("application.edit:edit")
def answer(ctx: Context, body: dict[str, Any], case_no: str, task_id: str) -> dict[str, Any]:
    """窗口代交 Hand in the applicant's answer with the checks of the portal; the record names clerk, applicant and identity check."""
    origin = service.PAPER if body["papers"] == "PAPER" else service.FILE
    done = service.answer(ctx, case_no, task_id, body["data"], body["action"], body["version"], origin=origin)
    return {"task": {"id": task_id, "state": "completed"}, "case_no": done.case_no, "next_tasks": []}


@routes.on("POST", "/window/cases/<case_no>/withdraw", body=SignedWithdrawBody, answer=WindowCaseAnswer)
@guard("application.submit:withdraw")
def withdraw(ctx: Context, body: dict[str, Any], case_no: str) -> dict[str, Any]:
    """窗口撤件 Withdraw with the applicant's signature, as long as the process allows it."""
    service.withdraw(ctx, case_no, body["reason"], file_id=body["file_id"], is_kept=body["is_kept"])
    return _case(ctx, case_no)


@routes.on("POST", "/window/cases/<case_no>/urge", body=ProgressUrgeBody, answer=WindowCaseAnswer)
@guard("urge:send")
def urge(ctx: Context, body: dict[str, str], case_no: str) -> dict[str, Any]:
    """窗口催办 The applicant asks for progress, by the applicant's rules."""
    service.urge(ctx, case_no, body["note"])
    return _case(ctx, case_no)


@routes.on("GET", "/window/cases/<case_no>/documents/<int:document_id>", answer=DocumentAnswer)
@guard("application.edit:read")
def get_document(ctx: Context, case_no: str, document_id: int) -> dict[str, Any]:
    """文书 A document for the applicant, to print at the window."""
    case = service.get_case(ctx, case_no)
    sheet = documents.get_document(ctx.session, case.id, document_id, documents.for_applicant())
    return page_of(ctx, case.id, sheet, document_id)


@routes.on("POST", "/window/cases/<case_no>/documents/<int:document_id>/hand-over", answer=HandedOver, status=201)
@guard("application.edit:edit")
def hand_over(ctx: Context, case_no: str, document_id: int) -> dict[str, int]:
    """当面送达 Give a document to who stands at the window; its 送达回证 is made for signing."""
    return {"document_id": service.hand_over(ctx, case_no, document_id).id}


@routes.on("PUT", "/window/cases/<case_no>/sms", body=SmsBody, answer=WindowCaseAnswer)
@guard("application.edit:edit")
def put_sms(ctx: Context, body: dict[str, Any], case_no: str) -> dict[str, Any]:
    """短信通知 The applicant's mobile number for notices, with consent; a code is sent there."""
    service.offer_sms(ctx, case_no, body["mobile"], consent=body["consent"])
    return _case(ctx, case_no)


@routes.on("POST", "/window/cases/<case_no>/sms/confirmation", body=CodeBody, answer=WindowCaseAnswer)
@guard("application.edit:edit", rate=LOGIN)
def confirm_sms(ctx: Context, body: dict[str, str], case_no: str) -> Any:
    """验证手机号 The code that the applicant got; from then on notices go there."""
    if not service.confirm_sms(ctx, case_no, body["code"]):
        return problems.respond(channels.refused())  # answered, not raised: the try has to be counted
    return _case(ctx, case_no)


@routes.on("DELETE", "/window/cases/<case_no>/sms", answer=WindowCaseAnswer)
@guard("application.edit:edit")
def end_sms(ctx: Context, case_no: str) -> dict[str, Any]:
    """停止短信 The applicant wants no messages any more."""
    service.end_sms(ctx, case_no)
    return _case(ctx, case_no)


def _case(ctx: Context, case_no: str) -> dict[str, Any]:
    case = service.get_case(ctx, case_no)
    ctx.session.expire_all()
    mine = applications.get_submitted_case(ctx, case.id)
    page = my_case_views.detail(ctx, mine, read_as="window.case")
    visits = [_visit(line) for line in queries.list_visits(ctx, case.id)]
    counts = service.find_visit(ctx, case.id)
    masks = disclosure.masks_of(ctx, mine.item.apply_form_id)
    return page | {
        "application": masks.masked(page["application"]),
        "materials": _openable(ctx, case, page["materials"]),
        "may_rate": False,
        "rate_sites": [],
        "window": _window(ctx, case),
        "person": _person(ctx, case),
        "visits": visits,
        "sms": service.get_sms(ctx, case, 0),
        "has_case_page": scope.view_of(ctx.actor, case.main_site_id, [leg.site_id for leg in mine.legs]) is not None,
        "visit": next((visit for visit in visits if counts is not None and visit["id"] == counts.id), None),
    }


def _openable(ctx: Context, case: Case, lines: list[materials.MaterialLine]) -> list[dict[str, Any]]:
    """The materials; of a case that another site leads a window opens the files that it took in itself (DOMAIN §5.3)."""
    rows = [{name: getattr(line, name) for name in line.__slots__} for line in lines]
    if ctx.actor.roles_at(case.main_site_id):
        return rows
    marks = materials.find_file_marks(ctx.session, {row["file_id"] for row in rows if row["file_id"]})
    own = {file_id for file_id, mark in marks.items() if mark.uploaded_by == ctx.actor.user_id}
    return [row if row["file_id"] in own else row | {"file_id": None} for row in rows]


def _window(ctx: Context, case: Case) -> dict[str, str]:
    site = ctx.session.get_one(Site, case.window_site_id)
    return {"site_code": site.code, "site_name": site.name, "phone": site.phone, "address": site.address}


def _person(ctx: Context, case: Case) -> dict[str, Any]:
    user = ctx.session.get_one(User, case.applicant_user_id)
    person = user.person or {}
    return {
        "name": mask_name(user.name),
        "id_no": mask_id_no(str(person.get("idNo") or "")),
        "mobile": mask_mobile(str(person.get("mobile") or "")),
        "has_account": user.id not in people.without_account(ctx.session, [user.id]),
    }


def _visit(line: queries.VisitLine) -> dict[str, Any]:
    appeared, appeared_en = labels.names_of(labels.APPEARED, line.appeared)
    paper, paper_en = labels.names_of(labels.IDENTITY_PAPERS, line.paper)
    return {name: getattr(line, name) for name in line.__slots__} | {
        "appeared_name": appeared,
        "appeared_name_en": appeared_en,
        "paper_name": paper,
        "paper_name_en": paper_en,
    }
