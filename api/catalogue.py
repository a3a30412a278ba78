"""Catalogue: items with their guides, forms, regions, sites, public check of a certificate, progress without log-in."""

from __future__ import annotations

from typing import Any

import flask
from marshmallow import fields

from api.auth import guard, public
from api.entry import Routes
from api.limits import PROGRESS
from api.my_case_shapes import Stopped
from api.schemas import Answer, CamelSchema, Free, Moment, choice, many, text
from api.shapes import PolicyRow
from domain import reach
from domain.applications import guide
from domain.applications import queries as applications
from domain.cases import labels
from domain.certificates import queries as certificates
from domain.context import Context
from domain.deadlines import policies
from domain.definitions import queries as definitions
from domain.items import queries as items
from domain.partners import openings
from domain.sites import queries as sites

routes = Routes("catalogue", "事项与指南 Catalogue")
LANGUAGES = ("zh", "en")


class ItemRow(Answer):
    """One item of the plan."""

    code = fields.String(required=True)
    no = fields.Integer(required=True)
    name = fields.String(required=True)
    name_en = fields.String(required=True)
    mode = fields.String(required=True)
    mode_name = fields.String(required=True)
    mode_name_en = fields.String(required=True)
    lead_unit = fields.String(required=True)
    available = fields.Boolean(required=True)
    restricted = fields.Boolean(required=True)
    sector = fields.String(required=True)
    promise_days = fields.Integer(required=True, allow_none=True)


class ItemList(Answer):
    """All items."""

    items = many(ItemRow)
    next = fields.String(required=True, allow_none=True)


class GuideStep(Answer):
    """One step of the way."""

    title = fields.String(required=True)
    text = fields.String(required=True)
    site = fields.String(required=True)


class GuideDeadline(Answer):
    """A time limit and where it comes from."""

    key = fields.String(required=True)
    name = fields.String(required=True)
    value = fields.String(required=True)
    text = fields.String(required=True)
    source = fields.String(required=True)


class Guide(Answer):
    """办事指南."""

    audience = fields.String(required=True)
    conditions = fields.List(fields.String(), required=True)
    steps = many(GuideStep)
    fees = fields.String(required=True)
    delivery = fields.String(required=True)
    result = fields.String(required=True)
    legal_basis = fields.List(fields.String(), required=True)
    deadlines = many(GuideDeadline)


class MaterialSpec(Answer):
    """A material that the item asks for."""

    code = fields.String(required=True)
    name = fields.String(required=True)
    form = fields.String(required=True)
    need = fields.String(required=True)
    need_if = fields.String(required=True, allow_none=True)
    gap = fields.String(required=True, allow_none=True)
    note = fields.String(required=True, allow_none=True)
    source = fields.String(required=True, metadata={"enum": ["UPLOAD", "SHARED", "SYSTEM"]})
    accept = fields.String(required=True, allow_none=True)


class SelfCheckOption(Answer):
    """An answer that may be chosen."""

    value = fields.String(required=True)
    label = fields.String(required=True)


class SelfCheck(Answer):
    """A question before applying; ``fails_when`` has the answers after which one need not apply."""

    id = fields.String(required=True)
    question = fields.String(required=True)
    options = many(SelfCheckOption)
    fails_when = fields.List(fields.String(), required=True)
    explanation = fields.String(required=True)


class ItemDetail(ItemRow):
    """An item with its guide."""

    scenario = fields.String(required=True)
    guide = fields.Nested(Guide, required=True)
    materials = many(MaterialSpec)
    apply_form_id = fields.String(required=True, allow_none=True)
    self_check = many(SelfCheck)


class FormAnswer(Answer):
    """A published form (form-js schema)."""

    form_id = fields.String(required=True)
    version = fields.Integer(required=True)
    schema = Free(required=True)


class RegionRow(Answer):
    """行政区划."""

    code = fields.String(required=True)
    name = fields.String(required=True)
    parent_code = fields.String(required=True, allow_none=True)


class RegionList(Answer):
    """Regions below one."""

    items = many(RegionRow)
    next = fields.String(required=True, allow_none=True)


