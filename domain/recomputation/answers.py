"""Until when an urged site answers: moved by a changed calendar, and by a change of ``urge.answer`` itself."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, cast

from sqlalchemy import BigInteger, Table, any_, bindparam, select
from sqlalchemy.dialects.postgresql import ARRAY

from domain.context import Context
from domain.deadlines.models import LadderStep
from domain.recomputation.moves import ANSWER, Move
from domain.recomputation.reading import Frame, LegFrame
from domain.recomputation.reckoning import Reckoner
from domain.recomputation.scope import ANSWER_POLICY, Scope

STEPS: Final = cast("Table", LadderStep.__table__)


def plan(
    ctx: Context, scope: Scope, reckoner: Reckoner, frames: Mapping[int, Frame], legs: Mapping[int, LegFrame]
) -> list[Move]:
    """The answers of these cases that are still awaited and move."""
    if not (legs and (scope.moves_all_terms or scope.policy_key == ANSWER_POLICY)):
        return []
    awaited = select(
        STEPS.c.id,
        STEPS.c.case_id,
        STEPS.c.leg_id,
        STEPS.c.kind,
        STEPS.c.level,
        STEPS.c.raised_at,
        STEPS.c.answer_due_at,
    ).where(
        STEPS.c.case_id == any_(bindparam("ids", list(frames), type_=ARRAY(BigInteger))),
        STEPS.c.answered_at.is_(None),
        STEPS.c.answer_due_at.is_not(None),
    )
    moves: list[Move] = []
    for row in ctx.session.execute(awaited.order_by(STEPS.c.id)):
        leg = legs.get(row.leg_id)
        if leg is None:
            continue  # it has ended: nobody answers any more
        measure = reckoner.measure(frames[row.case_id], leg)
        after = reckoner.due(measure.values[ANSWER_POLICY], row.raised_at, measure)
        if after != row.answer_due_at:
            moves.append(
                Move(
                    ANSWER, str(row.id), row.case_id, row.leg_id, leg.site_id, row.kind, row.answer_due_at, after,
                    level=row.level, policy=ANSWER_POLICY,
                )
            )  # fmt: skip
    return moves
