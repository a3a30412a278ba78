"""Applicants: drafts, application, own cases in plain words, withdrawal, urging, rating."""

from __future__ import annotations

from typing import Any

from marshmallow import fields, validate

from api import assurance, my_case_views
from api.auth import guard
from api.entry import Routes
from api.limits import APPLY
from api.my_case_shapes import MyCaseAnswer, MyCaseRow
from api.schemas import Answer, CamelSchema, Free, Moment, choice, many, text
from domain.applications import queries, service
from domain.applications.models import ApplicationDraft
from domain.audit import service as audit
from domain.cases import service as cases
from domain.context import Context
from domain.deadlines import ladder
from domain.items import queries as items
from domain.materials import queries as materials

routes = Routes("applications", "我的办件 Applicant")
LEVELS = ("VERY_SATISFIED", "SATISFIED", "BASICALLY_SATISFIED", "DISSATISFIED", "VERY_DISSATISFIED")


class MaterialChoice(CamelSchema):
    """A file handed in for a material."""

    code = text(1, 20)
    file_id = text(1, 40)


class DraftBody(CamelSchema):
    """What was filled in so far."""

    data = Free(required=True)
    materials = fields.List(
        fields.Nested(MaterialChoice), load_default=list, validate=validate.Length(0, 100, error="count|0|100")
    )


class DraftMaterial(Answer):
    """A file chosen for a material."""

    code = fields.String(required=True)
    file_id = fields.String(required=True)
    file_name = fields.String(required=True)
    size = fields.Integer(required=True)


class DraftAnswer(Answer):
    """A draft application; revision 0 and no times: nothing was kept yet."""

    data = Free(required=True)
    materials = many(DraftMaterial)
    revision = fields.Integer(required=True)
    updated_at = Moment(required=True, allow_none=True)
    expires_at = Moment(required=True, allow_none=True)


class ApplicationBody(CamelSchema):
    """An application."""

    item_code = text(1, 60)
    data = Free(required=True)
    materials = fields.List(
        fields.Nested(MaterialChoice), load_default=list, validate=validate.Length(0, 100, error="count|0|100")
    )


class MyCaseList(Answer):
    """The applicant's cases, newest first."""

    items = many(MyCaseRow)
    next = fields.String(required=True, allow_none=True)


class WithdrawBody(CamelSchema):
    """Why."""

    reason = text(1, 400)


class ProgressUrgeBody(CamelSchema):
    """What the applicant wants to say."""

    note = text(0, 400, required=False, load_default="")


class RatingBody(CamelSchema):
    """One site's rating."""

    site_code = text(1, 40)
    level = choice(LEVELS, required=True)
    comment = text(0, 500, required=False, load_default="", allow_none=True)


class RatingsBody(CamelSchema):
    """Each site is rated for itself."""

    ratings = fields.List(fields.Nested(RatingBody), required=True, validate=validate.Length(1, 10, error="count|1|10"))


@routes.on("GET", "/items/<code>/draft", answer=DraftAnswer)
@guard("application.edit:read")
def get_draft(ctx: Context, code: str) -> dict[str, Any]:
    """申请草稿 The applicant's draft for an item; an empty one where nothing was kept."""
    draft = queries.find_draft(ctx, items.get_item(ctx.session, code).code)
    if draft is None:
        return {"data": {}, "materials": [], "revision": 0, "updated_at": None, "expires_at": None}
    audit.record_read(ctx, "my.draft", subject_id=ctx.actor.user_id, fields=["application"], data={"itemCode": code})
    return _draft(ctx, draft)


@routes.on("PUT", "/items/<code>/draft", body=DraftBody, answer=DraftAnswer)
@guard("application.edit:edit")
def put_draft(ctx: Context, body: dict[str, Any], code: str) -> dict[str, Any]:
    """保存草稿 Keep what was filled in so far."""
    chosen = [{"code": entry["code"], "fileId": entry["file_id"]} for entry in body["materials"]]
    return _draft(ctx, service.save_draft(ctx, code, body["data"], chosen))


@routes.on("DELETE", "/items/<code>/draft", status=204)
@guard("application.edit:edit")
def delete_draft(ctx: Context, code: str) -> None:
    """删除草稿 Throw the draft away."""
    service.discard_draft(ctx, code)


@routes.on("POST", "/applications", body=ApplicationBody, answer=MyCaseAnswer, status=201)
@guard("application:create", rate=APPLY)
def apply(ctx: Context, body: dict[str, Any]) -> tuple[dict[str, Any], int, dict[str, str]]:
    """提交申请 Apply: the form and the materials are checked as a whole, and a case is opened."""
    assurance.require_to_apply(ctx, body["item_code"])
    chosen = [{"code": entry["code"], "fileId": entry["file_id"]} for entry in body["materials"]]
    leg = service.submit(ctx, body["item_code"], body["data"], chosen)
    return (
        my_case_views.detail(ctx, queries.get_submitted_case(ctx, leg.case_id)),
        201,
        {"Location": f"/api/v1/my/cases/{leg.case_no}"},
    )


@routes.on("GET", "/my/cases", answer=MyCaseList)
@guard("case:own")
def list_my_cases(ctx: Context) -> dict[str, Any]:
    """我的办件 The applicant's cases, newest first."""
    return {"items": queries.list_my_cases(ctx), "next": None}


@routes.on("GET", "/my/cases/<case_no>", answer=MyCaseAnswer)
@guard("case:own")
def get_my_case(ctx: Context, case_no: str) -> dict[str, Any]:
    """办件进度 One case in plain words, with the promise and why it is this date."""
    return _case(ctx, case_no)


@routes.on("POST", "/my/cases/<case_no>/withdraw", body=WithdrawBody, answer=MyCaseAnswer)
@guard("application.submit:withdraw")
def withdraw(ctx: Context, body: dict[str, str], case_no: str) -> dict[str, Any]:
    """撤回申请 Withdraw, as long as the process allows it."""
    cases.withdraw(ctx, queries.get_my_case_id(ctx, case_no), body["reason"])
    return _case(ctx, case_no)


@routes.on("POST", "/my/cases/<case_no>/urge", body=ProgressUrgeBody, answer=MyCaseAnswer)
@guard("urge:own")
def urge(ctx: Context, body: dict[str, str], case_no: str) -> dict[str, Any]:
    """催办 Ask how it goes before the promised date, urge after it."""
    ladder.urge(ctx, queries.get_my_case_id(ctx, case_no), None, body["note"])
    return _case(ctx, case_no)


@routes.on("POST", "/my/cases/<case_no>/ratings", body=RatingsBody, answer=MyCaseAnswer)
@guard("rating:rate")
def rate(ctx: Context, body: dict[str, Any], case_no: str) -> dict[str, Any]:
    """好差评 Rate each site of a closed case."""
    service.rate(ctx, queries.get_my_case_id(ctx, case_no), body["ratings"])
    return _case(ctx, case_no)


def _draft(ctx: Context, draft: ApplicationDraft) -> dict[str, Any]:
    marks = materials.find_file_marks(ctx.session, {entry["fileId"] for entry in draft.materials})
    return {
        "data": draft.data,
        "materials": [
            {"code": entry["code"], "file_id": file.id, "file_name": file.name, "size": file.size}
            for entry in draft.materials
            if (file := marks.get(entry["fileId"]))
        ],
        "revision": draft.revision,
        "updated_at": draft.updated_at,
        "expires_at": draft.expires_at,
    }


def _case(ctx: Context, case_no: str) -> dict[str, Any]:
    return my_case_views.detail(ctx, queries.get_my_case(ctx, case_no))
