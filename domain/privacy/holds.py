"""暂停删除: a case is kept from deletion for a lawsuit, a review or an audit. One person asks and it holds; another agrees."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, or_, select

from domain.actors import Role
from domain.audit import service as audit
from domain.cases.models import Case
from domain.cases.queries import frame_of
from domain.context import Context
from domain.errors import Conflict, NotFound
from domain.privacy.errors import NotYours
from domain.privacy.models import LegalHold

DECIDERS = frozenset({Role.SITE_ADMIN, Role.APPROVER})
LAPSED = "—"
"""Who released a hold whose day had come."""


@dataclass(frozen=True, slots=True)
class Held:
    """A hold with its case. ``state``: asked, held, release-asked, released, lapsed. ``mine``: the actor asked what is open now."""

    row: LegalHold
    case_no: str
    state: str
    mine: bool


def in_force(now: datetime) -> ColumnElement[bool]:
    """The condition of holds that hold."""
    return LegalHold.released_at.is_(None) & or_(LegalHold.until_at.is_(None), LegalHold.until_at > now)


def find_of(ctx: Context, case_id: int) -> LegalHold | None:
    """The hold on a case, if one is in force."""
    return ctx.session.scalar(select(LegalHold).where(LegalHold.case_id == case_id, in_force(ctx.clock.now())))


def list_of(ctx: Context, site_id: int) -> list[Held]:
    """Holds of a site, those in force first, then the newest. Raises :class:`NotFound`."""
    if not ctx.actor.roles_at(site_id) & DECIDERS:
        raise NotFound("没有这个机构。", "There is no such site.")
    rows = ctx.session.execute(
        select(LegalHold, Case.case_no)
        .join(Case, Case.id == LegalHold.case_id)
        .where(LegalHold.site_id == site_id)
        .order_by(LegalHold.released_at.is_not(None), LegalHold.id.desc())
        .limit(200)
    )
    return [_shown(ctx, row[0], row[1]) for row in rows]


def hold(ctx: Context, case_no: str, reason: str, until: datetime | None = None) -> LegalHold:
    """Keep a case from deletion, at once. Raises :class:`NotFound`, :class:`NotYours`, :class:`Conflict`."""
    case, now = _case(ctx, case_no), ctx.clock.now()
    if until is not None and until <= now:
        raise Conflict("截止日期须在今天以后。", "The end must be a later day.", pointer="/until")
    earlier = ctx.session.scalar(
        select(LegalHold).where(LegalHold.case_id == case.id, LegalHold.released_at.is_(None)).with_for_update()
    )
    if earlier is not None and (earlier.until_at is None or earlier.until_at > now):
        raise Conflict("该办件已暂停删除。", "The case is kept from deletion already.")
    if earlier is not None:
        earlier.released_at, earlier.released_by = earlier.until_at, LAPSED
        ctx.session.flush()
    row = LegalHold(
        case_id=case.id,
        site_id=case.main_site_id,
        reason=reason[:200],
        held_by=ctx.actor.name[:60],
        held_by_id=ctx.actor.user_id,
        held_at=now,
        until_at=until,
    )
    ctx.session.add(row)
    ctx.session.flush()
    data = {"holdId": row.id, "until": until.isoformat() if until else None}
    audit.record(ctx, "data.held", case_id=case.id, site_id=case.main_site_id, data=data)
    return row


def ask_release(ctx: Context, case_no: str, reason: str) -> None:
    """Ask that a held case may go its way again; another person agrees. Raises :class:`NotFound`, :class:`NotYours`, :class:`Conflict`."""
    case, now = _case(ctx, case_no), ctx.clock.now()
    row = ctx.session.scalar(select(LegalHold).where(LegalHold.case_id == case.id, in_force(now)).with_for_update())
    if row is None:
        raise NotFound("该办件没有暂停删除。", "The case is not kept from deletion.")
    if row.release_asked_at is not None:
        raise Conflict("已提出解除，等待另一人批准。", "Its release was asked for; another person has to agree.")
    row.release_reason, row.release_asked_at = reason[:200], now
    row.release_asked_by, row.release_asked_by_id = ctx.actor.name[:60], ctx.actor.user_id
    ctx.session.flush()
    audit.record(ctx, "data.release-asked", case_id=case.id, site_id=case.main_site_id, data={"holdId": row.id})


def decide(ctx: Context, hold_id: int, *, agrees: bool) -> Held:
    """The second person's answer to what is open: the hold itself, or its release. Raises :class:`NotFound`, :class:`NotYours`.

    Refusing a hold releases it; refusing a release keeps the case.
    """
    row = ctx.session.get(LegalHold, hold_id, with_for_update=True)
    if row is None or not ctx.actor.roles_at(row.site_id) & DECIDERS:
        raise NotFound("没有这次暂停。", "There is no such hold.")
    state, now = _state(row, ctx.clock.now()), ctx.clock.now()
    asker = row.release_asked_by_id if state == "release-asked" else row.held_by_id
    if state not in {"asked", "release-asked"}:
        raise Conflict("没有待批准的事项。", "Nothing is open here.")
    if asker == ctx.actor.user_id:
        raise NotYours("本人不能批准自己提出的事项。", "You cannot agree to what you asked for.")
    name = ctx.actor.name[:60]
    ends = agrees == (state == "release-asked")
    if ends:
        row.released_at, row.released_by = now, name
    elif state == "asked":
        row.agreed_at, row.agreed_by = now, name
    else:
        row.release_asked_at, row.release_asked_by_id = None, None
    ctx.session.flush()
    kind = "data.released" if ends else "data.hold-agreed" if state == "asked" else "data.release-refused"
    audit.record(ctx, kind, case_id=row.case_id, site_id=row.site_id, data={"holdId": row.id})
    return _shown(ctx, row, ctx.session.scalars(select(Case.case_no).where(Case.id == row.case_id)).one())


def require_keeper(ctx: Context, site_id: int) -> None:
    """Deletion and what stops it are asked for by the administrator of the site. Raises :class:`NotYours`."""
    if Role.SITE_ADMIN not in ctx.actor.roles_at(site_id):
        raise NotYours("只有本机构的管理员可以办理。", "Only the site's administrator does this.")


def _state(row: LegalHold, now: datetime) -> str:
    if row.released_at is not None:
        return "lapsed" if row.released_by == LAPSED else "released"
    if row.until_at is not None and row.until_at <= now:
        return "lapsed"
    if row.release_asked_at is not None:
        return "release-asked"
    return "held" if row.agreed_at is not None or row.held_by_id is None else "asked"


def _shown(ctx: Context, row: LegalHold, case_no: str) -> Held:
    state = _state(row, ctx.clock.now())
    asker = row.release_asked_by_id if state == "release-asked" else row.held_by_id
    return Held(row, case_no, state, asker == ctx.actor.user_id)


def _case(ctx: Context, case_no: str) -> Case:
    case = ctx.session.scalar(select(Case).where(Case.case_no == case_no))
    if case is None or frame_of(ctx, case.id) is None:
        raise NotFound("没有这个办件。", "There is no such case.")
    require_keeper(ctx, case.main_site_id)
    return case
