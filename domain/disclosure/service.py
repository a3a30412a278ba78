"""Asking to see personal data: who may, for how long, who must agree, who is told when it becomes many (DOMAIN §5.2, §5.4)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Final

from sqlalchemy import func, or_, select

from domain import reach
from domain.actors import Role
from domain.audit import reads
from domain.audit import service as audit
from domain.cases.models import Task
from domain.cases.queries import Frame, frame_of
from domain.cases.scope import Sight
from domain.context import Context
from domain.deadlines import policies
from domain.deadlines.calendar import NATION, load
from domain.deadlines.due import schedule
from domain.definitions.models import Form
from domain.disclosure.errors import AlreadyDecided, NotDisclosed, ReasonMissing
from domain.disclosure.masks import Masks
from domain.disclosure.models import Disclosure
from domain.errors import Forbidden, NotFound
from domain.identity import functions
from domain.identity import service as identity
from domain.identity.functions import Place
from domain.identity.models import Grant, User
from domain.notifications import service as notifications

WAITING: Final = "waiting"
GIVEN: Final = "given"
REFUSED: Final = "refused"
SHORTEST_REASON: Final = 4
HOUR: Final = timedelta(hours=1)
FUNCTION: Final = "unmask:open"
PER_STEP, SECOND, ORDER, NEVER = "per-step", "second-person", "order-number", "assigned-call"
"""Conditions of the matrix: only while a task of the case is one's to do; another person agrees; the number of an audit order.
A liaison calls the applicant through the platform and is not shown the data."""


@dataclass(frozen=True, slots=True)
class Purpose:
    """What data may be looked at for, and by whom."""

    code: str
    name: str
    name_en: str
    roles: frozenset[Role]


@lru_cache(maxsize=1)
def purposes() -> Mapping[str, Purpose]:
    """The list of purposes (``data/purposes.json``)."""
    raw = json.loads((Path(__file__).parent / "data" / "purposes.json").read_text(encoding="utf-8"))
    return {
        row["code"]: Purpose(row["code"], row["name"], row["nameEn"], frozenset(Role(name) for name in row["roles"]))
        for row in raw
    }


@dataclass(frozen=True, slots=True)
class Standing:
    """What the actor may ask for in this case: at which site, in which roles; ``second``: only if another person agrees."""

    site_id: int
    roles: frozenset[Role]
    second: bool = False
    needs_order: bool = False


def standing_of(ctx: Context, frame: Frame) -> Standing | None:
    """By the matrix of functions (``unmask:open``). None: this actor is never shown the data of this case, or not now."""
    main = frame.case.main_site_id
    sites = [site for site in dict.fromkeys([main, *(leg.site_id for leg in frame.legs)]) if _reads(frame, site)]
    for site in sites:
        parts = functions.matrix().parts(ctx.actor, FUNCTION, Place(site_id=site))
        held = [(role, set(part.conditions)) for role, part in parts if NEVER not in part.conditions]
        now = [(role, own) for role, own in held if PER_STEP not in own or _has_step(ctx, frame, site, role)]
        free = frozenset(role for role, own in now if not own & {SECOND, ORDER})
        if free:
            return Standing(site, free)
        for role, own in now:
            return Standing(site, frozenset({role}), second=SECOND in own, needs_order=ORDER in own)
    return None


def _reads(frame: Frame, site_id: int) -> bool:
    """Whether the reader's view of the case goes through this site: a partner's desk has its own leg only."""
    view = frame.view
    if view.sight is Sight.BLIND:
        return False
    return view.sight is Sight.MASKED or site_id in view.my_sites


def masks_of(ctx: Context, form_id: str | None) -> Masks:
    """What the fields of an application hold, by the newest version of its form; without a form by names and looks."""
    newest = select(Form.schema).where(Form.form_id == form_id).order_by(Form.version.desc()).limit(1)
    return Masks(ctx.session.scalar(newest) if form_id else None)


def find_current(ctx: Context, case_id: int) -> Disclosure | None:
    """What the actor may see of the case now, the widest; None: everything is masked."""
    query = select(Disclosure).where(
        Disclosure.case_id == case_id,
        Disclosure.user_id == ctx.actor.user_id,
        Disclosure.state == GIVEN,
        Disclosure.expires_at > ctx.clock.now(),
    )
    return ctx.session.scalar(query.order_by(Disclosure.is_sensitive.desc(), Disclosure.expires_at.desc()).limit(1))


def ask(
    ctx: Context, frame: Frame, purpose: str, reason: str, *, sensitive: bool = False, order_no: str = ""
) -> Disclosure:
    """Ask to see the personal data of a case; given at once, or when a second person agrees.

    Raises :class:`NotDisclosed`, :class:`ReasonMissing`.
    """
    standing = standing_of(ctx, frame)
    if standing is None:
        raise NotDisclosed("您的角色或当前环节不需要查看原文。", "Your role or step does not need this data.")
    wanted = purposes().get(purpose)
    if wanted is None or not wanted.roles & standing.roles:
        raise ReasonMissing("该目的不适用于您的角色。", "This purpose is not one of your role.", pointer="/purpose")
    if len(reason.strip()) < SHORTEST_REASON:
        raise ReasonMissing("理由太短。", "The reason is too short.", pointer="/reason")
    if standing.needs_order and not order_no.strip():
        raise ReasonMissing("请填写审计任务编号。", "The number of the audit order is needed.", pointer="/orderNo")
    now = ctx.clock.now()
    row = Disclosure(
        case_id=frame.case.id,
        site_id=standing.site_id,
        user_id=ctx.actor.user_id,
        user_name=ctx.actor.name[:60],
        purpose=purpose,
        reason=reason.strip()[:200],
        order_no=order_no.strip()[:60],
        is_sensitive=sensitive,
        state=WAITING if standing.second else GIVEN,
        asked_at=now,
        expires_at=None if standing.second else _until(ctx, frame, now),
    )
    ctx.session.add(row)
    ctx.session.flush()
    _record(ctx, row, "data.unmask-asked" if standing.second else "data.unmasked")
    if not standing.second:
        _watch(ctx, row)
    return row


def decide(ctx: Context, disclosure_id: int, *, agrees: bool) -> Disclosure:
    """The second person's answer. Raises :class:`NotFound`, :class:`AlreadyDecided`, :class:`Forbidden` for the one who asked."""
    row = ctx.session.get(Disclosure, disclosure_id, with_for_update=True)
    frame = frame_of(ctx, row.case_id) if row is not None else None
    if row is None or frame is None or not may_decide(ctx, frame):
        raise NotFound("没有这个申请。", "There is no such request.")
    if row.user_id == ctx.actor.user_id:
        raise Forbidden("本人不能批准自己的申请。", "You cannot agree to your own request.")
    if row.state != WAITING:
        raise AlreadyDecided("", "")
    now = ctx.clock.now()
    row.state = GIVEN if agrees else REFUSED
    row.decided_by, row.decided_name, row.decided_at = ctx.actor.user_id, ctx.actor.name[:60], now
    row.expires_at = _until(ctx, frame, now) if agrees else None
    ctx.session.flush()
    _record(ctx, row, "data.unmasked" if agrees else "data.unmask-refused")
    if agrees:
        _watch(ctx, row)
    return row


