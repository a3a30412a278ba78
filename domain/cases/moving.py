"""版本迁移: running cases go on in another version of their process, with an explicit mapping, previewed before.

A case moves as a whole: every leg that runs here. Open tasks keep their id, draft, assignee and due date, timers their remaining
time, the record gets an event per leg. What stands in the way of one leg stops the whole case, and only that case.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

from sqlalchemy import Table, select, text, update

from domain import reach
from domain.actors import Role
from domain.cases import rows, runtime
from domain.cases.errors import MoveInvalid, MoveRefused
from domain.cases.models import Leg, SubscriptionRow
from domain.cases.projection import Cause
from domain.cases.rows import CASES, LEGS, TASKS, LegRow
from domain.context import Context
from domain.definitions import store
from domain.definitions.store import Deployed
from domain.errors import Forbidden, NotFound
from engine.contract import Finding, Severity
from engine.errors import MoveRefused as EngineMoveRefused

SUBSCRIPTIONS = cast("Table", SubscriptionRow.__table__)
MOVING = (Role.PLATFORM_ADMIN, Role.SYSTEM)
PREVIEWED = 1_000
"""Bound of a preview: so many open cases are looked at, oldest first."""


@dataclass(frozen=True, slots=True)
class MovedElement:
    """An element with tokens: where they go, how many there are, and what stands in the way."""

    element_id: str
    name: str
    type: str
    count: int
    target_id: str
    target_name: str | None
    findings: tuple[Finding, ...]


@dataclass(frozen=True, slots=True)
class MovePreview:
    """What a move would do. ``movable`` and ``refused`` are case numbers; ``more`` when there are cases beyond the bound."""

    cases: int
    legs: int
    elements: tuple[MovedElement, ...]
    movable: tuple[str, ...]
    refused: tuple[str, ...]
    more: bool


def preview(ctx: Context, source_id: int, target_id: int, mapping: Mapping[str, str]) -> MovePreview:
    """Look at every open case of a version. Changes and locks nothing.

    Raises :class:`Forbidden`, :class:`NotFound`, :class:`MoveInvalid`.
    """
    _require_right(ctx)
    source, target = _versions(ctx, source_id, target_id)
    counts: Counter[str] = Counter()
    found: dict[str, dict[Finding, None]] = {}
    blocked: dict[str, bool] = {}
    legs = _running(ctx, source)
    for row in legs[:PREVIEWED]:
        elements, findings = ctx.engine.check_move(str(source.id), row.state, str(target.id), mapping)
        counts.update(elements)
        for each in findings:
            found.setdefault(each.element_id or "", {})[each] = None
        is_blocked = any(each.severity is Severity.ERROR for each in findings)
        blocked[row.case_no] = blocked.get(row.case_no, False) or is_blocked
    moved = [_element(source, target, mapping, each, counts[each], found.get(each, {})) for each in counts | found]
    return MovePreview(
        cases=len(blocked),
        legs=min(len(legs), PREVIEWED),
        elements=tuple(each for each in moved if each is not None),
        movable=tuple(number for number, is_blocked in blocked.items() if not is_blocked),
        refused=tuple(number for number, is_blocked in blocked.items() if is_blocked),
        more=len(legs) > PREVIEWED,
    )


def move(
    ctx: Context, case_no: str, target_id: int, mapping: Mapping[str, str], reason: str, *, source_id: int | None = None
) -> None:
    """Move one case (away from ``source_id``, when that is given).

    Raises :class:`MoveRefused` with findings (nothing changed), :class:`MoveInvalid`, :class:`Forbidden`, :class:`NotFound`.
    """
    if not reason.strip():
        raise MoveInvalid("迁移必须写明原因。", "A move needs a reason.", pointer="/reason")
    _require_right(ctx)
    with reach.for_platform(ctx.session):  # whoever may move it moves all of it, at every site
        _move_case(ctx, case_no, target_id, mapping, reason.strip(), source_id)


def _move_case(
    ctx: Context, case_no: str, target_id: int, mapping: Mapping[str, str], reason: str, source_id: int | None
) -> None:
    case_id = ctx.session.execute(select(CASES.c.id).where(CASES.c.case_no == case_no)).scalar_one_or_none()
    if case_id is None:
        raise NotFound("没有这个办件。", "There is no such case.")
    found = rows.lock_case(ctx, case_id)  # from here on no other move and no new leg of it
    if source_id not in {None, found.definition_id}:
        raise MoveInvalid(
            f"办件 {case_no} 不在该版本上。", f"Case {case_no} is not on this version.", pointer="/caseNos"
        )
    source, target = _versions(ctx, found.definition_id, target_id)
    running = select(LEGS.c.id).where(LEGS.c.case_id == found.id, LEGS.c.ended_at.is_(None)).order_by(LEGS.c.id)
    for leg_id in ctx.session.execute(running).scalars().all():
        leg = rows.lock_leg(ctx, leg_id)
        if leg.definition_id == source.id and leg.ended_at is None:
            _move_leg(ctx, leg, source, target, mapping, reason)
    ctx.session.execute(update(CASES).where(CASES.c.id == found.id).values(definition_id=target.id))


def _move_leg(
    ctx: Context, leg: LegRow, source: Deployed, target: Deployed, mapping: Mapping[str, str], reason: str
) -> None:
    try:
        runtime.move(ctx, leg, target.id, mapping, cause=_cause(source, target, mapping, reason))
    except EngineMoveRefused as refusal:
        raise MoveRefused(refusal.findings) from refusal
    elements = store.load_elements(ctx.session, target.id)
    for task in ctx.session.execute(
        select(TASKS.c.id, TASKS.c.element_id, TASKS.c.role).where(TASKS.c.leg_id == leg.id, TASKS.c.state == "open")
    ).all():
        element = elements[mapping.get(task.element_id, task.element_id)]
        values = {"element_id": element.id, "name": element.name, "form_id": element.form_id or ""}
        ctx.session.execute(update(TASKS).where(TASKS.c.id == task.id).values(version=TASKS.c.version + 1, **values))
    ctx.session.execute(_MOVE_JOBS, {"leg": leg.id, "target": target.id})
    for old, new in mapping.items():
        ctx.session.execute(_RENAME_INCIDENTS, {"leg": leg.id, "old": old, "new": new})
        ctx.session.execute(_RENAME_JOBS, {"leg": leg.id, "old": old, "new": new})
        ctx.session.execute(_RENAME_TIMERS, {"leg": leg.id, "old": old, "new": new})
        ctx.session.execute(
            update(SUBSCRIPTIONS)
            .where(SUBSCRIPTIONS.c.leg_id == leg.id, SUBSCRIPTIONS.c.element_id == old)
            .values(element_id=new)
        )


_RENAME_INCIDENTS = text(
    "update incidents set element_id = :new where leg_id = :leg and element_id = :old and resolved_at is null"
)
_MOVE_JOBS = text("update service_jobs set definition_id = :target where leg_id = :leg and closed_at is null")
_RENAME_JOBS = text(
    "update service_jobs set element_id = :new where leg_id = :leg and element_id = :old and closed_at is null"
)
_RENAME_TIMERS = text(
    """
    update work set data = data || jsonb_strip_nulls(jsonb_build_object(
        'elementId', case when data->>'elementId' = :old then cast(:new as text) end,
        'attachedTo', case when data->>'attachedTo' = :old then cast(:new as text) end))
    where leg_id = :leg and kind = 'timer.fire' and state in ('pending', 'promoted', 'held')
        and :old in (data->>'elementId', data->>'attachedTo')
    """
)


def _cause(source: Deployed, target: Deployed, mapping: Mapping[str, str], reason: str) -> Cause:
    data: dict[str, Any] = {"key": target.key, "from": source.version, "to": target.version, "reason": reason}
    return Cause("leg.moved", None, data | ({"mapping": dict(mapping)} if mapping else {}))


def _require_right(ctx: Context) -> None:
    if not any(ctx.actor.has(role) for role in MOVING):
        raise Forbidden("只有平台管理员可以迁移办件版本。", "Only the platform administrator moves cases.")


def _versions(ctx: Context, source_id: int, target_id: int) -> tuple[Deployed, Deployed]:
    source = store.load_definition(ctx.session, source_id)
    target = store.load_definition(ctx.session, target_id)
    if source.key != target.key or source.id == target.id:
        raise MoveInvalid(
            "只能迁移到同一流程的另一个版本。",
            "Cases move only to another version of the same process.",
            pointer="/to",
        )
    return source, target


def _running(ctx: Context, source: Deployed) -> Sequence[Any]:
    query = (
        select(Leg.state, CASES.c.case_no)
        .join(CASES, CASES.c.id == LEGS.c.case_id)
        .where(LEGS.c.definition_id == source.id, LEGS.c.ended_at.is_(None))
        .order_by(LEGS.c.case_id, LEGS.c.id)
        .limit(PREVIEWED + 1)
    )
    return ctx.session.execute(query).all()


def _element(
    source: Deployed,
    target: Deployed,
    mapping: Mapping[str, str],
    element_id: str,
    count: int,
    found: Mapping[Finding, None],
) -> MovedElement | None:
    """None for what is no node of the diagram (the process itself) and has no finding."""
    old = source.model.elements.get(element_id)
    if old is None and not found:
        return None
    target_id = mapping.get(element_id, element_id)
    new = target.model.elements.get(target_id)
    return MovedElement(
        element_id,
        old.name if old else element_id,
        old.type if old else "",
        count,
        target_id,
        new.name if new else None,
        tuple(found),
    )
