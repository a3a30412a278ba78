"""What a change of a calendar or a policy reaches: the open cases whose dates may move by it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Final

from sqlalchemy import ColumnElement, Select, and_, func, or_, select, text, true, union
from sqlalchemy.orm import Session

from domain.cases.rows import CASES, LEGS, SITES, TASKS
from domain.clock import CHINA
from domain.context import Context
from domain.deadlines.calendar import NATION
from domain.deadlines.counting import DONE, RUNNING
from domain.deadlines.models import ClockRow, LadderStep
from domain.deadlines.publishing import Effect
from domain.deadlines.steps import RUNGS
from domain.outbox.work import OPEN, WORK

CLOCKS: Final = ClockRow.__table__.c
ANSWER_POLICY: Final = "urge.answer"
STEPS: Final = LadderStep.__table__.c
LADDER: Final = frozenset(key for _, _, key, _ in RUNGS)
_NESTED: Final = text("select set_config('enable_nestloop', :allowed, true)")
REACH: Final = timedelta(days=45)
"""How long after its date a task's ladder may still go on: steps after a changed day move although the date before it does not."""


@dataclass(frozen=True, slots=True)
class Scope:
    """A change and where it reaches. A calendar's has days and a region, a policy's a key and the place of its layer.

    ``detail`` is what a stored recomputation keeps; :meth:`stored` makes the scope again from it.
    """

    cause: str
    reason: str
    region_code: str = NATION
    first: date | None = None
    last: date | None = None
    policy_key: str = ""
    layer: str = ""
    layer_ref: str = ""
    item_code: str = ""
    legal_ground: str = ""
    detail: Mapping[str, Any] = field(default_factory=dict)

    @classmethod
    def of_calendar(
        cls, effect: Effect, cause: str, reason: str, legal_ground: str, detail: Mapping[str, Any]
    ) -> Scope:
        """The dates that count a changed day, or were provisional in a year that is certain now."""
        return cls(
            cause, reason, effect.region_code, effect.first, effect.last, legal_ground=legal_ground, detail=detail
        )

    @property
    def is_empty(self) -> bool:
        """Nothing can move."""
        return not self.policy_key and self.first is None

    @property
    def moves_all_terms(self) -> bool:
        """Whether every term in working days may move: by a calendar, or by the hours of a day."""
        return not self.policy_key or self.policy_key.startswith("calendar.")

    def stored(self) -> dict[str, Any]:
        """What a batch needs to know, and a page shows."""
        return {
            **self.detail,
            "scope": {
                "region": self.region_code,
                "first": self.first and self.first.isoformat(),
                "last": self.last and self.last.isoformat(),
                "policy": self.policy_key,
                "layer": self.layer,
                "ref": self.layer_ref,
                "item": self.item_code,
                "ground": self.legal_ground,
            },
        }

    @classmethod
    def again(cls, cause: str, reason: str, detail: Mapping[str, Any]) -> Scope:
        """The scope of a stored recomputation."""
        kept = detail["scope"]
        return cls(
            cause,
            reason,
            kept["region"],
            kept["first"] and date.fromisoformat(kept["first"]),
            kept["last"] and date.fromisoformat(kept["last"]),
            kept["policy"],
            kept["layer"],
            kept["ref"],
            kept["item"],
            kept["ground"],
        )


def list_cases(ctx: Context, scope: Scope, *, changed_since: datetime | None = None) -> list[int]:
    """Ids of the cases with a clock, an open task, a reminder or a timer that the change may move, in order."""
    if scope.is_empty:
        return []
    ctx.session.flush()
    found = union(_clocks(scope), _tasks(scope), _timers(scope), *_answers(scope)).subquery()
    query = select(found.c.case_id).order_by(found.c.case_id)
    if changed_since is not None:
        query = query.join(CASES, CASES.c.id == found.c.case_id).where(CASES.c.updated_at >= changed_since)
    with _read_whole(ctx.session):
        return list(ctx.session.scalars(query))


@contextmanager
def _read_whole(session: Session) -> Iterator[None]:
    """Tables joined as wholes. What policies leave over is guessed far too small, and a look-up for each of 100,000 rows would follow."""
    session.execute(_NESTED, {"allowed": "off"})
    yield
    session.execute(_NESTED, {"allowed": "on"})