def may_decide(ctx: Context, frame: Frame) -> bool:
    """Who agrees to a supervisor's request: another supervisor of the case, or an approver of the lead site."""
    actor = ctx.actor
    supervises = any(Role.SUPERVISOR in actor.roles_at(leg.site_id) for leg in frame.legs)
    return supervises or Role.APPROVER in actor.roles_at(frame.case.main_site_id)


def end(ctx: Context, case_id: int) -> None:
    """Mask the case again for the actor, before the time is over."""
    now = ctx.clock.now()
    for row in ctx.session.scalars(
        select(Disclosure).where(
            Disclosure.case_id == case_id, Disclosure.user_id == ctx.actor.user_id, Disclosure.expires_at > now
        )
    ):
        row.expires_at = now
    ctx.session.flush()


def _has_step(ctx: Context, frame: Frame, site_id: int, role: Role) -> bool:
    """Whether an open task of the case for the role at the site is the actor's to do, or could be."""
    query = select(Task.id).where(
        Task.case_id == frame.case.id,
        Task.site_id == site_id,
        Task.state == "open",
        Task.role == str(role),
        or_(Task.assignee_id.is_(None), Task.assignee_id == ctx.actor.user_id),
    )
    return ctx.session.scalar(query.limit(1)) is not None


def _until(ctx: Context, frame: Frame, now: datetime) -> datetime:
    length = policies.effective(ctx, "unmask.time", None, frame.case.item_code).value
    return schedule(length, now, load(ctx.session, NATION))


def _record(ctx: Context, row: Disclosure, kind: str) -> None:
    purpose = purposes()[row.purpose]
    data = {
        "purpose": row.purpose,
        "purposeName": purpose.name,
        "purposeNameEn": purpose.name_en,
        "sensitive": row.is_sensitive,
        "disclosureId": row.id,
    }
    audit.record(ctx, kind, case_id=row.case_id, site_id=row.site_id, data=data)
    if row.state == GIVEN:
        shown = ["personal", *(["sensitive"] if row.is_sensitive else [])]
        reads.record_read(
            ctx, "data.unmasked", case_id=row.case_id, site_id=row.site_id, fields=shown, reason=purpose.name
        )


def _watch(ctx: Context, row: Disclosure) -> None:
    """More in an hour than the policy allows: the site's administrators and the auditors are told, once per crossing."""
    limit = int(policies.effective(ctx, "unmask.hourly").value)
    since = ctx.clock.now() - HOUR
    count = ctx.session.scalar(
        select(func.count())
        .select_from(Disclosure)
        .where(Disclosure.user_id == row.user_id, Disclosure.state == GIVEN, Disclosure.asked_at > since)
    )
    if count is None or count <= limit or (count - limit) % limit != 1 % limit:
        return
    auditors = select(User.id).join(Grant, Grant.user_id == User.id).where(Grant.role == Role.AUDITOR, User.is_active)
    readers = {*identity.list_holders(ctx, row.site_id, [Role.SITE_ADMIN]), *ctx.session.scalars(auditors)}
    values = {"count": count, "limit": limit, "name": row.user_name}
    with reach.for_platform(ctx.session):  # the alert is the platform's, not the reader's
        notifications.send(ctx, sorted(readers), "unmask.alert", values, site_id=row.site_id)
    audit.record(ctx, "data.unmask-alert", site_id=row.site_id, data={"userId": row.user_id, "count": count})
