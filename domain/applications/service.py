"""Applications: drafts, submission (by the applicant or at a window), rating."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert

from domain import reach
from domain.actors import Role
from domain.applications import rules
from domain.applications.errors import ApplicationRejected, NotForYou, RatingRefused
from domain.applications.models import ApplicationDraft, Rating
from domain.audit import service as audit
from domain.cases import runtime
from domain.cases import service as cases
from domain.cases.errors import ItemNotAvailable, refusals
from domain.cases.models import Case, Leg
from domain.cases.rows import CaseRow, LegRow
from domain.cases.runtime import NewCase
from domain.clock import CHINA
from domain.context import Context
from domain.deadlines import policies
from domain.deadlines.calendar import NATION, load
from domain.deadlines.due import schedule
from domain.definitions.models import Form
from domain.disclosure import consents
from domain.identity import service as identity
from domain.items import queries as items
from domain.items.models import Item
from domain.materials import service as materials
from domain.notifications import service as notifications
from domain.partners import openings
from domain.sites import service as sites
from forms import errors as forms_errors
from forms import validation

WINDOW, ONLINE = "1", "2"
"""申报来源代码 (GB/T 39046 A.5)."""
BAD_LEVELS = frozenset({"DISSATISFIED", "VERY_DISSATISFIED"})
EVALUATED = "EVALUATED"


def save_draft(
    ctx: Context, item_code: str, data: Mapping[str, Any], chosen: Sequence[Mapping[str, str]]
) -> ApplicationDraft:
    """Keep what was filled in so far, for the time of the policy ``draft.keep``.

    Raises :class:`ItemNotAvailable`, and :class:`ApplicationRejected` for what the form does not know.
    """
    item, schema = _form(ctx, item_code)
    try:
        with refusals():
            kept = validation.accept_draft(ctx.forms, schema, dict(data), _context(ctx)).data
    except forms_errors.FormRejected as error:
        raise ApplicationRejected.of(error) from error
    now = ctx.clock.now()
    keep = schedule(policies.effective(ctx, "draft.keep", None, item.code).value, now, load(ctx.session, NATION))
    values = {"data": kept, "materials": _entries(chosen), "updated_at": now, "expires_at": keep}
    statement = insert(ApplicationDraft).values(user_id=ctx.actor.user_id, item_code=item.code, revision=1, **values)
    statement = statement.on_conflict_do_update(
        index_elements=["user_id", "item_code"],
        set_={**{name: statement.excluded[name] for name in values}, "revision": ApplicationDraft.revision + 1},
    )
    draft_id = ctx.session.execute(statement.returning(ApplicationDraft.id)).scalar_one()
    return ctx.session.get_one(ApplicationDraft, draft_id, populate_existing=True)


def discard_draft(ctx: Context, item_code: str) -> None:
    """Throw the actor's draft away, if there is one."""
    mine = ApplicationDraft.user_id == ctx.actor.user_id
    ctx.session.execute(delete(ApplicationDraft).where(mine, ApplicationDraft.item_code == item_code))


def drop_expired_drafts(ctx: Context) -> int:
    """Remove drafts past their time, personal data with them. How many."""
    gone = delete(ApplicationDraft).where(ApplicationDraft.expires_at <= ctx.clock.now())
    return len(ctx.session.execute(gone.returning(ApplicationDraft.id)).all())


def submit(ctx: Context, item_code: str, data: Mapping[str, Any], chosen: Sequence[Mapping[str, str]]) -> LegRow:
    """Check form, rules and materials as a whole, open the case, and hand back its main leg.

    A window clerk applies on behalf of the person named in the form (source 1). Raises :class:`ItemNotAvailable`,
    :class:`ApplicationRejected`, ``NotEligible`` and its kinds, ``MaterialsMissing``, ``DuplicateApplication``, :class:`NotForYou`.
    """
    by_clerk = not ctx.actor.is_applicant
    if by_clerk and not ctx.actor.has(Role.RECV_CLERK):
        raise NotForYou("只有申请人和窗口人员可以提交申请。", "Only applicants and window clerks apply.")
    item, schema = _form(ctx, item_code)
    try:
        with refusals():
            accepted = validation.validate(ctx.forms, schema, dict(data), _context(ctx)).data
    except forms_errors.FormRejected as error:
        raise ApplicationRejected.of(error) from error
    routed = rules.route(ctx, item.code, accepted)
    application = {**accepted, **routed.computed}
    openings.require_open(ctx, item.code, application)
    consent = consents.required(ctx, schema, accepted)
    handed = {entry["code"]: entry["fileId"] for entry in _entries(chosen)}
    needed = materials.check(ctx, item, application, handed)
    applicant_id = _applicant_of(ctx, routed.applicant) if by_clerk else ctx.actor.user_id

    def with_materials(case: CaseRow) -> None:
        materials.open_rows(ctx, case.id, needed, handed, origin="WINDOW" if by_clerk else "APPLICANT")
        if consent is not None:
            consents.keep(ctx, case.id, consent, at_window=by_clerk)

    new = NewCase(
        item_code=item.code,
        application=application,
        applicant_user_id=applicant_id,
        subject_masked=routed.subject_masked,
        subjects=routed.subjects,
        source=WINDOW if by_clerk else ONLINE,
        window_sites=[site for site in ctx.actor.site_ids if ctx.actor.has(Role.RECV_CLERK, site)] if by_clerk else (),
    )
    leg = runtime.open_case(ctx, new, before_start=with_materials)
    if consent is not None:
        consents.record(ctx, leg.case_id, consent)
    discard_draft(ctx, item.code)
    values = {
        "itemName": item.name,
        "caseNo": leg.case.case_no,
        "queryCode": leg.case.query_code,
        "siteName": leg.site.name,
    }
    notifications.send(ctx, [applicant_id], "application.received", values, case_id=leg.case_id, site_id=leg.site_id)
    return leg


