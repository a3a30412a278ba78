"""The ladder 预警 → 催办 → 督办 → 会商 (DOMAIN §1.2.4): raised by missed dates or by hand, told to both sites, answered.

A partner's silence never changes a case: nothing here touches a process, a status or a register. Steps carry the fields of
GB/T 39046 电子监察: 监察编号 (number), 规则编号 (rule), 预警类型 (alert_type), 督办内容 (note), 责任部门 (responsible).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Protocol

from sqlalchemy import and_, select

from domain import reach
from domain.actors import Role
from domain.audit import service as audit
from domain.clock import CHINA
from domain.context import Context
from domain.deadlines import asking, orders, places, policies
from domain.deadlines.calendar import load
from domain.deadlines.due import Hours, after_workdays
from domain.deadlines.errors import AlreadyAnswered, NotYours
from domain.deadlines.models import LadderStep
from domain.deadlines.places import Place
from domain.errors import DomainError, NotFound
from domain.identity import service as identity
from domain.notifications import service as notifications
from domain.sites import numbering
from domain.sites.models import Site

KINDS: Final = ("REMIND", "URGE", "SUPERVISE", "CONFER")
EVENTS: Final = {
    asking.INQUIRE: "ladder.inquired",
    "REMIND": "ladder.reminded",
    "URGE": "ladder.urged",
    "SUPERVISE": "ladder.supervised",
    "CONFER": "ladder.conferred",
}
ALERTS: Final = {asking.INQUIRE: "", "REMIND": "预警", "URGE": "黄牌", "SUPERVISE": "红牌", "CONFER": "红牌"}
ASKED: Final = {asking.INQUIRE: "进度询问", "URGE": "催办", "SUPERVISE": "督办", "CONFER": "会商"}
"""What was answered, in the notice that it was."""
LETTERS: Final = {asking.INQUIRE: "Q", "REMIND": "R", "URGE": "U", "SUPERVISE": "S", "CONFER": "C"}
UNBOUND: Final = ("REMIND", asking.INQUIRE)
"""Need no answer within ``urge.answer``."""
LONGEST_NOTE = 400
TOLD: Final = ("", "contact", "unlinked", "stale", "none")
"""Whom a step went to, as the contact book knows who speaks for the site; empty: nobody does (an applicant is reminded)."""


class WorkLike(Protocol):
    """A row of work: ``ref`` is the task (``leg:…``: a leg), ``data`` {kind, level, policy}."""

    ref: str
    data: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Liaison:
    """Who speaks for the site that must act: how it is known (:class:`LadderStep`), the name in the contact book, the accounts."""

    state: str
    name: str
    user_ids: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Order:
    """What is raised: kind, level, who raises it and what it says."""

    kind: str
    level: int
    source: str
    rule: str
    note: str


def step(ctx: Context, work: WorkLike) -> LadderStep | None:
    """Job ``deadline.step``: look again, and raise the step when the task (or leg) is still open and overdue; None when it is not needed.

    Citizens are reminded but never urged or supervised.
    """
    leg_id = work.ref.removeprefix("leg:")
    place = places.find_task_place(ctx, work.ref) if leg_id == work.ref else places.find_timed_leg(ctx, int(leg_id))
    kind, level = str(work.data["kind"]), int(work.data["level"])
    if place is None or not place.is_waiting or place.due_at is None:
        return None
    if kind != "REMIND" and not place.is_overdue(ctx.clock.now()):
        return None
    if place.task_role == Role.APPLICANT and kind != "REMIND":
        return None
    rule = str(work.data.get("policy") or "")
    if _raised(ctx, place, rule, kind, level):
        return None
    return _raise(ctx, place, Order(kind, level, "deadline", rule, _sentence(place, kind)))


def urge(ctx: Context, case_id: int, leg_id: int | None, note: str) -> LadderStep:
    """催办 by hand: staff of a site of the case and supervisors at any time, the applicant by :func:`domain.deadlines.asking.find_asking`.

    Without a leg the one whose open task is due first is urged; by the applicant, where no staff has one, the main site. What the
    applicant sends before the promised date is a question (INQUIRE). Raises :class:`UrgeTooEarly`, :class:`NotFound`, :class:`NotYours`.
    """
    reach.hold(ctx.session, case_id)
    place = places.find_urged_place(ctx, case_id, leg_id)
    if place is None and leg_id is None:
        place = places.find_asked_place(ctx, case_id)
    if place is None:
        raise NotFound("没有正在等待办理的环节。", "Nothing waits to be done there.")
    kind, source = "URGE", "staff"
    if ctx.actor.speaks_for(place.applicant_user_id):
        source = asking.APPLICANT
        wanted = asking.find_asking(ctx, case_id)
        if wanted.refusal is not None:
            raise wanted.refusal
        kind = wanted.kind
    elif not set(ctx.actor.site_ids) & set(place.case_site_ids):
        raise NotFound("没有这个办件。", "There is no such case.")
    level = _count(ctx, place, source, kind) + 1
    return _raise(ctx, place, Order(kind, level, source, place.policy or "", note.strip()[:LONGEST_NOTE]))


def supervise(ctx: Context, case_id: int, leg_id: int | None, note: str) -> LadderStep:
    """督办 by a supervisor of the region. Raises :class:`NotYours` for anybody else."""
    reach.hold(ctx.session, case_id)
    place = places.find_urged_place(ctx, case_id, leg_id)
    if place is None:
        raise NotFound("没有正在等待办理的环节。", "Nothing waits to be done there.")
    if not any(ctx.actor.has(Role.SUPERVISOR, site_id) for site_id in place.case_site_ids):
        raise NotYours("只有督办员可以督办。", "Only a supervisor issues a supervision order.")
    level = _count(ctx, place, "staff", "SUPERVISE") + 1
    return _raise(ctx, place, Order("SUPERVISE", level, "staff", place.policy or "", note.strip()[:LONGEST_NOTE]))


def mark_missed_notice(ctx: Context, leg_id: int, rule: str) -> LadderStep | None:
    """A red mark of 电子监察 against an authority that let the time of notice pass: the application counts as accepted (art. 32)."""
    place = places.find_leg_place(ctx, leg_id)
    if place is None:
        return None
    level = _count(ctx, place, "deadline", "SUPERVISE") + 1
    note = "逾期未一次告知，依法视为自收到申请材料之日起受理。"
    return _raise(ctx, places.without_task(place), Order("SUPERVISE", level, "deadline", rule, note))


def answer(ctx: Context, step_id: int, text: str) -> LadderStep:
    """The urged site answers. Raises :class:`NotFound`, :class:`NotYours`, :class:`AlreadyAnswered`."""
    row = ctx.session.get(LadderStep, step_id, with_for_update=True)
    if row is None:
        raise NotFound("没有这条催办（督办）。", "There is no such order.")
    if row.site_id not in ctx.actor.site_ids:
        raise NotYours("这条催办（督办）不是发给您所在机构的。", "This was not addressed to your site.")
    if row.answered_at is not None:
        raise AlreadyAnswered("这条催办（督办）已经答复。", "It has an answer already.")
    if not text.strip():
        raise EmptyAnswer("答复没有内容。", "The answer is empty.", pointer="/answer")
    reach.hold(ctx.session, row.case_id)
    row.answer, row.answered_at = text.strip()[:LONGEST_NOTE], ctx.clock.now()
    row.answered_by = ctx.actor.user_id or None
    ctx.session.flush()
    place = places.find_leg_place(ctx, row.leg_id)
    readers = [row.raised_by] if row.raised_by else []
    for site_id in place.case_site_ids if place else ():
        readers += identity.list_holders(ctx, site_id, [Role.LIAISON])
    site = ctx.session.get_one(Site, row.site_id)
    values = {
        "number": row.number,
        "siteName": site.name,
        "caseNo": place.case_no if place else "",
        "asked": ASKED.get(row.kind, "催办"),
    }
    notifications.send(ctx, readers, "ladder.answered", values, case_id=row.case_id, site_id=row.site_id)
    audit.record(
        ctx,
        "ladder.answered",
        case_id=row.case_id,
        leg_id=row.leg_id,
        site_id=row.site_id,
        data={"number": row.number, "kind": row.kind, "siteName": site.name},
    )
    return row


class EmptyAnswer(DomainError):
    """An answer without content."""

    code = "empty-answer"
    title_zh = "请填写答复"
    title_en = "The answer needs a text"


def _raised(ctx: Context, place: Place, rule: str, kind: str, level: int) -> bool:
    """A task's step is raised once; a leg's own once by its rule."""
    about = LadderStep.task_id == place.task_id
    if place.task_id is None:
        about = and_(LadderStep.task_id.is_(None), LadderStep.leg_id == place.leg_id, LadderStep.rule == rule)
    same = (about, LadderStep.source == "deadline", LadderStep.kind == kind, LadderStep.level == level)
    return ctx.session.scalar(select(LadderStep.id).where(*same)) is not None


def _count(ctx: Context, place: Place, source: str, kind: str = "URGE") -> int:
    same = select(LadderStep.id).where(
        LadderStep.leg_id == place.leg_id, LadderStep.source == source, LadderStep.kind == kind
    )
    return len(ctx.session.scalars(same).all())


def _raise(ctx: Context, place: Place, order: Order) -> LadderStep:
    now = ctx.clock.now()
    site = ctx.session.get_one(Site, place.site_id)
    liaison = _liaison(ctx, place, order.kind)
    row = LadderStep(
        number=numbering.order_number(ctx.session, site, LETTERS[order.kind], now),
        case_id=place.case_id,
        leg_id=place.leg_id,
        task_id=place.task_id,
        site_id=place.site_id,
        kind=order.kind,
        level=order.level,
        source=order.source,
        rule=order.rule,
        alert_type=ALERTS[order.kind],
        responsible=site.name,
        raised_by=ctx.actor.user_id or None if order.source != "deadline" else None,
        due_at=place.due_at,
        raised_at=now,
        note=order.note,
        answer_due_at=None if order.kind in UNBOUND else _answer_due(ctx, site, place, now),
        told=liaison.state,
        told_name=liaison.name,
    )
    ctx.session.add(row)
    ctx.session.flush()
    _tell(ctx, place, row, site, liaison)
    orders.issue(ctx, place, row)
    audit.record(
        ctx,
        EVENTS[order.kind],
        case_id=place.case_id,
        leg_id=place.leg_id,
        site_id=place.site_id,
        element_id=place.element_id,
        data={
            "number": row.number,
            "kind": row.kind,
            "level": row.level,
            "source": row.source,
            "rule": row.rule,
            "alertType": row.alert_type,
            "taskName": place.task_name,
            "siteName": site.name,
            "due": None if place.due_at is None else place.due_at.isoformat(),
            "told": row.told,
        },
    )
    return row


def _liaison(ctx: Context, place: Place, kind: str) -> Liaison:
    """Whom the contact book names at the site that must act; without a contact book its liaisons. None for a question about a task."""
    if place.task_role == Role.APPLICANT or (kind == asking.INQUIRE and place.task_role):
        return Liaison("", "", ())
    if ctx.handlers.reach_liaison is None:
        return Liaison("", "", tuple(identity.list_holders(ctx, place.site_id, [Role.LIAISON])))
    found = ctx.handlers.reach_liaison(ctx, place.site_id, place.item_code)
    return Liaison(found.state, found.name, found.user_ids)


def _answer_due(ctx: Context, site: Site, place: Place, now: datetime) -> datetime:
    role = "main" if site.id == place.main_site_id else "partner"
    partner = policies.partner_at(role, site, place.partner_code)
    values = policies.deadlines_for(ctx, site, place.item_code, partner)
    days = policies.number(values, "urge.answer")
    return after_workdays(days, now, load(ctx.session, site.region_code), Hours.of(values))


def _tell(ctx: Context, place: Place, row: LadderStep, site: Site, liaison: Liaison) -> None:
    """People of both sites: the one that must act and the others that wait."""
    values = {
        "caseNo": place.case_no,
        "taskName": place.task_name,
        "siteName": site.name,
        "number": row.number,
        "due": "" if place.due_at is None else place.due_at.astimezone(CHINA).date().isoformat(),
        "note": f"{ASKED.get(row.kind, '催办')}内容：{row.note}。" if row.source != "deadline" and row.note else "",
    }
    readers = list_readers(ctx, place, row.kind, row.level, liaison.user_ids)
    notifications.send(ctx, readers, f"ladder.{row.kind}", values, case_id=place.case_id, site_id=place.site_id)
    if _is_late_partner(place, row) and place.applicant_user_id is not None:
        notifications.send(
            ctx, [place.applicant_user_id], "partner.late", values, case_id=place.case_id, site_id=place.site_id
        )


def _is_late_partner(place: Place, row: LadderStep) -> bool:
    """At T+1 the applicant hears that the partner is late (DOMAIN §1.2.4)."""
    return row.kind == "URGE" and row.source == "deadline" and row.level > 1 and place.site_id != place.main_site_id


def list_readers(ctx: Context, place: Place, kind: str, level: int, liaisons: Sequence[int]) -> list[int]:
    """Who hears of a step: the actors and their ``liaisons`` first, then leaders, supervisors of both regions, both sites' leaders.

    A question goes to who has the task, or to all who may take it; at a site where nobody has one, to its liaisons.
    """
    if kind == asking.INQUIRE:
        if place.assignee_id:
            return [place.assignee_id]
        return identity.list_holders(ctx, place.site_id, [str(place.task_role)]) if place.task_role else [*liaisons]
    if place.task_role == Role.APPLICANT:
        return [] if place.applicant_user_id is None else [place.applicant_user_id]
    acting = [str(place.task_role)]
    others: list[str] = [] if kind == "REMIND" else [Role.LIAISON]
    if kind != "REMIND" and (kind != "URGE" or level > 1):
        acting.append(Role.APPROVER)
    if kind == "CONFER":
        others.append(Role.APPROVER)
    readers = [place.assignee_id] if place.assignee_id else []
    readers += liaisons
    readers += identity.list_holders(ctx, place.site_id, acting)
    for site_id in place.case_site_ids:
        if site_id != place.site_id and others:
            readers += identity.list_holders(ctx, site_id, others)
    if kind in {"SUPERVISE", "CONFER"}:
        for region in place.region_codes:
            readers += identity.list_supervisors(ctx, region)
    return readers


def _sentence(place: Place, kind: str) -> str:
    day = "" if place.due_at is None else place.due_at.astimezone(CHINA).date().isoformat()
    if kind == "REMIND":
        return f"“{place.task_name}”应于{day}前办结。"
    return f"“{place.task_name}”应于{day}办结，至今未办结，请立即办理并答复。"