class SiteRow(Answer):
    """A site as the public may know it."""

    code = fields.String(required=True)
    name = fields.String(required=True)
    short_name = fields.String(required=True)
    region_code = fields.String(required=True)
    region_name = fields.String(required=True)
    sector = fields.String(required=True)
    phone = fields.String(required=True)
    address = fields.String(required=True)


class SiteList(Answer):
    """Sites."""

    items = many(SiteRow)
    next = fields.String(required=True, allow_none=True)


class CertificateCheck(Answer):
    """What anybody may know of a certificate."""

    number = fields.String(required=True)
    kind_name = fields.String(required=True)
    kind_name_en = fields.String(required=True)
    state = fields.String(required=True)
    state_name = fields.String(required=True)
    state_name_en = fields.String(required=True)
    issuer_name = fields.String(required=True)
    valid_until = fields.Date(required=True, allow_none=True)
    holder_masked = fields.String(required=True)


class ProgressBody(CamelSchema):
    """查询码 and the last four characters of the applicant's ID number."""

    query_code = text(6, 12)
    id_last4 = text(4, 4)


class ProgressWindow(Answer):
    """The window where the applicant is served in person."""

    site_name = fields.String(required=True)
    phone = fields.String(required=True)
    address = fields.String(required=True)


class ProgressAnswer(Stopped):
    """Where the case stands, without personal data."""

    case_no = fields.String(required=True)
    item_name = fields.String(required=True)
    item_name_en = fields.String(required=True)
    status_name = fields.String(required=True)
    status_name_en = fields.String(required=True)
    plain_text = fields.String(required=True)
    plain_text_en = fields.String(required=True)
    promise_due_at = Moment(required=True, allow_none=True)
    waits_for_applicant = fields.Boolean(required=True)
    window = fields.Nested(
        ProgressWindow,
        required=True,
        allow_none=True,
        metadata={"description": "Where it was handed in, if at a window"},
    )


class RegionQuery(CamelSchema):
    """Below which region."""

    parent = text(1, 12, required=False, load_default=None)


class SiteQuery(CamelSchema):
    """Which sites."""

    region = text(2, 12, required=False, load_default=None)
    sector = text(1, 40, required=False, load_default=None)
    kind = choice(("local", "remote"), load_default=None)


class PolicyList(Answer):
    """All policies."""

    items = many(PolicyRow)
    next = fields.String(required=True, allow_none=True)


class PolicyQuery(CamelSchema):
    """For which item and site."""

    item = text(1, 60, required=False, load_default=None)
    site = text(1, 40, required=False, load_default=None)


class NamedCode(Answer):
    """A code with its two names."""

    code = fields.String(required=True)
    name = fields.String(required=True)
    name_en = fields.String(required=True)


class CodeTables(Answer):
    """The codes that models and pages use."""

    statuses = many(NamedCode)
    results = many(NamedCode)
    documents = many(NamedCode)
    roles = many(NamedCode)
    stop_reasons = many(NamedCode)
    service_types = many(NamedCode)
    flags = many(NamedCode)
    certificate_states = many(NamedCode)


class LanguageQuery(CamelSchema):
    """In which language texts are wanted; without it ``Accept-Language`` decides."""

    language = choice(LANGUAGES, load_default=None)


@routes.on("GET", "/items", answer=ItemList)
@public("guide:read")
def list_items(ctx: Context) -> dict[str, Any]:
    """事项清单 All items, those that can be applied for here marked available."""
    deployed = definitions.deployed_keys(ctx.session)
    restricted = openings.restricted_items(ctx)
    rows = [guide.summary(ctx, item, deployed, restricted) for item in items.list_items(ctx.session)]
    return {"items": rows, "next": None}


@routes.on("GET", "/items/<code>", answer=ItemDetail, query=LanguageQuery)
@public("guide:read")
def get_item(ctx: Context, query: dict[str, Any], code: str) -> dict[str, Any]:
    """办事指南 An item with guide, materials, deadlines with their source, self-check; in English on request, where there is English."""
    item = items.get_item(ctx.session, code)
    language = query["language"] or flask.request.accept_languages.best_match(LANGUAGES, LANGUAGES[0])
    return guide.detail(ctx, item, definitions.deployed_keys(ctx.session), english=language == "en")


