"""One date that moves by a change: what the preview shows and what is written down."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

CLOCK, TASK, TIMER, STEP, ANSWER = "clock", "task", "timer", "step", "answer"


@dataclass(frozen=True, slots=True)
class Move:
    """One date that moves. ``ref`` is the clock's row, the task, the timer, the task whose ladder step it is, or the step to be answered.

    ``label`` is the clock's kind, the task's name, the element, or the step's kind. ``before`` None: it is new; ``after`` None: it
    falls away, or the clock stands still and has no date. ``total`` and ``literal`` are the new term of a clock, a task or a timer.
    """

    kind: str
    ref: str
    case_id: int
    leg_id: int | None
    site_id: int
    label: str
    before: datetime | None
    after: datetime | None
    total: int | None = None
    literal: str | None = None
    provisional: bool = False
    level: int = 0
    work_id: int | None = None
    policy: str = ""

    @property
    def is_silent(self) -> bool:
        """Only the mark “provisional” changes, no date."""
        return self.kind == CLOCK and self.before == self.after and self.total is None

    def becomes_overdue(self, now: datetime) -> bool:
        """Whether a date that had not passed has passed by the move."""
        return (
            self.kind in {CLOCK, TASK}
            and self.after is not None
            and self.after < now
            and (self.before is None or self.before >= now)
        )
