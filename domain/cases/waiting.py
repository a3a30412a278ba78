"""Who waits for which message, and what is replayed for a new wait."""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

from sqlalchemy import Table, delete, insert, select

from domain.cases.models import SubscriptionRow
from domain.cases.rows import LegRow
from domain.context import Context
from domain.outbox.models import Message
from domain.outbox.work import NewWork
from engine.contract import Advance

SUBSCRIPTIONS = cast("Table", SubscriptionRow.__table__)
MESSAGES = cast("Table", Message.__table__)


def subscriptions(ctx: Context, leg: LegRow, advance: Advance) -> list[NewWork]:
    """Waiting for messages begins and ends; what was parked for a new wait is replayed."""
    if advance.closed_subscriptions:
        ids = list(advance.closed_subscriptions)
        ctx.session.execute(
            delete(SUBSCRIPTIONS).where(SUBSCRIPTIONS.c.leg_id == leg.id, SUBSCRIPTIONS.c.subscription_id.in_(ids))
        )
    if not advance.opened_subscriptions:
        return []
    rows = [
        {
            "leg_id": leg.id,
            "subscription_id": each.id,
            "element_id": each.element_id,
            "message": each.message,
            "correlation_key": each.correlation_key,
        }
        for each in advance.opened_subscriptions
    ]
    ctx.session.execute(insert(SUBSCRIPTIONS).returning(SUBSCRIPTIONS.c.id), rows)
    return replays(ctx, leg, [each.message for each in advance.opened_subscriptions])


def replays(ctx: Context, leg: LegRow, names: Sequence[str]) -> list[NewWork]:
    """Work that gives the leg's parked messages of these names another try, oldest first."""
    parked = (
        select(MESSAGES.c.id)
        .where(MESSAGES.c.leg_id == leg.id, MESSAGES.c.state == "parked", MESSAGES.c.name.in_(set(names)))
        .where(MESSAGES.c.collab_no == leg.case.collab_no)
        .order_by(MESSAGES.c.id)
    )
    now = ctx.clock.now()
    return [
        NewWork("message.replay", str(found), now, case_id=leg.case_id, leg_id=leg.id, queue="message")
        for found in ctx.session.execute(parked).scalars()
    ]