@routes.on("GET", "/forms/<form_id>", answer=FormAnswer)
@public("guide:read")
def get_form(ctx: Context, form_id: str) -> dict[str, Any]:
    """表单 The newest published version of a form."""
    form = definitions.get_form(ctx.session, form_id)
    return {"form_id": form.form_id, "version": form.version, "schema": form.schema}


@routes.on("GET", "/regions", answer=RegionList, query=RegionQuery)
@public("guide:read")
def list_regions(ctx: Context, query: dict[str, Any]) -> dict[str, Any]:
    """行政区划 Regions below one (the provinces without it)."""
    return {"items": sites.list_regions(ctx.session, query["parent"]), "next": None}


@routes.on("GET", "/sites", answer=SiteList, query=SiteQuery)
@public("guide:read")
def list_sites(ctx: Context, query: dict[str, Any]) -> dict[str, Any]:
    """机构名录 Sites of a region and sector."""
    rows = [
        {
            "code": site.code,
            "name": site.name,
            "short_name": site.short_name,
            "region_code": site.region_code,
            "region_name": region,
            "sector": site.sector,
            "phone": site.phone,
            "address": site.address,
        }
        for site, region in sites.list_sites(ctx.session, **query)
    ]
    return {"items": rows, "next": None}


@routes.on("GET", "/certificates/<path:number>", answer=CertificateCheck)
@public("guide:read", rate=PROGRESS)
def check_certificate(ctx: Context, number: str) -> dict[str, Any]:
    """证照核验 Whether a certificate is genuine and valid; the holder is masked."""
    with reach.for_platform(ctx.session):  # whoever knows the number may ask; the holder is masked
        line = certificates.get_certificate(ctx.session, number)
    return {
        "number": line.number,
        "kind_name": labels.name_of(labels.CERTIFICATES, line.kind),
        "kind_name_en": labels.name_en_of(labels.CERTIFICATES, line.kind),
        "state": line.state,
        "state_name": labels.name_of(labels.CERTIFICATE_STATES, line.state),
        "state_name_en": labels.name_en_of(labels.CERTIFICATE_STATES, line.state),
        "issuer_name": line.issuer_name,
        "valid_until": line.valid_until,
        "holder_masked": line.holder_masked,
    }


@routes.on("POST", "/progress", body=ProgressBody, answer=ProgressAnswer)
@public("guide:read", rate=PROGRESS)
def get_progress(ctx: Context, body: dict[str, str]) -> dict[str, Any]:
    """进度查询 Progress without log-in: query code and the last four of the ID number."""
    with reach.for_platform(ctx.session):  # the code and the number say whose it is
        found = applications.find_progress(ctx, body["query_code"], body["id_last4"])
    site = found["window"]
    window = site and {"site_name": site.name, "phone": site.phone, "address": site.address}
    return found | {"window": window}


@routes.on("GET", "/policies", answer=PolicyList, query=PolicyQuery)
@guard("guide:read")
def list_policies(ctx: Context, query: dict[str, Any]) -> dict[str, Any]:
    """时限规则 Every policy with its effective value, its layer and source (为什么是这一天)."""
    site = sites.find_site(ctx.session, query["site"]) if query["site"] else None
    values = policies.all_effective(ctx, site, query["item"])
    return {"items": list(values.values()), "next": None}


@routes.on("GET", "/code-tables", answer=CodeTables)
@public("guide:read")
def get_code_tables(ctx: Context) -> dict[str, Any]:
    """代码表 Statuses, results, documents, roles, stop reasons, service types."""
    del ctx
    tables = {
        "statuses": labels.STATUSES,
        "results": labels.RESULTS,
        "documents": labels.DOCUMENTS,
        "roles": labels.ROLES,
        "stop_reasons": labels.STOP_REASONS,
        "service_types": labels.SERVICES,
        "flags": labels.FLAGS,
        "certificate_states": labels.CERTIFICATE_STATES,
    }
    return {
        name: [{"code": code, "name": label.name, "name_en": label.name_en} for code, label in table.items()]
        for name, table in tables.items()
    }
