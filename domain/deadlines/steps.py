"""When the steps of the ladder of a due date fall: 预警 → 催办 → 催办 → 督办 → 会商 (DOMAIN §1.2.4), by policy."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from domain.clock import CHINA
from domain.context import Context
from domain.deadlines.calendar import load
from domain.deadlines.due import Hours, end_of
from domain.deadlines.policies import number

RUNGS: Final = (
    ("REMIND", 1, "remindBefore", -1),
    ("URGE", 1, "urge.level1", 1),
    ("URGE", 2, "urge.level2", 1),
    ("SUPERVISE", 1, "supervise", 1),
    ("CONFER", 1, "escalate", 1),
)
"""Kind, level, policy key, and whether its working days count before (-1) or after the due day."""


@dataclass(frozen=True, slots=True)
class PlannedStep:
    """A step and the moment it is looked at."""

    kind: str
    level: int
    at: datetime


def plan(ctx: Context, values: Mapping[str, str], due_at: datetime, region_code: str) -> list[PlannedStep]:
    """The steps of a task due at ``due_at``, in working days of the region; those whose moment has passed are left out."""
    calendar, hours = load(ctx.session, region_code), Hours.of(values)
    day, now = due_at.astimezone(CHINA).date(), ctx.clock.now()
    steps: list[PlannedStep] = []
    for kind, level, key, sign in RUNGS:
        distance = number(values, key)
        at = due_at if distance == 0 else end_of(calendar.add(day, sign * distance), hours)
        if at > now:
            steps.append(PlannedStep(kind, level, at))
    return steps
