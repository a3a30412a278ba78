"""Timers of processes: a changed calendar moves those in working days, a changed policy those whose term was computed from it.

A term that was computed is computed again from the values as they are now, when it depends on nothing but the policies: what a
process has changed in its variables since the timer was opened shall not move it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Final

from domain.context import Context
from domain.deadlines.due import is_duration, workdays_of
from domain.recomputation import reading
from domain.recomputation.moves import TIMER, Move
from domain.recomputation.reading import Frame, LegFrame, moment
from domain.recomputation.reckoning import Measure, Reckoner
from domain.recomputation.scope import Scope
from forms.kernel import Expression

_READ: Final = re.compile(r"deadlines\s*\[\s*\"([^\"]+)\"\s*\]")
"""How an expression reads a policy."""


def plan(
    ctx: Context, scope: Scope, reckoner: Reckoner, frames: Mapping[int, Frame], legs: Mapping[int, LegFrame]
) -> list[Move]:
    """The timers of these legs that move."""
    if not legs:
        return []
    terms = Terms(ctx, scope)
    moves: list[Move] = []
    of_policy = "" if scope.moves_all_terms else scope.policy_key
    for row in reading.timers(ctx.session, list(legs), of_policy):
        leg = legs[row.leg_id]
        measure = reckoner.measure(frames[leg.case_id], leg)
        literal = row.literal if scope.moves_all_terms else terms.now(row.source or "", measure)
        if literal is None:
            continue
        after, before = reckoner.due(literal, datetime.fromisoformat(row.since_text), measure), moment(row.due_text)
        if after != before:
            new = None if scope.moves_all_terms else literal
            moves.append(
                Move(
                    TIMER, row.ref, leg.case_id, leg.id, leg.site_id, row.element_id, before, after,
                    literal=new, work_id=row.id, policy=scope.policy_key,
                )
            )  # fmt: skip
    return moves


class Terms:
    """The terms that expressions give now; each is computed once for each set of values."""

    def __init__(self, ctx: Context, scope: Scope) -> None:
        self._ctx = ctx
        self._key = scope.policy_key
        self._found: dict[tuple[str, int], str | None] = {}
        self._fit: dict[str, bool] = {}

    def now(self, source: str, measure: Measure) -> str | None:
        """The term in working days or as a duration; None when it depends on more than policies, or not on the changed one."""
        key = (source, id(measure))
        if key not in self._found:
            self._found[key] = self._compute(source, measure) if self._fits(source) else None
        return self._found[key]

    def _fits(self, source: str) -> bool:
        if source not in self._fit:
            read = self._ctx.forms.parse([Expression(source.removeprefix("="))])[0]
            self._fit[source] = (
                read.error is None and read.names <= {"deadlines"} and self._key in _READ.findall(source)
            )
        return self._fit[source]

    def _compute(self, source: str, measure: Measure) -> str | None:
        answer = self._ctx.forms.evaluate([Expression(source.removeprefix("="))], {"deadlines": dict(measure.values)})[
            0
        ]
        value = None if answer.error else answer.value
        if not isinstance(value, str) or (workdays_of(value) is None and not is_duration(value)):
            return None
        return value
