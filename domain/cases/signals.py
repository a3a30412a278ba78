"""Signals between the legs of a case: what a leg throws, the other running legs here hear, each in a step of its own.

Its name crosses and nothing else: data goes from site to site by message flows, under their data contract. Other cases and other
deployments hear nothing.
"""

from __future__ import annotations

from sqlalchemy import select

from domain.audit import service as audit
from domain.cases import incidents
from domain.cases.rows import LEGS, LegRow
from domain.context import Context
from domain.outbox.work import NewWork
from engine.contract import Advance

DELIVER = "signal.deliver"
"""Work: one leg hears one signal."""
MOST_HOPS = 50
"""Signals that answer signals without anything else between them: more is a loop of the models."""


def carry(ctx: Context, leg: LegRow, advance: Advance, hops: int) -> list[NewWork]:
    """Record what the leg threw; the work by which the others hear it. ``hops``: how many signals led to this step."""
    if not advance.signals:
        return []
    others = (
        ctx.session.execute(
            select(LEGS.c.id)
            .where(LEGS.c.case_id == leg.case_id, LEGS.c.id != leg.id, LEGS.c.ended_at.is_(None))
            .order_by(LEGS.c.id)
        )
        .scalars()
        .all()
    )
    now = ctx.clock.now()
    duties: list[NewWork] = []
    for number, out in enumerate(advance.signals):
        audit.record_of(ctx, leg, "signal.thrown", element_id=out.element_id, data={"name": out.signal})
        if hops >= MOST_HOPS:
            _stop(ctx, leg, out.element_id, f"signal:{leg.version}:{number}")
            continue
        data = {"name": out.signal, "from": leg.participant_id, "hops": hops + 1}
        duties += [
            NewWork(
                DELIVER,
                f"signal:{out.signal}"[:120],
                now,
                case_id=leg.case_id,
                leg_id=other,
                data=data,
                queue="message",
            )
            for other in others
        ]
    return duties


def _stop(ctx: Context, leg: LegRow, element_id: str, incident_id: str) -> None:
    text = f"more than {MOST_HOPS} signals answered one another; the legs may signal each other for ever"
    incidents.open_one(ctx, leg, incidents.Trouble(incident_id, element_id, "signalLoop", text))
