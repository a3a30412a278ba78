"""The applicant's own cases in plain words; drafts; progress by query code."""

from __future__ import annotations

import hmac
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, or_, select
from sqlalchemy.orm import load_only

from domain.actors import Role
from domain.applications.models import ApplicationDraft, Rating
from domain.audit import service as audit
from domain.cases import labels
from domain.cases.models import Case, Leg, SubscriptionRow, Task
from domain.cases.queries import flag_names, legs_of
from domain.cases.service import WITHDRAW
from domain.context import Context
from domain.deadlines import asking, policies
from domain.deadlines.calendar import NATION, load
from domain.deadlines.due import schedule
from domain.deadlines.queries import standing
from domain.errors import NotFound
from domain.identity.models import User
from domain.items.models import Item
from domain.items.queries import names_in_both
from domain.sites.models import Site
from domain.sites.queries import sites_by_id

LINE_COLUMNS = (
    Case.id,
    Case.case_no,
    Case.item_code,
    Case.subject_masked,
    Case.status,
    Case.plain_text,
    Case.plain_text_en,
    Case.submitted_at,
    Case.promise_due_at,
    Case.closed_at,
    Case.result_code,
    Case.window_site_id,
)
"""What a line is made of."""


class ProgressUnknown(NotFound):
    """No case fits the query code and the ID number's last characters; which of the two is wrong is not told."""

    code = "progress-unknown"
    title_zh = "没有查到办件"
    title_en = "No case found"
    next_zh = "请核对收件凭证上的查询码和申请人证件号码后四位。"
    next_en = "Check the query code on the receipt and the last four of the applicant's ID number."