def _clocks(scope: Scope) -> Select[Any]:
    query = select(CLOCKS.case_id).join(CASES, CASES.c.id == CLOCKS.case_id)
    if scope.moves_all_terms:
        query = query.where(CLOCKS.state == RUNNING, _within(CLOCKS.region_code, scope.region_code), _item(scope))
        if scope.first is not None and scope.last is not None:
            query = query.where(CLOCKS.due_at >= _start(scope.first), CLOCKS.running_since < _end(scope.last))
        return query
    query = query.outerjoin(LEGS, LEGS.c.id == CLOCKS.leg_id)
    query = query.join(SITES, SITES.c.id == func.coalesce(LEGS.c.site_id, CASES.c.main_site_id))
    return query.where(CLOCKS.state != DONE, CLOCKS.policy == scope.policy_key, _item(scope), _layer(scope))


def _tasks(scope: Scope) -> Select[Any]:
    query = _at_site(select(TASKS.c.case_id), TASKS).where(TASKS.c.state == "open", TASKS.c.due_at.is_not(None))
    query = query.where(_item(scope), _layer(scope))
    if scope.policy_key in LADDER:
        return query.where(TASKS.c.policy.is_not(None))
    if not scope.moves_all_terms:
        return query.where(TASKS.c.policy == scope.policy_key)
    query = query.where(_within(SITES.c.region_code, scope.region_code))
    if scope.first is None or scope.last is None:
        return query
    return query.where(TASKS.c.due_at >= _start(scope.first) - REACH, TASKS.c.opened_at < _end(scope.last))


def _timers(scope: Scope) -> Select[Any]:
    query = _at_site(select(WORK.c.case_id), WORK).where(
        WORK.c.kind == "timer.fire",
        WORK.c.state.in_(OPEN),
        WORK.c.data.has_key("literal") if scope.moves_all_terms else reads_policy(scope.policy_key),
        _within(SITES.c.region_code, scope.region_code),
        _item(scope),
        _layer(scope),
    )
    return query if scope.first is None else query.where(WORK.c.due_at >= _start(scope.first))


def reads_policy(key: str) -> ColumnElement[bool]:
    """Timers whose term was computed by an expression that names this policy."""
    named: ColumnElement[bool] = WORK.c.data["source"].astext.contains(f'"{key}"', autoescape=True)
    return named


def _answers(scope: Scope) -> Iterator[Select[Any]]:
    """Cases where a site has still to answer that it was urged."""
    if not (scope.moves_all_terms or scope.policy_key == ANSWER_POLICY):
        return
    yield (
        select(STEPS.case_id)
        .join(LEGS, LEGS.c.id == STEPS.leg_id)
        .join(CASES, CASES.c.id == STEPS.case_id)
        .join(SITES, SITES.c.id == LEGS.c.site_id)
        .where(LEGS.c.ended_at.is_(None), STEPS.answered_at.is_(None), STEPS.answer_due_at.is_not(None))
        .where(_item(scope), _layer(scope), _within(SITES.c.region_code, scope.region_code))
    )


def _at_site(query: Select[Any], table: Any) -> Select[Any]:
    return (
        query.join(LEGS, LEGS.c.id == table.c.leg_id)
        .join(CASES, CASES.c.id == LEGS.c.case_id)
        .join(SITES, SITES.c.id == LEGS.c.site_id)
        .where(LEGS.c.ended_at.is_(None))
    )


def _item(scope: Scope) -> ColumnElement[bool]:
    return CASES.c.item_code == scope.item_code if scope.item_code else true()


def _layer(scope: Scope) -> ColumnElement[bool]:
    """The sites that a policy's layer reaches. What a more specific layer overrides is found when the date is reckoned."""
    if scope.layer == "province":
        return SITES.c.province_code == scope.layer_ref
    if scope.layer == "site":
        return SITES.c.code == scope.layer_ref
    if scope.layer == "partner":
        theirs = and_(LEGS.c.role == "partner", SITES.c.code == scope.layer_ref)
        return or_(theirs, and_(_is_main(), CASES.c.partner_code == scope.layer_ref))
    return or_(true())


def _is_main() -> ColumnElement[bool]:
    """The main leg, or the case as a whole."""
    return func.coalesce(LEGS.c.role, "main") == "main"


def _within(column: Any, region_code: str) -> ColumnElement[bool]:
    """The regions that inherit from this one."""
    if region_code == NATION:
        return true()
    code = region_code[:6]
    while len(code) > 2 and code.endswith("00"):  # noqa: PLR2004 -- a province is two digits
        code = code[:-2]
    found: ColumnElement[bool] = column.startswith(code, autoescape=True)
    return found


def _start(day: date) -> datetime:
    return datetime.combine(day, time(0), CHINA).astimezone(UTC)


def _end(day: date) -> datetime:
    return _start(day + timedelta(days=1))


__all__ = ["LADDER", "Scope", "list_cases"]