def withdraw(ctx: Context, case_id: int, reason: str) -> LegRow:
    """撤件; what it means at this point is the process's business."""
    return cases.withdraw(ctx, case_id, reason)


def rate(ctx: Context, case_id: int, ratings: Sequence[Mapping[str, Any]]) -> None:
    """好差评 by the applicant: each site of the closed case once, within ``evaluate.window``. Raises :class:`RatingRefused`."""
    case = ctx.session.get_one(Case, case_id, with_for_update=True, populate_existing=True)
    if case.applicant_user_id != ctx.actor.user_id or not ctx.actor.user_id:
        raise RatingRefused("只有申请人可以评价。", "Only the applicant rates.")
    if case.closed_at is None:
        raise RatingRefused("办件还没有办结。", "The case is not closed.")
    window = policies.effective(ctx, "evaluate.window", None, case.item_code).value
    if ctx.clock.now() > schedule(window, case.closed_at, load(ctx.session, NATION)):
        raise RatingRefused("评价期已过。", "The time to rate is over.")
    reach.hold(ctx.session, case_id)
    concerned = {case.main_site_id, *ctx.session.scalars(select(Leg.site_id).where(Leg.case_id == case_id))}
    for number, rating in enumerate(ratings):
        _rate_site(ctx, case, concerned, rating, f"/ratings/{number}/siteCode")
    if EVALUATED not in case.flags:
        case.flags = [*case.flags, EVALUATED]
    ctx.session.flush()


def _rate_site(ctx: Context, case: Case, concerned: set[int], rating: Mapping[str, Any], pointer: str) -> None:
    site = sites.find_site(ctx, str(rating["site_code"]))
    if site is None or site.id not in concerned:
        raise RatingRefused("该机构没有办理这个办件。", "This site did not work on the case.", pointer=pointer)
    row = insert(Rating).values(
        case_id=case.id,
        site_id=site.id,
        level=str(rating["level"]),
        comment=rating.get("comment") or None,
        rated_at=ctx.clock.now(),
    )
    row = row.on_conflict_do_nothing(index_elements=["case_id", "site_id"])
    if ctx.session.execute(row.returning(Rating.id)).scalar_one_or_none() is None:
        raise RatingRefused(f"已经评价过{site.short_name}。", "This site was rated already.", pointer=pointer)
    audit.record(
        ctx, "case.rated", case_id=case.id, site_id=site.id, data={"siteCode": site.code, "level": str(rating["level"])}
    )
    if rating["level"] in BAD_LEVELS:
        readers = identity.list_holders(ctx, site.id, [Role.LIAISON, Role.SITE_ADMIN])
        notifications.send(ctx, readers, "bad.rating", {"caseNo": case.case_no}, case_id=case.id, site_id=site.id)


def _form(ctx: Context, item_code: str) -> tuple[Item, dict[str, Any]]:
    item = items.get_item(ctx.session, item_code)
    newest = select(Form.schema).where(Form.form_id == item.apply_form_id).order_by(Form.version.desc()).limit(1)
    schema = ctx.session.scalar(newest) if item.apply_form_id else None
    if schema is None:
        raise ItemNotAvailable("该事项没有开通在线申请。", "The item has no application form.", pointer="/itemCode")
    return item, schema


def _context(ctx: Context) -> dict[str, Any]:
    now = ctx.clock.now().astimezone(CHINA)
    return {"now": now, "today": now.date().isoformat()}


def _entries(chosen: Sequence[Mapping[str, str]]) -> list[dict[str, str]]:
    return [{"code": str(entry["code"]), "fileId": str(entry["fileId"])} for entry in chosen]


def _applicant_of(ctx: Context, person: Mapping[str, str]) -> int:
    """The account of the person at the window; one without an account gets one that nobody can log in to until it is claimed."""
    found = identity.find_applicant(ctx, person["idNo"]) if person["idNo"] else None
    if found is None:
        login = f"{identity.WINDOW_LOGIN}{secrets.token_hex(8)}"
        found = identity.register_user(
            ctx, login, person["name"], secrets.token_urlsafe(32), is_applicant=True, person=dict(person)
        )
    return found.id