@dataclass(frozen=True, slots=True, kw_only=True)
class MyLine:
    """One of the applicant's cases."""

    case_no: str
    item_code: str
    item_name: str
    item_name_en: str
    subject: str
    status: str
    status_name: str
    status_name_en: str
    plain_text: str
    plain_text_en: str
    submitted_at: datetime
    promise_due_at: datetime | None
    stopped: bool
    stop_reason_names: list[str]
    stop_reason_names_en: list[str]
    open_task_count: int
    closed_at: datetime | None
    result_name: str | None
    result_name_en: str | None
    rated: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Rights:
    """What the applicant may do now, and why not."""

    may_withdraw: bool
    withdraw_note: str
    may_urge: bool
    urge_kind: str
    urge_note: str
    may_rate: bool
    rate_sites: list[dict[str, str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class MyCase:
    """One of the applicant's cases with its legs and sites."""

    line: MyLine
    case: Case
    legs: Sequence[Leg]
    sites: dict[int, Site]
    item: Item
    flags: list[dict[str, str]]
    tasks: list[Any]
    rights: Rights


def list_my_cases(ctx: Context) -> list[MyLine]:
    """The applicant's cases, newest first."""
    cases = ctx.session.scalars(
        select(Case)
        .options(load_only(*LINE_COLUMNS))
        .where(Case.applicant_user_id == ctx.actor.user_id)
        .order_by(Case.id.desc())
    ).all()
    return lines_of(ctx, cases)


def get_my_case_id(ctx: Context, case_no: str) -> int:
    """The id of one of the applicant's cases. Raises :class:`NotFound`."""
    found = ctx.session.scalar(
        select(Case.id).where(
            or_(Case.case_no == case_no, Case.collab_no == case_no), Case.applicant_user_id == ctx.actor.user_id
        )
    )
    if found is None or not ctx.actor.user_id:
        raise NotFound("没有这个办件。", "There is no such case.")
    return found


def get_my_case(ctx: Context, case_no: str) -> MyCase:
    """One of the applicant's cases. Raises :class:`NotFound`."""
    return get_submitted_case(ctx, get_my_case_id(ctx, case_no))


def get_submitted_case(ctx: Context, case_id: int) -> MyCase:
    """The same for a case that the actor has just handed in, also a clerk for somebody at the window."""
    case = ctx.session.get_one(Case, case_id, populate_existing=True)
    legs = legs_of(ctx.session, [case.id])[case.id]
    sites = sites_by_id(ctx.session, {case.main_site_id, *(leg.site_id for leg in legs)})
    return MyCase(
        line=lines_of(ctx, [case])[0],
        case=case,
        legs=legs,
        sites=sites,
        item=ctx.session.get_one(Item, case.item_code),
        flags=flag_names(case.flags),
        tasks=_open_tasks(ctx, case.id),
        rights=_rights(ctx, case, legs, sites),
    )


def find_draft(ctx: Context, item_code: str) -> ApplicationDraft | None:
    """The applicant's draft for an item, unless it expired."""
    return ctx.session.scalar(
        select(ApplicationDraft).where(
            ApplicationDraft.user_id == ctx.actor.user_id,
            ApplicationDraft.item_code == item_code,
            ApplicationDraft.expires_at > ctx.clock.now(),
        )
    )


def find_progress(ctx: Context, query_code: str, id_last4: str) -> dict[str, Any]:
    """Progress without log-in. Raises :class:`ProgressUnknown`; both wrong inputs take the same way."""
    row = ctx.session.execute(
        select(Case, User.person, Item.name, Item.name_en)
        .join(User, User.id == Case.applicant_user_id)
        .join(Item, Item.code == Case.item_code)
        .options(load_only(*LINE_COLUMNS))
        .where(Case.query_code == query_code.strip())
    ).one_or_none()
    number = str((row.person or {}).get("idNo", "")) if row else ""
    if row is None or not number or not hmac.compare_digest(number[-4:].upper().encode(), id_last4.upper().encode()):
        raise ProgressUnknown
    case: Case = row.Case
    audit.record_read(ctx, "progress.read", case_id=case.id, subject_id=case.applicant_user_id, fields=["status"])
    return {
        "case_no": case.case_no,
        "item_name": row.name,
        "item_name_en": row.name_en,
        "status_name": labels.name_of(labels.STATUSES, case.status),
        "status_name_en": labels.name_en_of(labels.STATUSES, case.status),
        "plain_text": case.plain_text,
        "plain_text_en": case.plain_text_en,
        "promise_due_at": case.promise_due_at,
        **_stop(standing(ctx.session, [case.id]).get(case.id)),
        "waits_for_applicant": bool(_open_tasks(ctx, case.id)),
        "window": None if case.window_site_id is None else ctx.session.get_one(Site, case.window_site_id),
    }


def _stop(reasons: list[str] | None) -> dict[str, Any]:
    """That the promise stands still and what for: it has no date then."""
    return {
        "stopped": reasons is not None,
        "stop_reason_names": [labels.name_of(labels.STOP_REASONS, each) for each in reasons or ()],
        "stop_reason_names_en": [labels.name_en_of(labels.STOP_REASONS, each) for each in reasons or ()],
    }


def lines_of(ctx: Context, cases: Sequence[Case]) -> list[MyLine]:
    """Cases as their applicants read them in a list."""
    if not cases:
        return []
    ids = [case.id for case in cases]
    names = names_in_both(ctx.session, {case.item_code for case in cases})
    waiting = dict(
        ctx.session.execute(
            select(Task.case_id, func.count())
            .where(Task.case_id.in_(ids), Task.state == "open", Task.role == Role.APPLICANT)
            .group_by(Task.case_id)
        ).all()
    )
    still = standing(ctx.session, ids)
    rated = set(ctx.session.scalars(select(Rating.case_id).where(Rating.case_id.in_(ids)).distinct()))
    return [
        MyLine(
            case_no=case.case_no,
            item_code=case.item_code,
            item_name=names[case.item_code].name,
            item_name_en=names[case.item_code].name_en,
            subject=case.subject_masked,
            status=case.status,
            status_name=labels.name_of(labels.STATUSES, case.status),
            status_name_en=labels.name_en_of(labels.STATUSES, case.status),
            plain_text=case.plain_text,
            plain_text_en=case.plain_text_en,
            submitted_at=case.submitted_at,
            promise_due_at=case.promise_due_at,
            **_stop(still.get(case.id)),
            open_task_count=waiting.get(case.id, 0),
            closed_at=case.closed_at,
            result_name=labels.name_of(labels.RESULTS, case.result_code) or None,
            result_name_en=labels.name_en_of(labels.RESULTS, case.result_code) or None,
            rated=case.id in rated,
        )
        for case in cases
    ]


def _open_tasks(ctx: Context, case_id: int) -> list[Any]:
    return list(
        ctx.session.execute(
            select(Task.id, Task.name, Task.form_id, Task.due_at)
            .where(Task.case_id == case_id, Task.state == "open", Task.role == Role.APPLICANT)
            .order_by(Task.opened_at)
        )
    )


def _rights(ctx: Context, case: Case, legs: Sequence[Leg], sites: dict[int, Site]) -> Rights:
    withdraw_note = _withdraw_note(ctx, case, legs)
    wanted = asking.find_asking(ctx, case.id) if case.closed_at is None else asking.Asking(asking.URGE, None)
    refusal = wanted.refusal
    urge_note = "办件已办结。" if case.closed_at else (refusal.fact_zh or refusal.title_zh if refusal else "")
    unrated = _unrated(ctx, case, legs, sites)
    return Rights(
        may_withdraw=not withdraw_note,
        withdraw_note=withdraw_note,
        may_urge=not urge_note,
        urge_kind=wanted.kind,
        urge_note=urge_note,
        may_rate=bool(unrated),
        rate_sites=unrated,
    )


def _withdraw_note(ctx: Context, case: Case, legs: Sequence[Leg]) -> str:
    """Why the application cannot be withdrawn now; empty when the process would hear it."""
    main = next((leg for leg in legs if leg.role == "main"), None)
    if case.closed_at is not None or main is None:
        return "办件已办结。"
    if case.past_return:
        return "已经越过可撤回的环节，只能办完或由两地机关共同恢复。"
    if main.is_suspended:
        return "办件暂停中，请待恢复后再撤回。"
    listens = select(SubscriptionRow.id).where(SubscriptionRow.leg_id == main.id, SubscriptionRow.message == WITHDRAW)
    return "" if ctx.session.execute(listens.limit(1)).first() else "当前环节不接受撤回。"


def _unrated(ctx: Context, case: Case, legs: Sequence[Leg], sites: dict[int, Site]) -> list[dict[str, str]]:
    """The sites that may still be rated: after the end, within the window, each once."""
    if case.closed_at is None:
        return []
    window = policies.effective(ctx, "evaluate.window", None, case.item_code).value
    if ctx.clock.now() > schedule(window, case.closed_at, load(ctx.session, NATION)):
        return []
    done = set(ctx.session.scalars(select(Rating.site_id).where(Rating.case_id == case.id)))
    wanted = dict.fromkeys([case.main_site_id, *(leg.site_id for leg in legs)])
    return [
        {"site_code": sites[site_id].code, "site_name": sites[site_id].name}
        for site_id in wanted
        if site_id not in done and site_id in sites
    ]


def case_numbers(ctx: Context, case_ids: set[int]) -> dict[int, str]:
    """办件编号 of cases by id: of the actor's own leg where there is one, else of the case."""
    if not case_ids:
        return {}
    sites = ctx.actor.site_ids
    numbers = dict(ctx.session.execute(select(Case.id, Case.case_no).where(Case.id.in_(case_ids))).all())
    own = select(Leg.case_id, Leg.case_no).where(Leg.case_id.in_(case_ids), Leg.site_id.in_(sites))
    return numbers | dict(ctx.session.execute(own.order_by(Leg.role.desc())).all())
