"""Who looked: for the person concerned, for who must agree, for who watches over it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select

from domain.actors import Role
from domain.audit.models import AuditRead
from domain.audit.reads import KINDS, PURPOSES
from domain.cases.models import Case
from domain.cases.queries import frame_of
from domain.context import Context
from domain.deadlines import policies
from domain.disclosure import service
from domain.disclosure.models import Disclosure
from domain.items.models import Item
from domain.sites.models import Site

MOST = 200
WHOLE = ("查看原文", "Personal data unmasked")


@dataclass(frozen=True, slots=True)
class Looked:
    """A look as the person concerned reads it: the unit and the purpose, not the clerk."""

    at: datetime
    until: datetime | None
    case_no: str
    item_name: str
    item_name_en: str
    site_name: str
    what: str
    what_en: str
    purpose: str
    purpose_en: str
    reason: str
    sensitive: bool
    by: str


@dataclass(frozen=True, slots=True)
class Pending:
    """A request that waits for a second person."""

    id: int
    case_no: str
    asked_by: str
    purpose: str
    purpose_en: str
    reason: str
    sensitive: bool
    asked_at: datetime


@dataclass(frozen=True, slots=True)
class Frequent:
    """How often somebody looked."""

    user_id: int
    name: str
    site_id: int
    site_name: str
    last_hour: int
    last_day: int
    limit: int


def list_looks(ctx: Context) -> list[Looked]:
    """谁看过我的信息: who was shown the data of the actor's own cases, newest first."""
    names_clerk = policies.effective(ctx, "unmask.showName").value == "on"
    rows = ctx.session.execute(
        select(
            Disclosure,
            Case.case_no,
            Item.name.label("item_name"),
            Item.name_en.label("item_name_en"),
            Site.name.label("site_name"),
        )
        .join(Case, Case.id == Disclosure.case_id)
        .join(Item, Item.code == Case.item_code)
        .join(Site, Site.id == Disclosure.site_id)
        .where(Case.applicant_user_id == ctx.actor.user_id, Disclosure.state == service.GIVEN)
        .order_by(Disclosure.asked_at.desc(), Disclosure.id.desc())
        .limit(MOST)
    )
    found = []
    for row in rows:
        look: Disclosure = row.Disclosure
        purpose = service.purposes().get(look.purpose)
        found.append(
            Looked(
                at=look.decided_at or look.asked_at,
                until=look.expires_at,
                case_no=row.case_no,
                item_name=row.item_name,
                item_name_en=row.item_name_en,
                site_name=row.site_name,
                what=WHOLE[0],
                what_en=WHOLE[1],
                purpose=purpose.name if purpose else look.purpose,
                purpose_en=purpose.name_en if purpose else look.purpose,
                reason=look.reason,
                sensitive=look.is_sensitive,
                by=look.user_name if names_clerk else "",
            )
        )
    found += _reads(ctx, names_clerk=names_clerk)
    return sorted(found, key=lambda look: look.at, reverse=True)[:MOST]


def _reads(ctx: Context, *, names_clerk: bool) -> list[Looked]:
    """Pages, files and documents of the actor's cases that others opened, masked as they were."""
    rows = ctx.session.execute(
        select(
            AuditRead,
            Case.case_no,
            Item.name.label("item_name"),
            Item.name_en.label("item_name_en"),
            Site.name.label("site_name"),
        )
        .join(Case, Case.id == AuditRead.case_id)
        .join(Item, Item.code == Case.item_code)
        .outerjoin(Site, Site.id == AuditRead.site_id)
        .where(
            Case.applicant_user_id == ctx.actor.user_id,
            AuditRead.actor_id != ctx.actor.user_id,
            AuditRead.kind != "data.unmasked",
        )
        .order_by(AuditRead.id.desc())
        .limit(MOST)
    )
    found = []
    for row in rows:
        read: AuditRead = row.AuditRead
        what, purpose = KINDS.get(read.kind, (read.kind, read.kind)), PURPOSES.get(read.purpose, ("", ""))
        found.append(
            Looked(
                at=read.at,
                until=None,
                case_no=row.case_no,
                item_name=row.item_name,
                item_name_en=row.item_name_en,
                site_name=row.site_name or "",
                what=what[0],
                what_en=what[1],
                purpose=purpose[0],
                purpose_en=purpose[1],
                reason="",
                sensitive=False,
                by=read.actor_name if names_clerk else "",
            )
        )
    return found


def list_pending(ctx: Context) -> list[Pending]:
    """Requests that the actor may answer, oldest first."""
    rows = ctx.session.scalars(
        select(Disclosure)
        .where(Disclosure.state == service.WAITING, Disclosure.user_id != ctx.actor.user_id)
        .order_by(Disclosure.asked_at)
        .limit(MOST)
    ).all()
    found = []
    for row in rows:
        frame = frame_of(ctx, row.case_id)
        if frame is None or not service.may_decide(ctx, frame):
            continue
        purpose = service.purposes()[row.purpose]
        found.append(
            Pending(
                id=row.id,
                case_no=frame.case.case_no,
                asked_by=row.user_name,
                purpose=purpose.name,
                purpose_en=purpose.name_en,
                reason=row.reason,
                sensitive=row.is_sensitive,
                asked_at=row.asked_at,
            )
        )
    return found


def list_frequent(ctx: Context) -> list[Frequent]:
    """How often people of the actor's sites looked within a day, the most frequent first (administrators, auditors)."""
    now = ctx.clock.now()
    hour = func.count().filter(Disclosure.asked_at > now - service.HOUR)
    query = (
        select(Disclosure.user_id, Disclosure.user_name, Disclosure.site_id, Site.name, hour, func.count())
        .join(Site, Site.id == Disclosure.site_id)
        .where(Disclosure.state == service.GIVEN, Disclosure.asked_at > now - 24 * service.HOUR)
        .group_by(Disclosure.user_id, Disclosure.user_name, Disclosure.site_id, Site.name)
        .order_by(hour.desc(), func.count().desc())
        .limit(MOST)
    )
    if not ctx.actor.has(Role.AUDITOR):
        sites = [site for site in ctx.actor.site_ids if Role.SITE_ADMIN in ctx.actor.roles_at(site)]
        query = query.where(Disclosure.site_id.in_(sites))
    limit = int(policies.effective(ctx, "unmask.hourly").value)
    return [Frequent(*row, limit) for row in ctx.session.execute(query)]
