"""Whose clocks: the case's own two or a partner leg's one, what they count by, and how they come into being."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import select

from domain.context import Context
from domain.deadlines import counting, joint, journal, policies
from domain.deadlines.calendar import Calendar, load
from domain.deadlines.counting import WAITING
from domain.deadlines.due import Hours, workdays_of
from domain.deadlines.errors import ClockNotInState
from domain.deadlines.holding import INTERNAL
from domain.deadlines.journal import PROMISE, Change, Why
from domain.deadlines.models import ClockRow
from domain.locked import LockedLeg

MAIN: Final = "main"
STATUTORY: Final = "STATUTORY"


@dataclass(frozen=True, slots=True)
class Measure:
    """What one action counts by: policy values, the calendar and hours of the site that must act, now."""

    values: Mapping[str, str]
    calendar: Calendar
    hours: Hours
    now: datetime

    @classmethod
    def of(cls, ctx: Context, leg: LockedLeg) -> Measure:
        """Of a leg's site: two statements."""
        values = policies.of_leg(ctx, leg)
        return cls(values, load(ctx.session, leg.site.region_code), Hours.of(values), ctx.clock.now())

    def effective(self, moment: datetime) -> datetime:
        """That moment, or the beginning of the next working day when the office was closed."""
        return counting.effective(moment, self.calendar, self.hours)

    def run(self, clock: ClockRow, since: datetime) -> None:
        """Let a clock run by this measure."""
        counting.run(clock, since, self.calendar, self.hours)


def list_of(ctx: Context, leg: LockedLeg) -> list[ClockRow]:
    """The clocks that a leg moves: the case's own, statutory first, or the partner leg's."""
    whose = ClockRow.leg_id.is_(None) if leg.role == MAIN else ClockRow.leg_id == leg.id
    mine = select(ClockRow).where(ClockRow.case_id == leg.case_id, whose, ClockRow.task_id.is_(None))
    return list(ctx.session.scalars(mine.order_by(ClockRow.id)))


def open_case(ctx: Context, leg: LockedLeg, measure: Measure, received_at: datetime) -> list[ClockRow]:
    """The case's two clocks, waiting from the receipt."""
    received = measure.effective(received_at)
    clocks: list[ClockRow] = []
    for kind, key in _kinds(measure.values):
        clock = _waiting(ctx, leg, measure, kind, key, policies.partner_of(leg))
        clock.running_since = received
        clocks.append(clock)
    journal.write(ctx, leg.site_id, leg.id, [Change(clock, "receive", None, Why()) for clock in clocks])
    return clocks


def _kinds(values: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    return (STATUTORY, joint.legal_key(values)), (PROMISE, "clock.promise")


def open_leg(ctx: Context, leg: LockedLeg, measure: Measure, policy: str) -> ClockRow:
    """The clock of a partner's leg, by a policy in working days."""
    if workdays_of(measure.values.get(policy, "")) is None:
        raise ClockNotInState(
            f"分办件的计时没有可用的时限规则“{policy[:60]}”。", "The leg's clock names no policy in days."
        )
    clock = _waiting(ctx, leg, measure, INTERNAL, policy, leg.site)
    clock.leg_id = leg.id
    return clock


def _waiting(
    ctx: Context, leg: LockedLeg, measure: Measure, kind: str, policy: str, partner: policies.Coded | None
) -> ClockRow:
    """A new clock at the leg's site that waits for its start."""
    clock = ClockRow(
        case_id=leg.case_id,
        kind=kind,
        policy=policy,
        total_days=policies.number(measure.values, policy),
        used_days=0,
        paused_days=0,
        extended_days=0,
        stop_reason="",
        is_provisional=False,
        state=WAITING,
        region_code=leg.site.region_code,
        source=policies.effective(ctx, policy, leg.site, leg.case.item_code, partner).source,
    )
    ctx.session.add(clock)
    return clock
