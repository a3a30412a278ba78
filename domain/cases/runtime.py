"""Running a leg: lock it, hand its state to the engine with one command, write what changed. Nothing is committed here."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from domain.audit import service as audit
from domain.cases import beginning, environment, projection, routing, rows
from domain.cases.beginning import NewCase
from domain.cases.errors import (
    CaseClosed,
    CaseSuspended,
    ItemNotAvailable,
    VersionConflict,
    refusals,
)
from domain.cases.models import Case, Leg, Task
from domain.cases.projection import Cause
from domain.cases.rows import CaseRow, LegRow
from domain.cases.writes import Writes
from domain.context import Context
from domain.definitions import store
from domain.definitions.store import Deployed
from domain.items.models import Item
from domain.sites import numbering
from domain.sites.models import Site
from engine.contract import Advance, Environment, Participant
from engine.facade import Engine

Command: TypeAlias = Callable[[Engine, str, bytes, Environment], Advance | None]
"""What is to be done with a leg: (engine, definition id, state, environment) → Advance, or None when nothing happened."""


@dataclass(frozen=True, slots=True)
class Opening:
    """The message that opens a partner leg, and where it was addressed."""

    participant: Participant
    site: Site
    message: str
    payload: Mapping[str, Any]
    data: dict[str, Any] = field(default_factory=dict)


def advance(
    ctx: Context, leg_id: int, command: Command, *, cause: Cause, expected_version: int | None = None
) -> LegRow:
    """Lock a leg and make one step. ``leg.advance`` is None when the command found nothing to do.

    Raises :class:`CaseSuspended`, :class:`CaseClosed`, :class:`VersionConflict`, :class:`EngineRefused` and what handlers refuse.
    """
    return step(ctx, rows.lock_leg(ctx, leg_id), command, cause=cause, expected_version=expected_version)


def step(
    ctx: Context,
    leg: LegRow,
    command: Command,
    *,
    cause: Cause,
    expected_version: int | None = None,
    batch: Writes | None = None,
) -> LegRow:
    """One step of a leg that is locked already.

    With ``batch`` what it writes joins the writes of steps of other cases; the caller flushes them, and gives every step a savepoint
    when one that is refused shall not stop the others: it leaves nothing in the batch, but handlers may have written at once.
    """
    _require_running(leg, expected_version)
    env = environment.build(ctx, leg)
    _write(ctx, leg, env, cause, lambda: command(ctx.engine, str(leg.definition_id), leg.state, env), batch)
    return leg


def move(ctx: Context, leg: LegRow, target_id: int, mapping: Mapping[str, str], *, cause: Cause) -> LegRow:
    """Take a locked leg to another version of its definition. Raises the engine's ``MoveRefused``; then nothing changed."""
    _require_not_ended(leg)
    env = environment.build(ctx, leg)
    advanced = ctx.engine.move(str(leg.definition_id), leg.state, str(target_id), mapping, env)
    leg.definition_id = target_id
    leg.active_since = {mapping.get(each, each): since for each, since in leg.active_since.items()}
    leg.visited = list(dict.fromkeys(mapping.get(each, each) for each in leg.visited))
    leg.taken = list(dict.fromkeys(mapping.get(each, each) for each in leg.taken))
    _write(ctx, leg, env, cause, lambda: advanced)
    return leg


def _write(
    ctx: Context,
    leg: LegRow,
    env: Environment,
    cause: Cause,
    run: Callable[[], Advance | None],
    batch: Writes | None = None,
) -> None:
    """Run the command and write its advance with the record; the case row gets the chain's new head and what the step changed.

    The record is open before the engine runs: what services do inside the step joins it as well.
    """
    chain = audit.Chain(leg.case_id, leg.case.audit_seq, leg.case.audit_head)
    leg.writes = Writes()
    with audit.collected(ctx, chain):
        audit.record_of(ctx, leg, cause.kind, element_id=cause.element_id, data=cause.data)
        with refusals():
            advanced = run()
        if advanced is None:
            return
        projection.apply(ctx, leg, advanced, env, cause)
    leg.case.audit_seq, leg.case.audit_head = chain.seq, chain.head
    leg.writes.insert(audit.EVENTS, *chain.pending)
    rows.attach(leg, leg.case, leg.site)
    if batch is not None:
        batch.take(leg.writes)
        return
    leg.writes.flush(ctx.session)
    forget_entities(ctx)


def open_case(ctx: Context, new: NewCase, *, before_start: Callable[[CaseRow], None] | None = None) -> LegRow:
    """Open a case with its main leg and start the process. ``before_start`` writes what the process may ask for at once.

    Raises :class:`ItemNotAvailable`, :class:`SiteUnresolved`, :class:`DuplicateApplication`.
    """
    item = beginning.find_offered(ctx, new)
    if item is None:
        raise ItemNotAvailable("该事项没有已部署的流程。", "No process is deployed for this item.", pointer="/itemCode")
    definition = store.load_definition(ctx.session, item.definition_id)
    participant = routing.main_participant(definition.model)
    site = routing.resolve_site(ctx, participant, new.application, rows.find_site)
    partner_code = routing.expected_partner(ctx, definition.model, new.application)
    case = beginning.submit(ctx, new, item, site, partner_code)
    beginning.claim_subjects(ctx, case, new.subjects)
    leg = beginning.insert_leg(ctx, case, definition, participant, site, case.case_no)
    if before_start is not None:
        before_start(case)
    cause = Cause("case.opened", None, {"caseNo": case.case_no, "itemCode": item.code, "source": new.source})
    return _start(ctx, leg, dict(new.application), cause, message=None)


def start_leg(ctx: Context, case: CaseRow, definition: Deployed, opening: Opening) -> LegRow:
    """Open a partner leg by the message that starts its pool: its own 办件编号, the case's 业务协同编号."""
    item = ctx.session.get_one(Item, case.item_code)
    number = numbering.case_number(ctx, item, opening.site, ctx.clock.now())
    leg = beginning.insert_leg(
        ctx, case, definition, opening.participant, opening.site, number, received=opening.payload
    )
    cause = Cause("leg.started", None, {"caseNo": number, **opening.data})
    return _start(ctx, leg, dict(opening.payload), cause, message=opening.message)


def _start(ctx: Context, leg: LegRow, variables: dict[str, Any], cause: Cause, *, message: str | None) -> LegRow:
    env = environment.build(ctx, leg)

    def start() -> Advance:
        return ctx.engine.start(str(leg.definition_id), leg.process_id, env, variables, message=message)

    _write(ctx, leg, env, cause, start)
    return leg


def _require_not_ended(leg: LegRow) -> None:
    if leg.ended_at is not None:
        raise CaseClosed("该分办件已经结束。", "This leg has ended.")


def _require_running(leg: LegRow, expected_version: int | None) -> None:
    _require_not_ended(leg)
    if leg.is_suspended:
        raise CaseSuspended("该分办件已暂停，恢复前不能办理。", "This leg is suspended.")
    if expected_version is not None and expected_version != leg.version:
        raise VersionConflict("办件在您查看之后有了变化。", "The case changed after you looked at it.")


def forget_entities(ctx: Context) -> None:
    """Entities that were read before the step are stale now; whoever holds one reads it anew."""
    ctx.session.flush()
    for entity in list(ctx.session.identity_map.values()):
        if isinstance(entity, Case | Leg | Task):
            ctx.session.expire(entity)


__all__ = ["Cause", "Command", "NewCase", "Opening", "advance", "move", "open_case", "start_leg", "step"]
