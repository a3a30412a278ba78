"""A notice goes out: one delivery row and one row of work per target, in the transaction that wrote the notice."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import Integer, Table, and_, insert, literal, null, or_, select, union_all

from domain.channels import rules
from domain.channels.models import Delivery, PersonChannel, SiteChannel
from domain.channels.rules import Rule
from domain.context import Context
from domain.identity.models import User
from domain.notifications import service as notifications
from domain.notifications.service import Sent
from domain.outbox import work
from domain.outbox.work import NewWork

KIND: Final = "notice.send"
QUEUE: Final = "notice"
DELIVERIES: Table = Delivery.__table__  # type: ignore[assignment]  # declared as FromClause, is a Table
URGENT: Final = frozenset({"urging", "security"})
"""Categories that do not wait for the end of quiet hours: 催办、督办、会商, and what happens to somebody's account."""
ALWAYS: Final = frozenset({"security"})
"""Categories that a person does not choose: whoever took an account over would silence them first."""


@dataclass(frozen=True, slots=True)
class Target:
    """Somewhere a notice may go: ``name`` as in ``Delivery.target``."""

    name: str
    channel: str
    user_id: int | None
    categories: frozenset[str]


def spread(ctx: Context, sent: Sent) -> int:
    """Plan the deliveries of a notice; how many will be tried. One statement when nobody is to be told outside the platform."""
    targets = _targets(ctx, sent)
    if not targets:
        return 0
    category = notifications.outsides()[sent.template].category
    effective = rules.effective(ctx, sent.site_id)
    wanted = [
        target
        for target in targets
        if (category in target.categories or (category in ALWAYS and target.user_id is not None))
        and effective[f"{category}.{target.channel}"].value == "on"
    ]
    if not wanted:
        return 0
    told = _told_just_now(ctx, sent, wanted, effective)
    now = ctx.clock.now()
    due_at = now if category in URGENT else rules.after_quiet(now, effective["quiet"].value)
    rows = [_row(sent, target, now, due_at, is_repeated=target.name in told) for target in wanted]
    written = ctx.session.execute(insert(DELIVERIES).returning(DELIVERIES.c.id, DELIVERIES.c.state), rows).all()
    queued = [row.id for row in written if row.state == "queued"]
    plan(ctx, queued, due_at)
    return len(queued)


def plan(ctx: Context, delivery_ids: list[int], due_at: datetime) -> None:
    """Work rows for these deliveries. They belong to no leg: a suspended case does not silence what was already said."""
    work.add(ctx, [NewWork(KIND, str(number), due_at, queue=QUEUE) for number in delivery_ids])


def _row(sent: Sent, target: Target, now: datetime, due_at: datetime, *, is_repeated: bool) -> dict[str, Any]:
    return {
        "notification_id": None if target.user_id is None else sent.ids.get(target.user_id),
        "target": target.name,
        "channel": target.channel,
        "site_id": sent.site_id,
        "case_id": sent.case_id,
        "case_no": sent.case_no[:64],
        "template": sent.template,
        "state": "suppressed" if is_repeated else "queued",
        "attempts": 0,
        "error_code": "repeated" if is_repeated else None,
        "created_at": now,
        "due_at": due_at,
    }


def _targets(ctx: Context, sent: Sent) -> list[Target]:
    """Confirmed addresses of the readers; robots of the site the notice is about."""
    people = (
        select(
            literal("person").label("whose"),
            PersonChannel.id,
            PersonChannel.channel,
            PersonChannel.user_id,
            PersonChannel.categories,
        )
        .join(User, and_(User.id == PersonChannel.user_id, User.is_active))
        .where(PersonChannel.user_id.in_(list(sent.ids)), PersonChannel.confirmed_at.is_not(None))
    )
    robots = select(
        literal("site"), SiteChannel.id, SiteChannel.kind, null().cast(Integer), SiteChannel.categories
    ).where(
        SiteChannel.is_enabled,
        SiteChannel.kind == "robot",
        or_(SiteChannel.site_id.is_(None), SiteChannel.site_id == sent.site_id),
    )
    query = people if sent.site_id is None else union_all(people, robots)
    return [Target(f"{row[0]}:{row[1]}", row[2], row[3], frozenset(row[4])) for row in ctx.session.execute(query)]


def _told_just_now(ctx: Context, sent: Sent, targets: list[Target], effective: Mapping[str, Rule]) -> frozenset[str]:
    """Targets that were sent the same template about the same case within the rule's minutes."""
    minutes = int(effective["digest"].value)
    if not minutes:
        return frozenset()
    same_case = Delivery.case_id.is_(None) if sent.case_id is None else Delivery.case_id == sent.case_id
    query = select(Delivery.target).where(
        Delivery.target.in_([target.name for target in targets]),
        Delivery.template == sent.template,
        same_case,
        Delivery.state.in_(("queued", "sent")),
        Delivery.created_at > ctx.clock.now() - timedelta(minutes=minutes),
    )
    return frozenset(ctx.session.scalars(query))
